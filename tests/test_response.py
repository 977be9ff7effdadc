"""Answers: whatever comes is read, and what was wrong with it is said."""

import base64
import copy
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptc.response import ApiError, Picture, Response, read

JSON_TYPE = {"Content-Type": "application/json; charset=UTF-8"}
STREAM = {"content-type": "text/event-stream"}
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 24
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 24
NO_CONTENT = ("the answer has no candidate with content",)


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def image(data: bytes = PNG, media_type: str = "image/png", **fields: Any) -> dict[str, Any]:
    return {"inlineData": {"mimeType": media_type, "data": encoded(data)}, **fields}


def answer(*parts: Any, **fields: Any) -> dict[str, Any]:
    return {"candidates": [{"content": {"parts": list(parts), "role": "model"}, "finishReason": "STOP", **fields}]}


def read_json(value: Any, status: int = 200) -> Response:
    return read(status, JSON_TYPE, json.dumps(value).encode())


def events(*values: Any, end: str = "\n") -> bytes:
    return "".join(f"data: {json.dumps(value)}{end}{end}" for value in values).encode()


FULL = {
    **answer({"text": "Here ", "thoughtSignature": "AAAA"}, image(), {"text": "it is."}, index=0),
    "usageMetadata": {"promptTokenCount": 7, "totalTokenCount": 1127},
    "modelVersion": "gemini-3.1-flash-image",
    "responseId": "r1",
    "turnToken": "unknown to every schema",
}


def test_a_complete_answer_is_read_whole() -> None:
    parts = FULL["candidates"][0]["content"]["parts"]
    made = read_json(FULL)
    assert made == Response(
        status=200,
        text="Here it is.",
        pictures=(Picture(data=PNG, declared="image/png", thought=False),),
        parts=parts,
        finish_reason="STOP",
        usage={"promptTokenCount": 7, "totalTokenCount": 1127},
        model_version="gemini-3.1-flash-image",
    )
    assert made.reply == {"parts": parts, "role": "model"}
    assert made.images == made.pictures
    assert not made.only_thoughts


SHAPES: list[tuple[str, Any, Response]] = [
    (
        "no candidates but a reason why the prompt was blocked",
        {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": {"promptTokenCount": 3}},
        Response(status=200, parts=[], block_reason="PROHIBITED_CONTENT", usage={"promptTokenCount": 3}),
    ),
    ("an empty object", {}, Response(status=200, parts=[], notes=NO_CONTENT)),
    ("an empty list of candidates", {"candidates": []}, Response(status=200, parts=[], notes=NO_CONTENT)),
    (
        "a candidate without content",
        {"candidates": [{"finishReason": "IMAGE_SAFETY", "index": 0}]},
        Response(status=200, parts=[], finish_reason="IMAGE_SAFETY"),
    ),
    (
        "a candidate with neither content nor finishReason",
        {"candidates": [{"index": 0}]},
        Response(status=200, parts=[], notes=NO_CONTENT),
    ),
    (
        "content without parts",
        {"candidates": [{"content": {"role": "model"}, "finishReason": "MAX_TOKENS"}]},
        Response(status=200, parts=[], finish_reason="MAX_TOKENS"),
    ),
    (
        "empty text that carries only a signature",
        answer({"text": "", "thoughtSignature": "AAAA"}),
        Response(status=200, parts=[{"text": "", "thoughtSignature": "AAAA"}], finish_reason="STOP"),
    ),
    ("a part with no data", answer({}), Response(status=200, parts=[{}], finish_reason="STOP")),
    (
        "no index and no finishReason",
        {"candidates": [{"content": {"parts": [{"text": "x"}]}}]},
        Response(status=200, text="x", parts=[{"text": "x"}]),
    ),
    (
        "an unknown finishReason",
        answer({"text": "x"}, finishReason="WHO_KNOWS"),
        Response(status=200, text="x", parts=[{"text": "x"}], finish_reason="WHO_KNOWS"),
    ),
    (
        "an unknown role",
        {"candidates": [{"content": {"parts": [{"text": "x"}], "role": "oracle"}}]},
        Response(status=200, text="x", parts=[{"text": "x"}], role="oracle"),
    ),
    (
        "unknown parts between the known",
        answer({"text": "a"}, {"hologram": {"data": "AAAA"}}, {"text": "b"}),
        Response(
            status=200,
            text="ab",
            parts=[{"text": "a"}, {"hologram": {"data": "AAAA"}}, {"text": "b"}],
            finish_reason="STOP",
        ),
    ),
    (
        "thoughts before the answer",
        answer({"text": "hm", "thought": True}, {"text": "x"}),
        Response(status=200, text="x", parts=[{"text": "hm", "thought": True}, {"text": "x"}], finish_reason="STOP"),
    ),
    (
        "a null for an error",
        {"error": None, **answer({"text": "x"})},
        Response(status=200, text="x", parts=[{"text": "x"}], finish_reason="STOP"),
    ),
    (
        "lone objects for lists",
        {"candidates": {"content": {"parts": {"text": "x"}}}},
        Response(status=200, text="x", parts=[{"text": "x"}]),
    ),
]


@pytest.mark.parametrize(("body", "expected"), [case[1:] for case in SHAPES], ids=[case[0] for case in SHAPES])
def test_answers_of_every_shape_are_read(body: Any, expected: Response) -> None:
    assert read_json(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        {"promptFeedback": {"blockReason": "SAFETY"}},
        {"candidates": [{"finishReason": "STOP"}]},
        {"candidates": [{"content": {"role": "model"}}]},
    ],
)
def test_without_parts_there_is_no_turn_to_send_back(body: Any) -> None:
    assert read_json(body).reply is None


