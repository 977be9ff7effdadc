"""What differs in the tools: each by its name, functions one by one."""

from collections.abc import Iterator, Mapping
from typing import Any

from promptc.review.asked import same
from promptc.review.difference import Topic
from promptc.review.leaves import Leaf, leaves
from promptc.tree import Json, child

_FUNCTIONS = "functionDeclarations"
_SCHEMAS = {"parameters", "parametersJsonSchema", "response", "responseJsonSchema"}
_POINTER = "/tools"


def tool_edits(old: Json, new: Json) -> Iterator[tuple[Topic, Leaf]]:
    """Yield what differs in the tools: those that came or went, and what was changed in the others."""
    before, after = dict(_named(old)), dict(_named(new))
    found = False
    for name in sorted({*before, *after}):
        one, other = before.get(name), after.get(name)
        for topic, leaf in _tool(one, other):
            found = True
            yield topic, leaf
    if not found and not same(old, new):  # the same tools in another order, or grouped otherwise
        yield Topic.TOOL, Leaf(old_pointer=_POINTER, new_pointer=_POINTER, old=old, new=new)


def _tool(old: tuple[str, Any] | None, new: tuple[str, Any] | None) -> Iterator[tuple[Topic, Leaf]]:
    if old and new:
        for leaf in leaves(old[1], new[1], old[0], new[0]):
            field = leaf.new_pointer.removeprefix(new[0]).split("/")[1:2]
            yield Topic.SCHEMA if _SCHEMAS & {*field} else Topic.TOOL, leaf
    elif old:
        yield Topic.TOOL, Leaf(old_pointer=old[0], new_pointer=old[0], old=old[1], new=None)
    elif new:
        yield Topic.TOOL, Leaf(old_pointer=new[0], new_pointer=new[0], old=None, new=new[1])


def _named(tools: Json) -> Iterator[tuple[tuple[str, str, int], tuple[str, Any]]]:
    """Yield every tool by its field, its name where it is a function, and which of several alike it is."""
    counts: dict[tuple[str, str], int] = {}
    for i, tool in enumerate(tools if isinstance(tools, list) else ()):
        for field, value in tool.items() if isinstance(tool, Mapping) else ():
            functions = value if field == _FUNCTIONS and isinstance(value, list) else None
            where = child(child(_POINTER, i), field)
            if not functions:
                yield _numbered(counts, field, ""), (where, value)
            for j, function in enumerate(functions or ()):
                name = str(function.get("name", "")) if isinstance(function, Mapping) else ""
                yield _numbered(counts, field, name), (child(where, j), function)


def _numbered(counts: dict[tuple[str, str], int], field: str, name: str) -> tuple[str, str, int]:
    counts[field, name] = counts.get((field, name), 0) + 1
    return field, name, counts[field, name]
