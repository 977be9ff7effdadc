"""Texts that should be JSON, and should follow a schema."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from promptc.schema import check_with

_MOST = 3
_OPENAPI_ONLY = {"nullable", "propertyOrdering", "example", "format"}
_COUNTS = {"minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"}


def is_json(text: str) -> bool:
    """Say whether a text is JSON (RFC 8259, so without NaN and Infinity)."""
    try:
        json.loads(text, parse_constant=_refused)
    except (ValueError, RecursionError):
        return False
    return True


def schema_faults(text: str, schema: Any) -> tuple[str, ...]:
    """Return where a JSON text breaks a schema, three places at most; a schema that is none is a fault."""
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415 - only structured answers pay for it

    try:
        found = check_with(json.loads(text), schema)
    except (SchemaError, TypeError):
        return ("it is no JSON Schema, so nothing can be compared with it",)
    return tuple(f"{finding.pointer or 'at its top'}: {finding.message}" for finding in found[:_MOST])


def plain_schema(schema: Any) -> Any:
    """Return a `responseSchema` (the API's subset of OpenAPI 3.0) as JSON Schema."""
    if not isinstance(schema, Mapping):
        return schema
    plain = {key: value for key, value in schema.items() if key not in _OPENAPI_ONLY}
    if isinstance(plain.get("type"), str):
        kind = plain["type"].lower()
        plain["type"] = [kind, "null"] if schema.get("nullable") else kind
    if "items" in plain:
        plain["items"] = plain_schema(plain["items"])
    if "anyOf" in plain:
        plain["anyOf"] = [plain_schema(item) for item in plain["anyOf"]]
    if isinstance(plain.get("properties"), Mapping):
        plain["properties"] = {name: plain_schema(item) for name, item in plain["properties"].items()}
    return {key: int(value) if key in _COUNTS and isinstance(value, str) else value for key, value in plain.items()}


def _refused(constant: str) -> NoReturn:
    msg = f"{constant} is no JSON"
    raise ValueError(msg)
