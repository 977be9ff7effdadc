"""The API's schemas are made from its discovery document, and the shipped ones are what it makes of it."""

import json
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tools import api_schema
from tools.api_schema import OVERLAY, ROOTS, SCHEMAS, build, main, models, text

GENERATED = sorted([*ROOTS, *models()])
CORRECTIONS: list[dict[str, Any]] = tomllib.loads(OVERLAY.read_text(encoding="utf-8"))["corrections"]
TITLES: dict[str, str] = tomllib.loads(OVERLAY.read_text(encoding="utf-8"))["titles"]

TYPES: dict[str, Any] = {
    "GenerateContentRequest": {
        "description": "Prose.",
        "properties": {
            "tools": {"type": "array", "items": {"$ref": "Tool"}, "description": "Prose."},
            "contents": {"$ref": "Content"},
            "model": {"type": "string"},
        },
    },
    "GenerateContentResponse": {"properties": {"content": {"$ref": "Content", "readOnly": True}}},
    "CountTokensRequest": {"properties": {"generateContentRequest": {"$ref": "GenerateContentRequest"}}},
    "CountTokensResponse": {"properties": {"totalTokens": {"type": "integer", "format": "int32"}}},
    "Content": {
        "properties": {
            "role": {"type": "string", "enum": ["A", "B"], "enumDescriptions": ["Prose.", "Prose."]},
            "data": {"type": "string", "format": "byte"},
            "count": {"type": "string", "format": "int64"},
            "index": {"type": "integer", "format": "int32"},
            "wait": {"type": "string", "format": "google-duration"},
            "time": {"type": "string", "format": "google-datetime"},
            "mask": {"type": "string", "format": "google-fieldmask"},
            "heat": {"type": "number", "format": "float"},
            "fine": {"type": "number", "format": "double"},
            "flag": {"type": "boolean", "deprecated": True},
            "free": {"type": "any"},
            "args": {"type": "object", "additionalProperties": {"type": "any"}},
            "names": {"type": "object", "additionalProperties": {"type": "string"}},
            "inner": {"type": "object", "additionalProperties": {"$ref": "Content"}},
            "kinds": {"type": "array", "items": {"type": "string", "enum": ["C"]}},
        },
    },
    "Tool": {},
    "Unused": {"properties": {"x": {"$ref": "Elsewhere"}}},
}
CONTENT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "args": {"type": "object", "x-proto": "json"},
        "count": {"type": "string", "x-proto": "int64", "pattern": "^-?[0-9]{1,19}$", "examples": ["100"]},
        "data": {"type": "string", "x-proto": "bytes"},
        "fine": {"type": "number"},
        "flag": {"type": "boolean", "deprecated": True},
        "free": {"x-proto": "json"},
        "heat": {"type": "number"},
        "index": {"type": "integer", "minimum": -2147483648, "maximum": 2147483647},
        "inner": {"type": "object", "x-proto": "map", "additionalProperties": {"$ref": "#/$defs/Content"}},
        "kinds": {"type": "array", "items": {"type": "string", "x-proto": "enum", "enum": ["C"]}},
        "mask": {"type": "string"},
        "names": {"type": "object", "x-proto": "map", "additionalProperties": {"type": "string"}},
        "role": {"type": "string", "x-proto": "enum", "enum": ["A", "B"]},
        "time": {
            "type": "string",
            "x-proto": "timestamp",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$",
            "examples": ["2026-01-31T12:00:00Z"],
        },
        "wait": {
            "type": "string",
            "x-proto": "duration",
            "pattern": "^-?[0-9]{1,12}(\\.[0-9]{1,9})?s$",
            "examples": ["90s", "1.5s"],
        },
    },
}
PLAIN: dict[str, Any] = {
    "roots": {name: f"title of {name}" for name in ROOTS},
    "corrections": [],
    "titles": {},
}


