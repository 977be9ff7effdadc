"""Prices, tokens, and what they come to."""

import pytest

from promptc.cost import Prices, Tokens, cost, dollars, tokens
from promptc.models import built_in, find
from promptc.tree import Json


@pytest.mark.parametrize(
    ("name", "prices"),
    [
        ("gemini-3.1-flash-image-preview", Prices(input=0.5, text=3, image=60)),
        ("gemini-3-pro-image", Prices(input=2, text=12, image=120)),
        ("gemini-2.5-flash-image", Prices(input=0.3, text=2.5, image=30)),
        ("gemini-3.1-flash-lite-image", None),
        ("a-model-that-nobody-knows", None),
    ],
)
def test_the_table_holds_prices_where_they_are_known(name: str, prices: Prices | None) -> None:
    assert Prices.of(find(name)) == prices


def test_a_model_has_the_prices_of_the_one_that_it_is_like_unless_it_says_otherwise() -> None:
    own = {"like": "gemini-3-pro-image", "prices": {"input": 1, "text": 2}}
    models = built_in().with_row("mine", own).with_row("like-it", {"like": "mine"})

    assert Prices.of(models.find("like-it")) == Prices(input=1, text=2, image=None)


def test_a_million_tokens_of_each_kind_cost_their_price() -> None:
    million = 1_000_000
    whole = Tokens(
        prompt=million, candidates=2 * million, thoughts=million, total=4 * million, text=million, image=million
    )

    assert cost(whole, Prices(input=0.5, text=3, image=60)) == 0.5 + 3 + 3 + 60
    assert cost(whole, Prices(input=0.5, text=3)) is None


@pytest.mark.parametrize(
    ("size", "price"), [("512", "$0.04482"), ("1K", "$0.0672"), ("2K", "$0.1008"), ("4K", "$0.1512")]
)
def test_a_picture_costs_what_its_tokens_cost(size: str, price: str) -> None:
    model = find("gemini-3.1-flash-image")
    assert model is not None
    prices, image = Prices.of(model), model.image_tokens[size]
    assert prices is not None
    count = Tokens(prompt=0, candidates=image, thoughts=0, total=image, text=0, image=image)

    total = cost(count, prices)

    assert total is not None
    assert dollars(total) == price


def test_details_that_contradict_the_sum_leave_no_negative_number() -> None:
    usage: dict[str, Json] = {
        "totalTokenCount": 5,
        "candidatesTokenCount": 5,
        "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 9}, "nonsense", {"modality": "TEXT"}],
    }

    assert tokens(usage, text=False, pictures=True) == Tokens(
        prompt=0, candidates=5, thoughts=0, total=5, text=0, image=9, tools=0, other=0
    )
    assert tokens({"promptTokenCount": True}, text=False, pictures=False) is None
