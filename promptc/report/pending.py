"""The new answers that wait."""

from collections.abc import Iterator

from promptc.pipeline.output import origin
from promptc.pipeline.pending import PendingResult, Waiting
from promptc.report.as_json import diagnostic_table, diagnostics, dumped
from promptc.report.full import remarks
from promptc.report.provenance import origin_words
from promptc.report.style import Style, line
from promptc.report.summary import pending_hint
from promptc.source import shown

_INDENT = " " * 11


def pending_text(result: PendingResult, style: Style) -> str:
    """Return what waits, case by case with its files, and what can be done about it."""
    rows = "".join(f"{text}\n" for waiting in result.waiting for text in _row(waiting, style))
    return rows + pending_hint(len(result.waiting)) if rows else "" if result.diagnostics else "no new answer waits\n"


def pending_json(result: PendingResult) -> str:
    """Return what waits as JSON."""
    rows = [
        {
            "spec": waiting.spec,
            "case": waiting.case,
            "state": waiting.state,
            **origin(waiting.provenance),
            "files": [shown(file) for file in waiting.files],
            "problem": diagnostic_table(waiting.problem) if waiting.problem else None,
        }
        for waiting in result.waiting
    ]
    return dumped({"cases": rows, "diagnostics": diagnostics(result.diagnostics)})


def _row(waiting: Waiting, style: Style) -> Iterator[str]:
    word = style.paint(f"{waiting.state:10}", "yellow" if waiting.state == "fits" else "red")
    origin = f", {origin_words(waiting.provenance)}" if waiting.provenance else ""
    yield f"{word} {waiting.id}{origin}"
    if waiting.problem:
        yield f"{_INDENT}{line(waiting.problem.message)}"
        yield from (f"{_INDENT}{remark}" for remark in remarks(waiting.problem))
    yield from (style.paint(f"{_INDENT}{line(shown(file))}", "dim") for file in waiting.files)
