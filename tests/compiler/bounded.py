"""Compiles a project in a process of its own, whose time and memory are bounded and measured."""

import resource
import time
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import jsonschema  # noqa: F401 - loaded before the clock runs, as the compiler's own imports are
import referencing  # noqa: F401

from promptc.compiler.driver import compile_specs, find_specs
from promptc.config import load

_MOST_MEMORY = 1 << 30
_LONGEST = 10.0
"""Seconds of the processor, after which a compilation is killed."""
_WAIT = 20.0


_FRESH = get_context("forkserver")
"""A process forked from one that only imports: its peak is not the test runner's."""
_FRESH.set_forkserver_preload([__name__])


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What compiling gave, and what it took; `ended` is false where it had to be stopped."""

    ended: bool
    cases: int = 0
    codes: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    seconds: float = _LONGEST
    megabytes: float = 0.0


def measured(folder: Path) -> Measured:
    """Compile all specs of a project, within limits."""
    ours, theirs = _FRESH.Pipe(duplex=False)
    process = _FRESH.Process(target=_compile, args=(folder, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        result = ours.recv() if ours.poll(_LONGEST + _WAIT) else Measured(ended=False)
    except EOFError:  # killed by a limit
        result = Measured(ended=False)
    process.kill()
    process.join()
    assert isinstance(result, Measured)
    return result


def _compile(folder: Path, answer: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(_LONGEST), int(_LONGEST)))
    started = time.process_time()  # what else the machine does is no concern of this
    project = load(folder)
    files, mistakes = find_specs(project)
    made = compile_specs(project, files)
    found = (*mistakes, *made.diagnostics)
    answer.send(
        Measured(
            ended=True,
            cases=len(made.cases),
            codes=tuple(d.code for d in found),
            messages=tuple(d.message for d in found),
            seconds=time.process_time() - started,
            megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        )
    )
