"""One form for all spellings of a request."""

import base64
import copy
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from promptc.blob import Blob
from promptc.canonical import canonical, decode_base64, digested, fingerprint
from promptc.findings import Fault, Finding

MODEL = "gemini-3.1-flash-image-preview"
BUTTERFLY: dict[str, Any] = {
    "contents": [
        {"parts": [{"text": "A Monarch butterfly anatomical sketch on textured parchment"}], "role": "user"},
    ],
    "generationConfig": {
        "responseModalities": ["TEXT", "IMAGE"],
        "imageConfig": {"aspectRatio": "1:1", "imageSize": "4K"},
    },
}
BUTTERFLY_FINGERPRINT = "v1:21f99de0e99fe6c5d108968efbb2d946b2da74db1644a6429dd82f9989e8cd78"
BINARY = bytes(range(248, 256)) + b"\xfb\xef\xbe"
STANDARD = base64.b64encode(BINARY).decode()
URL_SAFE = base64.urlsafe_b64encode(BINARY).decode()
SHA = "sha256:" + hashlib.sha256(BINARY).hexdigest()


def text_of(value: object) -> str:
    """Write JSON so that `1`, `1.0` and `true` differ, and key order doesn't count."""
    return json.dumps(value, sort_keys=True)


def part(**fields: Any) -> dict[str, Any]:
    return {"contents": [{"parts": [fields]}]}


def asked(tree: dict[str, Any]) -> dict[str, Any]:
    """Return a body of one turn as its fingerprint sees it: said by the user."""
    return {**tree, "contents": [{"role": "user", **tree["contents"][0]}]}


def config(**fields: Any) -> dict[str, Any]:
    return {"contents": [{"parts": [{"text": "x"}]}], "generationConfig": fields}


def times(start: str, end: str) -> dict[str, Any]:
    return {**part(text="x"), "tools": [{"googleSearch": {"timeRangeFilter": {"startTime": start, "endTime": end}}}]}


def video(start: str, end: str) -> dict[str, Any]:
    return part(text="x", videoMetadata={"startOffset": start, "endOffset": end})


