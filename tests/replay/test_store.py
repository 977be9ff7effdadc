"""One case's files: always whole, whatever stops a writer."""

import errno
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from promptc.diagnostics import Diagnostic
from promptc.errors import CassetteError, SecretFoundError
from promptc.replay.secrets import Secrets
from promptc.replay.store import Store
from tests.conftest import printed_by
from tests.replay.killer import referred
from tests.replay.made import (
    answer,
    encoded,
    files,
    image,
    interaction,
    picture,
    provenance,
    replayed,
    request,
    save,
    store,
)

SIGNATURE = encoded(b"s" * 700)
OLD = [answer({"text": "old"}, image(picture(1), thoughtSignature=SIGNATURE)), answer(image(picture(2)))]
NEW = [answer({"text": "new"}, image(picture(3), thoughtSignature=SIGNATURE)), answer(image(picture(1)))]
WAITING = [answer({"text": "waiting"}, image(picture(2), thoughtSignature=SIGNATURE)), answer(image(picture(4)))]


@pytest.fixture
def at(tmp_path: Path) -> Store:
    return store(tmp_path)


def diagnostic(raising: Callable[[], object]) -> Diagnostic:
    with pytest.raises(CassetteError) as caught:
        raising()
    return caught.value.diagnostic


def damaged(path: Path, reason: str) -> Diagnostic:
    file = path.as_posix()
    return Diagnostic(code="P503", message=f"the recording is damaged: {reason}", file=file, help=restore(path))


def unfetched(path: Path) -> Diagnostic:
    message = "a pointer of Git LFS stands in the place of this file"
    return Diagnostic(code="P511", message=message, file=path.as_posix(), help="`git lfs pull` fetches the file")


def lost(path: Path, name: str) -> Diagnostic:
    missing = path.parent / name
    message = f"the recording lacks its file `{missing.as_posix()}`"
    return Diagnostic(code="P512", message=message, file=path.as_posix(), help=restore(missing))


def altered(path: Path) -> Diagnostic:
    message = "the file is not the one that was recorded: its bytes have changed"
    return Diagnostic(code="P513", message=message, file=path.as_posix(), help=restore(path))


def restore(path: Path) -> str:
    return f"restore it with `git checkout -- {path.as_posix()}`"


# the life of a recording


def test_a_case_without_recording_has_none(at: Store) -> None:
    assert at.load(at.accepted) is None
    assert not at.accept()
    assert not at.reject()
    at.settle()
    assert files(at) == []


def test_an_accepted_recording_lies_under_its_stable_names(at: Store) -> None:
    save(at, *OLD)
    assert files(at) == ["monarch.1.1.bin", "monarch.1.1.png", "monarch.2.1.png", "monarch.yaml"]
    assert replayed(at) == OLD


def test_a_waiting_recording_lies_beside_the_accepted_one(at: Store) -> None:
    save(at, *OLD)
    save(at, *NEW, accept=False)
    assert files(at) == [
        "monarch.1.1.bin",
        "monarch.1.1.png",
        "monarch.2.1.png",
        "monarch.new.1.1.bin",
        "monarch.new.1.1.png",
        "monarch.new.2.1.png",
        "monarch.new.yaml",
        "monarch.yaml",
    ]
    assert (replayed(at), replayed(at, at.pending)) == (OLD, NEW)


def test_accepting_makes_the_waiting_recording_the_only_one(at: Store) -> None:
    save(at, *OLD)
    save(at, *NEW, accept=False)
    assert at.accept()
    assert files(at) == ["monarch.1.1.bin", "monarch.1.1.png", "monarch.2.1.png", "monarch.yaml"]
    assert replayed(at) == NEW
    assert (at.folder / "monarch.1.1.png").read_bytes() == picture(3)
    assert not at.accept()


def test_rejecting_removes_the_waiting_recording_with_its_files(at: Store) -> None:
    save(at, *OLD)
    save(at, *NEW, accept=False)
    assert at.reject()
    assert files(at) == ["monarch.1.1.bin", "monarch.1.1.png", "monarch.2.1.png", "monarch.yaml"]
    assert replayed(at) == OLD
    assert not at.reject()


