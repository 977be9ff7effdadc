"""The compiler's own data: a spec as it was parsed, its cases, its variables' values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
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
        "namespace",
    ]
)
"""Names that mean something to Jinja, so no variable can have them."""

OF_MATRIX = ("model", "include", "exclude")
"""Names that mean something in the matrix, so no variable can have them."""

LARGEST = 2**53 - 1
"""The largest integer that JSON numbers hold exactly (RFC 8259, section 6)."""


OVERRIDES = ("model", "system", "stream", "turns", "contents", "unchecked", *API_TABLES)
"""What a case can have of its own, merged over what the spec has."""

_SAID = ("text", "parts")  # what of a turn is sent; an expectation is no template


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecFile:
    """A spec's name (its path below the specs folder, without suffix) and where it is."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A spec without its mistakes; `table` is its document with the API's names in camelCase.

    `body` is the template of a Jinja spec. `lost` are the keys at its top that had mistakes, `torn`
    the places of tables that lost a key: what is missing because of them is not to be told again.
    """

    file: SpecFile
    source: Source
    table: Mapping[str, Node]
    body: Node | None = None
    lost: frozenset[str] = frozenset()
    torn: frozenset[Span] = frozenset()

    @property
    def variables(self) -> Mapping[str, Node]:
        """The declarations by name."""
        return self.table["variables"].table if "variables" in self.table else {}

    @property
    def cases(self) -> tuple[Node, ...]:
        """The cases that are written down."""
        return self.table["cases"].items if "cases" in self.table else ()

    def templates(self) -> Iterator[Node]:
        """Yield every string that is a template."""
        if self.body:
            yield self.body
        for table in (self.table, *(case.table for case in self.cases)):
            yield from _templates(table)


def _templates(table: Mapping[str, Node]) -> Iterator[Node]:
    for key in ("turns", "system", "contents", "unchecked", *API_TABLES):
        if key == "turns" and key in table:
            for turn in table[key].items:
                yield from _strings(Node(value={k: v for k, v in turn.table.items() if k in _SAID}, span=turn.span))
        elif key in table:
            yield from _strings(table[key])


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRef:
    """A picture or file that a variable or a part names: as it is written, and what its path starts from.

    `at` says where it is written, where that is not the part.
    """

    written: str
    folder: Path
    at: Span | None = field(default=None, compare=False)


Value: TypeAlias = "bool | int | float | str | ImageRef | list[Any] | dict[str, Any]"
"""What a variable can hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A variable's value before it is checked; `folder` is where its paths start from."""

    value: Any
    span: Span | None
    folder: Path
    key: Span | None = None
    node: Node | None = field(default=None, compare=False, repr=False)

    def at(self, pointer: str) -> Span | None:
        """Return where a part of the value is written (RFC 6901)."""
        node = self.node
        for token in pointer.split("/")[1:] if node else ():
            if node and isinstance(node.value, tuple) and token.isdecimal() and int(token) < len(node.items):
                node = node.items[int(token)]
            elif node and isinstance(node.value, Mapping) and token in node.table:
                node = node.table[token]
        return node.span if node else self.span

    @classmethod
    def of(cls, node: Node) -> "Setting":
        """Return a value that a file writes; its paths start from there."""
        return cls(value=node.plain(), span=node.span, folder=node.span.source.path.parent, key=node.key, node=node)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSpec:
    """One case of a spec, matrix applied, not yet compiled; `table` is the spec's with the case's own merged in."""

    name: str
    span: Span
    table: Mapping[str, Node]
    model: Node | None
    settings: Mapping[str, Setting]
    expect: Expectation
    tags: tuple[str, ...] = ()
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
