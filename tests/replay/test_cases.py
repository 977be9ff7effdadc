"""Whole cases through the pipeline: what a green run must never hide, and what no accident may lose."""

import errno
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from promptc.emulator.server import Emulator
from promptc.pipeline.case_run import run_case
from promptc.pipeline.check import state
from promptc.pipeline.results import CaseResult, Status
from promptc.pipeline.unit import Unit
from promptc.replay.files import write_new
from promptc.replay.modes import RecordMode
from promptc.replay.offline import offline
from promptc.replay.session import Endpoint
from promptc.replay.store import Store
from promptc.request import Case, Request
from tests.conftest import REPO
from tests.replay.killer import referred
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
    picture,
    replayed,
    request,
    store,
    unit,
)

NEW = RecordMode.NEW_EPISODES
NOWHERE = endpoint("http://nowhere.invalid")
JSON = {"Content_Type": "application/json"}
KEPT = "nothing was written; the old recording, if there was one, is untouched"


def said(words: str, seed: int = 1) -> bytes:
    return http(answer({"text": words}, image(drawn(seed), thoughtSignature=encoded(b"s" * 700))), **JSON)


def run(root: Path, of: Case, to: Endpoint, mode: RecordMode = NEW, **more: Any) -> CaseResult:
    return run_case(unit(root, of, to, mode, **more))


def replay(root: Path, of: Case) -> CaseResult:
    with offline():
        return run_case(unit(root, of, NOWHERE, RecordMode.NONE))


def texts(result: CaseResult) -> list[str]:
    return [step.text for step in result.steps]


def codes(result: CaseResult) -> list[str]:
    return [diagnostic.code for diagnostic in result.diagnostics if diagnostic.severity == "error"]


def at(root: Path) -> Store:
    return store(root)


def everything(root: Path) -> bytes:
    return b"".join(path.read_bytes() for path in root.rglob("*") if path.is_file())


MOTH = case(request())
OTHER = case(request("A Luna moth"))


def test_a_case_is_asked_once_and_replayed_after(tmp_path: Path) -> None:
    with RawServer(said("one"), said("two")) as server:
        first = run(tmp_path, MOTH, endpoint(server.base_url))
        again = run(tmp_path, MOTH, endpoint(server.base_url))
    assert (first.asked, first.kept, first.status) == (1, "accepted", Status.PASSED), first.diagnostics
    assert (again.asked, again.kept, texts(again)) == (0, None, ["one"])
    offline_ = replay(tmp_path, MOTH)
    assert (offline_.good, texts(offline_), offline_.steps) == (True, ["one"], first.steps)


def test_a_changed_prompt_is_stale_and_shows_no_old_answer(tmp_path: Path) -> None:
    with RawServer(said("one")) as server:
        run(tmp_path, MOTH, endpoint(server.base_url))
    result = replay(tmp_path, OTHER)
    assert (result.status, result.steps, codes(result)) == (Status.STALE, (), ["P501"])
    assert not result.good


def test_a_later_answer_waits_and_replaces_nothing_until_it_is_accepted(tmp_path: Path) -> None:
    with RawServer(said("one"), said("two", 2)) as server:
        run(tmp_path, MOTH, endpoint(server.base_url))
        later = run(tmp_path, OTHER, endpoint(server.base_url))
        again = run(tmp_path, OTHER, endpoint(server.base_url))
        assert len(server.seen) == 2
        accepted = run(tmp_path, OTHER, endpoint(server.base_url), accept=True)
        assert len(server.seen) == 2
    assert (later.kept, later.status, later.good, codes(later)) == ("pending", Status.PENDING, False, ["P505"])
    assert (again.asked, texts(again), again.status) == (0, ["two"], Status.PENDING)
    assert (accepted.asked, texts(accepted), accepted.status) == (0, ["two"], Status.PASSED)
    assert texts(replay(tmp_path, OTHER)) == ["two"]
    assert files(at(tmp_path)) == referred(at(tmp_path))


def test_a_recording_of_another_target_is_not_overwritten_before_somebody_looked(tmp_path: Path) -> None:
    with RawServer(said("one"), said("two")) as server:
        run(tmp_path, MOTH, endpoint(server.base_url))
        google = endpoint(server.base_url)
        google = replace(google, target=replace(google.target, name="google"))
        result = run(tmp_path, OTHER, google)
    assert (result.kept, result.asked) == ("pending", 1)
    assert json.loads(replayed(at(tmp_path))[0])["candidates"][0]["content"]["parts"][0] == {"text": "one"}


