"""Kills real commands at random moments and looks at what they leave: `python -m tests.soak FOLDER KILLS [SEED]`.

Each round changes the specs, starts a command in a process of its own, and kills it with SIGKILL.
Whatever the moment, every cassette must load with all its files, and each one must be what it was,
what waited beside it, or a whole new answer to the request of today.
"""

import os
import random
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from promptc.cli.main import main as promptc
from promptc.pipeline.answers import answered
from promptc.pipeline.selection import select
from promptc.pipeline.targets import reached
from promptc.pipeline.unit import Unit
from promptc.replay.modes import RecordMode
from promptc.replay.store import Store
from tests.workshop import BUTTERFLY, CHAT, Workshop

MATRIX = '\n[variables.number]\ntype = "integer"\n\n[matrix]\nnumber = [1, 2, 3]\n'
SPECS = {"one": BUTTERFLY, "chat": CHAT, "three": BUTTERFLY.replace("parchment", "parchment {{ number }}") + MATRIX}
RECORD = ("record", "--target", "emulator", "-j")
COMMANDS = (
    (*RECORD, "1"),
    (*RECORD, "4", "--accept"),
    (*RECORD, "1", "--accept"),
    (*RECORD, "8", "--all", "--accept"),
    (*RECORD, "4", "--all"),
    ("accept",),
    ("accept",),
    ("reject",),
)

_LOOKED = 0.01
"""The seconds after which it is looked whether a command has ended by itself."""


def units(shop: Workshop) -> Iterator[Unit]:
    project = shop.project
    with reached(project, project.find_target("emulator"), ask=False) as endpoint:
        for case in select(project).cases:
            yield Unit(project=project, case=case, endpoint=endpoint, mode=RecordMode.NONE)


def content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def tidy(store: Store) -> bool:
    """Say whether nothing of a writer's is left beside the recordings."""
    return not any(path.suffix == ".tmp" for path in store.folder.iterdir())


def whole(unit: Unit, before: dict[Path, bytes | None]) -> str:
    """Look at one case's recordings; returns what became of the accepted one."""
    store = unit.store
    known = {before[store.accepted], before[store.pending]}
    fate = "not there yet"
    for path in (store.accepted, store.pending):
        found = store.load(path)
        if found is None:
            assert path == store.pending or before[path] is None, f"{path} is gone"
            continue
        store.verify(found, path)
        for response in found.responses:
            store.body(response, path)
        old = content(path) in known
        assert old or answered(unit, found, path), f"{path} is neither old nor an answer to the request of today"
        if path == store.accepted:
            fate = "old" if content(path) == before[path] else "new"
    return fate


def started(shop: Workshop, command: tuple[str, ...]) -> int:
    """Run a command in a process of its own; returns its id."""
    child = os.fork()
    if child == 0:
        try:
            os.chdir(shop.root)
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, 1)
            os.dup2(nothing, 2)
            promptc(command)
        finally:
            os._exit(0)
    return child


def lasted(shop: Workshop, command: tuple[str, ...]) -> float:
    """Run a command to its end; returns the seconds that it took."""
    start = time.perf_counter()
    os.waitpid(started(shop, command), 0)
    return time.perf_counter() - start


def killed(shop: Workshop, command: tuple[str, ...], delay: float) -> bool:
    """Run a command and kill it after a while; says whether it still ran then."""
    child = started(shop, command)
    end = time.perf_counter() + delay
    while (left := end - time.perf_counter()) > 0:
        if os.waitpid(child, os.WNOHANG)[0]:
            return False
        time.sleep(min(left, _LOOKED))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def soak(root: Path, kills: int, seed: int) -> str:
    """Kill so many commands; returns what came of it."""
    shop = Workshop.make(root, SPECS)
    os.chdir(root)
    chance = random.Random(seed)
    fates = Counter({"old": 0, "new": 0, "left something to tidy": 0})
    longest = {"record": lasted(shop, COMMANDS[1]), "accept": lasted(shop, ("accept",)), "reject": 0.05}
    count = rounds = 0
    while count < kills:
        rounds += 1
        command = chance.choice(COMMANDS)
        if command[0] == "record":
            for name in SPECS:
                text = shop.spec(name).read_text()
                shop.spec(name).write_text(re.sub(r"Monarch( \d+)?", f"Monarch {rounds}", text))
        todo = list(units(shop))
        before = {path: content(path) for unit in todo for path in (unit.store.accepted, unit.store.pending)}
        count += killed(shop, command, chance.uniform(0.0, 1.1 * longest[command[0]]))
        for unit in todo:
            fates[whole(unit, before)] += 1
            if unit.store.folder.is_dir():
                fates["left something to tidy"] += not tidy(unit.store)
    promptc_again(shop)
    return f"{count} kills in {rounds} runs; recordings: " + ", ".join(
        f"{n} {word}" for word, n in sorted(fates.items())
    )


def promptc_again(shop: Workshop) -> None:
    """Record what is stale, once more and to the end: all is green then, and nothing lies about."""
    done = shop.command(*COMMANDS[1])
    assert done.returncode == 0, done.stdout + done.stderr
    done = shop.command("check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not [name for name in shop.files() if ".tmp" in name or ".new." in name]


if __name__ == "__main__":
    folder, number, *more = sys.argv[1:]
    print(soak(Path(folder).resolve(), int(number), int(more[0]) if more else 7))  # noqa: T201 - it is a program
