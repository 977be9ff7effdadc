"""Prune: what no case needs goes, nothing else does, and a kill or another writer does no harm."""

import shutil
import threading
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from promptc.diagnostics import Diagnostic
from promptc.errors import UsageError
from promptc.pipeline import prune as prune_module
from promptc.pipeline.check import check
from promptc.pipeline.prune import prunable, prune
from promptc.pipeline.rot import rotten_files
from promptc.pipeline.rotten import Rotten
from promptc.pipeline.selection import Selection
from promptc.pipeline.unit import store_of
from promptc.replay.modes import RecordMode
from promptc.replay.store import Store
from tests.pipeline.test_renamed import SPECS
from tests.pipeline.test_rot import FOREIGN, found, write
from tests.workshop import BUTTERFLY, Workshop

KEPT = ("butterfly/default", "chat/default", "moths/luna/green", "moths/luna/pale")
"""Where the recordings are."""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Record every case twice: each has an accepted answer and one that waits."""
    root = tmp_path_factory.mktemp("recorded") / "repo"
    shop = Workshop.make(root, SPECS)
    shop.record()
    shop.record(mode=RecordMode.ALL)
    return root


def of(shop: Workshop, case: str) -> dict[str, bytes]:
    """Return a case's files."""
    return {name: data for name, data in shop.files().items() if name.startswith(f"{case}.")}


def folders(top: Path) -> set[str]:
    return {path.relative_to(top).as_posix() for path in top.rglob("*") if path.is_dir()}


def rotten(shop: Workshop) -> list[tuple[str, str]]:
    """Return what `check` finds to prune."""
    return [entry for entry in found(shop) if entry[0] in {"P506", "P514"}]


# what goes


def test_everything_of_a_case_that_is_gone_goes_and_nothing_else(shop: Workshop) -> None:
    shop.spec("chat").unlink()
    before = shop.files()
    chat = of(shop, "chat/default")
    write(shop, FOREIGN)

    listed = prunable(shop.project)
    result = prune(shop.project)

    assert {file.file.relative_to(shop.cassette(".").resolve()).as_posix() for file in listed.files} == set(chat)
    assert not any(file.removed for file in listed.files)
    assert {(file.file, file.reason, file.size) for file in result.files} == {
        (shop.cassette(name).resolve(), "no case is named `chat::default`", len(data)) for name, data in chat.items()
    }
    assert result.good
    assert all(file.removed for file in result.files)
    assert {name: data for name, data in shop.files().items() if name not in FOREIGN} == {
        name: data for name, data in before.items() if name not in chat
    }
    assert FOREIGN.keys() <= shop.files().keys()
    assert prunable(shop.project).files == ()


def test_files_of_a_living_case_go_where_nothing_refers_to_them(shop: Workshop) -> None:
    before = shop.files()
    for name in ("chat/default.9.1.png", "chat/default.new.9.1.bin", "chat/default.new.yaml.tmp", "chat/old.1.1.webp"):
        shop.cassette(name).write_bytes(b"version: 1\ninteractions:\n")

    result = prune(shop.project)

    assert [(file.file.name, file.reason) for file in result.files] == [
        ("default.9.1.png", "no recording of `chat::default` refers to it"),
        ("default.new.9.1.bin", "no recording of `chat::default` refers to it"),
        ("default.new.yaml.tmp", "a writer that was stopped, or is at work, has not finished it"),
        ("old.1.1.webp", "no case is named `chat::old`"),
    ]
    assert shop.files() == before


def test_folders_of_specs_that_are_gone_go_with_their_last_file(shop: Workshop) -> None:
    shop.spec("chat").unlink()
    shop.spec("moths/luna").unlink()
    shop.cassette("chat/README.md").write_text("ours\n")
    for name in ("empty/folder", "ours.too", "butterfly/empty", "_drafts"):
        shop.cassette(name).mkdir(parents=True)

    assert prune(shop.project).good
    assert folders(shop.cassette(".")) == {"butterfly", "chat", "ours.too", "_drafts"}


def test_a_folder_of_a_living_spec_stays_though_it_is_empty(shop: Workshop) -> None:
    shutil.rmtree(shop.cassette("moths/luna"))
    shop.cassette("moths/luna").mkdir()

    assert prune(shop.project).good
    assert shop.cassette("moths/luna").is_dir()


