"""Values that are drawn: all of them fit their declaration, and its edges are among them."""

from typing import Any

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample, Unsatisfiable

from promptc.compiler.variables import schema_of
from promptc.drawn import LARGEST, LONGEST, MOST, UndrawableError, values
from promptc.schema import check_with

PICTURES = ["images/leaf.webp", "images/wing.png"]
ENOUGH = settings(max_examples=500, database=None, deadline=None, suppress_health_check=list(HealthCheck))

DECLARATIONS: list[dict[str, Any]] = [
    {"type": "string"},
    {"type": "string", "minLength": 3, "maxLength": 5},
    {"type": "string", "minLength": 20_000},
    {"type": "string", "pattern": "^[A-Z][a-z]+$"},
    {"type": "string", "pattern": "b+", "maxLength": 9},
    *({"type": "string", "format": name} for name in ("date", "email", "ipv4", "ipv6", "regex", "uuid")),
    {"type": "integer"},
    {"type": "integer", "minimum": -3, "exclusiveMaximum": 7},
    {"type": "integer", "multipleOf": 4, "exclusiveMinimum": 4},
    {"type": "integer", "multipleOf": 2.5},
    {"type": "number"},
    {"type": "number", "minimum": 0, "maximum": 2},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    {"type": "number", "multipleOf": 0.25, "minimum": -1, "maximum": 1},
    {"type": "boolean"},
    {"enum": ["woodcut", 7, True]},
    {"type": "string", "enum": ["woodcut", 7]},
    {"const": ["a"]},
    {"type": "image"},
    {"type": "image", "pattern": "png$"},
    {"type": "array"},
    {"type": "array", "items": {"type": "image"}, "minItems": 1, "maxItems": 14},
    {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True, "minItems": 2},
    {"type": "array", "items": {"enum": [1, 2, 3]}, "uniqueItems": True},
    {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}, "maxItems": 3},
    {"type": "object"},
    {"type": "object", "properties": {"a": {"type": "image"}, "b": {"type": "string"}}, "required": ["a"]},
    {"type": "object", "required": ["a"], "additionalProperties": {"type": "integer"}},
    {"type": "object", "properties": {"a": {"type": "boolean"}}, "additionalProperties": False},
    {},
    {"minLength": 2, "minimum": 3},
]


def drawn(declaration: dict[str, Any]) -> st.SearchStrategy[Any]:
    return values(declaration, schema_of(declaration), PICTURES)


@pytest.mark.parametrize("declaration", DECLARATIONS, ids=str)
def test_every_value_fits_its_declaration(declaration: dict[str, Any]) -> None:
    @settings(max_examples=50, database=None, deadline=None)
    @given(drawn(declaration))
    def fits(value: Any) -> None:
        assert check_with(value, schema_of(declaration)) == ()

    fits()


@pytest.mark.parametrize(
    ("declaration", "edge"),
    [
        ({"type": "string"}, ""),
        ({"type": "string", "minLength": 3, "maxLength": 5}, 3),
        ({"type": "string", "minLength": 3, "maxLength": 5}, 5),
        ({"type": "integer", "minimum": -3, "exclusiveMaximum": 7}, -3),
        ({"type": "integer", "minimum": -3, "exclusiveMaximum": 7}, 6),
        ({"type": "number", "minimum": 0, "maximum": 2}, 0),
        ({"type": "number", "minimum": 0, "maximum": 2}, 2),
        ({"type": "boolean"}, False),
        ({"type": "boolean"}, True),
        ({"enum": ["woodcut", 7]}, 7),
        ({"type": "image"}, "images/wing.png"),
        ({"type": "array", "items": {"type": "image"}, "minItems": 1, "maxItems": 14}, 1),
        ({"type": "array", "items": {"type": "image"}, "minItems": 1, "maxItems": 14}, 14),
        ({"type": "array"}, MOST),
        ({"type": "object", "properties": {"a": {"type": "boolean"}}, "additionalProperties": False}, {}),
    ],
    ids=str,
)
def test_the_edges_of_a_declaration_are_drawn(declaration: dict[str, Any], edge: Any) -> None:
    def at_the_edge(value: Any) -> bool:
        sized = isinstance(value, (str, list)) and type(edge) is int
        return bool((len(value) if sized else value) == edge)

    assert at_the_edge(find(drawn(declaration), at_the_edge, settings=ENOUGH))