def converted(value: Any) -> Any:
    """Return a discovery document's types as an OpenAPI conversion writes them."""
    if isinstance(value, list):
        return [converted(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value == {"type": "any"}:
        return {}
    made = {key: converted(item) for key, item in value.items() if key != "enumDescriptions"}
    return {**made, "$ref": f"#/components/schemas/{made['$ref']}"} if isinstance(made.get("$ref"), str) else made


FORMS = [
    pytest.param({"schemas": TYPES}, id="discovery"),
    pytest.param({"components": {"schemas": converted(TYPES)}}, id="openapi"),
]


@pytest.mark.parametrize("discovery", FORMS)
def test_requests_are_closed_and_sorted_and_hold_what_they_can_reach(discovery: dict[str, Any]) -> None:
    made = build(discovery, PLAIN)
    assert list(made) == ["request", "response", "count-tokens-request", "count-tokens-response"]
    assert made["request"] == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "request.schema.json",
        "$comment": "Written by `make schema`; corrections belong into overlay.toml.",
        "title": "title of request",
        "type": "object",
        "properties": {
            "contents": {"$ref": "#/$defs/Content"},
            "model": {"type": "string"},
            "tools": {"type": "array", "items": {"$ref": "#/$defs/Tool"}},
        },
        "additionalProperties": False,
        "$defs": {
            "Content": {**CONTENT, "additionalProperties": False},
            "Tool": {"type": "object", "properties": {}, "additionalProperties": False},
        },
    }
    assert list(made["request"]["properties"]) == ["contents", "model", "tools"]
    assert list(made["request"]["$defs"]["Content"]["properties"]) == sorted(CONTENT["properties"])
    assert sorted(made["count-tokens-request"]["$defs"]) == ["Content", "GenerateContentRequest", "Tool"]


@pytest.mark.parametrize("discovery", FORMS)
def test_answers_are_open_and_their_enums_only_suggest(discovery: dict[str, Any]) -> None:
    made = build(discovery, PLAIN)["response"]
    content = made["$defs"]["Content"]["properties"]
    assert content["role"] == {"type": "string", "x-proto": "enum", "examples": ["A", "B"]}
    assert content["kinds"]["items"] == {"type": "string", "x-proto": "enum", "examples": ["C"]}
    assert "additionalProperties" not in made
    assert "additionalProperties" not in made["$defs"]["Content"]
    assert content["names"]["additionalProperties"] == {"type": "string"}


def test_the_overlay_corrects_adds_and_names() -> None:
    overlay = {
        **PLAIN,
        "corrections": [
            {"at": "Content", "only": "request", "set": {"required": ["role"]}},
            {"at": "Content.role", "also_enum": ["B", "D"]},
            {"at": "Content.index", "only": "response", "set": {"minimum": 0}},
            {"at": "Content.brandNew", "new": True, "set": {"x-proto": "json"}},
            {"at": "Content.free", "new": True, "set": {"title": "t"}},
            {"at": "Tool.more", "only": "request", "new": True, "set": {"$ref": "#/$defs/Content"}},
            {"at": ["Content.count", "Content.kinds[]"], "set": {"x-numbered": True}},
            {"at": ["Content.kinds[]"], "only": "request", "also_enum": ["C", "E"]},
            {"at": [], "set": {"title": "nowhere"}},
        ],
        "titles": {"Content.role": "who", "GenerateContentRequest.model": "which"},
    }
    made = build({"schemas": TYPES}, overlay)
    request, response = made["request"]["$defs"]["Content"], made["response"]["$defs"]["Content"]
    assert (request["required"], response.get("required")) == (["role"], None)
    assert request["properties"]["role"] == {
        "type": "string",
        "x-proto": "enum",
        "enum": ["A", "B", "D"],
        "title": "who",
    }
    assert (request["properties"]["index"]["minimum"], response["properties"]["index"]["minimum"]) == (-(2**31), 0)
    assert list(request["properties"])[:2] == ["args", "brandNew"]
    assert request["properties"]["brandNew"] == {"x-proto": "json"}
    assert request["properties"]["free"] == {"x-proto": "json", "title": "t"}
    assert made["request"]["properties"]["model"] == {"type": "string", "title": "which"}
    assert made["request"]["$defs"]["Tool"]["properties"] == {"more": {"$ref": "#/$defs/Content"}}
    assert request["properties"]["count"] == {**CONTENT["properties"]["count"], "x-numbered": True}
    assert request["properties"]["kinds"] == {
        "type": "array",
        "items": {"type": "string", "x-proto": "enum", "enum": ["C", "E"], "x-numbered": True},
    }
    assert response["properties"]["kinds"] == {
        "type": "array",
        "items": {"type": "string", "x-proto": "enum", "examples": ["C"], "x-numbered": True},
    }


@pytest.mark.parametrize(
    "change",
    [
        {"corrections": [{"at": "Content.rolle", "set": {"title": "t"}}]},
        {"corrections": [{"at": ["Content.role", "Content.rolle"], "set": {"title": "t"}}]},
        {"corrections": [{"at": "Content.rolle[]", "set": {"title": "t"}}]},
        {"corrections": [{"at": "rolle", "set": {"title": "t"}}]},
        {"corrections": [{"at": "rolle.role", "only": "request", "set": {"title": "t"}}]},
        {"corrections": [{"at": ["Content.role", "rolle.kinds[]"], "only": "response", "set": {"title": "t"}}]},
        {"titles": {"Content.rolle": "who"}},
    ],
)
def test_a_correction_of_what_is_not_there_is_a_key_error(change: dict[str, Any]) -> None:
    with pytest.raises(KeyError, match=r"\A'rolle'\Z"):
        build({"schemas": TYPES}, {**PLAIN, **change})


def test_a_correction_of_elements_needs_a_list() -> None:
    overlay = {**PLAIN, "corrections": [{"at": "Content.role[]", "set": {"title": "t"}}]}
    with pytest.raises(KeyError, match=r"\A'items'\Z"):
        build({"schemas": TYPES}, overlay)


def test_a_type_that_no_root_reaches_may_be_corrected_without_effect() -> None:
    overlay = {**PLAIN, "corrections": [{"at": "Unused.x", "set": {"title": "t"}}]}
    assert build({"schemas": TYPES}, overlay) == build({"schemas": TYPES}, PLAIN)


def test_a_document_without_a_root_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="CountTokensRequest"):
        build({"schemas": {key: value for key, value in TYPES.items() if key != "CountTokensRequest"}}, PLAIN)


