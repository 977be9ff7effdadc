"""What `check` found, in every format."""

from collections.abc import Iterator

from promptc.pipeline.check import CheckResult
from promptc.pipeline.results import Status
from promptc.report.as_json import check_json
from promptc.report.concise import concise
from promptc.report.github import github
from promptc.report.junit import junit
from promptc.report.sarif import sarif
from promptc.report.style import Style
from promptc.report.summary import check_summary
from promptc.source import shown


def check_text(result: CheckResult, form: str, style: Style) -> str:
    """Return what was found; only the full form leaves out some of many findings of one kind."""
    if form == "full":
        return check_summary(result, style)
    if form == "json":
        return check_json(result)
    if form == "junit":
        skipped = {case.id: case.reason or "" for case in result.cases if case.status is Status.SKIPPED}
        return junit(result.diagnostics, _checked(result), suite="promptc check", skipped=skipped)
    return {"concise": concise, "github": github, "sarif": sarif}[form](result.diagnostics)


def _checked(result: CheckResult) -> Iterator[str]:
    """Yield each spec's file and the cases that were compiled from it."""
    for file in result.selection.files:
        yield shown(file.path)
        yield from (case.id for case in result.cases if case.spec == file.name)
