"""Valid bodies of any kind, other spellings of them, and bodies that mean something else."""

import base64
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from promptc.schema import data_fields, resolve
from tests.mutations.walk import ROOT, Spot, at, put, spots, without

KEYS = ("a_b", "aB", "mime_type", "mimeType", "inline_data", "type", "top_k", "", "a/b", "~")
"""Keys of the user's own, some of which look like the API's."""

LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-99, 99), st.sampled_from([0.5, -1.25]), st.text(max_size=4))
JSON = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)),
    max_leaves=4,
)
TABLES = st.dictionaries(st.sampled_from(KEYS), JSON, max_size=3)
MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(9998, 1, 1)).map(  # noqa: DTZ001 - the zone is written below
    lambda moment: moment.isoformat(timespec="seconds") + "Z"
)
DURATIONS = st.one_of(
    st.integers(-999, 9999).map(lambda whole: f"{whole}s"), st.sampled_from(["0.5s", "1.25s", "-0.000000001s"])
)


def instances(schema: Mapping[str, Any], depth: int) -> st.SearchStrategy[Any]:
    """Return values that a schema accepts, at most `depth` messages deep."""
    schema = resolve(ROOT, schema)
    kind = schema.get("type")
    match schema.get("x-proto"):
        case "enum":
            return st.sampled_from(schema["enum"])
        case "json":
            return TABLES if kind == "object" else JSON
        case "bytes":
            return st.binary(max_size=9).map(lambda data: base64.b64encode(data).decode())
        case "int64":
            return st.integers(-(2**63), 2**63 - 1).map(str)
        case "timestamp":
            return MOMENTS
        case "duration":
            return DURATIONS
        case "map":
            return st.dictionaries(
                st.sampled_from(KEYS), instances(schema["additionalProperties"], depth - 1), max_size=2
            )
    if kind == "array":
        return st.lists(instances(schema["items"], depth), min_size=1, max_size=2 if depth > 0 else 1)
    if kind == "object":
        return messages(schema, depth)
    if "pattern" in schema:
        return st.sampled_from(schema["examples"])
    low, high = schema.get("minimum", -1000), schema.get("maximum", 1000)
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "string": st.text(max_size=5),
        "boolean": st.booleans(),
        "integer": st.integers(low, high),
        "number": st.one_of(st.floats(low, high), st.integers(low, high)),
    }
    return kinds[str(kind)]


