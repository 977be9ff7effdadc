"""The JSON Schemas of `schema/`, and what they say against a value."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promptc.findings import Fault, Finding, findings_of
from promptc.tree import Json, in_order, parent

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

_SHIPPED = Path(__file__).parent / "schema"
_CHECKOUT = Path(__file__).parent.parent / "schema"

_SNAKE_CASE = re.compile(r"_?[a-z0-9]+(?:_[a-z0-9]+)*")
_QUOTED_NAME = re.compile("`[^`]+`")
DIALECT = "https://json-schema.org/draft/2020-12/schema"
FORMATS = ("date", "email", "ipv4", "ipv6", "regex", "uuid")
"""The formats that jsonschema checks without any extra; others it would pass in silence."""


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


def data_fields() -> tuple[str, ...]:
    """Return the fields of a part of which it has exactly one: its data (content.proto, `oneof data`)."""
    return tuple(branch["required"][0] for branch in load("request.schema")["$defs"]["Part"]["else"]["oneOf"])


def roles() -> tuple[str, ...]:
    """Return the roles that a turn can have."""
    return tuple(load("request.schema")["$defs"]["Content"]["properties"]["role"]["examples"])


def check(value: Json, name: str) -> tuple[Finding, ...]:
    """Return everything that the schema of that name says against the value."""
    return _sifted(_validator(name).iter_errors(value))


def check_against(schema: Mapping[str, Any], value: Json) -> tuple[Finding, ...]:
    """Return everything that a schema of promptc's own making says against the value."""
    return _sifted(_dialect()(schema).iter_errors(value))


def _sifted(errors: "Iterable[ValidationError]") -> tuple[Finding, ...]:
    """Return the findings in the order of the value, each mistake once."""
    found = {finding for error in errors for finding in findings_of(error)}
    misspelt = {parent(finding.pointer) for finding in found if finding.fault is Fault.UNKNOWN}
    # where a name is misspelt, that nothing stands there is the same mistake once more
    found -= {finding for finding in found if finding.fault is Fault.CHOICE and finding.pointer in misspelt}
    near = {(parent(finding.pointer), name) for finding in found for name in _QUOTED_NAME.findall(finding.help or "")}
    found -= {
        finding for finding in found if finding.fault is Fault.MISSING and (finding.pointer, finding.expected) in near
    }
    return tuple(sorted(found, key=lambda finding: (in_order(finding.pointer), finding.fault, finding.message)))


def check_with(value: Json, schema: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Return everything that a schema at hand says against the value; raises SchemaError."""
    from referencing.exceptions import Unresolvable  # noqa: PLC0415 - 90 ms that most commands save

    validator = validator_of(schema)
    try:
        return tuple(finding for error in validator.iter_errors(value) for finding in findings_of(error))
    except (Unresolvable, RecursionError):
        return (Finding(fault=Fault.BOUNDS, pointer="", message="the schema has a `$ref` that leads nowhere"),)


def validator_of(schema: Mapping[str, Any]) -> "Draft202012Validator":
    """Return what checks values against a schema at hand; raises SchemaError."""
    from jsonschema import FormatChecker  # noqa: PLC0415 - 90 ms that most commands save
    from referencing import Registry  # noqa: PLC0415

    _dialect().check_schema(schema)
    nothing: Registry[Any] = Registry()  # without it, jsonschema would fetch references from the web
    return _dialect()(schema, registry=nothing, format_checker=FormatChecker(FORMATS))


@cache
def _validator(name: str) -> "Draft202012Validator":
    return _dialect()(load(name))


@cache
def _dialect() -> "type[Draft202012Validator]":
    """Return the dialect with patterns as ECMA-262 reads them: `$` is the end, not a place before a last newline."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - 90 ms that most commands save
    from jsonschema.exceptions import ValidationError  # noqa: PLC0415
    from jsonschema.validators import extend  # noqa: PLC0415

    def matches(_: object, pattern: str, text: object, __: object) -> "Iterator[ValidationError]":
        if isinstance(text, str) and not re.search(re.sub(r"(?<!\\)\$$", r"\\Z", pattern), text):
            yield ValidationError("")  # findings have words of their own

    made: type[Draft202012Validator] = extend(Draft202012Validator, {"pattern": matches})  # type: ignore[no-untyped-call]
    return made


def camel_case(name: str) -> str:
    """Return a snake_case name in the API's camelCase (proto3 JSON mapping), any other as it is."""
    if not _SNAKE_CASE.fullmatch(name):
        return name  # the API reads two spellings, not `mime__type` or `image_Size`
    return re.sub(r"(?<=.)_([a-z0-9])", lambda match: match.group(1).upper(), name)
