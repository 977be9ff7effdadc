"""The compiled form (IR): cases, their requests, and what is expected of the answers."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

from promptc.blob import Blob
from promptc.canonical import digested, fingerprint
from promptc.errors import PromptcError
from promptc.locate import SourceMap
from promptc.source import Span
from promptc.tree import Json, Tree

Method: TypeAlias = Literal["generateContent", "streamGenerateContent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Stands in the contents where the recorded answer of an earlier step goes; `step` from 1."""

    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What a spec expects of an answer: a canonical table, and where its keys were written.

    `files` are what it names to compare with, by the JSON pointer of the name.
    """

    table: Mapping[str, Json] = field(default_factory=dict)
    places: SourceMap = field(default_factory=dict)
    files: Mapping[str, tuple[Blob, ...]] = field(default_factory=dict)

    @property
    def guards_recording(self) -> bool:
        """Whether new answers are to look like the accepted recording."""
        images = self.table.get("images")
        similar = images.get("similarTo") if isinstance(images, Mapping) else None
        return similar == "recording" or (isinstance(similar, Mapping) and "recording" in similar)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call of the API, compiled: step `step` of `steps` of a case.

    `contents` and `rest` are the canonical body; `places` maps its JSON pointers to the spec.
    `unchecked` is merged in without a check. The body is complete once every `Reply` is bound.
    """

    spec: str
    case: str
    step: int
    steps: int
    method: Method
    model: str
    contents: "tuple[Tree | Reply, ...]"
    rest: Mapping[str, Tree]
    unchecked: Mapping[str, Tree]
    places: SourceMap = field(repr=False)
    expect: Expectation | None

    @property
    def bound(self) -> bool:
        """Whether the body is complete."""
        return not any(isinstance(content, Reply) for content in self.contents)

    def bind(self, replies: Sequence[Json]) -> "Request":
        """Put the recorded answers of the steps before where they belong."""
        contents = tuple(
            replies[content.step - 1] if isinstance(content, Reply) else content for content in self.contents
        )
        return replace(self, contents=contents)

    @property
    def body(self) -> Mapping[str, Tree]:
        """The body; raises PromptcError while replies are missing."""
        contents: list[Tree] = []
        for content in self.contents:
            if isinstance(content, Reply):
                msg = f"step {self.step} needs the answer of step {content.step}"
                raise PromptcError(msg)
            contents.append(content)
        return merged({"contents": contents, **self.rest}, self.unchecked)

    @property
    def fingerprint(self) -> str:
        """`v1:` and a SHA-256; equal for requests that the API can't tell apart."""
        return fingerprint(self.method, self.model, self.body)

    def digested_body(self) -> Json:
        """Return the canonical body with digests in the place of base64, as cassettes keep it."""
        return digested(self.body)

    def wire_body(self) -> bytes:
        """Return the bytes to send: base64 is made here and nowhere else."""
        text = json.dumps(self.body, ensure_ascii=False, separators=(",", ":"), default=_base64)
        try:
            return text.encode()
        except UnicodeEncodeError:  # half a surrogate pair in a model's reply: it goes back as it came
            return json.dumps(self.body, separators=(",", ":"), default=_base64).encode()

    @property
    def route(self) -> str:
        """`model:method`, the part of the URL that is the request's own."""
        return f"{self.model}:{self.method}"

    def path(self, api_version: str) -> str:
        """Return the URL's path and query (https://ai.google.dev/api/generate-content)."""
        query = "?alt=sse" if self.method == "streamGenerateContent" else ""
        return f"/{api_version}/models/{self.route}{query}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """A text or number that a variable, or a part of one, has in a case, as a template prints it, and where it is set."""

    name: str
    text: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A compiled case: its requests in order; more than one where the spec has replies.

    `path` is the spec's file; `span` may be in another one, which the spec extends.
    """

    spec: str
    path: Path
    name: str
    span: Span
    requests: tuple[Request, ...]
    skip: str | None = None
    xfail: str | None = None
    tags: tuple[str, ...] = ()
    assigned: tuple[Assigned, ...] = field(default=(), repr=False)

    @property
    def id(self) -> str:
        """`spec::case`, as the command line takes it."""
        return f"{self.spec}::{self.name}"


def merged(base: Mapping[str, Tree], over: Mapping[str, Tree]) -> Mapping[str, Tree]:
    """Merge tables deeply; anything but a table replaces what was there."""
    result = dict(base)
    for key, value in over.items():
        known = result.get(key)
        both = isinstance(known, Mapping) and isinstance(value, Mapping)
        result[key] = merged(known, value) if both else value  # type: ignore[arg-type]
    return result


def _base64(value: object) -> Any:

    if isinstance(value, Blob):
        return base64.b64encode(value.read()).decode("ascii")
    msg = f"{type(value).__name__} is not part of a request"
    raise TypeError(msg)
