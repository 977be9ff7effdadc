"""The emulator's side of one HTTP connection."""

import hashlib
import os
import select
import socket
import struct
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar

from promptc.emulator.faults import Cut, FaultQueue, fault_reply
from promptc.emulator.reply import Reply, error_reply
from promptc.emulator.routes import respond
from promptc.models import Models

MAX_BODY = 120_000_000
"""How many bytes a request's body may have."""
STALL_SECONDS = 30.0
"""How long a stalled connection is held at most."""

_CHUNK = 1 << 16
_DIGITS = 18  # of a Content-Length: more are too many bytes anyway, and int() refuses thousands of digits
_DRAIN_SECONDS = 5.0
_RST_ON_CLOSE = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)


class BodyError(Exception):
    """A body that can't be read: the status to answer, or None where the client has gone."""

    def __init__(self, status: int | None, message: str = "") -> None:
        """Keep the status."""
        super().__init__(message)
        self.status = status


class Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection; `faults`, `signature_bytes` and `models` are the emulator's."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    faults: ClassVar[FaultQueue]
    signature_bytes: ClassVar[int]
    models: ClassVar[Models | None]

    def __getattr__(self, name: str) -> Any:
        """Answer every verb: http.server looks for `do_VERB`."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
        """Say nothing."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what http.server itself refuses, in Google's envelope."""
        self.close_connection = True
        text = message or explain or HTTPStatus(code).phrase
        self._send(error_reply(int(code), text, _request_id(self.raw_requestline)))

    def _answer(self) -> None:
        try:
            body = self._read_body()
        except BodyError as error:
            self.close_connection = True
            if error.status:
                self.send_error(error.status, str(error))
                self._drain()
            return
        fault = self.faults.take()
        if fault.cut in {Cut.RESET, Cut.STALL}:
            self._hang_up(fault.cut)
            return
        if fault.name == "slow":
            select.select([self.connection], [], [], fault.seconds)  # ends when the client goes or the emulator closes
        request_id = _request_id(body)
        reply = fault_reply(fault, request_id) or respond(
            self.command,
            self.path,
            body,
            request_id,
            signature_bytes=self.signature_bytes,
            models=self.models,
            twist=fault.twist,
        )
        if fault.cut is Cut.TRUNCATED:
            self._send_half(reply)
        else:
            self._send(reply)

    def _read_body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._read_chunks()
        length = self.headers.get("Content-Length", "0")
        if not length.isascii() or not length.isdecimal():
            raise BodyError(400, "The Content-Length is no number.")
        return self._read_exactly(int(length[:_DIGITS]))

    def _read_chunks(self) -> bytes:
        """Read a chunked body (RFC 9112, section 7.1)."""
        body = bytearray()
        while True:
            size = self.rfile.readline(_CHUNK).partition(b";")[0].strip()
            try:
                length = int(size, 16)
            except ValueError:
                raise BodyError(400 if size else None, "A chunk's size is no number.") from None
            if length == 0:
                break
            body += self._read_exactly(length, already=len(body))
            self.rfile.readline(_CHUNK)
        while self.rfile.readline(_CHUNK).strip():
            pass  # trailers
        return bytes(body)

    def _read_exactly(self, length: int, already: int = 0) -> bytes:
        if not 0 <= length <= MAX_BODY - already:
            raise BodyError(413, f"Request payload size exceeds the limit: {MAX_BODY} bytes.")
        data = self.rfile.read(length)
        if len(data) < length:
            raise BodyError(None)
        return data

    def _drain(self) -> None:
        """Take what the client still sends: a close with unread data would destroy the answer."""
        self.connection.settimeout(_DRAIN_SECONDS)
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            while self.rfile.read1(_CHUNK):
                pass

    def _send(self, reply: Reply) -> None:
        chunked = reply.streamed and self.request_version == "HTTP/1.1"
        framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(reply.body)}"
        head = self._head(reply, framing)
        if not chunked:
            self.wfile.write(head if self.command == "HEAD" else head + reply.body)
            return
        self.wfile.write(head)
        for chunk in reply.chunks:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        self.wfile.write(b"0\r\n\r\n")

    def _send_half(self, reply: Reply) -> None:
        """Promise a whole body and close after half of it."""
        self.close_connection = True
        head = self._head(reply, f"Content-Length: {len(reply.body)}")
        self.wfile.write(head + reply.body[: len(reply.body) // 2])

    def _head(self, reply: Reply, framing: str) -> bytes:
        lines = [
            f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}",
            "Server: promptc-emulator",
            f"Content-Type: {reply.content_type}",
            framing,
            "x-promptc-emulator: 1",
            f"x-request-id: {reply.request_id}",
            *(f"{name}: {value}" for name, value in reply.headers.items()),
            *(["Connection: close"] if self.close_connection else []),
        ]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def _hang_up(self, cut: Cut) -> None:
        self.close_connection = True
        if cut is Cut.STALL:
            self.connection.settimeout(STALL_SECONDS)
            with suppress(OSError):
                self.connection.recv(1)  # ends when the client goes or the emulator closes
            return
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST_ON_CLOSE)
        # Both hold the socket open; closed here, it has no time to say goodbye properly.
        self.rfile.close()
        self.connection.close()


def _request_id(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:24]
