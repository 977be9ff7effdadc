"""A repo that is recorded once for a module, and a copy of it for each test."""

import shutil
from pathlib import Path

import pytest

from tests.workshop import Workshop


@pytest.fixture(scope="module")
def recorded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repo with the module's `SPECS`, recorded."""
    root = tmp_path_factory.mktemp("recorded") / "repo"
    assert Workshop.make(root, request.module.SPECS).record().good
    return root


@pytest.fixture
def shop(recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """Return a copy of the recorded repo, the working directory in it."""
    shutil.copytree(recorded, tmp_path / "repo")
    monkeypatch.chdir(tmp_path / "repo")
    return Workshop(tmp_path / "repo")
