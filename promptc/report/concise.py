"""Diagnostics one a line: `file:line:col: CODE message`."""

from collections.abc import Iterable

from promptc.diagnostics import Diagnostic, Severity
from promptc.report.style import line


def concise(diagnostics: Iterable[Diagnostic]) -> str:
    """Return the diagnostics, a line each."""
    return "".join(f"{_line(diagnostic)}\n" for diagnostic in diagnostics)


def _line(diagnostic: Diagnostic) -> str:
    place = f"{line(diagnostic.place)}: " if diagnostic.place else ""
    weight = "" if diagnostic.severity is Severity.ERROR else f"{diagnostic.severity.value}: "
    return f"{place}{diagnostic.code} {weight}{line(diagnostic.message)}"
