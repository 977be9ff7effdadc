"""What the schemas say against a body, in whole sentences and without its pictures."""

import base64
import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptc.findings import Fault, Finding, kind
from promptc.schema import camel_case, check, check_against, check_with, data_fields, load, resolve

ONE_PART = (
    "exactly one of `text`, `inlineData`, `fileData`, `functionCall`, `functionResponse`, `executableCode`, "
    "`codeExecutionResult`, `toolCall`, `toolResponse`"
)
BODY: dict[str, Any] = {
    "contents": [
        {"role": "user", "parts": [{"text": "x"}, {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}]},
        {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {"any_thing": None}}}]},
    ],
    "systemInstruction": {"parts": [{"text": "x"}]},
    "generationConfig": {
        "responseModalities": ["TEXT", "IMAGE"],
        "imageConfig": {"aspectRatio": "1:1", "imageSize": "4K"},
        "temperature": 1,
        "topK": 40.0,
        "responseSchema": {"type": "OBJECT", "properties": {"any_name": {"type": "STRING", "minItems": "3"}}},
    },
    "tools": [{"googleSearch": {}}, {"functionDeclarations": [{"name": "f", "parametersJsonSchema": {"x": 1}}]}],
    "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"}],
}


def named(name: str) -> dict[str, Any]:
    """Return the body with another name for its function."""
    return altered(lambda b: b["tools"][1]["functionDeclarations"][0].update(name=name))


FILE = {"mimeType": "image/png", "data": "AAAA"}


def answer(*files: dict[str, Any]) -> dict[str, Any]:
    """Return a turn in which a function answers with files."""
    response = {"name": "f", "response": {}, "parts": list(files)}
    return {"role": "function", "parts": [{"functionResponse": response}]}


