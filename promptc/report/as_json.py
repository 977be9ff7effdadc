"""Diagnostics, cases and results as JSON, for scripts."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from promptc.codes import CODES
from promptc.diagnostics import Diagnostic
from promptc.pipeline.accept import SettledResult
from promptc.pipeline.check import CheckResult
from promptc.pipeline.listing import Listing
from promptc.pipeline.output import as_json, origin
from promptc.pipeline.run import RunResult
from promptc.report.excerpt import excerpt, holds_base64
from promptc.source import Span

_LONGEST = 500
_UNSEEN = re.compile(
    r"[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def dumped(value: object, *, sort_keys: bool = False) -> str:
    """Return indented JSON with a newline at its end; what would steer a terminal is escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=2, sort_keys=sort_keys)
    return _UNSEEN.sub(lambda match: json.dumps(match[0])[1:-1], text) + "\n"


def diagnostic_table(diagnostic: Diagnostic) -> dict[str, Any]:
    """Return a diagnostic as a JSON object; lines and columns count from 1, the end is excluded."""
    return {
        "code": diagnostic.code,
        "name": CODES[diagnostic.code].name,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "file": diagnostic.span.source.name if diagnostic.span else diagnostic.file,
        "range": _range(diagnostic.span) if diagnostic.span else None,
        "snippet": _snippet(diagnostic.span) if diagnostic.span else None,
        "subject": diagnostic.subject,
        "expected": diagnostic.expected,
        "help": diagnostic.help,
        "details": list(diagnostic.details),
        "related": [
            {"message": related.message, "file": related.span.source.name, "range": _range(related.span)}
            for related in diagnostic.related
        ],
    }


def diagnostics(found: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """Return diagnostics as JSON objects."""
    return [diagnostic_table(diagnostic) for diagnostic in found]


def check_json(result: CheckResult) -> str:
    """Return what `check` found."""
    cases = [
        {
            "spec": case.spec,
            "case": case.case,
            "recording": recording_word(case.status.value),
            **origin(case.provenance),
            "pending": case.waits,
        }
        for case in result.cases
    ]
    return dumped({"good": result.good, "cases": cases, "diagnostics": diagnostics(result.diagnostics)})


def run_json(result: RunResult) -> str:
    """Return what a run came to."""
    return dumped(
        {
            "good": result.good,
            "stopped": asdict(result.stopped) if result.stopped else None,
            "cases": [{**as_json(case), "kept": case.kept, "told": list(case.told)} for case in result.results],
            "diagnostics": diagnostics(
                [*result.diagnostics, *(found for case in result.results for found in case.diagnostics)]
            ),
        }
    )


def listing_json(result: Listing) -> str:
    """Return the cases with their state."""
    rows = [
        {
            "spec": case.spec,
            "case": case.name,
            "tags": list(case.tags),
            "model": case.requests[0].model,
            "method": case.requests[0].method,
            "steps": len(case.requests),
            "recording": recording_word(state.status.value),
            **origin(state.provenance),
            "pending": state.waits,
        }
        for case, state in result.rows
    ]
    return dumped({"cases": rows, "diagnostics": diagnostics(result.diagnostics)})


def settled_json(result: SettledResult) -> str:
    """Return the cases that were accepted or rejected, and which of them are not green all the same."""
    return dumped(
        {"cases": list(result.cases), "unmet": list(result.unmet), "diagnostics": diagnostics(result.diagnostics)}
    )


def recording_word(status: str) -> str:
    """Return the field's word for a recording's state."""
    return {"passed": "fresh", "error": "damaged"}.get(status, status)


def _snippet(span: Span) -> str:
    line = span.source.line(span.line)
    return line if len(line) <= _LONGEST and not holds_base64(line) else excerpt(span).text


def _range(span: Span) -> dict[str, dict[str, int]]:
    return {
        "start": {"line": span.line, "column": span.column},
        "end": {"line": span.end_line, "column": span.end_column},
    }
