"""The API's own fields in a spec: text fields become text, others keep their type."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from promptc.compiler.work import Work
from promptc.schema import camel_case, load, resolve
from promptc.toml_tree import Node
from promptc.tree import child

Schema: TypeAlias = Mapping[str, Any]


def lowered(work: Work, node: Node, pointer: str, schema: Schema, *, keep: bool = True) -> Any:
    """Lower a value of the API's own; `keep` says that its place is worth remembering."""
    root = load("request.schema")
    schema = resolve(root, schema)
    if keep:
        work.note(pointer, node)
    if isinstance(node.value, Mapping):
        if schema.get("type") == "array":  # a lone object stands for a list of one
            schema = resolve(root, schema["items"])
        known = schema.get("properties", {})
        inner = schema.get("additionalProperties") if schema.get("x-proto") == "map" else None
        return {
            key: lowered(work, item, child(pointer, key), inner or known.get(camel_case(key), {}), keep=keep)
            for key, item in node.table.items()
        }
    if isinstance(node.value, tuple):
        items = schema.get("items", {})
        return [lowered(work, item, child(pointer, i), items, keep=keep) for i, item in enumerate(node.items)]
    if not isinstance(node.value, str):
        return node.value
    if schema.get("type") == "array":
        return _listed(work, node, pointer, resolve(root, schema["items"]))
    return work.text(node, pointer) if schema.get("type") == "string" else work.typed(node, pointer)


def _listed(work: Work, node: Node, pointer: str, items: Schema) -> Any:
    """Lower a string that stands for a list: an expression may give all of it, or one element."""
    value = work.typed(node, pointer)
    whole = isinstance(value, list) or items.get("type") != "string" or pointer in work.held
    return value if whole else work.text(node, pointer)
