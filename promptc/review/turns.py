"""What differs in what is said: turns and their parts, paired by likeness and not by number."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from promptc.blob import Blob
from promptc.review.alignment import beside
from promptc.review.asked import REPLY, Asked, same, written
from promptc.review.difference import Topic
from promptc.review.leaves import Leaf, leaves
from promptc.review.words import bag, likeness
from promptc.schema import data_fields
from promptc.tree import Tree, child

Found: TypeAlias = Iterator[tuple[Topic, Leaf]]
_LEAST = 0.01
"""What may be paired where nothing is more alike: two texts in one place are one text that changed."""
_BYTES = "inlineData"


def contents_edits(old: Asked, new: Asked) -> Found:
    """Yield what differs in the turns."""
    before, after = (asked.body.get("contents", []) for asked in (old, new))

    def alike(i: int, j: int) -> float:
        if before[i].get("role") != after[j].get("role"):  # a reply has none
            return 1.0 if same(before[i].get("parts"), after[j].get("parts")) else 0.0
        return _LEAST + likeness(bag(_said(before[i])), bag(_said(after[j])))

    for i, j in beside([*map(written, before)], [*map(written, after)], alike):
        places = child("/contents", i or 0), child("/contents", j or 0)
        if i is not None and j is not None:
            yield from _turn(old, new, *places)
        elif i is not None:
            yield Topic.TURN, _leaf(places[0], places[0], old.blobs(before[i], places[0]), None)
        elif j is not None:
            yield Topic.TURN, _leaf(places[1], places[1], None, new.blobs(after[j], places[1]))


def _turn(old: Asked, new: Asked, old_pointer: str, new_pointer: str) -> Found:
    """Yield what differs in a turn that is on both sides."""
    before, after = old.at(old_pointer), new.at(new_pointer)
    yield from parts_edits(old, new, child(old_pointer, "parts"), child(new_pointer, "parts"))
    one, other = ({key: value for key, value in turn.items() if key != "parts"} for turn in (before, after))
    yield from ((Topic.TURN, leaf) for leaf in leaves(one, other, old_pointer, new_pointer))


def parts_edits(old: Asked, new: Asked, old_pointer: str, new_pointer: str) -> Found:
    """Yield what differs in a list of parts; there may be none on a side."""
    before, after = _parts(old, old_pointer), _parts(new, new_pointer)

    def alike(i: int, j: int) -> float:
        kinds = _kind(before[i]), _kind(after[j])
        if kinds[0] != kinds[1]:
            return 0.0
        texts = (bag(str(part.get("text"))) for part in (before[i], after[j]))
        return _LEAST + (likeness(*texts) if kinds[0] == "text" else _shared(before[i], after[j]))

    for i, j in beside([*map(written, before)], [*map(written, after)], alike):
        places = child(old_pointer, i or 0), child(new_pointer, j or 0)
        if i is not None and j is not None:
            yield from _part(old, new, *places)
        elif i is not None:
            yield _lone(old, places[0], before[i], gone=True)
        elif j is not None:
            yield _lone(new, places[1], after[j], gone=False)


def _part(old: Asked, new: Asked, old_pointer: str, new_pointer: str) -> Found:
    """Yield what differs in a part that holds the same kind of thing on both sides."""
    for leaf in leaves(old.at(old_pointer), new.at(new_pointer), old_pointer, new_pointer):
        relative = leaf.new_pointer.removeprefix(new_pointer)
        if relative == "/text":
            yield Topic.TEXT, leaf
        elif relative == "/inlineData/data":
            blobs = old.blob(leaf.old_pointer) or leaf.old, new.blob(leaf.new_pointer) or leaf.new
            yield _of_bytes(*blobs), _leaf(leaf.old_pointer, leaf.new_pointer, *blobs)
        elif relative == "/inlineData/mimeType" and _digest(old, old_pointer) != _digest(new, new_pointer):
            continue  # another file of another type is one change
        else:
            yield Topic.FILE if relative.startswith("/fileData") else Topic.PART, leaf


def _lone(asked: Asked, pointer: str, part: Mapping[str, Any], *, gone: bool) -> tuple[Topic, Leaf]:
    """Return a part that stands on one side only, as what it holds where it holds nothing else."""
    topic, value, where = Topic.PART, asked.blobs(dict(part), pointer), pointer
    if set(part) == {"text"}:
        topic, value, where = Topic.TEXT, part["text"], f"{pointer}/text"
    elif set(part) == {_BYTES} and (blob := asked.blob(f"{pointer}/{_BYTES}/data")):
        topic, value, where = _of_bytes(blob), blob, f"{pointer}/{_BYTES}/data"
    elif set(part) == {"fileData"}:
        topic = Topic.FILE
    old, new = (value, None) if gone else (None, value)
    return topic, _leaf(where, where, old, new)


def _leaf(old_pointer: str, new_pointer: str, old: Tree, new: Tree) -> Leaf:
    return Leaf(old_pointer=old_pointer, new_pointer=new_pointer, old=old, new=new)


def _of_bytes(*values: Tree) -> Topic:
    pictures = all(value.media_type.startswith("image/") for value in values if isinstance(value, Blob))
    return Topic.IMAGE if pictures else Topic.FILE


def _digest(asked: Asked, pointer: str) -> object:
    return asked.at(f"{pointer}/{_BYTES}/data")


def _parts(asked: Asked, pointer: str) -> Sequence[Mapping[str, Any]]:
    return asked.at(pointer) or []


def _kind(part: Mapping[str, Any]) -> str:
    return next((field for field in data_fields() if field in part), "")


def _shared(old: Mapping[str, Any], new: Mapping[str, Any]) -> float:
    """Return how much two parts have in common that hold no text."""
    return float(sum(key in new and same(value, new[key]) for key, value in old.items())) / max(len(old), len(new))


def _said(turn: Mapping[str, Any]) -> str:
    """Return what a turn says, with a word for each file."""
    if turn == REPLY:
        return ""
    return " ".join(str(part.get("text") or written(part)) for part in turn.get("parts", []))
