"""From a lowered case to its requests: the API's spelling, one request a step."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from promptc.canonical import NO_BASE64, Canonical, canonical
from promptc.compiler.lower import Lowered
from promptc.compiler.spec import CaseSpec, Spec
from promptc.diagnostics import Diagnostic, Severity
from promptc.findings import Finding
from promptc.locate import API, Place, diagnose, places, traced
from promptc.request import Case, Method, Reply, Request
from promptc.tree import Tree


def emit(spec: Spec, case: CaseSpec, lowered: Lowered) -> tuple[Case, tuple[Diagnostic, ...]]:
    """Return the compiled case, with fields that were written twice."""
    form = canonical(cast("Tree", {"contents": list(lowered.contents), **lowered.rest}))
    where = traced(form.moved, {"": _whole(spec), **lowered.places})
    body = cast("dict[str, Any]", form.tree)
    contents: tuple[Tree | Reply, ...] = tuple(body.pop("contents"))
    ends = [*(i for i, content in enumerate(contents) if isinstance(content, Reply)), len(contents)]
    expectations = (*lowered.replies, case.expect)
    free = canonical(cast("Tree", lowered.unchecked), partial=True)  # one spelling, or one field could stand twice
    requests = tuple(
        Request(
            spec=spec.file.name,
            case=case.name,
            step=step,
            steps=len(ends),
            method=_method(spec),
            model=str(case.model.value),
            contents=contents[:end],
            rest=body,
            unchecked=cast("Mapping[str, Tree]", free.tree),
            places=where,
            expect=expectations[step - 1],
        )
        for step, end in enumerate(ends, start=1)
    )
    compiled = Case(
        spec=spec.file.name, name=case.name, span=case.span, requests=requests, skip=case.skip, xfail=case.xfail
    )
    twice = diagnose(map(_named, form.findings), where, API, subject=compiled.id)
    return compiled, (*twice, *_unchecked(spec, lowered.unchecked, body, free, compiled.id))


def _named(finding: Finding) -> Finding:
    """Say how pictures are written, where something stands that is no base64."""
    if finding.message != NO_BASE64:
        return finding
    return replace(finding, help="a picture of the project is named by its path: `{ image = … }` in `turns`")


def _whole(spec: Spec) -> Place:
    return Place(span=spec.table["model"].span)


def _method(spec: Spec) -> Method:
    stream = "stream" in spec.table and spec.table["stream"].value is True
    return "streamGenerateContent" if stream else "generateContent"


def _unchecked(
    spec: Spec, unchecked: Mapping[str, Tree], rest: Mapping[str, Tree], free: Canonical, subject: str
) -> Iterator[Diagnostic]:
    if unchecked:
        where = traced(free.moved, places(spec.table["unchecked"]))
        yield from diagnose(map(_named, free.findings), where, API, subject=subject)
        fields = list(_leaves(free.tree))
        names = ", ".join(f"`{'.'.join(field)}`" for field in fields)
        replaced = [f"`{'.'.join(field)}` takes the place of the checked one" for field in fields if _held(rest, field)]
        yield Diagnostic(
            code="P107",
            severity=Severity.NOTE,
            message=f"{names} went into the request without a check",
            span=spec.table["unchecked"].key,
            subject=subject,
            details=tuple(replaced),
        )


def _leaves(tree: Tree) -> Iterator[tuple[str, ...]]:
    """Yield the way to everything that is merged as a whole: what tables hold, at any depth."""
    for name, value in tree.items() if isinstance(tree, Mapping) else ():
        if isinstance(value, Mapping) and value:
            yield from ((name, *inner) for inner in _leaves(value))
        else:
            yield (name,)


def _held(tree: object, field: Sequence[str]) -> bool:
    for name in field:
        if not isinstance(tree, Mapping) or name not in tree:
            return False
        tree = tree[name]
    return True