def test_a_stand_in_counts_for_nobody_else_and_gives_way(tmp_path: Path) -> None:
    with RawServer(http(answer({"text": "stand-in"}, image(drawn(1))), x_promptc_emulator="1"), said("real")) as server:
        first = run(tmp_path, MOTH, endpoint(server.base_url), allow_emulator=False)
        with offline():
            refused = run(tmp_path, MOTH, NOWHERE, RecordMode.NONE, allow_emulator=False)
        real = run(tmp_path, MOTH, endpoint(server.base_url), allow_emulator=False)
    assert first.emulator
    assert (refused.status, codes(refused), refused.steps) == (Status.MISSING, ["P507"], ())
    assert (real.kept, real.emulator, texts(real)) == ("accepted", False, ["real"])


# conversations


TURNS = ("A Monarch butterfly", "Now open the wings.", "Now make them blue.")


def conversation(*texts_: str) -> Case:
    return case(*chat(*texts_))


def test_a_conversation_sends_each_answer_back_as_it_came(tmp_path: Path) -> None:
    bodies = [answer({"text": f"step {n}"}, image(drawn(n), thoughtSignature=encoded(b"s" * n))) for n in (1, 2, 3)]
    with RawServer(*map(http, bodies)) as server:
        result = run(tmp_path, conversation(*TURNS), endpoint(server.base_url))
        sent = [json.loads(seen.partition(b"\r\n\r\n")[2]) for seen in server.seen]
    assert (result.asked, result.status, len(result.steps)) == (3, Status.PASSED, 3), result.diagnostics
    for index in (1, 2):
        reply = json.loads(bodies[index - 1])["candidates"][0]["content"]
        assert sent[index]["contents"][2 * index - 1] == reply
    assert replayed(at(tmp_path)) == bodies
    assert replay(tmp_path, conversation(*TURNS)).steps == result.steps


def test_a_changed_last_turn_asks_for_that_step_alone(tmp_path: Path) -> None:
    with RawServer(*[said(f"step {n}", n) for n in (1, 2, 3, 4)]) as server:
        run(tmp_path, conversation(*TURNS), endpoint(server.base_url))
        changed = conversation(*TURNS[:2], "Now make them green.")
        result = run(tmp_path, changed, endpoint(server.base_url), accept=True)
    assert (result.asked, texts(result)[-1]) == (1, "step 4")
    found = at(tmp_path).load(at(tmp_path).accepted)
    assert found is not None
    assert len(found.requests) == 3
    assert replay(tmp_path, changed).good
    assert files(at(tmp_path)) == referred(at(tmp_path))


def test_a_changed_first_turn_makes_everything_after_it_stale(tmp_path: Path) -> None:
    with RawServer(*[said(f"step {n}", n) for n in (1, 2, 3)]) as server:
        run(tmp_path, conversation(*TURNS), endpoint(server.base_url))
    result = replay(tmp_path, conversation("A Luna moth", *TURNS[1:]))
    assert (result.status, result.steps, codes(result)) == (Status.STALE, (), ["P501"])
    assert "the steps after it are stale because of step 1" in result.diagnostics[0].details


def test_an_accident_in_a_later_step_writes_nothing_of_the_earlier_ones(tmp_path: Path) -> None:
    with RawServer(said("old 1"), said("old 2")) as server:
        run(tmp_path, conversation(*TURNS[:2]), endpoint(server.base_url))
    before = everything(at(tmp_path).folder)
    for accident in (b"", http(b'{"error": {"code": 400, "message": "no"}}', "400 Bad Request"), http(b"<p>Hello</p>")):
        with RawServer(said("new 1"), accident) as server:
            result = run(tmp_path, conversation(*TURNS[:2]), endpoint(server.base_url), RecordMode.ALL, accept=True)
        assert (result.kept, result.status) == (None, Status.ERROR)
        assert everything(at(tmp_path).folder) == before