def test_the_first_candidate_counts_whatever_the_order() -> None:
    first = {"index": 0, "content": {"parts": [{"text": "first"}]}, "finishReason": "STOP"}
    second = {"index": 1, "content": {"parts": [{"text": "second"}]}, "finishReason": "OTHER"}
    told = ("the answer has several candidates; only the first is used and judged",)
    assert read_json({"candidates": [second, first]}) == replace(read_json({"candidates": [first]}), notes=told)
    assert read_json({"candidates": [first, second]}).text == "first"
    unnumbered = [{"content": {"parts": [{"text": text}]}} for text in ("first", "second")]
    assert read_json({"candidates": unnumbered}).text == "first"
    assert read_json({"candidates": [second]}) == Response(status=200, parts=[], notes=(*told, *NO_CONTENT))


def test_snake_case_answers_show_their_pictures_too() -> None:
    part = {"inline_data": {"mime_type": "image/png", "data": base64.urlsafe_b64encode(PNG).decode().rstrip("=")}}
    assert read_json(answer(part)).pictures == (Picture(data=PNG, declared="image/png", thought=False),)


def test_final_pictures_count_and_thoughts_do_not() -> None:
    made = read_json(answer(image(JPEG, "image/jpeg", thought=True), image(), image(PNG + b"2")))
    assert [picture.thought for picture in made.pictures] == [True, False, False]
    assert made.images == made.pictures[1:]
    assert not made.only_thoughts


def test_where_every_picture_is_a_thought_the_last_one_counts() -> None:
    made = read_json(answer(image(thought=True), image(PNG + b"2", thought=True), {"text": "x"}))
    assert made.images == (Picture(data=PNG + b"2", declared="image/png", thought=True),)
    assert made.only_thoughts
    assert made.notes == ()
    assert read_json(answer({"text": "x"})).images == ()
    assert not read_json(answer({"text": "x"})).only_thoughts


@pytest.mark.parametrize(
    ("part", "pictures", "notes"),
    [
        (
            image(JPEG, "image/png"),
            (Picture(data=JPEG, declared="image/png", thought=False),),
            (),
        ),
        (
            {"inlineData": {"data": encoded(PNG)}},
            (Picture(data=PNG, declared="", thought=False),),
            (),
        ),
        (
            image(PNG, "application/octet-stream"),
            (Picture(data=PNG, declared="application/octet-stream", thought=False),),
            (),
        ),
        (image(b"unknown", "image/x-new"), (Picture(data=b"unknown", declared="image/x-new", thought=False),), ()),
        (image(b"RIFF\0\0\0\0WAVE", "audio/wav"), (), ()),
        (image(b"", "image/png"), (), ("an image part holds no picture and was left out",)),
        ({"inlineData": {"mimeType": "image/png"}}, (), ("an image part holds no picture and was left out",)),
        (
            {"inlineData": {"mimeType": "image/png", "data": "no base64!"}},
            (),
            ("an image part holds no picture and was left out",),
        ),
        (
            {"inlineData": {"mimeType": "image/png", "data": ["AAAA"]}},
            (),
            ("an image part holds no picture and was left out",),
        ),
        ({"inlineData": None}, (), ()),
        ({"inlineData": {}}, (), ()),
        ({"inlineData": "iVBORw0KGgo="}, (), ()),
    ],
)
def test_pictures_are_what_their_bytes_say_and_odd_ones_are_noted(
    part: Any, pictures: tuple[Picture, ...], notes: tuple[str, ...]
) -> None:
    assert read_json(answer(part)) == Response(
        status=200, parts=[part], pictures=pictures, notes=notes, finish_reason="STOP"
    )


