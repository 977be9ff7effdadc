"""Compile: the requests of the selected cases, later steps completed from recordings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from promptc.compiler.given import overrides
from promptc.config import Project, Target
from promptc.diagnostics import Diagnostic, Severity, failed
from promptc.errors import CassetteError
from promptc.pipeline.answers import answers
from promptc.pipeline.filter import EVERYTHING, Filter
from promptc.pipeline.selection import Selection, select
from promptc.pipeline.targets import reached
from promptc.pipeline.unit import Unit
from promptc.replay.modes import RecordMode
from promptc.replay.offline import offline_here
from promptc.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class CompileResult:
    """Requests in order, later steps without body where nothing is recorded, and the target they are for."""

    requests: tuple[Request, ...]
    diagnostics: tuple[Diagnostic, ...]
    target: Target

    @property
    def good(self) -> bool:
        """Whether everything compiled."""
        return not failed(self.diagnostics)


def compile_requests(
    project: Project,
    arguments: Sequence[str] = (),
    *,
    only: Filter = EVERYTHING,
    variables: Mapping[str, Any] | None = None,
    values: Path | None = None,
) -> CompileResult:
    """Compile the selected cases; raises UsageError or InputError.

    A text among the `variables` is typed by its declaration; `values` is a TOML or JSON file of them.
    """
    selection = select(project, arguments, only=only, overrides=overrides(variables, values))
    target = project.find_target(None)
    requests: list[Request] = []
    found = [*selection.diagnostics]
    for bound, notes in _bound(selection, target):
        requests += bound
        found += notes
    return CompileResult(requests=tuple(requests), diagnostics=tuple(found), target=target)


def _bound(selection: Selection, target: Target) -> Iterator[tuple[list[Request], list[Diagnostic]]]:
    project = selection.project
    with reached(project, target, ask=False) as endpoint, offline_here():
        for case in selection.cases:
            unit = Unit(project=project, case=case, endpoint=endpoint, mode=RecordMode.NONE)
            requests = _completed(unit) if len(case.requests) > 1 else list(case.requests)
            yield requests, [_later(request, unit) for request in requests if not request.bound]


def _completed(unit: Unit) -> list[Request]:
    """Put recorded answers into later steps, as far as they are recorded."""
    known: list[Request] = []
    try:
        recording = unit.store.load(unit.store.accepted)
        counted = recording if unit.counts(recording) else None
        with unit.session(counted, unit.store.accepted, RecordMode.NONE) as session:
            known = [request for request, _ in answers(unit, session)]
    except CassetteError:
        pass  # `check` says what is wrong with it; the later steps stay without a body
    return [*known, *unit.case.requests[len(known) :]] or list(unit.case.requests)


def _later(request: Request, unit: Unit) -> Diagnostic:
    return Diagnostic(
        code="P410",
        severity=Severity.NOTE,
        message=f"step {request.step} of `{unit.case.id}` needs the answer of step {request.step - 1}",
        span=unit.case.span,
        subject=unit.case.id,
        help=f"`promptc record {unit.argument}` records it",
    )
