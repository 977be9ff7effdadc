"""What was answered is what is replayed: over a real connection, through the disk, and back, byte for byte."""

import base64
import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from promptc.replay.modes import RecordMode
from promptc.replay.offline import offline
from promptc.replay.retries import Retries
from promptc.replay.secrets import RESPONSE_HEADERS
from promptc.replay.session import Session
from promptc.request import Request
from tests.replay.made import PNG, RawServer, endpoint, http, request, session, store

EXAMPLES = 450
"""Of each form of an answer: seven forms, 3,150 in all."""

LONG = st.integers(60, 900).flatmap(lambda size: st.binary(min_size=size, max_size=size)).map(PNG.__add__)
TEXT = st.text(st.characters(codec="utf-8"), max_size=40)


def spelt(data: bytes, alphabet: str, *, padded: bool) -> str:
    text = (base64.urlsafe_b64encode if alphabet == "url" else base64.b64encode)(data).decode()
    return text if padded else text.rstrip("=")


BASE64 = st.builds(spelt, LONG, st.sampled_from(["standard", "url"]), padded=st.booleans())
PART = st.one_of(
    st.fixed_dictionaries({"text": TEXT}),
    st.fixed_dictionaries({"thoughtSignature": BASE64}),
    BASE64.map(lambda data: {"inlineData": {"mimeType": "image/png", "data": data}}),
    BASE64.map(lambda data: {"inline_data": {"data": data, "mime_type": "image/png"}}),
)
ANSWER = st.lists(PART, max_size=3).map(lambda parts: {"candidates": [{"content": {"role": "model", "parts": parts}}]})


def dumped(value: Any, indent: int | None, ascii_: bool, slashes: bool) -> bytes:  # noqa: FBT001 - drawn
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_, separators=None if indent else (",", ":"))
    return (text.replace("/", "\\/") if slashes else text).encode()


JSON = st.builds(dumped, ANSWER, st.sampled_from([None, 1, 2]), st.booleans(), st.booleans())
LINE_END = st.sampled_from([b"\n", b"\r\n", b"\r"])
STREAM = st.builds(
    lambda answers, end, done: (
        b"".join(b"data: " + one + end + end for one in answers) + (b"data: [DONE]" + end) * done
    ),
    st.lists(st.builds(dumped, ANSWER, st.none(), st.booleans(), st.booleans()), max_size=3),
    LINE_END,
    st.booleans(),
)
FORMS: dict[str, st.SearchStrategy[bytes]] = {
    "compact and pretty JSON": JSON,
    "event streams": STREAM,
    "arrays of answers": st.lists(JSON, max_size=3).map(lambda some: b"[" + b",\r\n".join(some) + b"]\r\n"),
    "pages": TEXT.map(lambda text: f"<!DOCTYPE html>\n<h1>{text}</h1>\n".encode()),
    "any text": st.one_of(TEXT, st.text(max_size=2000), st.sampled_from(["", "\0", "\r", "---\n", "\ufeff{}"])).map(
        lambda text: text.encode(errors="surrogatepass")
    ),
    "any bytes": st.binary(max_size=2000),
    "text with base64 in it": st.lists(st.one_of(TEXT, BASE64), max_size=6).map(lambda some: "".join(some).encode()),
}

TOKEN = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30)
VALUE = st.lists(TOKEN, min_size=1, max_size=3).map(" ".join)
KEPT = st.dictionaries(st.sampled_from([name for name in RESPONSE_HEADERS if name != "retry-after"]), VALUE)
DROPPED = st.dictionaries(st.sampled_from(["set-cookie", "server", "date", "x-goog-api-key", "authorization"]), VALUE)


@dataclass(frozen=True, kw_only=True)
class Said:
    """An answer as a server says it: `coding` is how the body goes over the wire."""

    body: bytes
    status: int
    reason: str
    kept: dict[str, str]
    dropped: dict[str, str]
    coding: str

    @property
    def wire(self) -> bytes:
        body = gzip.compress(self.body) if self.coding == "gzip" else self.body
        body = zlib.compress(self.body) if self.coding == "deflate" else body
        headers = {**self.kept, **self.dropped, **({"Content-Encoding": self.coding} if self.coding else {})}
        return http(body, f"{self.status} {self.reason}", **headers)