RULES: list[tuple[str, Any, Any]] = [
    (
        "snake_case names become camelCase",
        {"system_instruction": {"parts": [{"inline_data": {"mime_type": "a/b", "data": ""}}]}, "cached_content": "c"},
        {"systemInstruction": {"parts": [{"inlineData": {"mimeType": "a/b", "data": ""}}]}, "cachedContent": "c"},
    ),
    (
        "both spellings may stand in one body",
        {"generationConfig": {"top_p": 0.5, "topK": 3, "image_config": {"aspectRatio": "1:1"}}},
        {"generationConfig": {"topP": 0.5, "topK": 3, "imageConfig": {"aspectRatio": "1:1"}}},
    ),
    (
        "names that the schema doesn't know stay, with everything below them",
        {"generationConfig": {"aspect_ratio": {"image_config": 1.0}}, "Contents": None},
        {"generationConfig": {"aspect_ratio": {"image_config": 1.0}}, "Contents": None},
    ),
    (
        "names that are neither spelling stay",
        {"generationConfig": {"image__config": 1, "image_Config": 2, "_imageConfig": 3, "imageConfig_": 4}},
        {"generationConfig": {"image__config": 1, "image_Config": 2, "_imageConfig": 3, "imageConfig_": 4}},
    ),
    (
        "enum values are upper case",
        config(responseModalities=["text", "Image"], thinkingConfig={"thinkingLevel": "low"}),
        config(responseModalities=["TEXT", "IMAGE"], thinkingConfig={"thinkingLevel": "LOW"}),
    ),
    (
        "enum values take the schema's case, whatever it is",
        {"serviceTier": "FLEX", "tools": [{"functionDeclarations": [{"name": "f", "parameters": {"type": "object"}}]}]},
        {"serviceTier": "flex", "tools": [{"functionDeclarations": [{"name": "f", "parameters": {"type": "OBJECT"}}]}]},
    ),
    ("values of no enum stay", config(responseModalities=["smell"]), config(responseModalities=["smell"])),
    ("plain strings keep their case", config(imageConfig={"imageSize": "1k"}), config(imageConfig={"imageSize": "1k"})),
    ("whole floats become integers", config(topK=40.0, seed=-0.0), config(topK=40, seed=0)),
    ("other floats stay", config(temperature=0.1, topP=1e-9), config(temperature=0.1, topP=1e-9)),
    ("floats beyond 2^53 stay", config(presencePenalty=1e300), config(presencePenalty=1e300)),
    ("booleans are no numbers", config(responseLogprobs=True, seed=1), config(responseLogprobs=True, seed=1)),
    ("URL-safe base64 becomes standard", part(thoughtSignature=URL_SAFE), part(thoughtSignature=STANDARD)),
    ("missing padding is added", part(thoughtSignature="YQ"), part(thoughtSignature="YQ==")),
    ("white space in base64 is dropped", part(thoughtSignature=" Y\tW\r\nJj\n"), part(thoughtSignature="YWJj")),
    ("white space before the padding, too", part(thoughtSignature="YQ \n= ="), part(thoughtSignature="YQ==")),
    ("base64 of white space only is empty", part(thoughtSignature="\n"), part(thoughtSignature="")),
    ("padding bits are dropped", part(thoughtSignature="YR=="), part(thoughtSignature="YQ==")),
    ("what looks like base64 in text stays", part(text=URL_SAFE), part(text=URL_SAFE)),
    (
        "a lone object is a list of one",
        {"contents": {"parts": {"text": "x"}}, "tools": {"google_search": {}}},
        {"contents": [{"parts": [{"text": "x"}]}], "tools": [{"googleSearch": {}}]},
    ),
    ("a lone value is a list of one", config(responseModalities="image"), config(responseModalities=["IMAGE"])),
    (
        "null is dropped",
        {"tools": None, "contents": [{"role": None, "parts": [{"text": "x", "inline_data": None}]}]},
        {"contents": [{"parts": [{"text": "x"}]}]},
    ),
    ("null in a list stays", {"contents": [None]}, {"contents": [None]}),
    ("an empty generationConfig is dropped", config(), {"contents": [{"parts": [{"text": "x"}]}]}),
    ("one that only held null, too", config(seed=None, topK=None), {"contents": [{"parts": [{"text": "x"}]}]}),
    ("other empty objects stay", config(imageConfig={}), config(imageConfig={})),
    (
        "empty lists are dropped: a repeated field without elements is absent",
        {"tools": [], "safety_settings": [], **config(stopSequences=[], responseSchema={"enum": []})},
        config(responseSchema={}),
    ),
    (
        "where something must stand, an empty list stays for the schema to find",
        {"contents": [{"parts": []}]},
        {"contents": [{"parts": []}]},
    ),
    ("the list of contents, too", {"contents": []}, {"contents": []}),
    (
        "a list that only held nothing stays: null is no absent element",
        config(stopSequences=[None]),
        config(stopSequences=[None]),
    ),
    (
        "empty lists in opaque JSON stay",
        config(responseJsonSchema={"enum": []}),
        config(responseJsonSchema={"enum": []}),
    ),
    (
        "empty tables in a map stay, empty lists below them don't",
        config(responseSchema={"properties": {"a": {"required": []}}}),
        config(responseSchema={"properties": {"a": {}}}),
    ),
    ("empty texts stay", part(text=""), part(text="")),
    (
        "64-bit integers are text",
        config(responseSchema={"minItems": 3, "maxItems": 3.0, "minLength": "007", "maxLength": "-0"}),
        config(responseSchema={"minItems": "3", "maxItems": "3", "minLength": "7", "maxLength": "0"}),
    ),
    (
        "what is no 64-bit integer stays",
        config(responseSchema={"minItems": "three", "maxItems": 3.5, "minLength": True, "maxLength": "1" * 20}),
        config(responseSchema={"minItems": "three", "maxItems": 3.5, "minLength": True, "maxLength": "1" * 20}),
    ),
    ("32-bit integers are numbers, and text stays", config(seed=7, topK="40"), config(seed=7, topK="40")),
    (
        "times are in UTC, without idle zeros",
        times("2026-01-31T01:30:00.500+01:30", "2026-01-31T00:00:00.000000000-00:00"),
        times("2026-01-31T00:00:00.5Z", "2026-01-31T00:00:00Z"),
    ),
    (
        "nanoseconds stay, and days may change",
        times("2026-01-01T00:30:00.123456789+01:00", "2025-12-31T23:59:59Z"),
        times("2025-12-31T23:30:00.123456789Z", "2025-12-31T23:59:59Z"),
    ),
    ("a date alone is no time", times("2026-01-31", "now"), times("2026-01-31", "now")),
    ("durations lose idle zeros", video("1.500s", "90.000s"), video("1.5s", "90s")),
    ("durations lose leading zeros", video("01s", "00.50s"), video("1s", "0.5s")),
    ("no time at all has no sign", video("-0.0s", "-00s"), video("0s", "0s")),
    ("less than no time has one", video("-01.50s", "-0.000000001s"), video("-1.5s", "-0.000000001s")),
    ("whole durations stay", video("100s", "0s"), video("100s", "0s")),
    ("what is no duration stays", video("1.5", "1,50s"), video("1.5", "1,50s")),
    (
        "a safety setting may be given by numbers",
        {**part(text="x"), "safetySettings": [{"category": 7, "threshold": 4.0}]},
        {**part(text="x"), "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]},
    ),
    (
        "numbers of no safety setting stay",
        {**part(text="x"), "safetySettings": [{"category": 99, "threshold": -1}]},
        {**part(text="x"), "safetySettings": [{"category": 99, "threshold": -1}]},
    ),
    ("modalities, too", config(responseModalities=[1, 2.0]), config(responseModalities=["TEXT", "IMAGE"])),
    ("and a lone one", config(responseModalities=2), config(responseModalities=["IMAGE"])),
    (
        "the resolution of what is read, too",
        config(mediaResolution=2),
        config(mediaResolution="MEDIA_RESOLUTION_MEDIUM"),
    ),
    (
        "types of a schema, too",
        config(responseSchema={"type": 6, "properties": {"a": {"type": 1.0}}}),
        config(responseSchema={"type": "OBJECT", "properties": {"a": {"type": "STRING"}}}),
    ),
    (
        "what functions do and when, too",
        {
            **part(text="x"),
            "tools": [{"functionDeclarations": [{"name": "f", "behavior": 2}]}],
            "toolConfig": {"functionCallingConfig": {"mode": 4}},
        },
        {
            **part(text="x"),
            "tools": [{"functionDeclarations": [{"name": "f", "behavior": "NON_BLOCKING"}]}],
            "toolConfig": {"functionCallingConfig": {"mode": "VALIDATED"}},
        },
    ),
    (
        "code that was run, too",
        part(executableCode={"language": 1, "code": "x"}),
        part(executableCode={"language": "PYTHON", "code": "x"}),
    ),
    (
        "and how it went",
        part(codeExecutionResult={"outcome": 3}),
        part(codeExecutionResult={"outcome": "OUTCOME_DEADLINE_EXCEEDED"}),
    ),
    (
        "the older search, too",
        {**part(text="x"), "tools": [{"googleSearchRetrieval": {"dynamicRetrievalConfig": {"mode": 1}}}]},
        {**part(text="x"), "tools": [{"googleSearchRetrieval": {"dynamicRetrievalConfig": {"mode": "MODE_DYNAMIC"}}}]},
    ),
    ("numbers of no modality stay", config(responseModalities=[5, -1]), config(responseModalities=[5, -1])),
    (
        "other enums have no numbers",
        config(thinkingConfig={"thinkingLevel": 1}),
        config(thinkingConfig={"thinkingLevel": 1}),
    ),
    (
        "a system instruction's role of nothing is ignored, too",
        {"system_instruction": {"role": None, "parts": {"text": "x"}}},
        {"systemInstruction": {"parts": [{"text": "x"}]}},
    ),
    (
        "one that is no text stays for the schema to find",
        {"system_instruction": {"role": 5, "parts": {"text": "x"}}},
        {"systemInstruction": {"role": 5, "parts": [{"text": "x"}]}},
    ),
    (
        "the role of a system instruction is ignored, that of a turn is not",
        {"system_instruction": {"role": "user", "parts": {"text": "x"}}, "contents": {"role": "user", "parts": []}},
        {"systemInstruction": {"parts": [{"text": "x"}]}, "contents": [{"role": "user", "parts": []}]},
    ),
    (
        "a field with a leading underscore",
        config(_response_json_schema={"a_b": 1}),
        config(_responseJsonSchema={"a_b": 1}),
    ),
    (
        "arguments are not touched",
        part(function_call={"name": "f", "args": {"mime_type": None, "top_k": 40.0, "type": "object", "tools": {}}}),
        part(functionCall={"name": "f", "args": {"mime_type": None, "top_k": 40.0, "type": "object", "tools": {}}}),
    ),
    (
        "a function's response is not touched",
        part(function_response={"name": "f", "response": {"inline_data": {"data": URL_SAFE, "x": None}}}),
        part(functionResponse={"name": "f", "response": {"inline_data": {"data": URL_SAFE, "x": None}}}),
    ),
    (
        "a JSON Schema is not touched",
        config(response_json_schema={"type": "object", "any_of": [None], "minimum": 1.0}),
        config(responseJsonSchema={"type": "object", "any_of": [None], "minimum": 1.0}),
    ),
    (
        "opaque JSON may be null",
        {"tools": [{"functionDeclarations": [{"name": "f", "parametersJsonSchema": None}]}]},
        {"tools": [{"functionDeclarations": [{"name": "f", "parametersJsonSchema": None}]}]},
    ),
    (
        "metadata is not touched",
        part(text="x", part_metadata={"mime_type": {"a_b": 1.0}}),
        part(text="x", partMetadata={"mime_type": {"a_b": 1.0}}),
    ),
    (
        "the keys of a map are not touched, its values are",
        config(response_schema={"properties": {"mime_type": {"type": "string", "any_of": None}, "mimeType": {}}}),
        config(responseSchema={"properties": {"mime_type": {"type": "STRING"}, "mimeType": {}}}),
    ),
    (
        "wrong types stay for the schema to find",
        {"contents": 5, "model": {"a_b": 1.0}},
        {"contents": [5], "model": {"a_b": 1.0}},
    ),
]


@pytest.mark.parametrize(("given_tree", "expected"), [rule[1:] for rule in RULES], ids=[rule[0] for rule in RULES])
def test_each_rule_respells_as_the_api_reads(given_tree: Any, expected: Any) -> None:
    before = copy.deepcopy(given_tree)
    made = canonical(given_tree)
    assert text_of(made.tree) == text_of(expected)
    assert made.findings == ()
    assert text_of(given_tree) == text_of(before)
    assert text_of(canonical(made.tree).tree) == text_of(expected)
    assert fingerprint("generateContent", MODEL, given_tree) == fingerprint("generateContent", MODEL, expected)


@pytest.mark.parametrize(
    ("tree", "kept", "finding"),
    [
        (
            part(inlineData={"mimeType": "a/b", "data": ""}, inline_data={"mimeType": "c/d", "data": ""}),
            part(inlineData={"mimeType": "a/b", "data": ""}),
            ("/contents/0/parts/0/inline_data", "inlineData", "inline_data"),
        ),
        (config(top_k=1, topK=1), config(topK=1), ("/generationConfig/topK", "top_k", "topK")),
    ],
)
def test_one_field_in_two_spellings_is_reported_at_the_second(
    tree: Any, kept: Any, finding: tuple[str, str, str]
) -> None:
    pointer, first, second = finding
    made = canonical(tree)
    assert text_of(made.tree) == text_of(kept)
    assert made.findings == (
        Finding(
            fault=Fault.TWICE,
            pointer=pointer,
            message=f"`{first}` and `{second}` are one field, written twice",
            expected="one of the two spellings",
            help=f"remove `{second}`",
            at_key=True,
        ),
    )


def test_what_is_no_base64_stays_and_is_reported() -> None:
    assert_no_base64("a b!", None)


def assert_no_base64(data: str, hint: str | None) -> None:
    tree = part(inline_data={"mimeType": "image/png", "data": data})
    made = canonical(tree)
    assert made.tree == part(inlineData={"mimeType": "image/png", "data": data})
    assert digested(tree) == asked(part(inlineData={"mimeType": "image/png", "data": data}))
    assert made.findings == (
        Finding(
            fault=Fault.VALUE,
            pointer="/contents/0/parts/0/inlineData/data",
            message="this is no base64",
            expected="base64, standard or URL-safe",
            help=hint,
        ),
    )


NO_URI = "leave out everything up to the comma: the media type stands in `mimeType`"
ADDRESS = "an address stands in `fileData`, as its `fileUri`"
PLACEHOLDER = "this is a placeholder: put the file's bytes in its place"
CUT = "its length fits no base64: part of it is missing"


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        ("data:image/png;base64,AAAA", NO_URI),
        ("https://models.example/wing.png", ADDRESS),
        ("gs://moths/wing.png", ADDRESS),
        ("$IMAGE", PLACEHOLDER),
        ("${IMAGE}", PLACEHOLDER),
        ("<base64 of the picture>", PLACEHOLDER),
        ("{{ picture }}", PLACEHOLDER),
        ("@wing.png", PLACEHOLDER),
        ("A", CUT),
        ("AAAA\nAAAAA\n", CUT),
        ("-_-_-", CUT),
        ("wing.png", None),
        ("C:\\wing.png", None),
        ("é", None),
    ],
)
def test_what_is_no_base64_is_told_what_it_may_be(data: str, hint: str | None) -> None:
    assert_no_base64(data, hint)


