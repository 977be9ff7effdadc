"""What differs between what a case asked and what it asks: typed edits, each told once for all steps."""

from promptc.locate import SourceMap, nearest_span
from promptc.request import Case
from promptc.review.asked import Asked, same
from promptc.review.difference import Edit, Topic
from promptc.review.leaves import Leaf, leaves
from promptc.review.terms import said
from promptc.review.tools import tool_edits
from promptc.review.turns import Found, contents_edits, parts_edits
from promptc.tree import child

_SYSTEM = "systemInstruction"
_SCHEMAS = ("/generationConfig/responseSchema", "/generationConfig/responseJsonSchema")


def request_edits(old: Case, new: Case, before: Asked, after: Asked) -> tuple[Edit, ...]:
    """Return what differs in the requests of a case."""
    places = old.requests[-1].places, new.requests[-1].places
    return tuple(_edit(topic, leaf, before, after, places) for topic, leaf in _found(before, after))


def _found(old: Asked, new: Asked) -> Found:
    """Yield what differs: the route first, then what is said, then what goes along."""
    for topic, pointer, one, other in (
        (Topic.MODEL, "/model", old.model, new.model),
        (Topic.METHOD, "/method", old.method, new.method),
    ):
        if one != other:
            yield topic, Leaf(old_pointer=pointer, new_pointer=pointer, old=one, new=other)
    yield from _system(old, new)
    yield from contents_edits(old, new)
    for field in sorted(({*old.body} | {*new.body}) - {"contents", _SYSTEM}):
        if field == "tools":
            yield from tool_edits(old.body.get(field), new.body.get(field))
        else:
            yield from _parameters(old, new, field)


def _system(old: Asked, new: Asked) -> Found:
    """Yield what differs in the system instruction, whose parts are as those of a turn."""
    pointer = child("", _SYSTEM)
    found = [*parts_edits(old, new, f"{pointer}/parts", f"{pointer}/parts")]
    before, after = (side.body.get(_SYSTEM) for side in (old, new))
    one, other = ({key: value for key, value in (side or {}).items() if key != "parts"} for side in (before, after))
    found += [(Topic.TURN, leaf) for leaf in leaves(one, other, pointer, pointer)]
    if not found and not same(before, after):  # one that says nothing
        found = [(Topic.TURN, Leaf(old_pointer=pointer, new_pointer=pointer, old=before, new=after))]
    yield from found


def _parameters(old: Asked, new: Asked, field: str) -> Found:
    one, other = ({field: side.body[field]} if field in side.body else {} for side in (old, new))
    for leaf in leaves(one, other, "", ""):
        schema = leaf.new_pointer.startswith(_SCHEMAS)
        yield Topic.SCHEMA if schema else Topic.PARAMETER, leaf


def _edit(topic: Topic, leaf: Leaf, old: Asked, new: Asked, places: tuple[SourceMap, SourceMap]) -> Edit:
    gone = leaf.new is None
    return Edit(
        topic=topic,
        step=old.step(leaf.old_pointer) if gone else new.step(leaf.new_pointer),
        pointer=leaf.old_pointer if gone else leaf.new_pointer,
        old=leaf.old,
        new=leaf.new,
        words=said(topic, leaf.old, leaf.new),
        old_span=nearest_span(leaf.old_pointer, places[0]) if leaf.old is not None else None,
        new_span=nearest_span(leaf.new_pointer, places[1]) if leaf.new is not None else None,
    )
