"""Real commands, killed at random moments: `make soak` does the same ten times as often."""

import re
import sys
from pathlib import Path

import pytest

from tests.conftest import printed_by

KILLS = 30


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_thirty_kills_leave_every_recording_whole(tmp_path: Path) -> None:
    printed = printed_by("tests.soak", str(tmp_path), str(KILLS))
    counts = {word.strip(): int(number) for number, word in re.findall(r"(\d+) ([a-z ]+)", printed)}
    assert counts["kills in"] >= KILLS
    assert min(counts["old"], counts["new"]) > 0
