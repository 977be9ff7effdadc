"""Answers as a project's own checks and tests see them."""

from copy import deepcopy
from typing import Any

from promptc.answer import Answer, AnswerImage
from promptc.request import Request
from promptc.response import Response
from promptc.review.pictures import measure


def answer_of(request: Request, response: Response) -> Answer:
    """Return an answer as checks and tests see it: it is their own, so what they change goes nowhere."""
    sides = [measure(picture.data) or (None, None) for picture in response.images]
    parts: Any = deepcopy(response.parts)
    return Answer(
        spec=request.spec,
        case=request.case,
        step=request.step,
        model=request.model,
        text=response.text,
        images=tuple(
            AnswerImage(data=picture.data, media_type=picture.media_type, width=width, height=height)
            for picture, (width, height) in zip(response.images, sides, strict=True)
        ),
        finish_reason=response.finish_reason,
        block_reason=response.block_reason,
        error=response.error.sentence if response.error else None,
        usage=deepcopy(dict(response.usage)),
        parts=parts,
    )
