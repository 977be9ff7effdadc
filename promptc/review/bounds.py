"""Numbers with bounds: `count`, `minCount` and `maxCount` are one number and three bounds."""

import operator
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_KEY = re.compile("(min|max)?(.+)")
_WAYS: Mapping[str | None, tuple[Callable[[float, float], bool], str]] = {
    None: (operator.eq, ""),
    "min": (operator.ge, "at least "),
    "max": (operator.le, "at most "),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """One bound of a number: its `key` is `minWidth`, its `name` `width`, its `words` are `at least `."""

    key: str
    name: str
    limit: float
    words: str
    holds: Callable[[float, float], bool]

    def met(self, have: float) -> bool:
        """Say whether a number keeps it."""
        return self.holds(have, self.limit)


def bounds(wanted: Mapping[str, Any], names: Collection[str]) -> Iterator[Bound]:
    """Yield the bounds of these numbers, in the order of the table."""
    for key, limit in wanted.items():
        match = _KEY.fullmatch(key)
        name = match[2][0].lower() + match[2][1:] if match else ""
        if match and name in names:
            holds, words = _WAYS[match[1]]
            yield Bound(key=key, name=name, limit=limit, words=words, holds=holds)
