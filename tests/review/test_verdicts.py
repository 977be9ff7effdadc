"""Each expectation, met and unmet, with its whole message."""

import json
import time
import zlib
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from promptc.request import Request
from promptc.response import ApiError, Picture, Response
from promptc.review.pictures import measure
from promptc.review.verdicts import expects_block, expects_error, judge
from tests.review.answers import STOP, answer, picture, request, said


@pytest.mark.parametrize(
    ("expect", "response", "expected"),
    [
        ({}, answer(), [STOP]),
        (
            {},
            answer(finish_reason="IMAGE_SAFETY"),
            [("finishReason", False, "the answer ended with IMAGE_SAFETY, expected STOP")],
        ),
        (
            {},
            answer(finish_reason=None),
            [("finishReason", False, "the answer ended with no reason, expected STOP")],
        ),
        (
            {"finishReason": ["STOP", "MAX_TOKENS"]},
            answer(finish_reason="MAX_TOKENS"),
            [("finishReason", True, "the answer ended with MAX_TOKENS, expected STOP or MAX_TOKENS")],
        ),
        (
            {"finish_reason": "no_image"},
            answer(finish_reason="NO_IMAGE"),
            [("finishReason", True, "the answer ended with NO_IMAGE, expected NO_IMAGE")],
        ),
        ({"text": {"equals": "hi"}}, answer(text="hi"), [STOP, ("text.equals", True, "the text is `hi`")]),
        (
            {"text": {"equals": "hi"}},
            answer(text="hi!"),
            [STOP, ("text.equals", False, "the text is `hi!`, expected `hi`")],
        ),
        (
            {"text": {"contains": ["a", "b"]}},
            answer(text="cab"),
            [STOP, ("text.contains", True, "the text has `a`"), ("text.contains", True, "the text has `b`")],
        ),
        (
            {"text": {"contains": "Actias"}},
            answer(text="a moth"),
            [STOP, ("text.contains", False, "the text has no `Actias`: it is `a moth`")],
        ),
        (
            {"text": {"not_contains": ["moth"]}},
            answer(text="a moth"),
            [STOP, ("text.notContains", False, "the text has `moth`: it is `a moth`")],
        ),
        (
            {"text": {"notContains": ["bee"]}},
            answer(text="a moth"),
            [STOP, ("text.notContains", True, "the text has no `bee`")],
        ),
        (
            {"text": {"matches": "^a m"}},
            answer(text="a moth"),
            [STOP, ("text.matches", True, "the text `a moth` matches `^a m`")],
        ),
        (
            {"text": {"matches": "^m"}},
            answer(text="a moth"),
            [STOP, ("text.matches", False, "the text `a moth` does not match `^m`")],
        ),
        ({"text": {"json": True}}, answer(text="{}"), [STOP, ("text.json", True, "the text is JSON: `{}`")]),
        ({"text": {"json": True}}, answer(text="{"), [STOP, ("text.json", False, "the text is no JSON: `{`")]),
        (
            {"images": {"count": 1}},
            answer(),
            [STOP, ("images.count", False, "the answer has no images, expected 1")],
        ),
        (
            {"images": {"minCount": 2, "maxCount": 3}},
            answer(pictures=(picture(8, 8), picture(9, 9))),
            [
                STOP,
                ("images.minCount", True, "the answer has 2 images, expected at least 2"),
                ("images.maxCount", True, "the answer has 2 images, expected at most 3"),
            ],
        ),
        (
            {"images": {"mediaType": "image/png"}},
            answer(pictures=(picture(8, 8, "JPEG"),)),
            [STOP, ("images.mediaType", False, "the image is image/jpeg, expected image/png")],
        ),
        (
            {"images": {"width": 8, "minHeight": 9, "maxWidth": 7}},
            answer(pictures=(picture(8, 9),)),
            [
                STOP,
                ("images.width", True, "the image is 8 px wide, expected 8 px"),
                ("images.minHeight", True, "the image is 9 px high, expected at least 9 px"),
                ("images.maxWidth", False, "the image is 8 px wide, expected at most 7 px"),
            ],
        ),
        (
            {"images": {"aspectRatio": "16:9"}},
            answer(pictures=(picture(1376, 768),)),
            [STOP, ("images.aspectRatio", True, "the image is 1376x768, nearest to 16:9, expected 16:9")],
        ),
        (
            {"images": {"count": 1}},
            answer(pictures=(Picture(data=b"\x89PNG\r\n\x1a\nnothing", declared="image/png", thought=False),)),
            [
                STOP,
                ("images.count", True, "the answer has 1 image, expected 1"),
                ("images", False, "the image can't be opened: it is damaged, cut short, or no picture"),
            ],
        ),
        (
            {"promptFeedback": {"blockReason": "SAFETY"}},
            answer(finish_reason=None, block_reason="SAFETY", parts=[]),
            [("promptFeedback", True, "the prompt was blocked: SAFETY")],
        ),
        (
            {"promptFeedback": {"blockReason": "SAFETY"}},
            answer(finish_reason=None, block_reason="OTHER", parts=[]),
            [("promptFeedback", False, "the prompt was blocked: OTHER, expected SAFETY")],
        ),
        ({"promptFeedback": {}}, answer(), [("promptFeedback", False, "the prompt was not blocked"), STOP]),
        (
            {},
            answer(finish_reason=None, block_reason="SAFETY", parts=[]),
            [("promptFeedback", False, "the prompt was blocked: SAFETY")],
        ),
        (
            {"error": {"status": 400, "contains": ["too"]}},
            answer(error=ApiError(status=400, code="INVALID_ARGUMENT", message="too big", request_id=None)),
            [
                ("error.status", True, "the error has the status `400`, expected `400`"),
                ("error.contains", True, "the error has `too`"),
            ],
        ),
        (
            {"error": {"code": "NOT_FOUND"}},
            answer(error=ApiError(status=400, code="INVALID_ARGUMENT", message="no", request_id=None)),
            [("error.code", False, "the error has the code `INVALID_ARGUMENT`, expected `NOT_FOUND`")],
        ),
        ({"error": {}}, answer(), [("error", False, "an error was expected, but the API answered")]),
        (
            {},
            answer(error=ApiError(status=500, code="", message="no", request_id=None)),
            [("error", False, "the API answered with an error: 500: no")],
        ),
        ({}, answer(problem="the answer is empty"), [("answer", False, "the answer is empty")]),
    ],
)
def test_an_expectation_says_what_it_found(
    expect: Mapping[str, Any], response: Response, expected: list[tuple[str, bool, str]]
) -> None:
    assert said(expect, response) == expected


