"""Pictures measured, with Pillow alone."""

import warnings
from functools import lru_cache
from io import BytesIO


@lru_cache(maxsize=4)
def measure(data: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels; None where Pillow can't decode the whole picture."""
    from PIL import Image  # noqa: PLC0415 - 60 ms that only runs with pictures pay

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data)) as picture:
                picture.load()  # opening alone takes pictures that are cut short or destroyed
                return picture.size
    except Exception:  # noqa: BLE001 - each of Pillow's decoders has exceptions of its own
        return None
