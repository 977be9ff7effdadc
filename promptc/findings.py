"""What is wrong with a value, as data, and how a schema's complaint becomes it.

Findings are built from the schema's keywords, never from jsonschema's messages: those print the
whole instance, pictures included.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from promptc.diagnostics import Severity, did_you_mean, one_of
from promptc.tree import child

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_QUOTED = 40
_FEW = 3
_TYPES = {
    "object": "a table",
    "array": "an array",
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "a boolean",
    "null": "nothing",
}


class Fault(StrEnum):
    """The kinds of mistakes: what a schema finds, what a model can't do, what no schema can say."""

    UNKNOWN = "unknown"
    TYPE = "type"
    VALUE = "value"
    MISSING = "missing"
    CHOICE = "choice"
    TWICE = "twice"
    BOUNDS = "bounds"
    ABILITY = "ability"
    ORDER = "order"
    MODALITY = "modality"
    LIMIT = "limit"
    SCHEMA = "schema"
    MEDIA = "media"
    EMPTY = "empty"
    MODEL = "model"
    TOGETHER = "together"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a schema, or a rule beyond it, says against one place in a value.

    `fault` is the kind of mistake, `pointer` the place (RFC 6901); `at_key` says that the fault
    is in the last key of the pointer, not in the value below it.
    """

    fault: Fault
    pointer: str
    message: str
    expected: str | None = None
    help: str | None = None
    at_key: bool = False
    severity: Severity = Severity.ERROR


def findings_of(error: "ValidationError") -> Iterator[Finding]:
    """Yield what one of jsonschema's errors says, in words of our own."""
    pointer = ""
    for token in error.absolute_path:
        pointer = child(pointer, token)
    handler = _HANDLERS.get(str(error.validator), _bounds)
    yield from handler(error, pointer)


def _unknown(error: "ValidationError", pointer: str) -> Iterator[Finding]:
    schema: Any = error.schema
    known: Mapping[str, Any] = schema.get("properties", {})
    patterns: Mapping[str, Any] = schema.get("patternProperties", {})
    current = [name for name, inner in known.items() if isinstance(inner, bool) or not inner.get("x-internal")]
    meant = [name for name, inner in known.items() if isinstance(inner, bool) or "x-why" not in inner]
    instance: Any = error.instance
    for key in instance:
        if key not in known and not any(re.search(pattern, key) for pattern in patterns):
            yield Finding(
                fault=Fault.UNKNOWN,
                pointer=child(pointer, key),
                message=f"unknown key `{_short(key)}`",
                expected=one_of(current) if current else "an empty table",
                help=did_you_mean(key, meant),
                at_key=True,
            )


def _type(error: "ValidationError", pointer: str) -> Iterator[Finding]:
    wanted: Any = error.validator_value
    types: list[str] = wanted if isinstance(wanted, list) else [wanted]
    expected = " or ".join(_TYPES[name] for name in types)
    schema: Any = error.schema
    fields = [f"`{name}`" for name in schema.get("properties", {})]
    if types == ["object"] and 0 < len(fields) <= _FEW:
        expected = f"{expected} with {' or '.join(fields)}"
    if schema.get("x-proto") == "int64":  # a string on the wire, an integer to everybody else
        expected = _TYPES["integer"]
    yield Finding(
        fault=Fault.TYPE,
        pointer=pointer,
        message=f"expected {expected}, got {kind(error.instance)}",
        expected=expected,
    )


def _enum(error: "ValidationError", pointer: str) -> Iterator[Finding]:
    schema: Any = error.schema
    allowed: Any = error.validator_value
    word, kind = error.instance, "x-kind"
    if not isinstance(word, str):
        if schema.get("type") == "string":
            return  # the type error says it better
        word = json.dumps(word, default=str)
    # what stands for nothing in a proto is allowed, but no advice
    meant = [name for name in allowed if "x-proto" not in schema or not name.lower().endswith("unspecified")]
    yield Finding(
        fault=Fault.VALUE,
        pointer=pointer,
        message=f"{f'`{_short(word)}`' if word else 'an empty text'} is {f'no {schema[kind]}' if kind in schema else 'not allowed here'}",
        expected=one_of(name if isinstance(name, str) else json.dumps(name) for name in meant),
        help=did_you_mean(word, [name for name in meant if isinstance(name, str)]),
    )