@pytest.mark.parametrize(
    ("tree", "pointer", "message", "expected"),
    [
        (
            times("2026-02-31T00:00:00Z", "2026-03-01T00:00:00Z"),
            "/tools/0/googleSearch/timeRangeFilter/startTime",
            "there is no such time as `2026-02-31T00:00:00Z`",
            "a day and an hour that exist",
        ),
        (
            times("2026-02-01T00:00:00Z", "0001-01-01T00:00:00+01:00"),
            "/tools/0/googleSearch/timeRangeFilter/endTime",
            "there is no such time as `0001-01-01T00:00:00+01:00`",
            "a day and an hour that exist",
        ),
        (
            config(responseSchema={"maxItems": "9223372036854775808"}),
            "/generationConfig/responseSchema/maxItems",
            "`9223372036854775808` does not fit 64 bits",
            "-9223372036854775808 to 9223372036854775807",
        ),
    ],
)
def test_what_no_proto_can_hold_stays_and_is_reported(tree: Any, pointer: str, message: str, expected: str) -> None:
    made = canonical(tree)
    assert made.tree == tree
    assert made.findings == (Finding(fault=Fault.VALUE, pointer=pointer, message=message, expected=expected),)


def test_a_partial_tree_keeps_what_is_empty_since_it_replaces_something() -> None:
    tree: Any = {"tools": [], "generation_config": {}, "safety_settings": None}
    assert canonical(tree, partial=True).tree == {"tools": [], "generationConfig": {}}
    assert canonical(tree).tree == {}


