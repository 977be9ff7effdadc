"""An answer as a project's own checks see it (`expect.python`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerImage:
    """A picture of an answer; its sides are in pixels, None where it can't be opened."""

    data: bytes = field(repr=False)
    media_type: str
    width: int | None
    height: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the API answered to one step of a case.

    `images` are the pictures that count, as everywhere in promptc. `parts` are candidate 0's as they
    came, `usage` is the answer's `usageMetadata`. `block_reason` and `error` say why there is nothing
    to look at, where a case expects that.
    """

    spec: str
    case: str
    step: int
    model: str
    text: str
    images: tuple[AnswerImage, ...]
    finish_reason: str | None
    block_reason: str | None
    error: str | None
    usage: Mapping[str, Any]
    parts: Sequence[Mapping[str, Any]] = field(repr=False)
