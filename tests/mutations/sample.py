"""A request of our own that is valid, in any spelling that the API reads."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FLASH = "gemini-3.1-flash-image"
PRO = "gemini-3-pro-image"
OLD = "gemini-2.5-flash-image"
LITE = "gemini-3.1-flash-lite-image"

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(48))).decode()
JPEG = base64.b64encode(b"\xff\xd8\xff\xe0" + bytes(range(40))).decode()
WEBP = base64.urlsafe_b64encode(b"RIFF\x10\0\0\0WEBP" + bytes(range(200, 248))).decode().rstrip("=")
SIGNATURE = base64.b64encode(bytes(range(90))).decode()


@dataclass(frozen=True, slots=True)
class Sample:
    """`model` is None for bodies with fields that no model of the table takes."""

    name: str
    model: str | None
    body: Mapping[str, Any]


def ask(text: str, *parts: Any) -> dict[str, Any]:
    """Return a turn of the user's."""
    return {"role": "user", "parts": [{"text": text}, *parts]}


def inline(data: str, media_type: str = "image/png") -> dict[str, Any]:
    """Return a part with a picture in it."""
    return {"inlineData": {"mimeType": media_type, "data": data}}