@pytest.mark.parametrize("half", ["\\ud83d", "\\ude00 \\ud83d"])
def test_a_reply_with_half_a_surrogate_pair_goes_on(tmp_path: Path, half: str) -> None:
    body = (
        b'{"candidates":[{"content":{"parts":[{"text":"a '
        + half.encode()
        + b' b"}],"role":"model"},"finishReason":"STOP"}]}'
    )
    with RawServer(http(body, **JSON), said("two")) as server:
        result = run(tmp_path, conversation(*TURNS[:2]), endpoint(server.base_url))
        assert half.encode() in server.seen[1]
    assert (result.asked, result.kept, codes(result)) == (2, "accepted", [])
    assert replay(tmp_path, conversation(*TURNS[:2])).good


# damage


def edited(root: Path, old: str, new: str) -> None:
    path = at(root).accepted
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


DAMAGES: dict[str, Callable[[Path], object]] = {
    "an answer edited by hand": lambda root: edited(root, "one", "fine"),
    "a request edited by hand": lambda root: edited(root, "Monarch", "Luna"),
    "conflict markers": lambda root: edited(root, "  response:", "<<<<<<< HEAD\n  response:"),
    "a picture that is gone": lambda root: (at(root).folder / "monarch.1.1.png").unlink(),
    "a picture that changed": lambda root: (at(root).folder / "monarch.1.1.png").write_bytes(picture(9)),
    "another format": lambda root: edited(root, "format: 1", "format: 2"),
    "an empty file": lambda root: at(root).accepted.write_text(""),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("mode", [RecordMode.NONE, RecordMode.ONCE, RecordMode.NEW_EPISODES])
def test_a_damaged_recording_is_an_error_and_nobody_is_asked(
    tmp_path: Path, damage: Callable[[Path], object], mode: RecordMode
) -> None:
    with RawServer(said("one"), said("two")) as server:
        run(tmp_path, MOTH, endpoint(server.base_url))
        damage(tmp_path)
        before = everything(at(tmp_path).folder)
        result = run(tmp_path, MOTH, endpoint(server.base_url), mode)
        assert len(server.seen) == 1
    assert (result.status, result.good, result.asked) == (Status.ERROR, False, 0)
    assert codes(result) in (["P503"], ["P504"], ["P512"], ["P513"])
    assert result.diagnostics[0].subject == "butterfly::monarch"
    assert everything(at(tmp_path).folder) == before


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_recording_is_mended_by_recording_again(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    with RawServer(said("one"), said("two", 2)) as server:
        run(tmp_path, MOTH, endpoint(server.base_url))
        damage(tmp_path)
        result = run(tmp_path, MOTH, endpoint(server.base_url), RecordMode.ALL, accept=True)
    assert (result.kept, codes(result)) == ("accepted", [])
    assert texts(replay(tmp_path, MOTH)) == ["two"]
    assert files(at(tmp_path)) == referred(at(tmp_path))


@pytest.mark.parametrize("failure", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.ENAMETOOLONG])
def test_where_no_answer_could_be_kept_none_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: int
) -> None:
    with RawServer(said("one"), said("two")) as server:
        run(tmp_path, MOTH, endpoint(server.base_url))
        before = everything(at(tmp_path).folder)
        monkeypatch.setattr("promptc.replay.store.refuse_hopeless", refusing(failure, refused=".tmp"))
        result = run(tmp_path, OTHER, endpoint(server.base_url), accept=True)
        assert len(server.seen) == 1
    assert (result.status, result.asked, result.kept, codes(result)) == (Status.ERROR, 0, None, ["P509"])
    file = (at(tmp_path).folder / "monarch.new.99.99.jpeg.tmp").as_posix()
    assert result.diagnostics[0].message == f"`{file}` was not written: {os.strerror(failure)}"
    assert result.diagnostics[0].help == "nothing was asked: make room for its answer first, or the folder writable"
    assert everything(at(tmp_path).folder) == before


def test_a_disk_that_is_full_in_the_end_is_told_with_what_was_spent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RawServer(said("one"), said("two")) as server:
        run(tmp_path, MOTH, endpoint(server.base_url))
        before = everything(at(tmp_path).folder)
        monkeypatch.setattr("promptc.replay.store.write_new", refusing(errno.ENOSPC, refused="1.1.png.tmp"))
        result = run(tmp_path, OTHER, endpoint(server.base_url), accept=True)
    assert (result.status, result.asked, result.kept, codes(result)) == (Status.ERROR, 1, None, ["P509"])
    file = (at(tmp_path).folder / "monarch.new.1.1.png.tmp").as_posix()
    assert result.diagnostics[0].message == f"`{file}` was not written: No space left on device"
    assert result.diagnostics[0].help == KEPT
    assert everything(at(tmp_path).folder) == before


