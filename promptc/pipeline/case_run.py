"""One case from its requests to its verdicts."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

from promptc.diagnostics import Diagnostic, Severity
from promptc.errors import CassetteError, OfflineError, SecretFoundError, StoppedError, WireError
from promptc.pipeline import findings, misses, unfinished
from promptc.pipeline.accepted import accepted_answer, drifts
from promptc.pipeline.answers import answered, answers, fitting
from promptc.pipeline.given import Given, is_recorded
from promptc.pipeline.output import save
from promptc.pipeline.own_checks import unknown_checks
from promptc.pipeline.results import CaseResult, Status, StepResult
from promptc.pipeline.step import beside, step_result
from promptc.pipeline.unit import Unit
from promptc.pipeline.waiting import instead, waiting
from promptc.replay.modes import RecordMode
from promptc.replay.offline import named
from promptc.replay.recording import Recording
from promptc.replay.retries import STOPPED
from promptc.replay.room import in_turn
from promptc.replay.session import Session
from promptc.replay.transport import MissError
from promptc.request import Request
from promptc.response import Response


def run_case(unit: Unit) -> CaseResult:
    """Run one case; every mistake of the user's is in the result, none is raised.

    Once the user wants the end, no case begins, and none goes on with its next step.
    """
    with named(unit.case.id):
        return _run_case(unit)


def run_with_answers(unit: Unit) -> tuple[CaseResult, tuple[Response, ...]]:
    """Run one case that is not skipped, and return its answers too, for whoever wants to look into them."""
    with named(unit.case.id):
        work, result = in_turn(unit.store.size, partial(_looked_at, unit))
        return result, tuple(work.responses)


def _run_case(unit: Unit) -> CaseResult:
    case = unit.case
    if STOPPED.is_set():
        return _stopped(unit)
    if case.skip is not None:
        result = CaseResult(spec=case.spec, case=case.name, status=Status.SKIPPED, reason=case.skip)
        return _with_output(unit, result, ()) if unit.output else result
    # who asks waits for the network, not for memory: large answers come one by one anyway
    return in_turn(unit.store.size if unit.mode is RecordMode.NONE else 0, partial(_with_answers, unit))


def _with_answers(unit: Unit) -> CaseResult:
    if STOPPED.is_set():
        return _stopped(unit)
    work, result = _looked_at(unit)
    if unit.output and result.status is not Status.STOPPED:
        result = _with_output(unit, result, work.responses)
    return result


def _stopped(unit: Unit) -> CaseResult:
    return CaseResult(spec=unit.case.spec, case=unit.case.name, status=Status.STOPPED)


def _looked_at(unit: Unit) -> "tuple[_CaseRun, CaseResult]":
    """Run a case; a reader that finds its recording damaged looks again when no writer is at it."""
    work = _CaseRun(unit)
    result = work.result()
    if unit.mode is RecordMode.NONE and findings.unsettled(result.diagnostics):
        with unit.store.quiet():
            work = _CaseRun(unit)
            result = work.result()
    return work, result


def _with_output(unit: Unit, result: CaseResult, responses: Sequence[Response]) -> CaseResult:
    """Write what the run leaves; the recording is safe by now, whatever becomes of this."""
    assert unit.output  # noqa: S101 - the caller has looked
    folder = unit.output / unit.case.spec / unit.case.name
    try:
        return save(folder, result, responses, unit.endpoint.secrets)
    except OSError as error:
        hint = "choose another output folder with -o, or make this one writable"
        problem = findings.not_written(unit, error, folder, hint)
    except SecretFoundError as error:
        problem = findings.about(unit, "P508", str(error), "what an earlier run left there is gone, too")
    return replace(result, status=Status.ERROR, diagnostics=(*result.diagnostics, problem))


def take_over(unit: Unit, given: Given) -> CaseResult:
    """Keep what somebody else recorded, as if it had been asked for now; what is recorded already stays."""
    return _CaseRun(unit, given).result()


class _CaseRun:
    """The talk about one case, with what it has found so far."""

    def __init__(self, unit: Unit, given: Given | None = None) -> None:
        self.unit = unit
        self.given = given
        self.unreadable = False
        self.stopped = False
        self.good = 0
        self.responses: list[Response] = []
        self.store = unit.store
        self.recording: Recording | None = None
        self.accepted: Recording | None = None
        self.steps: list[StepResult] = []
        self.failures: list[Diagnostic] = []
        self.oddities: list[Diagnostic] = []

    @property
    def writes(self) -> bool:
        """Whether this run may change the recording."""
        return self.given is not None or self.unit.mode is not RecordMode.NONE

    def result(self) -> CaseResult:
        """Run the case as the only writer of its recording."""
        lock = self.store.locked() if self.writes else nullcontext()
        try:
            with lock:
                return self._locked()
        except StoppedError:
            self.stopped = True
        except CassetteError as error:
            self.failures.append(findings.damaged(self.unit, error, self.recording))
        except OSError as error:
            self.failures.append(self._not_written(error))
        return self._made()

    def _locked(self) -> CaseResult:
        unit, store = self.unit, self.store
        try:
            self.recording = self.accepted = store.load(store.accepted)
        except CassetteError:
            if unit.mode is not RecordMode.ALL and not (self.given and unit.accept):
                raise
            self.unreadable = True
        if self.writes:
            store.settle()
        if self.given:
            return self._talk(self.given.recording, store.accepted, RecordMode.NONE)
        counted = self.recording if unit.counts(self.recording) else None
        if unit.before or unit.mode in {RecordMode.ONCE, RecordMode.NEW_EPISODES}:
            return self._spare(counted)
        return self._talk(counted, store.accepted, unit.mode)

    def _spare(self, counted: Recording | None) -> CaseResult:
        """Ask only for what there is no answer to: none recorded, none that waits, none of an unfinished run."""
        unit, store = self.unit, self.store
        again = unit.asks_again(counted)
        mode = RecordMode.NEW_EPISODES if unit.mode is RecordMode.ALL and not again else unit.mode
        fits, fresh = fitting(unit, counted, store.accepted) if counted and not again else (0, False)
        if fresh:
            return self._talk(counted, store.accepted, mode)
        if pending := self._pending_answer():
            accepts = self._accepts and not drifts(unit, pending, store.pending, self.accepted)
            if accepts:
                store.accept()
                self.accepted = pending
            self.recording = pending
            return self._talk(pending, store.accepted if accepts else store.pending, RecordMode.NONE)
        if counted and unit.mode is RecordMode.ONCE:
            return self._talk(counted, store.accepted, mode)
        if counted and counted.provenance.target != unit.endpoint.target.name:
            counted, fits = None, 0  # one recording, one target
        if left := unfinished.find(unit, fitting, than=fits):
            return self._talk(left, unit.unfinished.accepted, RecordMode.NEW_EPISODES)
        return self._talk(counted, store.accepted, mode)

    def _pending_answer(self) -> Recording | None:
        """Return the waiting answer, if it fits the request: nobody pays for it twice."""
        pending = self.store.load(self.store.pending)
        if pending is None or not self.unit.counts(pending) or self.unit.asks_again(pending):
            return None
        return pending if answered(self.unit, pending, self.store.pending) else None

    @property
    def _accepts(self) -> bool:
        """Whether a new answer is the truth at once: it is the first that counts, or somebody wants it so."""
        return self.unit.accept or (not self.unreadable and not self.unit.counts(self.recording))

    def _talk(self, counted: Recording | None, path: Path, mode: RecordMode) -> CaseResult:
        if unknown := unknown_checks(self.unit, counted, path, mode):
            self.failures += unknown
            return self._made()
        resumed = path == self.unit.unfinished.accepted
        with self._session(counted, path, mode) as session:
            try:
                for request, answer in answers(self.unit, session):
                    self._take(request, answer)
            except OfflineError as error:
                self.failures.append(findings.about(self.unit, "P703", str(error)))
            except StoppedError as error:
                self.stopped = True
                session.adapter.told.append(str(error))
            except SecretFoundError as error:
                self.failures.append(findings.about(self.unit, "P508", str(error), findings.KEPT))
            except WireError as error:
                message = f"`{self.unit.case.id}`: {error}"
                self.failures.append(findings.about(self.unit, "P701", message, findings.KEPT))
            except OSError as error:
                hint = (
                    findings.KEPT
                    if session.sent
                    else "nothing was asked: make room for its answer first, or the folder writable"
                )
                self.failures.append(findings.not_written(self.unit, error, self.store.accepted, hint))
            whole = not self.failures and not self.stopped
            left = len(counted.requests) - session.played if counted and whole and not resumed else 0
            if left and mode is RecordMode.NONE:
                self.failures.append(misses.left_over(self.unit, left, counted))
            new = session.asked or left or resumed or (self.given and not self._known)
            kept = self._keep(session) if new and whole and not self.failures else None
            if kept:
                unfinished.discard(self.unit)
            saved = 0 if kept else unfinished.keep(self.unit, session, self.good)
            told = (*session.told, *unfinished.told(used=session.played if resumed else 0, kept=saved))
            asked = session.sent
        return replace(self._made(), asked=asked, told=told, kept=kept)

    def _session(self, counted: Recording | None, path: Path, mode: RecordMode) -> Session:
        unit = self.unit
        if self.given:
            endpoint = replace(unit.endpoint, target=self.given.target)
            unit = replace(unit, endpoint=endpoint, tool=self.given.recording.provenance.tool)
        return unit.session(counted, path, mode)

    @property
    def _known(self) -> bool:
        """Whether the same is recorded already as somebody else has recorded."""
        given = self.given
        return given is not None and not self.unreadable and is_recorded(self.store, given, over=self.unit.accept)

    def _take(self, request: Request, answer: Response | MissError) -> None:
        """Judge an answer and keep what there is to say about it."""
        unit = self.unit
        if isinstance(answer, MissError):
            self.failures.append(misses.miss(unit, request, self.recording))
            return
        refused = findings.refused(unit, request, answer)
        accepted = accepted_answer(unit, self.accepted, request.step)
        self.steps.append(step_result(unit, request, answer, good=refused is None, accepted=accepted))
        self.responses.append(answer)
        if refused:
            self.failures.append(refused)
        else:
            self.good += 1
            self.oddities += findings.oddities(unit, answer)

    def _not_written(self, error: OSError) -> Diagnostic:
        return findings.not_written(self.unit, error, self.store.accepted, findings.KEPT)

    def _keep(self, session: Session) -> str | None:
        """Write what was asked: as the truth, or beside it."""
        accept = self._accepts and not any(step.held_back for step in self.steps)
        try:
            session.save(accept=accept)
        except SecretFoundError as error:
            self.failures.append(findings.about(self.unit, "P508", str(error), findings.KEPT))
            return None
        except OSError as error:
            self.failures.append(self._not_written(error))
            return None
        path = self.store.accepted if accept else self.store.pending
        self.recording = self.store.load(path)
        if self.recording:
            self.steps = [beside(step, self.store, self.recording, path) for step in self.steps]
        return "accepted" if accept else "pending"

    def _made(self) -> CaseResult:
        unit, case = self.unit, self.unit.case
        unmet = [diagnostic for step in self.steps for diagnostic in findings.unmet(unit, step)]
        waits = self.store.waits
        told = waiting(unit) if waits else None
        status = self._status(unmet=bool(unmet), waits=waits)
        if status is Status.STALE and (answer := instead(told, self.failures)):
            status, told = Status.PENDING, answer
            self.failures = [failure for failure in self.failures if failure.code != "P501"]
        found = [*self.oddities, *self.failures, *unmet]
        if status is Status.XFAILED:
            found = [replace(diagnostic, severity=Severity.NOTE) for diagnostic in found]
        if status is Status.XPASSED:
            message = f"`{case.id}` is expected to fail, but it passes: {case.xfail}"
            found.append(findings.about(unit, "P601", message, "remove `xfail`"))
        if told:
            found.append(told)
        elif status.answered and (expired := findings.expired(unit, self.recording)):
            found.append(replace(expired, severity=Severity.WARNING))  # a run is green or red by its answers
        return CaseResult(
            spec=case.spec,
            case=case.name,
            status=status,
            steps=tuple(self.steps),
            diagnostics=tuple(found),
            provenance=self.recording.provenance if self.recording else None,
            waits=waits,
            reason=case.xfail,
        )

    def _status(self, *, unmet: bool, waits: bool) -> Status:
        if self.stopped:
            return Status.STOPPED
        codes = {diagnostic.code for diagnostic in self.failures}
        if "P501" in codes:
            return Status.STALE
        if codes & {"P502", "P507"}:
            return Status.MISSING
        if codes - {"P603"}:
            return Status.ERROR
        failed = unmet or bool(codes)
        if self.unit.case.xfail is not None:
            return Status.XFAILED if failed else Status.XPASSED
        if failed:
            return Status.FAILED
        return Status.PENDING if waits else Status.PASSED
