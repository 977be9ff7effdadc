"""What a case asks, in the form that its fingerprints are made of: canonical, with a mark where a reply goes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from promptc.blob import Blob
from promptc.canonical import decode_base64, digested
from promptc.request import Case, Reply, merged
from promptc.tree import Json, Tree, child, parent, tokens

REPLY: Mapping[str, bool] = {"reply": True}
"""Stands in the contents for a recorded answer."""
_DIGEST = "sha256:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a case asks in all its steps: one request holds what the ones before it hold.

    `body` has digests in the place of bytes, `raw` is the same body with its blobs. `ends` are how
    many contents each step has.
    """

    model: str
    method: str
    body: Mapping[str, Any]
    raw: Mapping[str, Tree]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, case: Case) -> "Asked":
        """Return what a case asks; its last request holds all of it."""
        last = case.requests[-1]
        open_at = [i for i, content in enumerate(last.contents) if isinstance(content, Reply)]
        contents = [{} if isinstance(content, Reply) else content for content in last.contents]
        raw = merged({"contents": contents, **last.rest}, last.unchecked)
        body = cast("dict[str, Any]", digested(raw))
        for i in open_at:
            body["contents"][i] = dict(REPLY)
        return cls(
            model=last.model,
            method=last.method,
            body=body,
            raw=raw,
            ends=tuple(len(request.contents) for request in case.requests),
        )

    @property
    def identity(self) -> str:
        """A digest that is equal for cases which ask the same, replies aside."""
        form = written([self.model, self.method, self.body])
        return hashlib.sha256(form.encode("utf-8", "surrogatepass")).hexdigest()

    def step(self, pointer: str) -> int:
        """Return the first step in which a place of the body is sent."""
        way = tokens(pointer)
        if way[:1] != ["contents"] or len(way) == 1:
            return 1
        return next(step for step, end in enumerate(self.ends, start=1) if int(way[1]) < end)

    def blob(self, pointer: str) -> Blob | None:
        """Return the bytes that stand at a place, as their digest."""
        value = _at(self.raw, pointer)
        if not isinstance(value, str):
            return value if isinstance(value, Blob) else None
        media_type = str(self.at(f"{parent(pointer)}/mimeType") or "application/octet-stream")
        try:
            return Blob.of_bytes(decode_base64(value), media_type)
        except ValueError:
            return None

    def at(self, pointer: str) -> Any:
        """Return the value at a place of the body, None where there is nothing."""
        return _at(self.body, pointer)

    def blobs(self, value: Json, pointer: str) -> Tree:
        """Return a value of the body with its blobs in the place of their digests."""
        if isinstance(value, Mapping):
            return {key: self.blobs(item, child(pointer, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.blobs(item, child(pointer, i)) for i, item in enumerate(value)]
        if isinstance(value, str) and value.startswith(_DIGEST) and pointer.endswith("/inlineData/data"):
            return self.blob(pointer) or value
        return value


def _at(value: Any, pointer: str) -> Any:
    for token in tokens(pointer):
        if isinstance(value, list):
            value = value[int(token)]
        elif isinstance(value, Mapping):
            value = value.get(token)
        else:
            return None
    return value


def written(value: Tree) -> str:
    """Return a value as one text, files by their digests; values that mean the same have the same text."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=digest_of)


def digest_of(value: object) -> object:
    """Return what stands for a file in JSON."""
    return value.digest if isinstance(value, Blob) else str(value)


def same(old: Json, new: Json) -> bool:
    """Say whether two values mean the same: for Python, `true` is 1, for JSON it is not."""
    return old == new and _kinds(old, new)


def _kinds(old: Any, new: Any) -> bool:
    if isinstance(old, Mapping):
        return all(_kinds(item, new[key]) for key, item in old.items())
    if isinstance(old, (list, tuple)):
        return all(_kinds(one, other) for one, other in zip(old, new, strict=True))
    return (type(old) is bool) == (type(new) is bool)
