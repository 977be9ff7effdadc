"""Expectations of a text, met and unmet, with their whole messages."""

from typing import Any

import pytest

from tests.review.answers import answer, met, unmet

CARD = '{"name": "Actias luna", "wings": [{"mm": 105, "pale": true}], "a/b": {"~": null}, "": 0}'
LONG = "A moth of the night, and of no other time, drawn upon the finest parchment that could be had"


@pytest.mark.parametrize(
    ("wanted", "text", "message"),
    [
        ({"startsWith": "A m"}, "A moth", "the text starts with `A m`"),
        ({"endsWith": "th"}, "A moth", "the text ends with `th`"),
        ({"notMatches": "(?i)bee"}, "A moth", "the text `A moth` does not match `(?i)bee`"),
        ({"minLength": 6}, "A moth", "the text has 6 characters, expected at least 6"),
        ({"maxLength": 1}, "A", "the text has 1 character, expected at most 1"),
        ({"json": False}, "A moth", "the text is no JSON: `A moth`"),
        ({"jsonSchema": {"type": "array"}}, "[]", "the text follows the schema"),
        ({"values": {"/name": "Actias luna"}}, CARD, 'the JSON has `"Actias luna"` at `/name`, expected `"Actias luna"`'),
        ({"values": {"/wings/0/mm": 105.0}}, CARD, "the JSON has `105` at `/wings/0/mm`, expected `105.0`"),
        ({"values": {"/wings/0/pale": True}}, CARD, "the JSON has `true` at `/wings/0/pale`, expected `true`"),
        ({"values": {"/": 0}}, CARD, "the JSON has `0` at `/`, expected `0`"),
        ({"values": {"": [1, {"a": 2}]}}, '[1, {"a": 2.0}]', 'the JSON has `[1, {"a": 2.0}]` at its top, expected `[1, {"a": 2}]`'),
    ],
)  # fmt: skip
def test_a_text_meets_what_is_expected_of_it(wanted: dict[str, Any], text: str, message: str) -> None:
    assert met({"text": wanted}, answer(text=text)) == [message]


@pytest.mark.parametrize(
    ("wanted", "text", "message"),
    [
        ({"equals": "A moth"}, "A bee", "the text is `A bee`, expected `A moth`"),
        ({"equals": "A moth"}, "A moth\n", "the text differs from character 7 on: '\\n', expected ''"),
        (
            {"equals": f"{LONG}."},
            f"{LONG}!",
            "the text differs from character 93 on: '!', expected '.'",
        ),
        ({"notContains": ["A ", "bee"]}, "A moth", "the text has `A `: it is `A moth`"),
        ({"startsWith": "The"}, "A moth", "the text is `A moth`, expected `The` at its start"),
        (
            {"endsWith": "."},
            LONG,
            "the text ends with `n the finest parchment that could be had`, expected `.` at its end",
        ),
        ({"endsWith": "bee"}, "A moth", "the text is `A moth`, expected `bee` at its end"),
        ({"notMatches": "(?i)MOTH"}, "A moth", "the text `A moth` matches `(?i)MOTH`"),
        ({"minLength": 7}, "A moth", "the text has 6 characters, expected at least 7"),
        ({"maxLength": 5}, "A moth", "the text has 6 characters, expected at most 5"),
        ({"minLength": 1}, "", "the text has no characters, expected at least 1"),
        ({"json": False}, "{}", "the text is JSON: `{}`"),
        ({"json": True}, "NaN", "the text is no JSON: `NaN`"),
        ({"jsonSchema": {"type": "array"}}, "A moth", "the text does not follow the schema: it is no JSON"),
        (
            {"jsonSchema": {"required": ["name", "order"]}},
            '{"name": 1}',
            "the text does not follow the schema: at its top: `order` is missing",
        ),
        (
            {"jsonSchema": {"properties": {"wings": {"items": {"maximum": 4}}}}},
            '{"wings": [1, 5]}',
            "the text does not follow the schema: /wings/1: expected at most 4, got 5",
        ),
        ({"values": {"/name": "Luna"}}, CARD, 'the JSON has `"Actias luna"` at `/name`, expected `"Luna"`'),
        ({"values": {"/wings/1/mm": 1}}, CARD, "the JSON has nothing at `/wings/1/mm`, expected `1`"),
        ({"values": {"/wings/00/mm": 105}}, CARD, "the JSON has nothing at `/wings/00/mm`, expected `105`"),
        ({"values": {"/wings/-1/mm": 105}}, CARD, "the JSON has nothing at `/wings/-1/mm`, expected `105`"),
        ({"values": {"/name/0": "A"}}, CARD, 'the JSON has nothing at `/name/0`, expected `"A"`'),
        ({"values": {"/wings/0/pale": 1}}, CARD, "the JSON has `true` at `/wings/0/pale`, expected `1`"),
        ({"values": {"/": False}}, CARD, "the JSON has `0` at `/`, expected `false`"),
        ({"values": {"/a~1b/~0": ""}}, CARD, 'the JSON has `null` at `/a~1b/~0`, expected `""`'),
        (
            {"values": {"/wings": [{"mm": 105}]}},
            CARD,
            'the JSON has `[{"mm": 105, "pale": true}]` at `/wings`, expected `[{"mm": 105}]`',
        ),
        ({"values": {"/name": "x"}}, "A moth", "the text is no JSON, so there is nothing at `/name`: `A moth`"),
    ],
)
def test_a_text_fails_what_is_expected_of_it(wanted: dict[str, Any], text: str, message: str) -> None:
    assert unmet({"text": wanted}, answer(text=text)) == [message]


