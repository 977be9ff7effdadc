"""Two pictures compared, in every way that files differ in."""

import struct
import time
import zlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw

from promptc.review.comparison import Comparison, compare, difference
from promptc.review.pictures import PictureError, measure
from tests.review.pictures import encoded, flat, noisy, reopened, scene


def _seen(old: Image.Image, new: Image.Image) -> Comparison:
    return compare(encoded(old), encoded(new))


def test_the_same_file_is_the_same_without_a_look_at_its_pixels() -> None:
    data = encoded(scene(1))
    assert compare(data, data) == Comparison(
        same_bytes=True, same_pixels=True, old_sides=(240, 200), new_sides=(240, 200)
    )
    assert compare(data, data).sentence == "the same file"


def test_the_same_pixels_in_another_file_are_told_as_that() -> None:
    found = compare(encoded(scene(1)), encoded(scene(1), "WEBP", lossless=True))
    assert not found.same_bytes
    assert found.same_pixels
    assert found.sentence == "the same pixels in another file"
    assert (found.phash, found.ssim, found.colour, found.changed) == (0, 1.0, 1.0, 0.0)


def test_one_pixel_that_differs_is_told() -> None:
    changed = scene(1)
    changed.putpixel((17, 30), (255, 255, 255))
    found = _seen(scene(1), changed)
    assert not found.same_pixels
    assert found.sentence == "SSIM 0.999, pHash 0 of 64 bits apart, less than 0.1 % of the pixels differ"


def test_another_size_is_told() -> None:
    small = scene(1).resize((120, 100), Image.Resampling.BICUBIC, reducing_gap=3.0)
    found = _seen(scene(1), small)
    assert (found.old_sides, found.new_sides, found.same_pixels) == ((240, 200), (120, 100), False)
    assert found.notes == ("240x200 → 120x100, compared at 120x100",)


def test_another_shape_is_stretched_and_told() -> None:
    found = _seen(scene(1), scene(1).resize((100, 200)))
    assert found.notes == ("240x200 → 100x200, stretched and compared at 100x200",)
    assert not found.same_shape
    assert _seen(scene(1), scene(1).resize((236, 200))).same_shape


def test_colours_of_one_brightness_are_not_the_same() -> None:
    red, green = flat((200, 60, 60)), flat((70, 125, 57))
    assert red.convert("L").getpixel((0, 0)) == pytest.approx(green.convert("L").getpixel((0, 0)), abs=2)
    found = _seen(red, green)
    assert found.ssim > 0.99
    assert found.likeness == found.colour < 0.9


def test_flat_pictures_of_two_greys_are_alike_in_structure_and_not_the_same() -> None:
    found = _seen(flat((10, 10, 10)), flat((240, 240, 240)))
    assert found.ssim < 0.1
    assert found.changed == 1.0
    assert _seen(flat((100, 100, 100)), flat((101, 101, 101))).phash == 0


@pytest.mark.parametrize("sides", [(1, 1), (3, 2), (1, 400), (400, 50), (7, 7), (6, 8)])
def test_odd_sides_are_compared(sides: tuple[int, int]) -> None:
    old, new = scene(1, sides), scene(2, sides)
    assert -1 <= _seen(old, new).ssim < 1
    assert _seen(old, old.copy()).same_pixels
    assert difference(encoded(old), encoded(new))


def _as(mode: str) -> Image.Image:
    return scene(1).convert("L").convert(mode)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_of_a_png_is_opened(mode: str) -> None:
    picture = _as(mode) if mode != "I;16" else scene(1).convert("L").convert("I").point(lambda v: v * 257).convert(mode)
    grey = _as("RGB") if mode != "1" else _as("1").convert("RGB")
    found = compare(encoded(grey), encoded(picture))
    assert found.changed == 0
    assert found.same_pixels == (mode != "I;16")
    assert found.notes == (("new: more than 8 bits a channel, cut to 8",) if mode == "I;16" else ())


def test_a_png_of_16_bits_in_colour_is_not_taken_for_the_same() -> None:
    found = compare(encoded(flat((16, 32, 48))), _deep_png((16, 32, 48)))
    assert found.changed == 0
    assert not found.same_pixels
    assert found.notes == ("new: more than 8 bits a channel, cut to 8",)


def _deep_png(colour: tuple[int, int, int]) -> bytes:
    """A PNG of 32x32 pixels of 16 bits a channel, whose low bits differ (PNG specification, 11.2)."""
    row = b"\0" + b"".join(bytes((level, 7)) for level in colour) * 32

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 32, 32, 16, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(row * 32)) + chunk(b"IEND", b"")


