"""A compiled request as a page shows it: what is said, the parameters, the whole body without bytes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from promptc.blob import Blob
from promptc.report.page.gallery import Gallery
from promptc.report.page.model import Asked, Part, Row, Turn
from promptc.report.requests import elided
from promptc.request import Reply, Request, merged
from promptc.tree import Tree

_LONGEST = 160


def asked(request: Request, gallery: Gallery, earlier: Request | None = None) -> Asked:
    """Return a request; of a chat, what was said in the step before is not said again."""
    contents = [
        {"role": "model", "reply": f"the answer of step {content.step}"} if isinstance(content, Reply) else content
        for content in request.contents
    ]
    body = merged({"contents": contents, **request.rest}, request.unchecked)
    system = body.get("systemInstruction")
    known = len(earlier.contents) if earlier else 0
    if earlier and (request.contents[:known], request.rest) != (earlier.contents, earlier.rest):
        known = 0
    said = [("system", system)] if isinstance(system, Mapping) and not known else []
    said += [(str(turn.get("role", "user")), turn) for turn in contents[known:] if isinstance(turn, Mapping)]
    return Asked(
        route=request.route,
        known=known,
        turns=tuple(Turn(role=role, parts=tuple(_parts(turn, gallery))) for role, turn in said),
        parameters=() if known else tuple(_parameters(body)),
        body=json.dumps(elided(body), ensure_ascii=False, indent=2),
        fingerprint=request.fingerprint if request.bound else None,
    )


def _parts(turn: Mapping[str, Tree], gallery: Gallery) -> Iterator[Part]:
    if "reply" in turn:
        yield Part(text=f"({turn['reply']}, as it is recorded)")
    parts = turn.get("parts")
    for part in parts if isinstance(parts, Sequence) and not isinstance(parts, str) else ():
        yield _part(part, gallery)


def _part(part: Tree, gallery: Gallery) -> Part:
    if isinstance(part, Mapping) and set(part) == {"text"}:
        return Part(text=str(part["text"]))
    inline = part.get("inlineData") if isinstance(part, Mapping) else None
    data = inline.get("data") if isinstance(inline, Mapping) else None
    if isinstance(data, Blob):
        others = {key: value for key, value in part.items() if key != "inlineData"} if isinstance(part, Mapping) else {}
        return Part(picture=gallery.asked(data), json=_json(others) if others else None)
    return Part(json=_json(part))


def _json(value: Tree) -> str:
    return json.dumps(elided(value), ensure_ascii=False, indent=2)


def _parameters(body: Mapping[str, Tree]) -> Iterator[Row]:
    """Yield what is set beside what is said, each leaf once."""
    config = body.get("generationConfig")
    yield from _leaves(config if isinstance(config, Mapping) else {}, "")
    rest = {k: v for k, v in body.items() if k not in {"contents", "systemInstruction", "generationConfig"}}
    yield from _leaves(rest, "")


def _leaves(table: Mapping[str, Tree], before: str) -> Iterator[Row]:
    for key, value in table.items():
        if isinstance(value, Mapping) and value and not key.lower().endswith("schema"):
            yield from _leaves(value, f"{before}{key}.")
        else:
            yield Row(name=f"{before}{key}", value=_short(value))


def _short(value: Tree) -> str:
    """Return a value in a few words; the body below has all of it."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, Sequence) and all(isinstance(item, str) for item in value):
        text = ", ".join(map(str, value))
    elif isinstance(value, Sequence) and all(isinstance(item, Mapping) and not any(item.values()) for item in value):
        text = ", ".join(name for item in value if isinstance(item, Mapping) for name in item)
    else:
        plain: Any = elided(value)
        text = json.dumps(plain, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
