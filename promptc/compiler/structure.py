"""The outline of a spec: closed tables, values of the right type; what is wrong is told and left out.

A spec with mistakes goes on through the compiler without them, so that all of its mistakes are
told at once.
"""

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from difflib import get_close_matches

from promptc.compiler import words
from promptc.compiler.homes import homes_of
from promptc.compiler.misplaced import misplaced
from promptc.compiler.spec import LARGEST
from promptc.diagnostics import Diagnostic
from promptc.findings import Fault, Finding
from promptc.locate import OWN, diagnose, places
from promptc.schema import camel_case, check, load
from promptc.source import Span
from promptc.toml_tree import Node
from promptc.tree import child, last, parent

_OUTLINE = "outline.schema"
_FORMS = (
    (r"/turns", 'a turn is written `[[turns]]`, and below it `text = "…"`'),
    (r"/cases", 'a case is written `[[cases]]`, and below it `name = "…"`'),
    (r".*/turns/\d+/parts", 'parts are a list: `parts = [{{ text = "…" }}]`; text alone is `text = "…"`'),
    (r".*/turns/\d+/parts/\d+", 'a part is a table: `{{ text = "…" }}`'),
    (r"(/cases/\d+)?/tags", 'tags are a list: `tags = ["slow"]`'),
    (r"/cases/\d+/(skip|xfail)", 'write the reason: `{name} = "…"`'),
    (r"/variables/[^/]+", "write `[variables.{name}]`, and below it `default = …`"),
    (r"/matrix/(include|exclude)", 'write `{name} = [{{ model = "…" }}]`: a list of tables'),
    (r"/matrix/(include|exclude)/\d+", 'a row names values of axes: `{{ model = "…" }}`'),
    (r"/matrix/[^/]+", "an axis is a list of values: `{name} = [ … ]`"),
    (r"/matrix", 'an axis is a list of values: `model = ["…", "…"]`'),
    (r"(/cases/\d+)?/model", 'name a model, as in `model = "gemini-3.1-flash-image"`'),
)
"""Where something of another form stands, and how what belongs there is written."""
_MATRIX = {**OWN, Fault.TYPE: "P106", Fault.BOUNDS: "P106"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A document without what is wrong in it; `lost` are the top-level keys that had mistakes.

    `torn` are the places of tables that lost a key: what they lack is not to be told again.
    """

    table: Mapping[str, Node]
    lost: frozenset[str]
    torn: frozenset[Span]
    diagnostics: tuple[Diagnostic, ...]


def outline(document: Node, *, whole: bool) -> Outline:
    """Check a document against the outline of a spec; one that is not `whole` may inherit anything."""
    where = places(document)
    bad: set[str] = set()
    found: list[Diagnostic] = []
    for pointer, problem in unfit_values(document):
        bad.add(pointer)
        found.append(problem)
    moved = dict(misplaced(document))
    bad |= set(moved)
    keys = {last(pointer) for pointer in moved}
    findings = []
    for finding in check(document.plain(), _OUTLINE):
        absent = finding.fault is Fault.MISSING and not finding.pointer
        if finding.pointer not in bad and not (absent and (not whole or _named_elsewhere(document, keys))):
            findings.append(_explained(finding, document))
            bad.add(finding.pointer)
    meant = {*_meant(findings)}
    if "extends" in meant:
        findings = [finding for finding in findings if finding.pointer or finding.fault is not Fault.MISSING]
    matrix = [finding for finding in findings if finding.pointer.startswith("/matrix")]
    rest = [finding for finding in findings if not finding.pointer.startswith("/matrix")]
    found += [*moved.values(), *diagnose(rest, where, OWN), *diagnose(matrix, where, _MATRIX)]
    bad.discard("")
    lost = {pointer.split("/")[1] for pointer in bad} | keys | meant
    if not whole or "extends" in keys | meant:
        lost |= {"model", "variables", "turns", "cases", "matrix"}
    torn = {where[parent(pointer)].span for pointer in bad if parent(pointer) in where}
    kept = document
    while bad:  # what lacks something now that its mistakes are gone goes too
        kept = _without(kept, bad)
        where = places(kept)
        bad = {finding.pointer for finding in check(kept.plain(), _OUTLINE) if finding.pointer}
        torn |= {where[parent(pointer)].span for pointer in bad}
    return Outline(table=kept.table, lost=frozenset(lost), torn=frozenset(torn), diagnostics=tuple(found))


def _meant(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield the top-level keys that unknown ones may have been meant for."""
    for finding in findings:
        if finding.fault is Fault.UNKNOWN and not parent(finding.pointer) and finding.help:
            yield from re.findall(r"`(\w+)`", finding.help)


def unfit_values(node: Node, pointer: str = "") -> Iterator[tuple[str, Diagnostic]]:
    """Yield values that JSON can't hold, with their pointers."""
    problem, hint = None, "quote it to make it a string"
    match node.value:
        case bool() | str():
            pass
        case Mapping():
            for key, item in node.table.items():
                yield from unfit_values(item, child(pointer, key))
        case tuple():
            for i, item in enumerate(node.items):
                yield from unfit_values(item, child(pointer, i))
        case int() if abs(node.value) > LARGEST:
            problem = "an integer beyond 2^53 loses digits in JSON"
            hint = "write a smaller one, or quote it to make it a string"
        case float() if not math.isfinite(node.value):
            problem, hint = "JSON has no infinity and no NaN", "write a finite number"
        case date() | datetime() | time():
            problem = "JSON has no dates"
    if problem:
        yield pointer, Diagnostic(code="P105", message=problem, span=node.span, help=hint)


def _named_elsewhere(document: Node, moved: Collection[str]) -> bool:
    """Say whether a missing model stands below a header, in the matrix or in every case."""
    matrix, cases = document.table.get("matrix"), document.table.get("cases")
    axes = matrix.table if matrix is not None and isinstance(matrix.value, Mapping) else {}
    rows = axes["include"].value if "include" in axes else ()
    in_rows = len(axes) == 1 and isinstance(rows, tuple) and all(_has_model(row) for row in rows)
    listed = cases.value if cases is not None and isinstance(cases.value, tuple) else ()
    in_cases = bool(listed) and all(_has_model(case) for case in listed)
    return bool({"model", "extends"} & set(moved)) or "model" in axes or in_rows or in_cases


def _has_model(node: Node) -> bool:
    return isinstance(node.value, Mapping) and "model" in node.table


def _explained(finding: Finding, document: Node) -> Finding:
    """Add what a newcomer needs to know beyond the schema."""
    if finding.fault is Fault.MISSING and not finding.pointer:
        return replace(finding, help='name the model at the top: `model = "…"`')
    name = last(finding.pointer)
    if finding.fault is Fault.VALUE and re.search(r"/turns/\d+/role$", finding.pointer):
        return replace(finding, help=words.role_advice(_quoted(finding)) or finding.help)
    if finding.fault is Fault.BOUNDS and finding.pointer.endswith("/tags"):
        return replace(finding, message="one tag stands here twice", expected=None, help="remove one of the two")
    if finding.fault is Fault.BOUNDS and "/tags/" in finding.pointer:
        return replace(finding, message="a tag is made of letters, digits, `_`, `.` and `-`", expected=None)
    if finding.fault is not Fault.UNKNOWN:
        return replace(finding, help=finding.help or _form(finding))
    if parent(finding.pointer) == "" and (near := get_close_matches(name, words.SPEC, n=1, cutoff=0.8)):
        return replace(finding, help=f"did you mean `{words.SPEC[near[0]]}`?")
    if re.fullmatch(r".*/turns/\d+/[^/]+", finding.pointer) and name in words.TURN:
        return replace(finding, help=words.TURN[name])
    if re.fullmatch(r"/cases/\d+/[^/]+", finding.pointer):
        if name in document.table or name in {"extends", "unset"}:
            message = f"a case can't have `{name}` of its own"
            return replace(
                finding, message=message, expected=None, help="it belongs to the whole spec: keep it at the top"
            )
        declared = document.table.get("variables")
        if declared and isinstance(declared.value, Mapping) and name in declared.table and not finding.help:
            return replace(finding, help=f"a variable is set by `variables = {{ {name} = … }}`")
    return replace(finding, help=finding.help or _home(finding, name))


def _home(finding: Finding, name: str) -> str | None:
    """Say where a field of the API's stands that somebody wrote at the top of a spec or case."""
    if not re.fullmatch(r"(/cases/\d+)?/[^/]+", finding.pointer):
        return None
    homes = homes_of(camel_case(name))
    expected = load("expect.schema")["properties"].get(camel_case(name))
    if not homes and expected and "x-why" not in expected:
        return f"`{camel_case(name)}` is a key of `expect`"
    return f"`{camel_case(name)}` is a field of {' and of '.join(homes)}" if homes else None


def _quoted(finding: Finding) -> str:
    return finding.message.partition("`")[2].partition("`")[0]


def _form(finding: Finding) -> str | None:
    """Say how something is written, where something else stands."""
    name = last(finding.pointer)
    if finding.fault is Fault.TYPE and finding.expected == "a table" and re.fullmatch(r"/[^/]+", finding.pointer):
        return f"write `[{name}]`, with single brackets"
    return next((hint.format(name=name) for pattern, hint in _FORMS if re.fullmatch(pattern, finding.pointer)), None)


def _without(node: Node, bad: set[str], pointer: str = "") -> Node:
    """Return a tree without the values at some pointers."""
    if isinstance(node.value, Mapping):
        kept = {
            key: _without(item, bad, child(pointer, key))
            for key, item in node.table.items()
            if child(pointer, key) not in bad
        }
        return replace(node, value=kept)
    if isinstance(node.value, tuple):
        items = tuple(
            _without(item, bad, child(pointer, i)) for i, item in enumerate(node.items) if child(pointer, i) not in bad
        )
        return replace(node, value=items)
    return node
