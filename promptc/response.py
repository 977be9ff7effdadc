"""What the API answered: the types, and a reader that takes whatever comes.

The reader never raises: real answers come without candidates, without content, as event streams
with no event, as HTML; each of these is a value that says so.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from promptc.blob import sniff
from promptc.canonical import decode_base64
from promptc.tree import Json

_TAGS = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_SHOWN = 300
_OTHERS = "the answer has several candidates; only the first is used and judged"
_NO_TEXT = "the answer is no UTF-8 text; what can't be read was replaced"
_LONGEST_ID = 64
_LONGEST_WORD = 120
_DEEPEST = 20
"""How deeply nested a count of tokens is read; the API's are three deep."""
_REPEATED = {"text", "thought"}
"""What two events of a stream may well say alike: half a word of a text."""
_REQUEST_ID = re.compile(r"request[ _-]?id:?\s*([A-Za-z0-9_-]{6,64})", re.IGNORECASE)
REQUEST_ID_HEADERS = ("x-request-id", "x-oneapi-request-id", "cf-ray")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An image part of an answer.

    `media_type` is what the bytes are, `declared` what the part says; `thought` marks pictures
    that the model drew while it thought.
    """

    data: bytes = field(repr=False)
    declared: str
    thought: bool

    @property
    def media_type(self) -> str:
        """The type by the bytes; the declared one where they say nothing."""
        return sniff(self.data) or self.declared

    @property
    def mislabelled(self) -> bool:
        """Whether the part says another type than the bytes are; `image/jpg` is JPEG by a nickname."""
        return self.media_type != ("image/jpeg" if self.declared == "image/jpg" else self.declared)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """A safety rating, of the answer or of a prompt that was blocked."""

    category: str
    probability: str
    blocked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiError:
    """An error envelope, Google's or CometAPI's; `code` is the envelope's own, as text."""

    status: int
    code: str
    message: str
    request_id: str | None

    @property
    def sentence(self) -> str:
        """Status, code and message in a line."""
        code = f" {self.code}" if self.code not in {"", str(self.status)} else ""
        return f"{self.status}{code}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer, read.

    `parts` are candidate 0's parts as received, a stream's joined in order. `problem` says why an
    answer could not be read, `request_id` how the API names it; `notes` what was odd about one
    that could.
    """

    status: int
    text: str = ""
    pictures: tuple[Picture, ...] = ()
    parts: Sequence[Json] = ()
    role: str = "model"
    finish_reason: str | None = None
    block_reason: str | None = None
    ratings: tuple[Rating, ...] = ()
    usage: Mapping[str, Json] = field(default_factory=dict)
    model_version: str | None = None
    error: ApiError | None = None
    problem: str | None = None
    request_id: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def images(self) -> tuple[Picture, ...]:
        """The pictures that count: the final ones, or the last thought where there is no other."""
        final = tuple(picture for picture in self.pictures if not picture.thought)
        return final or self.pictures[-1:]

    @property
    def only_thoughts(self) -> bool:
        """Whether the picture in `images` came as a thought."""
        return bool(self.pictures) and all(picture.thought for picture in self.pictures)

    @property
    def reply(self) -> Mapping[str, Json] | None:
        """The model's turn, whole, for the next request of a chat; None where there is no content."""
        if not self.parts:
            return None
        return {"parts": self.parts, "role": self.role}


