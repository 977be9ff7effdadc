"""The JSON Schemas of the API, and what they say against a value.

Findings are built from the schema's keywords, never from jsonschema's messages: those print the
whole instance, pictures included.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promptc.diagnostics import did_you_mean, one_of
from promptc.tree import Json, child, parent

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

_SHIPPED = Path(__file__).parent / "schema"
_CHECKOUT = Path(__file__).parent.parent / "schema"

_SNAKE_CASE = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")
_QUOTED_NAME = re.compile("`[^`]+`")
_QUOTED = 40
FORMATS = ("date", "email", "ipv4", "ipv6", "regex", "uuid")
"""The formats that jsonschema checks without any extra; others it would pass in silence."""

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
    """The kinds of mistakes that a schema finds."""

    UNKNOWN = "unknown"
    TYPE = "type"
    VALUE = "value"
    MISSING = "missing"
    CHOICE = "choice"
    TWICE = "twice"
    BOUNDS = "bounds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a schema says against one place in a value.

    `fault` is the kind of mistake, `pointer` the place (RFC 6901); `at_key` says that the fault
    is in the last key of the pointer, not in the value below it.
    """

    fault: Fault
    pointer: str
    message: str
    expected: str | None = None
    help: str | None = None
    at_key: bool = False


@cache
def load(name: str) -> dict[str, Any]:
    """Return a file of `schema/` by its name without suffix."""
    folder = _SHIPPED if _SHIPPED.is_dir() else _CHECKOUT
    loaded: dict[str, Any] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def resolve(root: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a `$ref` into the root's `$defs`, keeping what stands beside it."""
    while "$ref" in schema:
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**root["$defs"][schema["$ref"].rpartition("/")[2]], **beside}
    return schema


def check(value: Json, name: str) -> tuple[Finding, ...]:
    """Return everything that the schema of that name says against the value."""
    found = {finding for error in _validator(name).iter_errors(value) for finding in _findings(error)}
    misspelt = {parent(finding.pointer) for finding in found if finding.fault is Fault.UNKNOWN}
    # where a name is misspelt, that nothing stands there is the same mistake once more
    found -= {finding for finding in found if finding.fault is Fault.CHOICE and finding.pointer in misspelt}
    near = {(parent(finding.pointer), name) for finding in found for name in _QUOTED_NAME.findall(finding.help or "")}
    found -= {
        finding for finding in found if finding.fault is Fault.MISSING and (finding.pointer, finding.expected) in near
    }
    return tuple(sorted(found, key=lambda finding: (finding.pointer, finding.fault, finding.message)))


def check_with(value: Json, schema: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Return everything that a schema at hand says against the value; raises SchemaError."""
    from jsonschema import Draft202012Validator, FormatChecker  # noqa: PLC0415 - 90 ms that most commands save
    from referencing import Registry  # noqa: PLC0415
    from referencing.exceptions import Unresolvable  # noqa: PLC0415

    Draft202012Validator.check_schema(schema)
    nothing: Registry[Any] = Registry()  # without it, jsonschema would fetch references from the web
    validator = Draft202012Validator(schema, registry=nothing, format_checker=FormatChecker(FORMATS))
    try:
        return tuple(finding for error in validator.iter_errors(value) for finding in _findings(error))
    except (Unresolvable, RecursionError):
        return (Finding(fault=Fault.BOUNDS, pointer="", message="the schema has a `$ref` that leads nowhere"),)


@cache
def _validator(name: str) -> "Draft202012Validator":
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - 90 ms that most commands save

    return Draft202012Validator(load(name))


def _findings(error: "ValidationError") -> Iterator[Finding]:
    pointer = ""
    for token in error.absolute_path:
        pointer = child(pointer, token)
    handler = _HANDLERS.get(str(error.validator), _bounds)
    yield from handler(error, pointer)


def _unknown(error: "ValidationError", pointer: str) -> Iterator[Finding]:
    schema: Any = error.schema
    known: Mapping[str, Any] = schema.get("properties", {})
    patterns: Mapping[str, Any] = schema.get("patternProperties", {})
    instance: Any = error.instance
    for key in instance:
        if key not in known and not any(re.search(pattern, key) for pattern in patterns):
            yield Finding(
                fault=Fault.UNKNOWN,
                pointer=child(pointer, key),
                message=f"unknown key `{_short(key)}`",
                expected=one_of(known) if known else "an empty table",
                help=did_you_mean(key, known),
                at_key=True,
            )


def _type(error: "ValidationError", pointer: str) -> Iterator[Finding]:
    wanted: Any = error.validator_value
    types: list[str] = wanted if isinstance(wanted, list) else [wanted]
    expected = " or ".join(_TYPES[name] for name in types)
    yield Finding(
        fault=Fault.TYPE,
        pointer=pointer,
        message=f"expected {expected}, got {kind(error.instance)}",
        expected=expected,
    )


def _enum(error: "ValidationError", pointer: str) -> Iterator[Finding]:
    schema: Any = error.schema
    allowed: Any = error.validator_value
    word = error.instance
    if not isinstance(word, str):
        if schema.get("type") == "string":
            return  # the type error says it better
        word = json.dumps(word, default=str)
    yield Finding(
        fault=Fault.VALUE,
        pointer=pointer,
        message=f"`{_short(word)}` is not allowed here",
        expected=one_of(name if isinstance(name, str) else json.dumps(name) for name in allowed),
        help=did_you_mean(word, [name for name in allowed if isinstance(name, str)]),
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
    yield Finding(fault=Fault.BOUNDS, pointer=pointer, message=f"expected {expected}", expected=expected)


def _short(word: str) -> str:
    """Return a user's word as messages quote it: whole pictures have been seen in its place."""
    return word if len(word) <= _QUOTED else word[: _QUOTED - 1] + "…"


_HANDLERS = {
    "additionalProperties": _unknown,
    "type": _type,
    "enum": _enum,
    "required": _missing,
    "oneOf": _choice,
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


def camel_case(name: str) -> str:
    """Return a snake_case name in the API's camelCase (proto3 JSON mapping), any other as it is."""
    if not _SNAKE_CASE.fullmatch(name):
        return name  # the API reads two spellings, not `mime__type` or `image_Size`
    return re.sub(r"_([a-z0-9])", lambda match: match.group(1).upper(), name)
