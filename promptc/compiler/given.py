"""Values from outside a spec: `--var NAME=VALUE` as text, `--vars FILE` as TOML or JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from promptc import json_tree, toml_tree
from promptc.diagnostics import Diagnostic, unreadable
from promptc.source import Source, shown
from promptc.toml_tree import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """Variables from the command line: `values` are text whose paths start from `folder`, `files` come from files."""

    values: Mapping[str, str] = field(default_factory=dict)
    folder: Path = field(default_factory=Path.cwd)
    files: Mapping[str, Node] = field(default_factory=dict)


def read_values(path: Path) -> tuple[Mapping[str, Node], tuple[Diagnostic, ...]]:
    """Return a file's values by name, or why there are none."""
    try:
        source = Source.read(path)
    except (OSError, UnicodeDecodeError) as error:
        return {}, (unreadable(shown(path), error),)
    node, found = json_tree.parse(source) if path.suffix == ".json" else toml_tree.parse(source)
    if node is None or found:
        return {}, found
    if not isinstance(node.value, Mapping):
        message, expected = f"a file of variables is a table of names and values, not {node.kind}", "a table"
        return {}, (Diagnostic(code="P004", message=message, span=node.span, expected=expected),)
    return node.table, ()
