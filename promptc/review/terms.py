"""What differs of a case beside its requests: what is expected, whether it runs, and values that no request shows."""

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from promptc.locate import nearest_span
from promptc.request import Case, Expectation
from promptc.review.difference import Edit, Topic, Word
from promptc.review.leaves import Leaf, leaves
from promptc.review.words import words
from promptc.source import Span
from promptc.tree import Tree, child

_NOTHING = Expectation()


def expectation_edits(old: Case, new: Case) -> Iterator[Edit]:
    """Yield what differs in what is expected: of the replies in their order, and of the last answer."""
    before, after = ([request.expect for request in case.requests] for case in (old, new))
    steps = range(1, max(len(before), len(after)))
    for step, one, other in zip(steps, *_filled(before[:-1], after[:-1]), strict=True):
        yield from _expectation(one, other, step)
    last = len(after) if max(len(before), len(after)) > 1 else None
    yield from _expectation(before[-1], after[-1], last)


def _filled(old: list[Expectation | None], new: list[Expectation | None]) -> tuple[Any, Any]:
    both = [*zip_longest(old, new)]
    return [one for one, _ in both], [other for _, other in both]


def _expectation(old: Expectation | None, new: Expectation | None, step: int | None) -> Iterator[Edit]:
    found = False
    before, after = old or _NOTHING, new or _NOTHING
    for leaf in leaves(before.table, after.table, "", ""):
        found = True
        yield _expected(leaf, before, after, step)
    for pointer in sorted({*before.files} & {*after.files}):
        one, other = before.files[pointer], after.files[pointer]
        if one != other:
            found = True
            both = one[0] if len(one) == 1 else list(one), other[0] if len(other) == 1 else list(other)
            leaf = Leaf(old_pointer=pointer, new_pointer=pointer, old=both[0], new=both[1])
            yield _expected(leaf, before, after, step)
    if not found and (old is None) != (new is None):  # an empty table asks for what is checked without being told
        tables: tuple[Tree, Tree] = (None, {}) if old is None else ({}, None)
        leaf = Leaf(old_pointer="", new_pointer="", old=tables[0], new=tables[1])
        yield _expected(leaf, before, after, step)


def _expected(leaf: Leaf, old: Expectation, new: Expectation, step: int | None) -> Edit:
    return Edit(
        topic=Topic.EXPECTATION,
        step=step,
        pointer=leaf.old_pointer if leaf.new is None else leaf.new_pointer,
        old=leaf.old,
        new=leaf.new,
        words=said(Topic.EXPECTATION, leaf.old, leaf.new),
        old_span=nearest_span(leaf.old_pointer, old.places) if leaf.old is not None else None,
        new_span=nearest_span(leaf.new_pointer, new.places) if leaf.new is not None else None,
    )


def mark_edits(old: Case, new: Case) -> Iterator[Edit]:
    """Yield what differs in whether and how a case is run."""
    sides = [{"skip": case.skip, "tags": sorted(case.tags) or None, "xfail": case.xfail} for case in (old, new)]
    for key, before in sides[0].items():
        after = sides[1][key]
        if before != after:
            yield Edit(
                topic=Topic.MARK,
                step=None,
                pointer=child("", key),
                old=before,
                new=after,
                old_span=old.span if before is not None else None,
                new_span=new.span if after is not None else None,
            )


def variable_edits(old: Case, new: Case) -> Iterator[Edit]:
    """Yield the variables whose value differs; those that were renamed, or are new, say nothing by themselves."""
    before, after = values(old), values(new)
    for name in sorted({*before} & {*after}):
        (one, old_span), (other, new_span) = before[name], after[name]
        if one != other:
            yield Edit(
                topic=Topic.VARIABLE,
                step=None,
                pointer=child("", name),
                old=one,
                new=other,
                words=said(Topic.VARIABLE, one, other),
                old_span=old_span,
                new_span=new_span,
            )


def values(case: Case) -> Mapping[str, tuple[Tree, Span]]:
    """Return the value of each variable, a list where it has several texts, and where the first is set."""
    found: dict[str, list[Any]] = {}
    for one in case.assigned:
        found.setdefault(one.name, []).append(one)
    return {
        name: (parts[0].text if len(parts) == 1 else [part.text for part in parts], parts[0].span)
        for name, parts in found.items()
    }


def said(topic: Topic, old: Tree, new: Tree) -> tuple[Word, ...]:
    """Return the words that differ of what is said; of a name or a number, the whole is what differs."""
    both = isinstance(old, str) and isinstance(new, str) and (topic is Topic.TEXT or " " in old + new)
    return words(str(old), str(new)) if both else ()
