"""What the tests of the wire are made of: requests, answers, recordings, and a server that says what it is told."""

import base64
import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from PIL import Image
from vcr.request import Request as VcrRequest

from promptc.config import Auth, Project, Target
from promptc.pipeline.unit import Unit
from promptc.replay.modes import RecordMode
from promptc.replay.provenance import Provenance, Step
from promptc.replay.recording import Recording
from promptc.replay.retries import Retries
from promptc.replay.secrets import Secrets
from promptc.replay.session import Endpoint, Session, stored_request
from promptc.replay.store import Store
from promptc.request import Case, Expectation, Method, Reply, Request
from promptc.source import Source

MODEL = "gemini-3.1-flash-image"
PNG = b"\x89PNG\r\n\x1a\n"
WHEN = "2026-11-22T12:00:00Z"
NO_SECRETS = Secrets()
JSON_HEADERS = {"content-type": ["application/json"]}
TARGET = Target(name="cometapi", base_url="https://api.cometapi.com")


def request(
    text: str = "A Monarch butterfly", *, model: str = MODEL, method: Method = "generateContent", **rest: Any
) -> Request:
    return Request(
        spec="butterfly",
        case="monarch",
        step=1,
        steps=1,
        method=method,
        model=model,
        contents=({"role": "user", "parts": [{"text": text}]},),
        rest=rest or {"generationConfig": {"imageConfig": {"imageSize": "512"}}},
        unchecked={},
        places={},
        expect=None,
    )


def case(*requests: Request, name: str = "monarch", expect: Mapping[str, Any] | None = None) -> Case:
    source = Source(path=Path("specs/butterfly.toml"), text='[[turns]]\ntext = "…"\n')
    made = tuple(
        Request(
            spec="butterfly",
            case=name,
            step=step,
            steps=len(requests),
            method=one.method,
            model=one.model,
            contents=one.contents,
            rest=one.rest,
            unchecked={},
            places={},
            expect=Expectation(table=expect) if expect else None,
        )
        for step, one in enumerate(requests, start=1)
    )
    return Case(spec="butterfly", path=source.path, name=name, span=source.span(0, 9), requests=made)


def chat(*texts: str) -> tuple[Request, ...]:
    """Return a conversation's requests: each holds the turns and replies before it."""
    made = []
    for count in range(1, len(texts) + 1):
        contents: list[Any] = []
        for step, text in enumerate(texts[:count], start=1):
            contents += [{"role": "user", "parts": [{"text": text}]}, Reply(step=step)]
        one = request()
        made.append(
            Request(
                spec=one.spec,
                case=one.case,
                step=count,
                steps=len(texts),
                method=one.method,
                model=one.model,
                contents=tuple(contents[:-1]),
                rest=one.rest,
                unchecked={},
                places={},
                expect=None,
            )
        )
    return tuple(made)


def project(root: Path, *, allow_emulator: bool = True) -> Project:
    return Project(
        root=root,
        specs=root / "specs",
        cassettes=root / "cassettes",
        output=root / "out",
        allow_emulator=allow_emulator,
    )


def unit(
    root: Path, of: Case, to: Endpoint, mode: RecordMode, *, accept: bool = False, allow_emulator: bool = True
) -> Unit:
    return Unit(project=project(root, allow_emulator=allow_emulator), case=of, endpoint=to, mode=mode, accept=accept)


def store(root: Path, name: str = "monarch") -> Store:
    return Store(folder=root / "cassettes" / "butterfly", case=name, locks=root / "locks")


class Waits(list[float]):
    """Waits that take no time, kept in order, with the clock that they move."""

    def sleep(self, seconds: float) -> None:
        self.append(seconds)

    def clock(self) -> float:
        return sum(self)


def endpoint(base_url: str, *, key: str | None = None, auth: Auth = "bearer", **more: Any) -> Endpoint:
    """Return a target at an address; nothing waits between tries."""
    waits = Waits()
    retries = more.pop("retries", None) or Retries(tries=3, clock=waits.clock, sleep=waits.sleep, jitter=lambda: 0.0)
    return Endpoint(
        target=Target(name="cometapi", base_url="https://api.cometapi.com", key_env="COMETAPI_KEY", auth=auth),
        base_url=base_url,
        key=key,
        retries=retries,
        timeout=more.pop("timeout", 20.0),
        **more,
    )