def read(status: int, headers: Mapping[str, str], body: bytes) -> Response:
    """Read an answer of `generateContent` or `streamGenerateContent`, whole or streamed."""
    content_type = next((value for key, value in headers.items() if key.lower() == "content-type"), "")
    request_id = next((headers[key][:_LONGEST_ID] for key in headers if key.lower() in REQUEST_ID_HEADERS), None)
    chunks, problem = _chunks(body, content_type)
    error = next((found for chunk in chunks if (found := _error(status, chunk, request_id))), None)
    if error is None and status >= 400:  # noqa: PLR2004 - RFC 9110, section 15
        message = _excerpt(body.decode("utf-8", "replace")) or "no message"
        error, problem = ApiError(status=status, code="", message=message, request_id=request_id), None
    if error:
        return Response(status=status, error=error)
    if 300 <= status < 400:  # noqa: PLR2004 - RFC 9110, section 15.4
        problem = f"the API redirects (status {status}): the base URL or the path is wrong"
    if problem:
        return Response(status=status, problem=problem, request_id=request_id)
    return _merge(status, chunks, [] if _is_utf8(body) else [_NO_TEXT])


def _chunks(body: bytes, content_type: str) -> tuple[list[Any], str | None]:
    """Split a body into the JSON values that it holds."""
    text = body.decode("utf-8", "replace").removeprefix("\ufeff").strip()
    if not text:
        if "event-stream" in content_type:
            return [], "the event stream ended without an event"
        return [], "the answer is empty"
    if text.startswith("<"):
        return [], f"the answer is a web page: {_excerpt(text)}"
    if ("event-stream" in content_type and text[0] not in "{[") or re.match(r"(data|event|id|retry)?:", text):
        return _events(text)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        return [], f"the answer is cut short or no JSON: {_json_problem(error)}"
    return (value if isinstance(value, list) else [value]), None


def _is_utf8(body: bytes) -> bool:
    try:
        body.isascii() or body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _events(text: str) -> tuple[list[Any], str | None]:
    """Read server-sent events (WHATWG HTML, section 9.2): each one's data is a whole answer."""
    chunks = []
    for event in re.sub(r"\r\n?", "\n", text).split("\n\n"):
        data = "\n".join(line[5:].removeprefix(" ") for line in event.split("\n") if line.startswith("data:"))
        if not data or data.strip() == "[DONE]":
            continue
        try:
            chunks.append(json.loads(data))
        except (ValueError, RecursionError) as error:
            return [], f"event {len(chunks) + 1} of the stream is cut short or no JSON: {_json_problem(error)}"
    return chunks, None if chunks else "the event stream ended without an event"


def _json_problem(error: ValueError | RecursionError) -> str:
    return error.msg if isinstance(error, json.JSONDecodeError) else "it can't be decoded"


def _error(status: int, chunk: object, request_id: str | None) -> ApiError | None:
    envelope = _table(chunk).get("error")
    if not isinstance(envelope, (Mapping, str)):
        return None
    if isinstance(envelope, str):
        return ApiError(status=status, code="", message=_excerpt(envelope), request_id=request_id)
    message = _excerpt(str(envelope.get("message") or "no message"))
    code = envelope.get("status") or envelope.get("code") or envelope.get("type") or ""
    own = envelope.get("code")
    found = _REQUEST_ID.search(str(envelope.get("message")))
    return ApiError(
        status=own if status < 400 and isinstance(own, int) else status,  # noqa: PLR2004 - an error inside a stream
        code=str(code),
        message=message,
        request_id=request_id or (found.group(1) if found else None),
    )


