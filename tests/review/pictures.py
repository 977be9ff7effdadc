"""Pictures for tests: drawn from a seed, encoded in memory."""

import random
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

SIDES = (240, 200)


def scene(seed: int, sides: tuple[int, int] = SIDES) -> Image.Image:
    """Draw a picture with soft regions, shapes with hard edges, and grain."""
    dice = random.Random(seed)
    picture = _noise(dice, (8, 6)).resize(sides, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(picture)
    for _ in range(12):
        x, y = dice.randrange(sides[0]), dice.randrange(sides[1])
        colour = dice.randrange(256), dice.randrange(256), dice.randrange(256)
        draw.ellipse((x, y, x + dice.randrange(5, 60), y + dice.randrange(5, 60)), fill=colour)
    return Image.blend(picture, _noise(dice, sides), 0.08)


def _noise(dice: random.Random, sides: tuple[int, int]) -> Image.Image:
    return Image.frombytes("RGB", sides, dice.randbytes(3 * sides[0] * sides[1]))


def noisy(picture: Image.Image, share: float) -> Image.Image:
    """Mix a picture with noise."""
    return Image.blend(picture, _noise(random.Random(99), picture.size), share)


def painted(picture: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    """Paint a region white, its borders included."""
    changed = picture.copy()
    ImageDraw.Draw(changed).rectangle(box, fill=(255, 255, 255))
    return changed


def encoded(picture: Image.Image, kind: str = "PNG", **how: Any) -> bytes:
    """Return a picture as a file of a kind."""
    file = BytesIO()
    picture.save(file, kind, **how)
    return file.getvalue()


def reopened(data: bytes) -> Image.Image:
    """Open a picture with Pillow alone."""
    with Image.open(BytesIO(data)) as picture:
        picture.load()
        return picture.copy()


def flat(colour: tuple[int, ...], sides: tuple[int, int] = (32, 32)) -> Image.Image:
    """Return a picture of one colour."""
    return Image.new("RGBA" if len(colour) == 4 else "RGB", sides, colour)