def test_the_document_is_not_changed() -> None:
    before = json.dumps(TYPES)
    build({"schemas": TYPES}, {**PLAIN, "corrections": [{"at": "Content.role", "also_enum": ["D"]}]})
    assert json.dumps(TYPES) == before


def test_without_a_document_only_the_schemas_of_the_models_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "models").mkdir()
    shutil.copy(SCHEMAS / "models.json", tmp_path)
    monkeypatch.setattr(api_schema, "SCHEMAS", tmp_path)
    main([])
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.schema.json")) == sorted(
        f"{name}.schema.json" for name in models()
    )


# The shipped files


PLACES = [(place, row) for row in CORRECTIONS for place in ([row["at"]] if isinstance(row["at"], str) else row["at"])]


@pytest.mark.parametrize(("place", "correction"), PLACES, ids=[place for place, _ in PLACES])
def test_each_correction_says_where_it_is_from_and_corrects_something(place: str, correction: dict[str, Any]) -> None:
    assert correction["source"].strip()
    assert set(correction) <= {"at", "set", "new", "also_enum", "only", "source"}
    assert correction.get("only") in {None, "request", "response"}
    kind, _, field = place.removesuffix("[]").partition(".")
    for name, (root, way) in ROOTS.items():
        schema = shipped(name)
        target = schema if kind == root else schema["$defs"].get(kind)
        if target is None or correction.get("only", way) != way:
            continue
        target = target["properties"][field] if field else target
        target = target["items"] if place.endswith("[]") else target
        assert {key: target[key] for key in correction.get("set", {})} == correction.get("set", {})
        assert set(correction.get("also_enum", ())) <= set(target.get("enum", target.get("examples", ())))
        return
    pytest.fail("no schema has this type")


def test_each_title_names_a_field() -> None:
    kinds = {root: shipped(name) for name, (root, _) in ROOTS.items()}
    for name in ROOTS:
        kinds |= shipped(name)["$defs"]
    for place, title in TITLES.items():
        kind, _, field = place.partition(".")
        assert kinds[kind]["properties"][field]["title"] == title


def shipped(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    return schema


def test_the_shipped_schemas_are_what_the_discovery_document_and_the_overlay_make(
    tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = corpus / "discovery" / "openapi.json"
    if not path.exists():
        pytest.skip(f"no discovery document at {path}")
    (tmp_path / "models").mkdir()
    shutil.copy(SCHEMAS / "models.json", tmp_path)
    monkeypatch.setattr(api_schema, "SCHEMAS", tmp_path)
    main([str(path)])
    for name in GENERATED:
        file = f"{name}.schema.json"
        assert (tmp_path / file).read_bytes() == (SCHEMAS / file).read_bytes(), "run: make schema"


def test_the_shipped_schemas_of_the_models_are_what_their_table_makes() -> None:
    assert sorted(path.stem for path in (SCHEMAS / "models").iterdir()) == sorted(
        f"{name.removeprefix('models/')}.schema" for name in models()
    )
    for name, schema in models().items():
        assert (SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8") == text(schema), "run: make schema"


def test_request_and_answer_have_eighty_five_types() -> None:
    request, response = shipped("request"), shipped("response")
    sent = {"GenerateContentRequest": request, **request["$defs"]}
    got = {"GenerateContentResponse": response, **response["$defs"]}
    assert (len(sent), len(got), len({**sent, **got})) == (53, 46, 85)


@pytest.mark.parametrize("name", GENERATED)
def test_every_generated_file_is_a_schema_and_holds_no_prose(name: str) -> None:
    schema = shipped(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"{name}.schema.json"
    for key, value in words(schema):
        assert key not in {"description", "enumDescriptions", "x-google-enum-descriptions", "summary"}
        assert len(value) <= 120, value


def words(schema: Any) -> Iterator[tuple[str, str]]:
    """Yield every text of a schema with its keyword; names of fields are no keywords."""
    if not isinstance(schema, dict):
        return
    for key, value in schema.items():
        if key in {"properties", "$defs"}:
            for inner in value.values():
                yield from words(inner)
        elif isinstance(value, str):
            yield key, value
        elif isinstance(value, list):
            yield from ((key, item) for item in value if isinstance(item, str))
            for item in value:
                yield from words(item)
        else:
            yield from words(value)


@pytest.mark.parametrize("name", ["request", "count-tokens-request"])
def test_every_message_that_is_sent_is_closed_and_its_fields_are_in_order(name: str) -> None:
    schema = shipped(name)
    for message in (schema, *schema["$defs"].values()):
        assert message["additionalProperties"] is False
        assert list(message["properties"]) == sorted(message["properties"])


@pytest.mark.parametrize("name", ["response", "count-tokens-response"])
def test_no_message_that_comes_back_is_closed(name: str) -> None:
    schema = shipped(name)
    for message in (schema, *schema["$defs"].values()):
        assert "additionalProperties" not in message
        assert "required" not in message
        for field in message["properties"].values():
            assert "enum" not in field
            assert "enum" not in field.get("items", {})