def refusing(failure: int, *, refused: str) -> Callable[..., None]:
    """Return a disk that takes no file of such a name."""

    def write(path: Path, data: bytes = b"") -> None:
        if path.name.endswith(refused):
            raise OSError(failure, os.strerror(failure), str(path))
        write_new(path, data)

    return write


# keys


KEY = "a-key/that+nobody=has"


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request", "401 Unauthorized", "503 Service Unavailable"])
@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"error": {"code": 401, "message": f"bad key {KEY}", "status": "UNAUTHENTICATED"}}).encode(),
        json.dumps({"error": f"bad key {KEY}"}).replace("/", "\\/").encode(),
        f"<html>bad key {KEY}</html>".encode(),
        f"Bearer {KEY}".encode(),
        answer({"text": f"your key is {KEY}"}),
        answer({"text": f"you sent {encoded(f'Bearer {KEY}'.encode())}"}),
        answer(image(drawn(1), thoughtSignature=encoded(b"s" * 700 + KEY.encode()))),
        answer({"inlineData": {"mimeType": f"image/{KEY}", "data": encoded(picture(1))}}),
    ],
    ids=["an error", "a text error", "a page", "words", "an answer", "base64", "a signature", "a media type"],
)
def test_a_key_that_comes_back_is_neither_written_nor_shown(tmp_path: Path, status: str, body: bytes) -> None:
    with RawServer(http(body, status, x_request_id=KEY)) as server:
        to = endpoint(server.base_url, key=KEY)
        result = run(tmp_path, MOTH, to)
        assert KEY.encode() in server.seen[0]
    assert result.kept is None
    assert not result.good
    shown = repr(result)
    assert KEY not in shown
    assert KEY.replace("/", "\\/") not in shown
    assert encoded(f"Bearer {KEY}".encode()) not in shown
    assert KEY.encode() not in everything(tmp_path)
    assert not at(tmp_path).accepted.exists()


def test_a_key_in_the_prompt_is_refused_by_its_code(tmp_path: Path) -> None:
    with RawServer(said("one")) as server:
        result = run(tmp_path, case(request(f"Draw {KEY}")), endpoint(server.base_url, key=KEY))
    assert codes(result) == ["P508"]
    file = at(tmp_path).accepted.as_posix()
    assert result.diagnostics[0].message == f"the request holds the API key; {file} was not written"
    assert files(at(tmp_path)) == []


# many at once


def many() -> list[Case]:
    return [
        case(request(f"Moth number {n}", generationConfig={"imageConfig": {"imageSize": "512"}}), name=f"moth-{n}")
        for n in range(25)
    ]


def units(root: Path, cases: list[Case], to: Endpoint, mode: RecordMode) -> list[Unit]:
    return [unit(root, one, to, mode) for one in cases]


def answer_to(head: bytes) -> bytes:
    """Return an answer that follows from the request's words alone."""
    body: dict[str, Any] = json.loads(head.partition(b"\r\n\r\n")[2])
    words = body["contents"][-1]["parts"][0]["text"]
    return answer({"text": f"for: {words}"}, image(drawn(int(words.split()[-1]))))


def test_eight_threads_record_and_replay_byte_for_byte(tmp_path: Path) -> None:
    with Emulator(signature_bytes=600) as emulator, ThreadPoolExecutor(8) as threads:
        to = endpoint(emulator.base_url)
        recorded = list(threads.map(run_case, units(tmp_path / "many", many(), to, NEW)))
        assert emulator.requests == 25
        again = list(threads.map(run_case, units(tmp_path / "many", many(), to, NEW)))
        assert emulator.requests == 25
        alone = [run_case(one) for one in units(tmp_path / "one", many(), to, NEW)]
    with offline(), ThreadPoolExecutor(8) as threads:
        shuffled = units(tmp_path / "many", many(), NOWHERE, RecordMode.NONE) * 8
        replayed_ = list(threads.map(run_case, shuffled))
    assert [one.steps for one in recorded] == [one.steps for one in again] == [one.steps for one in alone]
    assert [one.steps for one in replayed_] == [one.steps for one in recorded] * 8
    assert {one.status for one in (*recorded, *again, *replayed_)} == {Status.PASSED}
    for number, one in enumerate(recorded):
        assert texts(one)[0].endswith(f"Moth number {number}")
        name = f"moth-{number}"
        assert replayed(store(tmp_path / "many", name)) == replayed(store(tmp_path / "one", name))


