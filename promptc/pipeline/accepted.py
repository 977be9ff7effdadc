"""The accepted recording as what new answers are compared with."""

from collections.abc import Sequence
from pathlib import Path

from promptc.pipeline.answers import answers, recorded
from promptc.pipeline.unit import Unit
from promptc.replay.modes import RecordMode
from promptc.replay.recording import Recording
from promptc.response import Response
from promptc.review.likeness import likeness
from promptc.review.verdict import Accepted, Exchange


def accepted_answer(unit: Unit, recording: Recording | None, step: int) -> Accepted | None:
    """Return the accepted answer to a step, which nobody reads before it is needed; None where none counts."""
    if recording is None or not unit.counts(recording) or step > len(recording.responses):
        return None

    def pictures() -> Sequence[bytes]:
        answer = recorded(unit.store, recording, unit.store.accepted, step)
        return tuple(picture.data for picture in answer.images)

    return Accepted(pictures=pictures)


def drifts(unit: Unit, new: Recording, path: Path, accepted: Recording | None) -> bool:
    """Say whether a recording's answers are too far from the accepted ones to take their place by themselves."""
    if not any(request.expect and request.expect.guards_recording for request in unit.case.requests):
        return False
    with unit.session(new, path, RecordMode.NONE) as session:
        return any(
            verdict.holds_back and not verdict.passed
            for request, answer in answers(unit, session)
            if isinstance(answer, Response)
            for verdict in likeness(
                Exchange(
                    request=request,
                    response=answer,
                    models=unit.project.models,
                    accepted=accepted_answer(unit, accepted, request.step),
                )
            )
        )
