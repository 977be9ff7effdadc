"""Pictures made comparable: decoded, upright, in sRGB, with what shows through."""

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from promptc.review.pictures import opened

if TYPE_CHECKING:
    from PIL import Image, ImageCms

BLACK, WHITE = 0, 255
"""The grounds on which a picture with transparency is looked at."""
_ORIENTATION = 0x0112  # EXIF 2.32, 4.6.4
_ON_THEIR_SIDE = range(5, 9)
_DEEP = 16
_SRGB_TOLERANCE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Even:
    """A picture as it is seen: RGB, upright; `alpha` is None where it is opaque.

    `whole` is False where something of the file is not in it: more frames, or more bits.
    """

    colours: "Image.Image"
    alpha: "Image.Image | None"
    whole: bool
    notes: tuple[str, ...]

    def at(self, sides: tuple[int, int]) -> "Even":
        """Return the picture at another size; colours that can't be seen don't bleed into their neighbours."""
        from PIL import Image  # noqa: PLC0415 - only who compares pays for it

        if self.colours.size == sides:
            return self
        how, colours, alpha = Image.Resampling.BICUBIC, self.colours, self.alpha
        if alpha is None:
            colours = colours.resize(sides, how, reducing_gap=3.0)
        else:
            joined = Image.merge("RGBA", (*colours.split(), alpha)).resize(sides, how)  # weighs colours by alpha
            colours, alpha = joined.convert("RGB"), joined.getchannel("A")
        return Even(colours=colours, alpha=alpha, whole=self.whole, notes=self.notes)

    def on(self, grey: int) -> "Image.Image":
        """Lay the picture on a ground of one grey."""
        from PIL import Image  # noqa: PLC0415 - only who compares pays for it

        if self.alpha is None:
            return self.colours
        ground = Image.new("RGB", self.colours.size, (grey, grey, grey))
        return Image.composite(self.colours, ground, self.alpha)


def upright_sides(data: bytes) -> tuple[int, int]:
    """Return width and height as the picture is seen; raises PictureError. No pixel is decoded."""
    with opened(data) as picture:
        width, height = picture.size
        return (height, width) if _orientation(picture) in _ON_THEIR_SIDE else (width, height)


def even(data: bytes) -> Even:
    """Decode a picture and even out how it is kept; raises PictureError."""
    with opened(data) as picture:
        picture.load()
        frames, deep = int(getattr(picture, "n_frames", 1)), _is_deep(data, picture)
        notes = [f"only the first of {frames} frames"] * (frames > 1)
        notes += ["more than 8 bits a channel, cut to 8"] * deep
        turned = _turned(picture, notes)
        colours, alpha = _parts(turned, notes)
        if alpha is not None and alpha.getextrema() == (255, 255):
            alpha = None
        if alpha is not None:
            notes.append("transparent in places, laid on black and on white")
        return Even(colours=colours, alpha=alpha, whole=frames == 1 and not deep, notes=tuple(notes))


def _is_deep(data: bytes, picture: "Image.Image") -> bool:
    """Say whether a picture has more than 8 bits a channel; Pillow cuts those of a PNG in colour silently."""
    return picture.mode[0] in "IF" or (picture.format == "PNG" and data[24] == _DEEP)


def _orientation(picture: "Image.Image") -> int:
    try:
        return int(picture.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - broken EXIF data raise what the parser stumbles over; viewers ignore them, too
        return 1


def _turned(picture: "Image.Image", notes: list[str]) -> "Image.Image":
    from PIL import Image  # noqa: PLC0415 - only who compares pays for it

    methods = Image.Transpose
    how = {
        2: methods.FLIP_LEFT_RIGHT,
        3: methods.ROTATE_180,
        4: methods.FLIP_TOP_BOTTOM,
        5: methods.TRANSPOSE,
        6: methods.ROTATE_270,
        7: methods.TRANSVERSE,
        8: methods.ROTATE_90,
    }.get(_orientation(picture))
    if how is None:
        return picture
    notes.append("turned by its EXIF orientation")
    return picture.transpose(how)


def _parts(picture: "Image.Image", notes: list[str]) -> "tuple[Image.Image, Image.Image | None]":
    """Return a picture's colours in sRGB, and its alpha."""
    profile = picture.info.get("icc_profile")
    alpha = None
    if picture.mode[0] in "IF":
        step = 256 if picture.mode.startswith("I") else 1
        picture = picture.convert("F").point(lambda value: value * (1 / step) + 0).convert("L")
    elif picture.has_transparency_data:
        seen = picture.convert("RGBA")
        alpha, picture = seen.getchannel("A"), seen.convert("RGB")
    elif picture.mode in {"P", "1"}:
        picture = picture.convert("RGB")
    if profile:
        return _in_srgb(picture, profile, notes), alpha
    if picture.mode == "CMYK":
        notes.append("CMYK without a colour profile, so its colours are a guess")
    return (picture if picture.mode == "RGB" else picture.convert("RGB")), alpha


def _in_srgb(picture: "Image.Image", profile: bytes, notes: list[str]) -> "Image.Image":
    from PIL import ImageCms  # noqa: PLC0415 - only pictures with a profile pay for it

    if picture.mode not in {"L", "RGB", "CMYK"}:
        picture = picture.convert("RGB")
    try:
        own = ImageCms.ImageCmsProfile(BytesIO(profile))
        if picture.mode == "RGB" and _is_srgb(own):
            return picture
        if picture.mode == "L" and own.profile.xcolor_space.strip() == "RGB":
            picture = picture.convert("RGB")
        converted = _convert(picture, own)
    except Exception:  # noqa: BLE001 - whatever the colour library says of a broken profile
        notes.append("with a colour profile that can't be used, taken for sRGB")
        return picture.convert("RGB")
    notes.append("converted to sRGB")
    return converted


def _is_srgb(profile: "ImageCms.ImageCmsProfile") -> bool:
    """Say whether a profile changes nothing that can be seen, by trying: its name proves nothing."""
    from PIL import Image, ImageChops  # noqa: PLC0415 - only pictures with a profile pay for it

    steps = range(0, 256, 51)
    cube = Image.new("RGB", (len(steps) ** 2, len(steps)))
    cube.putdata([(r, g, b) for r in steps for g in steps for b in steps])
    extrema: Any = ImageChops.difference(cube, _convert(cube, profile)).getextrema()
    return all(high <= _SRGB_TOLERANCE for _, high in extrema)


def _convert(picture: "Image.Image", profile: "ImageCms.ImageCmsProfile") -> "Image.Image":
    from PIL import ImageCms  # noqa: PLC0415 - only pictures with a profile pay for it

    converted = ImageCms.profileToProfile(picture, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
    assert converted is not None  # noqa: S101 - it is made anew, not in place
    return converted
