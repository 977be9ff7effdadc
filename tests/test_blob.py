"""Blobs: what bytes are, and that they are still the ones that were pinned."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptc.blob import HEAD, Blob, converted, extension, sniff
from promptc.errors import WireError

HEADS = {
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR": ("image/png", "png"),
    b"\x89PNG\n\x1a\n": (None, "bin"),
    b"\xff\xd8\xff\xe0\0\x10JFIF": ("image/jpeg", "jpg"),
    b"\xff\xd8\xff\xdb": ("image/jpeg", "jpg"),
    b"\xff\xd8": (None, "bin"),
    b"RIFF\x24\0\0\0WEBPVP8 ": ("image/webp", "webp"),
    b"RIFF\x24\0\0\0WAVEfmt ": ("audio/wav", "wav"),
    b"RIFF\x24\0\0\0AVI LIST": (None, "bin"),
    b"RIFF": (None, "bin"),
    b"GIF87a\x01\0": ("image/gif", "gif"),
    b"GIF89a\x01\0": ("image/gif", "gif"),
    b"GIF90a\x01\0": (None, "bin"),
    b"%PDF-1.7\n": ("application/pdf", "pdf"),
    b"\0\0\0\x18ftypheic\0\0\0\0": ("image/heic", "heic"),
    b"\0\0\0\x18ftypheix\0\0\0\0": ("image/heic", "heic"),
    b"\0\0\0\x18ftypmif1\0\0\0\0": ("image/heif", "heif"),
    b"\0\0\0\x18ftypmsf1\0\0\0\0": ("image/heif", "heif"),
    b"\0\0\0\x18ftypavif\0\0\0\0": ("image/avif", "avif"),
    b"\0\0\0\x18ftypisom\0\0\0\0": (None, "bin"),
    b"<svg xmlns=": (None, "bin"),
    b"": (None, "bin"),
}


@pytest.mark.parametrize(("head", "known"), HEADS.items(), ids=[repr(head) for head in HEADS])
def test_the_first_bytes_tell_type_and_extension(head: bytes, known: tuple[str | None, str]) -> None:
    assert (sniff(head), extension(head)) == known


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", False),
        (b"\x89PNG\n\x1a\n\0\0\0\rIHDR", True),
        (b"\x89PNG\r\n\x1a\r\n\0\0\0\rIHDR", True),
        (b"\x89PNG\r\r\n\x1a\r\n\0\0\0\rIHDR", True),
        (b"\x89PNG", False),
        (b"GIF89a\r\n", False),
        (b"", False),
    ],
)
def test_a_png_tells_that_its_line_endings_were_converted(head: bytes, expected: bool) -> None:  # noqa: FBT001
    assert converted(head) is expected


@given(st.sampled_from(list(HEADS)), st.binary(max_size=64))
def test_what_follows_the_leading_bytes_changes_nothing(head: bytes, rest: bytes) -> None:
    padded = head.ljust(HEAD, b"\0")
    assert sniff(padded + rest) == sniff(padded)


def test_a_blob_of_bytes_knows_its_size_and_digest_and_gives_them_back() -> None:
    blob = Blob.of_bytes(b"wing", "image/png")
    digest = hashlib.sha256(b"wing").hexdigest()
    assert (blob.media_type, blob.size, blob.sha256) == ("image/png", 4, digest)
    assert blob.digest == f"sha256:{digest}"
    assert blob.read() == b"wing"


def test_blobs_are_equal_by_content_wherever_it_comes_from(tmp_path: Path) -> None:
    blob = Blob.of_bytes(b"wing", "image/png")
    elsewhere = Blob(media_type="image/png", size=4, sha256=blob.sha256, path=tmp_path / "wing.png")
    assert blob == elsewhere
    assert hash(blob) == hash(elsewhere)
    assert blob != Blob.of_bytes(b"wing", "image/jpeg")
    assert blob != Blob.of_bytes(b"wint", "image/png")


def test_a_blob_never_shows_its_bytes() -> None:
    assert "wing" not in repr(Blob.of_bytes(b"wing", "image/png"))


def test_a_file_is_read_while_it_is_what_it_was(tmp_path: Path) -> None:
    path = tmp_path / "wing.png"
    path.write_bytes(b"wing")
    blob = Blob(media_type="image/png", size=4, sha256=hashlib.sha256(b"wing").hexdigest(), path=path)
    assert blob.read() == b"wing"


@pytest.mark.parametrize("now", [b"wint", b"", b"wing\n"])
def test_a_file_that_changed_is_refused_by_name(tmp_path: Path, now: bytes) -> None:
    path = tmp_path / "wing.png"
    path.write_bytes(b"wing")
    blob = Blob(media_type="image/png", size=4, sha256=hashlib.sha256(b"wing").hexdigest(), path=path)
    path.write_bytes(now)
    with pytest.raises(WireError, match=r"\Awing\.png changed while promptc ran; run the command again\Z"):
        blob.read()


def test_a_blob_with_neither_bytes_nor_file_says_so() -> None:
    digest = "0" * 64
    with pytest.raises(WireError, match=rf"\Athe bytes of sha256:{digest} are not at hand\Z"):
        Blob(media_type="image/png", size=1, sha256=digest).read()
