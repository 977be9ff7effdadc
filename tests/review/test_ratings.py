"""Expectations of safety ratings, met and unmet, with their whole messages."""

import json
from typing import Any

import pytest

from promptc.response import Rating, Response, read
from tests.review.answers import answer, met, unmet

HATE, HARM = "HARM_CATEGORY_HATE_SPEECH", "HARM_CATEGORY_DANGEROUS_CONTENT"


def rated(**ratings: str) -> Response:
    return answer(ratings=tuple(Rating(category=c, probability=p, blocked=False) for c, p in ratings.items()))


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"highest": "LOW"}, f"{HARM} is LOW, expected at most LOW"),
        ({HATE: "NEGLIGIBLE"}, f"{HATE} is NEGLIGIBLE, expected at most NEGLIGIBLE"),
        ({HARM: "high"}, f"{HARM} is LOW, expected at most HIGH"),
        ({"blocked": False}, "no category blocked the answer"),
    ],
)
def test_an_answer_is_rated_as_expected(wanted: dict[str, Any], message: str) -> None:
    assert met({"safetyRatings": wanted}, rated(**{HATE: "NEGLIGIBLE", HARM: "LOW"})) == [message]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"highest": "NEGLIGIBLE"}, f"{HARM} is MEDIUM, expected at most NEGLIGIBLE"),
        ({HARM: "LOW"}, f"{HARM} is MEDIUM, expected at most LOW"),
        ({"HARM_CATEGORY_HARASSMENT": "HIGH"}, "the answer has no rating of HARM_CATEGORY_HARASSMENT"),
        ({"blocked": True}, "no category blocked the answer"),
    ],
)
def test_an_answer_is_not_rated_as_expected(wanted: dict[str, Any], message: str) -> None:
    assert unmet({"safetyRatings": wanted}, rated(**{HATE: "NEGLIGIBLE", HARM: "MEDIUM"})) == [message]


@pytest.mark.parametrize("wanted", [{"highest": "HIGH"}, {HARM: "HIGH"}, {"blocked": False}, {"blocked": True}])
def test_an_answer_without_ratings_meets_no_expectation_of_them(wanted: dict[str, Any]) -> None:
    assert unmet({"safetyRatings": wanted}, answer()) == ["the answer has no safety ratings"]


def test_a_word_that_nobody_knows_is_above_all_others() -> None:
    assert unmet({"safetyRatings": {"highest": "HIGH"}}, rated(**{HATE: "EXTREME", HARM: "HIGH"})) == [
        f"{HATE} is EXTREME, expected at most HIGH"
    ]


def test_a_category_that_blocked_is_named() -> None:
    blocked = answer(ratings=(Rating(category=HATE, probability="LOW", blocked=True),))

    assert unmet({"safetyRatings": {"blocked": False}}, blocked) == [f"{HATE} blocked the answer"]
    assert met({"safetyRatings": {"blocked": True}}, blocked) == [f"{HATE} blocked the answer"]


def test_the_ratings_of_all_events_count_and_those_of_a_prompt_only_where_it_was_blocked() -> None:
    def chunk(probability: str) -> dict[str, Any]:
        return {
            "candidates": [{"safetyRatings": [{"category": HATE, "probability": probability}]}],
            "promptFeedback": {"safetyRatings": [{"category": HARM, "probability": "HIGH"}]},
        }

    streamed = [chunk("MEDIUM"), chunk("LOW")]
    blocked = {"promptFeedback": {**chunk("LOW")["promptFeedback"], "blockReason": "SAFETY"}}

    assert read(200, {}, json.dumps(streamed).encode()).ratings == (
        Rating(category=HATE, probability="MEDIUM", blocked=False),
        Rating(category=HATE, probability="LOW", blocked=False),
    )
    assert read(200, {}, json.dumps(blocked).encode()).ratings == (
        Rating(category=HARM, probability="HIGH", blocked=False),
    )
