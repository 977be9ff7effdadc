"""The wire and its accidents: what is asked again, what is told, what is raised, and how long it may take."""

import gzip
import hashlib
import socket
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from promptc.emulator.server import Emulator
from promptc.errors import OfflineError, WireError
from promptc.replay.offline import offline
from promptc.replay.retries import Retries
from promptc.replay.session import Session
from promptc.replay.store import Store
from promptc.response import Response
from tests.replay.made import RawServer, Waits, answer, endpoint, http, image, picture, request, session, store

BODY = answer({"text": "Here it is."}, image(picture(1)))
SENT = hashlib.sha256(request().wire_body()).hexdigest()[:24]
"""How the emulator names every request that these tests send."""
ANSWERED = request().fingerprint.rpartition(":")[2][:24]
"""How its own answers name them."""


@pytest.fixture
def at(tmp_path: Path) -> Store:
    return store(tmp_path)


@pytest.fixture
def waits() -> Waits:
    return Waits()


def talk_to(at: Store, base_url: str, waits: Waits, *, tries: int = 3, timeout: float = 20.0) -> Session:
    retries = Retries(tries=tries, clock=waits.clock, sleep=waits.sleep, jitter=lambda: 0.25)
    return session(at, endpoint(base_url, retries=retries, timeout=timeout))


PASSING = {
    "429:7": (f"status 429 (request id {SENT}); asked again after 7.2 s", 7.25),
    "429:0": (f"status 429 (request id {SENT}); asked again after 0.2 s", 0.25),
    "500": (f"status 500 (request id {SENT}); asked again after 1.2 s", 1.25),
    "503": (f"status 503 (request id {SENT}); asked again after 1.2 s", 1.25),
    "504": (f"status 504 (request id {SENT}); asked again after 1.2 s", 1.25),
    "html": (f"status 502 (request id {SENT}); asked again after 1.2 s", 1.25),
    "reset": ("the connection broke off; asked again after 1.2 s", 1.25),
    "truncated": (f"the connection broke off (request id {ANSWERED}); asked again after 1.2 s", 1.25),
}


@pytest.mark.parametrize(("fault", "told", "wait"), [(fault, *what) for fault, what in PASSING.items()], ids=PASSING)
def test_an_accident_that_passes_is_told_and_asked_again(
    at: Store, waits: Waits, fault: str, told: str, wait: float
) -> None:
    with Emulator(faults=fault) as emulator, talk_to(at, emulator.base_url, waits) as talk:
        made = talk.ask(request())
        assert made.images
        assert (talk.asked, talk.told, waits) == (1, (told,), [wait])
        assert emulator.requests == 2
        talk.save(accept=True)
    found = at.load(at.accepted)
    assert found is not None
    assert len(found.responses) == 1


FINAL = {
    "401": "401 UNAUTHENTICATED: The request has no valid credentials.",
    "403": "403 PERMISSION_DENIED: The caller does not have permission.",
    "404": "404 NOT_FOUND: The requested entity was not found.",
    "500-invalid": "500 invalid_request: The request is malformed",
    "429:301": "429 RESOURCE_EXHAUSTED: Resource has been exhausted (e.g. check quota).",
}


@pytest.mark.parametrize(("fault", "sentence"), FINAL.items(), ids=FINAL)
def test_a_refusal_that_stays_is_an_answer_at_once(at: Store, waits: Waits, fault: str, sentence: str) -> None:
    with Emulator(faults=fault) as emulator, talk_to(at, emulator.base_url, waits) as talk:
        made = talk.ask(request())
        assert made.error is not None
        assert made.error.sentence.partition(" (request id")[0] == sentence
        assert (emulator.requests, talk.told, waits) == (1, (), [])


PROBLEMS = {
    "html-200": "the answer is a web page: Welcome Welcome",
    "redirect": "the API redirects (status 301): the base URL or the path is wrong",
    "empty-stream": "the event stream ended without an event",
}


@pytest.mark.parametrize(("fault", "problem"), PROBLEMS.items(), ids=PROBLEMS)
def test_an_answer_that_is_none_is_not_asked_for_again(at: Store, waits: Waits, fault: str, problem: str) -> None:
    with Emulator(faults=fault) as emulator, talk_to(at, emulator.base_url, waits) as talk:
        assert talk.ask(request()).problem == problem
        assert (emulator.requests, talk.told, waits) == (1, (), [])


TWISTS: dict[str, Callable[[Response], bool]] = {
    "no-candidates": lambda made: made.notes == ("the answer has no candidate with content",),
    "only-thoughts": lambda made: made.only_thoughts and len(made.images) == 1,
    "no-image": lambda made: made.finish_reason == "NO_IMAGE" and not made.images,
}


@pytest.mark.parametrize("fault", TWISTS)
def test_an_odd_answer_is_still_the_answer(at: Store, waits: Waits, fault: str) -> None:
    with Emulator(faults=fault) as emulator, talk_to(at, emulator.base_url, waits) as talk:
        made = talk.ask(request())
        assert TWISTS[fault](made)
        assert (emulator.requests, talk.told) == (1, ())


