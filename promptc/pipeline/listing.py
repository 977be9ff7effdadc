"""What there is: every case with its requests and the state of its recording."""

from collections.abc import Sequence
from dataclasses import dataclass

from promptc.config import Project
from promptc.diagnostics import Diagnostic
from promptc.pipeline.check import states
from promptc.pipeline.filter import EVERYTHING, Filter
from promptc.pipeline.results import CaseResult
from promptc.pipeline.rot import unseen_folders
from promptc.pipeline.selection import select
from promptc.request import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Cases with their state, in the order of specs, and what was said about the specs."""

    rows: tuple[tuple[Case, CaseResult], ...]
    diagnostics: tuple[Diagnostic, ...]


def listing(project: Project, arguments: Sequence[str] = (), *, only: Filter = EVERYTHING) -> Listing:
    """List the selected cases; raises UsageError."""
    selection = select(project, arguments, only=only)
    rows = tuple(zip(selection.cases, states(selection), strict=True))
    return Listing(rows=rows, diagnostics=(*selection.diagnostics, *unseen_folders(selection)))
