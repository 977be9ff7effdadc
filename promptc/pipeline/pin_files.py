"""Reading the files that pins are written into: TOML, Jinja specs, and the templates that both include."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from promptc.compiler.front_matter import front_matter
from promptc.compiler.globs import is_pattern
from promptc.compiler.library import Library
from promptc.diagnostics import Diagnostic
from promptc.pipeline.pin_calls import read_template
from promptc.pipeline.pin_places import DEPENDS, Place, Reading, Slot, embedded
from promptc.source import Source, Span
from promptc.toml_tree import Node, parse

_TEMPLATE = ("{{", "{%", "{#")
_WHOLE = slice(None)


def read_spec(source: Source, library: Library) -> tuple[Reading | None, tuple[Diagnostic, ...]]:
    """Find the places of a spec or of what it extends, or say why it can't be read."""
    if source.path.suffix != ".j2":
        return _read_toml(source, library)
    cut = front_matter(source)
    if isinstance(cut, Diagnostic):
        return None, (cut,)
    head, found = _read_toml(source, library, cut.toml)
    if head is None:
        return None, found
    places, rest = read_template(library, cut.body)
    return Reading(places=(*head.places, *places), rest=f"{head.rest}\n{rest}"), ()


def read_included(source: Source, library: Library) -> tuple[Reading | None, tuple[Diagnostic, ...]]:
    """Find the places of a template that others include."""
    node = Node(value=source.text, span=source.span(0, len(source.text)), verbatim=True)
    places, rest = read_template(library, node)
    return Reading(places=places, rest=rest), ()


def _read_toml(source: Source, library: Library, part: slice = _WHOLE) -> tuple[Reading | None, tuple[Diagnostic, ...]]:
    document, found = parse(source, part)
    if document is None:
        return None, found
    rest: Any = document.plain()
    places: list[Place] = []
    for node, kept in _parts_beside(document, rest):
        named = named_in(node)
        if named is None:
            continue
        kept.pop("sha256", None)
        key, value = named
        calls, without = _calls(library, value)
        kept[key] = without
        own = _place(key, node, value)
        if own and not (calls and own.obstacle == DEPENDS and _only_templates(value)):
            places.append(own)
        places += calls
    return Reading(places=tuple(places), rest=repr(rest)), ()


def parts(document: Node) -> Iterator[Node]:
    """Yield every part of a spec's turns and of its cases' own; what is no part at all is `check`'s to say."""
    return (part for part, _ in _parts_beside(document, document.plain()))


def named_in(part: Node) -> tuple[str, Node] | None:
    """Return which key of a part names pictures or files, and its value."""
    return next(((key, part.table[key]) for key in ("image", "file") if key in part.table), None)


def strings(value: Node) -> tuple[Node, ...]:
    """Return the paths of a part as they are written; none unless all are strings."""
    items = value.items if isinstance(value.value, tuple) else (value,)
    return items if all(isinstance(item.value, str) and item.value for item in items) else ()


def is_template(node: Node) -> bool:
    """Say whether a string holds more than text."""
    return any(mark in str(node.value) for mark in _TEMPLATE)


def _parts_beside(document: Node, plain: Any) -> Iterator[tuple[Node, Any]]:
    cases = _tables(document.table.get("cases"), plain.get("cases"))
    for owner, table in ((document, plain), *cases):
        for turn, said in _tables(owner.table.get("turns"), table.get("turns")):
            yield from _tables(turn.table.get("parts"), said.get("parts"))


def _tables(node: Node | None, plain: Any) -> Iterator[tuple[Node, Any]]:
    for item, kept in zip(node.items, plain, strict=True) if node and isinstance(node.value, tuple) else ():
        if isinstance(item.value, Mapping):
            yield item, kept


def _only_templates(value: Node) -> bool:
    return all(is_template(node) for node in strings(value))


def _calls(library: Library, value: Node) -> tuple[list[Place], Any]:
    """Return the calls of `image(…)` in a part's paths, and the paths without their pins."""
    found: list[Place] = []
    without = []
    for node in strings(value):
        places, rest = read_template(library, node, value.span.start)
        found += places
        without.append(rest)
    if not without:
        return [], value.plain()
    return found, without if isinstance(value.value, tuple) else without[0]


def _place(key: str, part: Node, value: Node) -> Place | None:
    paths = tuple(str(node.value) for node in strings(value))
    if not paths:
        return None
    media_type = part.table.get("mimeType") or part.table.get("mime_type")
    place = Place(span=value.span, paths=paths, key=key, pinned=_digests(part), part=value.span.start)
    if any(is_template(node) for node in strings(value)):
        return replace(place, obstacle=DEPENDS)
    if obstacle := embedded(paths):
        return replace(place, obstacle=obstacle)
    if media_type and is_template(media_type):
        return replace(place, obstacle="its media type depends on variables")
    several = isinstance(value.value, tuple) or is_pattern(paths[0])
    written = str(media_type.value) if media_type else None
    return replace(place, media_type=written, several=several, slot=_slot(part, value))


def _digests(part: Node) -> tuple[str, ...]:
    pin = part.table.get("sha256")
    if pin is None:
        return ()
    items = pin.items if isinstance(pin.value, tuple) else (pin,)
    return tuple(str(item.plain()) for item in items)


def _slot(part: Node, value: Node) -> Slot:
    pin = part.table.get("sha256")
    in_table = not part.span.text.startswith("{")
    return Slot(
        beside=_lines(value) if in_table else value.span.source.span(value.span.end, value.span.end),
        lead="sha256 = " if in_table else ", sha256 = ",
        on_new_line=in_table,
        whole=pin.span if pin else None,
        items=tuple(item.span for item in pin.items) if pin and isinstance(pin.value, tuple) else None,
        commented=pin is not None and "#" in pin.span.text,
    )


def _lines(value: Node) -> Span:
    """Return the whole lines that a key and its value stand on, without the last line's ending."""
    source = value.span.source
    start = source.line_starts[(value.key or value.span).line - 1]
    end = source.text.find("\n", value.span.end)
    return source.span(start, end if end >= 0 else len(source.text))