def test_a_recording_that_is_accepted_at_once_ends_the_waiting_of_another(at: Store) -> None:
    save(at, *OLD)
    save(at, *WAITING, accept=False)
    save(at, *NEW)
    assert files(at) == ["monarch.1.1.bin", "monarch.1.1.png", "monarch.2.1.png", "monarch.yaml"]
    assert replayed(at) == NEW


def test_a_shorter_recording_leaves_no_file_of_the_longer_one(at: Store) -> None:
    save(at, *OLD)
    save(at, b"{}")
    assert files(at) == ["monarch.yaml"]


def test_pictures_that_change_places_keep_their_bytes(at: Store) -> None:
    one, two = answer(image(picture(1))), answer(image(picture(2)))
    save(at, one, two)
    save(at, two, one, accept=False)
    assert at.accept()
    assert replayed(at) == [two, one]
    assert (at.folder / "monarch.1.1.png").read_bytes() == picture(2)
    assert (at.folder / "monarch.2.1.png").read_bytes() == picture(1)


def test_the_same_answer_may_wait_beside_itself(at: Store) -> None:
    save(at, *OLD)
    save(at, *OLD, accept=False)
    assert (replayed(at), replayed(at, at.pending)) == (OLD, OLD)
    at.reject()
    assert replayed(at) == OLD
    assert files(at) == referred(at)


def test_the_files_of_other_cases_are_never_touched(tmp_path: Path, at: Store) -> None:
    others = [store(tmp_path, name) for name in ("monarc", "monarch2", "monarch-1", "monarch@2", "new", "Monarch_")]
    for other in others:
        save(other, *OLD)
        save(other, *WAITING, accept=False)
    own = [at.folder / "monarch.txt", at.folder / "monarch.1.png", at.folder / "monarch.new.notes.md"]
    for path in own:
        path.write_text("a user's own")
    save(at, *OLD)
    save(at, *NEW, accept=False)
    at.accept()
    save(at, b"{}")
    for other in others:
        assert (replayed(other), replayed(other, other.pending)) == (OLD, WAITING)
    assert all(path.read_text() == "a user's own" for path in own)


def test_a_case_that_was_renamed_with_its_files_replays(tmp_path: Path, at: Store) -> None:
    save(at, *OLD)
    luna = store(tmp_path, "luna")
    for path in list(at.folder.iterdir()):
        path.rename(path.with_name(path.name.replace("monarch", "luna")))
    assert replayed(luna) == OLD
    save(at, *NEW)
    luna.settle()
    at.settle()
    assert (replayed(luna), replayed(at)) == (OLD, NEW)


def test_a_cassette_that_was_copied_without_its_files_says_what_it_lacks(tmp_path: Path, at: Store) -> None:
    save(at, *OLD)
    luna = store(tmp_path, "luna")
    luna.accepted.write_bytes(at.accepted.read_bytes())
    assert diagnostic(lambda: replayed(luna)) == lost(luna.accepted, "luna.1.1.png")
    luna.settle()
    assert replayed(at) == OLD


# what can't be trusted


def test_a_missing_file_is_named(at: Store) -> None:
    save(at, *OLD)
    save(at, *NEW, accept=False)
    (at.folder / "monarch.2.1.png").unlink()
    (at.folder / "monarch.new.1.1.png").unlink()
    assert diagnostic(lambda: replayed(at)) == lost(at.accepted, "monarch.2.1.png")
    assert diagnostic(lambda: replayed(at, at.pending)) == lost(at.pending, "monarch.new.1.1.png")


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[:-1],
        lambda data: data + b"\0",
        lambda data: data[:-1] + b"\0",
        lambda _: picture(9),
        lambda _: b"",
    ],
    ids=["shorter", "longer", "one byte", "another picture", "empty"],
)
def test_an_altered_file_is_named(at: Store, change: Callable[[bytes], bytes]) -> None:
    save(at, *OLD)
    path = at.folder / "monarch.2.1.png"
    path.write_bytes(change(path.read_bytes()))
    expected = altered(path)
    assert diagnostic(lambda: replayed(at)) == expected
    found = at.load(at.accepted)
    assert found is not None
    assert diagnostic(lambda: at.body(found.responses[1], at.accepted)) == expected


