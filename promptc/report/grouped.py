"""Findings in full form, kept readable: of many, the first of each code, how many more, and the counts."""

from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

from promptc.codes import CODES
from promptc.diagnostics import Diagnostic, Severity
from promptc.report.full import full
from promptc.report.style import Style, line
from promptc.wording import plural

_ALL = 25
"""So many findings are shown whatever they are."""

_FIRST = 5
"""Of more, so many are shown of each code."""

_HANDFUL = 10
"""So many errors are counted at a glance."""

_Code: TypeAlias = tuple[Severity, str]


def grouped(diagnostics: Sequence[Diagnostic], style: Style, *, lists: str = "--format concise") -> str:
    """Return the findings, of many only the first of each code, then what was left out and how many there are.

    `lists` is the option that shows all of them.
    """
    codes: dict[_Code, list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        codes.setdefault((diagnostic.severity, diagnostic.code), []).append(diagnostic)
    codes = {key: codes[key] for key in sorted(codes, key=_order)}
    most = most_shown(len(diagnostics))
    shown = {id(diagnostic) for found in codes.values() for diagnostic in found[:most]}
    left = {key: found[most:] for key, found in codes.items() if found[most:]}
    errors = [diagnostic for diagnostic in diagnostics if diagnostic.severity is Severity.ERROR]
    told = left or (len(errors) > _HANDFUL and len(_files(errors)) > 1)
    parts = [
        full((diagnostic for diagnostic in diagnostics if id(diagnostic) in shown), style),
        "".join(_more(code, found, lists) for (_, code), found in left.items()),
        _counts(codes, style) if told else "",
    ]
    return "\n".join(part for part in parts if part)


def mistakes_whole(diagnostics: Sequence[Diagnostic], style: Style) -> str:
    """Return every mistake, and of many warnings the first of each code: `check` lists these again, and not all of those."""
    mild = [diagnostic for diagnostic in diagnostics if diagnostic.severity is not Severity.ERROR]
    if len(mild) == most_shown(len(mild)):
        return full(diagnostics, style)
    errors = full((diagnostic for diagnostic in diagnostics if diagnostic.severity is Severity.ERROR), style)
    parts = [errors, grouped(mild, style, lists="promptc check --format concise")]
    return "\n".join(part for part in parts if part)


def most_shown(count: int) -> int:
    """Return how many findings of each code are shown where there are so many in all."""
    return count if count <= _ALL else _FIRST


def _order(key: _Code) -> tuple[int, str]:
    severity, code = key
    return list(Severity).index(severity), code


def _more(code: str, found: Sequence[Diagnostic], lists: str) -> str:
    files = _files(found)
    where = f" in {line(next(iter(files))) if len(files) == 1 else plural(len(files), 'file')}" if files else ""
    return f"… and {len(found)} more {code} {CODES[code].name}{where}; `{lists}` lists all\n"


def _counts(codes: dict[_Code, list[Diagnostic]], style: Style) -> str:
    """Return a line a code: how much it weighs, its name, how often it was found, in how many files."""
    rows = []
    for (severity, code), found in codes.items():
        files = _files(found)
        where = f"  in {plural(len(files), 'file')}" if files else ""
        rows.append((severity.value, f"{code} {CODES[code].name}", str(len(found)), where))
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    return "".join(
        f"{style.paint(weight.ljust(widths[0]), 'dim')}  {name.ljust(widths[1])}  {count.rjust(widths[2])}{where}\n"
        for weight, name, count, where in rows
    )


def _files(found: Sequence[Diagnostic]) -> Counter[str]:
    names = (diagnostic.span.source.name if diagnostic.span else diagnostic.file for diagnostic in found)
    return Counter(name for name in names if name)
