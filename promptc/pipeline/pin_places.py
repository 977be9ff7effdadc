"""Where a file names pictures, and how their pins are written beside them."""

from dataclasses import dataclass

from promptc.source import Span

DEPENDS = "it depends on variables"
"""Why nothing can pin what is only known when a case is compiled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Text for the place of a span's characters; with `on_new_line`, for a line below the span, as far indented."""

    span: Span
    text: str
    on_new_line: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """How a pin is written.

    `whole` is the value that stands there, if any does, `items` are the strings in it if it is a
    list. A new one goes behind `beside`, or on a line below it, and starts with `lead`.
    """

    beside: Span
    lead: str
    quote: str = '"'
    on_new_line: bool = False
    whole: Span | None = None
    items: tuple[Span, ...] | None = None
    commented: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A part, a call of `image(…)` or a variable's value that names pictures or files.

    `key` is `image` or `file`, `paths` are the strings that it names, `pinned` the digests that
    stand there now. `obstacle` says why no pin can stand here, if so; else there is a `slot`.
    `part` is where the value of the part starts that it belongs to, if it belongs to one.
    """

    span: Span
    paths: tuple[str, ...]
    key: str = "image"
    media_type: str | None = None
    several: bool = False
    pinned: tuple[str, ...] = ()
    obstacle: str | None = None
    slot: Slot | None = None
    part: int | None = None

    def edits(self, digests: tuple[str, ...]) -> tuple[Edit, ...]:
        """Return what makes these digests the pin; none where comments inside an array would be lost."""
        slot = self.slot
        if slot is None:
            return ()
        strings = [f"{slot.quote}{digest}{slot.quote}" for digest in digests]
        value = f"[{', '.join(strings)}]" if self.several else ", ".join(strings)
        if slot.whole is None:
            return (Edit(span=slot.beside, text=f"{slot.lead}{value}", on_new_line=slot.on_new_line),)
        if slot.items is not None and len(slot.items) == len(digests):
            rows = zip(slot.items, self.pinned, digests, strings, strict=True)
            return tuple(Edit(span=item, text=string) for item, old, new, string in rows if old != new)
        return () if slot.commented else (Edit(span=slot.whole, text=value),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A file's places, and all of it but their pins, in a form that can be compared."""

    places: tuple[Place, ...]
    rest: str


def embedded(paths: tuple[str, ...]) -> str | None:
    """Return the obstacle of pictures that are written down themselves."""
    return "its bytes stand in the spec" if any(path[:5].casefold() == "data:" for path in paths) else None