def test_two_threads_with_one_case_pay_once(tmp_path: Path) -> None:
    together = threading.Barrier(2)

    def go(base_url: str) -> CaseResult:
        together.wait(5)
        return run(tmp_path, MOTH, endpoint(base_url))

    with Emulator(faults="429:0") as emulator, ThreadPoolExecutor(2) as threads:
        results = list(threads.map(go, [emulator.base_url] * 2))
        assert emulator.requests == 2
    assert sorted(one.asked for one in results) == [0, 2]  # the first try met a 429
    assert {one.status for one in results} == {Status.PASSED}
    assert results[0].steps == results[1].steps


RUN = """
import sys
from pathlib import Path
from tests.replay.made import case, endpoint, request, unit
from promptc.pipeline.case_run import run_case
from promptc.replay.modes import RecordMode

sys.stdin.readline()
result = run_case(unit(Path(sys.argv[1]), case(request()), endpoint(sys.argv[2]), RecordMode.NEW_EPISODES))
print(result.asked, result.status, result.kept)
"""


def test_two_processes_with_one_case_pay_once(tmp_path: Path) -> None:
    with Emulator() as emulator:
        command = [sys.executable, "-c", RUN, str(tmp_path), emulator.base_url]
        running = [
            subprocess.Popen(command, cwd=REPO, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        said_ = sorted(one.communicate("go\n", timeout=60)[0] for one in running)
        assert emulator.requests == 1
    assert said_ == ["0 passed None\n", "1 passed accepted\n"]


def test_a_reader_beside_a_busy_writer_never_finds_a_recording_damaged(tmp_path: Path) -> None:
    ends = threading.Event()

    def rewrite(base_url: str) -> int:
        rounds = 0
        while not ends.is_set():
            assert run(tmp_path, MOTH, endpoint(base_url), RecordMode.ALL, accept=True).kept == "accepted"
            rounds += 1
            ends.wait(0.02)
        return rounds

    answers = [said(f"answer {n}", n) for n in range(1, 5)]

    def act(connection: Any) -> None:
        connection.sendall(answers[len(server.seen) % 4])

    with RawServer(act) as server, ThreadPoolExecutor(1) as threads:
        run(tmp_path, MOTH, endpoint(server.base_url))
        writer = threads.submit(rewrite, server.base_url)
        try:
            results = [run(tmp_path, MOTH, NOWHERE, RecordMode.NONE) for _ in range(40)]
            states = [state(unit(tmp_path, MOTH, NOWHERE, RecordMode.NONE)) for _ in range(40)]
        finally:
            ends.set()
        assert writer.result() > 0
    found = [*results, *states]
    assert {result.status for result in found} <= {Status.PASSED, Status.PENDING}
    assert {diagnostic.code for result in found for diagnostic in result.diagnostics} <= {"P505"}
    assert len({result.steps[0].text for result in results}) > 1


def test_requests_of_other_cases_are_never_mixed_up(tmp_path: Path) -> None:
    """The lock is per case: a slow answer to one does not hold up the others, nor become theirs."""
    cases = [case(request(f"Moth {n}"), name=f"moth-{n}") for n in range(6)]
    hold = threading.Event()

    class Server(RawServer):
        def _serve(self) -> None:
            hold.wait(0.05)
            super()._serve()

    def act(connection: Any) -> None:
        connection.sendall(http(answer_to(server.seen[-1]), **JSON))

    with Server(act) as server, ThreadPoolExecutor(6) as threads:
        results = list(threads.map(run_case, units(tmp_path, cases, endpoint(server.base_url), NEW)))
    assert [texts(one) for one in results] == [[f"for: Moth {n}"] for n in range(6)]


def test_a_unit_is_a_value_that_other_processes_can_take(tmp_path: Path) -> None:
    import pickle  # noqa: PLC0415 - here alone

    request_: Request = request()
    with RawServer(said("one")) as server:
        to = replace(endpoint(server.base_url), retries=type(NOWHERE.retries)())
        made = unit(tmp_path, case(request_), to, NEW)
        result = run_case(pickle.loads(pickle.dumps(made)))
    assert (result.asked, pickle.loads(pickle.dumps(result))) == (1, result)
