"""The names of a project's own checks: their form is looked at, none of them is imported."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from promptc.findings import Fault, Finding
from promptc.tree import child

_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*:[^\W\d]\w*(?:\.[^\W\d]\w*)*|[A-Za-z0-9_][A-Za-z0-9_.-]*")
_FILE = re.compile(r"\.py(?::|$)")
_EXPECTED = "`module:function`, or the name of an installed one"
_SHOWN = 60


def misnamed(table: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what can't be the name of a check."""
    checks = table.get("python")
    for number, entry in enumerate(checks if isinstance(checks, list) else ()):
        pointer = child("/python", number)
        alone = not isinstance(entry, Mapping)
        name = entry if alone else entry.get("check")
        if isinstance(name, str) and (not _NAME.fullmatch(name) or _FILE.search(name)):
            yield Finding(
                fault=Fault.VALUE,
                pointer=pointer if alone else child(pointer, "check"),
                message=f"`{name[:_SHOWN]}` names no check",
                expected=_EXPECTED,
                help=_advice(name),
            )


def _advice(name: str) -> str | None:
    """Say how a path or a call is named."""
    path, _, function = name.partition("::" if "::" in name else ":")
    if re.fullmatch(r"(?:\./)?[\w/]+(?:\.py)?", path) and path != name:
        module = path.removeprefix("./").removesuffix(".py").replace("/", ".")
        return f"write `{module}:{function or 'function'}`: modules are found from the project's root"
    if "(" in name:
        return f'arguments have a table: `{{ check = "{name.partition("(")[0]}", arguments = {{ … }} }}`'
    return None
