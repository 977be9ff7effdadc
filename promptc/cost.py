"""What an answer costs: the tokens that it counts, at the prices of its model.

Prices are those of the API's standard tier. What is no token (a search's fee) is not counted, and
cached input is counted in full, so that a sum is never too low for what it counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from promptc.models import Model
from promptc.tree import Json

_MILLION = 1_000_000
_DIGITS = 9  # of a dollar: below the price of a token, above the noise of floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """US dollars per million tokens: of input, of text (thoughts are billed as such), of pictures."""

    input: float
    text: float
    image: float | None = None

    @classmethod
    def of(cls, model: Model | None) -> "Prices | None":
        """Return a model's prices; None where they are not known."""
        row = model.row.get("prices") if model else None
        return cls(**row) if row else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """The tokens of an answer; `text` and `image` split `candidates`, and are None where the answer does not.

    `other` are those of other kinds, such as sound.
    """

    prompt: int
    candidates: int
    thoughts: int
    total: int
    text: int | None
    image: int | None
    tools: int = 0
    other: int = 0


def tokens(usage: Mapping[str, Json], *, pictures: bool) -> Tokens | None:
    """Return the tokens of a `usageMetadata`, in an answer with or without pictures; None where it counts none.

    Real answers list the tokens of pictures and leave those of text beside them out.
    """
    if not any(_is_count(usage.get(f"{name}TokenCount")) for name in ("prompt", "total")):
        return None
    candidates = _count(usage.get("candidatesTokenCount"))
    rows = usage.get("candidatesTokensDetails")
    details = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
    image = sum(_count(row.get("tokenCount")) for row in details if row.get("modality") == "IMAGE")
    other = sum(_count(row.get("tokenCount")) for row in details if row.get("modality") not in {"IMAGE", "TEXT"})
    known = bool(details) or not pictures or not candidates
    return Tokens(
        prompt=_count(usage.get("promptTokenCount")),
        candidates=candidates,
        thoughts=_count(usage.get("thoughtsTokenCount")),
        total=_count(usage.get("totalTokenCount")),
        text=max(0, candidates - image - other) if known else None,
        image=image if known else None,
        tools=_count(usage.get("toolUsePromptTokenCount")),
        other=other,
    )


def cost(count: Tokens, prices: Prices) -> float | None:
    """Return what tokens cost in US dollars; None where they hold what has no price."""
    if count.text is None or count.image is None or count.other or (count.image and prices.image is None):
        return None
    sums: Sequence[float] = (
        (count.prompt + count.tools) * prices.input,
        (count.text + count.thoughts) * prices.text,
        count.image * (prices.image or 0),
    )
    return round(sum(sums) / _MILLION, _DIGITS)


def dollars(value: float) -> str:
    """Return a sum of money as messages show it: `$0.134`."""
    return f"${value:.{_DIGITS}f}".rstrip("0").rstrip(".")


def _count(value: Any) -> int:
    """Return a number of tokens; a field that is absent is 0 in proto JSON."""
    return value if _is_count(value) else 0


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
