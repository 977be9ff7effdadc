"""Expectations of pictures' numbers, met and unmet, with their whole messages."""

from typing import Any

import pytest

from promptc.models import built_in
from promptc.review.verdicts import judge
from tests.review.answers import answer, met, picture, request, unmet

WIDE = picture(1376, 768)
SIZE = len(WIDE.data)
ASKED = {"responseModalities": ["TEXT", "IMAGE"], "imageConfig": {"aspectRatio": "16:9", "imageSize": "1K"}}


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"mediaType": ["image/jpeg", "image/png"]}, "the image is image/png, expected image/jpeg or image/png"),
        ({"minBytes": 9}, f"the image has {SIZE:,} bytes, expected at least 9"),
        ({"maxBytes": 1_000_000}, f"the image has {SIZE:,} bytes, expected at most 1,000,000"),
        ({"maxHeight": 768}, "the image is 768 px high, expected at most 768 px"),
        (
            {"aspectRatio": "16:9", "ratioTolerance": 0.01},
            "the image is 1376x768, 0.8 % off 16:9, expected at most 1 %",
        ),
        ({"imageSize": "1K"}, "the image is 1376x768, expected 1K (about 1024 px square)"),
    ],
)
def test_a_picture_meets_what_is_expected_of_it(wanted: dict[str, Any], message: str) -> None:
    assert met({"images": wanted}, answer(pictures=(WIDE,))) == [message]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"maxCount": 0}, "the answer has 1 image, expected at most 0"),
        ({"mediaType": ["image/webp"]}, "the image is image/png, expected image/webp"),
        ({"mediaType": "image/jpeg"}, "the image is image/png, expected image/jpeg"),
        ({"minBytes": 1_000_000}, f"the image has {SIZE:,} bytes, expected at least 1,000,000"),
        ({"maxBytes": 9}, f"the image has {SIZE:,} bytes, expected at most 9"),
        ({"height": 800}, "the image is 768 px high, expected 800 px"),
        ({"aspectRatio": "4:3"}, "the image is 1376x768, nearest to 16:9, expected 4:3"),
        ({"aspectRatio": "16:9", "ratioTolerance": 0}, "the image is 1376x768, 0.8 % off 16:9, expected at most 0 %"),
        (
            {"aspectRatio": "2:1", "ratioTolerance": 0.025},
            "the image is 1376x768, 10.4 % off 2:1, expected at most 2.5 %",
        ),
        ({"ratioTolerance": 0.1}, "the image is 1376x768, but no ratio is expected that it could be off"),
        ({"imageSize": "2K"}, "the image is 1376x768, expected 2K (about 2048 px square)"),
    ],
)
def test_a_picture_fails_what_is_expected_of_it(wanted: dict[str, Any], message: str) -> None:
    assert unmet({"images": wanted}, answer(pictures=(WIDE,))) == [message]


def test_every_picture_is_judged() -> None:
    pictures = (picture(64, 64), WIDE, picture(64, 64, "JPEG"))

    assert unmet({"images": {"maxWidth": 100, "mediaType": "image/png"}}, answer(pictures=pictures)) == [
        "image 2 is 1376 px wide, expected at most 100 px",
        "image 3 is image/jpeg, expected image/png",
    ]


@pytest.mark.parametrize(
    ("wanted", "unmet_by_default"),
    [
        ({"aspectRatio": "any"}, "the image is 1024x1024, nearest to 1:1, expected 16:9"),
        ({"aspectRatio": "1:1"}, "the image is 1024x1024, nearest to 1:1, expected 16:9"),
    ],
)
def test_a_spec_may_say_another_ratio_than_it_asks_for_or_any(wanted: dict[str, Any], unmet_by_default: str) -> None:
    square = answer(pictures=(picture(1024, 1024),))

    assert unmet({}, square, **ASKED) == [unmet_by_default]
    assert unmet({"images": wanted}, square, **ASKED) == []


@pytest.mark.parametrize("wanted", [{"imageSize": "any"}, {"imageSize": "512"}, {"minWidth": 600}])
def test_a_spec_may_say_another_size_than_it_asks_for_or_any(wanted: dict[str, Any]) -> None:
    small = answer(pictures=(picture(688, 384),))

    assert unmet({}, small, **ASKED) == ["the image is 688x384, the request asked for 1K (about 1024 px square)"]
    assert unmet({"images": wanted}, small, **ASKED) == []


@pytest.mark.parametrize("wanted", [{"count": 0}, {"minCount": 0}])
def test_a_spec_may_say_that_no_picture_need_come(wanted: dict[str, Any]) -> None:
    assert unmet({}, answer(), **ASKED) == ["the answer has no images; the request asked for one (responseModalities)"]
    assert unmet({"images": wanted}, answer(), **ASKED) == []


@pytest.mark.parametrize(
    "wanted", [{"minWidth": 8}, {"mediaType": "image/png"}, {"blank": False, "maxCount": 2}, {"similarTo": "recording"}]
)
def test_what_is_expected_of_pictures_is_not_met_where_none_came(wanted: dict[str, Any]) -> None:
    key = next(iter(wanted))

    assert f"the answer has no images; `{key}` expects one" in unmet({"images": wanted}, answer())
    drawn = answer(pictures=(picture(8, 8),))
    assert not [message for message in unmet({"images": wanted}, drawn) if "expects one" in message]


@pytest.mark.parametrize(
    "wanted", [{"minWidth": 8, "minCount": 0}, {"minWidth": 8, "count": 0}, {"minWidth": 8, "maxCount": 0}]
)
def test_a_spec_may_say_what_pictures_are_like_if_one_comes(wanted: dict[str, Any]) -> None:
    assert unmet({"images": wanted}, answer()) == []


@pytest.mark.parametrize("wanted", [{"maxCount": 1}, {"aspectRatio": "any"}])
def test_what_demands_nothing_of_a_picture_demands_none(wanted: dict[str, Any]) -> None:
    assert unmet({"images": wanted}, answer()) == []


def test_a_picture_may_be_asked_for_by_the_newer_field_too() -> None:
    assert unmet({}, answer(), responseFormat={"image": {"aspectRatio": "ASPECT_RATIO_ONE_BY_ONE"}}) == [
        "the answer has no images; the request asked for one (responseFormat)"
    ]
    assert unmet({}, answer(), responseFormat={"text": {}}) == []


def test_a_tolerance_may_be_about_the_ratio_that_was_asked_for() -> None:
    assert unmet({"images": {"ratioTolerance": 0.001}}, answer(pictures=(WIDE,)), **ASKED) == [
        "the image is 1376x768, 0.8 % off 16:9, expected at most 0.1 %"
    ]


def test_the_nearest_ratio_is_looked_for_among_those_of_a_model_that_the_project_describes() -> None:
    ratios = {"aspectRatios": ["16:9", "7:4"]}
    asked = request({}, "own", imageConfig={"aspectRatio": "16:9"})
    wide = answer(pictures=(picture(1400, 800),))

    assert [verdict.passed for verdict in judge(asked, wide)] == [True, True, True]
    assert [v.message for v in judge(asked, wide, built_in().with_row("own", ratios)) if not v.passed] == [
        "the image is 1400x800, nearest to 7:4, expected 16:9"
    ]
