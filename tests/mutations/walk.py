"""A body beside its schema: every value that the schema knows, and copies with one of them changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from promptc.schema import camel_case, load, resolve
from promptc.tree import child

ROOT = load("request.schema")
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Spot:
    """A value at its place; `field` is its name where a message holds it, `home` that message's definition."""

    path: Path
    value: Any
    schema: Mapping[str, Any]
    field: str | None = None
    home: str = ""

    @property
    def pointer(self) -> str:
        """The place as findings name it."""
        return pointer(self.path)

    @property
    def proto(self) -> str | None:
        """Which of proto3 JSON's own forms the value has."""
        return self.schema.get("x-proto")

    @property
    def known(self) -> Mapping[str, Any]:
        """The fields of a message; nothing for any other value."""
        fields: Mapping[str, Any] = self.schema.get("properties", {})
        return fields

    @property
    def is_message(self) -> bool:
        """Whether it is a message whose fields the schema knows."""
        return self.schema.get("type") == "object" and self.proto is None


def pointer(path: Path) -> str:
    """Return a path as a JSON pointer."""
    made = ""
    for step in path:
        made = child(made, step)
    return made


def spots(body: Any) -> tuple[Spot, ...]:
    """Return every value of a body that the schema knows, from the outside in."""
    return tuple(_spots(body, ROOT, ()))


def _spots(
    value: Any, schema: Mapping[str, Any], path: Path, field: str | None = None, home: str = ""
) -> Iterator[Spot]:
    name = str(schema.get("$ref", "")).rpartition("/")[2] or "request"
    schema = resolve(ROOT, schema)
    if schema.get("type") == "array":
        if not isinstance(value, list):  # a lone value for a list of one
            yield from _spots(value, schema["items"], path, field, home)
            return
        yield Spot(path, value, schema, field, home)
        for i, item in enumerate(value):
            yield from _spots(item, schema["items"], (*path, i))
        return
    yield Spot(path, value, schema, field, home)
    if schema.get("x-proto") == "map":
        for key, item in value.items():
            yield from _spots(item, schema["additionalProperties"], (*path, key))
    elif isinstance(value, Mapping) and schema.get("x-proto") != "json":
        for key, item in value.items():
            known = key if key in schema["properties"] else camel_case(key)
            ignored = known in schema.get("x-ignored", ())
            if not ignored:
                yield from _spots(item, schema["properties"][known], (*path, key), known, name)


def at(body: Any, path: Path) -> Any:
    """Return the value at a place."""
    for step in path:
        body = body[step]
    return body


def put(body: Any, path: Path, value: Any) -> Any:
    """Return the body with another value at a place; the rest is shared with the old one."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(body, list):
        index = int(step)
        return [*body[:index], put(body[index], rest, value), *body[index + 1 :]]
    return {**body, step: put(body.get(step), rest, value)}


def without(body: Any, path: Path) -> Any:
    """Return the body without the member at a place."""
    holder, key = at(body, path[:-1]), path[-1]
    return put(body, path[:-1], {name: item for name, item in holder.items() if name != key})


def renamed(body: Any, path: Path, name: str) -> Any:
    """Return the body with another key for a member, at the same position."""
    holder, key = at(body, path[:-1]), path[-1]
    return put(body, path[:-1], {(name if old == key else old): item for old, item in holder.items()})
