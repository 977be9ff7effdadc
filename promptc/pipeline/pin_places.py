"""Where a spec names pictures, and how their pins are written beside them.

`read_toml` reads TOML specs. Whoever reads another kind of spec returns the same `Reading` and adds
it to `READERS`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from promptc.diagnostics import Diagnostic
from promptc.source import Source, Span
from promptc.toml_tree import Node, parse

_TEMPLATE = ("{{", "{%", "{#")
_PATTERN = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Text for the place of a span's characters; with `on_new_line`, for a line below the span, as far indented."""

    span: Span
    text: str
    on_new_line: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A part that names pictures.

    `paths` are the strings of `image`, `pin` is the value of `sha256`, if there is one. A new pin
    goes to `beside`: in a table below that line, else behind that span.
    """

    span: Span
    paths: tuple[str, ...]
    several: bool
    pin: Node | None
    beside: Span
    in_table: bool

    @property
    def obstacle(self) -> str | None:
        """Why no pin can stand here, if so."""
        if any(mark in path for path in self.paths for mark in _TEMPLATE):
            return "it depends on variables"
        if any(path[:5].casefold() == "data:" for path in self.paths):
            return "its bytes stand in the spec"
        return None

    @property
    def pinned(self) -> tuple[str, ...]:
        """The digests that stand there now."""
        if self.pin is None:
            return ()
        items = self.pin.items if isinstance(self.pin.value, tuple) else (self.pin,)
        return tuple(str(item.plain()) for item in items)

    def edits(self, digests: tuple[str, ...]) -> tuple[Edit, ...]:
        """Return what makes these digests the pin; none where comments inside an array would be lost."""
        value = ", ".join(f'"{digest}"' for digest in digests)
        value = f"[{value}]" if self.several else value
        if self.pin is None:
            text = f"sha256 = {value}" if self.in_table else f", sha256 = {value}"
            return (Edit(span=self.beside, text=text, on_new_line=self.in_table),)
        if not isinstance(self.pin.value, tuple):
            return (Edit(span=self.pin.span, text=value),)
        if len(self.pin.items) == len(digests):
            pairs = zip(self.pin.items, digests, strict=True)
            return tuple(Edit(span=item.span, text=f'"{digest}"') for item, digest in pairs if item.value != digest)
        return () if "#" in self.pin.span.text else (Edit(span=self.pin.span, text=value),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A spec's places, and all of it but their pins, in a form that can be compared."""

    places: tuple[Place, ...]
    rest: str


Reader: TypeAlias = Callable[[Source], tuple[Reading | None, tuple[Diagnostic, ...]]]


def read_toml(source: Source) -> tuple[Reading | None, tuple[Diagnostic, ...]]:
    """Find the places of a TOML spec, or why it can't be read; what is no part at all is `check`'s to say."""
    document, found = parse(source)
    if document is None:
        return None, found
    rest: Any = document.plain()
    places = []
    for i, turn in _tables(document.table.get("turns")):
        for k, part in _tables(turn.table.get("parts")):
            if place := _place(part):
                places.append(place)
                rest["turns"][i]["parts"][k].pop("sha256", None)
    return Reading(places=tuple(places), rest=repr(rest)), ()


READERS: Mapping[str, Reader] = {".toml": read_toml}
"""How specs are read, by their suffix."""


def _tables(node: Node | None) -> Iterator[tuple[int, Node]]:
    for i, item in enumerate(node.items if node and isinstance(node.value, tuple) else ()):
        if isinstance(item.value, Mapping):
            yield i, item


def _place(part: Node) -> Place | None:
    image = part.table.get("image")
    if image is None:
        return None
    items = image.items if isinstance(image.value, tuple) else (image,)
    paths = tuple(item.value for item in items if isinstance(item.value, str) and item.value)
    if not paths or len(paths) < len(items):
        return None
    in_table = not part.span.text.startswith("{")
    return Place(
        span=image.span,
        paths=paths,
        several=isinstance(image.value, tuple) or _PATTERN.search(paths[0]) is not None,
        pin=part.table.get("sha256"),
        beside=_lines(image) if in_table else image.span.source.span(image.span.end, image.span.end),
        in_table=in_table,
    )


def _lines(image: Node) -> Span:
    """Return the whole lines that a key and its value stand on, without the last line's ending."""
    source = image.span.source
    start = source.line_starts[(image.key or image.span).line - 1]
    end = source.text.find("\n", image.span.end)
    return source.span(start, end if end >= 0 else len(source.text))