def test_a_cmyk_picture_is_compared_and_its_colours_are_called_a_guess() -> None:
    found = compare(encoded(scene(1)), encoded(scene(1).convert("CMYK"), "JPEG", quality=95))
    assert found.ssim > 0.9
    assert found.notes == ("new: CMYK without a colour profile, so its colours are a guess",)


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_picture_is_turned_as_its_orientation_says(orientation: int) -> None:
    methods = Image.Transpose
    undone = {
        2: methods.FLIP_LEFT_RIGHT,
        3: methods.ROTATE_180,
        4: methods.FLIP_TOP_BOTTOM,
        5: methods.TRANSPOSE,
        6: methods.ROTATE_90,
        7: methods.TRANSVERSE,
        8: methods.ROTATE_270,
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    kept = scene(1).transpose(undone[orientation])
    found = compare(encoded(scene(1)), encoded(kept, exif=exif))
    assert found.new_sides == (240, 200)
    assert found.same_pixels
    assert found.notes == ("new: turned by its EXIF orientation",)


def _profile(*, swapped: bool = False) -> bytes:
    """An RGB profile: sRGB's own, or one whose red and green are exchanged."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ") if swapped else profile


def test_a_profile_of_srgb_changes_nothing() -> None:
    found = compare(encoded(scene(1)), encoded(scene(1), icc_profile=_profile()))
    assert found.same_pixels
    assert found.notes == ()


def test_a_profile_of_other_colours_is_converted_whatever_it_calls_itself() -> None:
    red, green, blue = scene(1).split()
    exchanged = Image.merge("RGB", (green, red, blue))
    found = compare(encoded(scene(1)), encoded(exchanged, icc_profile=_profile(swapped=True)))
    assert found.likeness > 0.99
    assert found.notes == ("new: converted to sRGB",)
    assert compare(encoded(scene(1)), encoded(exchanged)).likeness < 0.9


@pytest.mark.parametrize("profile", [b"no profile at all", _profile()[:200], b"\0" * 4096])
def test_a_broken_profile_is_told_and_not_used(profile: bytes) -> None:
    found = compare(encoded(scene(1)), encoded(scene(1), icc_profile=profile))
    assert found.changed == 0
    assert found.notes == ("new: with a colour profile that can't be used, taken for sRGB",)


def test_a_profile_of_another_colour_space_than_the_pictures_is_not_used() -> None:
    found = compare(encoded(scene(1)), encoded(scene(1), icc_profile=_profile().replace(b"RGB XYZ", b"CMYKXYZ")))
    assert found.notes == ("new: with a colour profile that can't be used, taken for sRGB",)


def test_colours_that_nobody_sees_make_no_difference() -> None:
    old, new = flat((255, 0, 0, 0)), flat((0, 0, 255, 0))
    for picture in (old, new):
        ImageDraw.Draw(picture).rectangle((8, 8, 20, 20), fill=(10, 200, 30, 255))
    found = _seen(old, new)
    assert found.same_pixels
    assert found.notes == ("both: transparent in places, laid on black and on white",)


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_transparency_that_differs_shows_whatever_the_colour_is(grey: int) -> None:
    old, new = flat((grey, grey, grey)), flat((grey, grey, grey, 255))
    assert _seen(old, new).same_pixels
    new.putalpha(0)
    found = _seen(old, new)
    assert found.changed == 1.0
    assert found.ssim < 0.5
    new.putalpha(254)
    assert not _seen(old, new).same_pixels


def test_a_colour_of_a_palette_that_is_transparent_is_seen_through() -> None:
    palette = flat((255, 0, 0)).convert("P", palette=Image.Palette.ADAPTIVE)
    found = compare(encoded(flat((255, 0, 0))), encoded(palette, transparency=palette.getpixel((0, 0))))
    assert found.changed == 1.0
    assert found.notes == ("new: transparent in places, laid on black and on white",)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_of_an_animation_the_first_frame_is_compared_and_never_called_the_same(kind: str) -> None:
    first, second = flat((200, 30, 30)), flat((30, 200, 30))
    how = {"lossless": True} if kind == "WEBP" else {}
    data = encoded(first, kind, save_all=True, append_images=[second, first], **how)
    found = compare(encoded(first), data)
    assert found.ssim > 0.99
    assert not found.same_pixels
    assert found.notes == ("new: only the first of 3 frames",)


def test_a_picture_that_is_cut_short_or_none_is_an_error_that_says_which_one() -> None:
    good = encoded(scene(1), "JPEG")
    for old, new, which in ((good[:3000], good, "old"), (good, b"no picture", "new"), (good, b"", "new")):
        with pytest.raises(PictureError) as caught:
            compare(old, new)
        assert str(caught.value) == f"the {which} picture can't be opened: it is damaged, cut short, or no picture"
        with pytest.raises(PictureError):
            difference(old, new)


def test_a_program_in_the_place_of_a_picture_is_not_run() -> None:
    page = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n%%EOF\n"
    with Image.open(BytesIO(page)) as picture:
        assert picture.format == "EPS"  # Pillow alone would start a PostScript interpreter for its pixels
    assert measure(page) is None
    with pytest.raises(PictureError) as caught:
        compare(page, encoded(scene(1)))
    assert str(caught.value) == "the old picture can't be opened: it is damaged, cut short, or no picture"


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP"])
def test_a_bomb_is_refused_by_its_header(kind: str) -> None:
    sides = (30_000, 30_000)
    data = bytearray(encoded(flat((1, 2, 3)), kind))
    at, form = {"PNG": (16, ">II"), "GIF": (6, "<HH"), "BMP": (18, "<ii")}[kind]
    data[at : at + struct.calcsize(form)] = struct.pack(form, *sides)
    if kind == "PNG":
        data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    started = time.perf_counter()
    with pytest.raises(PictureError) as caught:
        compare(encoded(scene(1)), bytes(data))
    assert time.perf_counter() - started < 1
    told = "is 30000x30000, promptc opens at most 100,000,000 pixels"
    assert str(caught.value) in {
        f"the new picture {told}",
        "the new picture can't be opened: it is damaged, cut short, or no picture",  # Pillow's own bound came first
    }


def test_the_largest_pictures_of_the_api_are_compared_in_seconds() -> None:
    old = scene(1, (512, 512)).resize((4096, 4096), Image.Resampling.BICUBIC)
    files = [encoded(old, "JPEG", quality=quality) for quality in (90, 60)]
    started = time.process_time()
    assert compare(files[0], files[1]).ssim > 0.9
    assert time.process_time() - started < 5


def test_the_difference_shows_where_something_differs() -> None:
    changed = scene(1)
    changed.putpixel((17, 30), (0, 255, 0))
    shown = reopened(difference(encoded(scene(1)), encoded(changed)))
    assert shown.size == (240, 200)
    reddish = [(x, y) for x in range(240) for y in range(200) if _red(shown, x, y)]
    assert reddish == [(17, 30)]


def test_a_lone_pixel_still_shows_where_the_difference_is_made_smaller() -> None:
    old = flat((90, 90, 90), (4000, 3000))
    new = old.copy()
    new.putpixel((2001, 1402), (91, 90, 90))
    shown = reopened(difference(encoded(old), encoded(new)))
    assert shown.size == (1000, 750)
    assert _red(shown, 500, 350)
    assert not _red(shown, 501, 350)


def _red(picture: Image.Image, x: int, y: int) -> bool:
    red, green, blue = picture.getpixel((x, y))  # type: ignore[misc]
    return bool(red > green + 20 and red > blue + 20)


_SIDES = st.tuples(st.integers(1, 40), st.integers(1, 40))


@st.composite
def _pictures(draw: st.DrawFn) -> bytes:
    """Draw a small picture in any of the modes that a PNG can have."""
    width, height = draw(_SIDES)
    mode = draw(st.sampled_from(["L", "LA", "RGB", "RGBA"]))
    cells = draw(st.binary(min_size=4 * len(mode), max_size=4 * len(mode)))
    return encoded(Image.frombytes(mode, (2, 2), cells).resize((width, height), Image.Resampling.NEAREST))


@given(_pictures())
@settings(max_examples=40, deadline=None)
def test_a_picture_is_the_same_as_itself(data: bytes) -> None:
    found = compare(data, encoded(reopened(data), "TIFF"))
    assert (found.same_pixels, found.ssim, found.phash, found.changed) == (True, 1.0, 0, 0.0)


@given(_pictures(), _pictures())
@settings(max_examples=80, deadline=None)
def test_the_order_changes_no_figure_and_the_figures_keep_their_bounds(old: bytes, new: bytes) -> None:
    there, back = compare(old, new), compare(new, old)
    assert -1 <= there.ssim <= 1
    assert -1 <= there.colour <= 1
    assert 0 <= there.phash <= 64
    assert 0 <= there.changed <= 1
    assert (there.ssim, there.colour) == pytest.approx((back.ssim, back.colour), abs=1e-6)
    assert (there.phash, there.changed, there.same_pixels) == (back.phash, back.changed, back.same_pixels)


def test_the_more_noise_the_less_alike() -> None:
    scores = [_seen(scene(1), noisy(scene(1), share)).ssim for share in (0.0, 0.05, 0.2, 0.6)]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 1.0
