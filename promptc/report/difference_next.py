"""What is to be done about a difference: recordings to be moved, reviewed or removed, answers to be judged anew."""

from collections.abc import Iterator, Sequence

from promptc.pipeline.diff import CaseDifference, DiffResult
from promptc.pipeline.results import Status
from promptc.review.difference import Topic
from promptc.wording import plural

_UNFIT = {Status.STALE, Status.MISSING, Status.PENDING, Status.ERROR, Status.SKIPPED}
"""Of these, nobody knows that the recording answers what was asked."""


def left_behind(found: DiffResult) -> tuple[Sequence[CaseDifference], int]:
    """Return the cases whose recording under another name answers them still, and how many recordings have no case."""
    moved = [case for case in found.cases if case.move]
    return moved, sum(case.left and not case.move for case in found.cases)


def steps(found: DiffResult) -> Iterator[str]:
    """Yield what is to be done beside recording anew."""
    waiting = sum(bool(case.now and (case.now.waits or case.now.status is Status.PENDING)) for case in found.cases)
    if waiting:
        wait, them = ("waits", "it") if waiting == 1 else ("wait", "them")
        yield (
            f"{plural(waiting, 'new answer')} {wait}: `promptc review` shows {them} beside the old, "
            f"`promptc accept` makes {them} the truth"
        )
    if any(map(_judged_anew, found.cases)):
        yield "`promptc run` judges the recorded answers by what is expected now; comparing judges none"
    _, gone = left_behind(found)
    if gone:
        belong, them = ("belongs", "it") if gone == 1 else ("belong", "them")
        yield f"{plural(gone, 'recording')} {belong} to no case any more: `promptc prune` removes {them}, after asking"


def _judged_anew(case: CaseDifference) -> bool:
    """Say whether a recorded answer still fits, and has to meet something else than it did."""
    edited = any(edit.topic is Topic.EXPECTATION for edit in case.pair.edits)
    return edited and case.now is not None and case.now.status not in _UNFIT
