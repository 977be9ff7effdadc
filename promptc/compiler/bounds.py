"""What templates may cost: every step and everything they make is counted against a budget.

Jinja's sandbox limits no time and no memory. A clock would let one machine compile what another
refuses, so steps and sizes are counted: a template costs the same everywhere.
"""

import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from jinja2.exceptions import SecurityError

_UNITS = 10_000_000
"""What one evaluation may cost. A character costs 1, an element of a list 8."""
_UNITS_OF_A_SPEC = 3 * _UNITS
"""What all evaluations of a spec may cost together."""
STEP = 10
"""What a turn of a loop costs."""
CALL = 200
"""What it costs to call something."""
PIECE = 50
"""What it costs to put something out."""
WALKED = 40
"""What it costs to look at an element of a list or table."""
_ELEMENT = 8
_DEEPEST = 60
_LARGEST_ARGUMENT = 10_000
_LARGEST_PRODUCT = 1_000_000
_LARGEST_BITS = 4_096
_DIGITS = 9
_CHARACTERS_AT_ONCE = 16
_MOST_COMPARED = 1_000_000_000
_WIDTHS = {
    "%": re.compile(r"%(?:\([^)]*\))?[-+ #0]*([0-9]*)(?:\.([0-9]*))?"),
    "{": re.compile(r"\{[^{}:]*:(?:.?[<>=^])?[^{}0-9]*([0-9]*)(?:\.([0-9]*))?"),
}
_FROM_ELSEWHERE = {"%": re.compile(r"%[^A-Za-z%]*\*"), "{": re.compile(r"\{[^{}]*:[^{}]*\{")}
"""Fields whose width is a value."""
_HINT = "one template makes at most {:,} characters, in {:,} steps"


class TooCostlyError(SecurityError):
    """A template that would eat time or memory."""

    def __init__(self, what: str) -> None:
        """Say what is too large."""
        super().__init__(f"the template costs too much: {what}")
        self.hint = _HINT.format(_UNITS, _UNITS // STEP)


class _Budget(threading.local):
    left = _UNITS
    whole = _UNITS_OF_A_SPEC
    depth = 0

    def start(self) -> None:
        """Start a spec."""
        self.whole = _UNITS_OF_A_SPEC

    def renew(self) -> None:
        """Start an evaluation."""
        self.left, self.depth = _UNITS, 0

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """Count calls within calls: how deep Python can go depends on who calls it."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise TooCostlyError("calls within calls, as of a macro that calls itself without end")
        try:
            yield
        finally:
            self.depth -= 1

    def spend(self, units: int) -> None:
        """Count what was done; raises TooCostlyError."""
        self.left -= units
        self.whole -= units
        if self.left < 0 or self.whole < 0:
            raise TooCostlyError("it never seems to end, or makes too much")


BUDGET = _Budget()


def weight(value: object) -> int:
    """Return what a value costs to make or to walk through once."""
    if isinstance(value, str):
        return len(value)
    return len(value) * _ELEMENT if isinstance(value, (list, tuple, Mapping, range)) else 1


def weighed(value: Any) -> Any:
    """Count a value that was made, or is walked through."""
    BUDGET.spend(weight(value))
    return value


def spent(items: Iterable[Any], each: int) -> Iterator[Any]:
    """Yield what is joined, counted before the whole is made."""
    for item in items:
        BUDGET.spend(weight(item) + each)
        yield item


def walked(value: Any) -> Any:
    """Count a value that is compared or looked up: lists that hold one list many times take long."""
    if isinstance(value, str):
        BUDGET.spend(len(value) // _CHARACTERS_AT_ONCE)
    elif isinstance(value, (list, tuple, Mapping)):
        BUDGET.spend(len(value) * WALKED)
        for item in value.values() if isinstance(value, Mapping) else value:
            walked(item)
    return value


def refuse_large(*args: object) -> None:
    """Refuse numbers that widths and counts have no use for."""
    if any(isinstance(value, int) and abs(value) > _LARGEST_ARGUMENT for value in args):
        raise TooCostlyError("a number this large")


def refuse_product(left: object, right: object) -> None:
    """Refuse a product before it is made."""
    if isinstance(left, int):
        left, right = right, left
    if isinstance(left, (str, list, tuple)) and isinstance(right, int) and len(left) * abs(right) > _LARGEST_PRODUCT:
        raise TooCostlyError("a product this large")
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() + right.bit_length() > _LARGEST_BITS:
        raise TooCostlyError("a product this large")


def refuse_power(left: object, right: object) -> None:
    """Refuse a power before it is made."""
    if isinstance(right, int) and (left.bit_length() if isinstance(left, int) else 1) * abs(right) > _LARGEST_BITS:
        raise TooCostlyError("a power this large")


def refuse_replacing(text: str, old: str, new: str) -> None:
    """Refuse to put long texts into the place of many short ones."""
    if text.count(old) * len(new) > _UNITS:
        raise TooCostlyError("a text this long")


def refuse_searching(text: str, values: Sequence[object]) -> None:
    """Refuse to look for long texts in long texts: some searches compare every two characters."""
    longest = max((len(value) for value in values if isinstance(value, str)), default=0)
    if len(text) * longest > _MOST_COMPARED:
        raise TooCostlyError("a search for a text this long")
    BUDGET.spend(len(text) * longest // 1_000)


def refuse_format(pattern: str, mark: str, values: Sequence[object]) -> None:
    """Refuse formats whose widths, or whose fields with the longest of the values, make too much."""
    widths = sum(int(digits[:_DIGITS]) for field in _WIDTHS[mark].findall(pattern) for digits in field if digits)
    longest = max((len(value) for value in values if isinstance(value, str)), default=0)
    given = max((value for value in values if isinstance(value, int)), default=0)
    if _FROM_ELSEWHERE[mark].search(pattern):
        widths += given * pattern.count(mark)
    if widths > _LARGEST_ARGUMENT or pattern.count(mark) * longest > _UNITS:
        raise TooCostlyError("a width this large")
