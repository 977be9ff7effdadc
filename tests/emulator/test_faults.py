import http.client
import json
import socket
import threading
import time
from io import BytesIO

import pytest
from PIL import Image

from promptc.emulator.faults import KNOWN, Fault, parse_faults
from promptc.emulator.server import Emulator
from promptc.response import Response, read
from tests.emulator.wire import FLASH, Answer, connect, dial, post, prompt, refused, small

GOOGLE = {
    "401": "UNAUTHENTICATED",
    "403": "PERMISSION_DENIED",
    "404": "NOT_FOUND",
    "500": "INTERNAL",
    "503": "UNAVAILABLE",
    "504": "DEADLINE_EXCEEDED",
}


def as_read(answer: Answer) -> Response:
    return read(answer.status, dict(answer.headers), answer.body)


def first_answer(fault: str) -> Answer:
    with Emulator(faults=[fault]) as emulator:
        return post(emulator, small())


def test_faults_are_read_in_order_with_seconds_and_repetition() -> None:
    assert parse_faults("429, ok*2,429:0,,reset") == (
        Fault(name="429"),
        Fault(name="ok"),
        Fault(name="ok"),
        Fault(name="429", seconds=0),
        Fault(name="reset"),
    )


def test_faults_may_be_given_one_by_one_or_ready_made() -> None:
    assert parse_faults(["503*2", Fault(name="ok")]) == (Fault(name="503"), Fault(name="503"), Fault(name="ok"))
    assert parse_faults("") == ()


def test_every_known_fault_can_be_read() -> None:
    assert [fault.name for fault in parse_faults(",".join(KNOWN))] == list(KNOWN)


def test_an_unknown_fault_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="unknown fault") as caught:
        parse_faults("429,rest")

    assert str(caught.value) == (
        "unknown fault `rest`; expected one of `ok`, `slow`, `401`, `403`, `404`, `429`, `500`, `503`, `504`, `500-invalid`, "
        "`reset`, `stall`, `truncated`, `html`, `html-200`, `redirect`, `no-candidates`, `only-thoughts`, `no-image`, "
        "`text-only`, `square`, `default-size`, `mislabelled`, `empty-stream`; did you mean `reset`?"
    )


@pytest.mark.parametrize("text", ["503:2", "ok:1*2"])
def test_only_429_takes_seconds(text: str) -> None:
    with pytest.raises(ValueError, match="only `429` and `slow` take seconds"):
        parse_faults(text)


@pytest.mark.parametrize("text", ["429:soon", "429*", "*3", "429:-1"])
def test_what_is_no_fault_is_refused_whole(text: str) -> None:
    with pytest.raises(ValueError, match="unknown fault"):
        parse_faults(text)


def test_an_emulator_with_an_unknown_fault_takes_no_port() -> None:
    with pytest.raises(ValueError, match="did you mean `reset`"):
        Emulator(faults=["resett"])


@pytest.mark.parametrize("name", GOOGLE)
def test_errors_come_in_googles_envelope(name: str) -> None:
    answer = first_answer(name)
    error = answer.json["error"]

    assert answer.status == int(name)
    assert answer.json == refused(int(name), GOOGLE[name], error["message"])
    assert answer.headers["x-promptc-emulator"] == "1"
    assert as_read(answer).error is not None


@pytest.mark.parametrize(("fault", "seconds"), [("429", "1"), ("429:0", "0"), ("429:17", "17")])
def test_a_429_says_when_to_come_again(fault: str, seconds: str) -> None:
    answer = first_answer(fault)

    assert answer.status == 429
    assert answer.headers["Retry-After"] == seconds
    assert answer.json == {
        "error": {
            "code": 429,
            "message": "Resource has been exhausted (e.g. check quota).",
            "status": "RESOURCE_EXHAUSTED",
            "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{seconds}s"}],
        }
    }


def test_a_malformed_request_may_come_as_a_500_in_cometapis_envelope() -> None:
    answer = first_answer("500-invalid")
    request_id = answer.headers["x-request-id"]

    assert answer.status == 500
    assert answer.json == {
        "error": {
            "message": f"The request is malformed (request id: {request_id})",
            "type": "comet_api_error",
            "param": "",
            "code": "invalid_request",
        }
    }


def test_faults_befall_one_request_each_in_order_and_then_none() -> None:
    with Emulator(faults="503,ok,429:0") as emulator:
        statuses = [post(emulator, small()).status for _ in range(4)]

        assert statuses == [503, 200, 429, 200]
        assert emulator.requests == 4


def test_a_reset_comes_before_any_byte() -> None:
    with Emulator(faults=["reset"]) as emulator:
        with pytest.raises(ConnectionResetError):
            post(emulator, small())

        assert post(emulator, small()).status == 200
        assert emulator.requests == 2


def test_a_stalled_request_gets_no_byte_until_the_client_goes() -> None:
    with Emulator(faults=["stall"]) as emulator, dial(emulator) as client:
        client.settimeout(0.3)
        body = json.dumps(small()).encode()
        client.sendall(
            b"POST /v1/models/%s:generateContent HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (FLASH.encode(), len(body))
            + body
        )
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.shutdown(socket.SHUT_WR)
        client.settimeout(5)

        assert client.recv(1) == b""


