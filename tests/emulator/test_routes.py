import json
from pathlib import Path
from typing import Any

import pytest

from promptc.emulator.routes import find_route, respond
from promptc.emulator.server import Emulator
from promptc.response import Response, read
from tests.emulator.wire import BUTTERFLY, FLASH, Answer, ask, png, post, prompt, small


def as_read(answer: Answer) -> Response:
    return read(answer.status, dict(answer.headers), answer.body)


@pytest.mark.parametrize("version", ["v1", "v1beta", "v1alpha", "v2beta3"])
def test_any_api_version_is_served(emulator: Emulator, version: str) -> None:
    answer = ask(emulator, "POST", f"/{version}/models/{FLASH}:generateContent", json.dumps(small()).encode())

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"


def test_a_colon_may_be_percent_encoded_and_a_key_may_stand_in_the_query(emulator: Emulator) -> None:
    path = f"/v1beta/models/{FLASH}%3AcountTokens?key=anything"

    assert ask(emulator, "POST", path, json.dumps(prompt()).encode()).status == 200


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/"),
        ("GET", f"/v1beta/models/{FLASH}:generateContent"),
        ("PUT", f"/v1beta/models/{FLASH}:generateContent"),
        ("POST", f"/v1beta/models/{FLASH}:embedContent"),
        ("POST", f"/v1beta/models/{FLASH}"),
        ("POST", "/elsewhere"),
        ("BREW", "/coffee"),
    ],
)
def test_what_is_not_there_is_a_404_in_googles_envelope(emulator: Emulator, verb: str, path: str) -> None:
    answer = ask(emulator, verb, path)

    assert answer.status == 404
    assert answer.json == refused_404(verb, path)
    assert answer.headers["x-promptc-emulator"] == "1"


def refused_404(verb: str, path: str) -> dict[str, Any]:
    return {"error": {"code": 404, "message": f"There is nothing at {verb} {path}.", "status": "NOT_FOUND"}}


def test_a_head_request_gets_no_body(emulator: Emulator) -> None:
    answer = ask(emulator, "HEAD", "/")

    assert (answer.status, answer.body) == (404, b"")


def test_a_key_in_the_query_is_not_repeated_in_a_404() -> None:
    reply = respond("GET", "/v1/models?key=SECRET", b"", "id", signature_bytes=8)

    assert b"SECRET" not in reply.body


def test_an_event_stream_holds_whole_answers_that_join_to_the_same_parts(emulator: Emulator) -> None:
    answer = post(emulator, small(), "streamGenerateContent?alt=sse")
    events = answer.body.split(b"\r\n\r\n")
    values = [json.loads(event.removeprefix(b"data: ")) for event in events if event]
    contents = [value["candidates"][0].get("content", {}).get("parts", []) for value in values]

    assert answer.headers["Content-Type"] == "text/event-stream"
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert events[-1] == b""
    assert [[sorted(part) for part in parts] for parts in contents] == [
        [["text"]],
        [["text"]],
        [["inlineData", "thoughtSignature"]],
        [],
    ]
    assert ["usageMetadata" in value for value in values] == [False, False, False, True]
    assert [value["candidates"][0].get("finishReason") for value in values] == [None, None, None, "STOP"]
    assert {value["responseId"] for value in values} == {values[0]["responseId"]}
    assert as_read(answer).text == f"A stand-in drawn by the promptc emulator for: {BUTTERFLY}"
    assert len(as_read(answer).images) == 1


def test_a_stream_without_sse_is_a_json_array_of_the_same_events(emulator: Emulator) -> None:
    events = post(emulator, small(), "streamGenerateContent?alt=sse")
    array = post(emulator, small(), "streamGenerateContent")

    assert array.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert isinstance(array.json, list)
    assert as_read(array) == as_read(events)


def test_a_stream_with_an_empty_text_still_ends_well(emulator: Emulator) -> None:
    answer = post(emulator, prompt("", responseModalities=["TEXT"]), "streamGenerateContent?alt=sse")

    assert as_read(answer).finish_reason == "STOP"


def test_a_blocked_prompt_streams_as_one_event(emulator: Emulator) -> None:
    answer = post(emulator, prompt("[block] a butterfly"), "streamGenerateContent?alt=sse")

    assert answer.body.count(b"data: ") == 1
    assert as_read(answer).block_reason == "PROHIBITED_CONTENT"


def test_tokens_of_texts_and_pictures_are_counted(emulator: Emulator) -> None:
    body = prompt("x" * 41)
    body["contents"][0]["parts"] += [
        {"inlineData": {"mimeType": "image/png", "data": png(4, 4)}},
        {"fileData": {"mimeType": "image/png", "fileUri": "https://example.com/a.png"}},
        {"inlineData": {"mimeType": "audio/wav", "data": "AAAA"}},
    ]
    counted = {
        "totalTokens": 11 + 2 * 1120,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": 11},
            {"modality": "IMAGE", "tokenCount": 2240},
        ],
    }

    assert post(emulator, body, "countTokens").json == counted
    assert post(emulator, {"generateContentRequest": body}, "countTokens").json == counted
    assert post(emulator, {"generate_content_request": body}, "countTokens").json == counted


def test_the_system_instruction_counts_too(emulator: Emulator) -> None:
    body = {**prompt("abcd"), "systemInstruction": {"parts": [{"text": "efgh"}]}}

    assert post(emulator, body, "countTokens").json["totalTokens"] == 2


def test_counting_the_tokens_of_a_wrong_request_is_refused(emulator: Emulator) -> None:
    assert post(emulator, {"generateContentRequest": {}}, "countTokens").status == 400
    assert post(emulator, {"generateContentRequest": 1}, "countTokens").status == 400


def test_routes_are_found_without_a_network() -> None:
    route = find_route("POST", f"/v1beta/models/{FLASH}:streamGenerateContent?alt=sse&key=k")

    assert route is not None
    assert (route.model, route.method, route.sse) == (FLASH, "streamGenerateContent", True)
    assert find_route("POST", "/v1beta/models/a/b:generateContent") is None


def test_recorded_requests_get_an_answer_that_can_be_read(corpus: Path) -> None:
    answered = 0
    for file in sorted((corpus / "requests").glob("*.json")):
        reply = respond(
            "POST", f"/v1beta/models/{FLASH}:generateContent", file.read_bytes(), "request", signature_bytes=64
        )
        response = read(reply.status, {"content-type": reply.content_type}, reply.body)
        assert response.problem is None
        answered += reply.status == 200

    assert answered > 150
