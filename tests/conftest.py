"""What every test may use: the hypothesis profile, and the folder of recorded traffic."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.mutations.summary import pytest_terminal_summary  # noqa: F401 - with workers, only this conftest speaks

settings.register_profile("promptc", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("promptc")

REPO = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Return the folder of recorded traffic: beside the checkout, or where PROMPTC_CORPUS says."""
    folder = Path(os.environ.get("PROMPTC_CORPUS") or REPO.parent / "shared" / "corpus")
    if not (folder / "requests").is_dir() or not (folder / "responses").is_dir():
        pytest.skip(f"no recorded traffic in {folder}; set PROMPTC_CORPUS to a folder with requests/ and responses/")
    return folder