def _merge(status: int, chunks: Iterable[object], notes: list[str]) -> Response:
    parts: list[Any] = []
    fields: dict[str, Any] = {}
    usage: dict[str, Json] = {}
    ratings: dict[str, list[Rating]] = {"answer": [], "prompt": []}
    role = "model"
    before: object = None
    for number, chunk in enumerate(chunks, start=1):
        answer = _table(chunk)
        if not isinstance(chunk, Mapping):
            notes.append("an answer that is no object was left out")
        candidate = _first(answer.get("candidates"))
        if (
            any(other is not candidate for other in map(_table, _list(answer.get("candidates"))))
            and _OTHERS not in notes
        ):
            notes.append(_OTHERS)
        content = _table(candidate.get("content"))
        own = _list(content.get("parts"))
        if chunk == before and any(not part.keys() <= _REPEATED for part in map(_table, own)):
            notes.append(f"event {number} of the stream is the same as the one before it; both were used")
        parts += own
        before = chunk
        role = _text(content.get("role")) or role
        usage |= {_readable(key): _plain(value) for key, value in _table(answer.get("usageMetadata")).items()}
        feedback = _table(answer.get("promptFeedback"))
        ratings["answer"] += _ratings(candidate)
        ratings["prompt"] += _ratings(feedback)
        fields["finish_reason"] = _word(candidate.get("finishReason")) or fields.get("finish_reason")
        fields["block_reason"] = _word(feedback.get("blockReason")) or fields.get("block_reason")
        fields["model_version"] = _word(answer.get("modelVersion")) or fields.get("model_version")
    pictures = _pictures(parts, notes)
    text = "".join(_text(part.get("text")) or "" for part in map(_table, parts) if not part.get("thought"))
    if not parts and not fields.get("block_reason") and not fields.get("finish_reason"):
        notes.append("the answer has no candidate with content")
    return Response(
        status=status,
        text=text,
        pictures=pictures,
        parts=parts,
        role=role,
        ratings=tuple(ratings["prompt" if fields.get("block_reason") else "answer"]),
        usage=usage,
        notes=tuple(notes),
        **fields,
    )


def _ratings(rated: Mapping[str, Any]) -> list[Rating]:
    return [
        Rating(
            category=_word(rating.get("category")) or "a category without a name",
            probability=_word(rating.get("probability")) or "unknown",
            blocked=rating.get("blocked") is True,
        )
        for rating in map(_table, _list(rated.get("safetyRatings")))
    ]


def _pictures(parts: Iterable[object], notes: list[str]) -> tuple[Picture, ...]:
    found = []
    for part in map(_table, parts):
        inline = _table(part.get("inlineData") or part.get("inline_data"))
        declared = _text(inline.get("mimeType") or inline.get("mime_type")) or ""
        decoded = _decoded(inline.get("data"))
        picture = Picture(data=decoded, declared=declared, thought=bool(part.get("thought")))
        if not declared.startswith("image/") and not picture.media_type.startswith("image/"):
            continue
        if not decoded:
            notes.append("an image part holds no picture and was left out")
            continue
        found.append(picture)
    return tuple(found)


def _decoded(data: object) -> bytes:
    """Return what base64 holds; nothing where it is none."""
    try:
        return decode_base64(data) if isinstance(data, str) else b""
    except ValueError:
        return b""


def _first(candidates: object) -> Mapping[str, Any]:
    """Return candidate 0: the one whose index says so, or that has none."""
    tables = [_table(candidate) for candidate in _list(candidates)]
    return next((table for table in tables if not table.get("index")), {})


def _excerpt(text: str) -> str:
    words = " ".join(_TAGS.sub(" ", text[: _SHOWN * 20]).split())
    plain = "".join(char if char.isprintable() else "\ufffd" for char in words)
    return plain if len(plain) <= _SHOWN else plain[: _SHOWN - 1] + "…"


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    if isinstance(value, Mapping):
        return [value]
    return value if isinstance(value, list) else []


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _word(value: object) -> str | None:
    """Return a name or a reason, which the API has short and messages quote."""
    return _readable(value[:_LONGEST_WORD]) if isinstance(value, str) else None


def _readable(word: str) -> str:
    """Replace the halves of characters that JSON can hold and no file can."""
    return word.encode("utf-8", "replace").decode()


def _plain(value: Any, depth: int = _DEEPEST) -> Json:
    """Return a value that can be written anywhere: what is no number, and what is nested too deeply, is null."""
    if isinstance(value, Mapping):
        return {_readable(key): _plain(item, depth - 1) for key, item in value.items()} if depth else None
    if isinstance(value, list):
        return [_plain(item, depth - 1) for item in value] if depth else None
    if isinstance(value, float) and not isfinite(value):
        return None
    return _readable(value) if isinstance(value, str) else value
