"""What is known of the image models."""

import pytest

from promptc.models import Model, edge, find, known_ratios, nearest_ratio, pixels, ratio_value

FOURTEEN = ["1:1", "1:4", "4:1", "1:8", "8:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"]
TEN = [ratio for ratio in FOURTEEN if ratio not in {"1:4", "4:1", "1:8", "8:1"}]


def test_a_model_has_its_ratios_sizes_and_tokens() -> None:
    assert find("gemini-3.1-flash-image") == Model(
        name="gemini-3.1-flash-image",
        aspect_ratios=FOURTEEN,
        image_tokens={"512": 747, "1K": 1120, "2K": 1680, "4K": 2520},
        default_size="1K",
        input_image_tokens=1120,
        thinking=True,
        image_type="image/png",
    )
    assert find("gemini-3-pro-image") == Model(
        name="gemini-3-pro-image",
        aspect_ratios=TEN,
        image_tokens={"1K": 1120, "2K": 1120, "4K": 2000},
        default_size="1K",
        input_image_tokens=560,
        thinking=True,
        image_type="image/jpeg",
    )


@pytest.mark.parametrize("name", ["gemini-3.1-flash-image", "gemini-3-pro-image"])
def test_a_preview_name_is_the_same_model(name: str) -> None:
    assert find(f"{name}-preview") is find(name)


@pytest.mark.parametrize("name", ["", "gemini-9", "gemini-2.5-flash-image-preview", "GEMINI-3-PRO-IMAGE"])
def test_a_model_that_is_not_known_is_none(name: str) -> None:
    assert find(name) is None


def test_the_known_ratios_are_those_of_any_model_once() -> None:
    assert known_ratios() == tuple(FOURTEEN)


@pytest.mark.parametrize(
    ("ratio", "size", "sides"),
    [
        ("1:1", "512", (512, 512)),
        ("1:1", "1K", (1024, 1024)),
        ("1:1", "2K", (2048, 2048)),
        ("1:1", "4K", (4096, 4096)),
        ("16:9", "512", (688, 384)),
        ("16:9", "1K", (1376, 768)),
        ("16:9", "2K", (2752, 1536)),
        ("16:9", "4K", (5504, 3072)),
        ("9:16", "2K", (1536, 2752)),
    ],
)
def test_pixels_follow_ratio_and_size(ratio: str, size: str, sides: tuple[int, int]) -> None:
    assert pixels(ratio, size) == sides


@pytest.mark.parametrize("ratio", FOURTEEN)
@pytest.mark.parametrize("size", ["512", "1K", "2K", "4K"])
def test_a_picture_of_a_ratio_is_nearest_to_that_ratio_at_every_size(ratio: str, size: str) -> None:
    assert nearest_ratio(*pixels(ratio, size), FOURTEEN) == ratio


@pytest.mark.parametrize(
    ("sides", "ratio"), [((1344, 768), "16:9"), ((1000, 990), "1:1"), ((10, 1000), "1:8"), ((1600, 690), "21:9")]
)
def test_the_nearest_ratio_forgives_some_pixels(sides: tuple[int, int], ratio: str) -> None:
    assert nearest_ratio(*sides, FOURTEEN) == ratio


def test_edges_and_ratios_as_numbers() -> None:
    assert [edge(size) for size in ("512", "1K", "2K", "4K")] == [512, 1024, 2048, 4096]
    assert (ratio_value("16:9"), ratio_value("1:1"), ratio_value("1:4")) == (16 / 9, 1.0, 0.25)
