"""A try ends with its time, whatever it waits for: an address, a handshake, the server's ear, each byte of an answer."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from promptc.emulator.server import Emulator
from promptc.errors import WireError
from promptc.replay.retries import Retries
from promptc.replay.session import Session
from tests.replay.certificates import context
from tests.replay.made import Act, RawServer, answer, endpoint, http, image, picture, request, session, store

BODY = answer({"text": "Here it is."}, image(picture(1)))
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Long: "
SHORT = 0.4
"""The seconds of a try in these tests."""


def talk_to(root: Path, base_url: str, timeout: float = SHORT) -> Session:
    return session(store(root), endpoint(base_url, retries=Retries(tries=1), timeout=timeout))


@contextmanager
def quickly(most: float = 2.0) -> Iterator[None]:
    """Fail where the block takes longer, or leaves a thread behind."""
    before = threading.active_count()
    began = time.monotonic()
    yield
    assert time.monotonic() - began < most
    assert threading.active_count() == before


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Make a server's certificate for a host, that the client trusts."""

    def make(host: str) -> Any:
        made = context(tmp_path / "server.pem", host)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "server.pem"))
        return made

    return make


def trickle(before: bytes, each: bytes) -> Act:
    def act(connection: socket.socket) -> None:
        connection.sendall(before)
        for _ in range(200):
            connection.sendall(each)
            time.sleep(0.02)

    return act


TRICKLES = {
    "the status line": trickle(b"", b"H"),
    "one endless header": trickle(HEAD, b"x"),
    "headers without end": trickle(b"HTTP/1.1 200 OK\r\n", b"a: b\r\n"),
    "interim answers without end": trickle(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "hints without end": trickle(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "a body with a length": trickle(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b" "),
    "a body until the end": trickle(b"HTTP/1.1 200 OK\r\n\r\n", b" "),
    "small chunks": trickle(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "one large chunk": trickle(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n", b" "),
    "an endless chunk size": trickle(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
    "gzip that yields nothing": trickle(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x08\0\0\0\0\0\x03", b"n"
    ),
}


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
@pytest.mark.parametrize("act", TRICKLES.values(), ids=TRICKLES)
def test_a_trickle_is_waited_for_until_the_try_ends_and_no_longer(
    tmp_path: Path, trusted: Callable[[str], Any], act: Act, *, tls: bool
) -> None:
    with (
        RawServer(act, tls=trusted("127.0.0.1") if tls else None) as server,
        quickly(),
        talk_to(tmp_path, server.base_url) as talk,
        pytest.raises(WireError) as caught,
    ):
        talk.ask(request())
    assert str(caught.value) == "no answer after 1 try: it timed out"


def test_an_answer_over_tls_is_an_answer(tmp_path: Path, trusted: Callable[[str], Any]) -> None:
    with (
        RawServer(http(BODY), tls=trusted("127.0.0.1")) as server,
        talk_to(tmp_path, server.base_url, 20) as talk,
    ):
        assert talk.ask(request()).text == "Here it is."


def test_a_handshake_that_stalls_ends_with_the_try(tmp_path: Path) -> None:
    with (
        RawServer(lambda _: time.sleep(2 * SHORT), reads=False) as server,
        quickly(),
        talk_to(tmp_path, server.base_url.replace("http:", "https:")) as talk,
        pytest.raises(WireError) as caught,
    ):
        talk.ask(request())
    assert str(caught.value) == "no answer after 1 try: it timed out"


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
def test_a_server_that_hardly_listens_is_left_when_the_try_ends(
    tmp_path: Path, trusted: Callable[[str], Any], *, tls: bool
) -> None:
    def hardly(connection: socket.socket) -> None:
        for _ in range(60):
            if not connection.recv(2048):
                return
            time.sleep(0.02)

    class Deaf(RawServer):
        def _serve(self) -> None:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
            super()._serve()

    large = request("x" * 30_000_000)
    with (
        Deaf(hardly, reads=False, tls=trusted("127.0.0.1") if tls else None) as server,
        quickly(4.0),
        talk_to(tmp_path, server.base_url) as talk,
        pytest.raises(WireError) as caught,
    ):
        talk.ask(large)
    assert str(caught.value) == "no answer after 1 try: it timed out"


@contextmanager
def silent() -> Iterator[tuple[str, int]]:
    """Give an address whose connections are never taken: its queue is full."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            one = stack.enter_context(socket.socket())
            one.setblocking(False)
            with suppress(BlockingIOError):
                one.connect(listener.getsockname())
        yield listener.getsockname()


def resolved(monkeypatch: pytest.MonkeyPatch, *addresses: tuple[str, int]) -> None:
    """Let a name have several addresses."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in addresses]
    real = socket.getaddrinfo

    def look_up(host: str, *rest: Any, **more: Any) -> Any:
        return found if host == "api.example.com" else real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def test_a_host_with_many_silent_addresses_has_one_time_for_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with silent() as address:
        resolved(monkeypatch, *[address] * 8)
        with (
            quickly(),
            talk_to(tmp_path, "http://api.example.com") as talk,
            pytest.raises(WireError) as caught,
        ):
            talk.ask(request())
    assert str(caught.value) == "no answer after 1 try: it timed out"


def test_the_next_address_is_tried_where_one_refuses_or_is_of_another_family(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refusing = taken.getsockname()
    with Emulator() as emulator:
        port = int(emulator.base_url.rpartition(":")[2])
        resolved(monkeypatch, refusing, ("127.0.0.1", port))
        found = socket.getaddrinfo("api.example.com", 80)
        found.insert(0, (-7, socket.SOCK_STREAM, 6, "", ("", 0)))  # type: ignore[arg-type]
        with talk_to(tmp_path, "http://api.example.com", 20) as talk:
            assert talk.ask(request()).images


def test_a_silent_address_does_not_use_up_the_time_of_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("promptc.replay.connection.CONNECT_SECONDS", 0.2)
    with quickly(10), silent() as address, Emulator() as emulator:
        resolved(monkeypatch, address, ("127.0.0.1", int(emulator.base_url.rpartition(":")[2])))
        with talk_to(tmp_path, "http://api.example.com", 20) as talk:
            assert talk.ask(request()).images


def test_a_name_that_no_resolver_takes_is_told_as_not_found(tmp_path: Path) -> None:
    with talk_to(tmp_path, f"http://{'a' * 64}.example.com") as talk, pytest.raises(WireError) as caught:
        talk.ask(request())
    assert str(caught.value) == "no answer after 1 try: the host name was not found"


def test_a_later_step_has_a_time_of_its_own_on_the_same_connection(tmp_path: Path) -> None:
    """The first answer takes most of a try's time; a deadline that was not begun anew would end the second."""
    with Emulator() as emulator, talk_to(tmp_path, emulator.base_url, 1.0) as talk:
        talk.ask(request())
        time.sleep(1.1)
        assert talk.ask(request("A Luna moth")).images


def test_a_connection_through_a_proxy_ends_with_the_try_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with RawServer(trickle(HEAD, b"x")) as proxy:
        monkeypatch.setenv("https_proxy", proxy.base_url)
        with (
            quickly(),
            talk_to(tmp_path, "https://api.example.com") as talk,
            pytest.raises(WireError) as caught,
        ):
            talk.ask(request())
        assert proxy.seen[0].startswith(b"CONNECT api.example.com:443 HTTP/1.")
    assert str(caught.value) == "no answer after 1 try: it timed out"