def altered(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    body = copy.deepcopy(BODY)
    change(body)
    return body


@pytest.mark.parametrize(
    "body",
    [
        BODY,
        {"contents": [{"parts": [{"text": ""}]}]},
        altered(lambda b: b["generationConfig"].update(responseJsonSchema=None, seed=-1)),
        altered(lambda b: b["contents"][0]["parts"][0].update(thought=True, thoughtSignature="AAAA")),
        altered(lambda b: b["generationConfig"].clear()),
        altered(lambda b: b["contents"].append(answer({"inlineData": FILE}, {"fileData": {"fileUri": "files/a"}}))),
        *(named(name) for name in ("f", "_f", "F-1", "moths.find:all", "1st", "f" * 128)),
        altered(lambda b: b["tools"][0].update(googleSearch={"searchTypes": {"webSearch": {}}})),
    ],
)
def test_valid_bodies_have_no_findings(body: Any) -> None:
    assert check(body, "request.schema") == ()


def names(*path: str) -> str:
    """List the fields that the schema knows at a place, as messages do."""
    schema: Any = load("request.schema")
    for step in path:
        schema = resolve(load("request.schema"), schema["properties"][step] if step != "0" else schema["items"])
    return "one of " + ", ".join(f"`{n}`" for n, inner in schema["properties"].items() if "x-internal" not in inner)


def unknown(pointer: str, key: str, expected: str, hint: str | None) -> Finding:
    return Finding(
        fault=Fault.UNKNOWN,
        pointer=f"{pointer}/{key}",
        message=f"unknown key `{key}`",
        expected=expected,
        help=f"did you mean {hint}?" if hint else None,
        at_key=True,
    )


def wrong_type(pointer: str, wanted: str, got: str) -> Finding:
    return Finding(fault=Fault.TYPE, pointer=pointer, message=f"expected {wanted}, got {got}", expected=wanted)


MUTATIONS: list[tuple[str, Callable[[dict[str, Any]], object], tuple[Finding, ...]]] = [
    (
        "a misspelt key at the top",
        lambda b: b.update(generationConfg={}),
        (unknown("", "generationConfg", names(), "`generationConfig`"),),
    ),
    (
        "a misspelt key in a content",
        lambda b: b["contents"][0].update(rolle="user"),
        (unknown("/contents/0", "rolle", "one of `parts`, `role`", "`role`"),),
    ),
    (
        "a misspelt key in a part",
        lambda b: b["contents"][0]["parts"][0].update(thougth=True),
        (unknown("/contents/0/parts/0", "thougth", names("contents", "0", "parts", "0"), "`thought`"),),
    ),
    (
        "a misspelt key in a picture",
        lambda b: b["contents"][0]["parts"][1]["inlineData"].update(mime="image/png"),
        (unknown("/contents/0/parts/1/inlineData", "mime", "one of `data`, `displayName`, `mimeType`", "`mimeType`"),),
    ),
    (
        "a misspelt key in the configuration",
        lambda b: b["generationConfig"].update(temprature=1),
        (unknown("/generationConfig", "temprature", names("generationConfig"), "`temperature`"),),
    ),
    (
        "a misspelt key in the picture's configuration",
        lambda b: b["generationConfig"]["imageConfig"].update(aspect_ration="1:1"),
        (
            unknown(
                "/generationConfig/imageConfig", "aspect_ration", "one of `aspectRatio`, `imageSize`", "`aspectRatio`"
            ),
        ),
    ),
    (
        "a misspelt key in a schema's property",
        lambda b: b["generationConfig"]["responseSchema"]["properties"]["any_name"].update(nulable=True),
        (
            unknown(
                "/generationConfig/responseSchema/properties/any_name",
                "nulable",
                names("generationConfig", "responseSchema"),
                "`nullable`",
            ),
        ),
    ),
    (
        "a misspelt key in a tool",
        lambda b: b["tools"][0].update(googleSerch={}),
        (
            unknown(
                "/tools/0",
                "googleSerch",
                names("tools", "0"),
                "`googleSearch`",
            ),
        ),
    ),
    (
        "a key in an empty table",
        lambda b: b["tools"].append({"codeExecution": {"language": "PYTHON"}}),
        (unknown("/tools/2/codeExecution", "language", "an empty table", None),),
    ),
    (
        "aspectRatio directly under generationConfig",
        lambda b: b["generationConfig"].update(aspectRatio="1:1"),
        (unknown("/generationConfig", "aspectRatio", names("generationConfig"), None),),
    ),
    (
        "a key with a slash and a tilde",
        lambda b: b["contents"][0].update({"a/b~": 1}),
        (
            Finding(
                fault=Fault.UNKNOWN,
                pointer="/contents/0/a~1b~0",
                message="unknown key `a/b~`",
                expected="one of `parts`, `role`",
                at_key=True,
            ),
        ),
    ),
    (
        "text that is a number",
        lambda b: b["contents"][0]["parts"][0].update(text=5),
        (wrong_type("/contents/0/parts/0/text", "a string", "an integer"),),
    ),
    (
        "an integer that is a fraction",
        lambda b: b["generationConfig"].update(topK=40.5),
        (wrong_type("/generationConfig/topK", "an integer", "a number"),),
    ),
    (
        "a number that is a boolean",
        lambda b: b["generationConfig"].update(temperature=True),
        (wrong_type("/generationConfig/temperature", "a number", "a boolean"),),
    ),
    (
        "a 64-bit integer that is neither number nor text",
        lambda b: b["generationConfig"]["responseSchema"].update(minItems=[]),
        (wrong_type("/generationConfig/responseSchema/minItems", "an integer", "an array"),),
    ),
    (
        "an enum that is no string",
        lambda b: b["generationConfig"]["imageConfig"].update(imageSize=512),
        (wrong_type("/generationConfig/imageConfig/imageSize", "a string", "an integer"),),
    ),
    (
        "a part that is text",
        lambda b: b["contents"][0]["parts"].append("text"),
        (wrong_type("/contents/0/parts/2", "a table", "a string"),),
    ),
    (
        "a part that is a number",
        lambda b: b["contents"][0]["parts"].append(5),
        (wrong_type("/contents/0/parts/2", "a table", "an integer"),),
    ),
    (
        "a part that is nothing",
        lambda b: b["contents"][0]["parts"].append(None),
        (wrong_type("/contents/0/parts/2", "a table", "nothing"),),
    ),
    (
        "a turn that is text",
        lambda b: b["contents"].append("text"),
        (wrong_type("/contents/2", "a table with `parts` or `role`", "a string"),),
    ),
    (
        "a picture that is text",
        lambda b: b["contents"][0]["parts"][1].update(inlineData="AAAA"),
        (
            wrong_type(
                "/contents/0/parts/1/inlineData", "a table with `data` or `displayName` or `mimeType`", "a string"
            ),
        ),
    ),
    (
        "an empty tool that is text",
        lambda b: b["tools"].append({"codeExecution": "x"}),
        (wrong_type("/tools/2/codeExecution", "a table", "a string"),),
    ),
    (
        "a map that is text",
        lambda b: b["generationConfig"]["responseSchema"].update(properties="x"),
        (wrong_type("/generationConfig/responseSchema/properties", "a table", "a string"),),
    ),
    (
        "a function whose name is none",
        lambda b: b["tools"][1]["functionDeclarations"][0].update(name="find moths"),
        (
            Finding(
                fault=Fault.BOUNDS,
                pointer="/tools/1/functionDeclarations/0/name",
                message="`find moths` is not text like `find_moths`",
                expected="text like `find_moths`",
            ),
        ),
    ),
    (
        "files of a function's answer: none, and two",
        lambda b: b["contents"].append(answer({}, {"inlineData": FILE, "fileData": {"fileUri": "files/a"}})),
        tuple(
            Finding(
                fault=Fault.CHOICE,
                pointer=f"/contents/2/parts/0/functionResponse/parts/{i}",
                message=f"one thing must stand here, but there {there}",
                expected="exactly one of `inlineData`, `fileData`",
            )
            for i, there in enumerate(("is none", "are `inlineData` and `fileData`"))
        ),
    ),
    (
        "what is no ratio and no size",
        lambda b: b["generationConfig"]["imageConfig"].update(aspectRatio="wide", imageSize="1k"),
        (
            Finding(
                fault=Fault.BOUNDS,
                pointer="/generationConfig/imageConfig/aspectRatio",
                message="`wide` is not text like `1:1` or `16:9`",
                expected="text like `1:1` or `16:9`",
            ),
            Finding(
                fault=Fault.BOUNDS,
                pointer="/generationConfig/imageConfig/imageSize",
                message="`1k` is not text like `512` or `1K` or `4K`",
                expected="text like `512` or `1K` or `4K`",
            ),
        ),
    ),
    (
        "an unknown modality",
        lambda b: b["generationConfig"].update(responseModalities=["TEXT", "IMAGES"]),
        (
            Finding(
                fault=Fault.VALUE,
                pointer="/generationConfig/responseModalities/1",
                message="`IMAGES` is not allowed here",
                expected="one of `TEXT`, `IMAGE`, `AUDIO`, `VIDEO`",
                help="did you mean `IMAGE`?",
            ),
        ),
    ),
    (
        "an empty part",
        lambda b: b["contents"][0]["parts"].append({}),
        (
            Finding(
                fault=Fault.CHOICE,
                pointer="/contents/0/parts/2",
                message="one thing must stand here, but there is none",
                expected=ONE_PART,
            ),
        ),
    ),
    (
        "a part with two data fields",
        lambda b: b["contents"][0]["parts"][1].update(text="x"),
        (
            Finding(
                fault=Fault.CHOICE,
                pointer="/contents/0/parts/1",
                message="one thing must stand here, but there are `text` and `inlineData`",
                expected=ONE_PART,
            ),
        ),
    ),
    (
        "no contents",
        lambda b: b.pop("contents"),
        (Finding(fault=Fault.MISSING, pointer="", message="`contents` is missing", expected="`contents`"),),
    ),
    (
        "a picture without anything",
        lambda b: b["contents"][0]["parts"][1]["inlineData"].clear(),
        (
            Finding(
                fault=Fault.MISSING,
                pointer="/contents/0/parts/1/inlineData",
                message="`data` is missing",
                expected="`data`",
            ),
            Finding(
                fault=Fault.MISSING,
                pointer="/contents/0/parts/1/inlineData",
                message="`mimeType` is missing",
                expected="`mimeType`",
            ),
        ),
    ),
    (
        "a temperature beyond its bounds",
        lambda b: b["generationConfig"].update(temperature=2.5),
        (
            Finding(
                fault=Fault.BOUNDS,
                pointer="/generationConfig/temperature",
                message="expected at most 2, got 2.5",
                expected="at most 2",
            ),
        ),
    ),
    (
        "a temperature below its bounds",
        lambda b: b["generationConfig"].update(temperature=-1),
        (
            Finding(
                fault=Fault.BOUNDS,
                pointer="/generationConfig/temperature",
                message="expected at least 0, got -1",
                expected="at least 0",
            ),
        ),
    ),
    (
        "too many stop sequences",
        lambda b: b["generationConfig"].update(stopSequences=list("abcdef")),
        (
            Finding(
                fault=Fault.BOUNDS,
                pointer="/generationConfig/stopSequences",
                message="expected at most 5 elements",
                expected="at most 5 elements",
            ),
        ),
    ),
    (
        "text that should hold a number",
        lambda b: b["generationConfig"]["responseSchema"].update(minItems="three"),
        (
            Finding(
                fault=Fault.BOUNDS,
                pointer="/generationConfig/responseSchema/minItems",
                message="`three` is not text like `100`",
                expected="text like `100`",
            ),
        ),
    ),
    (
        "several mistakes at once, by place",
        lambda b: (b["generationConfig"].update(seed="1", topP=[]), b["contents"][1].update(role=1)),
        (
            wrong_type("/contents/1/role", "a string", "an integer"),
            wrong_type("/generationConfig/seed", "an integer", "a string"),
            wrong_type("/generationConfig/topP", "a number", "an array"),
        ),
    ),
]


@pytest.mark.parametrize(("change", "findings"), [case[1:] for case in MUTATIONS], ids=[case[0] for case in MUTATIONS])
def test_each_mistake_is_found_at_its_place_with_what_was_expected(
    change: Callable[[dict[str, Any]], object], findings: tuple[Finding, ...]
) -> None:
    assert check(altered(change), "request.schema") == findings


@pytest.mark.parametrize(
    ("value", "got"),
    [([], "an array"), ("x", "a string"), (5, "an integer"), (None, "nothing"), (True, "a boolean"), (0.5, "a number")],
)
def test_a_body_must_be_a_table(value: Any, got: str) -> None:
    assert check(value, "request.schema") == (wrong_type("", "a table", got),)


PICTURE = base64.b64encode(bytes(range(256)) * 800).decode()


def spoiled() -> dict[str, Any]:
    """Return a body in which a picture's base64 stands at every wrong place."""
    return {
        PICTURE: {"data": PICTURE},
        "contents": [
            {"role": PICTURE, "parts": [{"inlineData": {"mimeType": "image/png", "data": PICTURE, "dta": PICTURE}}]},
            {"parts": [{"text": PICTURE, "inlineData": {"data": PICTURE}}, PICTURE, [PICTURE], {PICTURE: PICTURE}]},
            PICTURE,
        ],
        "generationConfig": {
            "responseModalities": [PICTURE, {PICTURE: PICTURE}],
            "temperature": PICTURE,
            "stopSequences": [PICTURE] * 9,
            "responseSchema": {"minItems": PICTURE, "properties": PICTURE},
            "imageConfig": {"aspectRatio": PICTURE, "imageSize": [PICTURE]},
        },
        "tools": PICTURE,
        "safetySettings": [{"category": PICTURE}],
    }


def test_no_message_shows_a_picture_or_runs_on() -> None:
    findings = check(spoiled(), "request.schema")
    assert {finding.fault for finding in findings} == {
        Fault.UNKNOWN,
        Fault.TYPE,
        Fault.VALUE,
        Fault.MISSING,
        Fault.CHOICE,
        Fault.BOUNDS,
    }
    for finding in findings:
        for words in (finding.message, finding.expected or "", finding.help or ""):
            assert len(words) < 1000
            assert PICTURE[:40] not in words


def test_a_long_word_is_quoted_by_its_start() -> None:
    body = altered(lambda b: b.update(serviceTier="u" * 41))
    assert [finding.message for finding in check(body, "request.schema")] == [f"`{'u' * 39}…` is not allowed here"]
    body = altered(lambda b: b.update(serviceTier="u" * 40))
    assert [finding.message for finding in check(body, "request.schema")] == [f"`{'u' * 40}` is not allowed here"]


ODD = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(st.sampled_from(["text", "data", "name", "parts", "x"]), inner, max_size=2),
    ),
    max_leaves=4,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(below for key, item in members for below in paths(item, (*path, key)))]


