"""From a case's result to what pytest calls an outcome."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from _pytest._code.code import ReprEntryNative, ReprExceptionInfo, ReprFileLocation, ReprTraceback

from promptc.diagnostics import Diagnostic, Severity
from promptc.pipeline.results import CaseResult, Status
from promptc.report.full import full
from promptc.report.session import headline
from promptc.report.style import Style

TOLD: pytest.StashKey[list[dict[str, Any]]] = pytest.StashKey()
"""What the end of the run says of the cases that an item has run."""

PLAIN = Style()
"""Reports travel between processes and into files, so they have no colours."""


class NotGreenError(AssertionError):
    """A case or spec that is not green: the message is what a reader sees, `headline` what fits on a line.

    `code` is that of the first mistake; without any it is empty.
    """

    def __init__(self, text: str, headline: str, code: str = "") -> None:
        """Keep all three."""
        super().__init__(text)
        self.headline = headline
        self.code = code


def conclude(result: CaseResult) -> None:
    """Return where a case is green; raises NotGreenError, or what pytest takes for skipped and xfailed."""
    __tracebackhide__ = True
    if result.status is Status.SKIPPED:
        pytest.skip(result.reason or "")
    if result.status is Status.XFAILED and result.good:
        pytest.xfail(result.reason or "")
    if not result.good:
        raise not_green(result.diagnostics, f"`{result.id}` is {result.status.value}")


def not_green(diagnostics: Sequence[Diagnostic], otherwise: str) -> NotGreenError:
    """Return the failure that shows diagnostics, mistakes first; `otherwise` is said where there are none."""
    found = sorted(diagnostics, key=lambda diagnostic: list(Severity).index(diagnostic.severity))
    code = found[0].code if found else ""
    return NotGreenError(full(found, PLAIN) or f"{otherwise}\n", headline(found) or otherwise, code)


def told(result: CaseResult) -> dict[str, Any]:
    """Return what the end of the run says of a case that was run, as plain values: workers send it."""
    made: dict[str, Any] = {
        "asked": result.asked,
        "waits": result.waits,
        "notes": [f"{result.id}: {note}" for note in result.told],
        "findings": findings(result.diagnostics) if result.good else [],  # a failure shows them itself
    }
    if result.provenance:
        made["answers"] = answers(result.provenance.as_metadata())
    return made


def findings(diagnostics: Sequence[Diagnostic]) -> list[tuple[str, str]]:
    """Return warnings and notes with their codes, as they are shown."""
    return [
        (diagnostic.code, full([diagnostic], PLAIN))
        for diagnostic in diagnostics
        if diagnostic.severity is not Severity.ERROR
    ]


def answers(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return of a recording's metadata what says where its answers come from."""
    steps = [(step["recordedAt"], step["modelVersion"]) for step in metadata["steps"]]
    return {"target": metadata["target"], "emulator": metadata["emulator"], "steps": steps}


def shown_as(text: str, headline: str, path: str, line: int) -> ReprExceptionInfo:
    """Return a failure as pytest keeps it: our text and nothing around it, with a line for the short summary."""
    return ReprExceptionInfo(
        reprcrash=ReprFileLocation(path, line, headline),
        reprtraceback=ReprTraceback([ReprEntryNative(text.splitlines(keepends=True))], None, "native"),
    )
