"""What an answer's text is to hold."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from promptc.review.bounds import bounds
from promptc.review.json_text import form
from promptc.review.verdict import Exchange, Verdict, got, quantity

_EXCERPT = 40


def text(exchange: Exchange) -> Iterator[Verdict]:
    """Judge the text: its words, its length, its form."""
    wanted, have = exchange.wanted("text"), exchange.response.text
    if "equals" in wanted:
        passed, message = have == wanted["equals"], f"the text is {got(have)}"
        message = message if passed else _difference(have, wanted["equals"])
        yield exchange.verdict("text/equals", passed=passed, message=message)
    yield from contains(exchange, "text/contains", wanted.get("contains", ()), have)
    for word in wanted.get("notContains", ()):
        passed = word not in have
        message = f"the text has no `{word}`" if passed else f"the text has `{word}`: it is {got(have)}"
        yield exchange.verdict("text/notContains", passed=passed, message=message)
    yield from _ends(exchange, wanted, have)
    yield from _patterns(exchange, wanted, have)
    yield from _lengths(exchange, wanted, have)
    yield from form(exchange)


def contains(exchange: Exchange, pointer: str, words: Sequence[str], have: str, of: str = "text") -> Iterator[Verdict]:
    """Judge whether each of the words is in a text, or in the text of something."""
    for word in words:
        passed = word in have
        message = f"the {of} has `{word}`" if passed else f"the {of} has no `{word}`: it is {got(have)}"
        yield exchange.verdict(pointer, passed=passed, message=message)


def _ends(exchange: Exchange, wanted: Mapping[str, Any], have: str) -> Iterator[Verdict]:
    if "startsWith" in wanted:
        passed, word = have.startswith(wanted["startsWith"]), wanted["startsWith"]
        message = (
            f"the text starts with `{word}`" if passed else f"the text is {got(have)}, expected `{word}` at its start"
        )
        yield exchange.verdict("text/startsWith", passed=passed, message=message)
    if "endsWith" in wanted:
        passed, word = have.endswith(wanted["endsWith"]), wanted["endsWith"]
        ending = f"ends with {got(have[-_EXCERPT:])}" if len(have) > _EXCERPT else f"is {got(have)}"
        message = f"the text ends with `{word}`" if passed else f"the text {ending}, expected `{word}` at its end"
        yield exchange.verdict("text/endsWith", passed=passed, message=message)


def _patterns(exchange: Exchange, wanted: Mapping[str, Any], have: str) -> Iterator[Verdict]:
    for key in (key for key in ("matches", "notMatches") if key in wanted):
        found = re.search(wanted[key], have) is not None
        message = f"the text {got(have)} {'matches' if found else 'does not match'} `{wanted[key]}`"
        yield exchange.verdict(f"text/{key}", passed=found == (key == "matches"), message=message)


def _lengths(exchange: Exchange, wanted: Mapping[str, Any], have: str) -> Iterator[Verdict]:
    counts = {"length": (len(have), "character"), "parts": (_stretches(exchange), "part")}
    for bound in bounds(wanted, counts):
        count, word = counts[bound.name]
        message = f"the text has {quantity(count, word)}, expected {bound.words}{bound.limit:,}"
        yield exchange.verdict(f"text/{bound.key}", passed=bound.met(count), message=message)


def _stretches(exchange: Exchange) -> int:
    """Count the stretches of text between pictures: a stream breaks one text into many parts."""
    said = [part for part in exchange.response.parts if isinstance(part, Mapping) and not part.get("thought")]
    return sum(is_text for is_text, _ in groupby(bool(part.get("text")) for part in said if _holds_something(part)))


def _holds_something(part: Mapping[str, Any]) -> bool:
    """Say whether a part is more than an empty text, such as one that carries only a signature."""
    return bool(part.get("text")) or bool(part.keys() - {"text", "thoughtSignature"})


def _difference(have: str, wanted: str) -> str:
    """Say how two texts differ, from the place where they begin to if their beginnings look alike."""
    if got(have) != got(wanted):
        return f"the text is {got(have)}, expected {got(wanted)}"
    pairs = zip(have, wanted, strict=False)
    at = next((i for i, (one, other) in enumerate(pairs) if one != other), min(len(have), len(wanted)))
    shown = [repr(side[at : at + _EXCERPT]) for side in (have, wanted)]
    return f"the text differs from character {at + 1} on: {shown[0]}, expected {shown[1]}"
