"""Answers on disk: long base64 leaves the body, and every byte comes back."""

import base64
import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from promptc.replay.bodies import Sidecar, SplitBody, complete, join, split
from tests.replay.made import PNG, answer, encoded, image, picture, replayed, save, store

LONG = bytes(range(256)) * 3
RUN = re.compile(rb"[A-Za-z0-9+/=_-]{512,}")


def back(made: SplitBody) -> bytes:
    return join(made.text.encode(), made.marker, made.sidecars, lambda sidecar: sidecar.data)


def files(body: bytes) -> list[tuple[str, str]]:
    return [(sidecar.file, sidecar.encoding) for sidecar in split(body, "luna.1").sidecars]


SPELLINGS = {
    "standard base64": (encoded(PNG + LONG), "base64"),
    "URL-safe base64": (base64.urlsafe_b64encode(PNG + LONG + b"\xff\xfe").decode(), "base64url"),
    "no padding": (encoded(PNG + LONG).rstrip("="), "base64 nopad"),
    "escaped slashes": (encoded(PNG + LONG).replace("/", "\\/"), "base64 slashes"),
    "escaped padding": (encoded(PNG + LONG).replace("=", "\\u003d"), "base64 equals"),
    "both escapes": (encoded(PNG + LONG).replace("/", "\\/").replace("=", "\\u003d"), "base64 slashes equals"),
}


@pytest.mark.parametrize(("token", "encoding"), SPELLINGS.values(), ids=SPELLINGS.keys())
def test_a_picture_leaves_the_body_in_every_spelling_of_base64(token: str, encoding: str) -> None:
    body = f'{{"inlineData": {{"mimeType": "image/png", "data": "{token}"}}}}'.encode()
    made = split(body, "luna.1")
    assert made.text == '{"inlineData": {"mimeType": "image/png", "data": "<sidecar 1>"}}'
    assert [(s.file, s.encoding, s.data[:8]) for s in made.sidecars] == [("luna.1.1.png", encoding, PNG)]
    assert back(made) == body


TOKENS = {
    "trailing bits that no encoder writes": encoded(b"x" * 400)[:-3] + "f==",
    "some slashes escaped and some not": "A/B\\/" * 200,
    "both alphabets in one": "-+_/" * 200,
    "padding in the middle": "AAA=" * 200,
    "a length that no base64 has": "A" * 601,
    "upper-case escapes": encoded(LONG)[:-1] + "\\u003D",
    "backslashes only": "\\\\" * 400,
    "line breaks as MIME has them": "\\n".join(["A" * 76] * 20),
    "too much padding": "A" * 600 + "====",
}


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS.keys())
def test_what_only_looks_like_base64_is_kept_as_it_was_written(token: str) -> None:
    body = f'{{"thoughtSignature":"{token}"}}'.encode()
    made = split(body, "luna.1")
    assert [(s.file, s.encoding) for s in made.sidecars] == [("luna.1.1.bin", "raw")]
    assert back(made) == body


def test_the_files_are_numbered_by_kind_and_equal_bytes_share_one() -> None:
    one, two, signature = picture(1), picture(2), b"s" * 700
    body = answer(image(one, thoughtSignature=encoded(signature)), image(two), image(one))
    made = split(body, "luna.2")
    assert [s.file for s in made.sidecars] == ["luna.2.1.png", "luna.2.1.bin", "luna.2.2.png", "luna.2.1.png"]
    assert back(made) == body


def test_a_short_picture_leaves_the_body_and_a_short_signature_stays() -> None:
    body = answer(image(picture(1, 60), thoughtSignature=encoded(b"s" * 300)))
    assert files(body) == [("luna.1.1.png", "base64")]


EMBEDDED = {
    "a data URI in a text": answer({"text": f"![moth](data:image/png;base64,{encoded(PNG + LONG)})"}),
    "a data URI on a web page": b'<html><img src="data:image/png;base64,' + encoded(PNG + LONG).encode() + b'"></html>',
    "an answer that was cut within a picture": b'{"inlineData":{"data":"' + encoded(PNG + LONG)[:900].encode(),
    "nothing but base64": encoded(PNG + LONG).encode(),
    "base64 between single quotes": b"{'data': '" + encoded(PNG + LONG).encode() + b"'}",
}


@pytest.mark.parametrize("body", EMBEDDED.values(), ids=EMBEDDED.keys())
def test_no_long_base64_stays_wherever_it_stands(body: bytes) -> None:
    made = split(body, "luna.1")
    assert not RUN.search(made.text.encode())
    assert [(s.file, s.data[:8]) for s in made.sidecars] == [("luna.1.1.png", PNG)]
    assert back(made) == body


def test_a_body_that_is_no_text_goes_to_a_file_as_it_is() -> None:
    made = split(PNG + b"\xff\x00", "luna.1")
    assert made.text == "<sidecar 1>"
    assert [(s.file, s.encoding, s.size) for s in made.sidecars] == [("luna.1.1.png", "raw", 10)]
    assert back(made) == PNG + b"\xff\x00"


def test_an_answer_that_holds_the_marker_gets_another_one() -> None:
    body = answer({"text": "<sidecar 1> and <sidecar- 1>"}, image(picture(1)))
    made = split(body, "luna.1")
    assert made.marker == "sidecar--"
    assert back(made) == body


