"""Diagnostics as a page shows them: message, place, the line with what is marked, what to do."""

from collections.abc import Iterable

from promptc.diagnostics import Diagnostic, Severity
from promptc.report.excerpt import excerpt
from promptc.report.full import others, remarks
from promptc.report.page.model import Remark, Tone

_TONES: dict[Severity, Tone] = {Severity.ERROR: "bad", Severity.WARNING: "warn", Severity.NOTE: "soft"}


def remarked(diagnostics: Iterable[Diagnostic]) -> tuple[Remark, ...]:
    """Return all of them, in their order."""
    return tuple(_remark(diagnostic) for diagnostic in diagnostics)


def _remark(diagnostic: Diagnostic) -> Remark:
    part = excerpt(diagnostic.span) if diagnostic.span else None
    return Remark(
        code=diagnostic.code,
        tone=_TONES[diagnostic.severity],
        severity=diagnostic.severity.value,
        message=diagnostic.message,
        place=diagnostic.place,
        number=diagnostic.span.line if diagnostic.span else None,
        excerpt=(part.before, part.marked, part.after) if part else None,
        more=(*remarks(diagnostic), *others(diagnostic)),
    )
