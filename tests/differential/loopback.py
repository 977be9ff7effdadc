"""A stand-in for the API that believes everything: it keeps what was sent and gives what it was told to."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, TypeAlias
from urllib.parse import urlsplit

Chunks: TypeAlias = Sequence[dict[str, Any]]
"""One answer: the events of a stream, or one document."""

_ROUTE = re.compile(r"/v1(?:beta)?/models/(?P<model>[^/:]+):(?P<method>[A-Za-z]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A request as it came over the wire."""

    verb: str
    target: str
    body: Any

    @property
    def query(self) -> str:
        return urlsplit(self.target).query

    @property
    def model(self) -> str:
        return self._route["model"]

    @property
    def method(self) -> str:
        return self._route["method"]

    @property
    def _route(self) -> re.Match[str]:
        route = _ROUTE.fullmatch(urlsplit(self.target).path)
        assert route, f"no route of the API: {self.target}"
        return route


@dataclass(slots=True)
class Loopback:
    """The server's two sides: what it got, and what it answers, the last answer again and again."""

    base_url: str
    sent: list[Sent] = field(default_factory=list)
    answers: Sequence[Chunks] = ()

    def expect(self, answers: Sequence[Chunks]) -> None:
        """Forget what came before, and answer so from now on."""
        self.sent = []
        self.answers = answers

    def take(self, sent: Sent) -> Chunks:
        """Keep a request; return its answer."""
        self.sent.append(sent)
        return self.answers[min(len(self.sent), len(self.answers)) - 1]


@contextmanager
def loopback() -> Iterator[Loopback]:
    """Serve on a free port of 127.0.0.1 for as long as the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    host, port = server.server_address[:2]
    talk = Loopback(base_url=f"http://{host!s}:{port}")
    server.RequestHandlerClass = type("Bound", (_Handler,), {"talk": talk})
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield talk
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    talk: Loopback

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        sent = Sent(verb=self.command, target=self.path, body=body)
        chunks = self.talk.take(sent)
        if sent.method == "streamGenerateContent":
            self.reply("text/event-stream", "".join(f"data: {json.dumps(chunk)}\r\n\r\n" for chunk in chunks))
        else:
            (document,) = chunks
            self.reply("application/json; charset=UTF-8", json.dumps(document))

    def reply(self, media_type: str, text: str) -> None:
        data = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class named it
        """Say nothing: the tests read `sent`."""