@settings(max_examples=200)
@given(st.sampled_from(paths(BODY)[1:]), ODD)
def test_anything_at_any_place_is_judged_there_or_below(path: tuple[Any, ...], value: Any) -> None:
    body = copy.deepcopy(BODY)
    inner: Any = body
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    place = "".join(f"/{step}" for step in path)
    for finding in check(body, "request.schema"):
        assert finding.pointer == place or finding.pointer.startswith(f"{place}/") or place.startswith(finding.pointer)
        assert finding.message
        assert finding.expected


def bounds(pointer: str, wanted: str, *, got: str = "") -> Finding:
    message = f"expected {wanted}, got {got}" if got else f"expected {wanted}"
    return Finding(fault=Fault.BOUNDS, pointer=pointer, message=message, expected=wanted)


NOWHERE = Finding(fault=Fault.BOUNDS, pointer="", message="the schema has a `$ref` that leads nowhere")


@pytest.mark.parametrize(
    ("schema", "value", "findings"),
    [
        ({"type": "integer", "enum": [1, 2]}, 2, ()),
        (
            {"type": "integer", "enum": [1, 2]},
            3,
            (Finding(fault=Fault.VALUE, pointer="", message="`3` is not allowed here", expected="one of `1`, `2`"),),
        ),
        (
            {"enum": ["one", None]},
            True,
            (
                Finding(
                    fault=Fault.VALUE, pointer="", message="`true` is not allowed here", expected="one of `one`, `null`"
                ),
            ),
        ),
        ({"additionalProperties": False}, {"a": 1}, (unknown("", "a", "an empty table", None),)),
        (
            {"additionalProperties": False, "properties": {"c": {}}, "patternProperties": {"^b": {}}},
            {"a": 1, "b": 2, "c": 3},
            (unknown("", "a", "`c`", None),),
        ),
        ({"oneOf": [{"type": "integer"}, {"type": "boolean"}]}, 5, ()),
        ({"oneOf": [{"type": "integer"}, {"type": "boolean"}]}, "x", (bounds("", "what `oneOf` says: its schema"),)),
        ({"oneOf": [{"type": "integer"}, {"type": "boolean"}]}, {}, (bounds("", "what `oneOf` says: its schema"),)),
        ({"anyOf": [{"type": "integer"}, {"type": "boolean"}]}, "x", (bounds("", "what `anyOf` says: its schema"),)),
        (
            {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
            "a",
            (bounds("", "what `oneOf` says: its schema"),),
        ),
        (
            {"properties": {"a": False}},
            {"a": 5},
            (Finding(fault=Fault.BOUNDS, pointer="", message="nothing may stand here", expected="nothing"),),
        ),
        (
            {"minLength": 3, "pattern": "^x"},
            "a",
            (bounds("", "at least 3 characters"), bounds("", "text that matches ^x")),
        ),
        ({"items": {"multipleOf": 5}, "uniqueItems": True}, [5, 6], (bounds("/1", "a multiple of 5"),)),
        ({"const": "x"}, "y", (bounds("", "x"),)),
        ({"maximum": 2}, 3, (bounds("", "at most 2", got="3"),)),
        ({"minimum": 2}, 1.5, (bounds("", "at least 2", got="1.5"),)),
        ({"exclusiveMinimum": 0}, 0, (bounds("", "more than 0", got="0"),)),
        ({"exclusiveMaximum": 0}, 0, (bounds("", "less than 0", got="0"),)),
        ({"maximum": 2}, 10**39, (bounds("", "at most 2", got="1" + "0" * 39),)),
        ({"maximum": 2}, 10**40, (bounds("", "at most 2"),)),
        ({"maxItems": 1}, [1, 2], (bounds("", "at most 1 element"),)),
        ({"type": "object", "properties": {"a": {}}}, 5, (wrong_type("", "a table with `a`", "an integer"),)),
        (
            {"type": "object", "properties": {key: {} for key in "abc"}},
            [],
            (wrong_type("", "a table with `a` or `b` or `c`", "an array"),),
        ),
        ({"type": "object", "properties": {key: {} for key in "abcd"}}, [], (wrong_type("", "a table", "an array"),)),
        (
            {"type": ["object", "null"], "properties": {"a": {}}},
            5,
            (wrong_type("", "a table or nothing", "an integer"),),
        ),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}}, 5, (wrong_type("", "a string", "an integer"),)),
        ({"$ref": "#/$defs/b"}, 5, (NOWHERE,)),
        ({"$ref": "#"}, 5, (NOWHERE,)),
        ({"properties": {"a": {"$ref": "http://127.0.0.1:9/a.json"}}}, {"a": 5}, (NOWHERE,)),
    ],
)
def test_schemas_of_any_kind_refuse_what_breaks_them(schema: Any, value: Any, findings: tuple[Finding, ...]) -> None:
    assert check_with(value, schema) == findings


