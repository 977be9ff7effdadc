"""Recordings that no case claims."""

from collections.abc import Iterator

from promptc.diagnostics import Diagnostic, Severity
from promptc.pipeline.selection import Selection
from promptc.replay.store import PENDING
from promptc.source import shown


def orphans(selection: Selection) -> Iterator[Diagnostic]:
    """Yield recordings that belong to no case; a spec with mistakes keeps all of its own."""
    project = selection.project
    errors = [found for found in selection.diagnostics if found.severity is Severity.ERROR]
    wrong = {found.span.source.path for found in errors if found.span}
    named = {found.file for found in errors}
    broken = {file.name for file in selection.files if file.path in wrong or shown(file.path) in named}
    broken |= {file.name for file in selection.files} - {case.spec for case in selection.cases}
    known = {(case.spec, case.name) for case in selection.cases}
    for path in sorted(project.cassettes.rglob("*.yaml")):
        spec = path.parent.relative_to(project.cassettes).as_posix()
        name = path.name.removesuffix(".yaml").removesuffix(f".{PENDING}")
        if (spec, name) not in known and spec not in broken:
            yield Diagnostic(
                code="P506",
                message=f"no case is named `{spec}::{name}`, so nothing checks this recording",
                file=shown(path),
                help="restore the spec, or remove the recording and its pictures",
            )
