"""A chat that came to no end: what was paid for is used, and what is kept is what was asked."""

import errno
import json
import os
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from promptc.age import now
from promptc.config import Target
from promptc.pipeline.case_run import run_case
from promptc.pipeline.results import CaseResult, Status
from promptc.replay.files import write_new
from promptc.replay.modes import RecordMode
from promptc.replay.offline import offline
from promptc.replay.session import Endpoint
from promptc.replay.store import Store
from promptc.request import Case
from tests.conftest import printed_by
from tests.pipeline.unfinished_killer import TURNS
from tests.replay.made import (
    RawServer,
    answer,
    case,
    chat,
    drawn,
    encoded,
    endpoint,
    files,
    http,
    image,
    replayed,
    store,
    unit,
)

JSON = {"Content_Type": "application/json"}
REFUSED = http(b'{"error": {"code": 400, "message": "no", "status": "INVALID_ARGUMENT"}}', "400 Bad Request", **JSON)
CUT = http(answer({"text": "half"}), **JSON)[:-9]
BLOCKED = http(b'{"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}', **JSON)
WHEN = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ")
USED = "{} of an unfinished run {} used"
KEPT = "{} kept for the case's next run"
ONE, TWO = ("1 answer", "was"), ("2 answers", "were")


def said(seed: int, *, emulator: bool = False) -> bytes:
    parts = [{"text": f"answer {seed}"}, image(drawn(seed), thoughtSignature=encoded(bytes([seed]) * 700))]
    return http(answer(*parts), **JSON, **({"x_promptc_emulator": "1"} if emulator else {}))


@pytest.fixture(autouse=True)
def one_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("promptc.replay.retries.Retries.wait", lambda *_: None)


def talk(*turns: str) -> Case:
    return case(*chat(*(turns or TURNS)))


def run(
    root: Path, to: Endpoint, of: Case | None = None, mode: RecordMode = RecordMode.NEW_EPISODES, **more: Any
) -> CaseResult:
    return run_case(unit(root, of or talk(), to, mode, **more))


def replay(root: Path, of: Case | None = None) -> CaseResult:
    with offline():
        return run_case(unit(root, of or talk(), endpoint("http://nowhere.invalid"), RecordMode.NONE))


def left(root: Path) -> Store:
    return unit(root, talk(), endpoint(""), RecordMode.NONE).unfinished


def texts(result: CaseResult) -> list[str]:
    return [step.text for step in result.steps]


@contextmanager
def interrupted(root: Path, *acts: bytes, old: Case | None = None, **more: Any) -> Iterator[CaseResult]:
    """Give the result of a run that some answers end, perhaps over an older recording."""
    if old:
        with RawServer(*[said(90 + n) for n in range(len(old.requests))]) as server:
            run(root, endpoint(server.base_url), old)
    with RawServer(*acts) as server:
        yield run(root, endpoint(server.base_url), **more)


@pytest.mark.parametrize("accident", [b"", REFUSED, CUT, BLOCKED, http(b"<p>Hello</p>")])
def test_the_next_run_asks_only_for_what_is_missing(tmp_path: Path, accident: bytes) -> None:
    with interrupted(tmp_path, said(1), said(2), accident) as first:
        assert (first.good, first.kept, first.told[-1]) == (False, None, KEPT.format("2 answers are"))
        assert files(store(tmp_path)) == []
        assert len(replayed(left(tmp_path))) == 2
    with RawServer(said(3)) as server:
        second = run(tmp_path, endpoint(server.base_url))
        sent = [json.loads(seen.partition(b"\r\n\r\n")[2]) for seen in server.seen]
    assert (second.status, second.kept, second.asked, second.told) == (
        Status.PASSED,
        "accepted",
        1,
        (USED.format(*TWO),),
    )
    assert texts(second) == ["answer 1", "answer 2", "answer 3"]
    replies = [content for content in sent[0]["contents"] if content["role"] == "model"]
    assert [reply["parts"][0]["text"] for reply in replies] == ["answer 1", "answer 2"]
    assert not left(tmp_path).folder.exists()
    assert replay(tmp_path).steps == second.steps


