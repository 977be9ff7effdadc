"""The line that a diagnostic points into, short enough to read: no base64, no line of 20 MB."""

import re
from dataclasses import dataclass

from promptc.source import Span

_WIDEST = 100
_BEFORE = 40
_AROUND = 400
_RUN = 72  # MIME's lines of base64 have 76 characters (RFC 2045)
_WORD = re.compile(r"[A-Za-z0-9+/=_.~%&#;\\-]+")
_KEY = 20
_BASE64 = re.compile(rf"[A-Za-z0-9+/_-]{{{_RUN},}}={{0,2}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """What to print of a line: `marked` is what the caret stands below."""

    before: str
    marked: str
    after: str

    @property
    def text(self) -> str:
        """The whole of it."""
        return self.before + self.marked + self.after


def holds_base64(line: str) -> bool:
    """Say whether a line holds what may be a file's bytes."""
    return _BASE64.search(line) is not None


def excerpt(span: Span) -> Excerpt:
    """Return a span's first line, cut around the span where it is long."""
    line = span.source.line(span.line)
    start = span.column - 1
    end = span.end_column - 1 if span.end_line == span.line else len(line)
    if len(line) <= _WIDEST:
        return Excerpt(before=line[:start], marked=line[start:end], after=line[end:])
    first, last = max(start - _AROUND, 0), min(start + _AROUND, len(line))
    shown = list(line[first:last])
    for match in _BASE64.finditer(line, max(first - _RUN, 0), last + _RUN):
        run = range(max(match.start() - first, 0), min(match.end() - first, len(shown)))
        for i in run:
            shown[i] = "…" if i == run.start else ""
    before, marked = "".join(shown[: start - first]), "".join(shown[start - first : end - first])
    after = "".join(shown[max(start, end) - first :])
    cut = bool(first or len(before) > _BEFORE) and not before[-_BEFORE:].startswith("…")
    room = _WIDEST - min(len(before), _BEFORE)
    more = last < len(line) or len(marked) + len(after) > room
    marked, room = marked[:room], max(room - len(marked), 0)
    after = _without_half(after[:room], after[room:])
    more = more and not (before + marked + after).endswith("…")
    before = _without_half(before[: -_BEFORE - 1 : -1], before[-_BEFORE - 1 :: -1] if cut else "")[::-1]
    return Excerpt(before="…" * cut + before, marked=marked, after=after + "…" * more)


def _without_half(kept: str, left: str) -> str:
    """Return what is kept without its last word, if that goes on in what is left, and is as long as a key.

    Half a key can't be known for what it is, so no half of one may be shown.
    """
    head, tail = _WORD.match(kept[::-1]), _WORD.match(left)
    if not (head and tail) or head.end() + tail.end() < _KEY:
        return kept
    return kept[: len(kept) - head.end()]