def test_a_pictures_type_is_the_declared_one_only_where_the_bytes_say_nothing() -> None:
    assert Picture(data=JPEG, declared="image/png", thought=False).media_type == "image/jpeg"
    assert Picture(data=b"?", declared="image/x-new", thought=False).media_type == "image/x-new"
    assert "PNG" not in repr(Picture(data=PNG, declared="image/png", thought=False))


CHUNKS = [
    {"candidates": [{"content": {"parts": [{"text": "Here "}], "role": "model"}, "index": 0}], "modelVersion": "m"},
    {"candidates": [{"content": {"parts": [image()]}}], "usageMetadata": {"promptTokenCount": 7}},
    {"candidates": [{"content": {"parts": [{"text": "it is."}]}, "finishReason": "STOP"}], "usageMetadata": {"n": 1}},
]
JOINED = Response(
    status=200,
    text="Here it is.",
    pictures=(Picture(data=PNG, declared="image/png", thought=False),),
    parts=[{"text": "Here "}, image(), {"text": "it is."}],
    finish_reason="STOP",
    usage={"promptTokenCount": 7, "n": 1},
    model_version="m",
)
PRETTY = "".join(
    "".join(f"data: {line}\n" for line in json.dumps(chunk, indent=1).splitlines()) + "\n" for chunk in CHUNKS
)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (STREAM, events(*CHUNKS)),
        (STREAM, events(*CHUNKS, end="\r\n")),
        (STREAM, events(*CHUNKS, end="\r")),
        (STREAM, events(*CHUNKS).rstrip()),
        (STREAM, b"\n\n\n".join(events(chunk) for chunk in CHUNKS)),
        (STREAM, events(*CHUNKS).replace(b"data: ", b"data:")),
        (STREAM, events(*CHUNKS).replace(b"data: ", b": ping\nid: 1\nevent: message\nretry: 9\ndata: ")),
        (STREAM, b": ping\n\n" + events(*CHUNKS) + b"data: [DONE]\n\n"),
        (STREAM, b"\xef\xbb\xbf" + events(*CHUNKS)),
        (STREAM, PRETTY.encode()),
        (STREAM, PRETTY.replace("\n", "\r\n").encode()),
        ({}, events(*CHUNKS)),
        (JSON_TYPE, events(*CHUNKS, end="\r\n")),
        (JSON_TYPE, json.dumps(CHUNKS).encode()),
        (JSON_TYPE, b"[" + b"\r\n,\r\n".join(json.dumps(chunk).encode() for chunk in CHUNKS) + b"]\n"),
        (STREAM, json.dumps(CHUNKS).encode()),
    ],
)
def test_a_stream_is_joined_in_order_however_it_is_framed(headers: Mapping[str, str], body: bytes) -> None:
    assert read(200, headers, body) == JOINED


def test_a_replacement_character_that_the_api_sent_is_a_character() -> None:
    made = read_json(answer({"text": "\ufffd"}))
    assert (made.text, made.notes) == ("\ufffd", ())


@pytest.mark.parametrize(
    ("headers", "body"),
    [(JSON_TYPE, json.dumps(answer({"text": "moth"})).encode()), (STREAM, events(answer({"text": "moth"})))],
    ids=["JSON", "a stream"],
)
def test_bytes_that_are_no_utf_8_are_noted(headers: Mapping[str, str], body: bytes) -> None:
    made = read(200, headers, body.replace(b"moth", b"m\xf6th"))
    assert made.text == "m\ufffdth"
    assert made.notes == ("the answer is no UTF-8 text; what can't be read was replaced",)


PART = {"candidates": [{"content": {"parts": [{"text": "ha"}], "role": "model"}}]}
DRAWN = {"candidates": [{"content": {"parts": [image()], "role": "model"}}]}
END = {"candidates": [{"finishReason": "STOP"}]}


