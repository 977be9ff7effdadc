"""The compiler's own data: a spec as it was parsed, its cases, its variables' values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from promptc.request import Expectation
from promptc.source import Source, Span
from promptc.toml_tree import Node

API_TABLES = (
    "systemInstruction",
    "generationConfig",
    "tools",
    "toolConfig",
    "safetySettings",
    "cachedContent",
    "store",
    "serviceTier",
)
"""The API's own top-level fields that a spec may hold, in the order in which requests list them."""


RESERVED = frozenset(
    [
        "and",
        "or",
        "not",
        "in",
        "is",
        "if",
        "else",
        "elif",
        "true",
        "false",
        "none",
        "True",
        "False",
        "None",
        "loop",
        "self",
        "super",
        "caller",
        "varargs",
        "kwargs",
        "range",
        "dict",
    ]
)
"""Names that mean something to Jinja, so no variable can have them."""

LARGEST = 2**53 - 1
"""The largest integer that JSON numbers hold exactly (RFC 8259, section 6)."""


_SAID = ("text", "parts")  # what of a turn is sent; an expectation is no template


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecFile:
    """A spec's name (its path below the specs folder, without suffix) and where it is."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A spec whose structure is sound; `table` is its document with the API's names in camelCase."""

    file: SpecFile
    source: Source
    table: Mapping[str, Node]

    @property
    def folder(self) -> Path:
        """Where the spec's paths start from."""
        return self.file.path.parent

    @property
    def variables(self) -> Mapping[str, Node]:
        """The declarations by name."""
        return self.table["variables"].table if "variables" in self.table else {}

    def templates(self) -> Iterator[Node]:
        """Yield every string that is a template."""
        for key in ("turns", "system", "contents", "unchecked", *API_TABLES):
            if key == "turns" and key in self.table:
                for turn in self.table[key].items:
                    yield from _strings(Node(value={k: v for k, v in turn.table.items() if k in _SAID}, span=turn.span))
            elif key in self.table:
                yield from _strings(self.table[key])


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRef:
    """An image that a variable or a part names: the path as written, and the folder it starts from."""

    written: str
    folder: Path


Value: TypeAlias = "bool | int | float | str | ImageRef | list[Any] | dict[str, Any]"
"""What a variable can hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A variable's value before it is checked; `folder` is where its paths start from."""

    value: Any
    span: Span | None
    folder: Path
    key: Span | None = None

    @classmethod
    def of(cls, node: Node, folder: Path) -> "Setting":
        """Return a value that a file in `folder` writes."""
        return cls(value=node.plain(), span=node.span, folder=folder, key=node.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSpec:
    """One case of a spec, matrix applied, not yet compiled."""

    name: str
    span: Span
    model: Node
    settings: Mapping[str, Setting]
    expect: Expectation
    skip: str | None = None
    xfail: str | None = None


def _strings(node: Node) -> Iterator[Node]:
    if isinstance(node.value, str):
        yield node
    elif isinstance(node.value, Mapping):
        for item in node.table.values():
            yield from _strings(item)
    elif isinstance(node.value, tuple):
        for item in node.items:
            yield from _strings(item)
