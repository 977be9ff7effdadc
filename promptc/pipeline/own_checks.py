"""A project's own checks before anything is asked: an answer that can't be judged is not worth its price."""

from collections.abc import Iterator
from pathlib import Path

from promptc.diagnostics import Diagnostic
from promptc.pipeline.answers import fitting
from promptc.pipeline.findings import step_name
from promptc.pipeline.unit import Unit
from promptc.replay.modes import RecordMode
from promptc.replay.recording import Recording
from promptc.review.own import unresolved


def unknown_checks(unit: Unit, counted: Recording | None, path: Path, mode: RecordMode) -> tuple[Diagnostic, ...]:
    """Return the checks that can't be found of a case that is to be asked for, in the words of their verdicts."""
    if mode is RecordMode.NONE:
        return ()
    unknown = tuple(_unknown(unit))
    return unknown if unknown and _asks(unit, counted, path, mode) else ()


def _unknown(unit: Unit) -> Iterator[Diagnostic]:
    for request in unit.case.requests:
        for span, message in unresolved(request.expect) if request.expect else ():
            yield Diagnostic(
                code="P601",
                message=f"{step_name(unit, request.step)}: {unit.endpoint.secrets.redact(message)}",
                span=span,
                subject=unit.case.id,
                help="nothing was asked",
            )


def _asks(unit: Unit, counted: Recording | None, path: Path, mode: RecordMode) -> bool:
    if counted is None or mode is RecordMode.ALL:
        return True
    return mode is RecordMode.NEW_EPISODES and not fitting(unit, counted, path)[1]
