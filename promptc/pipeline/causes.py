"""From a change in a request to the place in a spec that caused it: words of a template, or a variable's value."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from promptc.locate import nearest
from promptc.request import Assigned, Case, Request
from promptc.review.changes import Change
from promptc.source import Span
from promptc.toml_tree import decoded_offsets
from promptc.tree import tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Where a change was written; `used` is the template into which a variable's value went."""

    span: Span
    used: Span | None = None


def leading(case: Case, request: Request, changes: Iterable[Change]) -> Cause | None:
    """Return the cause of the first change that has one."""
    return next((found for change in changes if (found := cause(case, request, change))), None)


def cause(case: Case, request: Request, change: Change) -> Cause | None:
    """Return the spec's place that a change comes from: the model's line for the route."""
    pointer = change.pointer.removeprefix("/route").removeprefix("/body")
    place = nearest(pointer, request.places)
    if place is None:
        return None
    if change.old is None and place.key and pointer in request.places:
        return Cause(span=place.key)
    if pointer not in request.places or change.new is None:
        return Cause(span=place.span)
    words = _words(place.span, change)
    if words:
        return Cause(span=words)
    variable = _variable(case.assigned, place.span, _text(request, pointer), change.core)
    return Cause(span=variable.span, used=place.span) if variable else Cause(span=place.span)


def _text(request: Request, pointer: str) -> str:
    value: Any = request.digested_body()
    for token in tokens(pointer):
        value = value[int(token)] if isinstance(value, Sequence) else value[token]
    return str(value)


def _words(span: Span, change: Change) -> Span | None:
    """Narrow a text's span to the words or else the characters that changed, where no expression is among them.

    What changed is counted from the start and from the end of the rendered text; before the first
    and after the last expression that is the same distance in the template.
    """
    raw = span.text
    if raw[:1] not in {'"', "'"} or not change.region or not change.core:
        return None
    start, end = change.core
    exact = (start, end - start, sum(change.region) - end)
    return _narrowed(span, change.region) or (_narrowed(span, exact) if start < end else None)


def _narrowed(span: Span, region: tuple[int, int, int]) -> Span | None:
    raw = span.text
    template = str(tomllib.loads(f"text = {raw}")["text"])
    head, tail = len(template.partition("{")[0]), len(template.rpartition("}")[2])
    first, length, rest = region
    if first + length <= head:
        start = first
    elif rest + length <= tail:
        start = len(template) - rest - length
    else:
        return None
    offsets = decoded_offsets(raw)
    return span.source.span(span.start + offsets[start], span.start + offsets[start + length])


def _variable(assigned: Sequence[Assigned], template: Span, text: str, core: tuple[int, int] | None) -> Assigned | None:
    """Return the variable in whose value all lies that has changed; of several the one with the shortest value."""
    start, end = core or (0, len(text))
    used = (one for one in assigned if re.search(rf"\b{one.name}\b", template.text))
    holds = [one for one in used if text.find(one.text, max(end - len(one.text), 0), start + len(one.text)) >= 0]
    return min(holds, key=lambda one: len(one.text), default=None)
