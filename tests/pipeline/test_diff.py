"""Two states of a project are compared: what was touched, its recordings on both sides, and what it will cost."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from promptc.config import EMULATOR
from promptc.errors import UsageError
from promptc.pipeline.diff import DiffResult, Ends, diff
from promptc.pipeline.results import Status
from promptc.pipeline.run import run
from promptc.replay.modes import RecordMode
from promptc.report.difference_text import difference_text
from promptc.report.effects import source_words
from promptc.report.style import Style
from tests.compiler.project import picture
from tests.repository import Clone, as_nobody
from tests.workshop import BUTTERFLY, CHAT, Workshop

SPECS = {
    "butterfly": BUTTERFLY,
    "chat": CHAT,
    "moths": 'extends = "_base.toml"\n\n[[cases]]\nname = "luna"\n\n[[cases]]\nname = "atlas"\n',
    "_base": BUTTERFLY.replace("Monarch butterfly", "moth"),
}

MOTHS, NONE = frozenset({"moths"}), frozenset[str]()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("recorded") / "repo"
    assert Workshop.make(root, SPECS).record().good
    Clone.of_project(root)
    return root


@pytest.fixture
def shop(recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    as_nobody(monkeypatch)
    shutil.copytree(recorded, tmp_path / "repo")
    monkeypatch.chdir(tmp_path / "repo")
    return Workshop(tmp_path / "repo")


def commit(shop: Workshop) -> str:
    return Clone(shop.root).commit()


def compared(shop: Workshop, written: str | None = None, *specs: str, meet: bool = False) -> DiffResult:
    return diff(shop.project, Ends.of(written, meet=meet), specs)


def told(result: DiffResult) -> list[tuple[str, str, str | None, str | None]]:
    return [
        (row.pair.id, row.pair.state, row.before.status if row.before else None, row.now.status if row.now else None)
        for row in result.cases
    ]


def test_nothing_has_changed(shop: Workshop) -> None:
    result = compared(shop)
    assert (result.changed, result.good, result.cases, result.groups) == (False, True, (), ())
    assert (result.unchanged, result.elsewhere) == (4, ())
    assert (result.old.name, result.old.commit) == ("HEAD", Clone(shop.root).git("rev-parse", "HEAD"))
    assert (result.new.name, result.new.commit) == ("the working tree", None)
    assert (result.estimate.cases, result.estimate.requests, result.estimate.dollars) == (0, 0, 0)


def test_a_changed_word_makes_a_recording_stale_and_costs_what_asking_anew_costs(shop: Workshop) -> None:
    shop.edit("butterfly", "Monarch", "Luna")
    result = compared(shop)
    assert told(result) == [("butterfly::default", "changed", "passed", "stale")]
    (row,) = result.cases
    assert [(edit.topic, edit.pointer, edit.action) for edit in row.pair.edits] == [
        ("text", "/contents/0/parts/0/text", "changed")
    ]
    assert row.answers == (), "the recording is the old one on both sides"
    assert row.estimate
    assert (row.estimate.cases, row.estimate.requests) == (1, 1)
    assert result.estimate.requests == 1
    assert (result.unchanged, result.changed, result.good) == (3, True, True)


def test_a_base_that_changes_two_cases_is_told_once(shop: Workshop) -> None:
    shop.edit("_base", "moth", "night moth")
    result = compared(shop)
    assert told(result) == [
        ("moths::luna", "changed", "passed", "stale"),
        ("moths::atlas", "changed", "passed", "stale"),
    ]
    assert [group.cases for group in result.groups] == [("moths::luna", "moths::atlas")]


def test_an_answer_that_was_recorded_anew_stands_beside_the_old_one(shop: Workshop) -> None:
    shop.edit("butterfly", "Monarch", "Luna")
    assert shop.record("butterfly", accept=True).good
    (row,) = compared(shop).cases
    assert (row.before and row.before.status, row.now and row.now.status) == (Status.PASSED, Status.PASSED)
    assert row.estimate is None
    (step,) = row.answers
    (pair,) = step.pictures
    assert pair.comparison
    assert not pair.comparison.same_bytes
    assert pair.old
    assert pair.new
    assert pair.old.file
    assert pair.old.file == pair.new.file, "both bear one name, at two times"
    assert pair.old.files.read_bytes(pair.old.file) != pair.new.files.read_bytes(pair.old.file)


def test_a_new_answer_to_the_same_request_is_a_change(shop: Workshop) -> None:
    assert shop.record("chat", mode=RecordMode.ALL, accept=True).good
    assert compared(shop).cases == (), "the stand-in gives the same answer again"
    Clone(shop.root).git("checkout", "-q", ".")
    shutil.rmtree(shop.cassette("chat"))
    result = compared(shop)
    assert told(result) == [("chat::default", "same", "passed", "missing")]
    assert [(step.old is None, step.new is None) for step in result.cases[0].answers] == [(False, True)] * 3


def test_a_new_and_a_lost_spec(shop: Workshop) -> None:
    shop.spec("butterfly").unlink()
    shop.spec("beetle").write_text(CHAT.replace("butterfly", "beetle").replace("wings", "legs").replace("blue", "red"))
    result = compared(shop)
    assert told(result) == [
        ("beetle::default", "added", None, "missing"),
        ("butterfly::default", "removed", "passed", None),
    ]


def test_a_renamed_spec(shop: Workshop) -> None:
    shop.spec("butterfly").rename(shop.spec("papilio"))
    shop.cassette("butterfly").rename(shop.cassette("papilio"))
    result = compared(shop)
    assert told(result) == [("papilio::default", "renamed", "passed", "passed")]
    assert result.cases[0].answers == ()


def test_a_new_layout_is_no_change(shop: Workshop) -> None:
    shop.edit("butterfly", "model =", "# the same\n\nmodel   =")
    result = compared(shop)
    assert (result.changed, result.unchanged) == (False, 4)


@pytest.mark.parametrize("side", ["old", "new"])
def test_cases_of_a_broken_spec_are_unknown_not_gone(shop: Workshop, side: str) -> None:
    sound = shop.spec("moths").read_text()
    shop.spec("moths").write_text("broken")
    if side == "old":
        commit(shop)
        shop.spec("moths").write_text(sound)
    result = compared(shop)
    assert (result.cases, result.unchanged, result.changed) == ((), 2, True)
    assert (result.old.broken, result.new.broken) == ((MOTHS, NONE) if side == "old" else (NONE, MOTHS))
    assert result.good is (side == "old")
    broken = result.old if side == "old" else result.new
    (found,) = broken.diagnostics
    assert found.place == ("HEAD:" if side == "old" else "") + "specs/moths.toml:1:7"


def test_with_a_broken_project_file_then_nothing_is_known_of_it(shop: Workshop) -> None:
    sound = (shop.root / "promptc.toml").read_text()
    (shop.root / "promptc.toml").write_text(f"{sound}what = 1\n")
    commit(shop)
    (shop.root / "promptc.toml").write_text(sound)
    result = compared(shop)
    assert (result.cases, result.unchanged, result.changed, result.good) == ((), 0, True, True)
    assert result.old.broken == {"butterfly", "chat", "moths"}
    assert [(one.place, one.message) for one in result.old.diagnostics] == [
        ("HEAD:promptc.toml:3:1", "unknown key `what`")
    ]
    turned = compared(shop, "HEAD..HEAD~1")
    assert turned.good
    assert not compared(shop, "HEAD~1..HEAD").good, "what is new can't be read"


@pytest.mark.usefixtures("shop")
def test_where_there_was_no_project_all_is_added(tmp_path: Path) -> None:
    clone = Clone.make(tmp_path / "other", {"README": "soon"})
    Workshop.make(tmp_path / "made", {"butterfly": BUTTERFLY})
    shutil.copytree(tmp_path / "made", clone.root, dirs_exist_ok=True)
    result = compared(Workshop(clone.root))
    assert result.old.project is None
    assert told(result) == [("butterfly::default", "added", None, "missing")]


def test_two_commits_are_compared_and_the_working_tree_does_not_count(shop: Workshop) -> None:
    shop.edit("butterfly", "Monarch", "Luna")
    commit(shop)
    shop.edit("chat", "Monarch", "Luna")
    for written, expected in {
        "HEAD~1..HEAD": ["butterfly::default"],
        "HEAD~1..": ["butterfly::default"],
        "..HEAD~1": ["butterfly::default"],
        "HEAD..HEAD": [],
        "HEAD": ["chat::default"],
        "HEAD~1": ["butterfly::default", "chat::default"],
    }.items():
        assert [row.pair.id for row in compared(shop, written).cases] == expected, written
    assert [edit.new for row in compared(shop, "..HEAD~1").cases for edit in row.pair.edits] == [
        "A Monarch butterfly on textured parchment"
    ]


def test_a_branch_is_compared_with_where_it_began(shop: Workshop) -> None:
    clone = Clone(shop.root)
    base = clone.git("rev-parse", "HEAD")
    clone.git("checkout", "-q", "-b", "work")
    shop.edit("butterfly", "Monarch", "Luna")
    commit(shop)
    clone.git("checkout", "-q", "main")
    shop.edit("chat", "Monarch", "Luna")
    commit(shop)
    clone.git("checkout", "-q", "work")
    assert [row.pair.id for row in compared(shop, "main").cases] == ["butterfly::default", "chat::default"]
    for written, meet in (("main", True), ("main...", False), ("main...work", False), ("main..work", True)):
        result = compared(shop, written, meet=meet)
        assert [row.pair.id for row in result.cases] == ["butterfly::default"]
        assert (result.old.name, result.old.commit) == (base[:10], base)


@pytest.mark.parametrize("written", ["a..b..c", "a....b", "a...b..c", "a..b...c"])
def test_what_is_no_range_is_told(written: str) -> None:
    with pytest.raises(UsageError) as caught:
        Ends.of(written)
    message = f"`{written}` is no range: write `A..B`, or `A...B` for what B has changed since it left A"
    assert str(caught.value) == message


def test_specs_are_named_as_they_are_called_on_either_side(shop: Workshop) -> None:
    shop.edit("_base", "moth", "night moth")
    shop.edit("chat", "Monarch", "Luna")
    shop.spec("butterfly").unlink()
    assert [row.pair.id for row in compared(shop, None, "specs/butterfly.toml").cases] == ["butterfly::default"]
    result = compared(shop, None, "moths::luna")
    assert [row.pair.id for row in result.cases] == ["moths::luna"]
    assert [group.cases for group in result.groups] == [("moths::luna",)]
    assert (result.unchanged, result.estimate.cases) == (0, 1)
    for argument, message in {
        "mohts": "there is no spec `mohts`; did you mean `moths`?",
        "moths::io": "`moths::io` names no case, neither of HEAD nor of the working tree",
    }.items():
        with pytest.raises(UsageError) as caught:
            compared(shop, None, argument)
        assert str(caught.value) == message


def test_an_unchanged_case_whose_recording_is_not_fresh_is_named(shop: Workshop) -> None:
    shutil.rmtree(shop.cassette("chat"))
    commit(shop)
    shop.edit("butterfly", "Monarch", "Luna")
    result = compared(shop)
    assert [row.pair.id for row in result.cases] == ["butterfly::default"]
    assert result.elsewhere == ("chat::default",)


def test_a_swapped_picture_is_measured_on_both_sides(shop: Workshop) -> None:
    parts = 'parts = [{ image = "wing.png" }, { text = "Blue" }]\n'
    shop.spec("wing").write_text(f'model = "gemini-3.1-flash-image"\n\n[[turns]]\n{parts}')
    old, new = (shop.cassette("butterfly/default.1.1.png"), shop.cassette("chat/default.1.1.png"))
    drawn = shop.root / "specs" / "wing.png"
    drawn.write_bytes(old.read_bytes())
    commit(shop)
    drawn.write_bytes(new.read_bytes())
    (row,) = compared(shop, None, "wing").cases
    assert [edit.topic for edit in row.pair.edits] == ["image"]
    assert sorted(compared(shop).sides.values()) == [(512, 512), (512, 512)]


def test_checks_of_the_project_are_not_imported(shop: Workshop) -> None:
    (shop.root / "own.py").write_text(
        "import pathlib\npathlib.Path(__file__).with_name('ran').touch()\ndef good(a): ...\n"
    )
    shop.spec("butterfly").write_text(f'{BUTTERFLY}\n[expect]\npython = ["own:good"]\n')
    commit(shop)
    shop.edit("butterfly", "Monarch", "Luna")
    (row,) = compared(shop).cases
    assert row.estimate
    assert not (shop.root / "ran").exists()
    assert "own" not in sys.modules


def test_what_is_secret_today_was_secret_then(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.edit("butterfly", "Monarch", "0bviously-fake-value")
    commit(shop)
    shop.edit("butterfly", "0bviously-fake-value", "Monarch")
    (shop.root / "promptc.toml").write_text('version = 1\nallow_emulator = true\n[secrets]\nenv = ["A_SECRET"]\n')
    monkeypatch.setenv("A_SECRET", "0bviously-fake-value")
    result = compared(shop)
    assert result.old.broken == {"butterfly"}
    (found,) = result.old.diagnostics
    assert "0bviously-fake-value" not in repr(found)


def test_an_answer_to_a_new_case_is_shown(shop: Workshop) -> None:
    beetle = BUTTERFLY.replace("Monarch butterfly", "black beetle on a green leaf")
    shop.spec("beetle").write_text(beetle)
    assert shop.record("beetle").good
    (row,) = compared(shop).cases
    assert (row.pair.state, row.before, row.now and row.now.status) == ("added", None, Status.PASSED)
    assert [(step.old, step.new and len(step.new.images)) for step in row.answers] == [(None, 1)]


def test_a_setting_that_makes_recordings_count_for_nothing_is_a_change_with_its_cost(shop: Workshop) -> None:
    (shop.root / "promptc.toml").write_text('version = 1\n[run]\ntarget = "google"\n')
    result = compared(shop)
    assert (result.changed, result.unchanged, result.elsewhere) == (True, 0, ())
    assert {row[1:] for row in told(result)} == {("same", "passed", "missing")}
    assert (result.estimate.cases, result.estimate.requests) == (4, 6)


@pytest.mark.parametrize("way", ["lost", "found"])
def test_a_recording_that_lost_a_file_beside_it_is_a_change_though_its_cassette_is_none(
    shop: Workshop, way: str
) -> None:
    lost = shop.cassette("moths") / "luna.1.1.png"
    data = lost.read_bytes()
    lost.unlink()
    if way == "found":
        commit(shop)
        lost.write_bytes(data)
    result = compared(shop)
    states = ("passed", "error") if way == "lost" else ("error", "passed")
    assert told(result) == [("moths::luna", "same", *states)]
    assert (result.changed, result.unchanged) == (True, 3)


def test_an_answer_that_waits_since_is_a_change(shop: Workshop) -> None:
    assert run(shop.project, ["moths::luna"], mode=RecordMode.ALL, target=EMULATOR).cases
    result = compared(shop)
    assert told(result) == [("moths::luna", "same", "passed", "pending")]


@pytest.mark.parametrize("new", ["the working tree", "HEAD"])
def test_a_renamed_case_whose_recording_need_only_be_moved_costs_nothing(shop: Workshop, new: str) -> None:
    shop.spec("chat").rename(shop.spec("papilio"))
    shop.edit("butterfly", "Monarch", "Luna")
    if new == "HEAD":
        commit(shop)
    result = compared(shop, "HEAD~1..HEAD" if new == "HEAD" else None)
    moved = {row.pair.id: row.move for row in result.cases}
    steps = [f"cassettes/chat/default.{step}.1.{kind}" for step in (1, 2, 3) for kind in ("bin", "png")]
    assert moved == {
        "butterfly::default": None,
        "papilio::default": (
            f"mkdir -p cassettes/papilio && mv {' '.join(steps)} cassettes/chat/default.yaml cassettes/papilio/"
        ),
    }
    assert (result.estimate.cases, result.estimate.requests) == (1, 1)
    if new == "HEAD":
        return
    subprocess.run(["sh", "-c", moved["papilio::default"] or ""], check=True, cwd=shop.root, timeout=60)
    (row,) = [row for row in compared(shop).cases if row.pair.id == "papilio::default"]
    assert (row.move, row.estimate, row.now and row.now.status) == (None, None, Status.PASSED)


@pytest.mark.parametrize("why", ["its words changed, too", "its recording is gone", "its recording is stale"])
def test_a_renamed_case_is_counted_where_no_recording_fits(shop: Workshop, why: str) -> None:
    if why == "its recording is stale":
        shop.edit("butterfly", "Monarch", "Luna")
        commit(shop)
    shop.spec("butterfly").rename(shop.spec("papilio"))
    if why == "its words changed, too":
        shop.edit("papilio", "textured", "old")
    if why == "its recording is gone":
        (shop.cassette("butterfly") / "default.yaml").unlink()
    result = compared(shop)
    (row,) = result.cases
    assert (row.pair.state, row.move, result.estimate.requests) == ("renamed", None, 1)


@pytest.mark.parametrize("done", ["added", "removed"])
def test_a_picture_that_a_pattern_finds_since_is_no_change_of_the_line_that_has_the_pattern(
    shop: Workshop, done: str
) -> None:
    turn = 'parts = [{ text = "copy" }, { image = "moths/*.png" }]'
    shop.spec("copy").write_text(BUTTERFLY.replace('text = "A Monarch butterfly on textured parchment"', turn))
    Clone(shop.root).write({f"specs/moths/{name}.png": picture(name) for name in ("navy", "red")})
    if done == "added":
        (shop.root / "specs/moths/red.png").unlink()
    commit(shop)
    Clone(shop.root).write({"specs/moths/red.png": picture("red")})
    if done == "removed":
        (shop.root / "specs/moths/red.png").unlink()
    result = compared(shop)
    (group,) = result.groups
    assert ([shared.edit.action for shared in group.edits], group.edited, source_words(group)) == ([done], False, ())


def test_of_a_damaged_recording_nobody_reads_that_nothing_is_to_be_done(shop: Workshop) -> None:
    (shop.cassette("moths") / "luna.yaml").write_text("{")
    text = difference_text(compared(shop), Style())
    assert text.partition("\n\n")[2] == (
        "case         change     recording        requests  cost\n"
        "moths::luna  recording  fresh → damaged         -     -\n"
        "\n"
        "3 cases are unchanged\n"
        "1 recording is damaged or too old: `promptc check` says how to mend that\n"
    )
