"""The emulator: a local server that stands in for the API."""

import socket
import socketserver
import sys
import threading
from collections.abc import Iterable
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from promptc.emulator.faults import Fault, FaultQueue, parse_faults
from promptc.emulator.handler import Handler
from promptc.models import Models

_POLL_SECONDS = 0.05
_JOIN_SECONDS = 10.0


class Emulator:
    """A stand-in for the API at `base_url`, in a thread of its own or in the foreground.

    `faults` befall the first requests, one each, in order; `models` are those that it knows, the
    built-in ones without it. The port is taken at once;
    `with Emulator() as emulator:` starts it and closes it.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        faults: str | Iterable[str | Fault] = (),
        signature_bytes: int = 1536,
        models: Models | None = None,
    ) -> None:
        """Take the port; raises OSError where it is not free, ValueError for an unknown fault."""
        self._faults = FaultQueue(parse_faults(faults))
        attributes = {"faults": self._faults, "signature_bytes": signature_bytes, "models": models}
        self._server = _Server((host, port), type("BoundHandler", (Handler,), attributes))
        self._thread: threading.Thread | None = None
        self._looped = False

    @property
    def base_url(self) -> str:
        """Where it listens, without a path."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    @property
    def requests(self) -> int:
        """How many requests came in so far, those that met a fault included."""
        return self._faults.taken

    def start(self) -> None:
        """Serve in a thread."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._loop, name="promptc-emulator", daemon=True)
            self._looped = True
            self._thread.start()

    def serve_forever(self) -> None:
        """Serve in the foreground, until another thread closes it or an interrupt comes."""
        if self._thread is not None:
            self._thread.join()
            return
        self._looped = True
        self._loop()

    def close(self) -> None:
        """Stop, hang up every connection, and give the port back."""
        if self._looped:
            self._server.shutdown()
        self._server.server_close()
        if self._thread is not None:
            self._thread.join(_JOIN_SECONDS)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _loop(self) -> None:
        self._server.serve_forever(_POLL_SECONDS)


class _Server(ThreadingHTTPServer):
    """A threading server that knows its connections, so that it can end them."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: type[Handler]) -> None:
        self._open: list[tuple[socket.socket, threading.Thread]] = []
        super().__init__(address, handler)

    def server_bind(self) -> None:
        """Bind without http.server's look-up of the host's name, which may go to the network."""
        socketserver.TCPServer.server_bind(self)
        host, port = self.server_address[:2]
        self.server_name, self.server_port = str(host), int(port)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in its own thread; runs in the accepting thread only."""
        thread = threading.Thread(
            target=self.process_request_thread,
            args=(request, client_address),
            name="promptc-emulator-connection",
            daemon=True,
        )
        self._open = [(held, serving) for held, serving in self._open if serving.is_alive()]
        self._open.append((request, thread))
        thread.start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep still about clients that went away; show the emulator's own mistakes."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def server_close(self) -> None:
        """Close the listening socket, then every connection, and wait for their threads."""
        super().server_close()
        for held, _ in self._open:
            try:
                held.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it has ended already
        for _, thread in self._open:
            thread.join(_JOIN_SECONDS)
        self._open = []
