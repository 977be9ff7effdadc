"""Ctrl-C and SIGTERM in the real program: what is under way is kept, the rest is left, nothing hangs."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from promptc.emulator.faults import Fault, FaultQueue
from promptc.emulator.server import Emulator
from promptc.pipeline.results import Stopped
from promptc.pipeline.run import RunResult, run
from promptc.replay.retries import STOPPED
from promptc.report.style import Style
from promptc.report.summary import run_summary
from tests.workshop import BUTTERFLY, CHAT, Workshop

CASES = 12
MANY = f"""{BUTTERFLY.replace("Monarch", "{{ species }}")}
[variables.species]
type = "string"
[matrix]
species = [{", ".join(f'"moth-{n}"' for n in range(CASES))}]
"""
PROJECT = """version = 1
allow_emulator = true
[run]
target = "local"
[targets.local]
base_url = "%s"
auth = "none"
"""
AGAIN = "Ctrl-C again drops"


class Gate(FaultQueue):
    """Lets the first requests through, and holds the others until it is opened."""

    free = 0
    opened: threading.Event

    def take(self) -> Fault:
        fault = super().take()
        if self.taken > self.free:
            self.opened.wait(60)
        return fault


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Gate]]:
    class Fresh(Gate):
        opened = threading.Event()

    monkeypatch.setattr("promptc.emulator.server.FaultQueue", Fresh)
    yield Fresh
    Fresh.opened.set()


def shop(root: Path, emulator: Emulator, more: str = "", **specs: str) -> Workshop:
    made = Workshop.make(root, specs)
    (root / "promptc.toml").write_text(PROJECT % emulator.base_url + more)
    return made


PLAN = "asks `"
"""How the line begins that says beforehand what will be asked."""


class Program:
    """A command that runs beside the test."""

    def __init__(self, at: Workshop, *words: str, ignoring: bool = False) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.endswith("_KEY")}
        shell = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh"] if ignoring else []
        self.process = subprocess.Popen(
            [*shell, sys.executable, "-m", "promptc", *words],
            cwd=at.root,
            env={**clean, "PYTHONUTF8": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.sent_at = 0.0

    def signal(self, number: int) -> str:
        """Send a signal, and return the line that it is answered with."""
        self.sent_at = time.monotonic()
        self.process.send_signal(number)
        assert self.process.stderr
        lines = iter(self.process.stderr.readline, "")
        return next((line for line in lines if not line.startswith(PLAN)), "")

    def ended(self) -> tuple[int, str, str]:
        """Wait for the end; return exit code and what was printed since."""
        out, err = self.process.communicate(timeout=30)
        told = "".join(line for line in err.splitlines(keepends=True) if not line.startswith(PLAN))
        return self.process.returncode, out, told


@contextmanager
def program(at: Workshop, *words: str, **more: bool) -> Iterator[Program]:
    made = Program(at, *words, **more)
    guard = threading.Timer(60, made.process.kill)
    guard.start()
    try:
        yield made
    finally:
        guard.cancel()
        made.process.kill()
        made.process.communicate()


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def recorded(at: Workshop, spec: str = "many") -> int:
    folder = at.cassette(spec)
    return len(list(folder.glob("*.yaml"))) if folder.is_dir() else 0


def last(text: str) -> str:
    return text.splitlines()[-1]


@pytest.mark.parametrize("jobs", [1, 8])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"])
def test_the_first_signal_keeps_what_is_under_way_and_the_same_command_asks_for_the_rest(
    tmp_path: Path, gate: type[Gate], jobs: int, number: int, code: int
) -> None:
    gate.free = 2
    with Emulator() as emulator:
        at = shop(tmp_path, emulator, many=MANY)
        with program(at, "record", "-j", str(jobs)) as running:
            until(lambda: emulator.requests == 2 + jobs)
            said = running.signal(number)
            time.sleep(0.1)
            assert recorded(at) == 2
            gate.opened.set()
            left, out, err = running.ended()
        under_way = "1 answer is under way; Ctrl-C again drops it"
        if jobs > 1:
            under_way = f"{jobs} answers are under way; Ctrl-C again drops them"
        done = 2 + jobs
        assert (said, err) == (f"stopping: {under_way}\n", "")
        assert left == code
        assert out.splitlines()[-2:] == [
            f"{done} passed; {done} requests sent; {done} recordings by the emulator, stand-ins for the API's answers — not ok",
            f"stopped: {done} of 12 cases are done and kept; the same command asks for the rest",
        ]
        assert (recorded(at), emulator.requests) == (done, done)
        again = at.command("record")
        assert (again.returncode, emulator.requests) == (0, CASES)
        assert at.replay().good


@pytest.mark.parametrize("jobs", [1, 8])
def test_the_second_ctrl_c_leaves_at_once_and_harms_nothing(tmp_path: Path, gate: type[Gate], jobs: int) -> None:
    gate.free = 2
    with Emulator() as emulator:
        at = shop(tmp_path, emulator, many=MANY)
        with program(at, "record", "-j", str(jobs)) as running:
            until(lambda: emulator.requests == 2 + jobs)
            assert AGAIN in running.signal(signal.SIGINT)
            assert running.signal(signal.SIGINT) == ""
            assert running.ended() == (130, "", "")
            assert time.monotonic() - running.sent_at < 5
        gate.opened.set()
        assert recorded(at) == 2
        assert at.command("record").returncode == 0
        assert emulator.requests == 2 + jobs + (CASES - 2)
        assert at.replay().good


def test_a_stopped_run_says_so_in_json(tmp_path: Path, gate: type[Gate]) -> None:
    gate.free = 1
    with Emulator() as emulator:
        at = shop(tmp_path, emulator, many=MANY)
        with program(at, "record", "-j", "1", "--format", "json") as running:
            until(lambda: emulator.requests == 2)
            running.signal(signal.SIGINT)
            gate.opened.set()
            code, out, err = running.ended()
    told: dict[str, Any] = json.loads(out)
    assert (code, err, told["good"]) == (130, "", False)
    assert told["stopped"] == {"done": 2, "cases": 12, "kept": True, "rest": None}
    assert [case["status"] for case in told["cases"]] == ["passed", "passed"]


def test_a_run_that_asks_for_everything_again_names_the_command_that_goes_on(tmp_path: Path, gate: type[Gate]) -> None:
    gate.free = 1
    with Emulator() as emulator:
        at = shop(tmp_path, emulator, many=MANY)
        with program(at, "record", "-j", "1", "--all", "--format", "json") as running:
            until(lambda: emulator.requests == 2)
            running.signal(signal.SIGINT)
            gate.opened.set()
            _, out, _ = running.ended()
        told: dict[str, Any] = json.loads(out)
        rest = told["stopped"]["rest"].split()
        assert rest[:4] == ["promptc", "record", "--all", "--before"]
        assert all(rest[4] <= case["recordedAt"] for case in told["cases"])
        again = at.command(*rest[1:])
        assert (again.returncode, emulator.requests) == (0, CASES)
        assert at.replay().good


@pytest.mark.parametrize(
    ("words", "last_line"),
    [
        (("try", "chat"), "stopped: 0 of 1 case is done"),
        (
            ("run", "--record-mode", "once"),
            "stopped: 0 of 1 case is done and kept; the same command asks for the rest",
        ),
        (("record",), "stopped: 0 of 1 case is done and kept; the same command asks for the rest"),
    ],
    ids=["try", "run", "record"],
)
def test_a_chat_asks_for_no_further_step(
    tmp_path: Path, gate: type[Gate], words: tuple[str, ...], last_line: str
) -> None:
    gate.free = 1
    with Emulator() as emulator:
        at = shop(tmp_path, emulator, chat=CHAT)
        with program(at, *words) as running:
            until(lambda: emulator.requests == 2)
            running.signal(signal.SIGINT)
            gate.opened.set()
            code, out, err = running.ended()
        assert (code, err, emulator.requests, recorded(at, "chat")) == (130, "", 2, 0)
        lines = [
            "stopped  chat::default",
            "         stopped before it was asked",
            "         2 answers are kept for the case's next run",
        ]
        assert out.splitlines()[:3] == (lines if words[0] != "try" else [*lines[:2], out.splitlines()[2]])
        assert last(out) == last_line
        assert (at.root / ".promptc" / "unfinished").exists() is (words[0] != "try")
        if words[0] != "try":
            assert "2 answers of an unfinished run were used" in at.command("record").stdout
            assert emulator.requests == 3
            assert at.replay().good


def test_a_try_that_is_done_is_shown(tmp_path: Path, gate: type[Gate]) -> None:
    with Emulator() as emulator:
        at = shop(tmp_path, emulator, moth=BUTTERFLY)
        with program(at, "try", "moth") as running:
            until(lambda: emulator.requests == 1)
            running.signal(signal.SIGINT)
            gate.opened.set()
            code, out, err = running.ended()
    assert (code, err, out.splitlines()[0]) == (130, "", "passed   moth::default")


def test_nothing_is_tried_again(tmp_path: Path) -> None:
    with Emulator(faults="503*9") as emulator:
        at = shop(tmp_path, emulator, moth=BUTTERFLY)
        with program(at, "record") as running:
            until(lambda: emulator.requests == 2)  # the wait after it takes two seconds
            time.sleep(0.2)
            assert running.signal(signal.SIGINT) == "stopping\n"
            code, out, err = running.ended()
            assert time.monotonic() - running.sent_at < 5
    assert (code, err, emulator.requests) == (130, "", 2)
    assert out.splitlines()[0] == "stopped  moth::default"
    assert out.splitlines()[2].startswith("         stopped after 2 tries: status 503 (request id ")


def test_no_wait_for_the_target_s_limit_goes_on(tmp_path: Path) -> None:
    with Emulator() as emulator:
        at = shop(tmp_path, emulator, "requests_per_minute = 1\n", many=MANY)
        with program(at, "record", "-j", "3") as running:
            until(lambda: recorded(at) == 1)
            time.sleep(0.2)
            assert running.signal(signal.SIGINT) == "stopping\n"
            code, out, err = running.ended()
            assert time.monotonic() - running.sent_at < 5
    assert (code, err, emulator.requests) == (130, "", 1)
    assert last(out) == "stopped: 1 of 12 cases are done and kept; the same command asks for the rest"


def test_no_wait_for_another_process_goes_on(tmp_path: Path) -> None:
    with Emulator() as emulator:
        at = shop(tmp_path, emulator, free=BUTTERFLY, held=BUTTERFLY.replace("Monarch", "Luna"))
        locks = tmp_path / ".promptc" / "locks" / "held"
        locks.mkdir(parents=True)
        with FileLock(locks / "default.lock"), program(at, "record", "-j", "2") as running:
            until(lambda: recorded(at, "free") == 1)
            time.sleep(0.2)
            assert running.signal(signal.SIGINT) == "stopping\n"
            code, out, err = running.ended()
            assert time.monotonic() - running.sent_at < 5
    assert (code, err, emulator.requests) == (130, "", 1)
    assert last(out) == "stopped: 1 of 2 cases are done and kept; the same command asks for the rest"


def test_a_program_in_the_background_goes_on(tmp_path: Path, gate: type[Gate]) -> None:
    """A shell lets it ignore Ctrl-C: that is meant for another."""
    with Emulator() as emulator:
        at = shop(tmp_path, emulator, moth=BUTTERFLY)
        with program(at, "record", ignoring=True) as running:
            until(lambda: emulator.requests == 1)
            running.process.send_signal(signal.SIGINT)
            gate.opened.set()
            code, out, err = running.ended()
    assert (code, err) == (0, "")
    assert last(out).startswith("1 passed; 1 request sent")


@pytest.mark.parametrize(
    ("stopped", "line"),
    [
        (
            Stopped(done=12, cases=40, kept=True, rest=None),
            "stopped: 12 of 40 cases are done and kept; the same command asks for the rest",
        ),
        (
            Stopped(done=12, cases=40, kept=True, rest="promptc record --all --before 2026-11-22T12:00:00Z"),
            (
                "stopped: 12 of 40 cases are done and kept; `promptc record --all --before 2026-11-22T12:00:00Z`, "
                "with the same options, asks for the rest"
            ),
        ),
        (Stopped(done=0, cases=1, kept=False, rest=None), "stopped: 0 of 1 case is done"),
    ],
)
def test_the_last_line_says_how_far_it_came(tmp_path: Path, stopped: Stopped, line: str) -> None:
    project = Workshop.make(tmp_path, {}).project
    result = RunResult(project=project, results=(), diagnostics=(), stopped=stopped)
    assert last(run_summary(result, Style())) == line
    assert not result.good


def test_an_offline_run_that_is_stopped_keeps_nothing_and_is_not_good(tmp_path: Path) -> None:
    at = Workshop.make(tmp_path, {"many": MANY})
    at.record()
    seen: list[int] = []

    def progress(done: int, _: int) -> None:
        seen.append(done)
        if done == 3:
            STOPPED.set()

    try:
        result = run(at.project, jobs=1, progress=progress)
    finally:
        STOPPED.clear()
    assert not result.good
    assert result.stopped
    done = result.stopped.done
    assert 3 <= done < CASES
    assert len(result.results) == done
    assert last(run_summary(result, Style())) == f"stopped: {done} of 12 cases are done"