def test_two_spellings_of_a_key_in_opaque_json_are_two_keys() -> None:
    tree = part(functionCall={"name": "f", "args": {"a_b": 1, "aB": 2}})
    assert canonical(tree).findings == ()
    assert canonical(tree).tree == tree


def test_moved_leads_from_every_value_back_to_where_it_was_written() -> None:
    tree: Any = {
        "contents": {
            "parts": [{"inline_data": {"mime_type": "a/b", "data": URL_SAFE}}, {"text": "x", "thought": None}]
        },
        "generation_config": {
            "response_modalities": "image",
            "response_json_schema": {"any_of": [{"a/b": 1}]},
            "response_schema": {"properties": {"a_b": {"min_items": 1}}},
            "aspect_ratio": {"a_b": []},
        },
    }
    assert canonical(tree).moved == {
        "": "",
        "/contents": "/contents",
        "/contents/0": "/contents",
        "/contents/0/parts": "/contents/parts",
        "/contents/0/parts/0": "/contents/parts/0",
        "/contents/0/parts/0/inlineData": "/contents/parts/0/inline_data",
        "/contents/0/parts/0/inlineData/mimeType": "/contents/parts/0/inline_data/mime_type",
        "/contents/0/parts/0/inlineData/data": "/contents/parts/0/inline_data/data",
        "/contents/0/parts/1": "/contents/parts/1",
        "/contents/0/parts/1/text": "/contents/parts/1/text",
        "/generationConfig": "/generation_config",
        "/generationConfig/responseModalities": "/generation_config/response_modalities",
        "/generationConfig/responseModalities/0": "/generation_config/response_modalities",
        "/generationConfig/responseJsonSchema": "/generation_config/response_json_schema",
        "/generationConfig/responseJsonSchema/any_of": "/generation_config/response_json_schema/any_of",
        "/generationConfig/responseJsonSchema/any_of/0": "/generation_config/response_json_schema/any_of/0",
        "/generationConfig/responseJsonSchema/any_of/0/a~1b": "/generation_config/response_json_schema/any_of/0/a~1b",
        "/generationConfig/responseSchema": "/generation_config/response_schema",
        "/generationConfig/responseSchema/properties": "/generation_config/response_schema/properties",
        "/generationConfig/responseSchema/properties/a_b": "/generation_config/response_schema/properties/a_b",
        "/generationConfig/responseSchema/properties/a_b/minItems": "/generation_config/response_schema/properties/a_b/min_items",
        "/generationConfig/aspect_ratio": "/generation_config/aspect_ratio",
        "/generationConfig/aspect_ratio/a_b": "/generation_config/aspect_ratio/a_b",
    }


