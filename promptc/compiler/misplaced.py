"""Keys that TOML has put into the table whose header stands above them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from promptc.compiler.spec import API_TABLES
from promptc.diagnostics import Diagnostic
from promptc.locate import places
from promptc.schema import camel_case, load, resolve
from promptc.toml_tree import Node
from promptc.tree import last

_ANYTHING: Mapping[str, Any] = {}
_OVERRIDES = {"turns", "contents", *API_TABLES}
_BESIDE_VARIABLES = 3  # how many tokens lead to a case's `variables` itself


def misplaced(document: Node) -> Iterator[tuple[str, Diagnostic]]:
    """Yield keys of a spec's top that stand below a header and mean nothing there, with their pointers."""
    top = load("outline.schema")["properties"]
    for pointer, place in places(document).items():
        name = last(pointer)
        known = name in top or camel_case(name) in top
        if not known or pointer.count("/") == 1 or place.key is None or place.key.start > place.span.start:
            continue
        tokens = pointer.split("/")[1:]
        if isinstance(document.table[tokens[0]].value, Mapping) and tokens[0] in {"cases", "turns"}:
            continue  # the outline says that it is a list
        header = _header_above(document, tokens)
        if header is None or name in document.table or _belongs(document, tokens):
            continue
        problem = Diagnostic(
            code="P102",
            message=f"`{name}` stands below `{header}`, so TOML reads it as a key of that table",
            span=place.key,
            expected=f"`{name}` at the top of the file",
            help="move it above the first `[table]` header, to where `model` stands"
            if name != "model"
            else "move it to the top of the file, above the first `[table]` header",
        )
        yield pointer, problem


def _header_above(document: Node, tokens: Sequence[str]) -> str | None:
    """Return the header of the table that holds a key, if it has one."""
    node = _at(document, tokens[:-1])
    text = node.span.text
    if not isinstance(node.value, Mapping) or not text.startswith("["):
        return None
    return text.partition("\n")[0]


def _at(document: Node, tokens: Sequence[str]) -> Node:
    node = document
    for token in tokens:
        node = node.items[int(token)] if isinstance(node.value, tuple) else node.table[token]
    return node


def _belongs(document: Node, tokens: Sequence[str]) -> bool:
    """Say whether a key means something where it stands."""
    if "unchecked" in (tokens[0], tokens[2] if tokens[0] == "cases" and len(tokens) > _BESIDE_VARIABLES else None):
        return True
    if tokens[0] == "cases" and tokens[2:3] == ["variables"] and len(tokens) > _BESIDE_VARIABLES:
        declared = document.table.get("variables")
        return declared is not None and isinstance(declared.value, Mapping) and tokens[3] in declared.table
    schema = _schema_at(tokens)
    if schema is None:
        return False
    table = isinstance(_at(document, tokens).value, (Mapping, tuple))
    return table or "type" not in schema or not {"object", "array"} >= {*_types(schema)} or _in_case(tokens)


def _types(schema: Mapping[str, Any]) -> Sequence[str]:
    kinds = schema["type"]
    return kinds if isinstance(kinds, list) else [kinds]


def _in_case(tokens: Sequence[str]) -> bool:
    """Say whether a key may stand in a case, if with another value."""
    return tokens[0] == "cases" and len(tokens) == _BESIDE_VARIABLES


def _schema_at(tokens: Sequence[str]) -> Mapping[str, Any] | None:
    """Return what is known of a place in a spec; None where nothing may stand."""
    if tokens[0] == "cases" and len(tokens) > _BESIDE_VARIABLES and camel_case(tokens[2]) in _OVERRIDES:
        tokens = tokens[2:]  # what a case has of its own
    name, below = "outline.schema", list(tokens)
    if tokens[0] == "turns" and tokens[2:3] == ["parts"]:
        name, below = "request.schema", ["contents", "0", "parts", *tokens[3:]]
    elif tokens[0] == "contents" or camel_case(tokens[0]) in API_TABLES:
        name = "request.schema"
    elif "expect" in tokens[:3:2]:
        name, below = "expect.schema", list(tokens[tokens.index("expect") + 1 :])
    root = load(name)
    schema: Mapping[str, Any] | None = root
    for token in below:
        schema = _below(root, resolve(root, schema), token) if schema is not None else None
    return schema


def _below(root: Mapping[str, Any], schema: Mapping[str, Any], token: str) -> Mapping[str, Any] | None:
    if not schema or schema.get("x-proto") == "json":
        return _ANYTHING
    if "items" in schema:
        items = resolve(root, schema["items"])
        return items if token.isdigit() else _below(root, items, token)
    known = schema.get("properties", {})
    extra = schema.get("additionalProperties", True)
    found = known.get(token, known.get(camel_case(token)))
    if found is None:
        found = extra if isinstance(extra, Mapping) else _ANYTHING if extra else None
    return None if found is None else resolve(root, found)
