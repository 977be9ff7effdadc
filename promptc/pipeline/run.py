"""Run and record: cases through an executor, results in their order."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from promptc.age import now, written
from promptc.config import Project
from promptc.diagnostics import Diagnostic, failed
from promptc.errors import UsageError
from promptc.pipeline.case_run import run_case
from promptc.pipeline.consent import Consent, obtain
from promptc.pipeline.filter import EVERYTHING, Filter
from promptc.pipeline.renamed import with_heirs
from promptc.pipeline.results import CaseResult, Status, Stopped
from promptc.pipeline.rot import rot, rotten_files
from promptc.pipeline.selection import select
from promptc.pipeline.targets import reached
from promptc.pipeline.unit import Unit
from promptc.replay.modes import RecordMode
from promptc.replay.offline import offline
from promptc.replay.retries import STOPPED
from promptc.request import Case
from promptc.source import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """What a run came to: its cases' results, and what was said about the specs.

    Where it was stopped, results of cases that had not begun are left out. `cases` are all that were
    to be run, as they are compiled.
    """

    project: Project
    results: tuple[CaseResult, ...]
    diagnostics: tuple[Diagnostic, ...]
    stopped: Stopped | None = None
    cases: tuple[Case, ...] = ()

    @property
    def good(self) -> bool:
        """Whether everything is green."""
        return not self.stopped and not failed(self.diagnostics) and all(result.good for result in self.results)


Progress = Callable[[int, int], None]
"""Called with the cases done and the cases in all."""


def run(  # noqa: PLR0913 - one for each option of the command line
    project: Project,
    arguments: Sequence[str] = (),
    *,
    only: Filter = EVERYTHING,
    mode: RecordMode = RecordMode.NONE,
    target: str | None = None,
    jobs: int | None = None,
    output: Path | None = None,
    accept: bool = False,
    before: datetime | None = None,
    progress: Progress | None = None,
    consent: Consent | None = None,
) -> RunResult:
    """Run the selected cases; raises UsageError before anything is asked or written.

    What is to be asked is shown to `consent` first; without one, LimitError is raised above a limit of the project's.
    """
    began = written(now())
    chosen = project.find_target(target)
    if output:
        refuse_sources(project, output)
    selection = select(project, arguments, only=only)
    if output:
        for case in selection.cases:  # a link may lead out of it
            refuse_sources(project, (output / case.spec / case.name).resolve())
    ask = mode is not RecordMode.NONE
    with reached(project, chosen, ask=ask) as endpoint, nullcontext() if ask else offline():
        units = [
            Unit(project=project, case=case, endpoint=endpoint, mode=mode, accept=accept, output=output, before=before)
            for case in selection.cases
        ]
        if ask:
            obtain(project, chosen, units, consent)
        with workers(jobs or project.jobs) as executor:
            results = tuple(run_units(units, executor, progress))
    rotten = rotten_files(selection)
    results = with_heirs(results, (one.renaming for one in rotten if one.renaming))
    rest = f"promptc record --all --before {began}" if mode is RecordMode.ALL and not before else None
    return RunResult(
        project=project,
        results=begun(results),
        diagnostics=(*selection.diagnostics, *rot(selection, rotten)),
        stopped=stopped(results, kept=ask, rest=rest),
        cases=selection.cases,
    )


def begun(results: Iterable[CaseResult]) -> tuple[CaseResult, ...]:
    """Leave out the cases for which nothing was asked because the run was stopped."""
    return tuple(result for result in results if result.status is not Status.STOPPED or result.asked)


def stopped(results: Sequence[CaseResult], *, kept: bool, rest: str | None = None) -> Stopped | None:
    """Say how far a run came if it was stopped."""
    done = sum(result.status is not Status.STOPPED for result in results)
    return Stopped(done=done, cases=len(results), kept=kept, rest=rest) if done < len(results) else None


def refuse_sources(project: Project, output: Path) -> None:
    """Refuse to write results where specs or recordings are."""
    for folder in (project.specs, project.cassettes):
        if output.is_relative_to(folder):
            msg = f"`{shown(output)}` can't take output: it lies in `{shown(folder)}`; choose another folder"
            raise UsageError(msg)


def run_units(units: Sequence[Unit], executor: Executor, progress: Progress | None = None) -> Iterator[CaseResult]:
    """Run units on any executor; yields their results in the units' order."""
    for done, result in enumerate(executor.map(run_case, units), start=1):
        if progress:
            progress(done, len(units))
        yield result


@contextmanager
def workers(jobs: int) -> Iterator[Executor]:
    """Give so many threads; the main one only waits, so that signals reach it."""
    executor = ThreadPoolExecutor(max_workers=jobs, thread_name_prefix="promptc")
    try:
        yield executor
    except BaseException:
        STOPPED.set()  # Ctrl-C in a program that handles no signals: what is under way ends, nothing is tried again
        executor.shutdown(cancel_futures=True)
        STOPPED.clear()
        raise
    executor.shutdown()
