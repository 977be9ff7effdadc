"""Export: fresh recordings as plain vcrpy cassettes."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from promptc.config import Project
from promptc.diagnostics import Diagnostic, Severity, failed
from promptc.errors import CassetteError, SecretFoundError
from promptc.pipeline import findings
from promptc.pipeline.answers import answers
from promptc.pipeline.check import state
from promptc.pipeline.filter import EVERYTHING, Filter
from promptc.pipeline.results import CaseResult, Status
from promptc.pipeline.run import refuse_sources
from promptc.pipeline.selection import select
from promptc.pipeline.targets import reached
from promptc.pipeline.unit import Unit
from promptc.replay.modes import RecordMode
from promptc.replay.offline import offline
from promptc.replay.plain_writer import write_plain
from promptc.source import shown

_UNTOUCHED = "what was written before is complete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A case, the state of its recording, and the file that was written, if one was."""

    state: CaseResult
    file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportResult:
    """What an export came to."""

    cases: tuple[Exported, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def good(self) -> bool:
        """Whether every case was written that is not skipped."""
        return not failed(self.diagnostics)


def export_cassettes(
    project: Project, arguments: Sequence[str], output: Path, *, only: Filter = EVERYTHING, force: bool = False
) -> ExportResult:
    """Write the selected cases' recordings below a folder; raises UsageError before anything is written."""
    refuse_sources(project, output)
    selection = select(project, arguments, only=only)
    for case in selection.cases:
        refuse_sources(project, (output / case.spec).resolve())
    with reached(project, project.find_target(None), ask=False) as endpoint, offline():
        units = [
            Unit(project=project, case=case, endpoint=endpoint, mode=RecordMode.NONE, output=output)
            for case in selection.cases
        ]
        cases = tuple(_exported(units, force=force))
    found = [*selection.diagnostics, *(d for case in cases for d in case.state.diagnostics)]
    return ExportResult(cases=cases, diagnostics=tuple(found))


def _exported(units: Sequence[Unit], *, force: bool) -> Iterator[Exported]:
    for unit in units:
        found = state(unit)
        if found.status not in {Status.PASSED, Status.PENDING}:
            yield Exported(state=found)
            continue
        assert unit.output  # noqa: S101 - it was made with one
        path = unit.output / unit.case.spec / f"{unit.case.name}.yaml"
        problem = _written(unit, path, force=force)
        told = tuple(_weighed(diagnostic) for diagnostic in found.diagnostics)
        found = replace(found, diagnostics=(*told, *([problem] if problem else [])))
        yield Exported(state=found, file=None if problem else path)


def _weighed(diagnostic: Diagnostic) -> Diagnostic:
    """Let a newer answer that waits be no error: the one that counts is written."""
    return replace(diagnostic, severity=Severity.WARNING) if diagnostic.code == "P505" else diagnostic


def _written(unit: Unit, path: Path, *, force: bool) -> Diagnostic | None:
    """Write a case's cassette; returns what stood in the way."""
    store = unit.store
    if not force and os.path.lexists(path):
        message = f"`{unit.case.id}` was not written: there is a file in its place"
        return replace(findings.about(unit, "P509", message, "`--force` replaces it"), span=None, file=shown(path))
    try:
        recording = store.load(store.accepted)
        assert recording  # noqa: S101 - it is fresh
        with unit.session(recording, store.accepted, RecordMode.NONE) as session:
            requests = [request for request, _ in answers(unit, session)]
            write_plain(path, recording, requests, session.interactions, unit.endpoint.secrets)
    except CassetteError as error:
        return findings.damaged(unit, error)
    except SecretFoundError as error:
        return findings.about(unit, "P508", str(error), _UNTOUCHED)
    except OSError as error:
        return findings.not_written(unit, error, path, _UNTOUCHED)
    return None
