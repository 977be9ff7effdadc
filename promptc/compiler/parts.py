"""The parts of a turn: the API's own, and `image`, `file` and `uri`, which it has no word for."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from promptc.blob import Blob
from promptc.compiler.conversation import DIGEST, SUGAR, listed, media_type_of
from promptc.compiler.fields import lowered
from promptc.compiler.pieces import Picture
from promptc.compiler.spec import ImageRef
from promptc.compiler.template import render
from promptc.compiler.work import Work
from promptc.diagnostics import Diagnostic, Related, Severity
from promptc.findings import kind
from promptc.schema import camel_case, load
from promptc.source import Span
from promptc.toml_tree import Node
from promptc.tree import Tree, child

EMPTY = "where that is a mistake, `minItems = 1` in the variable's declaration refuses it"
"""What to do about an empty list."""
MOST_PARTS = 1_000
"""How many parts a turn can have."""
_SHOWN = 12
_MOST_STEPS = 3
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_QUOTED = 120
_Loaded: TypeAlias = tuple[str, Blob | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A digest that a picture must have, and where it is written."""

    digest: str
    span: Span


def append_part(work: Work, part: Node, parts: list[Tree], pointer: str) -> None:
    """Append what a part of the spec stands for: a list of images becomes several parts."""
    where = child(pointer, len(parts))
    schema = load("request.schema")["$defs"]["Part"]
    key = next((key for key in ("image", "file", "uri") if key in part.table), None)
    if key is None:
        parts.append(lowered(work, part, where, schema))
        return
    beside = Node(
        value={k: n for k, n in part.table.items() if camel_case(k) not in SUGAR}, span=part.span, key=part.key
    )
    if key == "uri":
        rest = lowered(work, beside, where, schema)
        parts.append({"fileData": _uri(work, part, where), **rest})
        return
    for blob in _blobs(work, part, key, pointer, len(parts)):
        where = child(pointer, len(parts))
        rest = lowered(work, beside, where, schema)
        note_blob(work, where, part.table[key])
        work.note(where, part)
        if declared := media_type_of(part):
            work.note(f"{where}/inlineData/mimeType", declared)
        parts.append({**inline(blob), **rest})


def append_picture(work: Work, picture: Picture, span: Span, parts: list[Tree], pointer: str) -> None:
    """Append the parts of an `image(…)` in a template."""
    node = Node(value="", span=span)
    way = [work.library.span(at) for at in reversed(picture._way)]  # noqa: SLF001
    led = tuple(Related(span=step, message="reached from here") for step in way if step != span)[:_MOST_STEPS]
    blobs = _loaded(work, picture._ref, span, None, "image", child(pointer, len(parts)), led)  # noqa: SLF001
    for blob in _pinned(work, blobs, _own_pins(work, picture, span)):
        note_blob(work, child(pointer, len(parts)), node)
        parts.append(inline(blob))


def _own_pins(work: Work, picture: Picture, span: Span) -> list[Pin]:
    """Return the digests that an `image(…)` in a template gives."""
    pins = []
    for digest in picture._pins:  # noqa: SLF001 - templates must not see it
        if isinstance(digest, str) and DIGEST.fullmatch(digest):
            pins.append(Pin(digest=digest, span=span))
        else:
            message = "`sha256` takes 64 lower-case hexadecimal digits"
            work.complain("P008", message, span, hint="`promptc pin` writes them")
    return pins


def inline(blob: Blob) -> dict[str, Tree]:
    """Return the fields of a part that carries bytes."""
    return {"inlineData": {"mimeType": blob.media_type, "data": blob}}


def note_blob(work: Work, where: str, node: Node) -> None:
    """Remember where a part that carries bytes comes from."""
    for place in ("", "/inlineData", "/inlineData/data", "/inlineData/mimeType"):
        work.note(f"{where}{place}", node)


