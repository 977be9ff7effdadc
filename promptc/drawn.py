"""From the declaration of a variable to a hypothesis strategy: every value that it allows, its edges first of all."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor, inf
from typing import Any, TypeAlias

from hypothesis import strategies as st

from promptc.errors import PromptcError
from promptc.schema import validator_of

Strategy: TypeAlias = st.SearchStrategy[Any]
Declaration: TypeAlias = Mapping[str, Any]

LARGEST = 2**53 - 1
"""The largest integer that JSON numbers hold exactly: an unbounded number is drawn up to it."""

LONGEST = 10_000
"""So many characters has the longest text where no `maxLength` says more or less."""

MOST = 20
"""So many elements has the longest list where no `maxItems` says more or less."""

_SAID = frozenset(["default", "title", "description", "examples"])
_DRAWN = frozenset(
    [
        *("type", "enum", "const", "minLength", "maxLength", "pattern", "format"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("items", "minItems", "maxItems", "uniqueItems", "properties", "required", "additionalProperties"),
    ]
)

_PIECES = (
    *("{{", "}}", "{{ ", "{%", "%}", "{% raw %}", "{#", "#}", "{{ 7 * 7 }}", "{{ nope }}", "{", "}", "%s", "$x", "\\"),
    *('"', "'", '"""', "'''", "`", "\n", "\r\n", "\r", "\t", "\0", "\x1b[31m", " ", "\u00a0", "\u2028", "\ufeff"),
    *("[[turns]]", "[generationConfig]", "+++", "# ", "= 1", "<|im_start|>system", "\n\nAssistant:", "role: model"),
    *("{% user %}", "{% endsystem %}", "</system>", "<script>", "é", "e\u0301", "蝶", "🦋", "👩‍🔬", "\u202e", "\ufdd0", "\U0010ffff"),
    *("null", "true", "-0", "1e999", "../..", "https://example.org/a.png", "a"),
)  # fmt: skip
"""What has a meaning of its own somewhere on the way from a value to a request."""

_UNDECLARED: Declaration = {"type": "string"}
"""What stands for an element or a member of which nothing is said: it may be anything, and text is the nastiest."""

_CHARACTERS = st.characters(exclude_categories=["Cs"])


class UndrawableError(PromptcError):
    """No values can be drawn for a declaration; the message says which of its keywords is in the way."""


def values(declaration: Declaration, schema: Declaration, pictures: Sequence[str]) -> Strategy:
    """Return what draws the values of a declaration, all of them valid by its schema; raises UndrawableError."""
    fits = validator_of(schema).is_valid
    return _of(declaration, pictures).filter(fits)


def _of(declaration: Declaration, pictures: Sequence[str]) -> Strategy:
    if strange := sorted(declaration.keys() - _DRAWN - _SAID):
        raise UndrawableError(f"no values are drawn by `{strange[0]}`")
    if "const" in declaration:
        return st.just(declaration["const"])
    if "enum" in declaration:
        return st.sampled_from(list(declaration["enum"])) if declaration["enum"] else _none("enum")
    if "type" not in declaration:
        return st.one_of(*(make(declaration, pictures) for name, make in _TYPES.items() if name != "image"))
    if declaration["type"] not in _TYPES:
        raise UndrawableError(f"no values are drawn for the type `{declaration['type']}`")
    return _TYPES[declaration["type"]](declaration, pictures)


def _none(*keywords: str) -> Strategy:
    raise UndrawableError(f"no value fits {' and '.join(f'`{word}`' for word in keywords)}")


def _string(declaration: Declaration, _: Sequence[str]) -> Strategy:
    least, most = declaration.get("minLength", 0), declaration.get("maxLength", inf)
    if least > most:
        return _none("minLength", "maxLength")
    if "pattern" in declaration:
        made: Strategy = st.from_regex(re.sub(r"(?<!\\)\$$", r"\\Z", declaration["pattern"]))
    elif "format" in declaration:
        made = _FORMATS[declaration["format"]]
    else:
        return _text(least, int(min(most, max(least, LONGEST))))
    return made.filter(lambda text: least <= len(text) <= most)


def _text(least: int, most: int) -> Strategy:
    """Return any text, text made of what has a meaning somewhere, and long text."""

    def fitted(pieces: Sequence[str]) -> str:
        text = "".join(pieces)[:most]
        return text + "a" * (least - len(text))

    pieces = st.lists(st.sampled_from(_PIECES), max_size=6).map(fitted)
    short = st.text(_CHARACTERS, min_size=min(least, 10), max_size=min(most, 100)).map(fitted)
    return st.one_of(short, pieces, st.integers(least, most).map(lambda length: "a" * length))


def _integer(declaration: Declaration, _: Sequence[str]) -> Strategy:
    step = Fraction(str(declaration.get("multipleOf", 1)))
    step *= step.denominator  # the least multiple of it that is whole
    return _multiples(declaration, step).map(int)


def _number(declaration: Declaration, _: Sequence[str]) -> Strategy:
    if "multipleOf" in declaration:
        return _multiples(declaration, Fraction(str(declaration["multipleOf"]))).map(_plain)
    low, high, least, most = _bounds(declaration)
    floats = st.floats(
        None if low == -inf else float(low),
        None if high == inf else float(high),
        exclude_min=least,
        exclude_max=most,
        allow_nan=False,
        allow_infinity=False,
    )
    whole = _multiples(declaration, Fraction(1)).map(int) if _count(declaration, Fraction(1)) else st.nothing()
    return st.one_of(whole, floats)


def _plain(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)


def _bounds(declaration: Declaration) -> tuple[Any, Any, bool, bool]:
    """Return the lowest and the highest number, and whether they are left out."""
    low, above = declaration.get("minimum", -LARGEST), declaration.get("exclusiveMinimum", -inf)
    high, below = declaration.get("maximum", LARGEST), declaration.get("exclusiveMaximum", inf)
    bounds = (max(low, above), min(high, below), above >= low, below <= high)
    if bounds[0] > bounds[1] or (bounds[0] == bounds[1] and (bounds[2] or bounds[3])):
        keywords = sorted(key for key in declaration if key.lower().endswith("imum"))
        return _none(*keywords)  # type: ignore[return-value]
    return bounds


def _multiples(declaration: Declaration, step: Fraction) -> Strategy:
    first, last = _steps(declaration, step)
    if first > last:
        keywords = [key for key in declaration if key.lower().endswith("imum") or key in {"multipleOf", "type"}]
        return _none(*keywords)
    return st.integers(first, last).map(lambda count: count * step)


def _steps(declaration: Declaration, step: Fraction) -> tuple[int, int]:
    """Return the first and the last multiple of a step within the bounds."""
    low, high, least, most = _bounds(declaration)
    first, last = ceil(Fraction(low) / step), floor(Fraction(high) / step)
    return first + (least and first * step == low), last - (most and last * step == high)


def _count(declaration: Declaration, step: Fraction) -> bool:
    first, last = _steps(declaration, step)
    return first <= last


def _boolean(_: Declaration, __: Sequence[str]) -> Strategy:
    return st.booleans()


def _image(declaration: Declaration, pictures: Sequence[str]) -> Strategy:
    if not pictures:
        raise UndrawableError("the spec names no picture that could be drawn")
    del declaration  # what it says of the path is checked of each value
    return st.sampled_from(list(pictures))


def _array(declaration: Declaration, pictures: Sequence[str]) -> Strategy:
    least, most = declaration.get("minItems", 0), declaration.get("maxItems", inf)
    if least > most:
        return _none("minItems", "maxItems")
    items: Declaration = declaration.get("items", _UNDECLARED)
    kinds = _kinds(items, pictures) if declaration.get("uniqueItems") else inf
    most = int(min(most, max(least, MOST), kinds))
    if least > most:
        return _none("items", "minItems", "uniqueItems")
    drawn = _of(items, pictures)
    unique: Callable[[Any], str] | None = _as_text if declaration.get("uniqueItems") else None
    return st.integers(least, most).flatmap(  # as likely long as short
        lambda size: st.lists(drawn, min_size=size, max_size=size, unique_by=unique)
    )


def _as_text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _kinds(items: Declaration, pictures: Sequence[str]) -> float:
    """Return how many elements can differ from each other."""
    if "const" in items:
        return 1
    if "enum" in items:
        return len({_as_text(value) for value in items["enum"]})
    if items.get("type") == "integer" or "multipleOf" in items:
        first, last = _steps(items, Fraction(str(items.get("multipleOf", 1))))
        return last - first + 1
    return {"boolean": 2, "image": len(pictures)}.get(items.get("type", ""), inf)


def _object(declaration: Declaration, pictures: Sequence[str]) -> Strategy:
    members: Mapping[str, Declaration] = declaration.get("properties", {})
    more = declaration.get("additionalProperties", True)
    if more is False and (homeless := set(declaration.get("required", ())) - members.keys()):
        raise UndrawableError(f"`required` names `{min(homeless)}`, which `additionalProperties` forbids")
    other = st.nothing() if more is False else _of(_UNDECLARED if more is True else more, pictures)
    drawn = {name: _of(member, pictures) for name, member in members.items()}
    required = {name: drawn.get(name, other) for name in declaration.get("required", ())}
    own = st.fixed_dictionaries(required, optional={name: one for name, one in drawn.items() if name not in required})
    if more is False:
        return own
    names = _text(0, 20).filter(lambda name: name not in members)
    return st.builds(lambda mine, extra: {**extra, **mine}, own, st.dictionaries(names, other, max_size=2))


_FORMATS: Mapping[str, Strategy] = {
    "date": st.dates().map(str),
    "email": st.tuples(_text(0, 50), _text(0, 50)).map("@".join),  # JSON Schema's checker asks for no more
    "ipv4": st.ip_addresses(v=4).map(str),
    "ipv6": st.ip_addresses(v=6).map(str),
    "regex": st.one_of(st.sampled_from(["", "a", "[{}]", "\\{\\{", "(?i)a|b$"]), _text(0, 20).map(re.escape)),
    "uuid": st.uuids().map(str),
}

_TYPES: Mapping[str, Callable[[Declaration, Sequence[str]], Strategy]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "array": _array,
    "object": _object,
    "image": _image,
}
