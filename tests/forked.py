"""The command line in a process of its own, forked from one that has its modules loaded.

Most of what a small command takes is the start of Python and the loading of libraries, and the tests
run a thousand of them. A forked command has its own folder, environment, streams and exit, as if it
had been started with `python -m promptc`; what depends on a start (the locale, lazy imports, signals,
a terminal) is tested by starting one. `PROMPTC_TESTS_FRESH=1` starts every one.
"""

import atexit
import gc
import importlib
import json
import os
import random
import runpy
import select
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from promptc.cli.main import COMMANDS

REPO = Path(__file__).parent.parent
FRESH = not hasattr(os, "fork") or bool(os.environ.get("PROMPTC_TESTS_FRESH"))
SECONDS = 120
HEAVY = ("PIL.Image", "jinja2", "jsonschema", "requests", "vcr", "yaml")


def promptc(
    arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str], stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run the real command line with its streams in UTF-8; raises TimeoutExpired."""
    return (fresh if FRESH else forked)(arguments, cwd=cwd, env={**env, "PYTHONUTF8": "1"}, stdin=stdin)


def fresh(
    arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str], stdin: str
) -> subprocess.CompletedProcess[str]:
    """Start the command line."""
    return subprocess.run(
        [sys.executable, "-m", "promptc", *arguments],
        cwd=cwd,
        env=dict(env),
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )


def forked(
    arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str], stdin: str
) -> subprocess.CompletedProcess[str]:
    """Fork the command line."""
    with tempfile.TemporaryDirectory() as folder:
        streams = [str(Path(folder, name)) for name in ("in", "out", "err")]
        Path(streams[0]).write_bytes(stdin.encode())
        asked = {"arguments": list(arguments), "cwd": str(cwd), "env": dict(env), "streams": streams}
        code = parent().run(json.dumps(asked))
        if code is None:
            parent().close()
            parent.cache_clear()
            raise subprocess.TimeoutExpired(["promptc", *arguments], SECONDS)
        out, err = (Path(stream).read_bytes().decode() for stream in streams[1:])
    return subprocess.CompletedProcess(["promptc", *arguments], code, out, err)


class Parent:
    """The process that the commands are forked from; it ends with the one that started it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forked"],
            cwd=REPO,
            env={**os.environ, "PYTHONUTF8": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        atexit.register(self.close)

    def run(self, asked: str) -> int | None:
        """Return the exit code of a command, None where it did not end in time."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{asked}\n".encode())
        ready, _, _ = select.select([self._process.stdout], [], [], SECONDS)
        return int(self._process.stdout.readline()) if ready else None

    def close(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.communicate()


@cache
def parent() -> Parent:
    """Return the one of this process."""
    return Parent()


def serve() -> None:
    """Load what commands need, then fork one for each line; returns in the command's process, ready to run it."""
    for name in (*HEAVY, *(f"promptc.cli.{command}_command" for command in COMMANDS)):
        importlib.import_module(name)
    gc.freeze()  # else each command, when it ends, looks through all that is loaded
    lines, answer = os.fdopen(os.dup(0), encoding="utf-8"), os.dup(1)
    for line in lines:
        child = os.fork()
        if child == 0:
            os.close(answer)
            become(**json.loads(line))
            return
        _, status = os.waitpid(child, 0)
        os.write(answer, b"%d\n" % os.waitstatus_to_exitcode(status))
    sys.exit()


def become(arguments: list[str], cwd: str, env: dict[str, str], streams: list[str]) -> None:
    """Give this process its own streams, folder, environment and arguments."""
    for number, stream in enumerate(streams):
        file = os.open(stream, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(file, number)
        os.close(file)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.path[0] = cwd
    sys.argv[1:] = arguments
    random.seed()


if __name__ == "__main__":
    serve()
    runpy.run_module("promptc", run_name="__main__", alter_sys=True)
