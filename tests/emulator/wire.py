"""A raw client: http.client and sockets, nothing that retries or repairs."""

import base64
import http.client
import json
import socket
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from PIL import Image

from promptc.emulator.call import Call
from promptc.emulator.server import Emulator
from promptc.models import find

FLASH = "gemini-3.1-flash-image"
PRO = "gemini-3-pro-image"
OLD = "gemini-2.5-flash-image"
TEXT_MODEL = "gemini-3-flash"
BUTTERFLY = "A Monarch butterfly anatomical sketch on textured parchment"
TIMEOUT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def parts(self) -> list[dict[str, Any]]:
        parts: list[dict[str, Any]] = self.json["candidates"][0]["content"]["parts"]
        return parts


def connect(emulator: Emulator) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(emulator.base_url).netloc, timeout=TIMEOUT)


def dial(emulator: Emulator) -> socket.socket:
    split = urlsplit(emulator.base_url)
    return socket.create_connection((split.hostname, split.port), timeout=TIMEOUT)


def ask(emulator: Emulator, verb: str, path: str, body: bytes | None = None) -> Answer:
    connection = connect(emulator)
    try:
        connection.request(verb, path, body, {"Content-Type": "application/json"} if body else {})
        response = connection.getresponse()
        return Answer(status=response.status, headers=response.headers, body=response.read())
    finally:
        connection.close()


def post(emulator: Emulator, body: object, method: str = "generateContent", model: str = FLASH) -> Answer:
    return ask(emulator, "POST", f"/v1beta/models/{model}:{method}", json.dumps(body).encode())


def prompt(text: str = BUTTERFLY, **config: Any) -> dict[str, Any]:
    body: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": text}]}]}
    if config:
        body["generationConfig"] = config
    return body


def small(text: str = BUTTERFLY, **config: Any) -> dict[str, Any]:
    return prompt(text, **{"imageConfig": {"imageSize": "512"}, **config})


def call(tree: dict[str, Any], model: str = FLASH, fingerprint: str = "v1:" + "5a" * 32) -> Call:
    return Call(method="generateContent", model=model, tree=tree, fingerprint=fingerprint, known=find(model))


def png(width: int, height: int) -> str:
    file = BytesIO()
    Image.new("P", (width, height)).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def refused(code: int, status: str, message: str, *violations: dict[str, str]) -> dict[str, Any]:
    """Return the whole envelope that Google answers a refused request with."""
    error: dict[str, Any] = {"code": code, "message": message, "status": status}
    if violations:
        bad = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": list(violations)}
        error["details"] = [bad]
    return {"error": error}