@pytest.mark.parametrize("schema", [{"type": "strin"}, {"pattern": "("}, {"minimum": "1"}, {"required": "a"}])
def test_what_is_no_schema_is_an_error_of_its_own(schema: Any) -> None:
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415 - only here

    with pytest.raises(SchemaError):
        check_with(None, schema)


@pytest.mark.parametrize(
    ("name", "camel"),
    [
        ("mime_type", "mimeType"),
        ("response_json_schema", "responseJsonSchema"),
        ("top_k", "topK"),
        ("text", "text"),
        ("mimeType", "mimeType"),
        ("a_1", "a1"),
        ("mime__type", "mime__type"),
        ("_text", "_text"),
        ("_response_json_schema", "_responseJsonSchema"),
        ("text_", "text_"),
        ("mime_Type", "mime_Type"),
        ("MIME_TYPE", "MIME_TYPE"),
        ("", ""),
        ("größe_x", "größe_x"),
    ],
)
def test_only_snake_case_becomes_camel_case(name: str, camel: str) -> None:
    assert camel_case(name) == camel


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (True, "a boolean"),
        ("", "a string"),
        (1, "an integer"),
        (1.0, "a number"),
        (None, "nothing"),
        ({}, "a table"),
        ([], "an array"),
        ((), "an array"),
        (Path(), "a date or time"),
    ],
)
def test_types_have_the_words_that_toml_has(value: object, word: str) -> None:
    assert kind(value) == word


