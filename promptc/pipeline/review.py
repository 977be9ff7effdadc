"""Review: a new answer that waits beside the old one, one case at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

from promptc.diagnostics import Diagnostic
from promptc.errors import CassetteError
from promptc.pipeline import findings
from promptc.pipeline.accepted import accepted_answer
from promptc.pipeline.answers import answers, recorded
from promptc.pipeline.pending import Waiting, look
from promptc.pipeline.results import SavedImage, StepResult
from promptc.pipeline.step import beside, read_result, step_result
from promptc.pipeline.unit import Unit
from promptc.pipeline.waiting import Sight, sight
from promptc.replay.modes import RecordMode
from promptc.replay.offline import offline
from promptc.replay.provenance import Provenance
from promptc.replay.recording import Recording
from promptc.replay.transport import MissError
from promptc.request import Request
from promptc.response import Response
from promptc.review.changes import Change, changes
from promptc.review.comparison import Comparison, compare, difference
from promptc.review.pictures import PictureError
from promptc.review.verdict import Accepted


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturePair:
    """A picture of the old answer and the one of the same place in the new; `problem` says why they can't be compared."""

    number: int
    old: SavedImage | None
    new: SavedImage | None
    comparison: Comparison | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReview:
    """One step of a case: both answers, what has changed in the recorded request in between, and what the new one fails."""

    step: int
    old: StepResult | None
    new: StepResult | None
    changes: tuple[Change, ...]
    pictures: tuple[PicturePair, ...]
    unmet: tuple[Diagnostic, ...]

    @property
    def same(self) -> bool:
        """Whether the answer was kept: the same words and pictures, to the same request."""
        old, new = self.old, self.new
        return bool(
            old
            and new
            and (old.fingerprint, old.finish_reason, old.text) == (new.fingerprint, new.finish_reason, new.text)
            and old.images == new.images
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What somebody looks at who accepts or rejects.

    `old` is where the old answer comes from, `no_old` why there is none that counts; `sight` is what
    was looked at: nothing else is to be settled.
    """

    waiting: Waiting
    address: str
    argument: str
    sight: Sight
    old: Provenance | None = None
    no_old: str | None = None
    steps: tuple[StepReview, ...] = ()
    xfail: str | None = None

    @property
    def acceptable(self) -> bool:
        """Whether the answer may become the truth."""
        return self.waiting.problem is None


def review(unit: Unit) -> Review:
    """Read, judge and compare a case's waiting answer; nothing is changed."""
    with offline():
        # taken first: what changes while it is read is not what is settled later
        seen = sight(unit.store)
        waiting = look(unit)
        found = Review(waiting=waiting, address=unit.address, argument=unit.argument, sight=seen, xfail=unit.case.xfail)
        try:
            return _reviewed(unit, found) if waiting.provenance else found
        except CassetteError as error:  # changed by somebody meanwhile
            return replace(found, waiting=replace(waiting, provenance=None, problem=findings.damaged(unit, error)))


def between(old: Unit | None, new: Unit | None) -> tuple[StepReview, ...]:
    """Compare the accepted answers of two states of a case as they are; raises CassetteError."""
    before, after = [unit.store.load(unit.store.accepted) if unit else None for unit in (old, new)]
    with offline():
        pairs = zip_longest(
            _answers_of(old, before) if old and before else (), _answers_of(new, after) if new and after else ()
        )
        return tuple(_step(number, before, after, *pair) for number, pair in enumerate(pairs, start=1))


def earlier(unit: Unit | None) -> tuple[StepReview, ...]:
    """Return a case's accepted answers, whatever is asked now; none where they can't be read, which its state tells."""
    try:
        return between(unit, None)
    except CassetteError:
        return ()


def differences(found: Review, folder: Path) -> Iterator[Path]:
    """Yield the files of pictures that differ: old, new, and where the difference is, drawn into a folder.

    Raises OSError.
    """
    for step in found.steps:
        for pair in step.pictures:
            files = [image.file for image in (pair.old, pair.new) if image and image.file]
            if pair.comparison and pair.comparison.same_bytes:
                continue
            yield from files
            if pair.comparison and len(files) == 2:  # noqa: PLR2004 - old and new
                drawn = folder / f"{found.waiting.spec}-{found.waiting.case}.{step.step}.{pair.number}.png".replace(
                    "/", "-"
                )
                drawn.write_bytes(difference(*(file.read_bytes() for file in files)))
                yield drawn


def _reviewed(unit: Unit, found: Review) -> Review:
    """Add the answers to a review; raises CassetteError where the new one can't be read."""
    new = unit.store.load(unit.store.pending)
    if new is None:
        return found
    old, no_old = _old(unit)
    pairs = zip_longest(
        _answers_of(unit, old) if old else (),
        _new_answers(unit, new, old, judged=found.waiting.state in {"fits", "blocked"}),
    )
    steps = tuple(_step(number, old, new, *pair) for number, pair in enumerate(pairs, start=1))
    return replace(found, old=old.provenance if old else None, no_old=no_old, steps=steps)


def _old(unit: Unit) -> tuple[Recording | None, str | None]:
    """Return the old recording, or why there is none that counts."""
    store = unit.store
    try:
        old = store.load(store.accepted)
        if old is None:
            return None, "nothing else is recorded"
        store.verify(old, store.accepted)
    except CassetteError as error:
        return None, error.diagnostic.message
    if not unit.counts(old):
        return None, f"the recording is a stand-in, which doesn't count for the target `{unit.endpoint.target.name}`"
    return old, None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """An answer as it is shown, with its pictures, and what it fails."""

    step: StepResult
    response: Response
    unmet: tuple[Diagnostic, ...] = ()


def _answers_of(unit: Unit, recording: Recording, path: Path | None = None) -> Iterator[_Read]:
    """Yield a recording's answers as they are, whatever today's request is."""
    store = unit.store
    path = path or store.accepted
    for step, fingerprint in enumerate(recording.fingerprints, start=1):
        answer = recorded(store, recording, path, step)
        yield _Read(step=beside(read_result(unit, step, fingerprint, answer), store, recording, path), response=answer)


def _new_answers(unit: Unit, recording: Recording, old: Recording | None, *, judged: bool) -> Iterator[_Read]:
    """Yield the waiting answers, judged beside the old ones where they answer today's request."""
    store = unit.store
    if not judged:
        yield from _answers_of(unit, recording, store.pending)
        return
    with unit.session(recording, store.pending, RecordMode.NONE) as session:
        for request, answer in answers(unit, session):
            if not isinstance(answer, MissError):
                accepted = accepted_answer(unit, old, request.step)
                yield _judged(unit, request, answer, recording, accepted)


def _judged(unit: Unit, request: Request, answer: Response, recording: Recording, accepted: Accepted | None) -> _Read:
    refused = findings.refused(unit, request, answer)
    step = step_result(unit, request, answer, good=refused is None, accepted=accepted)
    return _Read(
        step=beside(step, unit.store, recording, unit.store.pending),
        response=answer,
        unmet=(refused,) if refused else tuple(findings.unmet(unit, step)),
    )


def _step(
    number: int, old: Recording | None, new: Recording | None, before: _Read | None, after: _Read | None
) -> StepReview:
    both = old and new and number <= min(len(old.asked), len(new.asked))
    return StepReview(
        step=number,
        old=before.step if before else None,
        new=after.step if after else None,
        changes=tuple(changes(old.asked[number - 1], new.asked[number - 1])) if old and new and both else (),
        pictures=tuple(_pairs(before, after)),
        unmet=after.unmet if after else (),
    )


def _pairs(before: _Read | None, after: _Read | None) -> Iterator[PicturePair]:
    """Pair the pictures of a step's answers by their numbers, and compare them."""
    sides = [[*zip(read.step.images, read.response.images, strict=True)] if read else [] for read in (before, after)]
    for number, (one, other) in enumerate(zip_longest(*sides), start=1):
        pair = PicturePair(number=number, old=one[0] if one else None, new=other[0] if other else None)
        if one and other:
            try:
                pair = replace(pair, comparison=compare(one[1].data, other[1].data))
            except PictureError as error:
                pair = replace(pair, problem=str(error))
        yield pair