def test_each_run_takes_up_where_the_one_before_ended(tmp_path: Path) -> None:
    with interrupted(tmp_path, said(1), b"") as first, interrupted(tmp_path, said(2), b"") as second:
        assert first.told[-1] == KEPT.format("1 answer is")
        assert second.told[-2:] == (USED.format(*ONE), KEPT.format("2 answers are"))
    with interrupted(tmp_path, b"") as third:
        assert (third.told, third.kept) == ((USED.format(*TWO),), None)
    with interrupted(tmp_path, said(3)) as fourth:
        assert (fourth.asked, texts(fourth)) == (1, ["answer 1", "answer 2", "answer 3"])
    assert replay(tmp_path).good


def test_an_answer_that_was_no_good_is_not_kept(tmp_path: Path) -> None:
    with interrupted(tmp_path, REFUSED) as first, interrupted(tmp_path, BLOCKED) as second:
        assert (first.told, second.told) == ((), ())
    assert not left(tmp_path).folder.exists()


def test_record_mode_none_never_sees_them(tmp_path: Path) -> None:
    with interrupted(tmp_path, said(1), said(2), b""):
        result = replay(tmp_path)
    assert (result.status, result.steps, result.told) == (Status.MISSING, (), ())


@pytest.mark.parametrize("mode", list(RecordMode))
def test_a_recording_that_answers_goes_first(tmp_path: Path, mode: RecordMode) -> None:
    """Only `all` asks where the recording is fresh, and it asks for all of it."""
    with interrupted(tmp_path, said(1), said(2), b"", old=talk(), mode=RecordMode.ALL) as first:
        assert first.told[-1] == KEPT.format("2 answers are")
    with RawServer(said(4), said(5), said(6)) as server:
        result = run(tmp_path, endpoint(server.base_url), mode=mode)
        asked = len(server.seen)
    fresh = mode is not RecordMode.ALL
    assert (asked, texts(result)[0]) == ((0, "answer 90") if fresh else (3, "answer 4"))
    assert left(tmp_path).accepted.exists() is fresh
    assert USED.format(*TWO) not in result.told


@pytest.mark.parametrize(("hours", "asked"), [(-1, 1), (1, 3)], ids=["young enough", "too old"])
def test_all_before_a_moment_uses_what_was_answered_since(tmp_path: Path, hours: int, asked: int) -> None:
    """So a `record --all` that was stopped in the middle of a chat goes on where it was."""
    before = now() + timedelta(hours=hours)
    with interrupted(tmp_path, said(1), said(2), b"", old=talk(), mode=RecordMode.ALL):
        text = store(tmp_path).accepted.read_text()
        assert WHEN.findall(text)
        store(tmp_path).accepted.write_text(WHEN.sub("2026-01-01T00:00:00Z", text))  # it was made long ago
    with RawServer(*[said(n) for n in (3, 4, 5)]) as server:
        one = unit(tmp_path, talk(), endpoint(server.base_url), RecordMode.ALL)
        result = run_case(replace(one, before=before))
        assert len(server.seen) == asked
    assert (result.asked, result.kept) == (asked, "pending")
    assert texts(result)[0] == ("answer 1" if asked == 1 else "answer 3")


def test_a_recording_of_another_target_is_none_that_answers_as_much(tmp_path: Path) -> None:
    with RawServer(*[said(n) for n in range(90, 93)]) as server:
        to = endpoint(server.base_url)
        run(tmp_path, replace(to, target=Target(name="elsewhere", base_url="https://api.example.com")))
    new = talk(*TURNS[:2], "Now make them green.")
    with interrupted(tmp_path, said(1), said(2), b"", of=new):
        pass
    with interrupted(tmp_path, said(3), of=new) as result:
        assert (result.asked, result.told) == (1, (USED.format(*TWO),))


