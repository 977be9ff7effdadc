"""Values from outside a spec: `--var NAME=VALUE` as text, `--vars FILE` as TOML or JSON, or what a program gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from promptc import json_tree, toml_tree
from promptc.compiler.structure import unfit_values
from promptc.diagnostics import Diagnostic, unreadable
from promptc.errors import InputError
from promptc.source import Source, shown
from promptc.toml_tree import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """Variables from outside: `values` have paths that start from `folder`, `files` come from files.

    A text among the values is typed by its declaration, as on a command line; all else has its type.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    folder: Path = field(default_factory=Path.cwd)
    files: Mapping[str, Node] = field(default_factory=dict)


def overrides(values: Mapping[str, Any] | None = None, file: Path | None = None) -> Overrides:
    """Return variables given one by one and in a file; raises InputError where the file can't be read."""
    return Overrides(values=values or {}, files=_read(file) if file else {})


def _read(path: Path) -> Mapping[str, Node]:
    try:
        source = Source.read(path)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError((unreadable(shown(path), error),)) from error
    node, found = json_tree.parse(source) if path.suffix == ".json" else toml_tree.parse(source)
    if node is None or found:
        raise InputError(found)
    if not isinstance(node.value, Mapping):
        message, expected = f"a file of variables holds names and values, not {node.kind}", "a table"
        raise InputError((Diagnostic(code="P004", message=message, span=node.span, expected=expected),))
    if unfit := tuple(problem for _, problem in unfit_values(node)):
        raise InputError(unfit)
    return node.table