def test_a_blob_stays_in_the_canonical_tree_and_becomes_its_digest_in_the_fingerprint() -> None:
    blob = Blob.of_bytes(BINARY, "image/png")
    tree = part(inline_data={"mime_type": "image/png", "data": blob})
    made = canonical(tree).tree
    assert made == part(inlineData={"mimeType": "image/png", "data": blob})
    assert digested(tree) == asked(part(inlineData={"mimeType": "image/png", "data": SHA}))


@pytest.mark.parametrize("data", [STANDARD, URL_SAFE, URL_SAFE.rstrip("="), SHA, Blob.of_bytes(BINARY, "image/png")])
def test_a_picture_has_one_fingerprint_as_a_blob_as_base64_and_as_a_digest(data: str | Blob) -> None:
    tree = part(inlineData={"mimeType": "image/png", "data": data})
    expected = asked(part(inlineData={"mimeType": "image/png", "data": SHA}))
    assert digested(tree) == expected
    assert digested(digested(tree)) == expected
    assert fingerprint("generateContent", MODEL, tree) == fingerprint("generateContent", MODEL, expected)


def test_signatures_are_digested_like_pictures() -> None:
    expected = asked(part(text="x", thoughtSignature=SHA))
    assert digested(part(text="x", thought_signature=URL_SAFE)) == expected