def test_what_stands_for_nothing_is_allowed_but_no_advice() -> None:
    body = altered(lambda b: b["generationConfig"].update(responseModalities=["MODALITY_UNSPECIFIED"]))
    assert check(body, "request.schema") == ()
    body = altered(lambda b: b.update(serviceTier="fast"))
    assert check(body, "request.schema") == (
        Finding(
            fault=Fault.VALUE,
            pointer="/serviceTier",
            message="`fast` is not allowed here",
            expected="one of `standard`, `flex`, `priority`",
        ),
    )
    assert check_with("b", {"enum": ["a_UNSPECIFIED"]})[0].expected == "`a_UNSPECIFIED`"  # a user's own


def test_a_field_that_is_googles_own_affair_is_allowed_but_no_advice() -> None:
    body = altered(lambda b: b["generationConfig"].update(_responseJsonSchema={"type": "object"}))
    assert check(body, "request.schema") == ()
    body = altered(lambda b: b["generationConfig"].update(zebra=1))
    (finding,) = check(body, "request.schema")
    assert "_responseJsonSchema" not in (finding.expected or "")


def test_a_part_of_nothing_but_video_metadata_passes() -> None:
    body = altered(lambda b: b["contents"][0]["parts"].append({"videoMetadata": {"fps": 2}}))
    assert check(body, "request.schema") == ()
    body = altered(lambda b: b["contents"][0]["parts"].append({"videoMetadata": {"fps": 2}, "thought": False}))
    assert [finding.message for finding in check(body, "request.schema")] == [
        "one thing must stand here, but there is none"
    ]


