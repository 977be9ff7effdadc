"""Pictures measured, with Pillow alone."""

import warnings
from functools import lru_cache
from io import BytesIO

from promptc.blob import HEAD, TAIL, is_whole, sniff


@lru_cache(maxsize=4)
def measure(data: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels; None where Pillow can't open the picture, or it is cut short."""
    if not is_whole(sniff(data[:HEAD]) or "", data[:HEAD], data[-TAIL:], len(data)):
        return None
    from PIL import Image  # noqa: PLC0415 - 60 ms that only runs with pictures pay

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data)) as picture:
                return picture.size
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None