def test_the_tries_are_bounded_and_the_last_refusal_is_the_answer(at: Store, waits: Waits) -> None:
    with Emulator(faults="503*9") as emulator, talk_to(at, emulator.base_url, waits, tries=4) as talk:
        made = talk.ask(request())
        assert made.error is not None
        assert made.error.status == 503
        assert (emulator.requests, waits) == (4, [1.25, 2.25, 4.25])


@pytest.mark.parametrize(("fault", "named"), [("reset", ""), ("truncated", f" (request id {ANSWERED})")])
def test_accidents_without_end_are_no_answer(at: Store, waits: Waits, fault: str, named: str) -> None:
    with Emulator(faults=f"{fault}*9") as emulator, talk_to(at, emulator.base_url, waits) as talk:
        with pytest.raises(WireError) as caught:
            talk.ask(request())
        assert str(caught.value) == f"no answer after 3 tries: the connection broke off{named}"
        assert (emulator.requests, talk.asked, len(talk.told)) == (3, 0, 2)


def test_different_accidents_one_after_another_are_told_in_order(at: Store, waits: Waits) -> None:
    faults = "reset,429:2,truncated,503"
    with Emulator(faults=faults) as emulator, talk_to(at, emulator.base_url, waits, tries=5) as talk:
        assert talk.ask(request()).images
        assert waits == [1.25, 2.25, 4.25, 8.25]
        assert [told.partition(";")[0] for told in talk.told] == [
            "the connection broke off",
            f"status 429 (request id {SENT})",
            f"the connection broke off (request id {ANSWERED})",
            f"status 503 (request id {SENT})",
        ]


def test_a_stalled_connection_ends_with_the_deadline(at: Store, waits: Waits) -> None:
    start = time.monotonic()
    with Emulator(faults="stall*2") as emulator, talk_to(at, emulator.base_url, waits, tries=2, timeout=0.3) as talk:
        with pytest.raises(WireError) as caught:
            talk.ask(request())
        assert str(caught.value) == "no answer after 2 tries: it timed out"
        assert time.monotonic() - start < 5


TRICKLES = {
    "with a length": b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
    "until the end": b"HTTP/1.1 200 OK\r\n\r\n",
    "as one chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n",
}


@pytest.mark.parametrize("head", TRICKLES.values(), ids=TRICKLES)
def test_an_answer_that_trickles_is_bounded_as_a_whole(at: Store, waits: Waits, head: bytes) -> None:
    def trickle(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(100):
            connection.sendall(b" ")
            time.sleep(0.05)

    start = time.monotonic()
    with RawServer(trickle) as server, talk_to(at, server.base_url, waits, tries=1, timeout=0.4) as talk:
        with pytest.raises(WireError) as caught:
            talk.ask(request())
        assert time.monotonic() - start < 4
    assert str(caught.value) == "no answer after 1 try: it timed out"


def test_a_slow_answer_within_the_deadline_is_read_whole(at: Store, waits: Waits) -> None:
    def slow(connection: socket.socket) -> None:
        whole = http(BODY)
        for begin in range(0, len(whole), 300):
            connection.sendall(whole[begin : begin + 300])
            time.sleep(0.02)

    with RawServer(slow) as server, talk_to(at, server.base_url, waits) as talk:
        assert talk.ask(request()).text == "Here it is."


def chunked(body: bytes, size: int = 7, **headers: str) -> bytes:
    lines = [
        "HTTP/1.1 200 OK",
        "Transfer-Encoding: chunked",
        *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items()),
    ]
    chunks = b"".join(
        b"%x\r\n%s\r\n" % (len(body[i : i + size]), body[i : i + size]) for i in range(0, len(body), size)
    )
    return "\r\n".join([*lines, "", ""]).encode() + chunks + b"0\r\n\r\n"


FRAMES = {
    "a length": http(BODY),
    "chunks": chunked(BODY),
    "the end of the connection": b"HTTP/1.1 200 OK\r\n\r\n" + BODY,
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\n\r\n" + BODY,
    "gzip": http(gzip.compress(BODY), Content_Encoding="gzip"),
    "gzip in chunks": chunked(gzip.compress(BODY), Content_Encoding="gzip"),
    "two gzips in a row": http(gzip.compress(BODY[:99]) + gzip.compress(BODY[99:]), Content_Encoding="gzip"),
    "deflate": http(zlib.compress(BODY), Content_Encoding="deflate"),
    "an answer after an interim one": b"HTTP/1.1 100 Continue\r\n\r\n" + http(BODY),
    "an answer after hints": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 3 + http(BODY),
    "gzip of full pieces": http(gzip.compress(BODY.ljust(2**17)), Content_Encoding="gzip"),
}