def test_a_pending_answer_goes_first(tmp_path: Path) -> None:
    new = talk("A Luna moth", *TURNS[1:])
    with interrupted(tmp_path, said(1), said(2), said(3), old=talk(), of=new) as first:
        assert first.kept == "pending"
    with interrupted(tmp_path, said(4), b"", of=new, mode=RecordMode.ALL) as second:
        assert second.told[-1] == KEPT.format("1 answer is")
    with RawServer(b"") as server:
        third = run(tmp_path, endpoint(server.base_url), new)
        assert server.seen == []
    assert (third.status, texts(third)[0], third.told) == (Status.PENDING, "answer 1", ())


def test_a_stale_recording_gives_way_where_the_unfinished_run_came_further(tmp_path: Path) -> None:
    new = talk(TURNS[0], "Now close the wings.", TURNS[2])
    with interrupted(tmp_path, said(2), b"", old=talk(), of=new) as first:  # step 1 is the recording's
        assert (first.asked, first.told[-1]) == (2, KEPT.format("2 answers are"))
    before = store(tmp_path).accepted.read_bytes()
    with interrupted(tmp_path, said(3), of=new) as second:
        assert (second.asked, texts(second)) == (1, ["answer 90", "answer 2", "answer 3"])
        assert second.kept == "pending"
    assert store(tmp_path).accepted.read_bytes() == before
    recording = store(tmp_path).load(store(tmp_path).pending)
    assert recording
    assert recording.provenance.target == "cometapi"


def test_a_stale_recording_that_answers_as_much_goes_first(tmp_path: Path) -> None:
    with interrupted(tmp_path, said(1), b"", old=talk(), mode=RecordMode.ALL):
        pass
    with RawServer(said(2), said(3)) as server:
        result = run(tmp_path, endpoint(server.base_url), talk(TURNS[0], "Now close the wings.", TURNS[2]))
    assert texts(result) == ["answer 90", "answer 2", "answer 3"]


def test_once_asks_where_nothing_is_recorded_and_uses_them_there_alone(tmp_path: Path) -> None:
    new = talk("A Luna moth", *TURNS[1:])
    with interrupted(tmp_path, said(1), b"", of=new, mode=RecordMode.ONCE):
        pass
    with interrupted(tmp_path, said(2), said(3), of=new, mode=RecordMode.ONCE) as result:
        assert (result.asked, result.told, result.kept) == (2, (USED.format(*ONE),), "accepted")
    with interrupted(tmp_path, said(4), b"", mode=RecordMode.ALL):
        assert left(tmp_path).accepted.exists()
    with RawServer(b"") as server:
        stale = run(tmp_path, endpoint(server.base_url), mode=RecordMode.ONCE)
        assert server.seen == []
    assert (stale.status, stale.told) == (Status.STALE, ())


def test_what_fits_no_request_any_more_is_removed_and_not_used(tmp_path: Path) -> None:
    with interrupted(tmp_path, said(1), said(2), b""):
        pass
    new = talk("A Luna moth", *TURNS[1:])
    with interrupted(tmp_path, b"", of=new) as result:
        assert (result.told, result.steps) == ((), ())
    assert not left(tmp_path).folder.exists()


def test_what_fits_in_part_is_used_in_part(tmp_path: Path) -> None:
    with interrupted(tmp_path, said(1), said(2), b""):
        pass
    new = talk(TURNS[0], "Now close the wings.", TURNS[2])
    with interrupted(tmp_path, said(5), said(6), of=new) as result:
        assert (result.asked, result.told) == (2, (USED.format(*ONE),))
        assert texts(result) == ["answer 1", "answer 5", "answer 6"]
    assert replay(tmp_path, new).steps == result.steps
    assert len(replayed(store(tmp_path))) == 3


def test_another_target_asks_for_everything_itself(tmp_path: Path) -> None:
    with interrupted(tmp_path, said(1), said(2), b""):
        pass
    with RawServer(*[said(n) for n in (4, 5, 6)]) as server:
        to = endpoint(server.base_url)
        elsewhere = replace(to, target=Target(name="elsewhere", base_url="https://api.example.com"))
        result = run(tmp_path, elsewhere)
    assert (result.asked, result.target, result.told) == (3, "elsewhere", ())
    assert not left(tmp_path).folder.exists()


