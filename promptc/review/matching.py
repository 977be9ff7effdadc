"""Which case of today is which of before: by id, then renamed ones by what they ask, then by likeness."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

from promptc.request import Case
from promptc.review.asked import Asked, written
from promptc.review.terms import values
from promptc.review.words import bag, likeness

_LEAST = 0.6
"""So much of two cases has to be alike to be one that was renamed and changed, as git has it for files."""
_CROWD = 400
"""A word that would bring more pairs together than that tells none apart: only the order of the cases does."""


@dataclass(frozen=True)
class Known:
    """A case with what it asks, worked out once and only where it is needed."""

    case: Case

    @cached_property
    def asked(self) -> Asked:
        """What it asks, in canonical form."""
        return Asked.of(self.case)

    @cached_property
    def words(self) -> Counter[str]:
        """What it says, with a word for each file."""
        contents = (self.asked.body.get("systemInstruction", {}), *self.asked.body.get("contents", []))
        parts = [part for content in contents for part in content.get("parts", [])]
        found: Counter[str] = Counter()
        for part in parts:
            found += bag(part["text"]) if isinstance(part.get("text"), str) else Counter([written(part)])
        return found

    @cached_property
    def assigned(self) -> Counter[str]:
        """The values of its variables."""
        return Counter(written([name, value]) for name, (value, _) in values(self.case).items())


Match = tuple[Known, Known]


def matched(old: Sequence[Known], new: Sequence[Known]) -> Mapping[str, Known]:
    """Return the old case of each new one that has one, by the new one's id."""
    by_id = {known.case.id: known for known in old}
    found = {known.case.id: by_id[known.case.id] for known in new if known.case.id in by_id}
    left = _Left(old=[k for k in old if k.case.id not in found], new=[k for k in new if k.case.id not in found])
    if left.old and left.new:
        found |= {after.case.id: before for before, after in (*_same(left), *_alike(left))}
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Left:
    """The cases of either side that are still alone."""

    old: list[Known]
    new: list[Known]


def _same(left: _Left) -> list[Match]:
    """Pair what asks just the same: cases of one name first, then of one spec, then in their order."""
    found: list[Match] = []
    keys: tuple[Callable[[Known], Hashable], ...] = (
        lambda known: (known.asked.identity, known.case.name),
        lambda known: (known.asked.identity, known.case.spec),
        lambda known: known.asked.identity,
    )
    for key in keys:
        pairs = [*_by(key, left)]
        gone = {id(known) for pair in pairs for known in pair}
        left.old[:] = [known for known in left.old if id(known) not in gone]
        left.new[:] = [known for known in left.new if id(known) not in gone]
        found += pairs
    return found


def _by(key: Callable[[Known], Hashable], left: _Left) -> Iterator[Match]:
    groups: dict[Hashable, tuple[list[Known], list[Known]]] = defaultdict(lambda: ([], []))
    for side, cases in enumerate((left.old, left.new)):
        for known in cases:
            groups[key(known)][side].append(known)
    for one, other in groups.values():
        yield from zip(one, other, strict=False)


def _alike(left: _Left) -> Iterator[Match]:
    """Pair what is most alike, the best pair first; equal ones by their name and spec, then by their order."""
    scored: list[tuple[tuple[Any, ...], int, int]] = []
    for i, j in _candidates(left):
        old, new = left.old[i].case, left.new[j].case
        score = _score(left.old[i], left.new[j])
        if score >= _LEAST:
            names = (old.name != new.name, old.spec != new.spec)
            scored.append(((-score, *names, i + j, abs(i - j), i), i, j))
    taken: tuple[set[int], set[int]] = set(), set()
    for _, i, j in sorted(scored):
        if i not in taken[0] and j not in taken[1]:
            taken[0].add(i)
            taken[1].add(j)
            yield left.old[i], left.new[j]


def _score(old: Known, new: Known) -> float:
    """Return how alike two cases are; of one spec, whose cases share their words, their values count too."""
    said = likeness(old.words, new.words)
    return min(said, likeness(old.assigned, new.assigned)) if old.case.spec == new.case.spec else said


def _candidates(left: _Left) -> Iterable[tuple[int, int]]:
    """Return the pairs that are worth a closer look: those with a rare word, a name or a spec in common."""
    found: dict[tuple[int, int], None] = {}
    holders: dict[Hashable, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for side, cases in enumerate((left.old, left.new)):
        for number, known in enumerate(cases):
            marks = {("word", word) for word in known.words}
            for mark in sorted({*marks, ("name", known.case.name), ("spec", known.case.spec)}):
                holders[mark][side].append(number)
    for one, other in holders.values():
        crowd = len(one) * len(other) > _CROWD
        found |= dict.fromkeys(zip(one, other, strict=False) if crowd else product(one, other))
    return found
