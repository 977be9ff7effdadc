"""What a file's container says, against what Pillow decodes."""

from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from promptc.container import Frame, frame, too_many_pixels
from promptc.media import HEAD, by_name, extension_of, has_signature, is_text, media_type, named, same

FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "png": ("PNG", {}),
    "jpeg": ("JPEG", {}),
    "progressive": ("JPEG", {"progressive": True, "comment": b"\xff\xd9 is no end here"}),
    "webp": ("WEBP", {}),
    "lossless webp": ("WEBP", {"lossless": True}),
    "extended webp": ("WEBP", {"exif": b"Exif\0\0"}),
    "gif": ("GIF", {}),
}


def drawn(form: str, sides: tuple[int, int]) -> bytes:
    kind, options = FORMS[form]
    out = BytesIO()
    Image.radial_gradient("L").convert("RGB").resize(sides).save(out, kind, **options)
    return out.getvalue()


def seen(data: bytes) -> Frame:
    return frame(media_type(data[:HEAD]) or "", BytesIO(data), len(data))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("sides", [(1, 1), (3, 7), (300, 2), (257, 129)], ids=str)
def test_sides_are_those_of_the_decoder(form: str, sides: tuple[int, int]) -> None:
    assert seen(drawn(form, sides)) == Frame(sides=sides)


@pytest.mark.parametrize("form", FORMS)
def test_a_picture_cut_anywhere_is_not_complete(form: str) -> None:
    data = drawn(form, (31, 17))
    incomplete = [cut for cut in range(HEAD, len(data)) if not seen(data[:cut]).complete]

    assert incomplete == list(range(HEAD, len(data)))


def box(name: bytes, content: bytes = b"") -> bytes:
    return (len(content) + 8).to_bytes(4) + name + content


def heic(width: int, height: int) -> bytes:
    tile = box(b"ispe", bytes(4) + (512).to_bytes(4) + (512).to_bytes(4))
    whole = box(b"ispe", bytes(4) + width.to_bytes(4) + height.to_bytes(4))
    meta = box(b"meta", bytes(4) + box(b"iprp", box(b"ipco", tile + whole)))
    return box(b"ftyp", b"heic\0\0\0\0mif1heic") + meta + box(b"mdat", bytes(90))


def test_a_picture_of_tiles_has_the_sides_of_the_whole() -> None:
    assert seen(heic(4032, 3024)) == Frame(sides=(4032, 3024))
    assert seen(heic(4032, 3024) + bytes(500)).complete
    assert not seen(heic(4032, 3024)[:-1]).complete
    assert not seen(heic(4032, 3024)[:60]).complete


@pytest.mark.parametrize(
    ("sides", "too_many"),
    [((1, 1), False), ((10_000, 10_000), False), ((10_001, 10_000), True), ((65_536, 1), True), ((0, 1), True)],
)
def test_pixels_have_a_bound(sides: tuple[int, int], too_many: bool) -> None:  # noqa: FBT001
    assert too_many_pixels(sides) is too_many


@given(kind=st.sampled_from(["png", "jpg", "webp", "gif", "heic", "mp4", "wav", "pdf"]), data=st.binary(max_size=200))
def test_any_bytes_have_some_frame(kind: str, data: bytes) -> None:
    assert isinstance(frame(by_name(f"a.{kind}") or "", BytesIO(data), len(data)), Frame)


SHOWN = {
    b"II*\0\x08": "image/tiff",
    b"BM\x9a\0\0\0\0\0\0\0\x36\0\0\0": "image/bmp",
    b"BMW is a car": None,
    b"\0\0\0\x18ftypM4A ": "audio/m4a",
    b"\0\0\0\x18ftypmp42": "video/mp4",
    b"\0\0\0\x18ftyp3gp5": "video/3gpp",
    b"\0\0\0\x18ftypheic": "image/heic",
    b"FORM\0\0\0\x10AIFF": "audio/aiff",
    b"RIFF\0\0\0\x10AVI ": "video/avi",
    b"\xff\xf1\x50\x80": "audio/aac",
    b"\0\0\x01\xba": "video/mpeg",
    b"{\\rtf1": "text/rtf",
    b"\xff\xfea\0": None,
    b"# Moths": None,
    b"": None,
}


@pytest.mark.parametrize("head", SHOWN)
def test_the_first_bytes_show_a_media_type(head: bytes) -> None:
    assert media_type(head) == SHOWN[head]


def test_names_and_words_of_media_types() -> None:
    names = ("a.JPEG", "a.b.md", ".png", "png", "a.", "a.xyz")
    assert [by_name(name) for name in names] == ["image/jpeg", "text/md", None, None, None, None]
    assert [extension_of(known) for known in ("image/jpeg", "audio/mp3", "x/y")] == ["jpg", "mp3", None]
    assert [named(known) for known in ("image/jpeg", "audio/mp3", "video/x-flv", "application/pdf")] == [
        "a JPEG picture",
        "an MP3 sound file",
        "an FLV video",
        "a PDF file",
    ]
    assert named("image/avif", short=True) == "an AVIF"
    assert same("audio/MPEG", "audio/mp3; codecs=mp3")
    assert same("image/heif", "image/heic")
    assert not same("image/png", "image/jpeg")
    assert has_signature("image/jpg")
    assert not has_signature("audio/mp3")
    assert is_text("text/csv; header=present")
    assert not is_text("application/pdf")