def test_a_slow_answer_is_the_answer_after_its_seconds() -> None:
    with Emulator(faults="slow,ok") as emulator:
        started = time.monotonic()
        slow = post(emulator, small())
        took = time.monotonic() - started

        assert 1 <= took < 3
        assert slow.body == post(emulator, small()).body


@pytest.mark.parametrize("fault", ["stall", "slow:60"])
def test_closing_the_emulator_ends_a_wait(fault: str) -> None:
    failures: list[BaseException] = []

    def client(emulator: Emulator) -> None:
        try:
            post(emulator, small())
        except (OSError, http.client.HTTPException) as error:
            failures.append(error)

    with Emulator(faults=[fault]) as emulator:
        thread = threading.Thread(target=client, args=(emulator,))
        thread.start()
        while not emulator.requests:
            time.sleep(0.01)
        started = time.monotonic()
    thread.join(5)

    assert time.monotonic() - started < 2
    assert [type(failure) for failure in failures] == [http.client.RemoteDisconnected]


def test_a_truncated_answer_promises_more_than_it_sends() -> None:
    with Emulator(faults=["truncated"]) as emulator:
        connection = connect(emulator)
        connection.request("POST", f"/v1/models/{FLASH}:generateContent", json.dumps(small()))
        response = connection.getresponse()
        promised = int(response.headers["Content-Length"])
        with pytest.raises(http.client.IncompleteRead) as caught:
            response.read()
        response.close()
        connection.close()

        assert len(caught.value.partial) == promised // 2
        assert post(emulator, small()).status == 200


@pytest.mark.parametrize(("fault", "status"), [("html", 502), ("html-200", 200), ("redirect", 301)])
def test_web_pages_come_in_the_place_of_answers(fault: str, status: int) -> None:
    answer = first_answer(fault)

    assert answer.status == status
    assert answer.headers["Content-Type"] == "text/html; charset=UTF-8"
    assert answer.body.startswith(b"<!DOCTYPE html>")
    assert answer.headers["Location"] == ("/elsewhere" if fault == "redirect" else None)
    assert answer.headers["x-promptc-emulator"] == "1"


def test_an_answer_may_have_no_candidates() -> None:
    answer = first_answer("no-candidates")

    assert answer.status == 200
    assert sorted(answer.json) == ["modelVersion", "responseId", "usageMetadata"]
    assert as_read(answer).notes == ("the answer has no candidate with content",)


def test_an_answer_may_hold_its_picture_as_a_thought_only() -> None:
    answer = first_answer("only-thoughts")

    assert [part.get("thought", False) for part in answer.parts] == [False, True]
    assert as_read(answer).only_thoughts


def test_an_answer_may_come_without_a_picture() -> None:
    answer = first_answer("no-image")

    assert answer.json["candidates"] == [{"finishReason": "NO_IMAGE", "index": 0}]


def sides(fault: str) -> tuple[int, int]:
    """Return the sides of the picture that answers a request for 16:9 in 512."""
    with Emulator(faults=[fault]) as emulator:
        body = prompt(imageConfig={"aspectRatio": "16:9", "imageSize": "512"})
        (drawn,) = as_read(post(emulator, body)).images
    with Image.open(BytesIO(drawn.data)) as picture:
        return picture.size


def test_an_answer_may_have_another_ratio_or_size_than_was_asked_for() -> None:
    assert (sides("ok"), sides("square"), sides("default-size")) == ((688, 384), (512, 512), (1376, 768))


def test_an_answer_may_be_text_where_a_picture_was_asked_for() -> None:
    answer = first_answer("text-only")

    assert [list(part) for part in answer.parts] == [["text"]]
    assert as_read(answer).finish_reason == "STOP"


def test_an_answer_may_name_a_jpeg_png() -> None:
    (drawn,) = as_read(first_answer("mislabelled")).images

    assert (drawn.declared, drawn.media_type, drawn.mislabelled) == ("image/png", "image/jpeg", True)


def test_a_stream_may_end_without_an_event() -> None:
    answer = first_answer("empty-stream")

    assert (answer.status, answer.headers["Content-Type"], answer.body) == (200, "text/event-stream", b"")
    assert as_read(answer).problem == "the event stream ended without an event"


def test_a_twist_leaves_a_wrong_request_wrong() -> None:
    with Emulator(faults=["only-thoughts"]) as emulator:
        assert post(emulator, {}).status == 400


def test_threads_share_the_faults_without_losing_one() -> None:
    with Emulator(faults=["429:0*20"]) as emulator:
        statuses: list[int] = []
        body = {"contents": [{"parts": [{"text": "x"}]}]}
        threads = [
            threading.Thread(
                target=lambda: statuses.extend(post(emulator, body, "countTokens").status for _ in range(5))
            )
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)

        assert sorted(statuses) == [200] * 20 + [429] * 20
        assert emulator.requests == 40
