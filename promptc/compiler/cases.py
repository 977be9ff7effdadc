"""From a spec to its cases: the matrix applied, names checked, expectations merged."""

import hashlib
import itertools
import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
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
_MOST = 10_000
"""How many cases one spec can have: more is a slip of the matrix."""


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
        yield from _twice(name, axis)
    yield from _too_many(spec)


def _twice(name: str, axis: Node) -> Iterator[Diagnostic]:
    seen: dict[str, Node] = {}
    for item in axis.items:
        first = seen.setdefault(_written(item.plain()), item)
        if first is not item:
            yield Diagnostic(
                code="P106",
                message=f"the axis `{name}` has one value twice",
                span=item.span,
                help="remove one of the two",
                related=(Related(span=first.span, message="the first one"),),
            )


def _too_many(spec: Spec) -> Iterator[Diagnostic]:
    if "matrix" not in spec.table:
        return
    sizes = [len(axis.items) for axis in spec.table["matrix"].table.values()]
    count = math.prod(sizes) * (len(spec.table["cases"].items) if "cases" in spec.table else 1)
    if count > _MOST:
        message = f"the matrix makes {count:,} cases"
        span = spec.table["matrix"].key
        yield Diagnostic(code="P106", message=message, span=span, expected=f"at most {_MOST:,}")


def _case_mistakes(spec: Spec, node: Node | None) -> Iterator[Diagnostic]:
    if node is None:
        return
    name = node.table["name"]
    if problem := name_problem(str(name.value)):
        quoted = str(name.value)[:_SLUG_LENGTH] + "…" * (len(str(name.value)) > _SLUG_LENGTH)
        yield Diagnostic(code="P006", message=f"a case can't be named `{quoted}`", span=name.span, help=problem)
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


def _combinations(spec: Spec) -> Iterable[Mapping[str, "_Choice"]]:
    matrix = spec.table["matrix"].table if "matrix" in spec.table else {}
    values = itertools.product(*(_choices(axis) for axis in matrix.values()))
    return [dict(zip(matrix, combination, strict=True)) for combination in values]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """A value of an axis, and what it adds to a case's name."""

    node: Node
    slug: str


def _choices(axis: Node) -> Sequence[_Choice]:
    """Return an axis' values, with a digest in the names of those that would read alike."""
    values = [item.plain() for item in axis.items]
    slugs = [_slug(value) for value in values]
    count = Counter(slug.casefold() for slug in slugs)
    return [
        _Choice(node=item, slug=slug if count[slug.casefold()] == 1 else _digested(slug, value))
        for item, slug, value in zip(axis.items, slugs, values, strict=True)
    ]


def _case(spec: Spec, node: Node | None, combination: Mapping[str, _Choice], expect: Expectation) -> CaseSpec:
    given = node.table["variables"].table if node and "variables" in node.table else {}
    settings: dict[str, Setting] = {name: Setting.of(value, spec.folder) for name, value in given.items()}
    settings |= {name: Setting.of(c.node, spec.folder) for name, c in combination.items() if name != "model"}
    name = "-".join([str(node.table["name"].value) if node else "default", *(c.slug for c in combination.values())])
    reasons = {key: str(node.table[key].value) for key in ("skip", "xfail") if node and key in node.table}
    return CaseSpec(
        name=name if len(name) <= _LONGEST else _digested(name[: _LONGEST - 9], name),
        span=node.table["name"].span if node else _asked(spec),
        model=combination["model"].node if "model" in combination else spec.table["model"],
        settings=settings,
        expect=expect,
        **reasons,
    )


def _asked(spec: Spec) -> Span:
    """Return where the spec says what is asked: the place of a case that has no name of its own."""
    node = spec.table.get("turns") or spec.table.get("contents") or spec.table["model"]
    return node.key or node.span


def _slug(value: object) -> str:
    """Return a value as part of a name: readable, and never the same for long values that differ."""
    text = PurePosixPath(value).stem if isinstance(value, str) and "/" in value else str(value)
    slug = re.sub(r"[^A-Za-z0-9_]+", "-", text).strip("-")
    return slug if slug and len(slug) <= _SLUG_LENGTH else _digested(slug[:_SLUG_LENGTH].rstrip("-"), value)


def _digested(slug: str, value: object) -> str:
    digest = hashlib.sha256(_written(value).encode()).hexdigest()[:8]
    return f"{slug}-{digest}".lstrip("-")


def _written(value: object) -> str:
    return json.dumps(value, sort_keys=True)


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
