"""Offline holds in one process with the plugins that people have, and takes nothing from them."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workshop import BUTTERFLY, CHAT, Workshop

PLUGINS = ("pytest_socket", "pytest_recording")
MISSING = [name for name in PLUGINS if importlib.util.find_spec(name) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}; `make setup` brings them")

INNER = """
import os
import socket
from pathlib import Path

import pytest
import requests

from promptc.config import load
from promptc.errors import OfflineError
from promptc.pipeline.run import run
from promptc.replay.offline import offline

ROOT = Path(os.environ["WORKSHOP"])
URL = os.environ["SERVER"]
PORT = int(URL.rpartition(":")[2])


def replayed():
    result = run(load(ROOT), jobs=4)
    assert result.good, result
    assert sum(case.asked for case in result.results) == 0
    return [step.fingerprint for case in result.results for step in case.steps]


def refused():
    with offline(), pytest.raises(BaseException) as caught:
        socket.create_connection(("127.0.0.1", PORT), 5)
    with offline(), pytest.raises(BaseException) as looked_up:
        socket.getaddrinfo("api.example.com", 443)
    return {type(caught.value).__name__, type(looked_up.value).__name__}


def test_alone():
    assert len(replayed()) == 4
    assert refused() == {"OfflineError"}
    assert requests.get(URL, timeout=5).status_code == 404


@pytest.mark.disable_socket
def test_beside_pytest_socket():
    assert len(replayed()) == 4
    assert refused() <= {"OfflineError", "SocketBlockedError"}
    with pytest.raises(RuntimeError, match="A test tried to use"):
        requests.get(URL, timeout=5)


def test_after_pytest_socket():
    assert requests.get(URL, timeout=5).status_code == 404


@pytest.mark.block_network
def test_beside_pytest_recording():
    assert len(replayed()) == 4
    assert refused() <= {"OfflineError", "RuntimeError"}
    with pytest.raises(RuntimeError, match="Network is disabled"):
        requests.get(URL, timeout=5)


@pytest.mark.vcr
def test_within_a_cassette(vcr):
    requests.get(URL + "/own", timeout=5)
    assert len(replayed()) == 4
    assert refused() == {"OfflineError"}
    requests.get(URL + "/own-too", timeout=5)
    assert [request.path for request in vcr.requests] == ["/own", "/own-too"]


@pytest.mark.vcr
@pytest.mark.block_network
@pytest.mark.disable_socket
def test_beside_all_of_them(vcr):
    assert len(replayed()) == 4
    assert not vcr.requests


def test_after_all_of_them():
    assert refused() == {"OfflineError"}
    assert requests.get(URL, timeout=5).status_code == 404
"""


def test_offline_holds_beside_pytest_socket_and_pytest_recording(tmp_path: Path) -> None:
    from promptc.emulator.server import Emulator  # noqa: PLC0415 - Pillow, for a test that may be skipped

    shop = Workshop.make(tmp_path / "shop", {"moth": BUTTERFLY, "chat": CHAT})
    assert shop.record().good
    (tmp_path / "test_inner.py").write_text(INNER)
    with Emulator() as emulator:
        environment = {**os.environ, "WORKSHOP": str(shop.root), "SERVER": emulator.base_url}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "test_inner.py", "--record-mode=once", "-p", "no:cacheprovider"],
            cwd=tmp_path,
            env={name: value for name, value in environment.items() if not name.startswith(("PYTEST_", "COV_"))},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.stdout.splitlines()[-1].startswith("7 passed"), done.stdout + done.stderr
