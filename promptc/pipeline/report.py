"""Report: what a page shows of cases: a run with the answers that wait beside, or those that wait alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from promptc.config import Project
from promptc.diagnostics import Diagnostic, failed
from promptc.pipeline.filter import EVERYTHING, Filter
from promptc.pipeline.pending import waiting_units
from promptc.pipeline.results import CaseResult, Status
from promptc.pipeline.review import Review, StepReview, earlier, review
from promptc.pipeline.run import Progress, refuse_sources, run, workers
from promptc.pipeline.targets import reached
from promptc.pipeline.unit import Unit
from promptc.replay.modes import RecordMode
from promptc.request import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A case with what became of it in a run, and the review of an answer that waits; one of them is there.

    `earlier` are the recorded answers of a stale case, which are none to today's request.
    """

    case: Case
    result: CaseResult | None = None
    review: Review | None = None
    earlier: tuple[StepReview, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The cases that a page shows, and what was said about the specs."""

    kind: Literal["run", "pending"]
    project: Project
    cases: tuple[Reported, ...]
    diagnostics: tuple[Diagnostic, ...]
    good: bool


def report(
    project: Project,
    arguments: Sequence[str] = (),
    *,
    only: Filter = EVERYTHING,
    target: str | None = None,
    output: Path | None = None,
    progress: Progress | None = None,
) -> Report:
    """Run the selected cases offline, and review the answers that wait; raises UsageError."""
    ran = run(project, arguments, only=only, target=target, output=output, progress=progress)
    results = {result.id: result for result in ran.results}
    with reached(project, project.find_target(target), ask=False) as endpoint:
        units = [
            Unit(project=project, case=case, endpoint=endpoint, mode=RecordMode.NONE)
            for case in ran.cases
            if case.id in results
        ]
        waiting = [unit for unit in units if results[unit.case.id].waits]
        reviews = dict(zip((unit.case.id for unit in waiting), _reviews(project, waiting), strict=True))
    rows = tuple(
        Reported(
            case=unit.case,
            result=results[unit.case.id],
            review=reviews.get(unit.case.id),
            earlier=earlier(unit) if results[unit.case.id].status is Status.STALE else (),
        )
        for unit in units
    )
    return Report(kind="run", project=project, cases=rows, diagnostics=ran.diagnostics, good=ran.good)


def report_pending(
    project: Project,
    arguments: Sequence[str] = (),
    *,
    only: Filter = EVERYTHING,
    output: Path | None = None,
) -> Report:
    """Review the answers of the selected cases that wait, and nothing else; raises UsageError."""
    if output:
        refuse_sources(project, output)
    units, found = waiting_units(project, arguments, only=only)
    pairs = zip(units, _reviews(project, units), strict=True)
    rows = tuple(Reported(case=unit.case, review=seen) for unit, seen in pairs)
    return Report(kind="pending", project=project, cases=rows, diagnostics=found, good=not rows and not failed(found))


def _reviews(project: Project, units: Sequence[Unit]) -> list[Review]:
    with workers(project.jobs) as executor:  # comparing pictures takes its time
        return [*executor.map(review, units)]
