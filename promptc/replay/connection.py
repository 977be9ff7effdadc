"""Connections whose every wait ends with the try: to connect, to shake hands, to send and to read.

The time-outs of sockets bound each wait by itself, so a server that sends a byte a minute would be
waited for as long as it likes. Here each wait is given what is left of the whole try's time.
"""

import http.client
import io
import socket
import sys
import time
from functools import partial
from math import inf
from typing import Any, Protocol

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

CONNECT_SECONDS = 30.0
"""The longest wait for one address: a host may have others."""
_PIECE = 2**16


class Deadline:
    """When a try must have ended."""

    def __init__(self, seconds: float) -> None:
        """Keep how long a try may take."""
        self.seconds = seconds
        self._end = inf

    def start(self) -> None:
        """Begin a try."""
        self._end = time.monotonic() + self.seconds

    def left(self, most: float = inf) -> float:
        """Return the seconds that are left, `most` at most; raises TimeoutError where none is."""
        left = self._end - time.monotonic()
        if left <= 0:
            msg = "timed out"
            raise TimeoutError(msg)
        return min(left, most)


def bound(pool: Any, deadline: Deadline) -> None:
    """Let a pool of urllib3's make connections that keep to a deadline; a SOCKS proxy's stay its own."""
    bounded = {HTTPConnection: _Plain, HTTPSConnection: _Tls}.get(pool.ConnectionCls)
    if bounded:
        pool.ConnectionCls = partial(bounded, deadline)


class _Waits(Protocol):
    """What plain and encrypted sockets have in common."""

    def settimeout(self, value: float | None, /) -> None: ...


class _Bounded(HTTPConnection):
    """A connection whose waits share one deadline."""

    def __init__(self, deadline: Deadline, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.deadline = deadline
        self.response_class = partial(_Answer, deadline)  # type: ignore[assignment]

    def send(self, data: Any) -> None:
        """Send in pieces, each in what is left of the time."""
        if self.sock is None:
            self.connect()
        pieces = memoryview(data)
        for begin in range(0, len(pieces), _PIECE):
            self.sock.settimeout(self.deadline.left())
            super().send(pieces[begin : begin + _PIECE])

    def _new_conn(self) -> socket.socket:
        """Connect; the handshake that may follow has what is left of the time."""
        try:
            connected = self._connected()
        except (socket.gaierror, UnicodeError) as error:  # a label of 64 letters is no name
            raise NameResolutionError(self.host, self, socket.gaierror(str(error))) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "timed out") from error
        except OSError as error:
            raise NewConnectionError(self, str(error)) from error
        sys.audit("http.client.connect", self, self.host, self.port)
        return connected

    def _connected(self) -> socket.socket:
        failure: OSError = OSError("the host has no address")
        host = self._dns_host.strip("[]")
        for family, kind, protocol, _, address in socket.getaddrinfo(host, self.port, type=socket.SOCK_STREAM):
            try:
                one = socket.socket(family, kind, protocol)
            except OSError as error:  # an address of a family that this machine has not
                failure = error
                continue
            try:
                for option in self.socket_options or ():
                    one.setsockopt(*option)
                one.settimeout(self.deadline.left(CONNECT_SECONDS))
                one.connect(address)
                one.settimeout(self.deadline.left())
            except OSError as error:
                one.close()
                failure = error
            else:
                return one
        raise failure


class _Plain(_Bounded):
    """The connection of `http`."""


class _Tls(_Bounded, HTTPSConnection):
    """The connection of `https`."""


class _Answer(http.client.HTTPResponse):
    """An answer that is read in what is left of the time, and whose headers are there to their end."""

    def __init__(self, deadline: Deadline, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._socket = _Reads(self.fp.detach(), sock, deadline)
        self.fp = io.BufferedReader(self._socket)

    def begin(self) -> None:
        """Read the headers, those of interim answers too."""
        super().begin()
        while http.client.SWITCHING_PROTOCOLS < self.status < http.client.OK:  # http.client knows 100 alone
            self.headers = self.msg = None  # type: ignore[assignment]
            super().begin()
        if self._socket.ended:  # http.client takes the end of the connection for the end of the headers
            msg = "the connection ended within the headers"
            raise http.client.RemoteDisconnected(msg)


class _Reads(io.RawIOBase):
    """The reading side of a socket; `ended` once the server has said that nothing more comes."""

    def __init__(self, raw: io.RawIOBase, waits: _Waits, deadline: Deadline) -> None:
        self.raw = raw
        self.waits = waits
        self.deadline = deadline
        self.ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self.waits.settimeout(self.deadline.left())
        count: int | None = self.raw.readinto(buffer)
        self.ended = count == 0
        return count

    def close(self) -> None:
        if not self.closed:
            self.raw.close()
        super().close()
