"""What somebody wants of the API, said twice: to the official SDK, and in a spec."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any, TypeAlias

from google import genai
from google.genai import types
from PIL import Image

from tests.differential.loopback import Chunks

MODEL = "gemini-3-flash"
PAINTER = "gemini-3.1-flash-image"
SPEAKER = "gemini-2.5-flash-preview-tts"
PROMPT = "A Monarch butterfly anatomical sketch on textured parchment"

Ask: TypeAlias = Callable[[genai.Client], object]


def _picture(media_type: str, *size: int) -> bytes:
    file = BytesIO()
    width, height = size
    pixels = bytes(i * i % 251 for i in range(width * height * 3))  # noise: its base64 has all of the alphabet
    Image.frombytes("RGB", (width, height), pixels).save(file, media_type)
    return file.getvalue()


WING = _picture("PNG", 16, 12)
PARCHMENT = _picture("JPEG", 24, 16)
FILES = {"images/wing.png": WING, "images/parchment.jpg": PARCHMENT}
"""The pictures beside every spec."""


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def answer(*parts: dict[str, Any], finish: str | None = "STOP") -> dict[str, Any]:
    """Return a document, or an event, with these parts."""
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": list(parts)}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], "modelVersion": "loopback"}


WORDS: Chunks = [answer({"text": "As you wish."})]


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """`ask` says it to the SDK, `spec` to promptc; both get the same `answers`, one to a request."""

    name: str
    ask: Ask
    spec: str
    answers: tuple[Chunks, ...] = (WORDS,)


def generate(contents: Any = PROMPT, config: Any = None, *, model: str = MODEL) -> Ask:
    """Ask the SDK once."""
    return lambda client: client.models.generate_content(model=model, contents=contents, config=config)


def stream(contents: Any = PROMPT, config: Any = None, *, model: str = MODEL) -> Ask:
    """Ask the SDK for a stream, and read all of it."""
    return lambda client: list(client.models.generate_content_stream(model=model, contents=contents, config=config))


def configured(*, model: str = MODEL, **config: Any) -> Ask:
    """Ask the SDK for the one prompt with a config."""
    return generate(config=types.GenerateContentConfig(**config), model=model)


def prompted(tables: str = "", *, top: str = "", model: str = MODEL) -> str:
    """Return a spec with the one prompt; `top` stands above it, `tables` below."""
    return f'model = "{model}"\n{top}\n[[turns]]\ntext = "{PROMPT}"\n\n{tables}\n'


def parts_of(toml: str, tables: str = "", *, model: str = MODEL) -> str:
    """Return a spec with one turn of these parts."""
    return f'model = "{model}"\n\n[[turns]]\nparts = [\n{toml}\n]\n\n{tables}\n'


def verbatim(toml: str, tables: str = "") -> str:
    """Return a spec whose `contents` are written out in the API's own words."""
    return f'model = "{MODEL}"\ncontents = [\n{toml}\n]\n\n{tables}\n'