ASKED = {"responseModalities": ["TEXT", "IMAGE"], "imageConfig": {"aspectRatio": "16:9", "imageSize": "1K"}}


@pytest.mark.parametrize(
    ("pictures", "unmet"),
    [
        ((picture(1376, 768),), []),
        ((picture(1344, 768),), []),
        ((), ["the answer has no images; the request asked for one (responseModalities)"]),
        (
            (picture(1024, 1024),),
            ["the image is 1024x1024, nearest to 1:1, expected 16:9"],
        ),
        (
            (picture(2752, 1536),),
            ["the image is 2752x1536, the request asked for 1K (about 1024 px square)"],
        ),
        ((picture(1376, 768, thought=True),), []),
        ((picture(768, 768, thought=True), picture(1376, 768)), []),
    ],
)
def test_what_was_asked_goes_without_saying(pictures: tuple[Picture, ...], unmet: list[str]) -> None:
    verdicts = said({}, answer(pictures=pictures), **ASKED)

    assert [message for _, passed, message in verdicts if not passed] == unmet


def test_what_was_not_asked_is_not_checked() -> None:
    assert said({}, answer(text="only text"), responseModalities=["TEXT"]) == [STOP]


def test_an_own_expectation_replaces_the_default() -> None:
    verdicts = said({"images": {"count": 0}}, answer(), **ASKED)

    assert verdicts == [STOP, ("images.count", True, "the answer has no images, expected 0")]


