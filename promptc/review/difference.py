"""What differs between two compilations: cases matched, their changes typed, and told once for each cause."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from promptc.request import Case
from promptc.source import Span
from promptc.tree import Tree

State: TypeAlias = Literal["added", "removed", "renamed", "changed", "same"]
"""What became of a case. One that was renamed may have changed, too."""


class Topic(StrEnum):
    """What a change is about."""

    MODEL = "model"
    METHOD = "method"
    TURN = "turn"
    PART = "part"
    TEXT = "text"
    IMAGE = "image"
    FILE = "file"
    PARAMETER = "parameter"
    TOOL = "tool"
    SCHEMA = "schema"
    VARIABLE = "variable"
    EXPECTATION = "expectation"
    MARK = "mark"
    """Whether and how a case is run: `skip`, `xfail`, tags."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A stretch of a text that was taken out (`-`), put in (`+`) or stayed (a space)."""

    mark: Literal["-", "+", " "]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One change of a case; `old` or `new` is None where there was nothing.

    `step` is None for what is of the case and not of one request. `pointer` (RFC 6901) leads into the
    request's body, the expectation's table or the variables. Pictures and files are blobs. The spans
    say where each side is written.
    """

    topic: Topic
    step: int | None
    pointer: str
    old: Tree
    new: Tree
    words: tuple[Word, ...] = ()
    old_span: Span | None = None
    new_span: Span | None = None

    @property
    def action(self) -> Literal["added", "removed", "changed"]:
        """What was done."""
        if self.old is None:
            return "added"
        return "removed" if self.new is None else "changed"

    @property
    def asked(self) -> bool:
        """Whether a request holds it."""
        return self.topic not in {Topic.VARIABLE, Topic.EXPECTATION, Topic.MARK}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A case before and after, and what has changed in it."""

    old: Case | None
    new: Case | None
    edits: tuple[Edit, ...] = ()

    @property
    def id(self) -> str:
        """The case's name of today, or the last one that it had."""
        case = self.new or self.old
        return case.id if case else ""

    @property
    def state(self) -> State:
        """What became of the case."""
        if self.old is None or self.new is None:
            return "added" if self.old is None else "removed"
        if self.old.id != self.new.id:
            return "renamed"
        return "changed" if self.edits else "same"

    @property
    def asks_anew(self) -> bool:
        """Whether the case asks something else than it did."""
        return any(edit.asked for edit in self.edits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """An edit that is the same in several cases, by their ids."""

    edit: Edit
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What one change of the sources does: where it was made, on either side, and the edits that come of it.

    What stands there need not be `edited`: a pattern finds other pictures.
    """

    edits: tuple[Shared, ...]
    old_span: Span | None = None
    new_span: Span | None = None
    edited: bool = True

    @property
    def cases(self) -> tuple[str, ...]:
        """The cases that it touches, each once."""
        return tuple(dict.fromkeys(case for shared in self.edits for case in shared.cases))


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The cases in today's order, removed ones last, unchanged ones included, and their changes by cause."""

    pairs: tuple[Pair, ...]
    groups: tuple[Group, ...]
