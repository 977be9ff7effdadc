"""Estimate: about how many tokens a request and its answer count, by rule, before anything is sent.

Four letters are a token, as Google's token counting guide has it; of scripts that write a word in one
or two characters, each character is taken for one. Pictures are those of the model's table. How long
an answer is, nobody can know: a request's `maxOutputTokens` is a bound, so modest numbers stand in.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any
from unicodedata import east_asian_width

from promptc.cost import Tokens
from promptc.models import Model, drawable
from promptc.request import Reply, Request, merged
from promptc.tree import Tree

_LETTERS = 4
BESIDE = 100
"""The tokens of the words beside a picture: recorded answers have 14 to 700."""
ANSWER = 500
"""The tokens of an answer of words alone."""
THOUGHTS = 500
"""The tokens of a model's thoughts: recorded answers have 30 to 1,600."""
PICTURE = 1120
"""The tokens of a picture where the model's table does not say them: those of most models at 1K."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What a body brings along: tokens of words, the number of pictures, the media types of other files."""

    words: int
    pictures: int
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What a request and its answer are likely to count, and what they hold that no rule counts."""

    tokens: Tokens
    uncounted: tuple[str, ...]


def guess(request: Request, model: Model | None) -> Guess:
    """Return what a request counts by rule; an answer that it needs is taken to be like its own."""
    body = known(request)
    sent, config = prompt(body), _table(body.get("generationConfig"))
    words, pictures = _answer(config, model)
    before = sum(isinstance(content, Reply) for content in request.contents)
    thoughts = 0 if model and not model.thinking else _capped(THOUGHTS, _table(config.get("thinkingConfig")))
    asked = sent.words + before * words + (sent.pictures + before * pictures) * _picture_sent(model)
    image = pictures * _picture_drawn(config, model)
    tokens = Tokens(
        prompt=asked,
        candidates=words + image,
        thoughts=thoughts,
        total=asked + words + image + thoughts,
        text=words,
        image=image,
    )
    return Guess(tokens=tokens, uncounted=sent.others)


def known(request: Request) -> Mapping[str, Tree]:
    """Return a request's body without the answers that it waits for."""
    contents = [content for content in request.contents if not isinstance(content, Reply)]
    return merged({"contents": contents, **request.rest}, request.unchecked)


def prompt(body: Mapping[str, Any]) -> Prompt:
    """Return what a canonical body brings along, answers of the model left out."""
    turns = [turn for turn in _tables(body.get("contents")) if turn.get("role") != "model"]
    parts = [part for turn in (*turns, _table(body.get("systemInstruction"))) for part in _tables(turn.get("parts"))]
    files = [_table(part.get("inlineData") or part.get("fileData")) for part in parts]
    kinds = [str(file.get("mimeType", "a file")) for file in files if file]
    texts = [*(_words(part) for part, file in zip(parts, files, strict=True) if not file), *_declared(body)]
    return Prompt(
        words=text_tokens(texts),
        pictures=sum(kind.startswith("image/") for kind in kinds),
        others=tuple(sorted({kind for kind in kinds if not kind.startswith("image/")})),
    )


def text_tokens(texts: Iterable[str]) -> int:
    """Return about how many tokens texts have."""
    text = "".join(texts)
    wide = 0 if text.isascii() else sum(east_asian_width(char) in {"W", "F"} for char in text)
    return wide + ceil((len(text) - wide) / _LETTERS)


def _words(part: Mapping[str, Any]) -> str:
    text = part.get("text")
    return text if isinstance(text, str) else _as_json(part)


def _declared(body: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a model reads beside the turns: its tools, and the schema of its answer."""
    config = _table(body.get("generationConfig"))
    found = (body.get("tools"), config.get("responseSchema"), config.get("responseJsonSchema"))
    return (_as_json(value) for value in found if value)


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=lambda _: "")


def _answer(config: Mapping[str, Any], model: Model | None) -> tuple[int, int]:
    """Return the tokens of an answer's words, and the number of its pictures."""
    wanted = config.get("responseModalities") or (model.modalities if model else ("TEXT",))
    kinds: Sequence[object] = (wanted,) if isinstance(wanted, str) else wanted
    count = config.get("candidateCount", 1)
    times = count if isinstance(count, int) and count > 0 else 1
    pictures = times if "IMAGE" in kinds else 0
    words = BESIDE if pictures else ANSWER
    most = config.get("maxOutputTokens")
    words = min(words, most) if isinstance(most, int) and most > 0 else words
    return (times * words if "TEXT" in kinds else 0), pictures


def _capped(tokens: int, thinking: Mapping[str, Any]) -> int:
    budget = thinking.get("thinkingBudget")
    return min(tokens, budget) if isinstance(budget, int) and budget >= 0 else tokens


def _picture_sent(model: Model | None) -> int:
    return (model.input_image_tokens if model else 0) or PICTURE


def _picture_drawn(config: Mapping[str, Any], model: Model | None) -> int:
    size = drawable(_table(config.get("imageConfig"))).get("imageSize") or (model.default_size if model else "1K")
    return (model.image_tokens if model else {}).get(size, PICTURE)


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _tables(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, (list, tuple)) else []
