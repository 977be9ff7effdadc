"""Try: ask once, show the answer, keep no cassette."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from promptc.compiler.given import overrides
from promptc.config import Project
from promptc.diagnostics import failed
from promptc.pipeline.consent import Consent, obtain
from promptc.pipeline.filter import EVERYTHING, Filter
from promptc.pipeline.run import RunResult, begun, run_units, stopped, workers
from promptc.pipeline.selection import select
from promptc.pipeline.targets import reached
from promptc.pipeline.unit import Unit
from promptc.replay.modes import RecordMode


def try_spec(
    project: Project,
    argument: str,
    *,
    only: Filter = EVERYTHING,
    variables: Mapping[str, str] | None = None,
    values: Path | None = None,
    target: str | None = None,
    output: Path | None = None,
    consent: Consent | None = None,
) -> RunResult:
    """Ask the first case of those that are selected; raises UsageError, LimitError or InputError."""
    chosen = project.find_target(target)
    selection = select(project, (argument,), only=only, overrides=overrides(variables, values))
    if failed(selection.diagnostics) or not selection.cases:
        return RunResult(project=project, results=(), diagnostics=selection.diagnostics)
    case = replace(selection.cases[0], skip=None, xfail=None)
    with reached(project, chosen, ask=True) as endpoint, TemporaryDirectory(prefix="promptc-") as scratch:
        # what is recorded goes where nobody looks, and an unfinished chat too
        elsewhere = replace(project, root=Path(scratch), cassettes=Path(scratch) / "cassettes")
        unit = Unit(project=elsewhere, case=case, endpoint=endpoint, mode=RecordMode.ALL, output=output)
        obtain(project, chosen, [unit], consent)
        with workers(1) as executor:
            results = [replace(result, kept=None) for result in run_units([unit], executor)]
    return RunResult(
        project=project,
        results=begun(results),
        diagnostics=selection.diagnostics,
        stopped=stopped(results, kept=False),
    )
