"""What is wrong with a file that comes before all specs, in the form that a program asked for."""

from collections.abc import Sequence

from promptc.diagnostics import Diagnostic
from promptc.report.as_json import diagnostics, dumped
from promptc.report.concise import concise
from promptc.report.github import github
from promptc.report.junit import junit
from promptc.report.sarif import sarif


def refused_text(found: Sequence[Diagnostic], form: str, command: str) -> str:
    """Return the findings of a command that could not begin: no case and no file is known, so none is listed."""
    if form == "json":
        return dumped({"good": False, "cases": [], "diagnostics": diagnostics(found)})
    if form == "junit":
        return junit(found, (), suite=command)
    return {"concise": concise, "github": github, "sarif": sarif}[form](found)
