"""Pending: the new answers that wait to be looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from promptc.config import Project
from promptc.diagnostics import Diagnostic, failed
from promptc.errors import CassetteError
from promptc.pipeline import findings
from promptc.pipeline.filter import EVERYTHING, Filter
from promptc.pipeline.rot import unseen_folders
from promptc.pipeline.selection import select
from promptc.pipeline.targets import reached
from promptc.pipeline.unit import Unit
from promptc.pipeline.waiting import obstacle
from promptc.replay.modes import RecordMode
from promptc.replay.offline import offline
from promptc.replay.provenance import Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An answer that waits: its files, where it comes from, and what keeps it from becoming the truth, if anything."""

    spec: str
    case: str
    files: tuple[Path, ...]
    provenance: Provenance | None = None
    problem: Diagnostic | None = None

    @property
    def id(self) -> str:
        """`spec::case`."""
        return f"{self.spec}::{self.case}"

    @property
    def state(self) -> str:
        """How it stands: it `fits` today's request, or is `stale`, `blocked` by a foreign file, or `unreadable`."""
        if self.problem is None:
            return "fits"
        return {"P501": "stale", "P504": "blocked"}.get(self.problem.code if self.provenance else "", "unreadable")


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingResult:
    """What waits, in the order of cases, and what was said about the specs."""

    waiting: tuple[Waiting, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def good(self) -> bool:
        """Whether nothing waits, as far as can be known."""
        return not self.waiting and not failed(self.diagnostics)


def pending(project: Project, arguments: Sequence[str] = (), *, only: Filter = EVERYTHING) -> PendingResult:
    """List the waiting answers of the selected cases; raises UsageError."""
    units, found = waiting_units(project, arguments, only=only)
    with offline():
        rows = tuple(look(unit) for unit in units)
    return PendingResult(waiting=rows, diagnostics=found)


def waiting_units(
    project: Project, arguments: Sequence[str], *, only: Filter
) -> tuple[tuple[Unit, ...], tuple[Diagnostic, ...]]:
    """Return the selected cases for which an answer waits, and what was said about the specs; raises UsageError."""
    selection = select(project, arguments, only=only)
    with reached(project, project.find_target(None), ask=False) as endpoint:
        units = [Unit(project=project, case=case, endpoint=endpoint, mode=RecordMode.NONE) for case in selection.cases]
    return tuple(unit for unit in units if unit.store.waits), (*selection.diagnostics, *unseen_folders(selection))


def look(unit: Unit) -> Waiting:
    """Say how a waiting answer stands; one that looks damaged is looked at again when no writer is at it."""
    found = _look(unit)
    if found.problem and findings.unsettled([found.problem]):
        with unit.store.quiet():
            return _look(unit)
    return found


def _look(unit: Unit) -> Waiting:
    store, case = unit.store, unit.case
    row = Waiting(spec=case.spec, case=case.name, files=(store.pending,))
    try:
        recording = store.load(store.pending)
        if recording is None:
            return row
        files = (store.pending, *sorted({store.find(sidecar, store.pending) for sidecar in recording.sidecars}))
        problem = obstacle(unit, recording)
    except CassetteError as error:
        return Waiting(spec=case.spec, case=case.name, files=row.files, problem=findings.damaged(unit, error))
    return Waiting(spec=case.spec, case=case.name, files=files, provenance=recording.provenance, problem=problem)
