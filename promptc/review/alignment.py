"""Two sequences beside each other: which of their items belong together.

The same two sequences give the same answer whichever of them is called the old one.
"""

from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import TypeAlias

Stretch: TypeAlias = tuple[bool, slice, slice]
"""Whether the items are equal, and where they stand on either side."""

_MOST = 4_000_000
"""Comparing takes time with the product of the lengths: beyond this, all between the equal ends differs."""
_MOST_PAIRS = 10_000


def stretches(old: Sequence[str], new: Sequence[str]) -> Iterator[Stretch]:
    """Yield the stretches of two sequences that are equal and those that differ, in turn."""
    start, limit = 0, min(len(old), len(new))
    while start < limit and old[start] == new[start]:
        start += 1
    end = 0
    while end < limit - start and old[-1 - end] == new[-1 - end]:
        end += 1
    if start:
        yield True, slice(0, start), slice(0, start)
    yield from _between(old, new, slice(start, len(old) - end), slice(start, len(new) - end))
    if end:
        yield True, slice(len(old) - end, len(old)), slice(len(new) - end, len(new))


def _between(old: Sequence[str], new: Sequence[str], one: slice, other: slice) -> Iterator[Stretch]:
    """Yield the stretches between the ends that are equal."""
    before, after = old[one], new[other]
    if not before and not after:
        return
    if not before or not after or len(before) * len(after) > _MOST:
        yield False, one, other
        return
    turned = list(before) > list(after)  # difflib's choice among equals depends on which side is which
    first, second = (after, before) if turned else (before, after)
    for tag, i, till_i, j, till_j in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if turned:
            i, till_i, j, till_j = j, till_j, i, till_i  # noqa: PLW2901 - they are named by side from here on
        yield tag == "equal", slice(one.start + i, one.start + till_i), slice(other.start + j, other.start + till_j)


Beside: TypeAlias = tuple[int | None, int | None]
"""The places of two items that belong together, or of one that stands alone."""


def beside(old: Sequence[str], new: Sequence[str], likeness: Callable[[int, int], float]) -> Iterator[Beside]:
    """Yield the items that differ: those that are like each other in pairs, in order, and those that stand alone."""
    if turned := list(old) > list(new):  # of pairs that are worth the same, one side's first would be taken
        old, new = new, old
    for same, one, other in stretches(old, new):
        rows, columns = range(one.start, one.stop), range(other.start, other.stop)
        for i, j in () if same else _paired(rows, columns, (lambda i, j: likeness(j, i)) if turned else likeness):
            yield (j, i) if turned else (i, j)


def _paired(old: range, new: range, likeness: Callable[[int, int], float]) -> Iterator[Beside]:
    """Pair what is most alike, all pairs together, without changing the order."""
    if len(old) * len(new) > _MOST_PAIRS:
        yield from ((i, None) for i in old)
        yield from ((None, j) for j in new)
        return
    worth = [[likeness(i, j) for j in new] for i in old]
    best = _best(worth, len(old), len(new))
    i = j = 0
    while i < len(old) or j < len(new):
        both = i < len(old) and j < len(new)
        if both and worth[i][j] > 0 and best[i][j] == worth[i][j] + best[i + 1][j + 1]:
            yield old[i], new[j]
            i, j = i + 1, j + 1
        elif j == len(new) or (i < len(old) and best[i + 1][j] >= best[i][j + 1]):
            yield old[i], None
            i += 1
        else:
            yield None, new[j]
            j += 1


def _best(worth: Sequence[Sequence[float]], rows: int, columns: int) -> list[list[float]]:
    """Return what the pairs from each place on are worth at best."""
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in reversed(range(rows)):
        for j in reversed(range(columns)):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], worth[i][j] + best[i + 1][j + 1])
    return best
