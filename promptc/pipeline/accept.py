"""Accept and reject: what becomes of new answers that wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from promptc.config import Project
from promptc.diagnostics import Diagnostic
from promptc.errors import CassetteError
from promptc.pipeline import findings
from promptc.pipeline.case_run import run_case
from promptc.pipeline.filter import EVERYTHING, Filter
from promptc.pipeline.pending import waiting_units
from promptc.pipeline.unit import Unit
from promptc.pipeline.waiting import Sight, obstacle, sight
from promptc.replay.offline import offline
from promptc.replay.provenance import Provenance
from promptc.replay.store import Store
from promptc.source import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledResult:
    """The cases whose waiting answer was accepted or removed, where it came from, and what stood in the way.

    `unmet` are the accepted ones that are not green all the same, which nobody had looked at before.
    """

    cases: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]
    answers: tuple[Provenance, ...] = ()
    unmet: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settled:
    """What became of one waiting answer: `done` is false where something stood in the way, or nothing waits any more."""

    done: bool
    origin: Provenance | None = None
    problem: Diagnostic | None = None


def accept(
    project: Project, arguments: Sequence[str] = (), *, only: Filter = EVERYTHING, seen: Sight | None = None
) -> SettledResult:
    """Make the waiting answers of the selected cases the truth.

    With `seen`, only what is still just what somebody looked at.
    """
    return _settle(project, arguments, only, seen, accepting=True)


def reject(
    project: Project, arguments: Sequence[str] = (), *, only: Filter = EVERYTHING, seen: Sight | None = None
) -> SettledResult:
    """Remove the waiting answers of the selected cases.

    With `seen`, only what is still just what somebody looked at.
    """
    return _settle(project, arguments, only, seen, accepting=False)


def _settle(
    project: Project, arguments: Sequence[str], only: Filter, seen: Sight | None, *, accepting: bool
) -> SettledResult:
    units, found = waiting_units(project, arguments, only=only)
    with offline():
        settled = [(unit, _settle_case(unit, seen, accepting=accepting)) for unit in units]
        done = [unit for unit, one in settled if one.done]
        judged = done if accepting and seen is None else ()  # who has looked has seen what an answer fails
        unmet = [unit.case.id for unit in judged if not run_case(unit).good]
    return SettledResult(
        cases=tuple(unit.case.id for unit in done),
        diagnostics=(*found, *(one.problem for _, one in settled if one.problem)),
        answers=tuple(one.origin for _, one in settled if one.done and one.origin),
        unmet=tuple(unmet),
    )


def _settle_case(unit: Unit, seen: Sight | None, *, accepting: bool) -> _Settled:
    """Accept or remove one case's waiting answer as the only writer of its recording."""
    store = unit.store
    try:
        with store.locked():
            if seen and store.waits and seen != sight(store):
                return _Settled(done=False, problem=findings.unseen(unit))
            return _accepted(unit) if accepting else _rejected(store)
    except CassetteError as error:
        return _Settled(done=False, problem=findings.damaged(unit, error))
    except OSError as error:
        return _Settled(done=False, problem=_not_written(store, error))


def _accepted(unit: Unit) -> _Settled:
    found = unit.store.load(unit.store.pending)
    if found is None:  # somebody else was faster
        return _Settled(done=False)
    problem = obstacle(unit, found)
    return _Settled(done=not problem and unit.store.accept(), origin=found.provenance, problem=problem)


def _rejected(store: Store) -> _Settled:
    try:
        found = store.load(store.pending)
    except CassetteError:  # what can't be read may go, too
        found = None
    return _Settled(done=store.reject(), origin=found.provenance if found else None)


def _not_written(store: Store, error: OSError) -> Diagnostic:
    file = shown(Path(error.filename)) if error.filename else shown(store.pending)
    message = f"`{file}` was not changed: {error.strerror or error}"
    return Diagnostic(code="P509", message=message, file=file, help="the recordings are as they were")
