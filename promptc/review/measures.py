"""How alike two pictures of one size are: structural similarity and perceptual hashes, with Pillow alone."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate
from math import cos, pi, prod
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image

BITS = 64
_WINDOW = 7
# Wang, Bovik, Sheikh, Simoncelli, "Image Quality Assessment", 2004: (0.01 L)² and (0.03 L)² of L = 255 levels
_C1, _C2 = 6.5025, 58.5225
_EVERY_WINDOW, _MANY_WINDOWS = 1 << 18, 1 << 21
_ROWS = 73 * _WINDOW
"""How many rows are worked on at a time, so that memory doesn't grow with the height."""
_COARSE = 128
_SIDE, _KEPT = 32, 8


def ssim(old: "Image.Image", new: "Image.Image") -> float:
    """Return the mean structural similarity of two grey pictures of one size: 1.0 where they are the same.

    A small picture's every window counts, as Wang and others have it; a large one's, each pixel in
    one window, of which there are enough then for the same mean.
    """
    sides = old.size
    window = min(_WINDOW, sides[0]), min(_WINDOW, sides[1])
    total, count = 0.0, 0
    for left, top, right, bottom in _grids(sides, window):
        box = left, top, right, bottom
        mean = _mean_ssim(old.crop(box), new.crop(box), window)
        windows = (right - left) * (bottom - top) // prod(window)
        total, count = total + mean * windows, count + windows
    return max(-1.0, min(1.0, total / count))


def _grids(sides: tuple[int, int], window: tuple[int, int]) -> Iterator[tuple[int, int, int, int]]:
    """Yield strips of whole windows, for each way to lay the windows side by side that counts."""
    pixels = prod(sides)
    stride = 1 if pixels <= _EVERY_WINDOW else 3 if pixels <= _MANY_WINDOWS else _WINDOW
    for left in range(0, min(window[0], sides[0] - window[0] + 1), stride):
        right = left + (sides[0] - left) // window[0] * window[0]
        for first in range(0, min(window[1], sides[1] - window[1] + 1), stride):
            last = first + (sides[1] - first) // window[1] * window[1]
            for top in range(first, last, _ROWS // _WINDOW * window[1]):
                yield left, top, right, min(top + _ROWS // _WINDOW * window[1], last)


def _mean_ssim(old: "Image.Image", new: "Image.Image", window: tuple[int, int]) -> float:
    from PIL import ImageMath  # noqa: PLC0415 - only who compares pays for it

    x, y = old.convert("F"), new.convert("F")
    size = prod(window)
    unbiased = size / (size - 1) if size > 1 else 1.0

    def mean(of: "Image.Image") -> "Image.Image":
        return of.reduce(window)

    def product(a: "Image.Image", b: "Image.Image") -> "Image.Image":
        made: Image.Image = ImageMath.lambda_eval(lambda held: held["a"] * held["b"], a=a, b=b)
        return made

    def score(held: Any) -> Any:
        means = held["x"] * held["y"]
        squares = held["x"] * held["x"] + held["y"] * held["y"]
        shared = (held["xy"] - means) * (2 * unbiased) + _C2
        own = (held["xx"] + held["yy"] - squares) * unbiased + _C2
        return (means * 2 + _C1) * shared / ((squares + _C1) * own)

    scores = ImageMath.lambda_eval(
        score,
        x=mean(x),
        y=mean(y),
        xx=mean(product(x, x)),
        yy=mean(product(y, y)),
        xy=mean(product(x, y)),
    )
    value: Any = scores.reduce(scores.size).getpixel((0, 0))
    return float(value)


def colour_ssim(old: "Image.Image", new: "Image.Image") -> float:
    """Return the lower SSIM of the two colour differences, seen from afar: brightness alone takes red for green."""
    coarse = min(old.width, _COARSE), min(old.height, _COARSE)
    pairs = zip(*(_chroma(picture, coarse) for picture in (old, new)), strict=True)
    return min(ssim(a, b) for a, b in pairs)


def _chroma(picture: "Image.Image", sides: tuple[int, int]) -> "tuple[Image.Image, ...]":
    from PIL import Image  # noqa: PLC0415 - only who compares pays for it

    return picture.resize(sides, Image.Resampling.BOX).convert("YCbCr").split()[1:]


def spread(picture: "Image.Image") -> int:
    """Return how many levels a picture's pixels are apart, save the darkest and the lightest thousandth of each channel."""
    few = picture.width * picture.height // 1000
    levels = picture.histogram()
    return max(_range(levels[at : at + 256], few) for at in range(0, len(levels), 256))


def _range(levels: Sequence[int], few: int) -> int:
    """Return how far apart the levels are that more than a few pixels are below, or above."""
    dark, light = (
        next(i for i, sum_ in enumerate(accumulate(counts)) if sum_ > few) for counts in (levels, levels[::-1])
    )
    return len(levels) - 1 - light - dark


def phash(picture: "Image.Image") -> int:
    """Return a picture's perceptual hash of 64 bits: which of its lowest frequencies are above their median."""
    from PIL import Image  # noqa: PLC0415 - only who compares pays for it

    small = picture.convert("L").resize((_SIDE, _SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    levels = small.tobytes()
    rows = [levels[at : at + _SIDE] for at in range(0, len(levels), _SIDE)]
    across = [[sum(map(float.__mul__, wave, map(float, row))) for wave in _waves()] for row in rows]
    columns = [[row[i] for row in across] for i in range(_KEPT)]
    # rounded: what is zero for symmetry's sake must not become a bit by the noise of its last digit
    kept = [round(sum(map(float.__mul__, wave, column)), 3) for wave in _waves() for column in columns]
    middle = median(kept)
    return sum(1 << i for i, value in enumerate(kept) if value > middle)


@cache
def _waves() -> tuple[tuple[float, ...], ...]:
    """Return the first cosines of the DCT (type II)."""
    return tuple(tuple(cos(pi * k * (2 * i + 1) / (2 * _SIDE)) for i in range(_SIDE)) for k in range(_KEPT))