def session(
    at: Store, to: Endpoint, mode: RecordMode = RecordMode.NEW_EPISODES, usable: Recording | None = None
) -> Session:
    return Session(store=at, usable=usable, path=at.accepted, mode=mode, endpoint=to, tool="promptc 0")


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def image(data: bytes, **more: Any) -> dict[str, Any]:
    return {"inlineData": {"mimeType": "image/png", "data": encoded(data)}, **more}


def answer(*parts: Mapping[str, Any]) -> bytes:
    whole = {"candidates": [{"content": {"parts": list(parts), "role": "model"}, "finishReason": "STOP"}]}
    return json.dumps(whole, ensure_ascii=False).encode()


def picture(seed: int, size: int = 900) -> bytes:
    return PNG + bytes((seed * 31 + i * i) % 256 for i in range(size))


def drawn(seed: int) -> bytes:
    """Return a picture that can be opened and has the size that requests ask for."""
    file = BytesIO()
    Image.new("RGB", (512, 512), (seed * 37 % 256, 80, 120)).save(file, "PNG")
    return file.getvalue()


def interaction(of: Request, body: bytes, *, status: int = 200, **headers: str) -> tuple[VcrRequest, dict[str, Any]]:
    uri = TARGET.base_url + of.path(TARGET.api_version)
    stored = stored_request(of, uri, {"Content-Type": "application/json", "Accept": "application/json"})
    kept = {**JSON_HEADERS, **{name.replace("_", "-"): [value] for name, value in headers.items()}}
    return stored, {"status": {"code": status, "message": "OK"}, "headers": kept, "body": {"string": body}}


def provenance(requests: Sequence[Request], *, emulator: bool = False) -> Provenance:
    steps = tuple(Step(fingerprint=one.fingerprint, recorded_at=WHEN, model_version=None) for one in requests)
    return Provenance(target="cometapi", emulator=emulator, tool="promptc 0", steps=steps)


def save(at: Store, *bodies: bytes, accept: bool = True, words: str = "A Monarch butterfly") -> None:
    """Record answers as the steps of a case, each to a request of its own."""
    requests = [request(words if n == 1 else f"{words}, {n}") for n in range(1, len(bodies) + 1)]
    pairs = [interaction(one, body) for one, body in zip(requests, bodies, strict=True)]
    at.save(pairs, provenance(requests), NO_SECRETS, accept=accept)


def replayed(at: Store, path: Path | None = None) -> list[bytes]:
    """Return every answer that a recording gives back, its files verified."""
    path = path or at.accepted
    found = at.load(path)
    assert found is not None
    at.verify(found, path)
    return [at.body(response, path) for response in found.responses]


def files(at: Store) -> list[str]:
    return sorted(path.name for path in at.folder.iterdir()) if at.folder.exists() else []


Act = Callable[[socket.socket], None]


def http(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    """Return a whole answer of HTTP."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


class RawServer:
    """Takes connections one by one, keeps what came, and answers bytes or does what it is told; the last act repeats."""

    def __init__(self, *acts: bytes | Act, reads: bool = True, tls: ssl.SSLContext | None = None) -> None:
        self.reads = reads
        self.tls = tls
        self.acts = list(acts)
        self.seen: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def base_url(self) -> str:
        return f"http{'s' * bool(self.tls)}://127.0.0.1:{self.listener.getsockname()[1]}"

    def headers(self, index: int = -1) -> dict[str, str]:
        """Return a request's headers, by lower-case name."""
        head = self.seen[index].partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
        return {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in head}

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # it wakes the thread that waits for a connection
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(10)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                connection.settimeout(10)
                with self.tls.wrap_socket(connection, server_side=True) if self.tls else connection as one:
                    self._answer(one)

    def _answer(self, connection: socket.socket) -> None:
        self.seen.append(_read(connection) if self.reads else connection.recv(65536))
        act = self.acts.pop(0) if len(self.acts) > 1 else self.acts[0]
        if isinstance(act, bytes):
            connection.sendall(act)
        else:
            act(connection)


def _read(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return data
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line.partition(b":")[2]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
