"""Offline means offline: in record mode `none`, sockets and name look-ups are refused.

An audit hook (PEP 578) sees every way to the network in the process, whatever library takes it.
Hooks can't be removed, so one is installed at most; a counter says whether it applies to the whole
process, a context variable whether it applies to what is under way here.
"""

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from promptc.errors import OfflineError

_EVENTS = frozenset(
    {
        "socket.bind",
        "socket.connect",
        "socket.getaddrinfo",
        "socket.gethostbyaddr",
        "socket.gethostbyname",
        "socket.getnameinfo",
        "socket.sendmsg",
        "socket.sendto",
    }
)


_under_way: ContextVar[str | None] = ContextVar("promptc_case", default=None)
_here: ContextVar[bool] = ContextVar("promptc_offline", default=False)


class _State:
    """How many `offline` blocks are open, and whether the hook is in place."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.depth = 0
        self.installed = False


_state = _State()


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _EVENTS and (_state.depth or _here.get()) and not _local(arguments):
        case = _under_way.get()
        who = f"`{case}`" if case else "something"
        what = ", ".join(filter(None, [event, _address(arguments)]))
        msg = f"{who} wanted the network ({what}) while promptc runs offline"
        raise OfflineError(msg)


def _address(arguments: tuple[Any, ...]) -> str:
    """Return where it wanted to go: host and port stand in a tuple of their own, or come first themselves."""
    host, port, *_ = *next((one for one in arguments if isinstance(one, tuple)), arguments), None
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if not isinstance(host, str):
        return ""
    name = f"[{host}]" if ":" in host else host
    return f"{name}:{port}" if port else name


def _local(arguments: tuple[Any, ...]) -> bool:
    """Let Unix sockets through: they reach no network; look-ups have no socket."""
    family = getattr(arguments[0], "family", None)
    return family is not None and family == getattr(socket, "AF_UNIX", None)


@contextmanager
def named(case: str) -> Iterator[None]:
    """Say which case is under way in this thread while the block runs, for whoever is refused the network."""
    token = _under_way.set(case)
    try:
        yield
    finally:
        _under_way.reset(token)


@contextmanager
def offline() -> Iterator[None]:
    """Refuse the network to the whole process while the block runs; raises OfflineError in it."""
    _install()
    with _state.lock:
        _state.depth += 1
    try:
        yield
    finally:
        with _state.lock:
            _state.depth -= 1


@contextmanager
def offline_here() -> Iterator[None]:
    """Refuse the network to the block alone: other threads are somebody else's; raises OfflineError in it."""
    _install()
    token = _here.set(True)
    try:
        yield
    finally:
        _here.reset(token)


def _install() -> None:
    with _state.lock:
        if not _state.installed:
            sys.addaudithook(_hook)
            _state.installed = True
