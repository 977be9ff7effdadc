"""Diagnostics as workflow commands: GitHub Actions shows them at their lines of a pull request."""

from collections.abc import Iterable

from promptc.codes import CODES
from promptc.diagnostics import Diagnostic, Severity
from promptc.report.full import others, remarks
from promptc.report.style import line
from promptc.report.workspace import repository_path

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def github(diagnostics: Iterable[Diagnostic]) -> str:
    """Return the diagnostics, a workflow command each."""
    return "".join(f"{_command(diagnostic)}\n" for diagnostic in diagnostics)


def _command(diagnostic: Diagnostic) -> str:
    properties = {**_place(diagnostic), "title": f"{diagnostic.code} {CODES[diagnostic.code].name}"}
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    text = "\n".join([line(diagnostic.message), *remarks(diagnostic), *others(diagnostic)])
    return f"::{_LEVELS[diagnostic.severity]} {listed}::{_data(text)}"


def _place(diagnostic: Diagnostic) -> dict[str, str]:
    span = diagnostic.span
    file = span.source.name if span else diagnostic.file
    if not file:
        return {}
    place = {"file": line(repository_path(file))}
    if not span:
        return place
    lines = {"line": str(span.line), "endLine": str(span.end_line)}
    if span.line != span.end_line:  # the runner takes no columns then
        return place | lines
    return place | {
        "line": lines["line"],
        "col": str(span.column),
        "endLine": lines["endLine"],
        "endColumn": str(span.end_column),
    }


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
