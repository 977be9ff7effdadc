"""Expectations of tokens and cost, met and unmet, with their whole messages."""

from typing import Any

import pytest

from promptc.models import built_in
from promptc.review.verdicts import judge
from tests.review.answers import answer, met, picture, request, unmet

# As the API counts: those of text beside a picture are not listed, and thoughts stand by themselves.
PICTURE = {
    "promptTokenCount": 33,
    "candidatesTokenCount": 1136,
    "thoughtsTokenCount": 529,
    "totalTokenCount": 1698,
    "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1120}],
}
TEXT = {"promptTokenCount": 33, "candidatesTokenCount": 16, "totalTokenCount": 49}
NONE = "the answer does not say how many tokens it used (it has no usageMetadata)"
DRAWN = (picture(8, 8),)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"maxPromptTokens": 33}, "the answer used 33 prompt tokens, expected at most 33"),
        ({"minCandidatesTokens": 9}, "the answer used 1,136 candidates tokens, expected at least 9"),
        ({"maxThoughtsTokens": 529}, "the answer used 529 thoughts tokens, expected at most 529"),
        ({"maxTotalTokens": 2000}, "the answer used 1,698 total tokens, expected at most 2,000"),
        ({"maxTextTokens": 16}, "the answer used 16 text tokens, expected at most 16"),
        ({"minImageTokens": 1120}, "the answer used 1,120 image tokens, expected at least 1,120"),
        # 33 x 2 + (16 + 529) x 12 + 1120 x 120, by a million
        ({"maxCost": 0.141006}, "the answer cost $0.141006, expected at most $0.141006"),
    ],
)
def test_an_answer_keeps_within_its_bounds(wanted: dict[str, Any], message: str) -> None:
    assert met({"usage": wanted}, answer(usage=PICTURE, pictures=DRAWN)) == [message]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"maxPromptTokens": 32}, "the answer used 33 prompt tokens, expected at most 32"),
        ({"minCandidatesTokens": 2000}, "the answer used 1,136 candidates tokens, expected at least 2,000"),
        ({"maxThoughtsTokens": 500}, "the answer used 529 thoughts tokens, expected at most 500"),
        ({"maxTotalTokens": 1697}, "the answer used 1,698 total tokens, expected at most 1,697"),
        ({"maxTextTokens": 15}, "the answer used 16 text tokens, expected at most 15"),
        ({"maxImageTokens": 1119}, "the answer used 1,120 image tokens, expected at most 1,119"),
        ({"maxCost": 0.1}, "the answer cost $0.141006, expected at most $0.1"),
    ],
)
def test_an_answer_goes_beyond_its_bounds(wanted: dict[str, Any], message: str) -> None:
    assert unmet({"usage": wanted}, answer(usage=PICTURE, pictures=DRAWN)) == [message]


@pytest.mark.parametrize("usage", [{}, {"trafficType": "ON_DEMAND"}, {"totalTokenCount": "many"}])
@pytest.mark.parametrize("wanted", [{"minTotalTokens": 0}, {"maxThoughtsTokens": 9}, {"maxCost": 9}])
def test_an_answer_that_counts_no_tokens_meets_no_bound(wanted: dict[str, Any], usage: dict[str, Any]) -> None:
    assert unmet({"usage": wanted}, answer(usage=usage)) == [NONE]


def test_an_answer_of_text_alone_has_no_tokens_of_pictures() -> None:
    wanted = {"maxImageTokens": 0, "minTextTokens": 16, "maxThoughtsTokens": 0, "maxCost": 0.000258}

    assert unmet({"usage": wanted}, answer(usage=TEXT)) == []


def test_an_answer_that_does_not_tell_pictures_from_text_meets_no_bound_on_either() -> None:
    wanted = {"maxImageTokens": 9999, "maxTextTokens": 9999, "maxTotalTokens": 49, "maxCost": 9}

    assert unmet({"usage": wanted}, answer(usage=TEXT, pictures=DRAWN)) == [
        "the answer does not say how many of its tokens are image",
        "the answer does not say how many of its tokens are text",
        "the cost is not known: the answer has tokens without a price, or does not say which they are",
    ]


