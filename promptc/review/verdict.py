"""What every kind of expectation works with: an answer beside what is expected of it, and verdicts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from promptc.request import Expectation, Request
from promptc.response import Response
from promptc.source import Span

_SHOWN = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether one expectation is met; `span` is where the spec states it, None for the defaults."""

    expectation: str
    passed: bool
    message: str
    span: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its answer."""

    request: Request
    response: Response

    @property
    def expect(self) -> Expectation:
        """What the spec expects."""
        return self.request.expect or Expectation()

    @property
    def asked(self) -> Mapping[str, Any]:
        """What the request says of the answer; as it was sent, so with unchecked fields."""
        return cast("Mapping[str, Any]", self.request.body.get("generationConfig", {}))

    def wanted(self, kind: str) -> Mapping[str, Any]:
        """Return the table of one kind of expectation."""
        return cast("Mapping[str, Any]", self.expect.table.get(kind, {}))

    def verdict(self, pointer: str, *, passed: bool, message: str) -> Verdict:
        """Return a verdict on the expectation at a pointer (without its first `/`)."""
        place = self.expect.places.get(f"/{pointer}")
        name = pointer.replace("/", ".")
        return Verdict(expectation=name, passed=passed, message=message, span=place.span if place else None)


def got(value: object) -> str:
    """Return a value as messages quote it: in one line, and short."""
    text = " ".join(str(value).split())
    return f"`{text}`" if len(text) <= _SHOWN else f"`{text[: _SHOWN - 1]}…`"
