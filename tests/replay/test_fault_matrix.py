"""What may go wrong on the wire, one row each: what the case comes to, what is told, and what is sent.

Whatever happens, the recording that was there is the same byte for byte, nothing but a good new
answer lies beside it, nothing is raised, no key is shown, and it ends in time.
"""

import gzip
import json
import socket
import struct
import time
import tracemalloc
import zlib
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from promptc.pipeline.case_run import run_case
from promptc.pipeline.results import CaseResult, Status
from promptc.replay.modes import RecordMode
from promptc.replay.retries import Retries
from promptc.request import Method
from promptc.response import read
from tests.replay.certificates import context
from tests.replay.made import (
    Act,
    RawServer,
    Waits,
    answer,
    case,
    chat,
    drawn,
    endpoint,
    files,
    http,
    image,
    request,
    store,
    unit,
)
from tests.workshop import BUTTERFLY, Workshop

KEY = "fake-0123456789-abcdefghij-key"
JSON = {"Content_Type": "application/json"}
EVENTS = {"Content_Type": "text/event-stream"}
SHORT = 0.15
"""The seconds of a try where the row's server lets it wait."""

PICTURE = image(drawn(1))
GOOD = answer({"text": "Here it is."}, PICTURE)
NAMED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nx-request-id: abc-123\r\nContent-Length: %d\r\n\r\n"


def event(*parts: Any, **more: Any) -> dict[str, Any]:
    return {"candidates": [{"content": {"parts": list(parts), "role": "model"}, "index": 0, **more}]}


def sse(*events: Any) -> bytes:
    return "".join(f"data: {json.dumps(one)}\n\n" for one in events).encode()


END = {"candidates": [{"finishReason": "STOP", "index": 0}]}
STREAM = sse(event({"text": "Here "}), event({"text": "it is."}), event(PICTURE), END)
BEGUN = STREAM[: STREAM.rindex(b"data:")]


# what a server does


def raw(body: bytes, *head: str) -> bytes:
    """Return an answer whose end is the connection's, unless the head says otherwise."""
    return "\r\n".join(["HTTP/1.1 200 OK", "Content-Type: application/json", *head, "", ""]).encode() + body


def chunked(body: bytes, media_type: str = "text/event-stream") -> bytes:
    pieces = [body[begin : begin + 500] for begin in range(0, len(body), 500)]
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head.encode() + b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def reset(*, after: bytes) -> Act:
    def act(connection: socket.socket) -> None:
        connection.sendall(after)
        time.sleep(0.02)  # a reset overtakes what the client has not read yet
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return act


def stall(*, after: bytes) -> Act:
    def act(connection: socket.socket) -> None:
        connection.sendall(after)
        connection.recv(1)  # until the client goes

    return act


def trickle(*, after: bytes, each: bytes) -> Act:
    def act(connection: socket.socket) -> None:
        connection.sendall(after)
        for _ in range(500):
            connection.sendall(each)
            time.sleep(0.01)

    return act


def refusal(status: str, code: str = "", **headers: str) -> bytes:
    """Return an error in Google's envelope."""
    error = {"code": int(status.split(maxsplit=1)[0]), "message": "Not now.", "status": code}
    return http(json.dumps({"error": error}).encode(), status, **JSON, **headers)


def comet(status: str, code: str) -> bytes:
    """Return an error in CometAPI's envelope: it names the request in its message."""
    error = {"message": "Not now. (request id: 2026abcdef)", "type": "comet_api_error", "param": "", "code": code}
    return http(json.dumps({"error": error}).encode(), status, **JSON)