@pytest.mark.parametrize("content", [{}, {"role": None}, {"role": "user"}])
def test_a_turn_without_a_role_is_the_users_in_the_fingerprint_but_sent_as_it_is(content: dict[str, Any]) -> None:
    said = {key: value for key, value in content.items() if value is not None}
    tree: Any = {
        "contents": [
            {**content, "parts": [{"text": "x"}]},
            {"role": "model", "parts": [{"text": "y"}]},
            {**content, "parts": [{"text": "z"}]},
        ],
        "systemInstruction": {"parts": [{"text": "x"}]},
    }
    expected: Any = copy.deepcopy(tree)
    for turn in (0, 2):
        expected["contents"][turn] = {**said, "parts": tree["contents"][turn]["parts"]}
    assert canonical(tree).tree == expected
    for turn in (0, 2):
        expected["contents"][turn]["role"] = "user"
    assert digested(tree) == expected
    assert fingerprint("generateContent", MODEL, tree) == fingerprint("generateContent", MODEL, expected)


@pytest.mark.parametrize("role", ["", None])
def test_a_blank_role_is_the_users(role: str | None) -> None:
    blank: Any = {"contents": [{"parts": [{"text": "x"}], "role": role}]}
    said: Any = {"contents": [{"parts": [{"text": "x"}], "role": "user"}]}
    assert digested(blank) == digested(said)


