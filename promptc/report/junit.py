"""Diagnostics as JUnit's XML: what was checked is a test case, what is wrong with it its failure."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from xml.etree import ElementTree as ET

from promptc.diagnostics import Diagnostic, Severity
from promptc.pipeline.results import Status
from promptc.pipeline.run import RunResult
from promptc.report.full import full
from promptc.report.style import Style, line
from promptc.wording import plural

_REST = "the rest"
_LEFT_OUT = {Status.SKIPPED, Status.XFAILED}
_NONE: Mapping[str, str] = MappingProxyType({})


def junit(
    diagnostics: Iterable[Diagnostic],
    checked: Iterable[str],
    *,
    suite: str,
    skipped: Mapping[str, str] = _NONE,
    failed: Mapping[str, str] = _NONE,
) -> str:
    """Return a suite with a test case for each file or `spec::case` that was checked, in ASCII.

    `skipped` has the reasons of those that were left out, `failed` of those that fail without an error.
    What belongs to nothing that was checked has a test case of its own.
    """
    found: dict[str, list[Diagnostic]] = {name: [] for name in checked}
    for diagnostic in diagnostics:
        found.setdefault(_name(diagnostic, found, suite), []).append(diagnostic)
    cases = [_case(suite, name, about, skipped.get(name), failed.get(name)) for name, about in found.items()]
    counts = {
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": "0",
        "skipped": str(sum(case.find("skipped") is not None for case in cases)),
    }
    root = ET.Element("testsuites")
    ET.SubElement(root, "testsuite", {"name": suite, **counts}).extend(cases)
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="us-ascii", xml_declaration=True)
    return text.decode("ascii") + "\n"


def run_junit(result: RunResult) -> str:
    """Return a run: each case is a test case, and one that is not green has failed, whatever is said of it."""
    reasons = {case.id: case.reason or "" for case in result.results if case.status in _LEFT_OUT}
    failed = {case.id: f"`{case.id}` is {case.status.value}" for case in result.results if not case.good}
    if result.stopped:
        failed[_REST] = f"stopped: {result.stopped.done} of {plural(result.stopped.cases, 'case')} were run"
    found = [*result.diagnostics, *(problem for case in result.results for problem in case.diagnostics)]
    names = [*(case.id for case in result.results), *([_REST] if result.stopped else [])]
    return junit(found, names, suite="promptc run", skipped=reasons, failed=failed)


def _name(diagnostic: Diagnostic, known: Mapping[str, object], suite: str) -> str:
    file = diagnostic.span.source.name if diagnostic.span else diagnostic.file
    names = [name for name in (diagnostic.subject, file) if name]
    return next((name for name in names if name in known), file or diagnostic.subject or suite)


def _case(suite: str, name: str, found: Sequence[Diagnostic], reason: str | None, failure: str | None) -> ET.Element:
    case = ET.Element("testcase", {"classname": suite, "name": line(name)})
    errors = [diagnostic for diagnostic in found if diagnostic.severity is Severity.ERROR]
    others = [diagnostic for diagnostic in found if diagnostic.severity is not Severity.ERROR]
    if errors:  # one element, for many readers take no second
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        about = {"type": errors[0].code, "message": f"{line(errors[0].message)}{more}"}
        ET.SubElement(case, "failure", about).text = full(errors, Style())
    elif failure is not None:
        ET.SubElement(case, "failure", {"message": line(failure)})
    elif reason is not None:
        ET.SubElement(case, "skipped", {"message": line(reason)})
    if others:
        ET.SubElement(case, "system-out").text = full(others, Style())
    return case
