import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from promptc.emulator.sample import sample
from promptc.emulator.server import Emulator
from tests.emulator.wire import BUTTERFLY, TEXT_MODEL, post, prompt

DIGESTS = [bytes([number]) * 32 for number in range(12)]
INSECT = {
    "type": "object",
    "properties": {
        "species": {"type": "string", "minLength": 3, "maxLength": 12},
        "order": {"enum": ["Lepidoptera", "Coleoptera", "Diptera"]},
        "legs": {"type": "integer", "minimum": 6, "maximum": 6},
        "wings": {"type": "array", "items": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}},
        "notes": {"anyOf": [{"type": "null"}, {"type": "string"}]},
        "seen": {
            "type": "object",
            "properties": {"on": {"type": "string", "format": "date"}},
            "required": ["on", "by"],
        },
    },
    "required": ["species", "order"],
    "additionalProperties": False,
}
TREE = {
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
            },
            "required": ["name"],
        }
    },
    "$ref": "#/$defs/node",
}
SCHEMAS: dict[str, Any] = {
    "insect": INSECT,
    "tree": TREE,
    "const": {"const": {"a": 1}},
    "boolean": {"type": "boolean"},
    "nullable": {"type": ["null", "integer"]},
    "only null": {"type": ["null"]},
    "multiple": {"type": "integer", "multipleOf": 7, "minimum": 8, "maximum": 30},
    "fraction": {"type": "number", "multipleOf": 0.5, "exclusiveMinimum": 1},
    "negative": {"type": "integer", "exclusiveMaximum": 0},
    "below": {"type": "number", "maximum": -2.5},
    "above": {"type": "number", "exclusiveMinimum": 100},
    "point": {"type": "number", "minimum": 2, "maximum": 2},
    "many": {"type": "array", "items": {"type": "string"}, "minItems": 5, "maxItems": 5},
    "none": {"type": "array", "items": {"type": "string"}, "maxItems": 0},
    "one of a kind": {"type": "array", "items": {"type": "string"}, "uniqueItems": True, "minItems": 1},
    "tuple": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}, {"const": 1}], "items": False},
    "all of": {"allOf": [{"properties": {"a": {"type": "integer"}}, "required": ["a"]}, {"required": ["b"]}]},
    "one of": {"oneOf": [{"type": "integer"}, {"type": "string"}]},
    "guessed": {"properties": {"a": {"items": {"minimum": 3}}}},
    "long": {"type": "string", "minLength": 300},
    "short": {"type": "string", "maxLength": 1},
    "uuid": {"type": "string", "format": "uuid"},
    "anything": {"description": "anything"},
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_samples_conform_to_their_schema(name: str) -> None:
    schema = SCHEMAS[name]
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)

    for digest in DIGESTS:
        validator.validate(sample(schema, BUTTERFLY, digest))
        validator.validate(sample(schema, "", digest))


def test_a_schema_that_needs_itself_for_ever_comes_to_an_end() -> None:
    schema = {
        "$defs": {"a": {"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}, "required": ["a"]}},
        "$ref": "#/$defs/a",
    }

    assert "a" in sample(schema, "", DIGESTS[0])


@pytest.mark.parametrize(
    "schema", [{"$ref": "#"}, {"$ref": "#/nowhere"}, {"$ref": "https://example.com/"}, {"anyOf": []}]
)
def test_a_schema_that_leads_nowhere_still_gets_a_value(schema: dict[str, Any]) -> None:
    assert sample(schema, "moth", DIGESTS[0]) == "moth"


def test_a_schema_with_many_references_to_itself_stays_small() -> None:
    properties = {str(number): {"type": "array", "items": {"$ref": "#"}} for number in range(6)}

    assert len(json.dumps(sample({"type": "object", "properties": properties}, "x", DIGESTS[0]))) < 100_000


def test_the_choice_follows_the_fingerprint() -> None:
    schema = {"enum": ["a", "b", "c"]}

    assert sample(schema, "", DIGESTS[0]) == sample(schema, "", DIGESTS[0])
    assert len({sample(schema, "", digest) for digest in DIGESTS}) > 1


def test_the_api_answers_json_for_a_json_schema(emulator: Emulator) -> None:
    answer = post(emulator, prompt(responseMimeType="application/json", responseJsonSchema=INSECT), model=TEXT_MODEL)

    value = json.loads(answer.parts[0]["text"])
    Draft202012Validator(INSECT).validate(value)
    assert sorted(value) == sorted(INSECT["properties"])  # type: ignore[call-overload]


def test_the_api_answers_json_for_its_own_kind_of_schema(emulator: Emulator) -> None:
    schema = {
        "type": "object",
        "properties": {
            "names": {"type": "ARRAY", "items": {"type": "STRING"}, "minItems": "3", "maxItems": "3"},
            "size": {"type": "number", "minimum": 1, "maximum": 2, "nullable": True},
        },
        "property_ordering": ["size", "names"],
        "required": ["names"],
    }
    answer = post(emulator, prompt(response_mime_type="application/json", response_schema=schema), model=TEXT_MODEL)
    value = json.loads(answer.parts[0]["text"])

    assert list(value) == ["size", "names"]
    assert len(value["names"]) == 3
    assert 1 <= value["size"] <= 2


def test_json_without_a_schema_is_the_prompts_words(emulator: Emulator) -> None:
    answer = post(emulator, prompt(responseMimeType="application/json"), model=TEXT_MODEL)

    assert json.loads(answer.parts[0]["text"]) == {"text": BUTTERFLY}


def test_an_enum_is_answered_bare(emulator: Emulator) -> None:
    schema = {"type": "STRING", "enum": ["moth", "butterfly"]}
    answer = post(emulator, prompt(responseMimeType="text/x.enum", responseSchema=schema), model=TEXT_MODEL)

    assert answer.parts[0]["text"] in {"moth", "butterfly"}
