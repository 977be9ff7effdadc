"""Texts that come out empty: the API would take them, and nothing would be said."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from promptc.compiler.conversation import NOTHING_SAID, SAY
from promptc.compiler.names import names
from promptc.compiler.spec import ImageRef, Spec
from promptc.compiler.work import Work
from promptc.diagnostics import Diagnostic
from promptc.locate import nearest
from promptc.request import Reply, Request
from promptc.source import Span

_MOST_SHOWN = 3
_LONGEST = 40


def silent(spec: Spec, work: Work, request: Request) -> Iterator[Diagnostic]:
    """Yield the texts of a request that are empty, with the values that made them so."""
    for pointer in _empty(request):
        place = nearest(pointer, request.places)
        if place is None:
            continue
        values = _values(spec, work, place.span)
        blank = next((name for name, value in values.items() if value == ""), None)
        why = " and ".join(f"`{name}` is `{_shown(value)}`" for name, value in [*values.items()][:_MOST_SHOWN])
        hint = f"give `{blank}` a text; `minLength = 1` in its declaration refuses an empty one" if blank else SAY
        yield Diagnostic(
            code="P104",
            message=f"{NOTHING_SAID}: {why}" if why else NOTHING_SAID,
            span=place.span,
            subject=work.subject if why else None,
            help=hint,
        )


def _empty(request: Request) -> Iterator[str]:
    turns: list[tuple[str, Any]] = [
        (f"/contents/{i}", turn) for i, turn in enumerate(request.contents) if not isinstance(turn, Reply)
    ]
    for pointer, turn in (*turns, ("/systemInstruction", request.rest.get("systemInstruction"))):
        parts = turn.get("parts") if isinstance(turn, Mapping) else None
        for k, part in enumerate(parts if isinstance(parts, Sequence) else ()):
            # a model's own turn may have a part that carries its signature alone
            if isinstance(part, Mapping) and part.get("text") == "" and "thoughtSignature" not in part:
                yield f"{pointer}/parts/{k}/text"


def _values(spec: Spec, work: Work, span: Span) -> Mapping[str, Any]:
    """Return the variables that a text is made of: those that are empty or off, else all."""
    uses = (use for node in spec.templates() for use in names(work.library, node)[0])
    here = (use.name for use in uses if use.span.source == span.source and span.start <= use.span.start < span.end)
    values = {name: work.values[name] for name in here if name in work.values}
    known = {name: value for name, value in values.items() if isinstance(value, (str, bool, int, float, list, dict))}
    return {name: value for name, value in known.items() if not value} or known


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=_name)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _name(value: object) -> str:
    return value.written if isinstance(value, ImageRef) else "…"
