"""The failures of many cases, kept readable: of many, pytest shows the first of each code."""

import pytest

from promptc.codes import CODES
from promptc.report.grouped import most_shown


class Folding:
    """Failures that are left out while pytest shows them whole, and are there again for whatever counts or lists them."""

    def __init__(self, reporter: pytest.TerminalReporter) -> None:
        """Leave out what is too much."""
        self._reporter = reporter
        self._failed = reporter.stats["failed"]
        codes: dict[str, list[pytest.TestReport]] = {}
        for report in self._failed:
            if code := getattr(report, "promptc_code", ""):
                codes.setdefault(code, []).append(report)
        most = most_shown(sum(map(len, codes.values())))
        self._left = {code: reports[most:] for code, reports in codes.items() if reports[most:]}
        left = {id(report) for reports in self._left.values() for report in reports}
        reporter.stats["failed"] = [report for report in self._failed if id(report) not in left]

    def end(self) -> None:
        """Bring them back, and say how many there are."""
        self._reporter.stats["failed"] = self._failed
        for code, reports in sorted(self._left.items()):
            self._reporter.write_line(f"… and {len(reports)} more {code} {CODES[code].name}; `-vv` shows all")
