"""The matrix: every combination of its axes, less `exclude`, with `include` added, as in GitHub Actions."""

import hashlib
import itertools
import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TypeAlias

from promptc.compiler.spec import Spec
from promptc.diagnostics import Diagnostic, Related, did_you_mean, one_of
from promptc.source import Span
from promptc.toml_tree import Node

_SLUG_LENGTH = 40
_MOST = 10_000
"""How many cases one spec can have: more is a slip of the matrix."""
_OWN = ("include", "exclude")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A value of an axis, and what it adds to a case's name."""

    node: Node
    slug: str


Combination: TypeAlias = Mapping[str, Choice]
"""The values of one run of a case by axis."""


def combinations(spec: Spec) -> tuple[Sequence[Combination], tuple[Diagnostic, ...]]:
    """Return what the matrix multiplies each case by, and its mistakes."""
    matrix = spec.table["matrix"].table if "matrix" in spec.table else {}
    axes = {name: axis for name, axis in matrix.items() if name not in _OWN}
    found = [*_axes(spec, axes), *_tables(spec, matrix), *_too_many(spec, axes, matrix)]
    if found:  # one run goes on, to find what else is wrong
        return [_first(spec, axes)], tuple(found)
    values = itertools.product(*(_choices(axis.items) for axis in axes.values()))
    made: list[Combination] = [dict(zip(axes, combination, strict=True)) for combination in values]
    made = _excluded(made, matrix, found)
    made = _included(made, matrix, set(axes), found)
    if len(made) * max(len(spec.cases), 1) > _MOST:
        found.append(_over(spec.table["matrix"].key, "the matrix makes", len(made) * max(len(spec.cases), 1)))
        return made[:1], tuple(found)
    if not made and not found:
        message, span = "the matrix excludes every combination, so no case is left", matrix["exclude"].key
        found.append(Diagnostic(code="P106", message=message, span=span, help="remove the spec, or exclude less"))
    return made, tuple(found)


def _first(spec: Spec, axes: Mapping[str, Node]) -> Combination:
    """Return one run of the axes that mean something."""
    known = {name: axis for name, axis in axes.items() if name in spec.variables and axis.items}
    models = [item for item in axes["model"].items if isinstance(item.value, str)] if "model" in axes else []
    chosen = {name: Choice(node=axis.items[0], slug="x") for name, axis in known.items()}
    return chosen | ({"model": Choice(node=models[0], slug="x")} if models else {})


def set_by_matrix(spec: Spec) -> Mapping[str, Node]:
    """Return what the matrix sets, with the first place where it does."""
    matrix = spec.table["matrix"].table if "matrix" in spec.table else {}
    found = {name: axis for name, axis in matrix.items() if name not in _OWN}
    for table in matrix["include"].items if "include" in matrix else ():
        for name, node in table.table.items():
            found.setdefault(name, node)
    return found


def digested(slug: str, value: object) -> str:
    """Return a part of a name with a digest of what it stands for."""
    digest = hashlib.sha256(_written(value).encode()).hexdigest()[:8]
    return f"{slug}-{digest}".lstrip("-")


def _known(spec: Spec) -> tuple[str, ...]:
    return (*spec.variables, "model")


def _axes(spec: Spec, axes: Mapping[str, Node]) -> Iterator[Diagnostic]:
    for name, axis in axes.items():
        yield from _unknown(spec, name, axis, "the matrix has an axis")
        for item in axis.items:
            yield from _no_model(name, item)
        yield from _twice(name, axis)


def _unknown(spec: Spec, name: str, node: Node, where: str) -> Iterator[Diagnostic]:
    if name not in _known(spec) and "variables" not in spec.lost:
        message = f"{where} `{name}`, but no variable is named so"
        hint = did_you_mean(name, _known(spec))
        yield Diagnostic(code="P106", message=message, span=node.key, expected=one_of(_known(spec)), help=hint)


def _no_model(name: str, node: Node) -> Iterator[Diagnostic]:
    if name == "model" and not isinstance(node.value, str):
        message = f"a model is named by a string, not {node.kind}"
        yield Diagnostic(code="P106", message=message, span=node.span, expected="a string")


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


def _tables(spec: Spec, matrix: Mapping[str, Node]) -> Iterator[Diagnostic]:
    """Check the keys of `include` and `exclude`."""
    for key in _OWN:
        unknown = any(axis not in _known(spec) for axis in matrix if axis not in _OWN)
        for table in matrix[key].items if key in matrix and not (key == "exclude" and unknown) else ():
            for name, node in table.table.items():
                if key == "exclude" and (name not in matrix or name in _OWN):
                    axes = [axis for axis in matrix if axis not in _OWN]
                    message = f"`exclude` names `{name}`, which is no axis of the matrix"
                    expected = one_of(axes) if axes else "an axis in the matrix"
                    hint = did_you_mean(name, axes)
                    yield Diagnostic(code="P106", message=message, span=node.key, expected=expected, help=hint)
                elif key == "include":
                    yield from _unknown(spec, name, node, "`include` sets")
                    yield from _no_model(name, node)


