"""The stand-in's pictures: tiles from the request's fingerprint, the prompt's words on a card.

Few flat colours and hard edges keep even a 4K picture small and quick to draw.
"""

import base64
import colorsys
import hashlib
from dataclasses import dataclass, field, replace
from io import BytesIO
from math import sqrt

from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from promptc.emulator.call import Call
from promptc.emulator.faults import Twist
from promptc.emulator.lettering import Block, fit, plain
from promptc.models import edge, nearest_ratio, pixels, sides

FOOTER = "promptc emulator · stand-in, not a model's picture"
_LARGEST = 8192  # pixels of an edge: a project may describe a model with any size
_LONGEST = 600  # characters of the prompt that are drawn
_TILES = 3  # along the short side
_MARK = (8, 4)  # columns and rows of the fingerprint's mark

# Hue shift, lightness, saturation: quiet grounds first, then the tiles' colours, then the card's.
_COLOURS = (
    (0.0, 0.90, 0.35),
    (0.04, 0.82, 0.40),
    (0.06, 0.66, 0.55),
    (-0.08, 0.52, 0.45),
    (0.5, 0.62, 0.60),
    (0.0, 0.30, 0.45),
    (0.0, 0.97, 0.40),
    (0.0, 0.14, 0.40),
    (0.0, 0.42, 0.18),
)
_GROUNDS, _SHAPES = 2, 6
_CARD, _INK, _FAINT = 6, 7, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The ratio and size of a picture."""

    ratio: str
    size: str

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height."""
        return pixels(self.ratio, self.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A picture in a file's form."""

    data: bytes = field(repr=False)
    media_type: str
    frame: Frame


def frame(call: Call) -> Frame:
    """Return the frame that a request asks for, or what the model does where it cannot do that."""
    model = call.abilities
    asked = call.config.get("imageConfig", {})
    ratio, size = asked.get("aspectRatio"), asked.get("imageSize")
    if ratio not in model.aspect_ratios:
        wide, high = sides(ratio) if ratio else _input_size(call)
        ratio = nearest_ratio(wide, high, model.aspect_ratios)
    drawn = size in model.image_sizes and edge(size) <= _LARGEST
    return Frame(ratio=ratio, size=size if drawn else model.default_size)


def draw(call: Call, twist: Twist | None = None) -> Drawn:
    """Draw the picture that stands in for the model's, or what a gateway makes of what was asked."""
    framed = frame(call)
    if twist is Twist.SQUARE:
        framed = replace(framed, ratio="1:1")
    if twist is Twist.DEFAULT_SIZE:
        framed = replace(framed, size=call.abilities.default_size)
    image = Image.new("P", framed.pixels)
    image.putpalette(_palette(call.digest))
    pencil = ImageDraw.Draw(image)
    pencil.fontmode = "1"
    _tiles(pencil, image.size, call.digest)
    _mark(pencil, image.size, call.digest)
    _card(pencil, image.size, plain(call.words[:_LONGEST]))
    _footer(pencil, image.size)
    media_type = call.abilities.image_type
    if twist is Twist.MISLABELLED:
        return Drawn(data=_encoded(image, "image/jpeg"), media_type="image/png", frame=framed)
    return Drawn(data=_encoded(image, media_type), media_type=media_type, frame=framed)


def _input_size(call: Call) -> tuple[int, int]:
    """Return the sides of the first picture in the request that can be read, else a square's."""
    for inline in call.images:
        try:
            with Image.open(BytesIO(base64.b64decode(inline["data"]))) as image:
                return image.size
        except (OSError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
            continue
    return 1, 1


def _palette(digest: bytes) -> list[int]:
    colours: list[int] = []
    for shift, lightness, saturation in _COLOURS:
        hue = (digest[0] / 256 + shift) % 1
        colours += [round(255 * channel) for channel in colorsys.hls_to_rgb(hue, lightness, saturation)]
    return colours


def _tiles(pencil: ImageDraw.ImageDraw, size: tuple[int, int], digest: bytes) -> None:
    edge = min(size) / _TILES
    columns, rows = round(size[0] / edge), round(size[1] / edge)
    wide, high = size[0] / columns, size[1] / rows
    seeds = hashlib.shake_256(digest).digest(columns * rows * 3)
    for index in range(columns * rows):
        ground, shape, kind = seeds[index * 3 : index * 3 + 3]
        left, top = round(index % columns * wide), round(index // columns * high)
        box = (left, top, round(left + wide), round(top + high))
        pencil.rectangle(box, fill=ground % _GROUNDS)
        _shape(pencil, box, _GROUNDS + shape % (_SHAPES - _GROUNDS), kind)


def _shape(pencil: ImageDraw.ImageDraw, box: tuple[int, int, int, int], colour: int, kind: int) -> None:
    """Draw a tile's figure: a quarter or half disc, a disc, a ring, a triangle, or nothing."""
    left, top, right, bottom = box
    wide, high = right - left, bottom - top
    turn, inset = kind // 8 % 4, wide // 6
    inner = (left + inset, top + high // 6, right - inset, bottom - high // 6)
    match kind % 8:
        case 0 | 1 | 2:
            x, y = (left, right)[turn % 2], (top, bottom)[turn // 2]
            start = {(0, 0): 0, (1, 0): 90, (1, 1): 180, (0, 1): 270}[turn % 2, turn // 2]
            pencil.pieslice((x - wide, y - high, x + wide, y + high), start, start + 90, fill=colour)
        case 3:
            pencil.pieslice(inner, turn * 90, turn * 90 + 180, fill=colour)
        case 4:
            pencil.ellipse(inner, fill=colour)
        case 5:
            pencil.ellipse(inner, outline=colour, width=max(2, wide // 9))
        case 6:
            corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
            pencil.polygon(corners[:turn] + corners[turn + 1 :], fill=colour)


def _mark(pencil: ImageDraw.ImageDraw, size: tuple[int, int], digest: bytes) -> None:
    """Draw the fingerprint's first bits: two requests never get quite the same picture."""
    columns, rows = _MARK
    edge = max(2, min(size) // 80)
    left, top = size[0] - edge * (columns + 2), edge * 2
    pencil.rectangle((left - edge, top - edge, left + edge * (columns + 1), top + edge * (rows + 1)), fill=_CARD)
    bits = int.from_bytes(digest[: columns * rows // 8])
    for index in range(columns * rows):
        if bits >> index & 1:
            x, y = left + index % columns * edge, top + index // columns * edge
            pencil.rectangle((x, y, x + edge - 1, y + edge - 1), fill=_INK)


def _card(pencil: ImageDraw.ImageDraw, size: tuple[int, int], words: str) -> None:
    if not words:
        return
    unit = sqrt(size[0] * size[1])
    padding = min(size) // 14
    box = (round(size[0] * 0.84) - 2 * padding, round(size[1] * 0.72) - 2 * padding)
    block = fit(words, *box, largest=min(unit / 16, min(size) / 6), smallest=max(9, unit / 45))
    half_wide, half_high = block.width // 2 + padding, block.height // 2 + padding
    x, y = size[0] // 2, size[1] // 2
    pencil.rounded_rectangle((x - half_wide, y - half_high, x + half_wide, y + half_high), padding // 2, fill=_CARD)
    _lines(pencil, block, x, y - block.height // 2, _INK)


def _footer(pencil: ImageDraw.ImageDraw, size: tuple[int, int]) -> None:
    letters = max(8, min(size) / 50)
    block = fit(FOOTER, round(size[0] * 0.94), size[1] // 4, largest=letters, smallest=8)
    strip = block.height + block.leading // 2
    pencil.rectangle((0, size[1] - strip, *size), fill=_CARD)
    _lines(pencil, block, size[0] // 2, size[1] - strip + block.leading // 4, _FAINT)


def _lines(pencil: ImageDraw.ImageDraw, block: Block, x: int, top: int, colour: int) -> None:
    for index, line in enumerate(block.lines):
        middle = top + index * block.leading + block.leading // 2
        pencil.text((x, middle), line, font=block.font, fill=colour, anchor="mm")


def _encoded(image: Image.Image, media_type: str) -> bytes:
    file = BytesIO()
    if media_type == "image/jpeg":
        image.convert("RGB").save(file, "JPEG", quality=80, optimize=True, comment=FOOTER)
    else:
        note = PngInfo()
        note.add_text("Software", "promptc emulator")
        image.save(file, "PNG", bits=4, compress_level=6, pnginfo=note)
    return file.getvalue()
