"""Diff: what a change of the specs does to the compiled requests, to their recordings, and what it will cost."""

from collections.abc import Mapping
from dataclasses import dataclass

from promptc.config import Project
from promptc.diagnostics import Diagnostic, failed
from promptc.pipeline.plan import Estimate
from promptc.pipeline.results import CaseResult
from promptc.pipeline.review import StepReview
from promptc.review.difference import Group, Pair
from promptc.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two states that are compared.

    `name` is what the user called it, `commit` its 40 digits, None for the working tree. `project` is
    None where there was none yet. `sources` are the text files that compiling has read.
    `diagnostics` are what was said about its specs; `broken` are specs whose cases are not known.
    """

    name: str
    commit: str | None
    project: Project | None
    sources: Mapping[str, Source]
    diagnostics: tuple[Diagnostic, ...] = ()
    broken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDifference:
    """A case that was touched: its change, its recording before and now, answers that differ, what asking anew costs.

    `before` and `now` are None where there was no such case. `answers` are empty where both sides
    hold the same ones. `estimate` is None where nothing need be asked.
    """

    pair: Pair
    before: CaseResult | None
    now: CaseResult | None
    answers: tuple[StepReview, ...] = ()
    estimate: Estimate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffResult:
    """Two states of a project compared.

    `cases` are those that were touched: request, expectations, marks or recorded answer. `unchanged`
    counts the others; `elsewhere` names those of them whose recording is not fresh. `estimate` sums
    up what the touched cases cost to record. `sides` are pictures' width and height in pixels, by SHA-256.
    """

    old: Side
    new: Side
    cases: tuple[CaseDifference, ...]
    groups: tuple[Group, ...]
    unchanged: int
    elsewhere: tuple[str, ...]
    estimate: Estimate
    sides: Mapping[str, tuple[int, int]]

    @property
    def changed(self) -> bool:
        """Whether anything differs that a request, an expectation or a recording is made of."""
        return bool(self.cases) or self.old.broken != self.new.broken

    @property
    def good(self) -> bool:
        """Whether the new side compiles."""
        return not failed(self.new.diagnostics)
