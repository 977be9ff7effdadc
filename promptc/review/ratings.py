"""How an answer was rated by the API's safety filters."""

from collections.abc import Iterator, Sequence

from promptc.response import Rating
from promptc.review.verdict import Exchange, Verdict

_ORDER = ("NEGLIGIBLE", "LOW", "MEDIUM", "HIGH")


def safety_ratings(exchange: Exchange) -> Iterator[Verdict]:
    """Judge the probability of each category; of a stream's several ratings, the highest counts."""
    have = exchange.response.ratings
    for key, limit in exchange.wanted("safetyRatings").items():
        pointer = f"safetyRatings/{key}"
        if key == "blocked":
            yield _blocked(exchange, have, wanted=limit)
        elif rated := [rating for rating in have if key in {"highest", rating.category}]:
            worst = max(rated, key=_height)
            message = f"{worst.category} is {worst.probability}, expected at most {limit}"
            yield exchange.verdict(pointer, passed=_height(worst) <= _ORDER.index(limit), message=message)
        else:
            what = "no safety ratings" if key == "highest" or not have else f"no rating of {key}"
            yield exchange.verdict(pointer, passed=False, message=f"the answer has {what}")


def _height(rating: Rating) -> int:
    """Return how probable harm is; a word that nobody knows is above all others."""
    return _ORDER.index(rating.probability) if rating.probability in _ORDER else len(_ORDER)


def _blocked(exchange: Exchange, have: Sequence[Rating], *, wanted: bool) -> Verdict:
    blocking = [rating.category for rating in have if rating.blocked]
    message = f"{', '.join(blocking)} blocked the answer" if blocking else "no category blocked the answer"
    if not have:
        message = "the answer has no safety ratings"
    passed = bool(have) and bool(blocking) == wanted
    return exchange.verdict("safetyRatings/blocked", passed=passed, message=message)
