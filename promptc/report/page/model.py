"""What a report shows, as values: each kind of report fills them, one template prints them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, TypeAlias

Tone: TypeAlias = Literal["good", "bad", "warn", "soft"]
"""How a word is coloured; the word alone says it, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word about a case or a page, and its tone."""

    text: str
    tone: Tone = "soft"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture: `source` is what an `img` loads, `link` leads to the whole file; `problem` says why there is none.

    `name` is the file's, where it is of interest.
    """

    alt: str
    caption: str
    source: str | None = None
    link: str | None = None
    name: str = ""
    problem: str | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The pictures of one place in two answers; one is enough. `told` says how far they are apart."""

    number: int
    old: Picture | None
    new: Picture | None
    difference: Picture | None = None
    told: tuple[str, ...] = ()

    @property
    def comparable(self) -> bool:
        """Whether one can be laid over the other."""
        return bool(self.old and self.new and self.old.source and self.new.source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a turn: a text, a picture, or anything else as JSON."""

    text: str | None = None
    picture: Picture | None = None
    json: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Who speaks, and what is said."""

    role: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A name and a value."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request, readable: what is said, the parameters, and the whole body as JSON without bytes.

    `known` counts the turns before these that the step above has shown, with the parameters.
    """

    route: str
    known: int
    turns: tuple[Turn, ...]
    parameters: tuple[Row, ...]
    body: str
    fingerprint: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """An expectation, and whether it is met."""

    passed: bool
    message: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer; `label` tells it from another one beside it."""

    label: str
    text: str
    error: str | None
    facts: tuple[Row, ...]
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of a text: taken out (`-`), put in (`+`), stayed (a space), or a word on what is left out (`…`)."""

    mark: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request of a case and its answers, old and new where there are two."""

    number: int
    asked: Asked | None
    answers: tuple[Answer, ...]
    pairs: tuple[Pair, ...]
    note: str = ""
    changes: tuple[str, ...] = ()
    text: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A diagnostic: the line that it points into is cut in three, the middle one is marked."""

    code: str
    tone: Tone
    severity: str
    message: str
    place: str
    number: int | None
    excerpt: tuple[str, str, str] | None
    more: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A change of a request or an expectation: what it is about, what was done, words or values, pictures."""

    what: str
    action: str
    words: tuple[Stretch, ...]
    pairs: tuple[Pair, ...] = ()
    place: str = ""
    cause: int | None = None
    """The number of the cause that shows the pictures, where several cases share them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What one change of the sources does, told once: where it was made, and the cases that it touches."""

    place: str
    edits: tuple[Edit, ...]
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case: `words` are what filters go by, the first one is its state."""

    spec: str
    name: str
    words: tuple[Word, ...]
    facts: tuple[Row, ...] = ()
    reason: str = ""
    edits: tuple[Edit, ...] = ()
    steps: tuple[Step, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def id(self) -> str:
        """`spec::case`, which is the anchor, too."""
        return f"{self.spec}::{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A whole report. `title` names the project, `notes` say what the reader must know before reading."""

    title: str
    kind: str
    verdict: Word
    lead: str
    origin: str
    notes: tuple[str, ...]
    remarks: tuple[Remark, ...]
    causes: tuple[Cause, ...]
    cases: tuple[Case, ...]
    files: bool = False
    """Whether pictures are loaded from files beside the page."""

    @property
    def counts(self) -> tuple[tuple[Word, int], ...]:
        """The words of the cases, each with the number of its cases; what wants attention first."""
        found: dict[Word, int] = {}
        for word in (word for case in self.cases for word in case.words):
            found[word] = found.get(word, 0) + 1
        order: Sequence[Tone] = ("bad", "warn", "soft", "good")
        return tuple(sorted(found.items(), key=lambda item: (order.index(item[0].tone), item[0].text)))

    @property
    def specs(self) -> tuple[tuple[str, tuple[Case, ...]], ...]:
        """The cases by spec, in their order."""
        return tuple((spec, tuple(cases)) for spec, cases in groupby(self.cases, lambda case: case.spec))
