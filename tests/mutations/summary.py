"""Says at the end of a run how many spoilt requests were tried."""

from collections import Counter
from typing import Any

import pytest

COUNTED = ("spoilt requests", "accepted", "misspelt by a letter", "with the right name named")
_SAID = pytest.StashKey[bool]()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Add up what the tests recorded, on whichever worker they ran."""
    reports = [report for group in ("passed", "failed") for report in terminalreporter.stats.get(group, ())]
    sums: Counter[str] = Counter()
    for report in reports:
        sums.update({name: value for name, value in report.user_properties if name in COUNTED})
    if sums["spoilt requests"] and not config.stash.get(_SAID, False):
        config.stash[_SAID] = True  # more than one conftest may bring the hook along
        near, named = (sums[name] for name in COUNTED[2:])
        terminalreporter.write_line(
            f"mutations: {sums['spoilt requests']} spoilt requests, {sums['accepted']} accepted; "
            f"{named} of {near} one-letter slips ({named / max(near, 1):.1%}) are told the right name"
        )
