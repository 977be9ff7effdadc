"""Diagnostics for people: place, message, excerpt with a caret, what was expected, what to do."""

from collections.abc import Iterable, Iterator

from promptc.diagnostics import Diagnostic, Severity
from promptc.report.excerpt import excerpt
from promptc.report.style import Style, line, printable
from promptc.source import Span, columns

SEVERITY_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "blue"}
"""What a severity is painted in, wherever a message is shown."""


def full(diagnostics: Iterable[Diagnostic], style: Style) -> str:
    """Return the diagnostics, each with its excerpt, an empty line between them."""
    return "\n".join("".join(f"{line}\n" for line in _lines(diagnostic, style)) for diagnostic in diagnostics)


def remarks(diagnostic: Diagnostic) -> Iterator[str]:
    """Yield what stands below a message: details, what was expected, what to do."""
    yield from map(printable, diagnostic.details)
    if diagnostic.expected and diagnostic.expected not in diagnostic.message:
        yield f"expected: {line(diagnostic.expected)}"
    if diagnostic.help:
        yield f"help: {line(diagnostic.help)}"


def others(diagnostic: Diagnostic) -> Iterator[str]:
    """Yield the other places that explain a diagnostic."""
    for related in diagnostic.related:
        yield f"{line(related.message)}: {line(related.span.place)}"


def _lines(diagnostic: Diagnostic, style: Style) -> Iterator[str]:
    colour = SEVERITY_COLOURS[diagnostic.severity]
    head = style.paint(f"{diagnostic.severity.value}[{diagnostic.code}]", colour, "bold")
    yield f"{head}: {style.paint(line(diagnostic.message), 'bold')}"
    if diagnostic.place:
        yield f"  {style.paint('-->', 'blue')} {line(diagnostic.place)}"
    if diagnostic.span:
        yield from _excerpt(diagnostic.span, style, colour)
    for remark in (*remarks(diagnostic), *others(diagnostic)):
        yield f"   {style.paint('=', 'blue')} {remark}"


def _excerpt(span: Span, style: Style, colour: str) -> Iterator[str]:
    """Yield a span's first line with its number, and the caret line below it."""
    part = excerpt(span)
    before, marked = printable(part.before), printable(part.marked)
    number = str(span.line)
    bar = style.paint("|", "blue")
    caret = "^" * max(columns(marked), 1)
    yield f"{' ' * len(number)} {bar}"
    yield f"{style.paint(number, 'blue')} {bar} {before}{marked}{printable(part.after)}".rstrip()
    yield f"{' ' * len(number)} {bar} {' ' * columns(before)}{style.paint(caret, colour)}"