@st.composite
def messages(draw: st.DrawFn, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
    """Draw a message with what it must have, and a few fields more."""
    properties: Mapping[str, Any] = schema["properties"]
    required = list(schema.get("required", []))
    choices = [choice["required"] for choice in schema.get("oneOf", []) if set(choice) == {"required"}]
    if choices and all(len(choice) == 1 for choice in choices):
        return {name: draw(instances(properties[name], depth - 1)) for name in draw(st.sampled_from(choices))}
    data = data_fields() if {"text", "thought"} <= set(properties) else ()
    if data:
        required.append(draw(st.sampled_from(data if depth > 0 else ("text",))))
    free = [name for name in properties if name not in data and name not in required]
    chosen = draw(st.lists(st.sampled_from(free), max_size=3, unique=True)) if free and depth > 0 else []
    if len(required) + len(chosen) < schema.get("minProperties", 0):
        chosen = [draw(st.sampled_from(free))]
    made = {name: draw(instances(properties[name], depth - 1)) for name in (*required, *chosen)}
    for name in sorted(set(made) & set(defaults(schema))):  # text of any kind hits them too seldom
        made[name] = draw(st.sampled_from([defaults(schema)[name], "model", made[name]]))
    return made


def defaults(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what fields of a message count as where they are absent."""
    found: Mapping[str, Any] = {} if "x-ignored" in schema else schema.get("x-defaults", {})
    return found


BODIES = messages(ROOT, 5)


def snake(name: str) -> str:
    """Return a field's name in snake_case."""
    return re.sub("([A-Z])", r"_\1", name).lower()


@st.composite
def respelt(draw: st.DrawFn, value: Any, schema: Mapping[str, Any]) -> Any:
    """Draw another spelling of a value, one that the API reads the same."""
    schema = resolve(ROOT, schema)
    if schema.get("x-proto") == "json":
        return shuffled(draw, value)
    if schema.get("x-proto") == "map":
        inner = schema["additionalProperties"]
        return {key: draw(respelt(item, inner)) for key, item in reordered(draw, value).items()}
    if isinstance(value, list):
        items = [draw(respelt(item, schema["items"])) for item in value]
        lone: bool = draw(st.booleans())
        return items[0] if len(items) == 1 and lone else items
    if isinstance(value, dict):
        return draw(respelt_message(value, schema))
    return draw(st.sampled_from(spellings(value, schema)))


@st.composite
def respelt_message(draw: st.DrawFn, value: dict[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Draw another order and spelling of fields, with nothing in various forms for what is absent."""
    result = {}
    for key, item in value.items():
        if key not in schema.get("x-ignored", ()):
            result[draw(st.sampled_from([key, snake(key)]))] = draw(respelt(item, schema["properties"][key]))
    absent: dict[str, list[Any]] = {}
    for key, inner in schema["properties"].items():
        resolved = resolve(ROOT, inner)
        if key in schema.get("x-ignored", ()):
            absent[key] = ["user", "x", None]
        elif key not in value and not (resolved.get("x-proto") == "json" and "type" not in resolved):
            empty: list[Any] = [[]] if resolved.get("type") == "array" and "minItems" not in inner else []
            absent[key] = [None, *empty, *([{}] if "x-empty" in inner else [])]
    if absent:
        for key in draw(st.lists(st.sampled_from(sorted(absent)), max_size=3, unique=True)):
            result[draw(st.sampled_from([key, snake(key)]))] = draw(st.sampled_from(absent[key]))
    return reordered(draw, result)


def spellings(value: Any, schema: Mapping[str, Any]) -> list[Any]:
    """Return every spelling of a single value."""
    match schema.get("x-proto"):
        case "enum":
            numbers = [schema["enum"].index(value)] if "x-numbered" in schema else []
            cases = [value, value.lower(), value.upper(), value.title(), value.swapcase()]
            return [*cases, *numbers, *map(float, numbers)]
        case "bytes":
            other = value.replace("+", "-").replace("/", "_")
            bare = value.rstrip("=")
            wrapped = [f"{value}\n", f" {value[:3]}\r\n{value[3:]}\t", f"{bare[:1]} {bare[1:]}\n"]
            return [value, other, bare, other.rstrip("="), value.replace("+", "-"), *wrapped]
        case "int64":
            number = int(value)
            exact = [float(number)] if abs(number) < 2**53 else []
            return [value, number, *exact, *([f"0{value}"] if 0 <= number < 10**18 else [])]
        case "timestamp":
            return [value, *moments(value)]
        case "duration":
            bare = value.removesuffix("s")
            sign, size = ("-", bare[1:]) if bare.startswith("-") else ("", bare)
            zeros = [f"{sign}0{size}s", f"{sign}00{longer(size)}", *(["-0s", "-0.0s"] if bare == "0" else [])]
            more = f"{bare}0s" if "." in bare and len(bare.partition(".")[2]) < 9 else value
            return [value, more, longer(bare), *zeros]
    if isinstance(value, (int, float)) and not isinstance(value, bool) and float(value).is_integer():
        return [int(value), float(value)]
    return [value]


def longer(seconds: str) -> str:
    """Return a duration with all of its nine digits."""
    whole, _, fraction = seconds.partition(".")
    return f"{whole}.{fraction:0<9}s"


def moments(value: str) -> list[str]:
    """Return a time with zeros, and in other zones."""
    moment = datetime.fromisoformat(value).astimezone(UTC)
    zones = [timezone(timedelta(hours=hours)) for hours in (-11.5, -1, 0, 5.75)]
    zoned = [moment.astimezone(zone).isoformat() for zone in zones]
    if "." in value:
        return [value.replace("Z", "00Z"), *zoned]
    return [value.replace("Z", ".000Z"), *zoned, *(time[:19] + ".0" + time[19:] for time in zoned)]


def reordered(draw: st.DrawFn, table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table with its keys in another order."""
    return {key: table[key] for key in draw(st.permutations(list(table)))}


def shuffled(draw: st.DrawFn, value: Any) -> Any:
    """Return JSON with all keys in another order."""
    if isinstance(value, dict):
        return {key: shuffled(draw, item) for key, item in reordered(draw, value).items()}
    return [shuffled(draw, item) for item in value] if isinstance(value, list) else value


@st.composite
def twins(draw: st.DrawFn) -> tuple[Any, Any]:
    """Draw a body and another spelling of it."""
    body = draw(BODIES)
    return body, draw(respelt(body, ROOT))


@st.composite
def unsaid(draw: st.DrawFn, body: Any) -> Any:
    """Draw the same body with some of what it says said or not where that makes no difference."""
    for spot in spots(body):
        for name, value in defaults(spot.schema).items() if spot.is_message else ():
            if spot.value.get(name) in {None, value}:
                rest = without(at(body, spot.path), (name,))
                body = put(body, spot.path, draw(st.sampled_from([rest, {**rest, name: value}, {**rest, name: None}])))
    return body


@st.composite
def changed(draw: st.DrawFn, body: Any) -> Any:
    """Draw a body that differs in one thing that the API can tell; the same body where nothing was found."""
    spot = draw(st.sampled_from(spots(body)))
    if spot.is_message:
        return draw(st.sampled_from([without(body, (*spot.path, key)) for key in removable(spot)] or [body]))
    others = [other for other in meanings(spot) if differs(spot, other)]
    return put(body, spot.path, draw(st.sampled_from(others))) if others else body


def removable(spot: Spot) -> list[str]:
    """Return the fields without which a message says something else."""
    kept = spot.schema.get("x-ignored", ())
    absent = defaults(spot.schema)
    return [
        key
        for key, item in spot.value.items()
        if key not in kept
        and not ("x-empty" in spot.known[key] and not item)
        and item not in (("", absent[key]) if key in absent else ())
    ]


def filled(table: Mapping[str, Any], absent: Mapping[str, Any]) -> dict[str, Any]:
    """Return a message with what its absent and empty fields count as."""
    return {**table, **{name: value for name, value in absent.items() if table.get(name, "") == ""}}


def differs(spot: Spot, other: Any) -> bool:
    """Say whether another value at a place means something else; turns in another order may not."""
    if isinstance(other, list) and "items" in spot.schema:
        absent = defaults(resolve(ROOT, spot.schema["items"]))
        if absent:
            return [filled(item, absent) for item in other] != [filled(item, absent) for item in spot.value]
    return bool(other != spot.value)


def meanings(spot: Spot) -> list[Any]:
    """Return other things that could stand at a place."""
    value = spot.value
    if isinstance(value, list):
        return [[*value, value[0]], value[::-1], value[1:] if len(value) > 1 else value] if value else [["x"]]
    if isinstance(value, dict):  # a map, or JSON of the user's own
        renamed = {f"{key}_x": item for key, item in value.items()}
        other = {{"mime_type": "mimeType", "a_b": "aB"}.get(key, key): item for key, item in value.items()}
        return [renamed, other, {**value, "another": "x"}]
    match spot.proto:
        case "enum":
            return list(spot.schema["enum"])
        case "bytes":
            return [base64.b64encode(base64.b64decode(value) + b"\0").decode()]
        case "int64":
            return [str(int(value) // 2 + 1), str(int(value) // 2 + 2)]
        case "timestamp":
            return [value.replace("Z", ".000000001Z"), value.replace("Z", "+00:01")]
        case "duration":
            return ["77.7s"]
        case "json":
            return [[value], {"a": value}, str(value) + "x"]
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, str):
        return [f"{value} ", f"{value}\n", f" {value}", value.swapcase() + "x"]
    return [value / 2 + 0.25, value / 2 + 0.5] if spot.schema["type"] == "number" else [value // 2 + 1, value // 2 + 2]