@pytest.mark.parametrize("raw", FRAMES.values(), ids=FRAMES)
def test_an_answer_is_stored_as_the_body_that_it_means(at: Store, waits: Waits, raw: bytes) -> None:
    with RawServer(raw) as server, talk_to(at, server.base_url, waits) as talk:
        assert talk.ask(request()).text == "Here it is."
        talk.save(accept=True)
    found = at.load(at.accepted)
    assert found is not None
    assert at.body(found.responses[0], at.accepted).rstrip() == BODY
    assert found.responses[0]["headers"] == {}


BROKEN = {
    "a length that is not reached": (http(BODY)[:-10], "the connection broke off"),
    "chunks that stop": (chunked(BODY)[:-10], "the connection broke off"),
    "no end of chunks": (chunked(BODY)[:-5], "the connection broke off"),
    "a chunk without a size": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        "the connection broke off",
    ),
    "gzip that is cut": (http(gzip.compress(BODY), Content_Encoding="gzip")[:-40], "the connection broke off"),
    "gzip without its end": (
        http(gzip.compress(BODY)[:-12], Content_Encoding="gzip"),
        "the answer can't be read: it is compressed and cut short",
    ),
    "gzip without its check sum": (
        http(gzip.compress(BODY)[:-8], Content_Encoding="gzip"),
        "the answer can't be read: it is compressed and cut short",
    ),
    "headers that are cut": (b"HTTP/1.1 200 OK\r\nContent-Le", "the connection broke off"),
    "headers without their end": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", "the connection broke off"),
    "gzip that is none": (
        http(b"\x1f\x8b" + BODY, Content_Encoding="gzip"),
        "the answer can't be read: its compression is broken",
    ),
    "no HTTP": (b"SSH-2.0-moth\r\n", "the connection broke off"),
    "nothing": (b"", "the connection broke off"),
}


@pytest.mark.parametrize(("raw", "why"), BROKEN.values(), ids=BROKEN)
def test_a_broken_answer_is_asked_for_again_and_never_stored(at: Store, waits: Waits, raw: bytes, why: str) -> None:
    with RawServer(raw, http(BODY)) as server, talk_to(at, server.base_url, waits) as talk:
        assert talk.ask(request()).text == "Here it is."
        assert talk.told == (f"{why}; asked again after 1.2 s",)
    with RawServer(raw) as server, talk_to(at, server.base_url, waits) as talk:
        with pytest.raises(WireError) as caught:
            talk.ask(request())
        assert str(caught.value) == f"no answer after 3 tries: {why}"
        assert len(server.seen) == 3


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "a bomb of gzip"])
def test_an_answer_without_bounds_is_given_up_at_once(
    at: Store, waits: Waits, monkeypatch: pytest.MonkeyPatch, *, packed: bool
) -> None:
    for module in ("transport", "unpacking"):
        monkeypatch.setattr(f"promptc.replay.{module}.LARGEST", 2**20)
    body = b" " * (3 * 2**20)
    raw = http(gzip.compress(body), Content_Encoding="gzip") if packed else http(body)
    with RawServer(raw) as server, talk_to(at, server.base_url, waits) as talk:
        with pytest.raises(WireError) as caught:
            talk.ask(request())
        assert str(caught.value) == "the answer is larger than 1 MB"
        assert (len(server.seen), talk.asked, waits) == (1, 0, [])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(at: Store, waits: Waits, status: int) -> None:
    with RawServer(http(BODY)) as elsewhere:
        moved = http(b"", f"{status} Moved", Location=f"{elsewhere.base_url}/x")
        with RawServer(moved) as server, talk_to(at, server.base_url, waits) as talk:
            made = talk.ask(request())
            assert made.status == status
            assert made.problem == f"the API redirects (status {status}): the base URL or the path is wrong"
            assert len(server.seen) == 1
        assert elsewhere.seen == []


def test_nothing_running_on_this_machine_is_told_at_once(at: Store, waits: Waits) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with talk_to(at, f"http://127.0.0.1:{port}", waits) as talk, pytest.raises(WireError) as caught:
        talk.ask(request())
    assert str(caught.value) == (
        f"nothing is running at `http://127.0.0.1:{port}`: the connection was refused; start it, or choose another target"
    )
    assert waits == []


def test_a_server_that_speaks_no_tls_is_told_as_such(at: Store, waits: Waits) -> None:
    with (
        RawServer(b"HTTP/1.1 400 Bad Request\r\n\r\n", reads=False) as server,
        talk_to(at, server.base_url.replace("http:", "https:"), waits, tries=1, timeout=2) as talk,
        pytest.raises(WireError) as caught,
    ):
        talk.ask(request())
    assert str(caught.value) == "no answer after 1 try: the TLS connection failed"


def test_being_offline_is_no_accident_and_not_tried_again(at: Store, waits: Waits) -> None:
    with talk_to(at, "http://127.0.0.1:9", waits) as talk, offline(), pytest.raises(OfflineError):
        talk.ask(request())
    assert waits == []
