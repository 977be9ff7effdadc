"""Diagnostics as SARIF 2.1.0, for code scanning (https://docs.oasis-open.org/sarif/sarif/v2.1.0)."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from promptc import __version__
from promptc.codes import CODES
from promptc.diagnostics import Diagnostic
from promptc.report.excerpt import excerpt
from promptc.report.full import remarks
from promptc.report.style import line
from promptc.report.workspace import repository_path
from promptc.source import Span

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_INDEX = {code: i for i, code in enumerate(CODES)}


def sarif(diagnostics: Iterable[Diagnostic]) -> str:
    """Return the diagnostics as the results of one run, in ASCII: files of it are read as UTF-8 everywhere."""
    run = {
        "tool": {"driver": {"name": "promptc", "semanticVersion": __version__, "rules": _rules()}},
        "columnKind": "unicodeCodePoints",
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
        "message": {"text": "\n".join([line(diagnostic.message), *remarks(diagnostic)])},
        "locations": _locations(diagnostic),
        "partialFingerprints": {"promptc/v1": fingerprint},
    }
    if diagnostic.related:
        result["relatedLocations"] = [
            {"physicalLocation": _physical(related.span), "message": {"text": line(related.message)}}
            for related in dict.fromkeys(diagnostic.related)
        ]
    return result


def _locations(diagnostic: Diagnostic) -> Sequence[dict[str, Any]]:
    """Return the place; without a file there is none, for code scanning takes no lone logical ones."""
    if diagnostic.span:
        location: dict[str, Any] = {"physicalLocation": _physical(diagnostic.span)}
    elif diagnostic.file:
        location = {"physicalLocation": {"artifactLocation": {"uri": _uri(diagnostic.file)}}}
    else:
        return []
    if diagnostic.subject:
        location["logicalLocations"] = [{"fullyQualifiedName": diagnostic.subject}]
    return [location]


def _physical(span: Span) -> dict[str, Any]:
    part = excerpt(span)
    location: dict[str, Any] = {
        "artifactLocation": {"uri": _uri(span.source.name)},
        "region": {
            "startLine": span.line,
            "startColumn": span.column,
            "endLine": span.end_line,
            "endColumn": span.end_column,
        },
    }
    if span.line == span.end_line:  # of a longer one, the excerpt is not the whole text
        location["region"]["snippet"] = {"text": part.marked}
        if part.text != part.marked:  # a context is larger than what stands in it
            location["contextRegion"] = {"startLine": span.line, "snippet": {"text": part.text}}
    return location


def _uri(file: str) -> str:
    path = repository_path(file)
    return Path(path).as_uri() if Path(path).is_absolute() else quote(path, errors="surrogateescape")
