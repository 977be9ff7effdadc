"""One recorded project, copied for each test: recording it anew would take most of the time."""

import shutil
from pathlib import Path

import pytest

from tests.suite.running import MOTHS
from tests.workshop import Workshop


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    shop = Workshop.make(tmp_path_factory.mktemp("recorded") / "repo", {"moths": MOTHS})
    assert shop.record().good
    shutil.rmtree(shop.root / ".promptc")
    return shop


@pytest.fixture
def shop(recorded: Workshop, tmp_path: Path) -> Workshop:
    """Return a project whose three cases are green."""
    shutil.copytree(recorded.root, tmp_path / "repo")
    return Workshop(tmp_path / "repo")