# what a case comes to


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What the server does, and the whole outcome; without a message it is a good answer that waits."""

    acts: tuple[bytes | Act, ...] = ()
    where: str = "server"
    method: Method = "generateContent"
    status: Status = Status.PENDING
    code: str = ""
    message: str = ""
    told: tuple[str, ...] = ()
    seen: int = 1
    waits: bool = False
    kept: str | None = None

    @property
    def said(self) -> list[tuple[str, str]]:
        """Every diagnostic: code and message."""
        pending = [("P505", "a new answer of `butterfly::monarch` waits to be accepted")]
        own = [(self.code, f"`butterfly::monarch`: {self.message}")] if self.message else []
        return own + (pending if self.kept else [])


def good(*acts: bytes | Act, told: tuple[str, ...] = (), warned: tuple[str, str] = ("", ""), **more: Any) -> Row:
    """Make a row that ends with a good answer."""
    seen = len(told) + 1
    return Row(acts=acts, told=told, code=warned[0], message=warned[1], seen=seen, kept="pending", **more)


def stream(*acts: bytes | Act, **more: Any) -> Row:
    return good(*acts, method="streamGenerateContent", **more)


def again(why: str, *waits: str) -> tuple[str, ...]:
    return tuple(f"{why}; asked again after {wait} s" for wait in waits or ("1.2", "2.2"))


def broken(*acts: bytes | Act, why: str = "the connection broke off", **more: Any) -> Row:
    """Make a row in which no try gives an answer."""
    row = {"status": Status.ERROR, "code": "P701", "message": f"no answer after 3 tries: {why}", "seen": 3}
    return Row(acts=acts, **{**row, "told": again(why), **more})


def slow(*acts: bytes | Act, why: str = "it timed out") -> Row:
    return broken(*acts, why=why, waits=True)


def unreadable(act: bytes, why: str, **more: Any) -> Row:
    """Make a row with an answer that can't be used, and would be no better at another try."""
    return Row(acts=(act,), status=Status.ERROR, code="P602", message=why, **more)


def refused(act: bytes, why: str, *told: str) -> Row:
    """Make a row that ends with the API's refusal."""
    message = f"the API refused: {why}"
    return Row(acts=(act,), status=Status.ERROR, code="P702", message=message, told=told, seen=len(told) + 1)


def untrusted(where: str, why: str) -> Row:
    message = f"the server's certificate is {why}; nothing was sent"
    return Row(acts=(http(GOOD),), where=where, status=Status.ERROR, code="P701", message=message, seen=0)


NOBODY = (
    "nothing is running at `http://127.0.0.1:<port>`: the connection was refused; start it, or choose another target"
)
CUT = "the answer is cut short or no JSON"
PACKED = "the answer can't be read: {}"
EXHAUSTED = "429 RESOURCE_EXHAUSTED: Not now."
NO_CONTENT = "the answer has no candidate with content"
NO_END = "the stream ended without a reason, so its end is missing"
MOVED = "the API redirects (status {}): the base URL or the path is wrong"
HEAD = NAMED % len(GOOD)
TOO_LARGE = {"status": Status.ERROR, "code": "P701", "message": "the answer is larger than 1 MB"}
LIMIT = 2**20


