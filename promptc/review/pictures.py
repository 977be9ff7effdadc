"""Pictures measured, with Pillow alone."""

import hashlib
import warnings
from io import BytesIO

from promptc.blob import HEAD, sniff
from promptc.container import frame, too_many_pixels
from promptc.review.evening import FORMATS

_MOST = 1000
_known: dict[bytes, tuple[int, int] | None] = {}


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
    sides = frame(sniff(data[:HEAD]) or "", BytesIO(data), len(data)).sides
    if sides and too_many_pixels(sides):
        return sides
    from PIL import Image  # noqa: PLC0415 - 60 ms that only runs with pictures pay

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the bound is ours, whatever Pillow's is
            with Image.open(BytesIO(data), formats=FORMATS) as picture:
                if too_many_pixels(picture.size):
                    return picture.size
                picture.load()  # opening alone takes pictures that are cut short or destroyed
                return picture.size
    except Exception:  # noqa: BLE001 - each of Pillow's decoders has exceptions of its own
        return None
