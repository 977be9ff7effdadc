"""Kills writers at random moments and looks at what they leave: `python -m tests.replay.killer FOLDER ROUNDS`."""

import os
import random
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

from promptc.replay.store import Store
from tests.replay.made import answer, files, image, picture, replayed, save, store

SETS = [
    [answer({"text": f"answer {n}"}, image(picture(n)), image(picture(99))), answer(image(picture(n)))]
    for n in range(4)
]


def write(at: Store) -> None:
    """Write, accept and reject until killed."""
    for n in range(1_000_000):
        save(at, *SETS[n % 4], accept=n % 3 == 0)
        if n % 3 == 1:
            at.accept()
        if n % 5 == 4:
            at.reject()


def looked_at(at: Store) -> None:
    """Find the accepted recording whole, whatever happened, and what waits too."""
    assert replayed(at) in SETS
    if at.pending.exists():
        assert replayed(at, at.pending) in SETS


def referred(at: Store) -> list[str]:
    """Return the files that should be there."""
    names = []
    for path, middle in ((at.accepted, ""), (at.pending, "new.")):
        found = at.load(path)
        if found:
            names += [path.name, *(s.file.replace("monarch.", f"monarch.{middle}", 1) for s in found.sidecars)]
    return sorted(set(names))


def main(folder: str, rounds: str) -> None:
    at = store(Path(folder))
    save(at, *SETS[0])
    chance = random.Random(7)
    strays = 0
    for _ in range(int(rounds)):
        child = os.fork()
        if child == 0:
            with suppress(BaseException):
                write(at)
            os._exit(1)  # a writer that stopped by itself
        time.sleep(chance.uniform(0.005, 0.08))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), "the writer failed by itself"
        looked_at(at)
        strays += files(at) != referred(at)
        at.settle()
        assert files(at) == referred(at)
        looked_at(at)
    print(f"{rounds} kills, {strays} of them left something to tidy")  # noqa: T201 - it is a program


if __name__ == "__main__":
    main(*sys.argv[1:])
