"""Accept and reject: what becomes of new answers that wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from promptc.config import Project
from promptc.diagnostics import Diagnostic
from promptc.errors import CassetteError
from promptc.pipeline import findings
from promptc.pipeline.answers import answered
from promptc.pipeline.filter import EVERYTHING, Filter
from promptc.pipeline.rot import unseen_folders
from promptc.pipeline.selection import select
from promptc.pipeline.targets import reached
from promptc.pipeline.unit import Unit
from promptc.replay.modes import RecordMode
from promptc.replay.offline import offline
from promptc.replay.provenance import Provenance
from promptc.replay.store import Store
from promptc.source import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledResult:
    """The cases whose waiting answer was accepted or removed, where it came from, and what stood in the way."""

    cases: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]
    answers: tuple[Provenance, ...] = ()


def accept(project: Project, arguments: Sequence[str] = (), *, only: Filter = EVERYTHING) -> SettledResult:
    """Make the waiting answers of the selected cases the truth."""
    return _settle(project, arguments, only, accepting=True)


def reject(project: Project, arguments: Sequence[str] = (), *, only: Filter = EVERYTHING) -> SettledResult:
    """Remove the waiting answers of the selected cases."""
    return _settle(project, arguments, only, accepting=False)


def _settle(project: Project, arguments: Sequence[str], only: Filter, *, accepting: bool) -> SettledResult:
    selection = select(project, arguments, only=only)
    settled: list[str] = []
    origins: list[Provenance] = []
    found: list[Diagnostic] = [*selection.diagnostics, *unseen_folders(selection)]
    target = project.find_target(None)
    with reached(project, target, ask=False) as endpoint, offline():
        for case in selection.cases:
            unit = Unit(project=project, case=case, endpoint=endpoint, mode=RecordMode.NONE)
            if unit.store.waits:
                origin = _origin(unit.store)
                problem = _settle_case(unit, accepting=accepting)
                origins += [origin] if origin and not problem else []
                settled += [] if problem else [case.id]
                found += [problem] if problem else []
    return SettledResult(cases=tuple(settled), diagnostics=tuple(found), answers=tuple(origins))


def _origin(store: Store) -> Provenance | None:
    """Return where a waiting answer comes from, if that can be read."""
    try:
        pending = store.load(store.pending)
    except CassetteError:
        return None
    return pending.provenance if pending else None


def _settle_case(unit: Unit, *, accepting: bool) -> Diagnostic | None:
    """Accept or remove one case's waiting answer; returns what stood in the way."""
    store = unit.store
    try:
        with store.locked():
            if accepting:
                pending = store.load(store.pending)
                if pending and not answered(unit, pending, store.pending):
                    return findings.outdated(unit)
                if pending and (foreign := _foreign(unit)):
                    return foreign
                store.accept()
            else:
                store.reject()
    except CassetteError as error:
        return findings.damaged(unit, error)
    except OSError as error:
        return _not_written(store, error)
    return None


def _foreign(unit: Unit) -> Diagnostic | None:
    """Refuse to put an answer in the place of what another tool or version wrote; a damaged recording may go."""
    try:
        unit.store.load(unit.store.accepted)
    except CassetteError as error:
        if error.diagnostic.code == "P504":
            return findings.in_the_way(unit, error)
    return None


def _not_written(store: Store, error: OSError) -> Diagnostic:
    file = shown(Path(error.filename)) if error.filename else shown(store.pending)
    message = f"`{file}` was not changed: {error.strerror or error}"
    return Diagnostic(code="P509", message=message, file=file, help="the recordings are as they were")