@pytest.mark.parametrize(
    ("chunks", "notes"),
    [
        ([PART, PART, END], ()),
        ([DRAWN, PART, DRAWN, END], ()),
        ([PART, END, END], ()),
        ([DRAWN, DRAWN, END], ("event 2 of the stream is the same as the one before it; both were used",)),
        (
            [PART, DRAWN, DRAWN, DRAWN, END],
            tuple(f"event {n} of the stream is the same as the one before it; both were used" for n in (3, 4)),
        ),
    ],
    ids=["text", "not in a row", "the end", "a picture", "a picture thrice"],
)
def test_a_picture_that_came_twice_is_noted_and_a_text_may_repeat_itself(
    chunks: list[Any], notes: tuple[str, ...]
) -> None:
    assert read(200, STREAM, events(*chunks)).notes == notes


EMPTY_STREAM = "the event stream ended without an event"
PROBLEMS: list[tuple[str, Mapping[str, str], bytes, str]] = [
    ("an empty body", JSON_TYPE, b"", "the answer is empty"),
    ("white space", {}, b" \r\n", "the answer is empty"),
    ("an event stream without a byte", STREAM, b"", EMPTY_STREAM),
    ("an event stream with comments only", STREAM, b": ping\n\n: ping\n\n", EMPTY_STREAM),
    ("an event stream with its end only", STREAM, b"data: [DONE]\n\n", EMPTY_STREAM),
    ("an event stream with empty data", STREAM, b"data:\n\ndata: \n\n", EMPTY_STREAM),
    (
        "an event that was cut",
        STREAM,
        events(*CHUNKS)[:-10],
        "event 3 of the stream is cut short or no JSON: Expecting property name enclosed in double quotes",
    ),
    (
        "an event that is no JSON",
        STREAM,
        b"data: {}\n\ndata: x\n\n",
        "event 2 of the stream is cut short or no JSON: Expecting value",
    ),
    (
        "a web page",
        {"content-type": "text/html"},
        b"<!DOCTYPE html><html><head><title>Sign in</title><style>b{}</style></head><body><b>Please</b> sign\n in",
        "the answer is a web page: Sign in Please sign in",
    ),
    (
        "JSON that was cut",
        JSON_TYPE,
        json.dumps(FULL).encode()[:60],
        "the answer is cut short or no JSON: Unterminated string starting at",
    ),
    ("half a list", JSON_TYPE, b'[{"candidates": []},', "the answer is cut short or no JSON: Expecting value"),
    ("plain text", JSON_TYPE, b"upstream timeout", "the answer is cut short or no JSON: Expecting value"),
    ("bytes that are no text", {}, b"\xff\xfe\x00", "the answer is cut short or no JSON: Expecting value"),
    ("a web page in another encoding", {}, b"<html>\xe9t\xe9</html>", "the answer is a web page: \ufffdt\ufffd"),
    ("JSON that nests endlessly", {}, b"[" * 100_000, "the answer is cut short or no JSON: it can't be decoded"),
    ("a number without end", {}, b"1" * 5_000, "the answer is cut short or no JSON: it can't be decoded"),
    (
        "an event that nests endlessly",
        STREAM,
        b'data: {"a":' + b"[" * 100_000,
        "event 1 of the stream is cut short or no JSON: it can't be decoded",
    ),
]


@pytest.mark.parametrize(
    ("headers", "body", "problem"), [case[1:] for case in PROBLEMS], ids=[case[0] for case in PROBLEMS]
)
def test_what_is_no_answer_is_a_problem_in_words(headers: Mapping[str, str], body: bytes, problem: str) -> None:
    assert read(200, headers, body) == Response(status=200, problem=problem)


@pytest.mark.parametrize(
    ("body", "notes"),
    [
        ([], NO_CONTENT),
        (5, ("an answer that is no object was left out", *NO_CONTENT)),
        (None, ("an answer that is no object was left out", *NO_CONTENT)),
        ("text", ("an answer that is no object was left out", *NO_CONTENT)),
    ],
)
def test_json_that_is_no_answer_is_noted(body: Any, notes: tuple[str, ...]) -> None:
    assert read_json(body) == Response(status=200, parts=[], notes=notes)


GOOGLE = {
    "error": {
        "code": 400,
        "message": "Unknown name \"aspectRatio\" at 'generation_config': Cannot find field.",
        "status": "INVALID_ARGUMENT",
        "details": [{"@type": "type.googleapis.com/google.rpc.BadRequest"}],
    }
}
COMET = {
    "error": {
        "message": "field messages is required (request id: 20260801103000123456789abcdef)",
        "type": "comet_api_error",
        "param": "",
        "code": "invalid_request",
    }
}


def failure(status: int, code: str, message: str, request_id: str | None = None) -> Response:
    return Response(status=status, error=ApiError(status=status, code=code, message=message, request_id=request_id))