def test_files_that_two_cases_swapped_are_seen(tmp_path: Path, at: Store) -> None:
    luna = store(tmp_path, "luna")
    save(at, *OLD)
    save(luna, *NEW)
    one, two = at.folder / "monarch.1.1.png", luna.folder / "luna.1.1.png"
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    for case, path in ((at, one), (luna, two)):
        assert diagnostic(partial(replayed, case)) == altered(path)


LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"


def test_a_pointer_of_git_lfs_is_told_as_such(at: Store) -> None:
    save(at, *OLD)
    save(at, answer(image(picture(5))), accept=False)
    (at.folder / "monarch.1.1.png").write_bytes(LFS)
    (at.folder / "monarch.new.1.1.png").write_bytes(LFS)
    assert diagnostic(lambda: replayed(at)) == unfetched(at.folder / "monarch.1.1.png")
    assert diagnostic(lambda: replayed(at, at.pending)) == unfetched(at.folder / "monarch.new.1.1.png")
    at.accepted.write_bytes(LFS)
    assert diagnostic(lambda: replayed(at)) == unfetched(at.accepted)


def test_a_cassette_that_is_no_utf_8_is_told_as_such(at: Store) -> None:
    save(at, *OLD)
    at.accepted.write_bytes(at.accepted.read_text().encode("utf-16"))
    assert diagnostic(lambda: at.load(at.accepted)) == damaged(at.accepted, "it is not UTF-8 text")


def test_a_folder_in_the_place_of_a_file_is_told_as_such(at: Store) -> None:
    save(at, *OLD)
    (at.folder / "monarch.2.1.png").unlink()
    (at.folder / "monarch.2.1.png").mkdir()
    at.pending.mkdir()
    assert diagnostic(lambda: at.load(at.pending)) == damaged(at.pending, "it can't be read: Is a directory")
    assert diagnostic(lambda: replayed(at)) == damaged(
        at.folder / "monarch.2.1.png", "it can't be read: Is a directory"
    )


def test_an_empty_cassette_is_damaged_and_not_missing(at: Store) -> None:
    save(at, *OLD)
    at.accepted.write_bytes(b"")
    assert diagnostic(lambda: at.load(at.accepted)) == damaged(at.accepted, "it is empty")


def test_what_waits_is_not_accepted_while_a_file_of_it_is_damaged(at: Store) -> None:
    save(at, *OLD)
    save(at, *NEW, accept=False)
    (at.folder / "monarch.new.1.1.png").write_bytes(b"")
    assert diagnostic(at.accept).file == (at.folder / "monarch.new.1.1.png").as_posix()
    assert replayed(at) == OLD
    assert at.reject()
    assert replayed(at) == OLD


