"""Diagnostics for people: place, message, excerpt with a caret, what was expected, what to do."""

import unicodedata
from collections.abc import Iterable, Iterator

from promptc.diagnostics import Diagnostic, Severity
from promptc.report.style import Style, printable
from promptc.source import Span

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "blue"}
_WIDEST = 100
_BEFORE = 40


def full(diagnostics: Iterable[Diagnostic], style: Style) -> str:
    """Return the diagnostics, each with its excerpt, an empty line between them."""
    return "\n".join("".join(f"{line}\n" for line in _lines(diagnostic, style)) for diagnostic in diagnostics)


def _lines(diagnostic: Diagnostic, style: Style) -> Iterator[str]:
    colour = _COLOURS[diagnostic.severity]
    head = style.paint(f"{diagnostic.severity.value}[{diagnostic.code}]", colour, "bold")
    yield f"{head}: {style.paint(_line(diagnostic.message), 'bold')}"
    if diagnostic.place:
        yield f"  {style.paint('-->', 'blue')} {_line(diagnostic.place)}"
    if diagnostic.span:
        yield from excerpt(diagnostic.span, style, colour)
    for detail in diagnostic.details:
        yield f"   {style.paint('=', 'blue')} {printable(detail)}"
    if diagnostic.expected:
        yield f"   {style.paint('=', 'blue')} expected: {_line(diagnostic.expected)}"
    if diagnostic.help:
        yield f"   {style.paint('=', 'blue')} help: {_line(diagnostic.help)}"
    for related in diagnostic.related:
        yield f"   {style.paint('=', 'blue')} {_line(related.message)}: {_line(related.span.place)}"


def _line(text: str) -> str:
    """Return text on one line: what a user wrote can't forge a line of ours."""
    return printable(text).replace("\n", "\\n")


def excerpt(span: Span, style: Style, colour: str) -> Iterator[str]:
    """Yield a span's first line with its number, and the caret line below it."""
    line = span.source.line(span.line)
    start = span.column - 1
    end = span.end_column - 1 if span.end_line == span.line else len(line)
    first = max(start - _BEFORE, 0) if len(line) > _WIDEST else 0
    last = min(len(line), first + _WIDEST)
    before, marked = printable(line[first:start]), printable(line[start : min(end, last)])
    shown = ("…" if first else "") + printable(line[first:last]) + ("…" if last < len(line) else "")
    number = str(span.line)
    bar = style.paint("|", "blue")
    caret = "^" * max(_width(marked), 1)
    yield f"{' ' * len(number)} {bar}"
    yield f"{style.paint(number, 'blue')} {bar} {shown}".rstrip()
    yield f"{' ' * len(number)} {bar} {' ' * (_width(before) + bool(first))}{style.paint(caret, colour)}"


def _width(text: str) -> int:
    """Return how many columns a terminal gives to a text (Unicode Standard Annex 11)."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )
