"""The rules beyond the schema: each where it holds, where it doesn't, and on bodies of any kind."""

import base64
import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from promptc.blob import Blob
from promptc.canonical import canonical
from promptc.compiler import semantics as rules
from promptc.compiler.semantics import semantics
from promptc.compiler.validate import findings
from promptc.diagnostics import Severity
from promptc.findings import Fault, Finding
from promptc.models import Model, built_in, find
from promptc.schema import load

FLASH, OLD = "gemini-3.1-flash-image", "gemini-2.5-flash-image"
NO_MODEL = None


def picture(kind: str) -> str:
    buffer = io.BytesIO()
    Image.new("RGB", (2, 2), "navy").save(buffer, kind)
    return base64.b64encode(buffer.getvalue()).decode()


PNG, JPEG, WEBP = picture("PNG"), picture("JPEG"), picture("WEBP")


def turns(*roles: str | None) -> dict[str, Any]:
    return {
        "contents": [
            {"parts": [{"text": "x"}]} if role is None else {"parts": [{"text": "x"}], "role": role} for role in roles
        ]
    }


def parts(*some: dict[str, Any]) -> dict[str, Any]:
    return {"contents": [{"parts": list(some), "role": "user"}]}


def file(kind: str, data: Any) -> dict[str, Any]:
    return {"inlineData": {"mimeType": kind, "data": data}}


def config(**fields: Any) -> dict[str, Any]:
    return {**turns("user"), "generationConfig": fields}


def functions(*declarations: dict[str, Any]) -> dict[str, Any]:
    return {**turns("user"), "tools": [{"functionDeclarations": list(declarations)}]}


def found(body: dict[str, Any], model: Model | None = NO_MODEL) -> list[Finding]:
    return list(semantics(body, model))


# Roles


def role(pointer: str, word: str, hint: str | None) -> Finding:
    return Finding(
        fault=Fault.ORDER,
        pointer=pointer,
        message=f"`{word}` is no role",
        expected="one of `user`, `model`, `function`",
        help=hint,
    )


FIRST = Finding(
    fault=Fault.ORDER,
    pointer="/contents/0",
    message="the first turn is the model's, but a conversation starts with the user",
    help="let the user speak first; what the model shall know from the start stands in `systemInstruction`",
    severity=Severity.WARNING,
)


def last(index: int) -> Finding:
    return Finding(
        fault=Fault.ORDER,
        pointer=f"/contents/{index}",
        message="the last turn is the model's, so nothing is asked",
        help="add a turn of the user's, or remove this one",
        severity=Severity.WARNING,
    )


def twice(index: int, whose: str) -> Finding:
    return Finding(
        fault=Fault.ORDER,
        pointer=f"/contents/{index}",
        message=f"this turn and the one before it are both the {whose}'s",
        help="that is allowed; make one turn of them if no turn is missing",
        severity=Severity.NOTE,
    )


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        (["user"], []),
        ([None], []),
        (["user", "model", "user"], []),
        (["user", "user"], [twice(1, "user")]),
        ([None, "user", "model", "model", "user"], [twice(1, "user")]),
        (["user", "model", "model", "user"], [twice(2, "model")]),
        (["usr", "usr"], [role(f"/contents/{i}/role", "usr", "did you mean `user`?") for i in (0, 1)]),
        (["user", "model", "function"], []),
        (["assistant", "user"], [role("/contents/0/role", "assistant", "the API's word is `model`")]),
        (["user", "Bot", "user"], [role("/contents/1/role", "Bot", "the API's word is `model`")]),
        (["human"], [role("/contents/0/role", "human", "the API's word is `user`")]),
        (["user", "tool"], [role("/contents/1/role", "tool", "the API's word is `function`")]),
        (
            ["system", "user"],
            [role("/contents/0/role", "system", "what the system says stands in `systemInstruction`")],
        ),
        (["usr"], [role("/contents/0/role", "usr", "did you mean `user`?")]),
        (
            ["developer", "user"],
            [role("/contents/0/role", "developer", "what the system says stands in `systemInstruction`")],
        ),
        (["User"], [role("/contents/0/role", "User", "did you mean `user`?")]),
        (["z" * 50], [role("/contents/0/role", "z" * 40, None)]),
        ([""], []),
        (["model", "user"], [FIRST]),
        (["user", "model"], [last(1)]),
        (["model"], [FIRST, last(0)]),
    ],
)
def test_roles_make_a_conversation(roles: list[str | None], expected: list[Finding]) -> None:
    assert found(turns(*roles)) == expected


@pytest.mark.parametrize("field", ["functionCall", "functionResponse", "toolCall", "toolResponse"])
def test_calls_and_responses_have_an_order_of_their_own(field: str) -> None:
    body = turns("user", "user", "model", "model", "user")
    body["contents"][1]["parts"] = body["contents"][3]["parts"] = [{field: {}}]
    assert found(body) == []


def test_the_role_of_a_system_instruction_is_nobodys_affair() -> None:
    assert found({**turns("user"), "systemInstruction": {"parts": [{"text": "x"}], "role": "system"}}) == []


# Modalities

SHAPELESS = Finding(
    fault=Fault.MODALITY,
    pointer="/generationConfig/imageConfig",
    message="`imageConfig` shapes a picture, but `responseModalities` asks for none",
    expected="`IMAGE` among the modalities",
    help="add `IMAGE` to `responseModalities`, or remove `imageConfig`",
    severity=Severity.WARNING,
    at_key=True,
)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"responseModalities": ["TEXT"], "imageConfig": {"aspectRatio": "1:1"}}, [SHAPELESS]),
        ({"responseModalities": ["TEXT", "IMAGE"], "imageConfig": {"aspectRatio": "1:1"}}, []),
        ({"responseModalities": ["IMAGE"], "imageConfig": {"aspectRatio": "1:1"}}, []),
        ({"imageConfig": {"aspectRatio": "1:1"}}, []),
        ({"responseModalities": ["TEXT"], "imageConfig": {}}, []),
        ({"responseModalities": ["TEXT"]}, []),
        ({"responseModalities": ["AUDIO", "VIDEO"], "imageConfig": {"aspectRatio": "1:1"}}, [SHAPELESS]),
        ({"responseModalities": ["PICTURE"], "imageConfig": {"aspectRatio": "1:1"}}, []),
    ],
)
def test_a_shape_needs_a_picture(fields: dict[str, Any], expected: list[Finding]) -> None:
    assert found(config(**fields)) == expected


# Sizes


def blob(size: int) -> Blob:
    return Blob(media_type="image/png", size=size, sha256="0" * 64)


def too_large(pointer: str, megabytes: int) -> Finding:
    return Finding(
        fault=Fault.LIMIT,
        pointer=pointer,
        message=f"the files in the request take {megabytes} MB in base64 up to here",
        expected="at most 100 MB",
        help="send fewer or smaller files, or upload them and name their URIs",
    )


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([75_000_000], []),
        ([75_000_001], [too_large("/contents/0/parts/0/inlineData", 100)]),
        ([30_000_000, 30_000_000], []),
        ([30_000_000, 30_000_000, 30_000_000], [too_large("/contents/0/parts/2/inlineData", 120)]),
        ([90_000_000, 90_000_000], [too_large("/contents/0/parts/0/inlineData", 120)]),
    ],
)
def test_a_request_has_a_largest_size_in_base64_said_once(sizes: list[int], expected: list[Finding]) -> None:
    assert found(parts(*(file("image/png", blob(size)) for size in sizes))) == expected


def test_base64_that_is_written_out_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "largest_request", lambda: 10)
    body = parts(file("text/plain", "AAAAAAAA"), file("text/plain", "AAAA"))
    assert [finding.pointer for finding in found(body)] == ["/contents/0/parts/1/inlineData"]


def test_files_in_a_functions_answer_and_in_a_system_instruction_count_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "largest_request", lambda: 1)
    answer = {"functionResponse": {"name": "f", "response": {}, "parts": [file("text/plain", "AAAA")]}}
    assert [finding.pointer for finding in found(parts(answer))] == [
        "/contents/0/parts/0/functionResponse/parts/0/inlineData"
    ]
    system = {**turns("user"), "systemInstruction": {"parts": [file("text/plain", "AAAA")]}}
    assert [finding.pointer for finding in found(system)] == ["/systemInstruction/parts/0/inlineData"]


# Reference images


def many(pointer: str, count: int, name: str, most: int) -> Finding:
    return Finding(
        fault=Fault.LIMIT,
        pointer=pointer,
        message=f"the request brings {count} reference images, `{name}` takes {most}",
        expected=f"at most {most}",
        help="leave some out, or put several into one picture",
    )


def test_a_model_takes_so_many_pictures_and_no_more() -> None:
    assert found(parts(*[file("image/png", PNG)] * 3), find(OLD)) == []
    assert found(parts(*[file("image/png", PNG)] * 5), find(OLD)) == [many("/contents/0/parts/3", 5, OLD, 3)]
    assert found(parts(*[file("image/png", PNG)] * 14), find(FLASH)) == []
    assert found(parts(*[file("image/png", PNG)] * 15), find(FLASH)) == [many("/contents/0/parts/14", 15, FLASH, 14)]
    assert found(parts(*[file("image/png", PNG)] * 99)) == []


def test_the_users_pictures_of_all_turns_count_the_models_do_not() -> None:
    one = {"parts": [file("image/png", PNG)] * 2, "role": "user"}
    own = {"parts": [file("image/png", PNG)] * 9, "role": "model"}
    assert found({"contents": [one, own, {"parts": [{"text": "x"}]}]}, find(OLD)) == []
    assert found({"contents": [one, own, one]}, find(OLD)) == [
        Finding(
            fault=Fault.LIMIT,
            pointer="/contents/2/parts/1",
            message=f"the turns bring 4 reference images, `{OLD}` takes 3",
            expected="at most 3",
            help="leave some out, or put several into one picture",
            severity=Severity.WARNING,
        )
    ]


def test_one_turn_with_too_many_pictures_is_an_error_wherever_it_stands() -> None:
    one = {"parts": [file("image/png", PNG)] * 2, "role": "user"}
    four = {"parts": [file("image/png", PNG)] * 4, "role": "user"}
    talk = [twice(1, "user"), many("/contents/1/parts/3", 4, OLD, 3)]
    assert found({"contents": [one, four, one]}, find(OLD)) == talk


def test_uploaded_pictures_count_other_files_do_not() -> None:
    uploaded = {"fileData": {"mimeType": "image/png", "fileUri": "https://x/files/a"}}
    assert found(parts(*[uploaded] * 4), find(OLD)) == [many("/contents/0/parts/3", 4, OLD, 3)]
    assert found(parts(*[file("application/pdf", "JVBERi0xLjcK")] * 4), find(OLD)) == []


def test_a_project_may_say_how_many() -> None:
    raised = built_in().with_row(OLD, {"referenceImages": 5}).find(OLD)
    assert found(parts(*[file("image/png", PNG)] * 5), raised) == []
    none = built_in().with_row("mothra-1", {"like": OLD, "referenceImages": 0}).find("mothra-1")
    assert found(parts(file("image/png", PNG)), none) == [many("/contents/0/parts/0", 1, "mothra-1", 0)]


# JSON Schemas

JSON = "application/json"
TYPES = "one of `array`, `boolean`, `integer`, `null`, `number`, `object`, `string`"


DECLARE = "declare it in the schema, as a rule below `$defs`"


def bad_schema(pointer: str, message: str, expected: str | None, hint: str | None = None) -> Finding:
    return Finding(fault=Fault.SCHEMA, pointer=pointer, message=message, expected=expected, help=hint)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "object", "properties": {"a": {"type": ["string", "null"]}}, "required": ["a"]}, []),
        ({}, []),
        (True, []),
        ({"$ref": "#/$defs/A", "$defs": {"A": {"type": "string"}}}, []),
        ({"$ref": "#"}, []),
        ({"properties": {"a/b": {}}, "items": {"$ref": "#/properties/a~1b"}}, []),
        ({"anyOf": [{}, {"$ref": "#/anyOf/0"}]}, []),
        ({"properties": {"a b": {}}, "items": {"$ref": "#/properties/a%20b"}}, []),
        ({"enum": [{"$ref": "#/$defs/A"}], "properties": {"$ref": {"type": "string"}}}, []),
        ({"pattern": r"\p{L}+"}, []),
        (
            {
                "$schema": "http://json-schema.org/draft-07/schema#",
                "definitions": {"a": {}},
                "items": [{"$ref": "#/definitions/a"}],
                "additionalItems": False,
                "dependencies": {"a": ["b"]},
            },
            [],
        ),
        ({"$schema": 1}, [bad_schema("/$schema", "`$schema`: expected a string, got an integer", "a string")]),
        (
            {"$schema": {}, "type": "strin"},
            [
                bad_schema("/$schema", "`$schema`: expected a string, got a table", "a string"),
                bad_schema("/type", "`strin` is no JSON type", TYPES, "did you mean `string`?"),
            ],
        ),
        ({"type": "strin"}, [bad_schema("/type", "`strin` is no JSON type", TYPES, "did you mean `string`?")]),
        (
            {"properties": {"a": {"type": "millimetres"}}},
            [bad_schema("/properties/a/type", "`millimetres` is no JSON type", TYPES)],
        ),
        ({"minItems": -1}, [bad_schema("/minItems", "`minItems`: expected at least 0, got -1", "at least 0")]),
        ({"required": "a"}, [bad_schema("/required", "`required`: expected an array, got a string", "an array")]),
        (
            {"properties": {"a": {"$ref": "#/$defs/A"}}},
            [bad_schema("/properties/a/$ref", "the `$ref` leads nowhere: there is no `#/$defs/A`", None, DECLARE)],
        ),
        (
            {"anyOf": [{}, {"$ref": "#/anyOf/7"}]},
            [bad_schema("/anyOf/1/$ref", "the `$ref` leads nowhere: there is no `#/anyOf/7`", None, DECLARE)],
        ),
        ("object", [bad_schema("", "a JSON Schema is a table", "a table")]),
        ([], [bad_schema("", "a JSON Schema is a table", "a table")]),
    ],
)
@pytest.mark.parametrize(
    ("place", "put"),
    [
        (
            "/generationConfig/responseJsonSchema",
            lambda schema: config(responseJsonSchema=schema, responseMimeType=JSON),
        ),
        (
            "/generationConfig/_responseJsonSchema",
            lambda schema: config(_responseJsonSchema=schema, responseMimeType=JSON),
        ),
        (
            "/generationConfig/responseFormat/text/schema",
            lambda schema: config(responseFormat={"text": {"schema": schema}}),
        ),
        (
            "/tools/0/functionDeclarations/1/parametersJsonSchema",
            lambda schema: functions({"name": "f"}, {"name": "g", "parametersJsonSchema": schema}),
        ),
        (
            "/tools/0/functionDeclarations/0/responseJsonSchema",
            lambda schema: functions({"name": "f", "responseJsonSchema": schema}),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_json_schemas_are_schemas_wherever_they_stand(
    schema: Any, expected: list[Finding], place: str, put: Any
) -> None:
    assert found(put(schema)) == [
        Finding(
            fault=finding.fault,
            pointer=place + finding.pointer,
            message=finding.message,
            expected=finding.expected,
            help=finding.help,
        )
        for finding in expected
    ]


def test_null_is_no_schema_and_says_nothing() -> None:
    assert found(config(responseJsonSchema=None, responseMimeType=JSON)) == []


def test_the_apis_own_schema_language_is_not_json_schema() -> None:
    assert found(config(responseSchema={"type": "OBJECT"}, responseMimeType=JSON)) == []


# Fields that don't go together


def conflict(pointer: str, message: str, hint: str) -> Finding:
    return Finding(
        fault=Fault.TOGETHER,
        pointer=f"/generationConfig/{pointer}",
        message=message,
        help=hint,
        severity=Severity.WARNING,
        at_key=True,
    )


def both(one: str, other: str) -> Finding:
    return conflict(other, f"`{one}` and `{other}` both give the answer's form", "keep one of them")


def no_json(name: str) -> Finding:
    message = f"`{name}` gives the form of a JSON answer, but no JSON is asked for"
    return conflict(name, message, "add `responseMimeType`, with the value `application/json`")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"responseSchema": {}, "responseMimeType": JSON}, []),
        ({"responseSchema": {}, "responseMimeType": "text/x.enum"}, []),
        ({"responseMimeType": JSON}, []),
        ({"responseSchema": {}}, [no_json("responseSchema")]),
        ({"responseJsonSchema": {}}, [no_json("responseJsonSchema")]),
        ({"_responseJsonSchema": {}}, [no_json("_responseJsonSchema")]),
        (
            {"responseSchema": {}, "responseJsonSchema": {}, "responseMimeType": JSON},
            [both("responseSchema", "responseJsonSchema")],
        ),
        ({"responseSchema": {}, "_responseJsonSchema": {}}, [both("responseSchema", "_responseJsonSchema")]),
        ({"thinkingConfig": {"thinkingLevel": "LOW"}}, []),
        ({"thinkingConfig": {"thinkingBudget": 0}}, []),
        (
            {"thinkingConfig": {"thinkingLevel": "LOW", "thinkingBudget": 0}},
            [
                conflict(
                    "thinkingConfig/thinkingBudget",
                    "`thinkingLevel` and `thinkingBudget` both say how much to think",
                    "keep `thinkingLevel`",
                )
            ],
        ),
    ],
)
def test_some_fields_exclude_or_need_each_other(fields: dict[str, Any], expected: list[Finding]) -> None:
    assert found(config(**fields)) == expected


# Media types


FILE = "/contents/0/parts/0/inlineData"


def media(pointer: str, message: str, expected: str, hint: str) -> Finding:
    return Finding(
        fault=Fault.MEDIA,
        pointer=pointer,
        message=message,
        expected=expected,
        help=hint,
        severity=Severity.WARNING,
    )


def declared(kind: str, real: str, pointer: str = f"{FILE}/mimeType") -> Finding:
    message = f"`{kind}` is declared, but the bytes are {real}"
    return media(pointer, message, f"`{real}`", f"write `{real}`, or send the file that is meant")


def shapeless(kind: str) -> Finding:
    message = f"`{kind}` is declared, but the bytes show no picture"
    return media(f"{FILE}/data", message, f"a file of the type {kind}", "send the file that is meant")


EMPTY = media(f"{FILE}/data", "the file is empty", "its bytes, in base64", "put the file's bytes here")
CUT = media(f"{FILE}/data", "the picture is cut short", "all of its bytes", "encode the file again")
HEIC = base64.b64encode(b"\0\0\0\x18ftypheic" + b"\0" * 40).decode()
LARGE = base64.b64encode(base64.b64decode(PNG)[:-12] + b"\0" * 5000).decode()


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        ("image/png", PNG, []),
        ("image/jpeg", JPEG, []),
        ("image/jpg", JPEG, []),
        ("image/jpg", PNG, [declared("image/jpg", "image/png")]),
        ("IMAGE/PNG", PNG, []),
        ("image/heif", HEIC, []),
        ("image/webp", WEBP, []),
        ("image/png", JPEG, [declared("image/png", "image/jpeg")]),
        ("image/jpeg", PNG, [declared("image/jpeg", "image/png")]),
        ("application/pdf", WEBP, [declared("application/pdf", "image/webp")]),
        ("x/" * 25, PNG, [declared("x/" * 20, "image/png")]),
        ("png", PNG, []),  # the schema says so
        ("image/png", "AAAA", [shapeless("image/png")]),
        ("image/gif", "AAAA", [shapeless("image/gif")]),
        ("image/heif", "AAAA", [shapeless("image/heif")]),
        ("image/svg+xml", "AAAA", []),
        ("text/plain", "AAAA", []),
        ("image/png", "", [EMPTY]),
        ("text/plain", "", [EMPTY]),
        ("image/png", PNG[:60], [CUT]),
        ("image/png", LARGE, [CUT]),
        ("image/jpeg", JPEG[:400], [CUT]),
        ("image/webp", WEBP[:40], [CUT]),
        ("image/png", "no base64!", []),
        ("image/png", Blob(media_type="image/png", size=9, sha256="0" * 64), []),
    ],
)
def test_bytes_are_of_the_type_that_is_declared(kind: str, data: Any, expected: list[Finding]) -> None:
    assert found(parts(file(kind, data))) == expected


def test_the_files_of_a_functions_answer_are_looked_at_too() -> None:
    answer = {"functionResponse": {"name": "f", "response": {}, "parts": [file("image/png", JPEG)]}}
    pointer = "/contents/0/parts/0/functionResponse/parts/0/inlineData/mimeType"
    assert found(parts(answer)) == [declared("image/png", "image/jpeg", pointer)]


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("https://generativelanguage.googleapis.com/v1beta/files/a", None),
        ("gs://moths/luna.png", None),
        ("files/a", "files/a"),
        ("images/wing.png", "images/wing.png"),
        ("data:image/png;base64,AAAA", "data:image/png;base64,AAAA"),
        ("a" * 40, "a" * 40),
        ("a" * 41, "a" * 40 + "…"),
        ("", ""),
    ],
)
def test_a_file_uri_is_an_address(uri: str, shown: str | None) -> None:
    expected = media(
        "/contents/0/parts/0/fileData/fileUri",
        f"`{shown}` is no address that the API could fetch",
        "a URI, such as one of the Files API",
        "`inlineData` takes a file's bytes, and `{ image = … }` in a spec's `turns` a picture of the project",
    )
    assert found(parts({"fileData": {"mimeType": "image/png", "fileUri": uri}})) == (
        [] if shown is None else [expected]
    )


# What does nothing


def idle(pointer: str, message: str, hint: str) -> Finding:
    return Finding(fault=Fault.EMPTY, pointer=pointer, message=message, help=hint, severity=Severity.WARNING)


def test_metadata_of_no_video_does_nothing() -> None:
    assert found(parts({"text": "x"}, {"videoMetadata": {"fps": 2}})) == [
        idle(
            "/contents/0/parts/1",
            "`videoMetadata` without a video does nothing",
            "write it into the part that holds the video",
        )
    ]
    assert found(parts({"fileData": {"fileUri": "https://x/files/a"}, "videoMetadata": {"fps": 2}})) == []


def test_an_empty_tool_offers_nothing() -> None:
    assert found({**turns("user"), "tools": [{"googleSearch": {}}, {}]}) == [
        idle("/tools/1", "the tool is empty, so it offers nothing", "name a tool, or remove it")
    ]


# All of it


def test_findings_bring_the_model_the_schema_and_the_rules_together() -> None:
    body = {**config(responseModalities=["TEXT"], imageConfig={"imageSize": "9K"}), "zebra": 1}
    messages = [finding.message for finding in findings(body, f"{FLASH}-preview", built_in())]
    assert messages == [
        f"`{FLASH}-preview` is retired: Google lists its shutdown on 2026-06-25",
        "unknown key `zebra`",
        f"`9K` is no image size of `{FLASH}-preview`",
        "`imageConfig` shapes a picture, but `responseModalities` asks for none",
    ]


JSON_SCHEMA = "that is JSON Schema: it goes into `responseJsonSchema`, or a function's `parametersJsonSchema`"
TURNS = "the API's word is `contents`: turns with `role` and `parts`"
LIMIT = "`generationConfig.maxOutputTokens` is the limit"
HEED = "what the model shall heed throughout stands in `systemInstruction`"


def hints(body: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(finding.message, finding.help) for finding in findings(canonical(body).tree, None, built_in())]


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("choices", "this is the answer of another API; this one's has `candidates`"),
        (
            "config",
            "over the wire, the SDKs' `config` is `generationConfig`, `tools`, `safetySettings` and others",
        ),
        ("content", "a turn's content is its `parts`"),
        ("image_url", "a picture is `inlineData` with its bytes, or `fileData` with the URI of an uploaded file"),
        ("max_tokens", LIMIT),
        ("maxTokens", LIMIT),
        ("max_completion_tokens", LIMIT),
        ("messages", TURNS),
        ("prompt", TURNS),
        ("n", "`generationConfig.candidateCount` is the number of answers"),
        ("reasoning_effort", "`generationConfig.thinkingConfig` says how much to think"),
        ("size", "a picture's shape is `generationConfig.imageConfig`, with `aspectRatio` and `imageSize`"),
        ("stop", "`generationConfig.stopSequences` lists texts that end the answer"),
        ("stream", "a stream is asked for by the method: `streamGenerateContent`"),
        ("system", HEED),
        ("instructions", HEED),
        ("tool_choice", "`toolConfig.functionCallingConfig` says which functions may be called"),
    ],
)
def test_words_of_other_apis_are_translated_wherever_they_stand(word: str, hint: str) -> None:
    assert hints({**turns("user"), word: 1}) == [(f"unknown key `{word}`", hint)]
    assert hints(config(**{word: 1})) == [(f"unknown key `{word}`", hint)]


def test_json_schema_in_the_apis_own_schema_language_is_sent_elsewhere() -> None:
    schema = {"type": "OBJECT", "properties": {"a": {"type": "STRING", "const": 1}}, "additionalProperties": False}
    expected = [("unknown key `additionalProperties`", JSON_SCHEMA), ("unknown key `const`", JSON_SCHEMA)]
    assert sorted(hints(config(responseSchema=schema, responseMimeType=JSON))) == expected
    assert sorted(hints(functions({"name": "f", "parameters": schema}))) == expected


