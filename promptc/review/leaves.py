"""Two trees leaf by leaf: where they differ."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from promptc.review.alignment import beside
from promptc.review.asked import same, written
from promptc.tree import Json, Tree, child


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A value that differs, with its pointer on either side; None where there was nothing."""

    old_pointer: str
    new_pointer: str
    old: Tree
    new: Tree


def leaves(old: Json, new: Json, old_pointer: str, new_pointer: str) -> Iterator[Leaf]:
    """Yield the leaves that differ, by name; a list of scalars is one leaf."""
    if same(old, new):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*new, *old}):
            gone, come = key not in new, key not in old
            places = child(old_pointer, key), child(new_pointer, key)
            if gone or come:
                yield from _alone(new[key] if come else old[key], *places, gone=gone)
            else:
                yield from leaves(old[key], new[key], *places)
    elif _tables(old) and _tables(new):
        yield from _listed(cast("Sequence[Json]", old), cast("Sequence[Json]", new), old_pointer, new_pointer)
    else:
        yield Leaf(old_pointer=old_pointer, new_pointer=new_pointer, old=_told(old), new=_told(new))


def _alone(value: Json, old_pointer: str, new_pointer: str, *, gone: bool) -> Iterator[Leaf]:
    """Yield what stands on one side only, leaf by leaf."""
    if isinstance(value, Mapping) and value:
        for key in sorted(value):
            yield from _alone(value[key], child(old_pointer, key), child(new_pointer, key), gone=gone)
        return
    told = _told(value)
    old, new = (told, None) if gone else (None, told)
    yield Leaf(old_pointer=old_pointer, new_pointer=new_pointer, old=old, new=new)


def _listed(old: Sequence[Json], new: Sequence[Json], old_pointer: str, new_pointer: str) -> Iterator[Leaf]:
    def likeness(i: int, j: int) -> float:
        one, other = cast("Mapping[str, Json]", old[i]), cast("Mapping[str, Json]", new[j])
        return sum(key in other and same(one[key], other[key]) for key in one) / max(len(one), len(other), 1)

    for i, j in beside([*map(written, old)], [*map(written, new)], likeness):
        before, after = (child(pointer, n or 0) for pointer, n in ((old_pointer, i), (new_pointer, j)))
        if i is not None and j is not None:
            yield from leaves(old[i], new[j], before, after)
        elif i is not None:
            yield Leaf(old_pointer=before, new_pointer=before, old=_told(old[i]), new=None)
        elif j is not None:
            yield Leaf(old_pointer=after, new_pointer=after, old=None, new=_told(new[j]))


def _tables(value: Json) -> bool:
    """Say whether a value is a list of tables."""
    return isinstance(value, list) and bool(value) and all(isinstance(item, Mapping) for item in value)


def _told(value: Json) -> Tree:
    """Return a value as an edit holds it: None there means that nothing stands there, so JSON's null has a word."""
    return "null" if value is None else value
