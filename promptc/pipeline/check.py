"""Check: everything that can be known without a network."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from promptc.config import Project
from promptc.diagnostics import Diagnostic, Severity, failed, order
from promptc.errors import CassetteError
from promptc.pipeline import findings, misses
from promptc.pipeline.answers import answers
from promptc.pipeline.filter import EVERYTHING, Filter
from promptc.pipeline.renamed import with_heirs
from promptc.pipeline.results import CaseResult, Status
from promptc.pipeline.rot import rot, rotten_files
from promptc.pipeline.selection import Selection, select
from promptc.pipeline.targets import reached
from promptc.pipeline.unit import Unit
from promptc.pipeline.waiting import instead, waiting
from promptc.replay.modes import RecordMode
from promptc.replay.offline import offline
from promptc.replay.recording import Recording
from promptc.replay.transport import MissError


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """The state of every selected case, and all diagnostics in a stable order."""

    project: Project
    selection: Selection
    cases: tuple[CaseResult, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def good(self) -> bool:
        """Whether there is no error."""
        return not failed(self.diagnostics)


def check(project: Project, arguments: Sequence[str] = (), *, only: Filter = EVERYTHING) -> CheckResult:
    """Compile, validate, and compare every recording with its request; raises UsageError."""
    selection = select(project, arguments, only=only)
    rotten = rotten_files(selection)
    cases = with_heirs(states(selection), (one.renaming for one in rotten if one.renaming))
    found = [*selection.diagnostics, *(d for case in cases for d in case.diagnostics), *rot(selection, rotten)]
    return CheckResult(project=project, selection=selection, cases=cases, diagnostics=order(found))


def states(selection: Selection) -> Iterator[CaseResult]:
    """Yield how each case's recording stands to its request as it is compiled today."""
    project = selection.project
    with reached(project, project.find_target(None), ask=False) as endpoint, offline():
        for case in selection.cases:
            yield state(Unit(project=project, case=case, endpoint=endpoint, mode=RecordMode.NONE))


def state(unit: Unit) -> CaseResult:
    """Compare one case's recording with its requests; nothing is judged or written."""
    result = _state(unit)
    if findings.unsettled(result.diagnostics):
        with unit.store.quiet():
            return _state(unit)
    return result


def _state(unit: Unit) -> CaseResult:
    case, store = unit.case, unit.store
    waits = store.waits
    result = CaseResult(spec=case.spec, case=case.name, status=Status.PASSED, waits=waits, reason=case.skip)
    told = waiting(unit)
    found: tuple[Diagnostic, ...] = (told,) if told else ()
    recording = None
    try:
        recording = store.load(store.accepted)
        if recording:
            misnamed = store.verify(recording, store.accepted)
            found += tuple(findings.misnamed(unit, file, recording) for file in misnamed)
            result = replace(result, provenance=recording.provenance)
        missed = _missed(unit, recording)
    except CassetteError as error:
        damage = findings.damaged(unit, error, recording)
        if case.skip is not None:  # nothing is checked by it, and `record` leaves skipped cases alone
            return replace(
                result, status=Status.SKIPPED, diagnostics=(replace(damage, severity=Severity.WARNING), *found)
            )
        return replace(result, status=Status.ERROR, diagnostics=(damage, *found))
    if case.skip is not None:
        return replace(result, status=Status.SKIPPED, diagnostics=found)
    if missed and (answer := instead(told, [missed])):
        return replace(result, status=Status.PENDING, diagnostics=(answer, *found[1:]))
    if missed:
        status = Status.STALE if missed.code == "P501" else Status.MISSING
        return replace(result, status=status, diagnostics=(missed, *found))
    if expired := findings.expired(unit, recording):
        return replace(result, status=Status.EXPIRED, diagnostics=(expired, *found))
    return replace(result, status=Status.PENDING if waits else Status.PASSED, diagnostics=found)


def _missed(unit: Unit, recording: Recording | None) -> Diagnostic | None:
    counted = recording if unit.counts(recording) else None
    with unit.session(counted, unit.store.accepted, RecordMode.NONE) as session:
        for request, answer in answers(unit, session):
            if isinstance(answer, MissError):
                return misses.miss(unit, request, recording)
        left = len(counted.requests) - session.played if counted else 0
    return misses.left_over(unit, left, counted) if left else None