def said(bodies: st.SearchStrategy[bytes]) -> st.SearchStrategy[Said]:
    return st.builds(
        Said,
        body=bodies,
        status=st.sampled_from([200, 200, 200, 201, 400, 401, 404, 500, 503]),
        reason=VALUE,
        kept=KEPT,
        dropped=DROPPED,
        coding=st.sampled_from(["", "", "gzip", "deflate"]),
    )


Heard = tuple[int, str, dict[str, str], bytes]


def hear(talk: Session, asked: Request) -> Heard:
    """Ask, and read the answer as a client does that takes it piece by piece."""
    answer: requests.Response = talk.http.send(talk._call(asked), stream=True)
    return answer.status_code, answer.reason, dict(answer.headers), b"".join(answer.iter_content(7))


@pytest.fixture(scope="module")
def server() -> Iterator[RawServer]:
    with RawServer(b"") as running:
        yield running


@pytest.mark.parametrize("form", FORMS)
def test_whatever_is_answered_is_replayed(
    form: str, server: RawServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    @settings(max_examples=EXAMPLES)
    @given(answers=st.lists(said(FORMS[form]), min_size=1, max_size=3), equal=st.booleans())
    def replays(answers: list[Said], equal: bool) -> None:  # noqa: FBT001 - drawn
        at = store(tmp_path_factory.mktemp("case"))
        server.acts[:] = [one.wire for one in answers]
        asked = [request() if equal else request(f"Butterfly {number}") for number in range(len(answers))]
        with session(at, endpoint(server.base_url, retries=Retries(tries=1))) as talk:
            live = [hear(talk, one) for one in asked]
            talk.save(accept=True)
        found = at.load(at.accepted)
        assert found
        with offline(), session(at, endpoint("http://nowhere.invalid"), RecordMode.NONE, found) as talk:
            assert [hear(talk, one) for one in asked] == live
        assert live == [(one.status, one.reason, dict(sorted(one.kept.items())), one.body) for one in answers]

    replays()


def lines_of(talk: Session, asked: Request) -> Iterator[bytes]:
    answer: requests.Response = talk.http.send(talk._call(asked), stream=True)
    yield from answer.iter_lines()


def test_a_stream_is_replayed_as_a_stream(tmp_path_factory: pytest.TempPathFactory) -> None:
    at = store(tmp_path_factory.mktemp("case"))
    asked = request(method="streamGenerateContent")
    events = b'data: {"a": 1}\r\n\r\ndata: {"a": 2}\r\n\r\n'
    with (
        RawServer(http(events, content_type="text/event-stream")) as server,
        session(at, endpoint(server.base_url)) as talk,
    ):
        live = list(lines_of(talk, asked))
        talk.save(accept=True)
    found = at.load(at.accepted)
    with session(at, endpoint("http://nowhere.invalid"), RecordMode.NONE, found) as talk:
        stream = lines_of(talk, asked)
        assert next(stream) == b'data: {"a": 1}'
        assert [b'data: {"a": 1}', *stream] == live


def test_equal_requests_are_answered_in_the_order_in_which_they_were_asked(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    at = store(tmp_path_factory.mktemp("case"))
    answers = [http(b'{"n": %d}' % n) for n in range(3)]
    with RawServer(*answers) as server, session(at, endpoint(server.base_url)) as talk:
        for _ in range(3):
            talk.ask(request())
        talk.save(accept=True)
    found = at.load(at.accepted)
    assert found
    with session(at, endpoint("http://nowhere.invalid"), RecordMode.NONE, found) as talk:
        assert [hear(talk, request())[3] for _ in range(3)] == [b'{"n": 0}', b'{"n": 1}', b'{"n": 2}']
        talk.save(accept=True)
    again = at.load(at.accepted)
    assert again
    assert again.provenance == found.provenance