@pytest.mark.parametrize("role", ["model", "function", " ", "User", 5])
def test_another_role_than_the_users_is_another_request(role: object) -> None:
    tree: Any = {"contents": [{"role": role, "parts": [{"text": "x"}]}]}
    assert digested(tree) == tree
    assert fingerprint("generateContent", MODEL, tree) != fingerprint("generateContent", MODEL, part(text="x"))


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("", b""),
        ("YQ==", b"a"),
        ("YQ", b"a"),
        ("YWI", b"ab"),
        ("YWJj", b"abc"),
        ("-_-_", b"\xfb\xff\xbf"),
        ("+/+/", b"\xfb\xff\xbf"),
        ("+_-/", b"\xfb\xff\xbf"),
        ("Y Q", b"a"),
        ("YQ\n", b"a"),
        ("\tYQ=\r\n=", b"a"),
        (" \n", b""),
    ],
)
def test_both_base64_alphabets_are_read_padded_or_not(text: str, data: bytes) -> None:
    assert decode_base64(text) == data


@pytest.mark.parametrize("text", ["A", "AAAAA", "YQ=YQ", "YQ==YQ==", "Y Q\n=YQ", "%%%%", "é", "YW.j", "Y \u3000Q"])
def test_what_is_no_base64_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"base64|ASCII"):
        decode_base64(text)


@given(st.binary(max_size=64), st.booleans(), st.booleans())
def test_base64_of_any_bytes_is_read_back(data: bytes, url_safe: bool, padded: bool) -> None:  # noqa: FBT001
    text = (base64.urlsafe_b64encode if url_safe else base64.b64encode)(data).decode()
    assert decode_base64(text if padded else text.rstrip("=")) == data
    assert decode_base64(base64.encodebytes(data).decode()) == data


def test_the_fingerprint_is_the_digest_of_the_canonical_json_text() -> None:
    canonical_json = (  # RFC 8785, written by hand
        '{"body":{"contents":[{"parts":[{"text":"A Monarch butterfly anatomical sketch on textured parchment"}],'
        '"role":"user"}],"generationConfig":{"imageConfig":{"aspectRatio":"1:1","imageSize":"4K"},'
        '"responseModalities":["TEXT","IMAGE"]}},"method":"generateContent",'
        '"model":"gemini-3.1-flash-image-preview"}'
    )
    expected = "v1:" + hashlib.sha256(canonical_json.encode()).hexdigest()
    assert expected == BUTTERFLY_FINGERPRINT
    assert fingerprint("generateContent", MODEL, BUTTERFLY) == BUTTERFLY_FINGERPRINT