@pytest.mark.parametrize(
    ("expect", "kept"),
    [
        ({"error": {}}, (True, False)),
        ({"promptFeedback": {}}, (False, True)),
        ({"refused": True}, (False, True)),
        ({"refused": False}, (False, False)),
        ({"text": {"equals": ""}}, (False, False)),
    ],
)
def test_an_error_may_be_kept_where_one_is_expected_and_a_refusal_where_one_is(
    expect: dict[str, Any], kept: tuple[bool, bool]
) -> None:
    assert (expects_error(request(expect)), expects_block(request(expect))) == kept


@pytest.mark.parametrize("sides", [(60_000, 60_000), (10_001, 10_000), (70_000, 1), (0, 5)])
def test_a_picture_of_too_many_pixels_is_measured_and_fails_without_being_opened(sides: tuple[int, int]) -> None:
    head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + sides[0].to_bytes(4) + sides[1].to_bytes(4) + b"\x08\x02\0\0\0"
    bomb = Picture(data=head + zlib.crc32(head[12:]).to_bytes(4), declared="image/png", thought=False)

    assert measure(bomb.data) == sides
    assert said({"images": {"count": 1, "minWidth": 1}}, answer(pictures=(bomb,)))[-1] == (
        "images",
        False,
        f"the image is {sides[0]}x{sides[1]}, promptc opens at most 100,000,000 pixels",
    )


def test_a_picture_that_pillow_would_warn_of_is_measured_like_any_other() -> None:
    out = BytesIO()
    Image.new("1", (9_600, 9_600)).save(out, "PNG")

    assert measure(out.getvalue()) == (9_600, 9_600)


def test_verdicts_can_be_written_as_json() -> None:
    assert json.dumps(said({}, answer()))


STRUCTURED = {
    "responseMimeType": "application/json",
    "responseJsonSchema": {"type": "object", "required": ["name"], "properties": {"grams": {"maximum": 900}}},
}