def test_locks_of_cases_that_are_gone_go_and_those_that_are_held_stay(shop: Workshop) -> None:
    locks = shop.root / ".promptc" / "locks"
    shop.spec("chat").unlink()
    shop.edit("moths/luna", '[[cases]]\nname = "pale"\n', "")
    (locks / "held").mkdir()

    with FileLock(locks / "held" / "default.lock"):
        assert prune(shop.project).good
        left = sorted(path.relative_to(locks).as_posix() for path in locks.rglob("*.lock"))

    assert left == ["butterfly/default.lock", "held/default.lock", "moths/luna/green.lock"]
    assert folders(locks) == {"butterfly", "held", "moths", "moths/luna"}


# what stays


def test_nothing_goes_while_a_spec_has_mistakes(shop: Workshop) -> None:
    shop.spec("chat").unlink()
    shop.edit("moths/luna", "[[turns]]", "[[trns]]")
    before = shop.files(".")

    result = prune(shop.project)

    assert (result.files, result.broken, result.good) == ((), ("specs/moths/luna.toml",), False)
    assert prunable(shop.project) == result
    assert shop.files(".") == before


def test_nothing_goes_while_specs_are_not_seen(shop: Workshop) -> None:
    (shop.root / "specs" / "moths").rename(shop.root / "elsewhere")
    (shop.root / "specs" / "moths").symlink_to(shop.root / "elsewhere")
    before = shop.files()

    assert prune(shop.project).broken == ("specs/moths",)
    assert shop.files() == before


def test_without_any_spec_nothing_goes(shop: Workshop) -> None:
    before = shop.files()
    shutil.rmtree(shop.root / "specs")
    (shop.root / "specs").mkdir()

    with pytest.raises(UsageError, match="there are no specs in specs"):
        prune(shop.project)

    assert shop.files() == before


@pytest.mark.parametrize(("folder", "among"), [(".", "."), ("specs", "specs")])
def test_where_recordings_have_no_folder_of_their_own_nothing_goes(shop: Workshop, folder: str, among: str) -> None:
    with (shop.root / "promptc.toml").open("a") as file:
        file.write(f'\n[paths]\ncassettes = "{folder}"\n')
    before = shop.files(".")

    with pytest.raises(UsageError) as caught:
        prune(shop.project)

    assert str(caught.value) == (
        f"nothing was removed: {among} lies in the folder of the recordings, so a file's name does not tell whose it "
        "is; give them a folder of their own: `paths.cassettes` in promptc.toml"
    )
    assert shop.files(".") == before


@pytest.mark.parametrize("cassette", ["default.yaml", "default.new.yaml"])
def test_beside_a_damaged_recording_of_a_living_case_nothing_goes(shop: Workshop, cassette: str) -> None:
    shop.cassette(f"chat/{cassette}").write_text("version: 1\ninteractions:\n")
    shop.cassette("chat/default.9.1.png").write_bytes(b"x")
    before = shop.files()

    assert prune(shop.project).files == ()
    assert shop.files() == before


