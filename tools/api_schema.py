"""Writes the API's and the models' JSON Schemas: `make schema DISCOVERY=path`, then review the diff.

DISCOVERY is the path of Google's discovery document of the Generative Language API, or of an
OpenAPI conversion of it; without one, only the models' schemas are written. What the document
lacks or has wrong is in `schema/overlay.toml`, the models' facts are in `schema/models.json`.
"""

import json
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from promptc.abilities import capability_schema
from promptc.models import built_in

SCHEMAS = Path(__file__).parent.parent / "schema"
OVERLAY = SCHEMAS / "overlay.toml"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
ROOTS: dict[str, tuple[str, Literal["request", "response"]]] = {
    "request": ("GenerateContentRequest", "request"),
    "response": ("GenerateContentResponse", "response"),
    "count-tokens-request": ("CountTokensRequest", "request"),
    "count-tokens-response": ("CountTokensResponse", "response"),
}
"""File → the type of its root, and whether it is closed (what we send) or open (what we get)."""

_FORMATS: dict[str, dict[str, Any]] = {  # https://protobuf.dev/programming-guides/json/
    "byte": {"type": "string", "x-proto": "bytes"},
    "int32": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "int64": {"type": "string", "x-proto": "int64", "pattern": r"^-?[0-9]{1,19}$", "examples": ["100"]},
    "google-duration": {
        "type": "string",
        "x-proto": "duration",
        "pattern": r"^-?[0-9]{1,12}(\.[0-9]{1,9})?s$",
        "examples": ["90s", "1.5s"],
    },
    "google-datetime": {
        "type": "string",
        "x-proto": "timestamp",
        "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$",
        "examples": ["2026-01-31T12:00:00Z"],
    },
}


def build(discovery: Mapping[str, Any], overlay: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the schemas by file name; raises KeyError where the overlay corrects what is not there."""
    types: Mapping[str, Any] = discovery.get("components", discovery)["schemas"]
    for place, _ in _corrections(overlay):
        types[place.partition(".")[0]]  # a type that is not there can't be corrected
    return {name: _schema(name, root, way, types, overlay) for name, (root, way) in ROOTS.items()}


def _schema(
    name: str, root: str, way: Literal["request", "response"], types: Mapping[str, Any], overlay: Mapping[str, Any]
) -> dict[str, Any]:
    defs = {kind: _message(types[kind]) for kind in sorted(_closure(root, types))}
    for place, correction in _corrections(overlay):
        if correction.get("only", way) == way and place.partition(".")[0] in defs:
            _correct(defs, place, correction)
    for place, title in overlay["titles"].items():
        kind, _, field = place.partition(".")
        if kind in defs:
            defs[kind]["properties"][field]["title"] = title
    if way == "response":
        _open(defs)
    else:
        for message in defs.values():
            message["additionalProperties"] = False
    top = defs.pop(root)
    return {
        "$schema": DIALECT,
        "$id": f"{name}.schema.json",
        "$comment": "Written by `make schema`; corrections belong into overlay.toml.",
        "title": overlay["roots"][name],
        **top,
        "$defs": defs,
    }


def _closure(root: str, types: Mapping[str, Any]) -> set[str]:
    """Return every type that a message of the root's type can hold."""
    found: set[str] = set()
    waiting = [root]
    while waiting:
        kind = waiting.pop()
        if kind not in found:
            found.add(kind)
            waiting += _references(types[kind].get("properties", {}))
    return found


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"].rpartition("/")[2]
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _message(described: Mapping[str, Any]) -> dict[str, Any]:
    fields = described.get("properties", {})
    return {"type": "object", "properties": {name: _field(fields[name]) for name in sorted(fields)}}


def _field(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a field; descriptions are Google's prose and stay out."""
    if "$ref" in described:
        made: dict[str, Any] = {"$ref": f"#/$defs/{described['$ref'].rpartition('/')[2]}"}
    elif described.get("type", "any") == "any":
        made = {"x-proto": "json"}
    elif described["type"] == "array":
        made = {"type": "array", "items": _field(described["items"])}
    elif described["type"] == "object":
        made = _object(described["additionalProperties"])
    elif "enum" in described:
        made = {"type": "string", "x-proto": "enum", "enum": list(described["enum"])}
    else:
        made = dict(_FORMATS.get(described.get("format", ""), {"type": described["type"]}))
    return {**made, "deprecated": True} if described.get("deprecated") else made


def _object(members: Mapping[str, Any]) -> dict[str, Any]:
    inner = _field(members)
    if inner == {"x-proto": "json"}:  # google.protobuf.Struct: JSON of the user's own
        return {"type": "object", "x-proto": "json"}
    return {"type": "object", "x-proto": "map", "additionalProperties": inner}


def _corrections(overlay: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each place with its correction."""
    for correction in overlay["corrections"]:
        at = correction["at"]
        yield from ((place, correction) for place in ([at] if isinstance(at, str) else at))


def _correct(defs: Mapping[str, dict[str, Any]], place: str, correction: Mapping[str, Any]) -> None:
    kind, _, field = place.removesuffix("[]").partition(".")
    target = defs[kind]
    if field and correction.get("new"):
        target["properties"].setdefault(field, {})
        target["properties"] = {name: target["properties"][name] for name in sorted(target["properties"])}
    target = target["properties"][field] if field else target
    target = target["items"] if place.endswith("[]") else target
    for more in correction.get("also_enum", ()):
        if more not in target["enum"]:
            target["enum"].append(more)
    target |= correction.get("set", {})


def _open(value: Any) -> None:
    """Let unknown values pass: what the API sends is its own affair, so enums only suggest."""
    if isinstance(value, dict):
        if value.get("x-proto") == "enum":
            value["examples"] = value.pop("enum")
        for inner in value.values():
            _open(inner)


def text(schema: Mapping[str, Any]) -> str:
    """Return a schema as its file holds it."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def models() -> dict[str, dict[str, Any]]:
    """Return the schemas of the built-in models by file name; other names of a model have no file."""
    table = json.loads((SCHEMAS / "models.json").read_text(encoding="utf-8"))["models"]
    return {f"models/{name}": capability_schema(built_in().by_name[name]) for name in table}


def main(arguments: list[str]) -> None:
    """Write the files."""
    made = models()
    for path in arguments:
        discovery = json.loads(Path(path).read_text(encoding="utf-8"))
        made |= build(discovery, tomllib.loads(OVERLAY.read_text(encoding="utf-8")))
    for name, schema in made.items():
        (SCHEMAS / f"{name}.schema.json").write_text(text(schema), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
