"""What every kind of expectation works with: an answer beside what is expected of it, and verdicts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from promptc.models import Model, Models
from promptc.request import Expectation, Request
from promptc.response import Response
from promptc.source import Span
from promptc.wording import plural

_SHOWN = 80
_READ = 4096
"""How much of a long value is read for a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether one expectation is met; `span` is where the spec states it, or asks for it without stating it.

    `holds_back` says that a new answer does not become the truth by itself, because it is too far
    from the accepted one.
    """

    expectation: str
    passed: bool
    message: str
    span: Span | None = None
    holds_back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The accepted answer to the same step; `pictures` reads its pictures when something asks for them."""

    pictures: Callable[[], Sequence[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its answer; `accepted` is the answer that counted until now, if there is one."""

    request: Request
    response: Response
    models: Models
    accepted: Accepted | None = None

    @property
    def model(self) -> Model | None:
        """What is known of the model that was asked."""
        return self.models.find(self.request.model)

    @property
    def expect(self) -> Expectation:
        """What the spec expects."""
        return self.request.expect or Expectation()

    @property
    def asked(self) -> Mapping[str, Any]:
        """What the request says of the answer; as it was sent, so with unchecked fields."""
        config = self.request.body.get("generationConfig")
        return cast("Mapping[str, Any]", config if isinstance(config, Mapping) else {})

    @property
    def answered(self) -> bool:
        """Whether there is content to look at."""
        return not (self.response.error or self.response.problem or self.response.block_reason)

    def wanted(self, kind: str) -> Mapping[str, Any]:
        """Return the table of one kind of expectation."""
        return cast("Mapping[str, Any]", self.expect.table.get(kind, {}))

    @property
    def asked_for_a_picture(self) -> str | None:
        """The field that asks for a picture."""
        modalities = self.asked.get("responseModalities")
        if modalities is None:
            form = self.asked.get("responseFormat")
            drawn = isinstance(form, Mapping) and "image" in form
            return "imageConfig" if self.asked.get("imageConfig") else "responseFormat" if drawn else None
        return "responseModalities" if "IMAGE" in modalities else None

    @property
    def wants_refusal(self) -> bool:
        """Whether the model is to refuse, so that no picture goes without saying."""
        return self.expect.table.get("refused") is True

    def verdict(self, pointer: str, *, passed: bool, message: str, at: str | None = None, asked: str = "") -> Verdict:
        """Return a verdict on the expectation at a pointer (without its first `/`).

        It is shown at that place, or at another one inside it; where the spec does not state it, at
        the field of the `generationConfig` that has asked for it.
        """
        stated = self.expect.places.get(f"/{pointer if at is None else at}")
        place = stated or self.request.places.get(f"/generationConfig/{asked}")
        name = pointer.replace("/", ".")
        return Verdict(expectation=name, passed=passed, message=message, span=place.span if place else None)


def quantity(count: int, word: str) -> str:
    """Return `no images`, `1 image`, `2 images`."""
    return plural(count, word) if count else f"no {word}s"


def got(value: object) -> str:
    """Return a value as messages quote it: in one line, and short."""
    text = " ".join(str(value)[:_READ].split())
    return f"`{text}`" if len(text) <= _SHOWN else f"`{text[: _SHOWN - 1]}…`"
