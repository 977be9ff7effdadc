"""Accept and reject: what becomes of new answers that wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from promptc.config import Project
from promptc.diagnostics import Diagnostic
from promptc.errors import CassetteError
from promptc.pipeline.selection import select
from promptc.pipeline.unit import store_of
from promptc.replay.store import Store
from promptc.source import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledResult:
    """The cases whose waiting answer was accepted or removed, and what stood in the way."""

    cases: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]


def accept(project: Project, arguments: Sequence[str] = ()) -> SettledResult:
    """Make the waiting answers of the selected cases the truth."""
    return _settle(project, arguments, accepting=True)


def reject(project: Project, arguments: Sequence[str] = ()) -> SettledResult:
    """Remove the waiting answers of the selected cases."""
    return _settle(project, arguments, accepting=False)


def _settle(project: Project, arguments: Sequence[str], *, accepting: bool) -> SettledResult:
    selection = select(project, arguments)
    settled: list[str] = []
    found: list[Diagnostic] = [*selection.diagnostics]
    for case in selection.cases:
        store = store_of(project, case.spec, case.name)
        if not store.pending.exists():
            continue
        try:
            with store.locked():
                done = store.accept() if accepting else store.reject()
        except CassetteError as error:
            found.append(error.diagnostic)
        except OSError as error:
            found.append(_not_written(store, error))
        else:
            settled += [case.id] if done else []
    return SettledResult(cases=tuple(settled), diagnostics=tuple(found))


def _not_written(store: Store, error: OSError) -> Diagnostic:
    file = shown(Path(error.filename)) if error.filename else shown(store.pending)
    message = f"`{file}` was not changed: {error.strerror or error}"
    return Diagnostic(code="P509", message=message, file=file, help="the recordings are as they were")