def test_googles_envelope_gives_status_and_message() -> None:
    message = "Unknown name \"aspectRatio\" at 'generation_config': Cannot find field."
    assert read_json(GOOGLE, 400) == failure(400, "INVALID_ARGUMENT", message)


def test_cometapis_envelope_gives_code_message_and_the_request_id_inside() -> None:
    message = "field messages is required (request id: 20260801103000123456789abcdef)"
    assert read_json(COMET, 500) == failure(500, "invalid_request", message, "20260801103000123456789abcdef")


@pytest.mark.parametrize("name", ["x-request-id", "X-Oneapi-Request-Id", "CF-Ray"])
def test_a_request_id_in_the_headers_goes_first(name: str) -> None:
    made = read(500, {**JSON_TYPE, name: "from-the-header"}, json.dumps(COMET).encode())
    assert made.error is not None
    assert made.error.request_id == "from-the-header"


@pytest.mark.parametrize(
    ("envelope", "code", "message"),
    [
        ({"message": "m", "type": "comet_api_error", "code": ""}, "comet_api_error", "m"),
        ({"message": "m", "code": 429}, "429", "m"),
        ({"message": "", "status": "UNAVAILABLE"}, "UNAVAILABLE", "no message"),
        ({}, "", "no message"),
        ("just text", "", "just text"),
        ({"message": {"a": ["b"]}, "code": None}, "", "{'a': ['b']}"),
        ({"message": "a\n\n  b\x1b[31m", "code": "c"}, "c", "a b\N{REPLACEMENT CHARACTER}[31m"),
        ({"message": "x" * 1000, "code": "c"}, "c", "x" * 299 + "…"),
    ],
)
def test_envelopes_of_every_shape_are_errors(envelope: Any, code: str, message: str) -> None:
    assert read_json({"error": envelope}, 503) == failure(503, code, message)


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (
            502,
            b"<html><head><title>502 Bad Gateway</title></head><body><hr>nginx</body></html>",
            "502 Bad Gateway nginx",
        ),
        (502, b"<script>var a = '<b>'</script><p>Down</p>", "Down"),
        (404, b"page not found", "page not found"),
        (503, b"", "no message"),
        (400, b'{"candidates": []}', '{"candidates": []}'),
        (500, b'{"error": {"mess', '{"error": {"mess'),
        (524, b'{"error": null}', '{"error": null}'),
        (400, b"\xff\xfe", "\N{REPLACEMENT CHARACTER}" * 2),
    ],
)
def test_an_error_status_without_an_envelope_shows_what_came(status: int, body: bytes, message: str) -> None:
    assert read(status, {"content-type": "text/html"}, body) == failure(status, "", message)


def test_an_error_as_json_is_read_even_where_the_headers_promise_a_stream() -> None:
    made = read(400, STREAM, json.dumps(GOOGLE).encode())
    assert made.error is not None
    assert made.error.code == "INVALID_ARGUMENT"


@pytest.mark.parametrize("as_list", [True, False])
def test_an_error_inside_a_stream_is_an_error_with_its_own_status(as_list: bool) -> None:  # noqa: FBT001
    error = {"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}}
    body = json.dumps([CHUNKS[0], error]).encode() if as_list else events(CHUNKS[0], error)
    assert read(200, {} if as_list else STREAM, body) == Response(
        status=200, error=ApiError(status=503, code="UNAVAILABLE", message="overloaded", request_id=None)
    )


@pytest.mark.parametrize(
    ("code", "sentence"), [("UNAVAILABLE", "503 UNAVAILABLE: overloaded"), ("", "503: overloaded")]
)
def test_an_error_says_itself_in_a_line(code: str, sentence: str) -> None:
    assert ApiError(status=503, code=code, message="overloaded", request_id=None).sentence == sentence


ODD = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just("AAAA")),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["candidates", "content", "parts", "text", "inlineData", "mimeType", "data", "error", "message", "code"]
            ),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=8,
)
STATUSES = st.sampled_from([200, 301, 400, 503])
HEADERS = st.sampled_from([JSON_TYPE, STREAM, {}])


def whole(made: Response, status: int) -> None:
    """Check what every answer keeps: it is an error, a problem, or content, and its words are short."""
    assert made.status == status
    assert (made.error is not None) or status < 400
    if made.error is not None or made.problem is not None:
        assert (made.parts, made.pictures, made.text) == ((), (), "")
        assert (made.error is None) != (made.problem is None)
    assert made.images == made.pictures or len(made.images) < len(made.pictures)
    assert all(picture.data and picture.media_type for picture in made.pictures)
    for words in (made.problem or "", made.error.message if made.error else "", *made.notes):
        assert len(words) < 1000
    assert (made.reply is None) == (not made.parts)


