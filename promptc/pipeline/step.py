"""One step's result: an answer read, judged and described, with nothing secret in it."""

from dataclasses import replace
from pathlib import Path

from promptc.pipeline.output import describe
from promptc.pipeline.results import StepResult
from promptc.pipeline.unit import Unit
from promptc.replay.offline import offline_here
from promptc.replay.recording import Recording
from promptc.replay.store import Store
from promptc.request import Request
from promptc.response import Response
from promptc.review.verdict import Accepted
from promptc.review.verdicts import judge


def step_result(
    unit: Unit, request: Request, answer: Response, *, good: bool, accepted: Accepted | None = None
) -> StepResult:
    """Return what there is to say about an answer; only a `good` one is judged, beside the `accepted` one."""
    redact = unit.endpoint.secrets.redact
    read = read_result(unit, request.step, request.fingerprint, answer)
    with offline_here():  # a project's own checks are code that runs
        verdicts = judge(request, replace(answer, text=read.text), unit.project.models, accepted) if good else ()
    return replace(read, verdicts=tuple(replace(verdict, message=redact(verdict.message)) for verdict in verdicts))


def read_result(unit: Unit, step: int, fingerprint: str, answer: Response) -> StepResult:
    """Return what an answer is, unjudged."""
    redact = unit.endpoint.secrets.redact

    def shown(word: str | None) -> str | None:
        return None if word is None else redact(word)

    return StepResult(
        step=step,
        fingerprint=fingerprint,
        finish_reason=shown(answer.finish_reason),
        block_reason=shown(answer.block_reason),
        error=redact(answer.error.sentence) if answer.error else None,
        text=redact(answer.text),
        images=tuple(replace(image, media_type=redact(image.media_type)) for image in describe(answer)),
        usage=answer.usage,
        model_version=shown(answer.model_version),
        verdicts=(),
    )


def beside(step: StepResult, store: Store, recording: Recording, path: Path) -> StepResult:
    """Name the files in which a step's pictures were kept, for whoever wants to look before accepting."""
    kept = {sidecar.sha256: sidecar for sidecar in recording.sidecars}
    images = [
        replace(image, file=store.find(kept[image.sha256], path), files=store.files) if image.sha256 in kept else image
        for image in step.images
    ]
    return replace(step, images=tuple(images))
