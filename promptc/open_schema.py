"""What the API's schemas say against answers: names and values that they lack are notes.

The API adds fields and values without asking, so the schemas of answers are open. Checked as they
stand, they would never mention what is new, or misspelt in a mock; so a closed variant is derived,
and what only it finds becomes a note.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from promptc.diagnostics import Severity
from promptc.findings import Fault, Finding
from promptc.schema import check_against, load
from promptc.tree import Json, last, parent


def check_open(value: Json, name: str) -> tuple[Finding, ...]:
    """Return what an open schema says against a canonical value: its errors, and notes on what it lacks."""
    return tuple(_weighed(finding) for finding in check_against(_closed(name), value))


@cache
def _closed(name: str) -> dict[str, Any]:
    """Return a schema that knows its own fields and values only."""
    return _close(load(name))


def _close(schema: Mapping[str, Any]) -> dict[str, Any]:
    closed = dict(schema)
    for keyword in ("properties", "$defs"):
        if keyword in closed:
            closed[keyword] = {key: _close(inner) for key, inner in closed[keyword].items()}
    for keyword in ("items", "then", "else"):
        if keyword in closed:
            closed[keyword] = _close(closed[keyword])
    if "properties" in closed:
        closed.setdefault("additionalProperties", False)
    if closed.get("x-proto") == "enum" and "examples" in closed:
        closed["enum"] = closed["examples"]
    return closed


def _weighed(finding: Finding) -> Finding:
    if finding.fault is Fault.UNKNOWN:
        message = finding.message.replace("unknown key", "the API's schema has no", 1)
        return replace(finding, message=f"{message}; it is ignored", expected=None, severity=Severity.NOTE)
    if finding.fault is Fault.VALUE:
        word = finding.message.removesuffix(" is not allowed here")
        message = f"the API's schema has no value {word} for `{_field(finding.pointer)}`; it is kept as it is"
        return replace(finding, message=message, expected=None, severity=Severity.NOTE)
    return finding


def _field(pointer: str) -> str:
    """Return the name of the field that a value stands in, alone or in a list."""
    while last(pointer).isdecimal():
        pointer = parent(pointer)
    return last(pointer)