def test_a_folder_that_goes_while_an_answer_is_written_comes_back(at: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    settle = Store.settle

    def rejecting(store: Store) -> None:
        """Do what somebody does who rejects the last answer of another case at this moment."""
        with suppress(OSError):
            store.folder.rmdir()
        settle(store)

    monkeypatch.setattr(Store, "settle", rejecting)

    save(at, *OLD)

    assert replayed(at) == OLD


def test_nothing_is_removed_beside_a_recording_that_cannot_be_read(at: Store) -> None:
    save(at, *OLD)
    save(at, *NEW, accept=False)
    before = {path.name: path.read_bytes() for path in at.folder.iterdir()}
    at.accepted.write_bytes(b"<<<<<<< HEAD\n")
    at.settle()
    assert {path.name: path.read_bytes() for path in at.folder.iterdir()} == {
        **before,
        at.accepted.name: b"<<<<<<< HEAD\n",
    }
    at.accepted.write_bytes(before[at.accepted.name])
    assert (replayed(at), replayed(at, at.pending)) == (OLD, NEW)


def test_a_new_recording_takes_the_place_of_a_damaged_one(at: Store) -> None:
    save(at, *OLD)
    at.accepted.write_bytes(b"<<<<<<< HEAD\n")
    save(at, *NEW)
    assert replayed(at) == NEW
    assert files(at) == referred(at)


def test_a_recording_beside_a_damaged_one_gets_its_names_and_takes_no_file(at: Store) -> None:
    save(at, *OLD)
    kept = {path.name: path.read_bytes() for path in at.folder.iterdir()}
    at.accepted.write_bytes(b"<<<<<<< HEAD\n")
    save(at, *OLD, accept=False)
    assert replayed(at, at.pending) == OLD
    at.accepted.write_bytes(kept[at.accepted.name])
    assert files(at) == referred(at)
    assert (replayed(at), replayed(at, at.pending)) == (OLD, OLD)


# links


def test_a_link_under_a_temporary_name_is_not_followed(tmp_path: Path, at: Store) -> None:
    save(at, *OLD)
    victim = tmp_path / "victim"
    victim.write_text("precious")
    for name in ("monarch.yaml.tmp", "monarch.1.1.png.tmp", "monarch.new.1.1.png"):
        (at.folder / name).symlink_to(victim)
    at.accepted.write_bytes(b"damaged, so that nothing is tidied before")
    save(at, *NEW)
    save(at, *WAITING, accept=False)
    assert victim.read_text() == "precious"
    assert (replayed(at), replayed(at, at.pending)) == (NEW, WAITING)
    assert files(at) == referred(at)


def test_a_cassette_that_is_a_link_is_read_and_replaced_in_its_place(tmp_path: Path, at: Store) -> None:
    save(at, *OLD)
    elsewhere = tmp_path / "elsewhere.yaml"
    at.accepted.rename(elsewhere)
    at.accepted.symlink_to(elsewhere)
    text = elsewhere.read_bytes()
    assert replayed(at) == OLD
    save(at, *NEW)
    assert replayed(at) == NEW
    assert elsewhere.read_bytes() == text
    assert not at.accepted.is_symlink()


def test_a_sidecar_that_is_a_link_is_bound_to_its_digest(tmp_path: Path, at: Store) -> None:
    save(at, *OLD)
    path = at.folder / "monarch.2.1.png"
    elsewhere = tmp_path / "elsewhere.png"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    assert replayed(at) == OLD
    elsewhere.write_bytes(picture(9))
    assert diagnostic(lambda: replayed(at)) == altered(path)
    save(at, *NEW)
    assert elsewhere.read_bytes() == picture(9)


@pytest.mark.parametrize("file", ["../victim.1.1.png", "/{}/victim.1.1.png", "x/../../victim.1.1.png"])
def test_a_path_out_of_the_folder_is_refused_before_any_file_is_opened(at: Store, file: str) -> None:
    save(at, *OLD)
    victim = at.folder.parent / "victim.1.1.png"
    victim.write_bytes(picture(1))
    (at.folder / "monarch.1.1.png").unlink()
    text = at.accepted.read_text().replace("monarch.1.1.png", file.format(at.folder.parent))
    at.accepted.write_text(text)
    expected = damaged(at.accepted, "an answer in it has not the form that promptc writes")
    assert diagnostic(lambda: at.load(at.accepted)) == expected
    at.settle()
    at.pending.write_text(text)
    assert diagnostic(at.accept) == damaged(at.pending, expected.message.partition(": ")[2])
    assert victim.read_bytes() == picture(1)


# kills


class Killed(BaseException):
    """Nothing handles this, as nothing handles a kill."""


def counted(
    monkeypatch: pytest.MonkeyPatch, limit: int, failure: Callable[[], BaseException], *, torn: bool
) -> list[int]:
    """Let the disk fail at call number `limit`; the list counts the calls that came."""
    calls = [0]

    def step(handle: int | None = None) -> None:
        calls[0] += 1
        if calls[0] >= limit:
            if torn and handle is not None and calls[0] == limit:
                os.ftruncate(handle, os.fstat(handle).st_size // 2)
            raise failure()

    def wrapped(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            step()
            return real(*arguments, **named)

        return call

    real_sync, real_open = os.fsync, Path.open

    def sync(handle: int) -> None:
        if os.path.isdir(f"/proc/self/fd/{handle}"):  # noqa: PTH112 - a folder can't be cut
            step()
        else:
            step(handle)
        real_sync(handle)

    def opened(path: Path, mode: str = "r", *arguments: Any, **named: Any) -> Any:
        if mode not in {"r", "rb"}:
            step()
        return real_open(path, mode, *arguments, **named)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "open", opened)
    for name in ("replace", "unlink"):
        monkeypatch.setattr(Path, name, wrapped(getattr(Path, name)))
    return calls


SCENES: dict[str, tuple[Callable[[Store], object], list[list[bytes]], list[list[bytes] | None]]] = {
    "recording and accepting at once": (lambda at: save(at, *NEW), [OLD, NEW], [WAITING, NEW, None]),
    "recording what will wait": (lambda at: save(at, *NEW, accept=False), [OLD], [WAITING, NEW]),
    "recording the same again": (lambda at: save(at, *OLD), [OLD], [WAITING, OLD, None]),
    "accepting": (lambda at: at.accept(), [OLD, WAITING], [WAITING, None]),
    "rejecting": (lambda at: at.reject(), [OLD], [WAITING, None]),
}


def begun(at: Store) -> dict[str, bytes]:
    """Record an accepted answer and one that waits; returns their files."""
    save(at, *OLD)
    save(at, *WAITING, accept=False)
    return {path.name: path.read_bytes() for path in at.folder.iterdir()}


def reset(at: Store, start: dict[str, bytes]) -> None:
    """Make the folder what it was."""
    for path in list(at.folder.iterdir()):
        path.unlink()
    for name, data in start.items():
        (at.folder / name).write_bytes(data)


def interrupted(
    at: Store, act: Callable[[Store], object], failure: Callable[[], BaseException], *, torn: bool = False
) -> Iterator[BaseException]:
    """Act with a failure at every step in turn; yields what came out, each time on a fresh set of files."""
    start = begun(at)
    for limit in range(1, 200):
        reset(at, start)
        with pytest.MonkeyPatch.context() as patch:
            calls = counted(patch, limit, failure, torn=torn)
            try:
                act(at)
            except (Killed, OSError) as error:
                caught: BaseException | None = error
            else:
                caught = None
        if calls[0] < limit:
            assert caught is None
            assert limit > 3
            return
        if caught is not None:
            yield caught
    pytest.fail("there is no end to the steps")


@pytest.mark.parametrize("torn", [False, True], ids=["between writes", "within a write"])
@pytest.mark.parametrize(("act", "truths", "waiting"), SCENES.values(), ids=SCENES.keys())
def test_a_kill_at_any_step_leaves_the_old_recording_or_the_new_one(
    at: Store,
    act: Callable[[Store], object],
    truths: list[list[bytes]],
    waiting: list[list[bytes] | None],
    *,
    torn: bool,
) -> None:
    seen = 0
    for _ in interrupted(at, act, Killed, torn=torn):
        truth = replayed(at)
        waits = replayed(at, at.pending) if at.pending.exists() else None
        assert truth in truths
        assert waits in waiting
        at.settle()
        assert files(at) == referred(at)
        assert replayed(at) == truth
        assert (replayed(at, at.pending) if at.pending.exists() else None) == waits
        at.settle()
        save(at, *NEW)
        assert replayed(at) == NEW
        assert files(at) == referred(at)
        seen += 1
    assert seen > 2


def test_a_kill_while_tidying_up_after_a_kill_does_no_harm(at: Store) -> None:
    start = begun(at)
    for first in range(1, 40, 3):
        for second in range(1, 12):
            reset(at, start)
            calls = [0]
            for limit, act in ((first, partial(save, at, *NEW)), (second, at.settle)):
                with pytest.MonkeyPatch.context() as patch:
                    calls = counted(patch, limit, Killed, torn=True)
                    with suppress(Killed):
                        act()
                assert replayed(at) in (OLD, NEW)
            at.settle()
            assert replayed(at) in (OLD, NEW)
            assert files(at) == referred(at)
            if calls[0] < second:
                break


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a writer is killed by signal")
def test_real_kills_at_random_moments_leave_whole_recordings(tmp_path: Path) -> None:
    printed = printed_by("tests.replay.killer", str(tmp_path), "25")
    assert re.fullmatch(r"25 kills, \d+ of them left something to tidy\n", printed)


# disks that refuse


FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
FORBIDDEN = PermissionError(errno.EACCES, os.strerror(errno.EACCES))


@pytest.mark.parametrize("failure", [FULL, FORBIDDEN], ids=["a full disk", "a folder that is read-only"])
@pytest.mark.parametrize("accept", [True, False], ids=["accepted", "waiting"])
def test_a_disk_that_refuses_leaves_the_old_recording_and_says_so(at: Store, failure: OSError, *, accept: bool) -> None:
    seen = 0
    for caught in interrupted(at, lambda at: save(at, *NEW, accept=accept), lambda: failure):
        assert caught is failure
        assert replayed(at) == OLD
        assert replayed(at, at.pending) in ([WAITING, NEW] if accept else [WAITING])  # NEW is whole, and waits
        at.settle()
        assert files(at) == referred(at)
        seen += 1
    assert seen > 3


def test_a_full_disk_leaves_nothing_behind_once_files_can_be_removed(
    at: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(at, *OLD)
    before = {path.name: path.read_bytes() for path in at.folder.iterdir()}
    real = os.fsync

    def full(handle: int) -> None:
        if os.fstat(handle).st_size > 1200:
            raise FULL
        real(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        save(at, *NEW)
    assert {path.name: path.read_bytes() for path in at.folder.iterdir()} == before


def test_a_disk_that_fails_after_the_commit_does_not_unsay_it(at: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    save(at, *OLD)
    save(at, *WAITING, accept=False)
    real = Path.replace

    def replace(path: Path, target: Path) -> Path:
        made = real(path, target)
        if target == at.accepted:

            def refuse(*_: object, **__: object) -> None:
                raise FORBIDDEN

            monkeypatch.setattr(Path, "replace", refuse)
            monkeypatch.setattr(Path, "unlink", refuse)
        return made

    monkeypatch.setattr(Path, "replace", replace)
    save(at, *NEW)
    monkeypatch.undo()
    assert replayed(at) == NEW
    save(at, *NEW)
    assert files(at) == referred(at) == ["monarch.1.1.bin", "monarch.1.1.png", "monarch.2.1.png", "monarch.yaml"]


# writers


def test_a_second_writer_waits(at: Store) -> None:
    order: list[str] = []
    inside = threading.Event()

    def first() -> None:
        with at.locked():
            inside.set()
            time.sleep(0.2)
            order.append("first")

    def wait() -> None:
        inside.wait(5)
        with at.locked():
            order.append("second")

    second = threading.Thread(target=wait)
    one = threading.Thread(target=first)
    one.start()
    second.start()
    one.join(5)
    second.join(5)
    assert order == ["first", "second"]


def test_an_answer_that_yaml_would_not_give_back_is_refused(at: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    save(at, *OLD)
    monkeypatch.setattr("promptc.replay.bodies._encoded", lambda data, _: data[:-1])
    found = diagnostic(lambda: save(at, *NEW))
    monkeypatch.undo()
    file = at.accepted.as_posix()
    message = f"{file} would not give back the answer that came; it was not written"
    assert found == Diagnostic(code="P509", message=message, file=file)
    assert replayed(at) == OLD


# secrets


KEY = "sk'n/ot-real=="


@pytest.mark.parametrize(
    "body",
    [
        answer({"text": f"your key is {KEY}"}),
        answer({"text": f"your key is\n{KEY}\n"}),
        answer(image(picture(1) + KEY.encode())),
        b"\xff" + KEY.encode(),
    ],
    ids=["in a line", "in lines", "in a picture", "in a body that is no text"],
)
def test_an_answer_that_holds_the_key_is_never_written(at: Store, body: bytes) -> None:
    save(at, *OLD)
    one = request()
    with pytest.raises(SecretFoundError) as caught:
        at.save([interaction(one, body)], provenance([one]), Secrets(values=(KEY,)), accept=True)
    assert KEY not in str(caught.value)
    assert replayed(at) == OLD
    assert files(at) == referred(at)


@pytest.mark.parametrize(
    ("place", "where"),
    [
        ("request", "the request"),
        ("header", "the header `x-request-id` of the answer"),
        ("reason", "the status line of the answer"),
    ],
)
def test_a_key_is_found_wherever_it_stands_in_a_recording(at: Store, place: str, where: str) -> None:
    one = request(KEY if place == "request" else "A moth")
    stored, response = interaction(one, b"{}", x_request_id=KEY if place == "header" else "none")
    response["status"]["message"] = KEY if place == "reason" else "OK"
    with pytest.raises(SecretFoundError) as caught:
        at.save([(stored, response)], provenance([one]), Secrets(values=(KEY,)), accept=True)
    assert str(caught.value) == f"{where} holds the API key; {at.accepted.as_posix()} was not written"
    assert files(at) == []
