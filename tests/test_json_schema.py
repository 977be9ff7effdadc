"""What is and what is no JSON Schema, whatever dialect it is of."""

from typing import Any

import pytest

from promptc.diagnostics import Severity
from promptc.findings import Fault, Finding
from promptc.json_schema import faults

DRAFT_4 = "http://json-schema.org/draft-04/schema#"
DRAFT_7 = "http://json-schema.org/draft-07/schema#"
DRAFT_2019 = "https://json-schema.org/draft/2019-09/schema"


def wrong(pointer: str, message: str, expected: str | None = None, hint: str | None = None) -> Finding:
    return Finding(fault=Fault.SCHEMA, pointer=pointer, message=message, expected=expected, help=hint)


def dead(pointer: str, target: str) -> Finding:
    message = f"the `$ref` leads nowhere: there is no `{target}`"
    return wrong(pointer, message, hint="declare it in the schema, as a rule below `$defs`")


def misspelt(pointer: str, word: str, hint: str) -> Finding:
    return Finding(
        fault=Fault.SCHEMA,
        pointer=pointer,
        message=f"`{word}` is no keyword of JSON Schema, so it restricts nothing",
        help=hint,
        severity=Severity.WARNING,
        at_key=True,
    )


@pytest.mark.parametrize(
    "schema",
    [
        {},
        True,
        {"$schema": "x"},
        {"$schema": DRAFT_4, "id": "a", "dependencies": {"a": ["b"]}, "additionalItems": False, "items": [{}]},
        {"$schema": DRAFT_7, "definitions": {"a": {}}, "allOf": [{"$ref": "#/definitions/a"}]},
        {"$schema": DRAFT_2019, "$recursiveRef": "#", "$recursiveAnchor": True},
        {"id": "a", "dependencies": {"a": ["b"]}, "additionalItems": False},
        {"propertyOrdering": ["a"], "properties": {"a": {"pattern": r"\\p{L}"}}},
        {"$ref": "#/$defs/a%20b", "$defs": {"a b": {}}},
        {"$ref": "#/$defs/a%7E1b", "$defs": {"a/b": {}}},
        {"$ref": "#/$defs/%C3%A9", "$defs": {"é": {}}},
        {"$ref": "#/prefixItems/1", "prefixItems": [{}, {}]},
        {"properties": {"$ref": {"type": "string"}, "$schema": {}}},
        {
            "default": {"$ref": "#/a"},
            "enum": [{"$ref": "#/b"}],
            "const": {"$ref": "#/c"},
            "examples": [{"$ref": "#/d"}, {"propertys": {}}],
        },
    ],
)
def test_schemas_of_any_draft_have_no_faults(schema: Any) -> None:
    assert list(faults(schema, "/at")) == []


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ("object", wrong("/at", "a JSON Schema is a table", "a table")),
        (None, wrong("/at", "a JSON Schema is a table", "a table")),
        ({"$schema": {}}, wrong("/at/$schema", "`$schema`: expected a string, got a table", "a string")),
        ({"$schema": []}, wrong("/at/$schema", "`$schema`: expected a string, got an array", "a string")),
        ({"$schema": 5}, wrong("/at/$schema", "`$schema`: expected a string, got an integer", "a string")),
        ({"$schema": None}, wrong("/at/$schema", "`$schema`: expected a string, got nothing", "a string")),
        ({"$ref": "#/$defs/a%20b", "$defs": {"a%20b": {}}}, dead("/at/$ref", "#/$defs/a%20b")),
        ({"$ref": "#/$defs/a%2Fb", "$defs": {"a/b": {}}}, dead("/at/$ref", "#/$defs/a%2Fb")),
        ({"properties": {"default": {"$ref": "#/a"}}}, dead("/at/properties/default/$ref", "#/a")),
        ({"not": {"$ref": "#/prefixItems/1"}, "prefixItems": [{}]}, dead("/at/not/$ref", "#/prefixItems/1")),
        ({"definitions": {"a": {"$ref": "#/b"}}}, dead("/at/definitions/a/$ref", "#/b")),
        ({"dependancies": {}}, misspelt("/at/dependancies", "dependancies", "did you mean `dependencies`?")),
        (
            {"items": {"$recursiveAnchr": True}},
            misspelt(
                "/at/items/$recursiveAnchr",
                "$recursiveAnchr",
                "did you mean `$recursiveAnchor`?",
            ),
        ),
    ],
)
def test_each_fault_is_found_at_its_place(schema: Any, expected: Finding) -> None:
    assert list(faults(schema, "/at")) == [expected]


def test_one_schema_at_two_places_has_its_faults_at_both() -> None:
    schema = {"type": "strin", "$ref": "#/a"}
    found = [[finding.pointer for finding in faults(schema, place)] for place in ("", "/a/b", "")]
    assert found == [["/type", "/$ref"], ["/a/b/type", "/a/b/$ref"], ["/type", "/$ref"]]


def test_what_differs_in_type_only_is_not_taken_for_the_same() -> None:
    assert list(faults({"minItems": 1}, "")) == []
    assert list(faults({"minItems": True}, "")) == [
        wrong("/minItems", "`minItems`: expected an integer, got a boolean", "an integer")
    ]
    assert list(faults({"minItems": 1.0}, "")) == []