@pytest.mark.parametrize(
    ("text", "unmet"),
    [
        ('{"name": "a", "grams": 1}', []),
        (
            '{"foo": 1}',
            ["the text does not follow the schema that was asked for: at its top: `name` is missing"],
        ),
        (
            '{"name": "a", "grams": 99999}',
            ["the text does not follow the schema that was asked for: /grams: expected at most 900, got 99999"],
        ),
        ("no", ["the request asked for JSON (responseMimeType), the text is `no`"]),
        ('{"name": NaN}', ['the request asked for JSON (responseMimeType), the text is `{"name": NaN}`']),
    ],
)
def test_json_that_was_asked_for_goes_without_saying(text: str, unmet: list[str]) -> None:
    verdicts = said({}, answer(text=text), **STRUCTURED)

    assert [message for _, passed, message in verdicts if not passed] == unmet


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_picture_that_is_cut_short_is_no_picture(form: str) -> None:
    whole = picture(256, 256, form)
    half = Picture(data=whole.data[: len(whole.data) // 2], declared="image/png", thought=False)

    assert measure(whole.data) == (256, 256)
    assert said({"images": {"count": 1}}, answer(pictures=(half,)))[-1] == (
        "images",
        False,
        "the image can't be opened: it is damaged, cut short, or no picture",
    )


@pytest.mark.parametrize(
    ("config", "response", "unmet"),
    [
        (
            {"imageConfig": {"imageSize": "4K"}},
            answer(text="I can not draw"),
            ["the answer has no images; the request asked for one (imageConfig)"],
        ),
        (
            {"responseMimeType": "application/json"},
            answer(text=""),
            ["the request asked for JSON (responseMimeType), the text is ``"],
        ),
        (
            {"responseJsonSchema": {"type": "OBJECT"}},
            answer(text="[]"),
            [
                (
                    "the text does not follow the schema that was asked for: "
                    "it is no JSON Schema, so nothing can be compared with it"
                )
            ],
        ),
        (
            {
                "responseSchema": {
                    "type": "OBJECT",
                    "required": ["a"],
                    "properties": {"a": {"type": "STRING", "nullable": True, "maxLength": "2"}},
                }
            },
            answer(text='{"a": "long"}'),
            ["the text does not follow the schema that was asked for: /a: expected at most 2 characters"],
        ),
    ],
)
def test_what_the_request_asks_for_is_judged_however_it_asks(
    config: Mapping[str, Any], response: Response, unmet: list[str]
) -> None:
    assert [message for _, passed, message in said({}, response, **config) if not passed] == unmet


def test_an_upper_bound_does_not_replace_the_size_that_was_asked_for() -> None:
    verdicts = said(
        {"images": {"maxWidth": 9999}}, answer(pictures=(picture(64, 64),)), imageConfig={"imageSize": "4K"}
    )

    assert ("images.imageSize", False) in [(name, passed) for name, passed, _ in verdicts]


def test_a_ratio_is_bounded_and_not_only_the_nearest_of_a_list() -> None:
    verdicts = said({"images": {"aspectRatio": "21:9"}}, answer(pictures=(picture(4000, 100),)))

    assert verdicts[-1] == (
        "images.aspectRatio",
        False,
        "the image is 4000x100, 1614.3 % off 21:9, expected at most 5 %",
    )


def test_a_picture_with_destroyed_pixels_is_no_picture() -> None:
    data = bytearray(picture(256, 256).data)
    start = data.index(b"IDAT") + 4
    data[start : start + 40] = bytes(40)

    assert measure(bytes(data)) is None


def test_a_step_on_the_way_must_end_well_too() -> None:
    first = Request(**{**{name: getattr(request(), name) for name in Request.__slots__}, "steps": 2, "expect": None})

    assert [v.message for v in judge(first, answer(finish_reason="MAX_TOKENS"))] == [
        "the answer ended with MAX_TOKENS, expected STOP"
    ]


def test_an_error_that_says_something_else_is_told_with_what_was_expected() -> None:
    refused = ApiError(status=400, code="INVALID", message="bad", request_id=None)
    expect = {"error": {"status": 429, "contains": "quota"}}

    assert said(expect, Response(status=400, error=refused)) == [
        ("error.status", False, "the error has the status `400`, expected `429`"),
        ("error.contains", False, "the error has no `quota`: it is `bad`"),
    ]


def test_a_finish_reason_is_judged_of_a_blocked_prompt_too_if_the_spec_states_one() -> None:
    blocked = answer(block_reason="SAFETY", finish_reason=None, parts=[])
    refused = ("refused", True, "the model refused: the prompt was blocked: SAFETY")

    assert said({"refused": True}, blocked) == [refused]
    assert said({"refused": True, "finishReason": "IMAGE_SAFETY"}, blocked) == [
        refused,
        ("finishReason", False, "the answer ended with no reason, expected IMAGE_SAFETY"),
    ]


def test_content_that_came_although_the_prompt_was_blocked_is_judged() -> None:
    came = answer(block_reason="SAFETY", text="a moth", pictures=(picture(8, 8),))

    assert said({"promptFeedback": {}, "text": {"contains": "sorry"}}, came) == [
        ("promptFeedback", True, "the prompt was blocked: SAFETY"),
        STOP,
        ("text.contains", False, "the text has no `sorry`: it is `a moth`"),
    ]
    assert said({"refused": True}, came) == [
        ("refused", False, "the model did not refuse: the answer ended with STOP, it has text and 1 image")
    ]


def test_a_request_whose_configuration_is_none_asks_for_nothing() -> None:
    odd = replace(request(), unchecked={"generationConfig": [1]})

    assert [verdict.message for verdict in judge(odd, answer())] == [STOP[2]]


def test_a_long_text_is_quoted_without_reading_all_of_it() -> None:
    text = " a" * 20_000_000
    started = time.process_time()

    assert said({"text": {"contains": "q"}}, answer(text=text))[1] == (
        "text.contains",
        False,
        f"the text has no `q`: it is `{'a ' * 39}a…`",
    )
    assert time.process_time() - started < 5