def bomb() -> bytes:
    """Return a small gzip that is 64 times as large as an answer may be."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([*(packer.compress(bytes(LIMIT)) for _ in range(64)), packer.flush()])


BOMB = bomb()

MATRIX = {
    # no connection
    "the connection is refused": broken(where="refused elsewhere", why="the connection was refused", seen=0),
    "nothing listens on this machine": Row(where="refused", status=Status.ERROR, code="P701", message=NOBODY, seen=0),
    "the name is not found": broken(where="nowhere", why="the host name was not found", seen=0),
    "a server without TLS": broken(http(b"", "400 Bad"), where="no TLS", why="the TLS connection failed", seen=3),
    "a certificate that nobody vouches for": untrusted("self-signed", "not trusted (self-signed certificate)"),
    "a certificate of another host": untrusted("another host", "another host's"),
    # a connection that ends
    "reset before an answer": broken(reset(after=b"")),
    "reset within the headers": broken(reset(after=b"HTTP/1.1 200 OK\r\nContent-")),
    "reset after the headers": broken(reset(after=HEAD), why="the connection broke off (request id abc-123)"),
    "reset in the body": broken(reset(after=HEAD + GOOD[:99]), why="the connection broke off (request id abc-123)"),
    "reset once": good(reset(after=b""), http(GOOD), told=again("the connection broke off", "1.2")),
    "closed before an answer": broken(b""),
    "closed within the headers": broken(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-"),
    "closed before the headers' end": broken(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"),
    "closed in the body": broken(HEAD + GOOD[:99], why="the connection broke off (request id abc-123)"),
    # a connection that says nothing
    "stall before an answer": slow(stall(after=b"")),
    "stall within the headers": slow(stall(after=b"HTTP/1.1 200 OK\r\nContent-")),
    "stall after the headers": slow(stall(after=HEAD), why="it timed out (request id abc-123)"),
    "stall in the body": slow(stall(after=HEAD + GOOD[:99]), why="it timed out (request id abc-123)"),
    "headers that trickle": slow(trickle(after=b"HTTP/1.1 200 OK\r\n", each=b"a: b\r\n")),
    "a body that trickles": slow(trickle(after=HEAD, each=b" "), why="it timed out (request id abc-123)"),
    # framing
    "a length that is too long": broken(raw(GOOD, f"Content-Length: {len(GOOD) + 1}")),
    "a length that is too short": unreadable(
        raw(GOOD, f"Content-Length: {len(GOOD) - 1}"), f"{CUT}: Expecting ',' delimiter"
    ),
    "a negative length": good(raw(GOOD, "Content-Length: -1")),
    "a length that is no number": good(raw(GOOD, "Content-Length: many")),
    "two lengths": broken(raw(GOOD, "Content-Length: 10", f"Content-Length: {len(GOOD)}")),
    "the end of the connection": good(raw(GOOD)),
    "chunks": good(chunked(GOOD, "application/json")),
    "chunks that are cut": broken(chunked(GOOD, "application/json")[:-30]),
    "chunks without an end": broken(chunked(GOOD, "application/json")[:-5]),
    "a chunk of no size": broken(raw(b"moth\r\n", "Transfer-Encoding: chunked")),
    "a chunk of negative size": broken(raw(b"-5\r\nabcde\r\n", "Transfer-Encoding: chunked")),
    "no HTTP": broken(b"SSH-2.0-moth\r\n"),
    "HTTP/0.9": broken(GOOD),
    "a version that nobody speaks": broken(http(GOOD).replace(b"HTTP/1.1", b"HTTP/7.0")),
    "a header of 70,000 letters": broken(raw(GOOD, f"X-Long: {'x' * 70_000}")),
    "200 headers": broken(raw(GOOD, *(f"X-{n}: y" for n in range(200)))),
    "100 Continue first": good(b"HTTP/1.1 100 Continue\r\n\r\n" + http(GOOD)),
    "103 Early Hints first": good(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + http(GOOD)),
    "another protocol": unreadable(b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + http(GOOD), "the answer is empty"),
    # compression
    "gzip": good(http(gzip.compress(GOOD), Content_Encoding="gzip")),
    "gzip that was undone on the way": good(http(GOOD, Content_Encoding="gzip")),
    "gzip that nobody tells of": good(http(gzip.compress(GOOD))),
    "gzip that is none": broken(
        http(b"\x1f\x8b" + GOOD, Content_Encoding="gzip"), why=PACKED.format("its compression is broken")
    ),
    "gzip that is cut": broken(
        http(gzip.compress(GOOD)[:-9], Content_Encoding="gzip"), why=PACKED.format("it is compressed and cut short")
    ),
    "gzip with another check sum": broken(
        http(gzip.compress(GOOD)[:-8] + bytes(8), Content_Encoding="gzip"),
        why=PACKED.format("its compression is broken"),
    ),
    "a compression that nobody asked for": broken(
        http(b"\x1b\x11\x00\xf8\x25", Content_Encoding="br"),
        why=PACKED.format("it is compressed with `br`, which promptc can't unpack"),
    ),
    "a bomb of gzip": Row(acts=(http(BOMB, Content_Encoding="gzip"),), **TOO_LARGE),  # type: ignore[arg-type]
    "a body without bounds": Row(acts=(http(b" " * 2 * LIMIT),), **TOO_LARGE),  # type: ignore[arg-type]
    # what is no answer
    "an empty body": unreadable(http(b"", **JSON), "the answer is empty"),
    "no content": unreadable(http(b"", "204 No Content"), "the answer is empty"),
    "JSON that is cut": unreadable(http(GOOD[:-1], **JSON), f"{CUT}: Expecting ',' delimiter"),
    "plain text": unreadable(http(b"upstream timeout"), f"{CUT}: Expecting value"),
    "a NUL byte": unreadable(http(GOOD.replace(b"Here", b"H\0re")), f"{CUT}: Invalid control character at"),
    "JSON that nests endlessly": unreadable(http(b"[" * 100_000), f"{CUT}: it can't be decoded"),
    "no candidates": unreadable(http(b"{}", **JSON), NO_CONTENT),
    "empty candidates": unreadable(http(b'{"candidates": []}', **JSON), NO_CONTENT),
    "no object": unreadable(http(b"null", **JSON), f"an answer that is no object was left out; {NO_CONTENT}"),
    "a web page": unreadable(
        http(b"<html>Welcome</html>", x_request_id="abc-123"), "the answer is a web page: Welcome (request id abc-123)"
    ),
    "a web page, 404": refused(http(b"<html>Not Found</html>", "404 Not Found"), "404: Not Found"),
    "a web page, 502": refused(
        http(b"<html>Bad Gateway</html>", "502 Bad Gateway"), "502: Bad Gateway", *again("status 502")
    ),
    # answers that are odd
    "a list for a lone answer": good(http(b"[" + GOOD + b"]", **JSON)),
    "a byte that is no UTF-8": good(
        http(GOOD.replace(b"Here", b"H\xffre")),
        warned=("P602", "the answer is no UTF-8 text; what can't be read was replaced"),
    ),
    "only a thought": good(
        http(answer({"text": "Here it is."}, {**PICTURE, "thought": True})),
        warned=("P604", "the only picture came as a thought; it was used"),
    ),
    "a blocked prompt": Row(
        acts=(http(b'{"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}'),),
        status=Status.FAILED,
        code="P603",
        message="the prompt was blocked: PROHIBITED_CONTENT",
    ),
    # redirects
    **{
        f"a redirect, {status}": unreadable(
            http(b"", f"{status} Moved", Location=f"https://api.example.com/?key={KEY}"), MOVED.format(status)
        )
        for status in (301, 302, 303, 307, 308)
    },
    # refusals
    "400": refused(
        refusal("400 Bad", "INVALID_ARGUMENT", x_request_id="abc-123"),
        "400 INVALID_ARGUMENT: Not now. (request id abc-123)",
    ),
    "401 with the key in it": refused(
        http(json.dumps({"error": {"message": f"bad key {KEY}", "code": ""}}).encode(), "401 No"), "401: bad key ***"
    ),
    "an id that is the key": refused(
        refusal("503 Busy", x_request_id=KEY),
        "503: Not now. (request id ***)",
        *again("status 503 (request id ***)"),
    ),
    "413": refused(http(b"<html>Too Large</html>", "413 Too Large"), "413: Too Large"),
    "500": refused(refusal("500 No", "INTERNAL"), "500 INTERNAL: Not now.", *again("status 500")),
    "500 for a wrong request": refused(
        comet("500 No", "invalid_request"), "500 invalid_request: Not now. (request id: 2026abcdef)"
    ),
    "503 of a gateway": refused(
        comet("503 Busy", ""),
        "503 comet_api_error: Not now. (request id: 2026abcdef)",
        *again("status 503 (request id 2026abcdef)"),
    ),
    "503, then an answer": good(refusal("503 Busy"), http(GOOD), told=again("status 503", "1.2")),
    "503 with Retry-After": good(refusal("503 Busy", Retry_After="20"), http(GOOD), told=again("status 503", "20.2")),
    "504": refused(refusal("504 Late"), "504: Not now.", *again("status 504")),
    "524": refused(
        http(b"<html>A timeout occurred</html>", "524 Late", cf_ray="8c0ffee-LHR"),
        "524: A timeout occurred (request id 8c0ffee-LHR)",
        *again("status 524 (request id 8c0ffee-LHR)"),
    ),
    # 429
    "429 without end": refused(refusal("429 Slow", "RESOURCE_EXHAUSTED"), EXHAUSTED, *again("status 429")),
    **{
        f"429, Retry-After: {said}": refused(
            refusal("429 Slow", "RESOURCE_EXHAUSTED", Retry_After=said), EXHAUSTED, *again("status 429", *waits)
        )
        for said, waits in {
            "7": ("7.2", "7.2"),
            "0": ("0.2", "0.2"),
            "-7": (),
            "soon": (),
            "1e3": (),
            "Wed, 21 Oct 2015 07:28:00 GMT": ("0.2", "0.2"),
        }.items()
    },
    **{
        f"429, Retry-After: {said[:9]}…": refused(
            refusal("429 Slow", "RESOURCE_EXHAUSTED", Retry_After=said), EXHAUSTED
        )
        for said in ("99999", "9" * 3000, "Wed, 21 Oct 2215 07:28:00 GMT")
    },
    "429 with Retry-After, then an answer": good(
        refusal("429 Slow", "RESOURCE_EXHAUSTED", Retry_After="12"), http(GOOD), told=again("status 429", "12.2")
    ),
    # streams
    "a stream": stream(chunked(STREAM)),
    "a stream until the end of the connection": stream(raw(STREAM).replace(b"application/json", b"text/event-stream")),
    "a stream with other line ends": stream(chunked(STREAM.replace(b"\n", b"\r\n"))),
    "a stream with [DONE]": stream(chunked(STREAM + b"data: [DONE]\n\n")),
    "a stream with pings": stream(chunked(b": ping\n\n" + STREAM.replace(b"data:", b": ping\n\ndata:"))),
    "a stream without its last line end": stream(chunked(STREAM.rstrip())),
    "a stream as a list": stream(http(b"[" + GOOD + b"]", **JSON)),
    "a stream as a lone answer": stream(http(GOOD, **JSON)),
    "a text that comes twice": stream(chunked(sse(event({"text": "ha"}), event({"text": "ha"}), event(PICTURE), END))),
    "a picture that comes twice": stream(
        chunked(sse(event({"text": "Here"}), event(PICTURE), event(PICTURE), END)),
        warned=("P602", "event 3 of the stream is the same as the one before it; both were used"),
    ),
    "a stream that is cut in an event": unreadable(
        chunked(STREAM[:-20]),
        "event 4 of the stream is cut short or no JSON: Unterminated string starting at",
        method="streamGenerateContent",
    ),
    "a stream that is cut in a picture": unreadable(
        chunked(BEGUN[:-200]),
        "event 3 of the stream is cut short or no JSON: Unterminated string starting at",
        method="streamGenerateContent",
    ),
    "a stream that is cut between events": unreadable(chunked(BEGUN), NO_END, method="streamGenerateContent"),
    "a stream that breaks off": broken(chunked(STREAM)[:-40], method="streamGenerateContent"),
    "a stream without an event": unreadable(
        chunked(b""), "the event stream ended without an event", method="streamGenerateContent"
    ),
    "a stream of pings": unreadable(
        chunked(b": ping\n\n" * 9), "the event stream ended without an event", method="streamGenerateContent"
    ),
    "a stream that is a web page": unreadable(
        http(b"<html>Welcome</html>", **EVENTS), "the answer is a web page: Welcome", method="streamGenerateContent"
    ),
    "a stream that turns into a refusal": Row(
        acts=(chunked(BEGUN + sse({"error": {"code": 400, "message": "Not so.", "status": "INVALID_ARGUMENT"}})),),
        method="streamGenerateContent",
        status=Status.ERROR,
        code="P702",
        message="the API refused: 400 INVALID_ARGUMENT: Not so.",
    ),
    "a stream that turns into an error": stream(
        chunked(BEGUN + sse({"error": {"code": 503, "message": "Not now.", "status": "UNAVAILABLE"}})),
        chunked(STREAM),
        told=again("status 503", "1.2"),
    ),
}


def old_recording(root: Path) -> dict[str, bytes]:
    """Record another prompt, so that the case is stale; return the files."""
    with RawServer(http(answer({"text": "The old one."}, image(drawn(2))), **JSON)) as server:
        run_case(unit(root, case(request("An old prompt")), endpoint(server.base_url), RecordMode.NEW_EPISODES))
    return left(root)


def left(root: Path) -> dict[str, bytes]:
    folder = store(root).folder
    return {path.relative_to(folder.parent).as_posix(): path.read_bytes() for path in folder.parent.rglob("*.*")}


def reach(row: Row, stack: ExitStack, root: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, RawServer | None]:
    """Return the row's address, and its server if it has one."""
    if row.where.startswith("refused"):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = taken.getsockname()
        if row.where == "refused":
            return f"http://127.0.0.1:{address[1]}", None
        found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", address)]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        return f"http://api.example.com:{address[1]}", None
    if row.where == "nowhere":

        def look_up(*_: Any, **__: Any) -> Any:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        return "https://api.example.com", None
    tls = None
    if row.where in {"self-signed", "another host"}:
        tls = context(root / "server.pem", "api.example.com")
    if row.where == "another host":
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(root / "server.pem"))
    server = stack.enter_context(RawServer(*row.acts, tls=tls, reads=row.where != "no TLS"))
    return server.base_url if row.where != "no TLS" else server.base_url.replace("http:", "https:"), server