def test_the_tokens_of_tools_are_paid_for_as_input() -> None:
    wanted = {"usage": {"maxCost": 0}}

    assert unmet(
        wanted, answer(usage={**TEXT, "toolUsePromptTokenCount": 1_000_000, "totalTokenCount": 1_000_049})
    ) == ["the answer cost $2.000258, expected at most $0"]


@pytest.mark.parametrize(
    ("usage", "message"),
    [
        (
            {**TEXT, "serviceTier": "priority"},
            "the cost is not known: the prices are not those of the service tier `priority`",
        ),
        (
            {**TEXT, "candidatesTokensDetails": [{"modality": "AUDIO", "tokenCount": 16}]},
            "the cost is not known: the answer has tokens without a price, or does not say which they are",
        ),
    ],
)
def test_what_has_no_known_price_is_within_no_cost(usage: dict[str, Any], message: str) -> None:
    assert unmet({"usage": {"maxCost": 9}}, answer(usage=usage)) == [message]


@pytest.mark.parametrize(
    "usage",
    [
        {"promptTokenCount": 33, "totalTokenCount": 1169},  # a total without what it is made of
        {"promptTokenCount": 33},
        {"totalTokenCount": 1169},
        {"promptTokenCount": 33, "totalTokenCount": 33},  # a picture for nothing
        {**PICTURE, "totalTokenCount": 2000},
        {**PICTURE, "candidatesTokenCount": -1},
        {**PICTURE, "thoughtsTokenCount": "many"},
        {**PICTURE, "candidatesTokensDetails": [{"modality": "TEXT", "tokenCount": 1136}]},
        {**PICTURE, "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 9}, {"tokenCount": "many"}]},
    ],
)
def test_tokens_that_do_not_add_up_are_within_no_cost(usage: dict[str, Any]) -> None:
    assert unmet({"usage": {"maxCost": 9}}, answer(usage=usage, pictures=DRAWN)) == [
        "the cost is not known: the answer has tokens without a price, or does not say which they are"
    ]


def test_what_is_left_out_of_a_total_is_not_none() -> None:
    wanted = {"maxCandidatesTokens": 9, "maxThoughtsTokens": 9, "maxPromptTokens": 33, "maxTotalTokens": 1169}

    assert unmet({"usage": wanted}, answer(usage={"promptTokenCount": 33, "totalTokenCount": 1169})) == [
        "the answer does not say how many of its tokens are candidates",
        "the answer does not say how many of its tokens are thoughts",
    ]


def test_numbers_of_tokens_may_have_each_form_that_proto_json_has() -> None:
    usage = {"promptTokenCount": "33", "candidatesTokenCount": 16.0, "totalTokenCount": "49"}

    assert unmet({"usage": {"maxCost": 0.00025}}, answer(usage=usage, text="a moth")) == [
        "the answer cost $0.000258, expected at most $0.00025"
    ]


def test_a_project_s_prices_count() -> None:
    cheap = built_in().with_row("gemini-3-pro-image", {"prices": {"input": 1, "text": 1, "image": 10}})
    asked = request({"usage": {"maxCost": 0.01}})
    drawn = answer(usage=PICTURE, pictures=DRAWN)

    assert [verdict.message for verdict in judge(asked, drawn, cheap) if not verdict.passed] == [
        "the answer cost $0.011778, expected at most $0.01"
    ]


def test_a_model_without_prices_is_within_no_cost() -> None:
    asked = request({"usage": {"maxCost": 9}}, "gemini-3.1-flash-lite-image")

    assert [verdict.message for verdict in judge(asked, answer(usage=TEXT)) if not verdict.passed] == [
        "the cost is not known: there are no prices of `gemini-3.1-flash-lite-image`"
    ]


def test_a_blocked_prompt_is_paid_for_too() -> None:
    blocked = answer(usage=TEXT, block_reason="SAFETY", finish_reason=None, parts=[])

    assert unmet({"promptFeedback": {}, "usage": {"maxTotalTokens": 48}}, blocked) == [
        "the answer used 49 total tokens, expected at most 48"
    ]
