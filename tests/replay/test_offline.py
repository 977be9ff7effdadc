"""Offline means offline: for every way to the network, for the whole process, until the block ends."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from promptc.errors import OfflineError
from promptc.replay.offline import named, offline

LOOPBACK = ("127.0.0.1", 9)


def with_socket(act: Callable[[socket.socket], object], kind: int = socket.SOCK_STREAM) -> Callable[[], object]:
    def call() -> object:
        with socket.socket(socket.AF_INET, kind) as one:
            return act(one)

    return call


WAYS: dict[str, tuple[str, Callable[[], object]]] = {
    "connect": ("socket.connect, 127.0.0.1:9", with_socket(lambda one: one.connect(LOOPBACK))),
    "connect_ex": ("socket.connect, 127.0.0.1:9", with_socket(lambda one: one.connect_ex(LOOPBACK))),
    "bind": ("socket.bind, 127.0.0.1", with_socket(lambda one: one.bind(("127.0.0.1", 0)))),
    "sendto": ("socket.sendto, 127.0.0.1:9", with_socket(lambda one: one.sendto(b"x", LOOPBACK), socket.SOCK_DGRAM)),
    "sendmsg": (
        "socket.sendmsg, 127.0.0.1:9",
        with_socket(lambda one: one.sendmsg([b"x"], [], 0, LOOPBACK), socket.SOCK_DGRAM),
    ),
    "getaddrinfo": ("socket.getaddrinfo, localhost:80", lambda: socket.getaddrinfo("localhost", 80)),
    "gethostbyname": ("socket.gethostbyname, localhost", lambda: socket.gethostbyname("localhost")),
    "gethostbyname_ex": ("socket.gethostbyname, localhost", lambda: socket.gethostbyname_ex("localhost")),
    "gethostbyaddr": ("socket.gethostbyaddr, 127.0.0.1", lambda: socket.gethostbyaddr("127.0.0.1")),
    "getnameinfo": ("socket.getnameinfo, 127.0.0.1:9", lambda: socket.getnameinfo(LOOPBACK, 0)),
    "create_connection": ("socket.getaddrinfo, 127.0.0.1:9", lambda: socket.create_connection(LOOPBACK)),
    "no port": ("socket.getaddrinfo, localhost", lambda: socket.getaddrinfo("localhost", None)),
    "no host": ("socket.getaddrinfo", lambda: socket.getaddrinfo(None, 80)),
    "a name of bytes": ("socket.getaddrinfo, localhost:80", lambda: socket.getaddrinfo(b"localhost", 80)),
    "IPv6": ("socket.getnameinfo, [::1]:9", lambda: socket.getnameinfo(("::1", 9, 0, 0), 0)),
    "requests": ("socket.getaddrinfo, 127.0.0.1:9", lambda: requests.get("http://127.0.0.1:9/", timeout=1)),
}


@pytest.mark.parametrize(("what", "way"), WAYS.values(), ids=WAYS.keys())
def test_every_way_to_the_network_is_refused(what: str, way: Callable[[], object]) -> None:
    with offline(), pytest.raises(OfflineError) as caught:
        way()
    assert str(caught.value) == f"something wanted the network ({what}) while promptc runs offline"


def test_the_case_that_wanted_the_network_is_named_in_its_own_thread() -> None:
    said: dict[str, str] = {}
    together = threading.Barrier(2)

    def look_up(case: str) -> None:
        with named(case):
            together.wait(5)
            with pytest.raises(OfflineError) as caught:
                socket.getaddrinfo("api.example.com", 443)
            said[case] = str(caught.value)

    with offline(), ThreadPoolExecutor(2) as threads:
        list(threads.map(look_up, ["moths::luna", "moths::atlas"]))
        with named("moths::luna"):
            pass
        with pytest.raises(OfflineError, match=r"^something wanted"):
            socket.gethostbyname("localhost")
    what = "wanted the network (socket.getaddrinfo, api.example.com:443) while promptc runs offline"
    assert said == {case: f"`{case}` {what}" for case in ("moths::luna", "moths::atlas")}


def test_the_network_is_there_again_after_the_block() -> None:
    with offline(), pytest.raises(OfflineError):
        socket.getaddrinfo("localhost", 80)
    assert socket.getaddrinfo("127.0.0.1", 80)
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass


def test_the_network_is_there_again_after_a_block_that_failed() -> None:
    def broken() -> None:
        with offline():
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert socket.getaddrinfo("127.0.0.1", 80)


def test_blocks_within_blocks_count() -> None:
    with offline():
        with offline():
            pass
        with pytest.raises(OfflineError):
            socket.gethostbyname("localhost")
    assert socket.gethostbyname("127.0.0.1") == "127.0.0.1"


def test_other_threads_are_offline_too() -> None:
    caught: list[BaseException] = []

    def look_up() -> None:
        try:
            socket.getaddrinfo("localhost", 80)
        except OfflineError as error:
            caught.append(error)

    with offline():
        threads = [threading.Thread(target=look_up) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(caught) == 4


def test_blocks_of_many_threads_end_in_any_order() -> None:
    ready = threading.Barrier(4)

    def block() -> None:
        for _ in range(50):
            with offline():
                pass
        ready.wait(5)

    threads = [threading.Thread(target=block) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert socket.gethostbyname("127.0.0.1") == "127.0.0.1"


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="there are no Unix sockets")
def test_unix_sockets_work_because_they_reach_no_network(tmp_path: Path) -> None:
    import os  # noqa: PLC0415 - the path of a Unix socket has some hundred bytes at most

    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        with offline(), socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
            server.bind("stream")
            server.listen()
            client.connect("stream")
            with server.accept()[0] as accepted:
                client.sendmsg([b"hello"])
                assert accepted.recv(5) == b"hello"
        with (
            offline(),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one,
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as two,
        ):
            one.bind("datagrams")
            two.sendto(b"hello", "datagrams")
            assert one.recv(5) == b"hello"
        with offline():
            left, right = socket.socketpair()
            left.close()
            right.close()
    finally:
        os.chdir(here)


def test_a_hook_stays_quiet_where_no_block_was_ever_open() -> None:
    code = "import promptc.replay.offline, socket; print(socket.gethostbyname('127.0.0.1'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "127.0.0.1\n"