@pytest.mark.parametrize("row", MATRIX.values(), ids=MATRIX)
def test_whatever_goes_wrong_is_told_and_the_old_recording_stays(
    row: Row, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    for module in ("transport", "unpacking"):
        monkeypatch.setattr(f"promptc.replay.{module}.LARGEST", LIMIT)
    before = old_recording(tmp_path)
    waits = Waits()
    retries = Retries(tries=3, clock=waits.clock, sleep=waits.sleep, jitter=lambda: 0.25)
    asked = case(request("A new prompt", method=row.method))
    with ExitStack() as stack:
        base_url, server = reach(row, stack, tmp_path, monkeypatch)
        to = endpoint(base_url, key=KEY, retries=retries, timeout=SHORT if row.waits else 10.0)
        began = time.monotonic()
        result = run_case(unit(tmp_path, asked, to, RecordMode.NEW_EPISODES))
        took = time.monotonic() - began
        seen = len(server.seen) if server else 0

    port = base_url.rpartition(":")[2]
    assert [(found.code, found.message.replace(port, "<port>")) for found in result.diagnostics] == row.said
    assert (result.status, result.told, result.kept, seen) == (row.status, row.told, row.kept, row.seen)
    assert not result.good
    assert took < 3
    assert KEY not in repr(result)
    now = left(tmp_path)
    assert {name: now[name] for name in before} == before
    assert set(now) == set(before) | {name for name in now if row.kept and ".new." in name}
    assert not unit(tmp_path, asked, to, RecordMode.NONE).unfinished.folder.exists()


def test_the_matrix_is_large_enough() -> None:
    assert len(MATRIX) >= 90


def test_a_bomb_takes_no_more_memory_than_an_answer_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("transport", "unpacking"):
        monkeypatch.setattr(f"promptc.replay.{module}.LARGEST", LIMIT)
    with RawServer(http(BOMB, Content_Encoding="gzip")) as server:
        one = unit(tmp_path, case(request()), endpoint(server.base_url), RecordMode.NEW_EPISODES)
        run_case(one)  # whatever is imported late is there now
        tracemalloc.start()
        run_case(one)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 4 * LIMIT


@pytest.mark.parametrize("row", ["no HTTP", "a stream that is cut in an event", "a web page"])
def test_the_command_line_says_the_same_and_leaves_with_one(tmp_path: Path, row: str) -> None:
    shop = Workshop.make(tmp_path, {"moth": f"stream = {str('stream' in row).lower()}\n{BUTTERFLY}"})
    with RawServer(*MATRIX[row].acts) as server:
        target = f'[run]\ntries = 1\ntarget = "mine"\n[targets.mine]\nbase_url = "{server.base_url}"\nauth = "none"\n'
        (tmp_path / "promptc.toml").write_text(f"version = 1\n{target}")
        done = shop.command("record")
    message = MATRIX[row].message.replace("3 tries", "1 try")
    assert (done.returncode, done.stderr) == (1, "asks `mine` for 1 request of 1 case, about $0.05\n")
    assert done.stdout.splitlines()[2] == f"error[{MATRIX[row].code}]: `moth::default`: {message}"
    assert done.stdout.splitlines()[-1] == "1 error; 1 request sent — not ok, 1 error"
    assert not shop.cassette("").exists()


# two steps on one connection


def talk(root: Path, *acts: Act) -> tuple[CaseResult, int]:
    waits = Waits()
    retries = Retries(tries=3, clock=waits.clock, sleep=waits.sleep, jitter=lambda: 0.25)
    with RawServer(*acts) as server:
        to = endpoint(server.base_url, retries=retries)
        result = run_case(unit(root, case(*chat("One", "Two")), to, RecordMode.NEW_EPISODES))
        return result, len(server.seen)


def keeping(body: bytes) -> bytes:
    """Return an answer after which the connection stays open."""
    return http(body, **JSON).replace(b"Connection: close\r\n", b"")


def received(connection: socket.socket) -> bytes:
    with suppress(OSError):
        return connection.recv(65536)
    return b""


def test_a_connection_that_is_closed_between_two_steps_is_made_anew(tmp_path: Path) -> None:
    result, seen = talk(tmp_path, lambda one: one.sendall(keeping(GOOD)))
    assert (result.status, result.told, result.kept, seen) == (Status.PASSED, (), "accepted", 2)


def test_a_connection_that_is_closed_on_the_second_request_is_told_and_asked_again(tmp_path: Path) -> None:
    def act(connection: socket.socket) -> None:
        connection.sendall(keeping(GOOD))
        received(connection)

    result, seen = talk(tmp_path, act)
    assert (result.status, result.told, result.kept, seen) == (
        Status.PASSED,
        again("the connection broke off", "1.2"),
        "accepted",
        2,
    )


def test_what_is_left_of_one_answer_is_not_taken_for_the_next(tmp_path: Path) -> None:
    """More bytes than the length says: a whole answer that belongs to nobody."""
    stray = keeping(answer({"text": "stray"}, PICTURE))
    other = keeping(answer({"text": "Here it is, too."}, PICTURE))

    def first(connection: socket.socket) -> None:
        connection.sendall(keeping(GOOD) + stray)
        received(connection)

    result, _ = talk(tmp_path, first, lambda one: one.sendall(other))
    assert [step.text for step in result.steps] == ["Here it is.", "Here it is, too."]
    recording = store(tmp_path).load(store(tmp_path).accepted)
    assert recording
    bodies = [store(tmp_path).body(response, store(tmp_path).accepted) for response in recording.responses]
    assert [read(200, {}, body).text for body in bodies] == ["Here it is.", "Here it is, too."]
    assert "monarch.yaml" in files(store(tmp_path))