def test_links_lead_nowhere(shop: Workshop, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    shutil.copytree(shop.cassette("chat"), outside)
    (tmp_path / "ours.png").write_bytes(b"ours")
    shop.cassette("gone").symlink_to(outside)
    shop.cassette("butterfly/default.9.1.png").symlink_to(tmp_path / "ours.png")
    shop.cassette("butterfly/default.9.2.png").symlink_to(tmp_path / "nowhere")
    before = sorted(outside.iterdir())

    result = prune(shop.project)

    assert [file.file.name for file in result.files] == ["default.9.1.png", "default.9.2.png"]
    assert (tmp_path / "ours.png").read_bytes() == b"ours"
    assert not shop.cassette("butterfly/default.9.1.png").is_symlink()
    assert sorted(outside.iterdir()) == before


# other writers


def test_what_was_agreed_to_is_looked_at_again(shop: Workshop) -> None:
    text = shop.spec("chat").read_text()
    shop.spec("chat").unlink()
    shop.cassette("butterfly/default.9.1.png").write_bytes(b"x")
    agreed = {file.file for file in prunable(shop.project).files}
    shop.spec("chat").write_text(text)
    shop.cassette("butterfly/default.8.1.png").write_bytes(b"x")
    before = shop.files()

    result = prune(shop.project, agreed)

    assert [(file.file.name, file.removed) for file in result.files] == [
        ("default.8.1.png", False),
        ("default.9.1.png", True),
    ]
    assert shop.files() == {n: data for n, data in before.items() if n != "butterfly/default.9.1.png"}


def under_the_lock(shop: Workshop, case: Store, act: Callable[[], object]) -> list[bool]:
    """Prune while somebody else holds a case's lock and acts; return which files went."""
    results = []
    with case.locked():
        pruning = threading.Thread(target=lambda: results.append(prune(shop.project)))
        pruning.start()
        time.sleep(0.5)  # it waits by now
        assert pruning.is_alive()
        act()
    pruning.join(30)
    return [file.removed for file in results[0].files]


def test_what_a_writer_claims_meanwhile_stays(shop: Workshop) -> None:
    store = store_of(shop.project, "butterfly", "default")
    store.reject()
    shutil.copy(shop.cassette("butterfly/default.1.1.png"), shop.cassette("butterfly/default.9.1.png"))

    assert under_the_lock(shop, store, shop.cassette("butterfly/default.1.1.png").unlink) == []
    assert shop.cassette("butterfly/default.9.1.png").exists()
    assert {code for code, _ in found(shop) if code != "P505"} == {"P510"}


@pytest.mark.parametrize("name", ["chat/default.yaml", "chat/default.2.1.png", "chat/default.9.9.png"])
def test_a_case_that_is_recorded_again_meanwhile_keeps_everything(shop: Workshop, name: str) -> None:
    store = store_of(shop.project, "chat", "default")
    shop.spec("chat").unlink()

    def write_again() -> None:
        data = shop.cassette(name).read_bytes() if shop.cassette(name).exists() else b"new"
        shop.cassette(name).unlink(missing_ok=True)
        shop.cassette(name).write_bytes(data)

    before = of(shop, "chat/default")
    assert not any(under_the_lock(shop, store, write_again))
    assert before.keys() <= of(shop, "chat/default").keys()


def test_what_somebody_else_has_removed_is_gone_all_the_same(shop: Workshop) -> None:
    store = store_of(shop.project, "chat", "default")
    shop.spec("chat").unlink()

    assert all(under_the_lock(shop, store, lambda: shutil.rmtree(shop.cassette("chat"))))


def test_a_link_that_takes_a_folders_place_is_not_followed(
    shop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.spec("chat").unlink()
    before = of(shop, "chat/default")

    def moved(selection: Selection) -> list[Rotten]:
        cases = [*rotten_files(selection)]
        shop.cassette("chat").rename(tmp_path / "elsewhere")
        shop.cassette("chat").symlink_to(tmp_path / "elsewhere")
        return cases

    monkeypatch.setattr(prune_module, "rotten_files", moved)

    assert not prune(shop.project).good
    assert {path.name: path.read_bytes() for path in (tmp_path / "elsewhere").iterdir()} == {
        Path(name).name: data for name, data in before.items()
    }


# kills and disks that refuse


class Killed(BaseException):
    """Nothing handles this, as nothing handles a kill."""


def failing(monkeypatch: pytest.MonkeyPatch, limit: int, failure: BaseException) -> list[int]:
    """Let the removal of file number `limit` fail; the list counts the removals that came."""
    calls = [0]
    unlink = Path.unlink

    def wrapped(path: Path, *, missing_ok: bool = False) -> None:
        if path.suffix != ".lock":
            calls[0] += 1
            if calls[0] == limit:
                raise failure
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", wrapped)
    return calls


def test_a_kill_at_any_moment_leaves_a_recording_whole_or_no_recording(
    recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in count(1):
        root = tmp_path / str(limit)
        shutil.copytree(recorded, root)
        monkeypatch.chdir(root)
        shop = Workshop(root)
        text = shop.spec("chat").read_text()
        shop.spec("chat").unlink()
        living = {name: data for name, data in shop.files().items() if not name.startswith("chat/")}
        with monkeypatch.context() as patch:
            calls = failing(patch, limit, Killed())
            try:
                prune(shop.project)
            except Killed:
                pass
            else:
                assert calls[0] < limit
                assert limit == 2 * (1 + 6) + 1
                return

        assert rotten(shop)
        shop.spec("chat").write_text(text)
        (state,) = [case for case in check(shop.project).cases if case.spec == "chat"]
        assert state.status in {"pending", "passed", "missing"}  # never damaged
        shop.spec("chat").unlink()
        assert prune(shop.project).good
        assert shop.files() == living
        assert rotten(shop) == []


def test_a_file_that_can_not_be_removed_is_told_and_the_others_go(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.spec("butterfly").unlink()
    shop.spec("chat").unlink()
    before = shop.files()
    refused = shop.cassette("butterfly/default.new.yaml").resolve()
    failing(monkeypatch, 1, PermissionError(13, "Permission denied", str(refused)))

    result = prune(shop.project)

    assert result.diagnostics == (
        Diagnostic(
            code="P509",
            message="`cassettes/butterfly/default.new.yaml` was not removed: Permission denied",
            file="cassettes/butterfly/default.new.yaml",
            help="make the folder writable, and prune again",
        ),
    )
    assert not result.good
    assert shop.files() == {name: data for name, data in before.items() if not name.startswith("chat/")}
    assert {file.file.parent.name for file in result.files if not file.removed} == {"butterfly"}


# whatever there is


ACTIONS = ("keep", "remove", "rename", "no cassette", "no picture", "waits alone")


@settings(max_examples=30)
@given(
    actions=st.fixed_dictionaries({case: st.sampled_from(ACTIONS) for case in KEPT}),
    foreign=st.dictionaries(st.sampled_from(sorted(FOREIGN)), st.binary(max_size=8), max_size=6),
    strays=st.dictionaries(
        st.builds(
            "{}.{}{}.{}.{}{}".format,
            st.sampled_from([*KEPT, "chat/gone", "away/from/here"]),
            st.sampled_from(["", "new."]),
            st.integers(4, 12),
            st.integers(1, 3),
            st.sampled_from(["png", "jpg", "bin"]),
            st.sampled_from(["", ".tmp"]),
        ),
        st.binary(max_size=8),
        max_size=6,
    ),
)
def test_prune_leaves_exactly_the_files_of_living_cases(
    recorded: Path,
    tmp_path_factory: pytest.TempPathFactory,
    actions: dict[str, str],
    foreign: dict[str, bytes],
    strays: dict[str, bytes],
) -> None:
    root = tmp_path_factory.mktemp("any") / "repo"
    shutil.copytree(recorded, root)
    shop = Workshop(root)
    shop.spec("always").write_text(BUTTERFLY.replace("Monarch", "Luna"))  # so that there is a spec at all
    living = shop.files()
    before = dict(living)
    for case, action in actions.items():
        apart(shop, case, action, living)
    for name, data in {**strays, **foreign}.items():
        shop.cassette(name).parent.mkdir(parents=True, exist_ok=True)
        shop.cassette(name).write_bytes(data)
    damaged = {case for case, action in actions.items() if action == "no picture"}
    wanted = {case for case, action in actions.items() if is_renamed(case, action)}
    living |= {name: data for name, data in strays.items() if name.partition(".")[0] in damaged | wanted}
    lost = {before[f"{case}.{file}"] for case in damaged for file in ("1.1.png", "new.1.1.png")}
    living |= {name: data for name, data in shop.files().items() if data in lost}  # of cases that ask the same

    result = prune(shop.project)

    assert result.good
    assert shop.files() == living | foreign
    kept = [shop.cassette(f"{case}{waits}.yaml") for case in sorted(wanted) for waits in (".new", "")]
    assert rotten(shop) == [("P506", file.as_posix()) for file in kept]
    assert prune(shop.project).files == ()


def is_renamed(case: str, action: str) -> bool:
    """Say whether `apart` leaves a case that asks the same under another name."""
    return action == "rename" or (action == "remove" and not case.endswith("/default"))


def apart(shop: Workshop, case: str, action: str, living: dict[str, bytes]) -> None:
    """Make a case or a part of its recording go, and take from `living` what then belongs to nothing."""
    files = [name for name in living if name.startswith(f"{case}.")]
    gone: list[str] = []
    if action in {"remove", "rename"}:
        spec, _, name = case.rpartition("/")
        text = shop.spec(spec).read_text()
        if name == "default" and action == "remove":
            shop.spec(spec).unlink()
        elif name == "default":
            shop.spec(spec).rename(shop.spec(f"{spec}-2"))
        else:
            assert f'name = "{name}"' in text
            shop.spec(spec).write_text(text.replace(f'name = "{name}"', f'name = "{name}-2"'))
        gone = [] if is_renamed(case, action) else files
    elif action == "no cassette":
        for name in (f"{case}.yaml", f"{case}.new.yaml"):
            shop.cassette(name).unlink()
        gone = files
    elif action == "waits alone":
        shop.cassette(f"{case}.yaml").unlink()
        gone = [name for name in files if ".new." not in name]
    elif action == "no picture":
        (first,) = [name for name in files if name == f"{case}.1.1.png"]
        shop.cassette(first).unlink()
        # what waits holds the same picture, so nothing is lost while that is there
        shop.cassette(f"{case}.new.1.1.png").unlink()
        gone = [first, f"{case}.new.1.1.png"]
    for name in gone:
        del living[name]
