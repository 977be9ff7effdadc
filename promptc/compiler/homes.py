"""Where the API's fields stand: the answer to the commonest mistake, a field at the wrong place."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from promptc.abilities import REQUEST
from promptc.schema import load

_MOST = 3


def homes_of(name: str) -> Sequence[str]:
    """Return in words what has a field of that name, the nearest to the request first, three at most."""
    schemas: dict[str, Any] = {"": load(REQUEST), **load(REQUEST)["$defs"]}
    homes = [
        home for kind, home in _homes().items() if kind != "Schema" and name in schemas[kind].get("properties", {})
    ]
    return homes[:_MOST]


@cache
def _homes() -> Mapping[str, str]:
    """Return in words where each definition of the schema is used first, the nearest to the request first."""
    root = load(REQUEST)
    ways: dict[str, tuple[str, ...]] = {"": ()}
    waiting = [""]
    for kind in waiting:  # grows while it is walked
        schema = root["$defs"][kind] if kind else root
        for field, inner in schema.get("properties", {}).items():
            for held in (inner, inner.get("items", {}), inner.get("additionalProperties", {})):
                name = held.get("$ref", "").removeprefix("#/$defs/")
                if name and name not in ways:
                    ways[name] = (*ways[kind], field)
                    waiting.append(name)
    return {kind: _home(way) for kind, way in ways.items()}


def _home(way: tuple[str, ...]) -> str:
    if not way:
        return "the request itself"
    obvious = len(way) > 1 and way[0] in {"contents", "generationConfig"}
    return f"`{'.'.join(way[1:] if obvious else way)}`"
