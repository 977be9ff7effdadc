"""Texts that should be JSON, follow a schema, and hold values."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from promptc.review.verdict import Exchange, Verdict, got
from promptc.schema import check_with
from promptc.tree import child, tokens

_MOST = 3
_OPENAPI_ONLY = {"nullable", "propertyOrdering", "example", "format"}
_COUNTS = {"minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"}
_NOTHING = object()


def form(exchange: Exchange) -> Iterator[Verdict]:
    """Judge the form of a text: what the spec expects, or else what the request asked for."""
    wanted, have = exchange.wanted("text"), exchange.response.text
    value = _parsed(have)
    mime = None if exchange.wants_refusal else exchange.asked.get("responseMimeType")
    if "json" in wanted:
        passed = (value is not _NOTHING) == wanted["json"]
        message = f"the text is {'no ' * (value is _NOTHING)}JSON: {got(have)}"
        yield exchange.verdict("text/json", passed=passed, message=message)
    elif mime == "application/json":
        message = f"the request asked for JSON (responseMimeType), the text is {got(have)}"
        passed = value is not _NOTHING
        yield exchange.verdict("text/json", passed=passed, message=message, asked="responseMimeType")
    if "jsonSchema" in wanted:
        passed, message = _follows(value, wanted["jsonSchema"], "the schema")
        yield exchange.verdict("text/jsonSchema", passed=passed, message=message)
    elif mime == "text/x.enum":
        yield from _asked_schema(exchange, have)
    elif value is not _NOTHING and not exchange.wants_refusal:
        yield from _asked_schema(exchange, value)
    yield from _values(exchange, value)


def _asked_schema(exchange: Exchange, value: object) -> Iterator[Verdict]:
    own = exchange.asked.get("responseSchema")
    field = "responseSchema" if own is not None else "responseJsonSchema"
    schema = plain_schema(own) if own is not None else exchange.asked.get(field)
    if schema is not None:
        passed, message = _follows(value, schema, "the schema that was asked for")
        yield exchange.verdict("text/schema", passed=passed, message=message, asked=field)


def _follows(value: object, schema: Any, name: str) -> tuple[bool, str]:
    """Say whether a value follows a schema, and where it doesn't."""
    faults = ("it is no JSON",) if value is _NOTHING else schema_faults(value, schema)
    if faults:
        return False, f"the text does not follow {name}: {'; '.join(faults)}"
    return True, f"the text follows {name}"


def _values(exchange: Exchange, value: object) -> Iterator[Verdict]:
    """Judge the values at JSON pointers (RFC 6901)."""
    for pointer, wanted in exchange.wanted("text").get("values", {}).items():
        found = _at(value, pointer)
        place = f"`{pointer}`" if pointer else "its top"
        if value is _NOTHING:
            message = f"the text is no JSON, so there is nothing at {place}: {got(exchange.response.text)}"
        elif found is _NOTHING:
            message = f"the JSON has nothing at {place}, expected {_shown(wanted)}"
        else:
            message = f"the JSON has {_shown(found)} at {place}, expected {_shown(wanted)}"
        at = child("text/values", pointer)
        yield exchange.verdict("text/values", passed=_same(found, wanted), message=message, at=at)


def _at(value: Any, pointer: str) -> Any:
    for token in tokens(pointer):
        if isinstance(value, Mapping) and token in value:
            value = value[token]
        elif isinstance(value, list) and token in map(str, range(len(value))):
            value = value[int(token)]
        else:
            return _NOTHING
    return value


def _same(one: Any, other: Any) -> bool:
    """Compare as JSON does: 1 is 1.0, but no `true`."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, Sequence) and isinstance(other, Sequence) and not isinstance(one, str):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


def _shown(value: object) -> str:
    return got(json.dumps(value, ensure_ascii=False))


def _parsed(text: str) -> Any:
    """Return the value of a JSON text (RFC 8259, so without NaN and Infinity), or that there is none."""
    try:
        return json.loads(text, parse_constant=_refused)
    except (ValueError, RecursionError):
        return _NOTHING


def schema_faults(value: Any, schema: Any) -> tuple[str, ...]:
    """Return where a value breaks a schema, three places at most; a schema that is none is a fault."""
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415 - only structured answers pay for it

    try:
        found = check_with(value, schema)
    except OverflowError:
        return ("a number in it is too large to be compared",)
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
    return {key: int(value) if key in _COUNTS and _is_number(value) else value for key, value in plain.items()}


def _is_number(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9]{1,18}", value) is not None


def _refused(constant: str) -> NoReturn:
    msg = f"{constant} is no JSON"
    raise ValueError(msg)
