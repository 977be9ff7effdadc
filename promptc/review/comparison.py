"""Two pictures compared: by digest, then by pixels, then as people see them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, TypeVar

from promptc.review.evening import BLACK, WHITE, Even, even, upright_sides
from promptc.review.measures import BITS, colour_ssim, phash, ssim
from promptc.review.pictures import PictureError

if TYPE_CHECKING:
    from PIL import Image

_T = TypeVar("_T")
_ROWS = 512
_SHOWN_SIDE = 1024
_FAINT = 96
_TINY = 0.001
_RATIO_TOLERANCE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How two pictures differ.

    `ssim` compares the brightness, `colour` the colours seen from afar: both are 1.0 where nothing
    differs. `phash` is how many of 64 bits differ, `changed` the share of pixels that do. `notes`
    say what was evened out before.
    """

    same_bytes: bool
    same_pixels: bool
    old_sides: tuple[int, int]
    new_sides: tuple[int, int]
    phash: int = 0
    ssim: float = 1.0
    colour: float = 1.0
    changed: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    def likeness(self) -> float:
        """How alike the pictures are in brightness and colour: the lower of the two."""
        return min(self.ssim, self.colour)

    @property
    def same_shape(self) -> bool:
        """Whether the sides have the same ratio, or almost: else one was stretched before the figures were taken."""
        (width, height), (new_width, new_height) = self.old_sides, self.new_sides
        return not _reshaped(width * new_height, new_width * height)

    @property
    def sentence(self) -> str:
        """The comparison in a line: `SSIM 0.981, pHash 2 of 64 bits apart, 12 % of the pixels differ`."""
        return "; ".join((self.figures, *self.notes))

    @property
    def figures(self) -> str:
        """The comparison in numbers, without the notes."""
        if self.same_bytes:
            return "the same file"
        if self.same_pixels:
            return "the same pixels in another file"
        colour = f", colours {down(self.colour)}" if self.colour < self.ssim else ""
        pixels = f"{_percent(self.changed)} of the pixels differ"
        return f"SSIM {down(self.ssim)}{colour}, pHash {self.phash} of {BITS} bits apart, {pixels}"


def down(score: float) -> str:
    """Write a score with three digits, never more than it is: 0.9996 must not read as 1.000."""
    thousandths = int(score * 1000) if score >= 0 else -int(-score * 1000 + 0.999)
    return f"{thousandths / 1000:.3f}"


def _percent(share: float) -> str:
    """Write a share with three digits; only all is all, and only none is none."""
    if share in {0.0, 1.0}:
        return "all" if share else "none"
    if share < _TINY:
        return "less than 0.1 %"
    return "more than 99.9 %" if share > 1 - _TINY else f"{100 * share:.3g} %"


def compare(old: bytes, new: bytes) -> Comparison:
    """Compare two pictures; raises PictureError where one can't be opened. The order changes no figure."""
    old_sides, new_sides = _both(upright_sides, old, new)
    if old == new:
        return Comparison(same_bytes=True, same_pixels=True, old_sides=old_sides, new_sides=new_sides)
    before, after = _both(even, old, new)
    hashes = [[phash(picture.on(ground)) for picture in (before, after)] for ground in _grounds(before, after)]
    sides = _common(old_sides, new_sides)
    notes = tuple(_notes(before, after, sides))
    before, after = before.at(sides), after.at(sides)
    changed, score, colour = 0.0, 1.0, 1.0
    for ground in _grounds(before, after):  # what differs in transparency alone shows on one of them
        one, other = before.on(ground), after.on(ground)
        changed = max(changed, _changed(one, other))
        if changed:
            score = min(score, ssim(one.convert("L"), other.convert("L")))
            colour = min(colour, colour_ssim(one, other))
    return Comparison(
        same_bytes=False,
        same_pixels=not changed and old_sides == new_sides and before.whole and after.whole,
        old_sides=old_sides,
        new_sides=new_sides,
        phash=max((one ^ other).bit_count() for one, other in hashes),
        ssim=score,
        colour=colour,
        changed=changed,
        notes=notes,
    )


def difference(old: bytes, new: bytes) -> bytes:
    """Return a PNG of the new picture, pale and grey, with what differs from the old one in red."""
    from PIL import Image, ImageChops  # noqa: PLC0415 - only who compares pays for it

    before, after = _both(even, old, new)
    sides = _common(before.colours.size, after.colours.size)
    before, after = before.at(sides), after.at(sides)
    factor = -(-max(sides) // _SHOWN_SIDE)
    strength: Image.Image | None = None
    for ground in _grounds(before, after):
        apart = _apart(before.on(ground), after.on(ground))
        # a lone pixel must be seen: it outlasts the reduction, and is made strong after it
        apart = apart.point(_strong).reduce(factor).point(_strong)
        strength = ImageChops.lighter(strength, apart) if strength else apart
    assert strength  # noqa: S101 - there is a ground
    pale = after.on(WHITE).convert("L").reduce(factor).point(lambda level: 160 + level * 3 // 8)
    shown = Image.composite(Image.new("RGB", pale.size, (214, 0, 28)), pale.convert("RGB"), strength)
    file = BytesIO()
    shown.save(file, "PNG")
    return file.getvalue()


def _both(look: Callable[[bytes], _T], old: bytes, new: bytes) -> tuple[_T, _T]:
    """Look at both pictures, and say which one can't be opened."""
    seen = []
    for which, data in (("old", old), ("new", new)):
        try:
            seen.append(look(data))
        except PictureError as error:
            msg = f"the {which} picture {error}"
            raise PictureError(msg) from error
    return seen[0], seen[1]


def _common(old: tuple[int, int], new: tuple[int, int]) -> tuple[int, int]:
    return min(old[0], new[0]), min(old[1], new[1])


def _grounds(old: Even, new: Even) -> tuple[int, ...]:
    return (WHITE,) if old.alpha is None and new.alpha is None else (BLACK, WHITE)


def _reshaped(one: int, other: int) -> bool:
    """Say whether two ratios differ, given as the products across: by more than roundings of sides do."""
    return abs(one - other) > _RATIO_TOLERANCE * max(one, other)


def _strong(level: int) -> int:
    return max(level, _FAINT) if level else 0


def _changed(old: "Image.Image", new: "Image.Image") -> float:
    """Return the share of pixels that differ."""
    same = 0
    for top in range(0, old.height, _ROWS):
        box = (0, top, old.width, min(top + _ROWS, old.height))
        same += _apart(old.crop(box), new.crop(box)).histogram()[0]
    return 1 - same / (old.width * old.height)


def _apart(old: "Image.Image", new: "Image.Image") -> "Image.Image":
    """Return how far the pixels are apart, in the channel where they are farthest."""
    from PIL import ImageChops  # noqa: PLC0415 - only who compares pays for it

    red, green, blue = ImageChops.difference(old, new).split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)


def _notes(old: Even, new: Even, sides: tuple[int, int]) -> Iterator[str]:
    """Say what was evened out, and of which picture."""
    if old.colours.size != new.colours.size:
        (w, h), (width, height) = old.colours.size, new.colours.size
        stretched = "stretched and " * _reshaped(w * height, width * h)
        yield f"{w}x{h} → {width}x{height}, {stretched}compared at {sides[0]}x{sides[1]}"
    for which, one, other in (("old", old, new), ("new", new, old)):
        for note in one.notes:
            if note in other.notes and which == "old":
                yield f"both: {note}"
            elif note not in other.notes:
                yield f"{which}: {note}"