def _uri(work: Work, part: Node, where: str) -> dict[str, Tree]:
    uri = part.table["uri"]
    media_type = media_type_of(part)
    work.note(where, part)
    work.note(f"{where}/fileData", uri)
    work.note(f"{where}/fileData/fileUri", uri)
    if _SCHEME.match(str(uri.value)) is None and "{" not in str(uri.value):
        message, hint = f"`{str(uri.value)[:_QUOTED]}` is no URI", "`image` and `file` name files of the project"
        work.complain("P403", message, uri.span, expected="an address with a scheme, as in `https://…`", hint=hint)
        work.held.add(f"{where}/fileData/fileUri")
    message = "what the URI points to is not pinned: it can change without being noticed"
    hint = "bring the file into the project where that matters"
    work.complain("P305", message, uri.span, hint=hint, severity=Severity.NOTE)
    data: dict[str, Tree] = {"fileUri": work.text(uri, f"{where}/fileData/fileUri")}
    if media_type:
        work.note(f"{where}/fileData/mimeType", media_type)
        data["mimeType"] = work.text(media_type, f"{where}/fileData/mimeType")
    return data


def _blobs(work: Work, part: Node, key: str, pointer: str, first: int) -> Iterator[Blob]:
    where = child(pointer, first)
    written = media_type_of(part)
    media_type = work.text(written, where) if written else None
    found: list[_Loaded] = []
    for node in listed(part.table[key]):
        for picture in _named(work, node, key, where):
            loaded = _loaded(work, picture._ref, node.span, media_type, key, where)  # noqa: SLF001
            right = [*_pinned(work, loaded, _own_pins(work, picture, node.span))]
            found += [(name, blob if blob in right else None) for name, blob in loaded]
    pins = [Pin(digest=str(digest.value), span=digest.span) for digest in listed(part.table.get("sha256"))]
    yield from _pinned(work, found, pins)


def _named(work: Work, node: Node, key: str, where: str) -> Iterator[Picture]:
    """Yield what an `image` or `file` names, evaluated."""
    value = work.rendered(node, where, render)
    if value == []:
        message = f"`{key}` has an empty list here, so no {'picture' if key == 'image' else 'file'} is sent"
        work.complain("P104", message, node.span, hint=EMPTY, severity=Severity.NOTE)
    if isinstance(value, list) and len(value) > MOST_PARTS:
        message, hint = f"the list has more than {MOST_PARTS:,} pictures", "show less in one turn"
        work.complain("P211", message, node.span, hint=hint)
        value = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Picture):
            yield item
        elif isinstance(item, str):
            yield Picture(ImageRef(written=item, folder=node.span.source.path.parent))
        elif item is not None:
            message = f"`{key}` needs a path or an image variable, not {kind(item)}"
            work.complain("P004", message, node.span, expected="a path, an image variable, or a list of them")
            work.held.add(where)


def _loaded(
    work: Work,
    ref: ImageRef,
    span: Span,
    media_type: str | None,
    key: str,
    where: str,
    led: tuple[Related, ...] = (),
) -> Sequence[_Loaded]:
    """Return what a reference names, each by its name; no bytes where they can't be read."""
    made = work.images.load(ref, span) if key == "image" else work.images.file(ref, span, media_type)
    if isinstance(made, Diagnostic):
        related = (Related(span=span, message="used here"),) if ref.at else ()
        work.diagnostics.append(replace(made, subject=work.subject, related=(*made.related, *related, *led)))
        work.held.add(where)
        return ((ref.written, None),)
    return [(blob.path.name if len(made) > 1 and blob.path else ref.written[:_QUOTED], blob) for blob in made]


def _pinned(work: Work, found: Sequence[_Loaded], pins: Sequence[Pin]) -> Iterator[Blob]:
    """Yield pictures that are what their pins say."""
    if pins and found and len(pins) != len(found):
        pictures = "1 picture" if len(found) == 1 else f"{len(found)} pictures"
        message = (
            f"there {'is' if len(found) == 1 else 'are'} {pictures} here, but {len(pins)} pin{'s' * (len(pins) > 1)}"
        )
        hint = "`promptc pin` writes them"
        work.complain("P303", message, pins[0].span, expected="a digest for each picture", hint=hint)
        return
    each: Sequence[Pin | None] = pins or [None] * len(found)
    for (name, blob), pin in zip(found, each, strict=True):
        if blob and (pin is None or pin.digest == blob.sha256):
            yield blob
        elif blob and pin:
            message = f"`{name}` is not the image that `sha256` pins"
            expected = f"a picture whose digest starts with {pin.digest[:_SHOWN]}"
            hint = f'restore the picture, or pin the new one: `sha256 = "{blob.sha256}"`'
            work.complain("P303", message, pin.span, expected=expected, hint=hint)