def _too_many(spec: Spec, axes: Mapping[str, Node], matrix: Mapping[str, Node]) -> Iterator[Diagnostic]:
    rows = len(matrix["include"].items) if "include" in matrix else 0
    count = max(math.prod(len(axis.items) for axis in axes.values()), rows) * max(len(spec.cases), 1)
    if count > _MOST:
        span = spec.table["matrix"].key if matrix else spec.table["cases"].key
        yield _over(span, "the matrix makes" if matrix else "the spec has", count)


def _over(span: Span | None, what: str, count: int) -> Diagnostic:
    return Diagnostic(code="P106", message=f"{what} {count:,} cases", span=span, expected=f"at most {_MOST:,}")


def _excluded(made: list[Combination], matrix: Mapping[str, Node], found: list[Diagnostic]) -> list[Combination]:
    for table in matrix["exclude"].items if "exclude" in matrix else ():
        wanted = {name: _written(node.plain()) for name, node in table.table.items()}
        kept = [c for c in made if not all(_written(c[name].node.plain()) == value for name, value in wanted.items())]
        if len(kept) == len(made):
            message = "this excludes nothing: no combination has these values"
            hint = "correct the values, or remove the line"
            found.append(Diagnostic(code="P106", message=message, span=table.span, help=hint))
        made = kept
    return made


def _included(
    made: list[Combination], matrix: Mapping[str, Node], axes: set[str], found: list[Diagnostic]
) -> list[Combination]:
    """Add `include` as GitHub Actions does: to each combination of the axes that it fits, else as one of its own."""
    tables = matrix["include"].items if "include" in matrix else ()
    slugs = {name: _choices(values) for name, values in _columns(tables).items()}
    made = made if axes or not tables else []
    own: list[Combination] = []
    seen: dict[str, Node] = {}
    for table in tables:
        twice = seen.setdefault(_written(table.plain()), table)
        if twice is not table:
            related = (Related(span=twice.span, message="the first one"),)
            message, hint = "this combination is included twice", "remove one of the two"
            found.append(Diagnostic(code="P106", message=message, span=table.span, help=hint, related=related))
            continue
        extra = {name: _chosen(slugs[name], node) for name, node in table.table.items()}
        fits = [all(_same(c[name], extra[name]) for name in axes & set(extra)) for c in made]
        if any(fits) and not set(extra) <= axes:
            made = [{**c, **extra} if fit else c for c, fit in zip(made, fits, strict=True)]
        elif any(fits):
            message, hint = "this includes nothing: the matrix has that combination already", "remove the line"
            found.append(Diagnostic(code="P106", message=message, span=table.span, help=hint))
        else:
            own.append(extra)
    found += _overwritten(tables, [*made, *own])
    return [*made, *own]


def _overwritten(tables: Sequence[Node], made: Sequence[Combination]) -> Iterator[Diagnostic]:
    """Find rows of `include` that another one has taken the place of."""
    for table in tables:
        left = [c for c in made if all(c.get(name) and c[name].node is node for name, node in table.table.items())]
        same = [c for c in made if all(c.get(n) and _alike(c[n].node, node) for n, node in table.table.items())]
        if not left and not same:
            message, hint = (
                "a later line of `include` overwrites this one everywhere",
                "remove it, or say more precisely what it fits",
            )
            yield Diagnostic(code="P106", message=message, span=table.span, help=hint)


def _columns(tables: Sequence[Node]) -> Mapping[str, list[Node]]:
    columns: dict[str, list[Node]] = {}
    for table in tables:
        for name, node in table.table.items():
            columns.setdefault(name, []).append(node)
    return columns


def _chosen(choices: Sequence[Choice], node: Node) -> Choice:
    return next(choice for choice in choices if choice.node is node)


def _same(one: Choice, other: Choice) -> bool:
    return _alike(one.node, other.node)


def _alike(one: Node, other: Node) -> bool:
    return _written(one.plain()) == _written(other.plain())


def _choices(items: Sequence[Node]) -> Sequence[Choice]:
    """Return an axis' values, with a digest in the names of those that would read alike."""
    values = [item.plain() for item in items]
    slugs = [_slug(value) for value in values]
    alike = Counter(slug.casefold() for slug, value in {(s, _written(v)) for s, v in zip(slugs, values, strict=True)})
    return [
        Choice(node=item, slug=slug if alike[slug.casefold()] == 1 else digested(slug, value))
        for item, slug, value in zip(items, slugs, values, strict=True)
    ]


def _slug(value: object) -> str:
    """Return a value as part of a name: readable, and never the same for long values that differ."""
    text = PurePosixPath(value).stem if isinstance(value, str) and "/" in value else str(value)
    slug = re.sub(r"[^A-Za-z0-9_]+", "-", text).strip("-")
    return slug if slug and len(slug) <= _SLUG_LENGTH else digested(slug[:_SLUG_LENGTH].rstrip("-"), value)


def _written(value: object) -> str:
    return json.dumps(value, sort_keys=True)
