"""The answer to a call: a GenerateContentResponse whose every value follows from the request."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from promptc.emulator.call import Call
from promptc.emulator.faults import Twist
from promptc.emulator.picture import Drawn, draw
from promptc.emulator.sample import sample
from promptc.emulator.signature import sign
from promptc.emulator.usage import usage

BLOCK_MARKER = "[block]"
NO_IMAGE_MARKER = "[no-image]"
_QUOTED = 200  # characters of the prompt that an answer repeats


def answer(call: Call, *, signature_bytes: int, twist: Twist | None = None) -> dict[str, Any]:
    """Return the whole answer to a call; a twist is a fault that lies in the answer itself."""
    if BLOCK_MARKER in call.words:
        return _envelope(call, [], promptFeedback={"blockReason": "PROHIBITED_CONTENT"})
    if twist is Twist.NO_CANDIDATES:
        return _envelope(call, [])
    if twist is Twist.NO_IMAGE or NO_IMAGE_MARKER in call.words:
        return _envelope(call, [], candidates=[{"finishReason": "NO_IMAGE", "index": 0}])
    drawn = draw(call, twist) if call.wants("IMAGE") and twist is not Twist.TEXT_ONLY else None
    parts = _parts(call, drawn, signature_bytes, only_thoughts=twist is Twist.ONLY_THOUGHTS)
    candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "finishReason": "STOP", "index": 0}
    if any("googleSearch" in tool for tool in call.tree.get("tools", ())):
        candidate["groundingMetadata"] = _grounding(call)
    return _envelope(call, parts, drawn, candidates=[candidate])


def events(whole: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Split an answer into the events of a stream: texts in two, each picture whole, the end by itself."""
    candidates = whole.get("candidates", ())
    if not candidates or "content" not in candidates[0]:
        return [dict(whole)]
    shared = {key: whole[key] for key in ("modelVersion", "responseId")}
    split = [piece for part in candidates[0]["content"]["parts"] for piece in _pieces(part)]
    begun = [
        {"candidates": [{"content": {"parts": [piece], "role": "model"}, "index": 0}], **shared} for piece in split
    ]
    end = {key: value for key, value in candidates[0].items() if key != "content"}
    return [*begun, {"candidates": [end], "usageMetadata": whole["usageMetadata"], **shared}]


def _envelope(
    call: Call, parts: Sequence[Mapping[str, Any]], drawn: Drawn | None = None, **fields: Any
) -> dict[str, Any]:
    image_tokens = call.abilities.image_tokens.get(drawn.frame.size, 0) if drawn else 0
    return {
        **fields,
        "usageMetadata": usage(call, parts, _thoughts(call) if parts else "", image_tokens),
        "modelVersion": f"promptc-emulator/{call.model}",
        "responseId": base64.urlsafe_b64encode(call.digest[:16]).decode("ascii").rstrip("="),
    }


def _parts(call: Call, drawn: Drawn | None, signature_bytes: int, *, only_thoughts: bool) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    if call.config.get("thinkingConfig", {}).get("includeThoughts"):
        parts.append({"text": _thoughts(call), "thought": True})
    if call.wants("TEXT") or drawn is None:
        parts.append({"text": _text(call, drawn)})
    if drawn:
        part: dict[str, Any] = {
            "inlineData": {"mimeType": drawn.media_type, "data": base64.b64encode(drawn.data).decode("ascii")}
        }
        if only_thoughts:
            part["thought"] = True
        elif call.abilities.thinking:
            part["thoughtSignature"] = sign(drawn.data, signature_bytes)
        parts.append(part)
    return parts


def _text(call: Call, drawn: Drawn | None) -> str:
    config = call.config
    schema = config.get("responseJsonSchema") or config.get("responseSchema")
    match config.get("responseMimeType"):
        case "application/json":
            value = sample(schema, call.words, call.digest) if schema else {"text": _quoted(call)}
            return json.dumps(value, ensure_ascii=False)
        case "text/x.enum" if schema:
            return str(sample(schema, call.words, call.digest))
    what = "A stand-in drawn" if drawn else "A stand-in written"
    return f"{what} by the promptc emulator for: {_quoted(call)}"


def _thoughts(call: Call) -> str:
    return f"A stand-in for a model's thoughts about: {_quoted(call)}"


def _quoted(call: Call) -> str:
    words = call.words
    return words if len(words) <= _QUOTED else f"{words[: _QUOTED - 1].rstrip()}…"


def _grounding(call: Call) -> dict[str, Any]:
    uri = f"https://example.com/{call.digest.hex()[:12]}"
    return {
        "webSearchQueries": [_quoted(call)],
        "groundingChunks": [{"web": {"uri": uri, "title": "example.com"}}],
    }


def _pieces(part: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Break a text part in two behind a space near its middle."""
    text = part.get("text")
    if text is None or len(text) < 2:  # noqa: PLR2004 - one letter has no two halves
        return [dict(part)]
    middle = text.find(" ", len(text) // 2, len(text) - 1) + 1 or len(text) // 2
    return [{**part, "text": text[:middle]}, {**part, "text": text[middle:]}]
