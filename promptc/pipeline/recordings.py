"""The recordings of two states of a project: how a case's stands on either side, and which answers differ."""

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace

from promptc.config import EMULATOR, Project
from promptc.errors import CassetteError
from promptc.pipeline.check import state
from promptc.pipeline.plan import Estimate, estimated
from promptc.pipeline.renamed import moves
from promptc.pipeline.results import CaseResult, Status
from promptc.pipeline.review import StepReview, between, earlier
from promptc.pipeline.side import Side
from promptc.pipeline.targets import reached
from promptc.pipeline.unit import Unit
from promptc.replay.misplaced import command
from promptc.replay.modes import RecordMode
from promptc.replay.session import Endpoint
from promptc.replay.store import Store
from promptc.request import Case
from promptc.review.difference import Pair


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDifference:
    """A case that was touched: its change, its recording before and now, answers that differ, what asking anew costs.

    `before` and `now` are None where there was no such case. `answers` are empty where both sides
    hold the same ones. `earlier` are those that both sides hold, where they answer no request of today;
    only who shows them has them read. `estimate` is None where nothing need be asked. `move` is the command
    that gives a renamed case the recording of its old name, which answers it still. `left` says
    that the recording still lies under a name that no case has any more.
    """

    pair: Pair
    before: CaseResult | None
    now: CaseResult | None
    answers: tuple[StepReview, ...] = ()
    earlier: tuple[StepReview, ...] = ()
    estimate: Estimate | None = None
    move: str | None = None
    left: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a side's recordings are, and the target that they have to be of."""

    project: Project
    endpoint: Endpoint

    def unit(self, case: Case) -> Unit:
        """Return a case of the side with its recording."""
        return Unit(project=self.project, case=case, endpoint=self.endpoint, mode=RecordMode.NEW_EPISODES)


def reach(side: Side, stack: ExitStack) -> Place | None:
    """Open a side's recordings for as long as the stack is; None where there was no project."""
    if side.project is None:
        return None
    endpoint = stack.enter_context(reached(side.project, side.project.find_target(None), ask=False))
    return Place(project=side.project, endpoint=endpoint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recordings:
    """The recordings of both sides; `names` are the cases of the new one."""

    old: Place | None
    new: Place | None
    names: frozenset[str]
    earlier: bool

    def look(self, pair: Pair) -> CaseDifference | CaseResult:
        """Return what became of a case and of its recording; of one that was not touched, how its recording stands."""
        before = self.old.unit(pair.old) if self.old and pair.old else None
        now = self.new.unit(pair.new) if self.new and pair.new else None
        kept = _cassette(before) == _cassette(now)
        result = state(now) if now else None
        if pair.state == "same" and result and kept and self._steady(before, now, result):
            return result
        was = state(before) if before else None
        answers = () if kept else _answers(before, now)
        if pair.state == "same" and result and was and not answers and result.status is was.status:
            return result  # what was recorded anew is the same
        move = _move(pair, now)
        return CaseDifference(
            pair=pair,
            before=was,
            now=result,
            answers=answers,
            earlier=earlier(before) if self.earlier and kept and result and result.status is Status.STALE else (),
            estimate=estimated(replace(now, case=_unchecked(now.case))) if now and not move else None,
            move=move,
            left=self._left(pair),
        )

    def _steady(self, before: Unit | None, now: Unit | None, result: CaseResult) -> bool:
        """Say whether nothing can have changed how a kept recording stands: neither its other files nor a setting."""
        if not (before and now):
            return False
        if before.project is now.project:  # two commits of one tree
            return True
        if result.status is Status.ERROR:
            return False  # what a file holds is looked at
        with suppress(OSError):  # a link to nothing, which its state tells
            return _settings(before) == _settings(now) and _files(before.store) == _files(now.store)
        return False

    def _left(self, pair: Pair) -> bool:
        """Say whether the new side has a recording under a name that was a case's and is none any more."""
        if self.new is None or pair.old is None or pair.old.id in self.names:
            return False
        return _cassette(self.new.unit(pair.old)) is not None


def _cassette(unit: Unit | None) -> bytes | None:
    """Return a recording's file, which holds the digests of all others; None where there is none, or nobody can read it."""
    with suppress(OSError):
        return unit.store.files.read_bytes(unit.store.accepted) if unit else None
    return None


def _settings(unit: Unit) -> tuple[object, ...]:
    """Return what of the project decides whether a recording counts."""
    project = unit.project
    return project.allow_emulator, project.max_age, unit.endpoint.target.name == EMULATOR


def _files(store: Store) -> Sequence[tuple[str, int]]:
    """Return the names and sizes of all that is recorded of a case."""
    return [(move.source.name, store.files.stat(move.source).st_size) for move in moves(store, store)]


def _move(pair: Pair, now: Unit | None) -> str | None:
    """Return what moves the recording of a renamed case's old name, where there is none yet and that one would do."""
    if pair.state != "renamed" or pair.old is None or now is None or now.store.recorded:
        return None
    under = replace(now, case=replace(_unchecked(now.case), spec=pair.old.spec, name=pair.old.name))
    if state(under).status not in {Status.PASSED, Status.PENDING} or estimated(under):
        return None
    return command(moves(under.store, now.store), now.project.files)


def _answers(before: Unit | None, now: Unit | None) -> tuple[StepReview, ...]:
    """Return both sides' answers where they differ; what can't be read is told by the recordings' states."""
    try:
        steps = between(before, now)
    except CassetteError:
        return ()
    return () if all(step.same for step in steps) else steps


def _unchecked(case: Case) -> Case:
    """Return a case without expectations: a project's own checks are code, which comparing must not import."""
    return replace(case, requests=tuple(replace(request, expect=None) for request in case.requests))
