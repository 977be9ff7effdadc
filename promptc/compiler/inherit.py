"""Tables merged over tables: a spec over what it extends, a case over its spec."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from promptc.diagnostics import Diagnostic, did_you_mean, one_of
from promptc.schema import camel_case, load, resolve
from promptc.toml_tree import Node

_Schema: TypeAlias = Mapping[str, Any] | None
_RIVALS = (("system", "systemInstruction"), ("turns", "contents"))
"""Keys that say the same thing: the one that is written later takes the place of the other."""


def merged(base: Node, over: Node) -> Node:
    """Merge a document, or a case's own tables, over another: tables merge, everything else is replaced."""
    table = dict(base.table)
    for key, node in over.table.items():
        for rivals in _RIVALS:
            for rival in rivals:
                if key in rivals and rival != key:
                    table.pop(rival, None)
        table[key] = _merged(table[key], node, _below(load("request.schema"), key)) if key in table else node
    return Node(value=table, span=over.span, key=over.key)


def expected_over(base: Node | None, over: Node | None) -> Node | None:
    """Merge two `expect` tables, if there are two."""
    return _merged(base, over, load("expect.schema")) if base and over else over or base


def without(base: Node, names: Sequence[Node]) -> tuple[Node, tuple[Diagnostic, ...]]:
    """Return a table without what `unset` names; names are keys with dots between them."""
    found: list[Diagnostic] = []
    for name in names:
        if isinstance(name.value, str):
            cut = _cut(base, name.value.split("."), load("request.schema"))
            if isinstance(cut, Node):
                base = cut
            else:
                found.append(_not_set(name, *cut))
    return base, tuple(found)


def _not_set(name: Node, known: Sequence[str], missing: str) -> Diagnostic:
    """Say that there is nothing to remove."""
    if not known:
        whole = str(name.value).rpartition(f".{missing}")[0]
        message = f"`unset` names `{name.value}`, but `{whole}` holds no keys"
        return Diagnostic(code="P108", message=message, span=name.span, help=f'remove it as a whole: `"{whole}"`')
    message = f"`unset` names `{name.value}`, which the extended file doesn't set"
    hint = did_you_mean(missing, known)
    return Diagnostic(code="P108", message=message, span=name.span, expected=one_of(known), help=hint)


def _cut(node: Node, path: Sequence[str], schema: _Schema) -> Node | tuple[tuple[str, ...], str]:
    """Return a table without the value at a path, or the keys that are there and the one that isn't."""
    if not isinstance(node.value, Mapping):
        return (), path[0]
    key = _same(node.table, path[0], schema)
    if key is None:
        return tuple(node.table), path[0]
    table = dict(node.table)
    if len(path) == 1:
        del table[key]
    else:
        inner = _cut(table[key], path[1:], _below(schema, key))
        if not isinstance(inner, Node):
            return inner
        table[key] = inner
    return replace(node, value=table)


def _merged(base: Node, over: Node, schema: _Schema) -> Node:
    alone = schema is not None and schema.get("type") == "array"  # a lone object stands for a list, which is replaced
    if alone or not (isinstance(base.value, Mapping) and isinstance(over.value, Mapping)):
        return replace(over, replaced=base.span)
    table = dict(base.table)
    for key, node in over.table.items():
        same = _same(table, key, schema)
        inherited = table.pop(same) if same is not None else None
        table[key] = _merged(inherited, node, _below(schema, key)) if inherited else node
    return Node(value=table, span=over.span, key=over.key)


def _same(table: Mapping[str, Node], key: str, schema: _Schema) -> str | None:
    """Return the key of a table that means the same: names have two spellings where a schema knows them."""
    if key in table or not schema or camel_case(key) not in schema.get("properties", {}):
        return key if key in table else None
    return next((known for known in table if camel_case(known) == camel_case(key)), None)


def _below(schema: _Schema, key: str) -> _Schema:
    """Return what is known of a field; None where names are the user's own."""
    if not schema or schema.get("x-proto") in {"json", "map"}:
        return None
    if schema is load("request.schema") and key in {"expect", "unchecked"}:  # a spec's top has these besides
        return load("expect.schema") if key == "expect" else schema
    field = schema.get("properties", {}).get(camel_case(key))
    return None if field is None else resolve(load("request.schema"), field)
