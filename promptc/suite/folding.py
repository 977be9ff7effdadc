"""The failures of many cases, kept readable: of many, pytest shows the first of each code."""

from collections import Counter
from collections.abc import Iterable, Iterator

import pytest

from promptc.codes import CODES
from promptc.report.grouped import most_shown

CODE = "promptc_code"
"""The attribute of a report that has the code of its failure; workers send it along."""


class Folding:
    """Failures that are left out while pytest shows them whole, and are there again for whatever counts or lists them."""

    def __init__(self, reporter: pytest.TerminalReporter) -> None:
        """Leave out what is too much."""
        self._reporter = reporter
        self._failed = reporter.stats["failed"]
        self._left: Counter[str] = Counter()
        reporter.stats["failed"] = [*self._shown(self._failed)]

    def _shown(self, reports: Iterable[pytest.TestReport]) -> Iterator[pytest.TestReport]:
        """Yield other tests' failures, and the first of ours."""
        codes = {id(report): code for report in reports if (code := getattr(report, CODE, None))}
        most = most_shown(len(codes))
        met: Counter[str] = Counter()
        for report in reports:
            code = codes.get(id(report))
            if code is None or met[code] < most:
                yield report
            else:
                self._left[code] += 1
            met[code or ""] += 1

    def end(self) -> None:
        """Bring them back, and say how many there are."""
        self._reporter.stats["failed"] = self._failed
        for code, count in sorted(self._left.items()):
            self._reporter.write_line(f"… and {count} more {code} {CODES[code].name}; `-vv` shows all")
