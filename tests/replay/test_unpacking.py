"""Compressed bodies: the bytes decide what is undone, whatever the header says."""

import gzip
import zlib

import pytest

from promptc.replay import unpacking
from promptc.replay.unpacking import PackedError, unpacked

JSON = b'{"candidates": []}'
PACKED = gzip.compress(JSON, mtime=0)
EVENTS = b'data: {"candidates": []}\r\n\r\n'


def bare(data: bytes) -> bytes:
    machine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return machine.compress(data) + machine.flush()


@pytest.mark.parametrize("body", [JSON, EVENTS, b"", b"<html>no</html>", b'  [{"a": 1}]'])
@pytest.mark.parametrize(
    ("pack", "header"),
    [
        (gzip.compress, "gzip"),
        (gzip.compress, "x-gzip"),
        (gzip.compress, "GZip"),
        (gzip.compress, ""),
        (zlib.compress, "deflate"),
        (bare, "deflate"),
        (lambda body: gzip.compress(zlib.compress(body)), "deflate, gzip"),
        (lambda body: gzip.compress(gzip.compress(body)), "gzip, gzip"),
    ],
)
def test_what_was_compressed_is_unpacked(pack: object, header: str, body: bytes) -> None:
    assert callable(pack)
    assert unpacked(pack(body), [header] if header else []) == body


@pytest.mark.parametrize("header", ["gzip", "deflate", "br", "zstd", "identity", "deflate, gzip", "compress"])
@pytest.mark.parametrize("body", [JSON, EVENTS, b""])
def test_what_was_unpacked_before_stays_whatever_the_header_says(header: str, body: bytes) -> None:
    assert unpacked(body, [header]) == body


def test_a_body_of_several_members_is_read_to_its_end() -> None:
    assert unpacked(gzip.compress(JSON[:5]) + gzip.compress(JSON[5:]), ["gzip"]) == JSON


def test_headers_of_several_values_are_one_list() -> None:
    assert unpacked(gzip.compress(zlib.compress(JSON)), ["deflate", "gzip"]) == JSON


@pytest.mark.parametrize(
    ("body", "header", "why"),
    [
        (PACKED[:-9], "gzip", "it is compressed and cut short"),
        (PACKED[:-8] + bytes(8), "gzip", "its compression is broken"),
        (zlib.compress(JSON)[:-3], "deflate", "it is compressed and cut short"),
        (b"\xff\xfe\xfd", "deflate", "its compression is broken"),
        (b"\x1b\x11\x00\xf8\x25", "br", "it is compressed with `br`, which promptc can't unpack"),
        (b"\x28\xb5\x2f\xfd\x04", "zstd", "it is compressed with `zstd`, which promptc can't unpack"),
        (b"\xff\xfe" * 9, "a-name-that-never-ends-and-goes-on", "it is compressed with `a-name-that-never-en`, which promptc can't unpack"),
    ],
)  # fmt: skip
def test_what_cannot_be_unpacked_says_why(body: bytes, header: str, why: str) -> None:
    with pytest.raises(PackedError) as caught:
        unpacked(body, [header])
    assert str(caught.value) == why


def test_a_small_body_that_unpacks_to_a_huge_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "LARGEST", 2**20)
    for body, header in ((gzip.compress(b" " * 2**21), "gzip"), (zlib.compress(b" " * 2**21), "deflate")):
        with pytest.raises(PackedError) as caught:
            unpacked(body, [header])
        assert str(caught.value) == "it unpacks to more than 1 MB"
    many = gzip.compress(b" " * 2**19) * 3
    with pytest.raises(PackedError):
        unpacked(many, ["gzip"])
