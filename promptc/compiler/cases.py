"""From a spec to its cases: the matrix applied, names checked, expectations merged."""

import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import cast

from promptc.compiler.expectations import expectation
from promptc.compiler.spec import CaseSpec, Setting, Spec
from promptc.diagnostics import Diagnostic, Related, did_you_mean, one_of
from promptc.request import Expectation
from promptc.source import Span
from promptc.toml_tree import Node

NAME = re.compile(r"[A-Za-z0-9_-]+")
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
_SLUG_LENGTH = 40
_LONGEST = 120


def name_problem(name: str) -> str | None:
    """Say why a spec's or case's name can't be a file name on every system."""
    if not NAME.fullmatch(name):
        return "names are made of letters, digits, `_` and `-`"
    if name.lower() in _RESERVED:
        return "Windows reserves that name"
    if len(name) > _LONGEST:
        return f"names have at most {_LONGEST} characters"
    return None


def expand(spec: Spec) -> tuple[tuple[CaseSpec, ...], tuple[Diagnostic, ...]]:
    """Return every case of a spec, with the mistakes of its `cases`, `matrix` and `expect`."""
    found: list[Diagnostic] = [*_axes(spec)]
    if found:
        return (), tuple(found)
    cases: list[CaseSpec] = []
    for node in spec.table["cases"].items if "cases" in spec.table else (None,):
        expect, faults = expectation(spec.table.get("expect"), node.table.get("expect") if node else None)
        found += faults
        found += _case_mistakes(spec, node)
        cases += [_case(spec, node, combination, expect) for combination in _combinations(spec)]
    return tuple(cases), tuple(dict.fromkeys((*found, *_clashes(cases))))


def _axes(spec: Spec) -> Iterator[Diagnostic]:
    for name, axis in (spec.table["matrix"].table if "matrix" in spec.table else {}).items():
        if name != "model" and name not in spec.variables:
            known = (*spec.variables, "model")
            message = f"the matrix has an axis `{name}`, but no variable is named so"
            hint = did_you_mean(name, known)
            yield Diagnostic(code="P106", message=message, span=axis.key, expected=one_of(known), help=hint)
        for item in axis.items:
            if name == "model" and not isinstance(item.value, str):
                message = f"a model is named by a string, not {item.kind}"
                yield Diagnostic(code="P106", message=message, span=item.span, expected="a string")


def _case_mistakes(spec: Spec, node: Node | None) -> Iterator[Diagnostic]:
    if node is None:
        return
    name = node.table["name"]
    if problem := name_problem(str(name.value)):
        yield Diagnostic(code="P006", message=f"a case can't be named `{name.value}`", span=name.span, expected=problem)
    if "skip" in node.table and "xfail" in node.table:
        message = "a case is skipped or expected to fail, not both"
        yield Diagnostic(code="P008", message=message, span=node.table["xfail"].key, help="keep one of them")
    matrix = spec.table["matrix"].table if "matrix" in spec.table else {}
    for variable, given in (node.table["variables"].table if "variables" in node.table else {}).items():
        if variable in matrix:
            yield Diagnostic(
                code="P210",
                message=f"`{variable}` is set by the case and by the matrix",
                span=given.key,
                help="remove it from one of them",
                related=(Related(span=cast("Span", matrix[variable].key), message="the matrix sets it here"),),
            )


def _combinations(spec: Spec) -> Iterable[Mapping[str, Node]]:
    matrix = spec.table["matrix"].table if "matrix" in spec.table else {}
    values = itertools.product(*(axis.items for axis in matrix.values()))
    return [dict(zip(matrix, combination, strict=True)) for combination in values]


def _case(spec: Spec, node: Node | None, combination: Mapping[str, Node], expect: Expectation) -> CaseSpec:
    given = node.table["variables"].table if node and "variables" in node.table else {}
    settings: dict[str, Setting] = {name: Setting.of(value, spec.folder) for name, value in given.items()}
    settings |= {name: Setting.of(value, spec.folder) for name, value in combination.items() if name != "model"}
    name = str(node.table["name"].value) if node else "default"
    parts = [_slug(value.plain()) for value in combination.values()]
    reasons = {key: str(node.table[key].value) for key in ("skip", "xfail") if node and key in node.table}
    return CaseSpec(
        name="-".join([name, *parts]),
        span=node.table["name"].span if node else _asked(spec),
        model=combination.get("model", spec.table["model"]),
        settings=settings,
        expect=expect,
        **reasons,
    )


def _asked(spec: Spec) -> Span:
    """Return where the spec says what is asked: the place of a case that has no name of its own."""
    node = spec.table.get("turns") or spec.table["contents"]
    return node.key or node.span


def _slug(value: object) -> str:
    """Return a value as part of a name: readable, and never the same for long values that differ."""
    text = PurePath(value).stem if isinstance(value, str) and "/" in value else str(value)
    slug = re.sub(r"[^A-Za-z0-9_]+", "-", text).strip("-")
    if slug and len(slug) <= _SLUG_LENGTH:
        return slug
    digest = hashlib.sha256(str(value).encode()).hexdigest()[:8]
    return f"{slug[:_SLUG_LENGTH].rstrip('-')}-{digest}".lstrip("-")


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
                related=(Related(span=first.span, message="the first one"),),
            )
