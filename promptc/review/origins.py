"""Where an edit comes from: the changed lines that hold its place, set a value of it, or have its words."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from promptc.blob import Blob
from promptc.request import Case
from promptc.review.difference import Edit, Pair
from promptc.review.hunks import Hunk, Hunks, spanning
from promptc.review.terms import values
from promptc.review.words import bag
from promptc.source import Span
from promptc.tree import Tree, last

Key: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A change of the sources, told from others by its key, and where it was made on either side."""

    key: Key
    old_span: Span | None
    new_span: Span | None
    edited: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Changed:
    """A variable whose value differs in a case, and the changed lines that set it."""

    old: Tree
    new: Tree
    hunks: tuple[Hunk, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where the edits of a case may come from: changed lines of its own files and of those that all share."""

    pair: Pair
    hunks: Hunks
    near: Sequence[Hunk]
    changed: Sequence[_Changed]

    @classmethod
    def of(cls, pair: Pair, hunks: Hunks, common: Sequence[Hunk]) -> "Ground":
        """Look around a case; `common` are the changed lines of files that are no case's own."""
        sides = [(case, names) for case, names in ((pair.old, hunks.old_names), (pair.new, hunks.new_names)) if case]
        files = {name for case, names in sides for name in _files(case, names)}
        own = [hunk for file in sorted(files) for hunk in hunks.by_file.get(file, ())]
        others = [hunk for hunk in common if hunk.file not in files]
        return cls(pair=pair, hunks=hunks, near=(*own, *others), changed=tuple(_changed(pair, hunks)))

    def origins(self, edit: Edit) -> Iterator[Origin]:
        """Yield what an edit comes from: one place in each file that was changed, or else its own place."""
        if swapped := _swapped(edit):
            old, new = (_named(case, edit) for case in (self.pair.old, self.pair.new))
            yield Origin(key=swapped, old_span=old or edit.old_span, new_span=new or edit.new_span)
            return
        found = self.lines(edit)
        for file in dict.fromkeys(hunk.file for hunk in found):
            here = [hunk for hunk in found if hunk.file == file]
            yield Origin(
                key=("lines", file, *(hunk.number for hunk in here)),
                old_span=spanning(hunk.old_span for hunk in here),
                new_span=spanning(hunk.new_span for hunk in here),
            )
        if not found:
            own = (*_at(edit.old_span, self.hunks.old_names), *_at(edit.new_span, self.hunks.new_names))
            edited = not self.hunks.untouched(edit.old_span, edit.new_span)
            yield Origin(key=("place", *own), old_span=edit.old_span, new_span=edit.new_span, edited=edited)

    def lines(self, edit: Edit) -> Sequence[Hunk]:
        """Return the changed lines that an edit comes from, as far as they are known."""
        direct = self.hunks.at(edit.old_span, edit.new_span)
        if direct and not edit.words:
            return direct
        gone, come = _evidence(edit)
        told = [hunk for hunk in direct if _explained(hunk, gone, come)]
        for hunk in told:
            gone, come = gone - hunk.gone, come - hunk.come
        told += self._elsewhere(edit, direct, gone, come)
        if told or direct:
            return told or direct
        by_value = dict.fromkeys(hunk for one in self.changed for hunk in one.hunks)
        return [*by_value] or (self.near if len(self.near) == 1 else [])

    def _elsewhere(self, edit: Edit, direct: Sequence[Hunk], gone: Counter[str], come: Counter[str]) -> Iterator[Hunk]:
        """Yield the lines that explain what the edit's own don't: those that set its values first."""
        setting = [hunk for one in self.changed if _shows(edit, one) for hunk in one.hunks]
        left = [hunk for hunk in dict.fromkeys((*setting, *self.near)) if hunk not in direct]
        while left:
            best = max(left, key=lambda hunk: _explained(hunk, gone, come))  # the first of those that do it best
            if not _explained(best, gone, come):
                return
            yield best
            gone, come = gone - best.gone, come - best.come
            left.remove(best)


def _files(case: Case, names: Mapping[Path, str]) -> Iterator[str]:
    """Yield the files in which something of a case is written, as they are named today."""
    spans = [one.span for one in case.assigned]
    for request in case.requests:
        spans += [place.span for place in request.places.values()]
        spans += [place.span for place in request.expect.places.values()] if request.expect else []
    for path in dict.fromkeys((case.path, case.span.source.path, *(span.source.path for span in spans))):
        if path in names:
            yield names[path]


def _changed(pair: Pair, hunks: Hunks) -> Iterator[_Changed]:
    if pair.old is None or pair.new is None:
        return
    before, after = values(pair.old), values(pair.new)
    for name in sorted({*before} | {*after}):
        (old, old_span), (new, new_span) = (side.get(name, (None, None)) for side in (before, after))
        if old != new:
            yield _Changed(old=old, new=new, hunks=hunks.at(old_span, new_span))


def _evidence(edit: Edit) -> tuple[Counter[str], Counter[str]]:
    """Return the words that an edit took out and put in, its field's name among them where it has one of its own."""
    if edit.words:
        gone, come = (" ".join(word.text for word in edit.words if word.mark == mark) for mark in ("-", "+"))
    else:
        name = last(edit.pointer)
        gone, come = (f"{name} {_plain(value)}" if value is not None else "" for value in (edit.old, edit.new))
    return bag(gone), bag(come)


def _plain(value: Tree) -> str:
    if isinstance(value, Blob):
        return value.path.name if value.path else ""
    return str(value)


def _explained(hunk: Hunk, gone: Counter[str], come: Counter[str]) -> int:
    """Return how many of the words were changed in these lines."""
    return (hunk.gone & gone).total() + (hunk.come & come).total()


def _shows(edit: Edit, changed: _Changed) -> bool:
    """Say whether the value of a variable is seen in an edit."""
    sides = ((changed.old, edit.old), (changed.new, edit.new))
    return any(text and text in _plain(value) for told, value in sides for text in _texts(told))


def _texts(value: Tree) -> Iterator[str]:
    if isinstance(value, list):
        yield from (str(item).rpartition("/")[2] for item in value)
    elif value is not None:
        yield str(value).rpartition("/")[2]


def _swapped(edit: Edit) -> Key | None:
    """Return what tells a file from others whose bytes were changed and whose name was not."""
    old, new = edit.old, edit.new
    if isinstance(old, Blob) and isinstance(new, Blob) and old.path and new.path and old.path.name == new.path.name:
        return ("file", new.path.name, old.sha256, new.sha256)
    return None


def _named(case: Case | None, edit: Edit) -> Span | None:
    """Return where a variable's value names an edit's file."""
    names = {_plain(edit.old), _plain(edit.new)} - {""}
    return next((one.span for one in case.assigned if one.text.rpartition("/")[2] in names), None) if case else None


def _at(span: Span | None, names: Mapping[Path, str]) -> Key:
    return (names.get(span.source.path, span.source.path.as_posix()), span.start) if span else ("", 0)
