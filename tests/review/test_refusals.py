"""A model that is to refuse, or not to, with whole messages."""

import pytest

from promptc.response import Response
from tests.review.answers import answer, met, picture, said, unmet

ASKED = {"responseModalities": ["TEXT", "IMAGE"], "imageConfig": {"aspectRatio": "16:9"}}
REFUSED = [
    (answer(finish_reason=None, block_reason="SAFETY", parts=[]), "the prompt was blocked: SAFETY"),
    (answer(finish_reason="IMAGE_SAFETY", parts=[]), "the answer ended with IMAGE_SAFETY"),
    (answer(finish_reason="NO_IMAGE", text="No."), "the answer ended with NO_IMAGE"),
    (answer(text="I can't draw that."), "a picture was asked for, the answer is `I can't draw that.`"),
]
DRAWN = (
    answer(text="Here.", pictures=(picture(1376, 768),)),
    "the answer ended with STOP, it has text and 1 image",
)
NOT_REFUSED = [
    DRAWN,
    (answer(text=" "), "the answer ended with STOP, it has no text and no images"),
    (answer(finish_reason="MAX_TOKENS"), "the answer ended with MAX_TOKENS, it has no text and no images"),
    (
        answer(finish_reason="IMAGE_SAFETY", pictures=(picture(8, 8), picture(8, 8))),
        "the answer ended with IMAGE_SAFETY, it has no text and 2 images",
    ),
]


@pytest.mark.parametrize(("response", "how"), REFUSED)
def test_a_refusal_is_seen_however_it_comes(response: Response, how: str) -> None:
    assert met({"refused": True}, response, **ASKED) == [f"the model refused: {how}"]
    assert ("refused", False, f"the model refused: {how}") in said({"refused": False}, response, **ASKED)


@pytest.mark.parametrize(("response", "how"), NOT_REFUSED)
def test_what_is_no_refusal_fails_where_one_is_expected(response: Response, how: str) -> None:
    assert unmet({"refused": True}, response, **ASKED) == [f"the model did not refuse: {how}"]


def test_an_answer_as_it_was_asked_for_is_no_refusal() -> None:
    assert ("refused", True, f"the model did not refuse: {DRAWN[1]}") in said({"refused": False}, DRAWN[0], **ASKED)
    assert unmet({"refused": False}, DRAWN[0], **ASKED) == []


def test_a_refusal_in_words_is_seen_only_where_a_picture_was_asked_for() -> None:
    assert unmet({"refused": True}, answer(text="I can't help with that.")) == [
        "the model did not refuse: the answer ended with STOP, it has text and no images"
    ]


def test_an_expected_refusal_takes_the_place_of_what_goes_without_saying_and_not_of_what_is_said() -> None:
    wanted = {"refused": True, "finishReason": "STOP", "text": {"contains": "sorry"}, "images": {"count": 1}}
    structured = {**ASKED, "responseMimeType": "application/json", "responseJsonSchema": {"type": "array"}}

    assert said(wanted, answer(text="{}"), **structured) == [
        ("refused", True, "the model refused: a picture was asked for, the answer is `{}`"),
        ("finishReason", True, "the answer ended with STOP, expected STOP"),
        ("text.contains", False, "the text has no `sorry`: it is `{}`"),
    ]
