"""Texts that should be JSON, and should follow a schema."""

import json
from typing import Any, NoReturn

from promptc.schema import check_with

_MOST = 3


def is_json(text: str) -> bool:
    """Say whether a text is JSON (RFC 8259, so without NaN and Infinity)."""
    try:
        json.loads(text, parse_constant=_refused)
    except (ValueError, RecursionError):
        return False
    return True


def schema_faults(text: str, schema: Any) -> tuple[str, ...]:
    """Return where a JSON text breaks a schema, three places at most; a schema that is none says nothing."""
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415 - only structured answers pay for it

    if not isinstance(schema, dict):
        return ()
    try:
        found = check_with(json.loads(text), schema)
    except SchemaError:
        return ()
    return tuple(f"{finding.pointer or 'at its top'}: {finding.message}" for finding in found[:_MOST])


def _refused(constant: str) -> NoReturn:
    msg = f"{constant} is no JSON"
    raise ValueError(msg)