def test_a_stand_in_s_answers_are_not_taken_for_the_api_s(tmp_path: Path) -> None:
    with interrupted(tmp_path, said(1, emulator=True), b"", allow_emulator=False) as first:
        assert first.told[-1] == KEPT.format("1 answer is")
    with interrupted(tmp_path, said(2), said(3), said(4), allow_emulator=False) as second:
        assert (second.asked, second.told, second.emulator) == (3, (), False)


@pytest.mark.parametrize("damage", ["a file is gone", "a file is another", "no YAML", "empty"])
def test_what_is_damaged_is_asked_for_again(tmp_path: Path, damage: str) -> None:
    with interrupted(tmp_path, said(1), said(2), b""):
        folder = left(tmp_path).folder
    match damage:
        case "a file is gone":
            (folder / "monarch.1.1.png").unlink()
        case "a file is another":
            (folder / "monarch.2.1.bin").write_bytes(b"x" * 700)
        case "no YAML":
            left(tmp_path).accepted.write_text("{")
        case _:
            left(tmp_path).accepted.write_text("")
    with interrupted(tmp_path, said(4), said(5), said(6)) as result:
        assert (result.asked, result.told, result.status) == (3, (), Status.PASSED)
    assert not folder.exists()
    assert replay(tmp_path).good


def test_what_was_being_kept_when_the_run_was_killed_is_used(tmp_path: Path) -> None:
    """It was written, but not yet under its name."""
    with interrupted(tmp_path, said(1), said(2), b""):
        left(tmp_path).accepted.rename(left(tmp_path).pending)
    with interrupted(tmp_path, said(3)) as result:
        assert (result.asked, result.told) == (1, (USED.format(*TWO),))
    assert not left(tmp_path).folder.exists()
    assert replay(tmp_path).good


def test_nothing_secret_is_kept(tmp_path: Path) -> None:
    key = "fake-0123456789-key"
    of = talk(f"Draw {key}", *TURNS[1:])
    with RawServer(said(1), b"") as server:
        result = run(tmp_path, endpoint(server.base_url, key=key), of)
    assert result.told == ()
    assert not any(key.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_an_answer_that_could_not_be_written_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        if path.is_relative_to(tmp_path / "cassettes"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        write_new(path, data)

    with monkeypatch.context() as patched:
        patched.setattr("promptc.replay.store.write_new", full)
        with interrupted(tmp_path, said(1), said(2), said(3)) as first:
            assert [found.code for found in first.diagnostics] == ["P509"]
            assert first.told == (KEPT.format("3 answers are"),)
    with RawServer(b"") as server:
        second = run(tmp_path, endpoint(server.base_url))
        assert server.seen == []
    assert (second.kept, second.told) == ("accepted", (USED.format("3 answers", "were"),))
    assert replay(tmp_path).good


class Counting(RawServer):
    """Gives every request another answer, and remembers which, or breaks off by chance."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(self.act)
        self.chance = chance
        self.said: dict[bytes, bytes] = {}

    def act(self, connection: Any) -> None:
        whole = said(len(self.seen) % 250)
        self.said[whole.partition(b"\r\n\r\n")[2]] = self.seen[-1].partition(b"\r\n\r\n")[2]
        connection.sendall(whole[: -9 if self.chance.random() < 0.3 else None])


def test_kills_at_any_moment_leave_a_chain_that_was_asked_just_so(tmp_path: Path) -> None:
    """A run is killed again and again; in the end each answer stands behind the request that it was given to."""
    with Counting(random.Random(11)) as server:
        printed_by("tests.pipeline.unfinished_killer", str(tmp_path), server.base_url, "25")
        while not run(tmp_path, endpoint(server.base_url)).good:
            assert len(server.seen) < 1000
        kept = store(tmp_path).load(store(tmp_path).accepted)
        bodies = replayed(store(tmp_path))
    assert kept
    assert replay(tmp_path).good
    for number, body in enumerate(bodies):
        sent = json.loads(server.said[body])
        before = [json.loads(earlier)["candidates"][0]["content"] for earlier in bodies[:number]]
        assert [content for content in sent["contents"] if content["role"] == "model"] == before
