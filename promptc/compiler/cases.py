"""From a spec to its cases: the matrix applied, names checked, what a case has of its own merged in."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from promptc.compiler.expectations import expectation
from promptc.compiler.images import ImageStore
from promptc.compiler.inherit import merged
from promptc.compiler.matrix import Combination, combinations, digested, set_by_matrix
from promptc.compiler.spec import OVERRIDES, CaseSpec, Setting, Spec
from promptc.diagnostics import Diagnostic, Related
from promptc.request import Expectation
from promptc.source import Span
from promptc.toml_tree import Node

NAME = re.compile(r"[A-Za-z0-9_-]+")
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
_LONGEST = 120
_QUOTED = 40


def name_problem(name: str) -> str | None:
    """Say why a spec's or case's name can't be a file name on every system."""
    if not NAME.fullmatch(name):
        return "names are made of letters, digits, `_` and `-`"
    if name.lower() in _RESERVED:
        return "Windows reserves that name"
    if len(name) > _LONGEST:
        return f"names have at most {_LONGEST} characters"
    return None


def expand(spec: Spec, images: ImageStore) -> tuple[tuple[CaseSpec, ...], tuple[Diagnostic, ...]]:
    """Return every case of a spec, with the mistakes of its `cases`, `matrix` and `expect`."""
    runs, faults = combinations(spec)
    found: list[Diagnostic] = [*faults]
    cases: list[CaseSpec] = []
    for node in spec.cases or (None,):
        expect, faults = expectation(spec.table.get("expect"), node.table.get("expect") if node else None, images)
        found += faults
        found += _case_mistakes(spec, node)
        table = _table(spec, node)
        cases += [_case(spec, node, table, combination, expect) for combination in runs]
    return tuple(cases), tuple(dict.fromkeys((*found, *_clashes(cases))))


def _case_mistakes(spec: Spec, node: Node | None) -> Iterator[Diagnostic]:
    if node is None:
        return
    name = node.table["name"]
    if problem := name_problem(str(name.value)):
        quoted = str(name.value)[:_QUOTED] + "…" * (len(str(name.value)) > _QUOTED)
        yield Diagnostic(code="P006", message=f"a case can't be named `{quoted}`", span=name.span, help=problem)
    if "skip" in node.table and "xfail" in node.table:
        message = "a case is skipped or expected to fail, not both"
        yield Diagnostic(code="P008", message=message, span=node.table["xfail"].key, help="keep one of them")
    given = {**(node.table["variables"].table if "variables" in node.table else {})}
    if "model" in node.table:
        given["model"] = node.table["model"]
    for variable, setter in set_by_matrix(spec).items():
        if variable in given:
            yield Diagnostic(
                code="P210",
                message=f"`{variable}` is set by the case and by the matrix",
                span=given[variable].key,
                help="remove it from one of them",
                related=(Related(span=cast("Span", setter.key), message="the matrix sets it here"),),
            )


def _table(spec: Spec, node: Node | None) -> Mapping[str, Node]:
    """Return a spec's table with what a case has of its own merged over it."""
    own = {key: value for key, value in node.table.items() if key in OVERRIDES} if node else {}
    if not own or node is None:
        return spec.table
    whole = Node(value=spec.table, span=node.span)
    return merged(whole, Node(value=own, span=node.span)).table


def _case(
    spec: Spec, node: Node | None, table: Mapping[str, Node], combination: Combination, expect: Expectation
) -> CaseSpec:
    given = node.table["variables"].table if node and "variables" in node.table else {}
    settings = {name: Setting.of(value) for name, value in given.items()}
    settings |= {name: Setting.of(choice.node) for name, choice in combination.items() if name != "model"}
    name = "-".join([str(node.table["name"].value) if node else "default", *(c.slug for c in combination.values())])
    reasons = {key: str(node.table[key].value) for key in ("skip", "xfail") if node and key in node.table}
    return CaseSpec(
        name=name if len(name) <= _LONGEST else digested(name[: _LONGEST - 9], name),
        span=node.table["name"].span if node else _asked(spec),
        table=table,
        model=combination["model"].node if "model" in combination else table.get("model"),
        settings=settings,
        expect=expect,
        tags=tuple(dict.fromkeys((*_tags(spec.table), *(_tags(node.table) if node else ())))),
        skip=reasons.get("skip"),
        xfail=reasons.get("xfail"),
    )


def _tags(table: Mapping[str, Node]) -> Iterator[str]:
    return (str(tag.value) for tag in (table["tags"].items if "tags" in table else ()))


def _asked(spec: Spec) -> Span:
    """Return where the spec says what is asked: the place of a case that has no name of its own."""
    if spec.body:
        return spec.body.span.source.span(spec.body.span.start, spec.body.span.start + 1)
    node = spec.table.get("turns") or spec.table.get("contents") or spec.table.get("model")
    return (node.key or node.span) if node else spec.source.start


def _clashes(cases: Iterable[CaseSpec]) -> Iterator[Diagnostic]:
    seen: dict[str, CaseSpec] = {}
    for case in cases:
        first = seen.setdefault(case.name.casefold(), case)
        if first is not case:
            yield Diagnostic(
                code="P007",
                message=f"two cases are named `{case.name}`",
                span=case.span,
                expected="names that differ in more than letter case",
                help="the matrix adds its values to the names" if case.span.text.strip("\"'") != case.name else None,
                related=(Related(span=first.span, message="the first one"),),
            )
