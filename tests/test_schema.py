"""What the schemas say against a body, in whole sentences and without its pictures."""

import base64
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptc.canonical import canonical
from promptc.schema import Fault, Finding, camel_case, check, check_with, kind, load, resolve

ONE_PART = (
    "exactly one of `text`, `inlineData`, `fileData`, `functionCall`, `functionResponse`, `executableCode`, "
    "`codeExecutionResult`"
)
RATIOS = "one of `1:1`, `1:4`, `4:1`, `1:8`, `8:1`, `2:3`, `3:2`, `3:4`, `4:3`, `4:5`, `5:4`, `9:16`, `16:9`, `21:9`"
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
    return "one of " + ", ".join(f"`{name}`" for name in schema["properties"])


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
        (unknown("/contents/0", "rolle", "one of `role`, `parts`", "`role`"),),
    ),
    (
        "a misspelt key in a part",
        lambda b: b["contents"][0]["parts"][0].update(thougth=True),
        (unknown("/contents/0/parts/0", "thougth", names("contents", "0", "parts", "0"), "`thought`"),),
    ),
    (
        "a misspelt key in a picture",
        lambda b: b["contents"][0]["parts"][1]["inlineData"].update(mime="image/png"),
        (unknown("/contents/0/parts/1/inlineData", "mime", "one of `mimeType`, `data`", "`mimeType`"),),
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
                "`googleSearch` or `googleSearchRetrieval` or `googleMaps`",
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
                expected="one of `role`, `parts`",
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
        "one of two types that is neither",
        lambda b: b["generationConfig"]["responseSchema"].update(minItems=[]),
        (wrong_type("/generationConfig/responseSchema/minItems", "an integer or a string", "an array"),),
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
        "an unknown ratio",
        lambda b: b["generationConfig"]["imageConfig"].update(aspectRatio="16:10"),
        (
            Finding(
                fault=Fault.VALUE,
                pointer="/generationConfig/imageConfig/aspectRatio",
                message="`16:10` is not allowed here",
                expected=RATIOS,
                help="did you mean `1:1` or `16:9`?",
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
                message="expected at most 2",
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
                message="expected at least 0",
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
                message="expected text that matches ^-?[0-9]+$",
                expected="text that matches ^-?[0-9]+$",
            ),
        ),
    ),
    (
        "several mistakes at once, by place",
        lambda b: (b["generationConfig"].update(seed="1", topP=[]), b["contents"][1].update(role="modl")),
        (
            Finding(
                fault=Fault.VALUE,
                pointer="/contents/1/role",
                message="`modl` is not allowed here",
                expected="one of `user`, `model`, `function`",
                help="did you mean `model`?",
            ),
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
    assert {finding.fault for finding in findings} == set(Fault) - {Fault.TWICE}
    for finding in findings:
        for words in (finding.message, finding.expected or "", finding.help or ""):
            assert len(words) < 1000
            assert PICTURE[:40] not in words


def test_a_long_word_is_quoted_by_its_start() -> None:
    body = altered(lambda b: b["contents"][0].update(role="u" * 41))
    assert [finding.message for finding in check(body, "request.schema")] == [f"`{'u' * 39}…` is not allowed here"]
    body = altered(lambda b: b["contents"][0].update(role="u" * 40))
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


def test_recorded_requests_that_were_answered_are_valid_save_for_known_oddities(corpus: Path) -> None:
    rows = [json.loads(line) for line in (corpus / "requests" / "index.jsonl").read_text(encoding="utf-8").splitlines()]
    answered = [row["file"] for row in rows if row["status"] == 200 and row["method"].endswith("enerateContent")]
    refused = []
    for name in answered:
        tree: Any = canonical(json.loads((corpus / "requests" / name).read_text(encoding="utf-8"))).tree
        refused += [name] if check(tree, "request.schema") else []
    assert len(answered) > 50
    assert len(refused) <= len(answered) * 0.05, refused


def bounds(pointer: str, wanted: str) -> Finding:
    return Finding(fault=Fault.BOUNDS, pointer=pointer, message=f"expected {wanted}", expected=wanted)


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
            (unknown("", "a", "one of `c`", None),),
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
