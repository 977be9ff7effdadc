"""The network: refused to cases alone, used only where somebody asks for it."""

import pytest

from tests.suite.running import beside_others, pytest_in
from tests.workshop import ANSWERS, Workshop

NEIGHBOUR = """
import socket
import socketserver
import threading

import pytest


@pytest.fixture(scope="session", autouse=True)
def somebody_elses_thread():
    \"\"\"Asks a server of its own all the time, also while cases run.\"\"\"
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    done, asked, refused = threading.Event(), [], []

    def ask():
        while not done.is_set():
            try:
                socket.create_connection(server.server_address, 5).close()
                asked.append(1)
            except BaseException as error:
                refused.append(error)
            done.wait(0.001)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    yield server
    done.set()
    thread.join(10)
    server.shutdown()
    server.server_close()
    print("\\nasked" if asked else "\\nnever asked", refused)


def test_neighbour(somebody_elses_thread):
    socket.create_connection(somebody_elses_thread.server_address, 5).close()
"""

REACHING = """
import socket

import promptc.pipeline.case_run as run

judged = run._looked_at


def looked_at(unit):
    try:
        {what}
    except Exception as error:
        print(type(error).__name__, error)
    return judged(unit)


run._looked_at = looked_at
"""


def test_other_tests_and_threads_keep_their_network_while_cases_run(shop: Workshop) -> None:
    (shop.root / "conftest.py").write_text(NEIGHBOUR.partition("def test_neighbour")[0])
    (shop.root / "test_a.py").write_text("def test_neighbour" + NEIGHBOUR.partition("def test_neighbour")[2])
    (shop.root / "test_a.py").write_text("import socket\n\n" + (shop.root / "test_a.py").read_text())

    done = pytest_in(shop.root, "test_a.py", "specs", "test_a.py", "-s")

    assert done.code == 0, done.out
    assert "\nasked []\n" in done.out


@pytest.mark.parametrize(
    "what", ["socket.create_connection(('127.0.0.1', 9), 1)", "socket.getaddrinfo('api.example.com', 443)"]
)
def test_a_case_that_wants_the_network_is_refused_it(shop: Workshop, what: str) -> None:
    (shop.root / "conftest.py").write_text(REACHING.format(what=what))

    done = pytest_in(shop.root, "specs/moths.toml::luna", "-s")

    assert "OfflineError `moths::luna` wanted the network (socket." in done.out
    assert "while promptc runs offline" in done.out


@pytest.mark.parametrize(
    "options",
    [("--disable-socket",), ("--block-network",), ("--disable-socket", "--block-network", "--record-mode=all")],
)
def test_cases_run_beside_plugins_that_block_the_network(shop: Workshop, options: tuple[str, ...]) -> None:
    assert beside_others(shop.root, "specs", *options).last == "3 passed"


def test_record_asks_for_what_is_missing_and_says_so(shop: Workshop) -> None:
    shop.edit("moths", '"Luna"', '"Luna actias"')
    shop.cassette("moths/atlas.yaml").unlink()

    done = pytest_in(shop.root, "specs", "--promptc-record", "--promptc-target=emulator")

    assert done.cases == {
        "specs/moths.toml::luna": "FAILED",
        "specs/moths.toml::atlas": "PASSED",
        "specs/moths.toml::lappet": "PASSED",
    }
    assert "promptc: asks for what is missing or stale, and records the answers\n" in done.out
    assert "`promptc accept specs/moths.toml::luna`" in done.section("FAILURES")
    assert done.section("promptc").startswith(
        f"{ANSWERS}2 requests sent; 1 new answer to accept; 3 recordings by the emulator"
    )


@pytest.mark.parametrize("options", [(), ("-n", "2")])
def test_update_keeps_new_answers_at_once(shop: Workshop, options: tuple[str, ...]) -> None:
    shop.edit("moths", "moth", "butterfly")

    done = pytest_in(shop.root, "specs", "--promptc-update", "--promptc-target=emulator", *options)

    assert done.last == "3 passed", done.out
    assert "promptc: asks for what is missing or stale, and makes the answers the truth at once\n" in done.out
    assert "3 requests sent" in done.section("promptc")
    assert pytest_in(shop.root, "specs").last == "3 passed"


def test_a_missing_key_is_told_once_before_anything_is_asked(shop: Workshop) -> None:
    done = pytest_in(shop.root, "specs", "--promptc-record")

    assert done.code == 2
    assert (
        "error: the target `cometapi` needs a key: the environment variable COMETAPI_KEY is not set; nothing was asked "
        "(to try without a key: --target emulator)\n"
    ) in done.out


def test_an_unknown_target_gets_a_suggestion(shop: Workshop) -> None:
    done = pytest_in(shop.root, "specs", "--promptc-target", "emulater")

    assert done.code == 2
    assert "error: there is no target `emulater`; did you mean `emulator`?\n" in done.section("ERRORS")
