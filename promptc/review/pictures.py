"""Pictures opened and measured, with Pillow alone."""

import hashlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

from promptc.blob import HEAD, sniff
from promptc.container import MOST_PIXELS, frame, too_many_pixels
from promptc.errors import PromptcError

if TYPE_CHECKING:
    from PIL import Image

_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "AVIF", "BMP", "TIFF")  # others are no answers, or run programs
_MOST = 1000
_known: dict[bytes, tuple[int, int] | None] = {}


class PictureError(PromptcError):
    """A picture can't be opened; the message goes on from the picture's name."""

    def __init__(self, message: str, sides: tuple[int, int] | None = None) -> None:
        """Keep the sides of a picture that is too large."""
        super().__init__(message)
        self.sides = sides


def unopened(sides: tuple[int, int] | None) -> str:
    """Say what is wrong with a picture: it has too many pixels, or none that can be seen."""
    if sides is None:
        return "can't be opened: it is damaged, cut short, or no picture"
    return f"is {sides[0]}x{sides[1]}, promptc opens at most {MOST_PIXELS:,} pixels"


@contextmanager
def opened(data: bytes) -> "Iterator[Image.Image]":
    """Open a picture without decoding it, and say in one way what goes wrong with it, then or later."""
    from PIL import Image  # noqa: PLC0415 - 60 ms that only runs with pictures pay

    try:
        sides = frame(sniff(data[:HEAD]) or "", BytesIO(data), len(data)).sides
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the bound is ours, and what Pillow makes of odd metadata is no news
            if sides and too_many_pixels(sides):
                raise PictureError(unopened(sides), sides)
            with Image.open(BytesIO(data), formats=_FORMATS) as picture:
                if too_many_pixels(picture.size):
                    raise PictureError(unopened(picture.size), picture.size)
                yield picture
    except PictureError:
        raise
    except Exception as error:  # each of Pillow's decoders has exceptions of its own
        raise PictureError(unopened(None)) from error


def measure(data: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels; None where Pillow can't decode the whole picture.

    A picture of more pixels than promptc takes is measured by its header alone, and never decoded.
    """
    digest = hashlib.sha256(data).digest()  # remembered by digest: pictures are not kept for it
    if digest in _known:
        return _known[digest]
    sides = _measured(data)
    if len(_known) >= _MOST:
        _known.clear()
    _known[digest] = sides
    return sides


def _measured(data: bytes) -> tuple[int, int] | None:
    try:
        with opened(data) as picture:
            picture.load()  # opening alone takes pictures that are cut short or destroyed
            return picture.size
    except PictureError as error:
        return error.sides
