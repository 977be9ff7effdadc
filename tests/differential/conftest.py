"""The loopback server, and an environment that leads nowhere else."""

import os
from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("tests.differential.same")  # a failure is to show both bodies

from tests.differential.loopback import Loopback, loopback  # noqa: E402 - after the line above
from tests.differential.recording import KEY, KEY_ENV  # noqa: E402


@pytest.fixture(scope="module")
def serving() -> Iterator[Loopback]:
    with loopback() as server:
        yield server


@pytest.fixture
def server(serving: Loopback, monkeypatch: pytest.MonkeyPatch) -> Loopback:
    """Return the server, with everything hidden that leads to another one, or to somebody's key."""
    for name in os.environ:
        if name.startswith(("GOOGLE_", "GEMINI_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv(KEY_ENV, KEY)
    serving.expect(())
    return serving
