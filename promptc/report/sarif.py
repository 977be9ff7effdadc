"""Diagnostics as SARIF 2.1.0, for code scanning (https://docs.oasis-open.org/sarif/sarif/v2.1.0)."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from promptc import __version__
from promptc.codes import CODES
from promptc.config import FILE
from promptc.diagnostics import Diagnostic
from promptc.report.excerpt import excerpt
from promptc.report.full import remarks
from promptc.report.style import line
from promptc.report.workspace import repository_path
from promptc.source import Source, Span

_ROOT = "%SRCROOT%"
"""What a forge takes for the root of the checkout."""
_BEGINNING = {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1}
_LINK = re.compile(r"\[(?=[^\]]*\]\()")
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_INDEX = {code: i for i, code in enumerate(CODES)}


def sarif(diagnostics: Iterable[Diagnostic]) -> str:
    """Return the diagnostics as the results of one run, in ASCII: files of it are read as UTF-8 everywhere."""
    run = {
        "tool": {"driver": {"name": "promptc", "semanticVersion": __version__, "rules": _rules()}},
        "columnKind": "utf16CodeUnits",  # what viewers written in JavaScript count in, whether or not they look here
        "results": _results(diagnostics),
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rules() -> list[dict[str, Any]]:
    return [
        {
            "id": code,
            "name": about.name,
            "shortDescription": {"text": about.meaning},
            "fullDescription": {"text": about.meaning},  # code scanning asks for both
            "help": {"text": about.remedy},
        }
        for code, about in CODES.items()
    ]


def _results(diagnostics: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    seen: Counter[tuple[str, ...]] = Counter()
    results = []
    for diagnostic in diagnostics:
        about = _about(diagnostic)
        seen[about] += 1
        digest = hashlib.sha256("\0".join((*about, str(seen[about]))).encode("utf-8", "surrogateescape"))
        results.append(_result(diagnostic, digest.hexdigest()))
    return results


def _about(diagnostic: Diagnostic) -> tuple[str, ...]:
    """Return what stays the same when lines move, so that a finding is known again."""
    span = diagnostic.span
    file = span.source.name if span else diagnostic.file or ""
    text = span.source.line(span.line).strip() if span else diagnostic.message
    return diagnostic.code, repository_path(file), diagnostic.subject or "", text


def _result(diagnostic: Diagnostic, fingerprint: str) -> dict[str, Any]:
    result = {
        "ruleId": diagnostic.code,
        "ruleIndex": _INDEX[diagnostic.code],
        "level": diagnostic.severity.value,
        "message": _message("\n".join([line(diagnostic.message), *remarks(diagnostic)])),
        "locations": _locations(diagnostic),
        "partialFingerprints": {"promptc/v1": fingerprint},
    }
    if diagnostic.related:
        result["relatedLocations"] = [
            {"physicalLocation": _physical(related.span), "message": _message(line(related.message))}
            for related in dict.fromkeys(diagnostic.related)
        ]
    return result


def _message(text: str) -> dict[str, str]:
    """Return a message whose brackets are no link: a spec's text leads nowhere (SARIF 2.1.0, 3.11.6)."""
    return {"text": _LINK.sub(r"\\[", text)}


def _locations(diagnostic: Diagnostic) -> Sequence[dict[str, Any]]:
    """Return the place: code scanning refuses a whole run for one result without file or region."""
    if diagnostic.span:
        location: dict[str, Any] = {"physicalLocation": _physical(diagnostic.span)}
    else:  # what is in no file is told at the project's
        file = _artifact(diagnostic.file or FILE)
        location = {"physicalLocation": {"artifactLocation": file, "region": _BEGINNING}}
    if diagnostic.subject:
        location["logicalLocations"] = [{"fullyQualifiedName": diagnostic.subject}]
    return [location]


def _physical(span: Span) -> dict[str, Any]:
    part = excerpt(span)
    location: dict[str, Any] = {
        "artifactLocation": _artifact(span.source.name),
        "region": {
            "startLine": span.line,
            "startColumn": _units(span.source, span.line, span.column),
            "endLine": span.end_line,
            "endColumn": _units(span.source, span.end_line, span.end_column),
        },
    }
    if span.line == span.end_line:  # of a longer one, the excerpt is not the whole text
        location["region"]["snippet"] = {"text": part.marked}
        if part.text != part.marked:  # a context is larger than what stands in it
            location["contextRegion"] = {"startLine": span.line, "snippet": {"text": part.text}}
    return location


def _units(source: Source, number: int, column: int) -> int:
    """Return a column as UTF-16 counts it."""
    return len(source.line(number)[: column - 1].encode("utf-16-le", "surrogatepass")) // 2 + 1


def _artifact(file: str) -> dict[str, str]:
    path = repository_path(file)
    if Path(path).is_absolute():
        return {"uri": Path(path).as_uri()}
    return {"uri": quote(path, errors="surrogateescape"), "uriBaseId": _ROOT}