@pytest.mark.parametrize(
    "nasty", ["{{", "{%", '"', "'", "\n", "\0", "[[turns]]", "+++", "🦋", "<|im_start|>system", "\u2028", "\r\n"]
)
def test_text_is_nasty(nasty: str) -> None:
    assert nasty in find(drawn({"type": "string"}), lambda text: nasty in text, settings=ENOUGH)


def test_text_is_long() -> None:
    assert len(find(drawn({"type": "string"}), lambda text: len(text) > LONGEST * 0.9, settings=ENOUGH)) > 9_000


def test_no_text_holds_half_of_a_surrogate_pair() -> None:
    with pytest.raises(NoSuchExample):
        find(drawn({"type": "string"}), lambda text: text != text.encode(errors="replace").decode(), settings=ENOUGH)


def test_a_pattern_matches_anywhere_and_its_dollar_is_the_end() -> None:
    assert find(drawn({"type": "string", "pattern": "b"}), lambda text: text != "b", settings=ENOUGH)
    with pytest.raises(NoSuchExample):
        find(drawn({"type": "string", "pattern": "^b$"}), lambda text: text != "b", settings=ENOUGH)


def test_an_unbounded_number_stays_among_those_that_json_holds_exactly() -> None:
    with pytest.raises(NoSuchExample):
        find(drawn({"type": "number"}), lambda number: abs(number) > LARGEST, settings=ENOUGH)


@pytest.mark.parametrize(
    ("declaration", "message"),
    [
        ({"type": "string", "minLength": 3, "maxLength": 2}, "no value fits `minLength` and `maxLength`"),
        ({"type": "array", "minItems": 3, "maxItems": 2}, "no value fits `minItems` and `maxItems`"),
        ({"type": "number", "minimum": 3, "maximum": 2}, "no value fits `maximum` and `minimum`"),
        ({"type": "number", "minimum": 3, "exclusiveMaximum": 3}, "no value fits `exclusiveMaximum` and `minimum`"),
        (
            {"type": "integer", "minimum": 1, "maximum": 3, "multipleOf": 4},
            "no value fits `type` and `minimum` and `maximum` and `multipleOf`",
        ),
        (
            {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True, "minItems": 3},
            "no value fits `items` and `minItems` and `uniqueItems`",
        ),
        (
            {"type": "object", "required": ["a"], "additionalProperties": False},
            "`required` names `a`, which `additionalProperties` forbids",
        ),
        (
            {"type": "object", "additionalProperties": {"anyOf": [{"type": "string"}]}},
            "no values are drawn by `anyOf`",
        ),
        ({"type": "object", "additionalProperties": {"type": "null"}}, "no values are drawn for the type `null`"),
        ({"enum": []}, "no value fits `enum`"),
    ],
    ids=str,
)
def test_what_cant_be_drawn_is_said_with_its_keyword(declaration: dict[str, Any], message: str) -> None:
    with pytest.raises(UndrawableError) as raised:
        drawn(declaration)

    assert str(raised.value) == message


def test_without_pictures_none_is_drawn() -> None:
    with pytest.raises(UndrawableError, match="the spec names no picture that could be drawn"):
        values({"type": "image"}, {"type": "string"}, [])


def test_keywords_that_no_value_meets_together_are_no_silence() -> None:
    with pytest.raises(Unsatisfiable):
        find(drawn({"type": "string", "pattern": "^a$", "minLength": 2}), lambda _: True, settings=ENOUGH)
