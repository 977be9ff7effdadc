"""Thought signatures: made from a picture's bytes, so that no state is needed to verify them."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from promptc.canonical import decode_base64
from promptc.emulator.call import Call


def sign(picture: bytes, length: int) -> str:
    """Return the signature of a picture as base64 of that many bytes."""
    return base64.b64encode(_expanded(picture, length)).decode("ascii")


def belongs(signature: str, picture: bytes) -> bool:
    """Say whether a signature, of whatever length, was made for the picture."""
    try:
        given = decode_base64(signature)
    except ValueError:
        return False
    return given == _expanded(picture, len(given))


def complaint(call: Call) -> str | None:
    """Return what the API says about the first image part of the model's turns whose signature is wrong."""
    if not call.abilities.thinking:
        return None
    for content, turn in enumerate(call.contents, 1):
        if turn.get("role") != "model":
            continue
        for position, part in enumerate(turn["parts"], 1):
            wrong = _wrong(part)
            if wrong:
                return f"{wrong} in content position {content}, part position {position}."
    return None


def _wrong(part: Mapping[str, Any]) -> str | None:
    inline = part.get("inlineData", {})
    if part.get("thought") or not inline.get("mimeType", "").startswith("image/"):
        return None  # thoughts carry no signature
    if not part.get("thoughtSignature"):
        return "Image part is missing a thought_signature"
    if not belongs(part["thoughtSignature"], decode_base64(inline["data"])):
        return "Image part has a corrupted thought_signature"
    return None


def _expanded(picture: bytes, length: int) -> bytes:
    # The length goes in too: a signature that was cut short is then a wrong one.
    seed = f"promptc emulator {length} {hashlib.sha256(picture).hexdigest()}"
    return hashlib.shake_256(seed.encode("ascii")).digest(length)
