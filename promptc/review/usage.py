"""What an answer may use: tokens by kind, and what they cost."""

from collections.abc import Iterator

from promptc.cost import Prices, Tokens, cost, dollars, tokens
from promptc.review.bounds import bounds
from promptc.review.verdict import Exchange, Verdict

_KINDS = ("prompt", "candidates", "thoughts", "total", "text", "image")
_NONE = "the answer does not say how many tokens it used (it has no usageMetadata)"
DEARER = "priority"
"""A service tier that costs more than the prices in the table."""


def usage(exchange: Exchange) -> Iterator[Verdict]:
    """Judge the tokens that the answer counts, and their price."""
    wanted = exchange.wanted("usage")
    if not wanted:
        return
    answer = exchange.response
    used = tokens(answer.usage, text=bool(answer.text), pictures=bool(answer.pictures))
    for bound in bounds(wanted, {f"{kind}Tokens" for kind in _KINDS}):
        kind = bound.name.removesuffix("Tokens")
        have = getattr(used, kind) if used else None
        message = f"the answer used {have or 0:,} {kind} tokens, expected {bound.words}{bound.limit:,}"
        if have is None:
            message = f"the answer does not say how many of its tokens are {kind}" if used else _NONE
        yield exchange.verdict(f"usage/{bound.key}", passed=have is not None and bound.met(have), message=message)
    if "maxCost" in wanted:
        yield _cost(exchange, used, wanted["maxCost"])


def _cost(exchange: Exchange, used: Tokens | None, most: float) -> Verdict:
    prices = Prices.of(exchange.model)
    have = cost(used, prices) if used and prices else None
    if exchange.response.usage.get("serviceTier") == DEARER:
        have, message = None, "the cost is not known: the prices are not those of the service tier `priority`"
    elif used is None:
        message = _NONE
    elif prices is None:
        message = f"the cost is not known: there are no prices of `{exchange.request.model}`"
    elif have is None:
        message = "the cost is not known: the answer has tokens without a price, or does not say which they are"
    else:
        message = f"the answer cost {dollars(have)}, expected at most {dollars(most)}"
    return exchange.verdict("usage/maxCost", passed=have is not None and have <= most, message=message)
