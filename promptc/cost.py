"""What an answer costs: the tokens that it counts, at the prices of its model.

Prices are those of the API's standard tier. What is no token (a search's fee) is not counted, and
cached input is counted in full, so that a sum is never too low for what it counts.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from promptc.models import Model
from promptc.tree import Json

_MILLION = 1_000_000
_ADDENDS = {
    "prompt": "promptTokenCount",
    "candidates": "candidatesTokenCount",
    "thoughts": "thoughtsTokenCount",
    "tools": "toolUsePromptTokenCount",
}
"""What comes to `totalTokenCount`."""
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
    """The tokens of an answer; `text` and `image` split `candidates`. None is what the answer does not say.

    `other` are those of other kinds, such as sound.
    """

    prompt: int | None
    candidates: int | None
    thoughts: int | None
    total: int | None
    text: int | None
    image: int | None
    tools: int | None = 0
    other: int = 0


def tokens(usage: Mapping[str, Json], *, text: bool, pictures: bool) -> Tokens | None:
    """Return the tokens of a `usageMetadata`, in an answer with or without text and pictures; None where it counts none.

    Real answers list the tokens of pictures and leave those of text beside them out. A number that
    is absent is 0 only where the others come to the total: gateways leave out what they don't count.
    """
    total = _count(usage.get("totalTokenCount"))
    said = {name: _count(usage.get(field)) for name, field in _ADDENDS.items()}
    if not total and not said["prompt"]:
        return None
    if sum(number or 0 for number in said.values()) == total:
        said = {name: number or 0 for name, number in said.items()}
    candidates = said["candidates"]
    if not candidates and (text or pictures):
        candidates = None
    image, other, split = _details(usage.get("candidatesTokensDetails"))
    known = candidates is not None and split and (image > 0 or not pictures)
    return Tokens(
        prompt=said["prompt"],
        candidates=candidates,
        thoughts=said["thoughts"],
        total=total,
        text=max(0, candidates - image - other) if known and candidates is not None else None,
        image=image if known else None,
        tools=said["tools"],
        other=other,
    )


def _details(rows: Json) -> tuple[int, int, bool]:
    """Return the tokens of pictures, those of other things than text, and whether each row can be read."""
    details = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
    counts = [(row.get("modality"), _count(row.get("tokenCount", 0))) for row in details]
    image = sum(number or 0 for kind, number in counts if kind == "IMAGE")
    other = sum(number or 0 for kind, number in counts if kind not in {"IMAGE", "TEXT"})
    return image, other, all(number is not None for _, number in counts)


def cost(count: Tokens, prices: Prices) -> float | None:
    """Return what tokens cost in US dollars; None where they hold what has no price."""
    prompt, tools, text, thoughts, image = count.prompt, count.tools, count.text, count.thoughts, count.image
    if prompt is None or tools is None or text is None or thoughts is None or image is None or count.total is None:
        return None
    if count.other or (image and prices.image is None):
        return None
    sums: Sequence[float] = (
        (prompt + tools) * prices.input,
        (text + thoughts) * prices.text,
        image * (prices.image or 0),
    )
    return round(sum(sums) / _MILLION, _DIGITS)


def dollars(value: float) -> str:
    """Return a sum of money as messages show it: `$0.134`."""
    return f"${value:.{_DIGITS}f}".rstrip("0").rstrip(".")


def money(value: float) -> str:
    """Return a sum as far as an estimate means it: cents, and below one cent two digits."""
    cent = 0.01
    return f"${value:,.2f}" if value >= cent or not value else f"${float(f'{value:.2g}'):.9f}".rstrip("0")


def _count(value: object) -> int | None:
    """Return a number of tokens, in each form that proto JSON has for it: `40`, `40.0`, `"40"`."""
    if isinstance(value, str) and re.fullmatch("[0-9]{1,18}", value):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
