"""The picture of a new prompt repo: a leaf, drawn the same everywhere."""

from io import BytesIO
from math import pi, sin

from PIL import Image, ImageDraw

_SIDE = 256
_FINE = 4  # drawn larger and made smaller: soft edges
_PAPER, _BLADE, _VEIN = (247, 243, 233), (86, 132, 74), (178, 205, 152)
_STEM, _TIP = (0.24, 0.80), (0.82, 0.16)  # in parts of the side
_WIDEST = 0.30  # half the width in the middle, in parts of the length
_VEINS = 5
_STEPS = 64


def leaf() -> bytes:
    """Return the picture as a PNG file."""
    image = Image.new("RGB", (_SIDE * _FINE, _SIDE * _FINE), _PAPER)
    pencil = ImageDraw.Draw(image)
    along = [step / _STEPS for step in range(_STEPS + 1)]
    outline = [_point(t, _half(t)) for t in along] + [_point(t, -_half(t)) for t in reversed(along)]
    pencil.line((_point(-0.18, -0.02), _point(0.05, 0.0)), fill=_BLADE, width=5 * _FINE)
    pencil.polygon(outline, fill=_BLADE)
    pencil.line((_point(0.0, 0.0), _point(0.94, 0.0)), fill=_VEIN, width=3 * _FINE)
    for vein in range(1, _VEINS + 1):
        start = vein / (_VEINS + 2)
        end = start + 0.14
        for side in (1, -1):
            tip = _point(end, side * 0.8 * _half(end))
            pencil.line((_point(start, 0.0), tip), fill=_VEIN, width=2 * _FINE)
    file = BytesIO()
    image.reduce(_FINE).save(file, "PNG", optimize=True)
    return file.getvalue()


def _half(t: float) -> float:
    return _WIDEST * sin(pi * t**0.8)


def _point(t: float, aside: float) -> tuple[int, int]:
    """Return the pixel at a part of the way from stem to tip, and that far to its side."""
    long, high = _TIP[0] - _STEM[0], _TIP[1] - _STEM[1]
    x = _STEM[0] + t * long - aside * high
    y = _STEM[1] + t * high + aside * long
    return round(x * _SIDE * _FINE), round(y * _SIDE * _FINE)
