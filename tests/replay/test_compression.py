"""Compressed answers come back whole, in pieces of bounded size, or not at all."""

import gzip
import zlib
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3.exceptions import DecodeError

from promptc.replay.compression import unpacked

LARGEST_PIECE = 2**16
SIZES = st.sampled_from([0, 1, 100, LARGEST_PIECE - 1, LARGEST_PIECE, LARGEST_PIECE + 1, 3 * LARGEST_PIECE])
BODIES = st.builds(
    lambda size, word: (word * (size // len(word) + 1))[:size], SIZES, st.binary(min_size=1, max_size=40)
)


def chunks(data: bytes, cuts: list[int]) -> Iterator[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return (data[begin:end] for begin, end in pairwise(places))


@given(st.lists(BODIES, min_size=1, max_size=3), st.lists(st.integers(0), max_size=5), st.integers(0, 9))
def test_what_was_packed_comes_back_however_it_is_cut(bodies: list[bytes], cuts: list[int], level: int) -> None:
    packed = b"".join(gzip.compress(body, level) for body in bodies)
    pieces = list(unpacked(chunks(packed, cuts), "GZIP"))
    assert b"".join(pieces) == b"".join(bodies)
    assert max(map(len, pieces)) <= LARGEST_PIECE


@given(BODIES, st.integers(1))
def test_what_lacks_any_byte_at_its_end_is_broken(body: bytes, cut: int) -> None:
    packed = gzip.compress(body)
    with pytest.raises(DecodeError):
        list(unpacked([packed[: -1 - cut % (len(packed) - 1)]], "gzip"))


@pytest.mark.parametrize("encoding", ["", "identity", " Identity "])
def test_what_is_not_packed_stays_as_it_is(encoding: str) -> None:
    assert list(unpacked([b"one", b"two"], encoding)) == [b"one", b"two"]


def test_deflate_is_unpacked_and_nothing_is_nothing() -> None:
    assert b"".join(unpacked([zlib.compress(b"moth")], "deflate")) == b"moth"
    assert list(unpacked([], "gzip")) == []


@pytest.mark.parametrize("packed", [b"moth", gzip.compress(b"moth") + b"luna", gzip.compress(b"moth")[:-8] + bytes(8)])
def test_what_is_no_gzip_is_broken(packed: bytes) -> None:
    with pytest.raises(DecodeError):
        list(unpacked([packed], "gzip"))