def test_text_that_stands_beside_the_parts_is_a_part() -> None:
    body = {"contents": [{"parts": [{"text": "x"}], "text": "y"}]}
    assert hints(body) == [("unknown key `text`", "text is a part: `parts` is a list of objects with `text`")]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (None, None),
        (FLASH, None),
        (
            "gemini-3.1-flash-imgae",
            Finding(
                fault=Fault.MODEL,
                pointer="/model",
                message="`gemini-3.1-flash-imgae` is not in promptc's table of models: "
                "only the API's own schema was applied",
                help="did you mean `gemini-3.1-flash-image`?",
                severity=Severity.WARNING,
            ),
        ),
        (
            "gemini-3-flash-preview",
            Finding(
                fault=Fault.MODEL,
                pointer="/model",
                message="`gemini-3-flash-preview` is not in promptc's table of models: "
                "only the API's own schema was applied",
                help='`[models."gemini-3-flash-preview"]` in `promptc.toml` can describe it',
                severity=Severity.NOTE,
            ),
        ),
        (
            OLD,
            Finding(
                fault=Fault.MODEL,
                pointer="/model",
                message=f"`{OLD}` is retired: Google lists its shutdown on 2026-10-02",
                help=f"its successor is `{FLASH}`",
                severity=Severity.WARNING,
            ),
        ),
        (
            "models/x",
            Finding(
                fault=Fault.VALUE,
                pointer="/model",
                message="`models/x` can't be a model's name",
                help="write the name alone, as in `gemini-3.1-flash-image`",
            ),
        ),
        (
            "{{ x }}",
            Finding(
                fault=Fault.VALUE,
                pointer="/model",
                message="`{{ x }}` can't be a model's name",
                help="`model` is no template; the `[matrix]` runs every case on several models",
            ),
        ),
    ],
)
def test_a_models_name_is_looked_up(name: str | None, expected: Finding | None) -> None:
    assert findings(turns("user"), name, built_in()) == ((expected,) if expected else ())


def test_a_date_of_the_projects_own_is_not_said_to_be_googles() -> None:
    models = built_in().with_row(OLD, {"retired": "2027-01-31"}).with_row("mothra-1", {"retired": "2027-02-28"})
    assert [findings(turns("user"), name, models)[0].message for name in (OLD, "mothra-1")] == [
        f"`{OLD}` is retired: `promptc.toml` says that it ends on 2027-01-31",
        "`mothra-1` is retired: `promptc.toml` says that it ends on 2027-02-28",
    ]


def vocabulary() -> list[str]:
    root = load("request.schema")
    names = {name for schema in (root, *root["$defs"].values()) for name in schema.get("properties", {})}
    return [*sorted(names), "$ref", "type", "properties", "required", "a_b", "", "/", "~"]


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=6),
    st.sampled_from(["IMAGE", "model", "#/$defs/A", "#/a/0", "image/png", "1:1", "1K", "0:0", PNG[:60]]),
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(vocabulary()), inner, max_size=5)
    ),
    max_leaves=25,
)
TABLES = st.dictionaries(st.sampled_from(vocabulary()), ANYTHING, max_size=4)
ROUGH = st.fixed_dictionaries(
    {},
    optional={
        "contents": st.one_of(
            ANYTHING,
            st.lists(st.fixed_dictionaries({}, optional={"parts": st.lists(TABLES), "role": LEAVES}), max_size=3),
        ),
        "systemInstruction": ANYTHING,
        "generationConfig": TABLES,
        "tools": st.one_of(ANYTHING, st.lists(TABLES, max_size=3)),
        "safetySettings": ANYTHING,
    },
)


@settings(max_examples=300)
@given(st.one_of(ANYTHING, ROUGH), st.sampled_from([None, FLASH, OLD, f"{FLASH}-preview", "zebra", "a b"]))
def test_a_body_of_any_kind_is_judged(body: Any, model: str | None) -> None:
    for finding in findings(canonical(body).tree, model, built_in()):
        assert finding.message
        assert finding.pointer == "" or finding.pointer.startswith("/")
        assert len(finding.message) < 400