def test_other_spellings_of_that_body_have_that_fingerprint() -> None:
    tree: Any = {
        "tools": None,
        "generation_config": {
            "image_config": {"image_size": "4K", "aspectRatio": "1:1"},
            "response_modalities": ["text", "Image"],
        },
        "contents": {"role": "user", "parts": BUTTERFLY["contents"][0]["parts"][0]},
    }
    assert fingerprint("generateContent", MODEL, tree) == BUTTERFLY_FINGERPRINT
    del tree["contents"]["role"]
    assert fingerprint("generateContent", MODEL, tree) == BUTTERFLY_FINGERPRINT


def altered(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    tree = copy.deepcopy(BUTTERFLY)
    change(tree)
    return tree


@pytest.mark.parametrize(
    ("method", "model", "tree"),
    [
        ("streamGenerateContent", MODEL, BUTTERFLY),
        ("generateContent", "gemini-3.1-flash-image", BUTTERFLY),
        ("generateContent", MODEL, altered(lambda tree: tree["contents"][0]["parts"][0].update(text="A Monarch"))),
        ("generateContent", MODEL, altered(lambda tree: tree["contents"][0].update(role="model"))),
        ("generateContent", MODEL, altered(lambda tree: tree["contents"].append(tree["contents"][0]))),
        ("generateContent", MODEL, altered(lambda tree: tree["generationConfig"].update(seed=0))),
        ("generateContent", MODEL, altered(lambda tree: tree["generationConfig"]["responseModalities"].reverse())),
        (
            "generateContent",
            MODEL,
            altered(lambda tree: tree["generationConfig"]["imageConfig"].update(imageSize="2K")),
        ),
        ("generateContent", MODEL, altered(lambda tree: tree["generationConfig"].update(unknown=None))),
    ],
)
def test_another_request_has_another_fingerprint(method: str, model: str, tree: Any) -> None:
    assert fingerprint(method, model, tree) != BUTTERFLY_FINGERPRINT


@given(st.text(max_size=12), st.text(max_size=12))
def test_unequal_text_has_unequal_fingerprints(one: str, other: str) -> None:
    assume(one != other)
    fingerprints = {fingerprint("generateContent", MODEL, part(text=text)) for text in (one, other)}
    assert len(fingerprints) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [("é", "e\u0301"), ("a\n", "a"), ("a\r\n", "a\n"), ("a ", "a"), ("", " "), ("A", "a"), ("\ufeffa", "a")],
)
def test_text_is_compared_character_by_character(one: str, other: str) -> None:
    assert fingerprint("generateContent", MODEL, part(text=one)) != fingerprint(
        "generateContent", MODEL, part(text=other)
    )


def test_recorded_requests_have_a_canonical_form_that_stays_as_it_is(corpus: Path) -> None:
    files = sorted((corpus / "requests").glob("*.json"))
    assert files
    for file in files:
        body = json.loads(file.read_text(encoding="utf-8"))
        made = canonical(body)
        again = canonical(made.tree)
        assert again.tree == made.tree, file.name
        assert made.findings == (), file.name
        assert fingerprint("generateContent", "m", body) == fingerprint("generateContent", "m", made.tree), file.name
        assert fingerprint("generateContent", "m", digested(body)) == fingerprint("generateContent", "m", body), (
            file.name
        )


@pytest.mark.parametrize(
    ("first", "second"),
    [("\u00e9", '"\\u00e9"'), (2.0**60, "number:1.152921504606847e+18"), (2**60, "number:1152921504606846976")],
)
def test_what_rfc_8785_cannot_hold_is_still_told_apart(first: object, second: object) -> None:
    def fingerprint_of(value: object) -> str:
        call: Any = {"functionCall": {"name": "f", "args": {"a": value, "b": 2**60}}}
        return fingerprint("generateContent", "m", {"contents": [{"parts": [call]}]})

    assert fingerprint_of(first) != fingerprint_of(second)