def test_the_stretches_of_text_are_counted_and_not_the_pieces_that_a_stream_makes_of_them() -> None:
    parts = [
        {"text": "I think", "thought": True},
        {"text": "A "},
        {"text": "moth"},
        {"text": "", "thoughtSignature": "AA=="},
        {"text": "."},
        {"inlineData": {}},
        {"text": "And a bee."},
        {"inlineData": {}},
    ]

    assert met({"text": {"parts": 2}}, answer(parts=parts)) == ["the text has 2 parts, expected 2"]
    assert unmet({"text": {"minParts": 3, "maxParts": 1}}, answer(parts=parts)) == [
        "the text has 2 parts, expected at least 3",
        "the text has 2 parts, expected at most 1",
    ]
    assert unmet({"text": {"minParts": 1}}, answer(parts=[])) == ["the text has no parts, expected at least 1"]


ENUM = {"responseMimeType": "text/x.enum", "responseSchema": {"type": "STRING", "enum": ["Luna", "Atlas"]}}


def test_a_word_of_a_list_that_was_asked_for_is_judged_without_being_json() -> None:
    assert met({}, answer(text="Luna"), **ENUM) == ["the text follows the schema that was asked for"]
    assert unmet({}, answer(text="Io"), **ENUM) == [
        "the text does not follow the schema that was asked for: at its top: `Io` is not allowed here"
    ]


def test_an_own_schema_takes_the_place_of_the_one_that_was_asked_for() -> None:
    asked = {"responseMimeType": "application/json", "responseJsonSchema": {"type": "object"}}

    assert unmet({}, answer(text="[]"), **asked) == [
        "the text does not follow the schema that was asked for: at its top: expected a table, got an array"
    ]
    assert met({"text": {"jsonSchema": {"type": "array"}}}, answer(text="[]"), **asked) == [
        "the request asked for JSON (responseMimeType), the text is `[]`",
        "the text follows the schema",
    ]


@pytest.mark.parametrize(("text", "keyword"), [("1" * 400, "0.01"), ("1e400", "0.01")])
def test_a_number_that_is_too_large_to_be_compared_follows_no_schema(text: str, keyword: str) -> None:
    assert unmet({"text": {"jsonSchema": {"multipleOf": float(keyword)}}}, answer(text=text)) == [
        "the text does not follow the schema: a number in it is too large to be compared"
    ]


def test_a_count_that_is_none_in_a_schema_that_was_asked_for_is_told() -> None:
    schema = {"type": "ARRAY", "minItems": "many"}

    assert unmet({}, answer(text="[]"), responseMimeType="application/json", responseSchema=schema) == [
        "the text does not follow the schema that was asked for: it is no JSON Schema, so nothing can be compared with it"
    ]