@given(STATUSES, HEADERS, st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode)))
def test_any_bytes_are_read(status: int, headers: Mapping[str, str], body: bytes) -> None:
    whole(read(status, headers, body), status)


@settings(max_examples=300)
@given(STATUSES, HEADERS, ODD)
def test_any_json_is_read(status: int, headers: Mapping[str, str], value: Any) -> None:
    whole(read(status, headers, json.dumps(value).encode()), status)


def pointers(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(below for key, item in members for below in pointers(item, (*path, key)))]


COMPLETE = {**FULL, "promptFeedback": {"blockReason": "OTHER", "safetyRatings": []}}


@settings(max_examples=300)
@given(STATUSES, st.sampled_from([COMPLETE, CHUNKS, GOOGLE, COMET]), st.data())
def test_an_answer_with_something_else_at_any_place_is_read(status: int, base: Any, data: st.DataObject) -> None:
    value = {"root": copy.deepcopy(base)}
    *way, key = data.draw(st.sampled_from(pointers(value)[1:]))
    inner: Any = value
    for step in way:
        inner = inner[step]
    inner[key] = data.draw(ODD)
    whole(read_json(value["root"], status), status)


@given(st.sampled_from([json.dumps(COMPLETE).encode(), events(*CHUNKS), events(*CHUNKS, end="\r\n")]), st.data())
def test_an_answer_cut_anywhere_is_read_and_never_taken_for_the_whole(body: bytes, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(body.rstrip()) - 1))
    headers = STREAM if body.startswith(b"data") else JSON_TYPE
    made = read(200, headers, body[:cut])
    whole(made, 200)
    assert made != read(200, headers, body)
    assert made.problem is not None or made.finish_reason is None


def index_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "index.jsonl").read_text(encoding="utf-8").splitlines()]


def test_every_recorded_answer_gives_content_an_error_or_a_word_on_why_not(corpus: Path) -> None:
    rows = index_of(corpus / "responses")
    assert rows
    for row in rows:
        file = corpus / "responses" / row["file"]
        status = row["status"] or 200
        made = read(status, STREAM if file.suffix == ".sse" else {}, file.read_bytes())
        whole(made, status)
        said = (made.parts, made.error, made.problem, made.block_reason, made.finish_reason, made.notes)
        assert any(said), row["file"]
        assert made.parts or made.reply is None


def test_recorded_answers_have_the_pictures_and_finish_reasons_that_their_index_counts(corpus: Path) -> None:
    seen = 0
    for row in index_of(corpus / "responses"):
        file = corpus / "responses" / row["file"]
        made = read(row["status"] or 200, STREAM if file.suffix == ".sse" else {}, file.read_bytes())
        if made.error or made.problem:
            continue
        if sum(row["finish_reasons"].values()) <= 1:
            assert [made.finish_reason] == (list(row["finish_reasons"]) or [None]), row["file"]
        assert len(made.pictures) == row["image_parts"], row["file"]
        seen += 1
    assert seen > 100


def test_a_redirect_is_a_wrong_address_and_never_an_answer() -> None:
    for body in (b"", b"<html>moved</html>", b"{}"):
        response = read(301, {"content-type": "text/html"}, body)

        assert response.problem == "the API redirects (status 301): the base URL or the path is wrong"


def test_what_no_file_can_hold_is_replaced_where_an_answer_is_named_and_counted() -> None:
    deep: Any = 1
    for _ in range(30):
        deep = {"a": deep}
    counts = '{"promptTokenCount": NaN, "totalTokenCount": 1e999, "\\ud801": ["\\udfff", 7], "deep": '
    counts += json.dumps(deep) + "}"
    body = (
        '{"candidates": [{"content": {"parts": [{"text": "x"}]}, "finishReason": "\\ud800"}], "modelVersion": "\\udfff"'
    )

    made = read(200, JSON_TYPE, f'{body}, "usageMetadata": {counts}}}'.encode())

    assert (made.finish_reason, made.model_version) == ("?", "?")
    assert {key: value for key, value in made.usage.items() if key != "deep"} == {
        "promptTokenCount": None,
        "totalTokenCount": None,
        "?": ["?", 7],
    }
    assert json.dumps(made.usage["deep"]).count("a") == 20