def test_findings_come_in_the_order_of_the_value() -> None:
    body = {"contents": [{"parts": [{"text": 5} for _ in range(12)]}]}
    assert [finding.pointer for finding in check(body, "request.schema")] == [
        f"/contents/0/parts/{i}/text" for i in range(12)
    ]


def test_the_data_of_a_part_is_one_of_nine_fields() -> None:
    assert ", ".join(f"`{name}`" for name in data_fields()) == ONE_PART.removeprefix("exactly one of ")


@pytest.mark.parametrize(
    ("schema", "value", "finding"),
    [
        (
            {"properties": {"a": {"not": {}, "x-why": "there is no `a` here"}}},
            {"a": 1},
            Finding(fault=Fault.UNKNOWN, pointer="/a", message="there is no `a` here", help="remove it", at_key=True),
        ),
        (
            {"enum": ["ab"], "x-kind": "letter of mine"},
            "abc",
            Finding(
                fault=Fault.VALUE,
                pointer="",
                message="`abc` is no letter of mine",
                expected="`ab`",
                help="did you mean `ab`?",
            ),
        ),
        ({"not": {}}, 1, bounds("", "what `not` says: its schema")),
        (
            {"type": "string", "pattern": "^[0-9]+$", "examples": ["7"]},
            "x",
            Finding(fault=Fault.BOUNDS, pointer="", message="`x` is not text like `7`", expected="text like `7`"),
        ),
    ],
)
def test_schemas_of_promptcs_own_making_bring_their_words(schema: Any, value: Any, finding: Finding) -> None:
    assert check_against(schema, value) == (finding,)


def test_references_are_followed_and_what_stands_beside_them_is_kept() -> None:
    root = {"$defs": {"A": {"$ref": "#/$defs/B", "x": 1}, "B": {"type": "string", "x": 2}}}
    assert resolve(root, {"$ref": "#/$defs/A", "y": 3}) == {"type": "string", "x": 1, "y": 3}
    assert resolve(root, {"type": "integer"}) == {"type": "integer"}


@pytest.mark.parametrize(
    "name", [path.stem for path in (Path(__file__).parent.parent / "schema").glob("*.schema.json")]
)
def test_every_shipped_schema_is_a_schema_with_references_that_lead_somewhere(name: str) -> None:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - only here

    root = load(name)
    Draft202012Validator.check_schema(root)
    references = [node["$ref"] for node in nodes(root) if isinstance(node.get("$ref"), str)]
    assert {reference.rpartition("/")[2] for reference in references} <= set(root.get("$defs", {}))


def nodes(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [value, *(node for item in value.values() for node in nodes(item))]
    return [node for item in value for node in nodes(item)] if isinstance(value, list) else []
