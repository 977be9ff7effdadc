"""Real commands, killed at random moments: `make soak` does the same ten times as often."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPO

KILLS = 30


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_thirty_kills_leave_every_recording_whole(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak", str(tmp_path), str(KILLS)],
        cwd=REPO,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    counts = {word.strip(): int(number) for number, word in re.findall(r"(\d+) ([a-z ]+)", done.stdout)}
    assert counts["kills in"] >= KILLS
    assert min(counts["old"], counts["new"], counts["left something to tidy"]) > 0
