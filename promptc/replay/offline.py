"""Offline means offline: in record mode `none`, sockets and name look-ups are refused.

An audit hook (PEP 578) sees every way to the network in the process, whatever library takes it.
Hooks can't be removed, so one is installed at most, and a counter says whether it applies.
"""

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
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


class _State:
    """How many `offline` blocks are open, and whether the hook is in place."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.depth = 0
        self.installed = False


_state = _State()


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _state.depth and event in _EVENTS and not _local(arguments):
        msg = f"something wanted the network ({event}) while promptc runs offline"
        raise OfflineError(msg)


def _local(arguments: tuple[Any, ...]) -> bool:
    """Let Unix sockets through: they reach no network; look-ups have no socket."""
    family = getattr(arguments[0], "family", None)
    return family is not None and family == getattr(socket, "AF_UNIX", None)


@contextmanager
def offline() -> Iterator[None]:
    """Refuse the network to the whole process while the block runs; raises OfflineError in it."""
    with _state.lock:
        if not _state.installed:
            sys.addaudithook(_hook)
            _state.installed = True
        _state.depth += 1
    try:
        yield
    finally:
        with _state.lock:
            _state.depth -= 1