def test_a_body_without_files_is_never_searched_for_markers() -> None:
    body = b'{"text": "<sidecar 1>"}'
    made = split(body, "luna.1")
    assert (made.text.encode(), made.sidecars, back(made)) == (body, (), body)


def sidecar(number: int) -> Sidecar:
    return Sidecar(file=f"luna.1.{number}.png", sha256="0" * 64, size=1, encoding="raw")


def test_markers_must_be_there_once_and_in_order() -> None:
    two = (sidecar(1), sidecar(2))
    assert complete(b"<m 1> <m 2>", "m", two)
    assert complete(b"<m 1>", "m", ())
    for text in (b"<m 1>", b"<m 2> <m 1>", b"<m 1> <m 1> <m 2>", b"<m 0> <m 1>", b"<m 1> <m 2> <m 3>", b""):
        assert not complete(text, "m", two), text
    assert not complete(b"<x 1> <x 2>", ".", two)


PIECES = st.one_of(
    st.text(max_size=40).map(str.encode),
    st.binary(max_size=20),
    st.sampled_from(
        [
            *(token.encode() for token, _ in SPELLINGS.values()),
            *(token.encode() for token in TOKENS.values()),
            *(text.encode() for text in ("\r\n", "\r", "\x85", "\u2028", "\u2029", "\ufeff", "\0", "\x7f", "\\", '"')),
            b"data: ",
            b'"data": "',
            b'"data"   :\n"',
            b"<sidecar 1>",
            b"<sidecar ",
            b"<",
            b"[",
            b"]",
            b",\r\n",
            b": ",
            b"\n\n",
            b" #",
            b"---\n",
            b"<<<<<<< HEAD\n",
        ]
    ),
)
BODIES = st.lists(PIECES, max_size=12).map(b"".join)


@given(BODIES)
@example(b"")
def test_every_body_comes_back_byte_for_byte(body: bytes) -> None:
    made = split(body, "luna.1")
    assert back(made) == body
    assert complete(made.text.encode(), made.marker, made.sidecars)
    assert not RUN.search(made.text.encode())
    assert split(body, "luna.1") == made


@given(st.lists(BODIES, min_size=1, max_size=3))
@example([b""])
@example([b"data: {}\r\n\r\ndata: [1]\r\n\r\n"])
@example([b"a\rb\n", "a\x85b\nc".encode(), "\u2028\n".encode()])
@example(["\ufeff{}\n".encode(), b" \n a\n  ", b"\t\n\n\n"])
@example([b"\0\n", b"yes", b"1e3"])
def test_every_body_comes_back_from_the_cassette_on_disk(
    tmp_path_factory: pytest.TempPathFactory, bodies: list[bytes]
) -> None:
    at = store(tmp_path_factory.mktemp("case"))
    save(at, *bodies)
    assert replayed(at) == bodies
    assert not RUN.search(at.accepted.read_bytes().replace(b"sha256:", b""))


FORMS = {
    "compact JSON": lambda parts: json.dumps(parts, separators=(",", ":")),
    "pretty JSON": lambda parts: json.dumps(parts, indent=2),
    "JSON with Windows line ends": lambda parts: json.dumps(parts, indent=2).replace("\n", "\r\n"),
    "server-sent events": lambda parts: "".join(f"data: {json.dumps(part)}\r\n\r\n" for part in parts),
    "an array of answers": lambda parts: "[" + ",\r\n".join(json.dumps(part) for part in parts) + "]\r\n",
}


@pytest.mark.parametrize("form", FORMS)
@given(data=st.lists(st.binary(min_size=60, max_size=900), min_size=1, max_size=4), url_safe=st.booleans())
def test_pictures_come_back_from_every_form_of_an_answer(form: str, data: list[bytes], *, url_safe: bool) -> None:
    encode = base64.urlsafe_b64encode if url_safe else base64.b64encode
    parts = [{"inlineData": {"mimeType": "image/png", "data": encode(PNG + one).decode()}} for one in data]
    body = FORMS[form](parts).encode()
    made = split(body, "luna.1")
    assert [s.data for s in made.sidecars] == [PNG + one for one in data]
    assert back(made) == body


def test_a_large_picture_and_a_larger_signature_come_back_in_bounded_time(tmp_path: Path) -> None:
    at = store(tmp_path)
    drawn = PNG + bytes(range(256)) * (24 * 4096)
    signature = encoded(bytes(reversed(range(256))) * 8500)[:2_900_000]
    body = answer(image(drawn, thoughtSignature=signature))
    start = time.perf_counter()
    save(at, body)
    assert replayed(at) == [body]
    assert time.perf_counter() - start < 10
    assert at.accepted.stat().st_size < 3000
    assert (at.folder / "monarch.1.1.png").read_bytes() == drawn


@pytest.mark.parametrize(
    "unit", ["A" * 511 + " ", '"data":"' + "A" * 63 + '" ', '"data"' + " " * 500, "\\\\" * 255 + '"']
)
def test_a_text_that_nearly_holds_base64_takes_no_square_of_time(unit: str) -> None:
    body = (unit * (4_000_000 // len(unit))).encode()
    start = time.perf_counter()
    assert back(split(body, "luna.1")) == body
    assert time.perf_counter() - start < 3
