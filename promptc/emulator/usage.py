"""How many tokens a request and its answer count."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from promptc.emulator.call import Call

_LETTERS = 4  # characters per token, Google's rule of thumb


def text_tokens(text: str) -> int:
    """Return the tokens of a text."""
    return ceil(len(text) / _LETTERS)


def prompt_tokens(call: Call) -> dict[str, int]:
    """Return the tokens of a request by modality."""
    turns = [*call.contents, call.tree.get("systemInstruction", {"parts": []})]
    parts = [part for turn in turns for part in turn["parts"]]
    pictures = sum(_is_picture(part) for part in parts)
    tokens = {"TEXT": text_tokens("".join(part.get("text", "") for part in parts))}
    if pictures:
        tokens["IMAGE"] = pictures * call.abilities.input_image_tokens
    return tokens


def details(tokens: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return tokens by modality as the API lists them."""
    return [{"modality": modality, "tokenCount": count} for modality, count in tokens.items() if count]


def usage(call: Call, answer: Sequence[Mapping[str, Any]], thoughts: str, image_tokens: int) -> dict[str, Any]:
    """Return the usageMetadata of an answer with these parts."""
    prompt = prompt_tokens(call)
    shown = "".join(part.get("text", "") for part in answer if not part.get("thought"))
    made = {"TEXT": text_tokens(shown)}
    if any("inlineData" in part for part in answer):
        made["IMAGE"] = image_tokens
    thought = text_tokens(thoughts) if call.abilities.thinking else 0
    metadata: dict[str, Any] = {
        "promptTokenCount": sum(prompt.values()),
        "candidatesTokenCount": sum(made.values()),
        "totalTokenCount": sum(prompt.values()) + sum(made.values()) + thought,
        "promptTokensDetails": details(prompt),
        "candidatesTokensDetails": details(made),
    }
    if thought:
        metadata["thoughtsTokenCount"] = thought
    return metadata


def _is_picture(part: Mapping[str, Any]) -> bool:
    file = part.get("inlineData") or part.get("fileData") or {}
    return str(file.get("mimeType", "")).startswith("image/")