def _missing(error: "ValidationError", pointer: str) -> Iterator[Finding]:
    wanted: Any = error.validator_value
    instance: Any = error.instance
    for key in wanted:
        if key not in instance:
            yield Finding(fault=Fault.MISSING, pointer=pointer, message=f"`{key}` is missing", expected=f"`{key}`")


def _choice(error: "ValidationError", pointer: str) -> Iterator[Finding]:
    branches: Any = error.validator_value
    if not all(isinstance(branch, Mapping) and list(branch) == ["required"] for branch in branches):
        yield from _bounds(error, pointer)
        return
    if not isinstance(error.instance, Mapping):
        schema: Any = error.schema
        if schema.get("type") != "object":
            yield from _bounds(error, pointer)
        return  # the type error says it better
    names = [branch["required"][0] for branch in branches]
    present = [f"`{name}`" for name in names if name in error.instance]
    yield Finding(
        fault=Fault.CHOICE,
        pointer=pointer,
        message=f"one thing must stand here, but there are {' and '.join(present)}"
        if present
        else "one thing must stand here, but there is none",
        expected="exactly " + one_of(names),
    )


def _never(error: "ValidationError", pointer: str) -> Iterator[Finding]:
    schema: Any = error.schema
    if "x-why" not in schema:
        yield from _bounds(error, pointer)
        return
    yield Finding(fault=Fault.UNKNOWN, pointer=pointer, message=schema["x-why"], help="remove it", at_key=True)


def _pattern(error: "ValidationError", pointer: str) -> Iterator[Finding]:
    schema: Any = error.schema
    if "examples" not in schema:
        yield from _bounds(error, pointer)
        return
    expected = schema.get("x-expected") or f"text like {' or '.join(f'`{example}`' for example in schema['examples'])}"
    message = f"`{_short(str(error.instance))}` is not {expected}"
    yield Finding(fault=Fault.BOUNDS, pointer=pointer, message=message, expected=expected)


def _bounds(error: "ValidationError", pointer: str) -> Iterator[Finding]:
    words = {
        "minimum": "at least {}",
        "maximum": "at most {}",
        "exclusiveMinimum": "more than {}",
        "exclusiveMaximum": "less than {}",
        "minLength": "at least {} character(s)",
        "maxLength": "at most {} character(s)",
        "minItems": "at least {} element(s)",
        "maxItems": "at most {} element(s)",
        "minProperties": "at least {} field(s)",
        "maxProperties": "at most {} field(s)",
        "pattern": "text that matches {}",
        "multipleOf": "a multiple of {}",
        "format": "a valid {}",
        "const": "{}",
        "uniqueItems": "elements that differ from each other",
    }
    keyword: object = error.validator
    if keyword is None:  # a schema that is `false`
        yield Finding(fault=Fault.BOUNDS, pointer=pointer, message="nothing may stand here", expected="nothing")
        return
    limit: Any = error.validator_value
    shown = limit if isinstance(limit, (int, float, str)) and not isinstance(limit, bool) else "its schema"
    if keyword == "const" and not isinstance(limit, str):
        shown = _short(json.dumps(limit, default=str))
    expected = words.get(str(keyword), f"what `{keyword}` says: {{}}").format(shown)
    expected = expected.replace("(s)", "" if limit == 1 else "s")
    given = f", got {error.instance}" if str(keyword).endswith("imum") and len(str(error.instance)) <= _QUOTED else ""
    yield Finding(fault=Fault.BOUNDS, pointer=pointer, message=f"expected {expected}{given}", expected=expected)


def _short(word: str) -> str:
    """Return a user's word as messages quote it: whole pictures have been seen in its place."""
    return word if len(word) <= _QUOTED else word[: _QUOTED - 1] + "…"


_HANDLERS = {
    "additionalProperties": _unknown,
    "type": _type,
    "enum": _enum,
    "required": _missing,
    "oneOf": _choice,
    "not": _never,
    "pattern": _pattern,
}


def kind(value: object) -> str:
    """Return the field's word for a JSON value's type."""
    match value:
        case bool():
            return "a boolean"
        case str():
            return "a string"
        case int():
            return "an integer"
        case float():
            return "a number"
        case None:
            return "nothing"
        case Mapping():
            return "a table"
        case Sequence():
            return "an array"
        case _:
            return "a date or time"
