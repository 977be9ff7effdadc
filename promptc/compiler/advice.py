"""What to do about a mistake in an `expect` table, beyond what its schema can say."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from promptc.diagnostics import did_you_mean
from promptc.findings import Fault, Finding
from promptc.schema import camel_case, load
from promptc.tree import Json, last, tokens

_WORDS = {"cost": "maxCost", "regex": "matches", "schema": "jsonSchema", "tokens": "maxTotalTokens"}
"""Words of other tools."""
_CATEGORY = "HARM_CATEGORY_"
_NEAR = 0.85
"""Categories have their first half in common."""
_TYPES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"}
_LONGEST = 60


def advised(finding: Finding, table: Mapping[str, Json]) -> Finding:
    """Say what a ratio is, how a value is written, and where a key belongs that stands in the wrong table."""
    if finding.pointer == "/images/aspectRatio" and finding.fault is Fault.BOUNDS:
        return replace(finding, message="this is no aspect ratio", expected="two whole numbers, as in `16:9`, or `any`")
    if finding.fault is Fault.UNKNOWN:
        return _homed(finding)
    value = _at(table, finding.pointer)
    hint = _written(finding, value) if isinstance(value, str) and len(value) <= _LONGEST else None
    return replace(finding, help=hint or finding.help)


def _written(finding: Finding, value: str) -> str | None:
    """Say how a text is written that stands where something else is expected."""
    kind = value.removeprefix(".").lower()
    if finding.pointer == "/text" and '"' not in value:
        return f'write `text = {{ contains = "{value}" }}`, or `equals` for the whole text'
    if finding.pointer == "/error/status" and not value.isdecimal():
        return f'the name is the code: `code = "{value}"`'
    if finding.pointer.startswith("/images/mediaType") and kind in _TYPES:
        return f"did you mean `{_TYPES[kind]}`?"
    return None


def _homed(finding: Finding) -> Finding:
    """Say in which table a key belongs, which is better than a guess."""
    name = last(finding.pointer)
    if name.startswith(_CATEGORY):
        begun = [category for category in _categories() if category.startswith(f"{name}_")]
        return replace(finding, help=did_you_mean(name, begun or _categories(), cutoff=0 if begun else _NEAR))
    key = _WORDS.get(camel_case(name), camel_case(name))
    tables: Mapping[str, Any] = load("expect.schema")["properties"]
    homes = [f"`{table}`" for table, schema in tables.items() if key in schema.get("properties", {})]
    return replace(finding, help=f"`{key}` is a key of {' and '.join(homes)}") if homes else finding


def _categories() -> list[str]:
    ratings: Mapping[str, Any] = load("expect.schema")["properties"]["safetyRatings"]["properties"]
    return [name for name in ratings if name.startswith(_CATEGORY)]


def _at(tree: Any, pointer: str) -> Any:
    for token in tokens(pointer):
        tree = tree[int(token)] if isinstance(tree, (list, tuple)) else tree[token]
    return tree
