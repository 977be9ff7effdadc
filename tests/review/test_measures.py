"""Our figures against those of scikit-image and imagehash, on pairs that differ in one way each."""

from collections.abc import Callable
from io import BytesIO

import imagehash
import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter, ImageOps
from skimage.metrics import structural_similarity

from promptc.review.comparison import compare
from tests.review.pictures import encoded, noisy, reopened, scene

_Change = Callable[[Image.Image], Image.Image]


def _shifted(by: int) -> _Change:
    return lambda picture: picture.transform(picture.size, Image.Transform.AFFINE, (1, 0, by, 0, 1, by))


def _cropped(by: int) -> _Change:
    return lambda picture: ImageOps.crop(picture, by).resize(picture.size, Image.Resampling.BICUBIC)


def _again(kind: str, quality: int) -> _Change:
    return lambda picture: reopened(encoded(picture, kind, quality=quality)).convert("RGB")


def _tile(picture: Image.Image) -> Image.Image:
    changed = picture.copy()
    changed.paste((255, 255, 255), (80, 60, 150, 120))
    return changed


CHANGES: dict[str, _Change] = {
    "noise 2 %": lambda picture: noisy(picture, 0.02),
    "noise 10 %": lambda picture: noisy(picture, 0.1),
    "noise 50 %": lambda picture: noisy(picture, 0.5),
    "blur 1": lambda picture: picture.filter(ImageFilter.GaussianBlur(1)),
    "blur 4": lambda picture: picture.filter(ImageFilter.GaussianBlur(4)),
    "sharper": lambda picture: picture.filter(ImageFilter.UnsharpMask(2, 150)),
    "median": lambda picture: picture.filter(ImageFilter.MedianFilter(5)),
    "shifted by 1": _shifted(1),
    "shifted by 12": _shifted(12),
    "cropped by 3": _cropped(3),
    "cropped by 30": _cropped(30),
    "JPEG 90": _again("JPEG", 90),
    "JPEG 20": _again("JPEG", 20),
    "WebP 50": _again("WEBP", 50),
    "AVIF 40": _again("AVIF", 40),
    "brighter": lambda picture: ImageEnhance.Brightness(picture).enhance(1.3),
    "darker": lambda picture: ImageEnhance.Brightness(picture).enhance(0.5),
    "more contrast": lambda picture: ImageEnhance.Contrast(picture).enhance(1.6),
    "less contrast": lambda picture: ImageEnhance.Contrast(picture).enhance(0.3),
    "less colour": lambda picture: ImageEnhance.Color(picture).enhance(0.2),
    "negative": ImageOps.invert,
    "mirrored": ImageOps.mirror,
    "turned by 2 degrees": lambda picture: picture.rotate(2, Image.Resampling.BICUBIC),
    "turned by 180 degrees": lambda picture: picture.rotate(180),
    "posterized": lambda picture: ImageOps.posterize(picture, 2),
    "a region painted over": _tile,
    "another scene": lambda picture: scene(2, picture.size),
}


def _reference(old: Image.Image, new: Image.Image) -> float:
    grey = [np.asarray(picture.convert("L")) for picture in (old, new)]
    return float(structural_similarity(*grey, data_range=255))  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("change", CHANGES)
def test_the_figures_are_those_of_the_reference_programs(change: str) -> None:
    old = scene(1)
    new = CHANGES[change](old)
    found = compare(encoded(old), encoded(new))
    assert found.ssim == pytest.approx(_reference(old, new), abs=0.001)  # every window counts at this size
    assert abs(found.phash - (imagehash.phash(old) - imagehash.phash(new))) <= 2
    assert not found.same_pixels


@pytest.mark.parametrize("sides", [(1500, 1100), (2111, 1203), (640, 5120)])
@pytest.mark.parametrize("change", ["noise 10 %", "blur 4", "shifted by 1", "JPEG 20", "a region painted over"])
def test_a_large_picture_has_the_figures_though_not_every_window_counts(change: str, sides: tuple[int, int]) -> None:
    old = scene(3, sides)
    new = CHANGES[change](old)
    found = compare(encoded(old, compress_level=1), encoded(new, compress_level=1))
    assert found.ssim == pytest.approx(_reference(old, new), abs=0.02)
    assert abs(found.phash - (imagehash.phash(old) - imagehash.phash(new))) <= 2


@pytest.mark.parametrize("sides", [(120, 100), (300, 250), (230, 200)])
def test_pictures_of_different_sizes_are_compared_at_the_smaller_width_and_height(sides: tuple[int, int]) -> None:
    old = scene(1)
    new = old.resize(sides, Image.Resampling.LANCZOS)
    found = compare(encoded(old), encoded(new))
    common = min(old.width, sides[0]), min(old.height, sides[1])
    evened = [picture.resize(common, Image.Resampling.BICUBIC, reducing_gap=3.0) for picture in (old, new)]
    assert found.ssim == pytest.approx(_reference(evened[0], evened[1]), abs=0.02)
    assert abs(found.phash - (imagehash.phash(old) - imagehash.phash(new))) <= 2
    assert found.notes[0] == f"240x200 → {sides[0]}x{sides[1]}, compared at {common[0]}x{common[1]}"


def test_what_is_tested_against_opens_the_same_bytes_as_we_do() -> None:
    data = encoded(scene(1), "JPEG")
    assert imagehash.phash(reopened(data)) - imagehash.phash(Image.open(BytesIO(data))) == 0
