"""What every test may use: the hypothesis profile, and the folder of recorded traffic."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.mutations.summary import pytest_terminal_summary  # noqa: F401 - with workers, only this conftest speaks

settings.register_profile("promptc", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("promptc")

REPO = Path(__file__).parent.parent


def printed_by(module: str, *arguments: str, before: Sequence[str] = ()) -> str:
    """Run one of the tests' own programs, `before` what starts it; return what it prints, once it has ended well."""
    done = subprocess.run(
        [*before, sys.executable, "-m", module, *arguments],
        cwd=REPO,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Return the folder of recorded traffic: beside the checkout, or where PROMPTC_CORPUS says."""
    folder = Path(os.environ.get("PROMPTC_CORPUS") or REPO.parent / "shared" / "corpus")
    if not (folder / "requests").is_dir() or not (folder / "responses").is_dir():
        pytest.skip(f"no recorded traffic in {folder}; set PROMPTC_CORPUS to a folder with requests/ and responses/")
    return folder
