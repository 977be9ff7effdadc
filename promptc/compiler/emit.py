"""From a lowered case to its requests: the API's spelling, one request a step."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from promptc.canonical import NO_BASE64, Canonical, canonical
from promptc.compiler.lower import Lowered
from promptc.compiler.spec import CaseSpec, Spec
from promptc.diagnostics import Diagnostic, Severity
from promptc.findings import Finding
from promptc.locate import API, Place, diagnose, places, traced
from promptc.request import Case, Method, Reply, Request
from promptc.tree import Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Emitted:
    """A compiled case, with fields that were written twice; `held` are pointers of what could not be known."""

    case: Case
    held: frozenset[str]
    diagnostics: tuple[Diagnostic, ...]


def emit(spec: Spec, case: CaseSpec, lowered: Lowered) -> Emitted:
    """Bring a lowered case into the API's spelling."""
    form = canonical(cast("Tree", {"contents": list(lowered.contents), **lowered.rest}))
    where = traced(form.moved, {"": _whole(spec, case), **lowered.places})
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
            method=_method(case),
            model=str(case.model.value) if case.model else "",
            contents=contents[:end],
            rest=body,
            unchecked=cast("Mapping[str, Tree]", free.tree),
            places=where,
            expect=expectations[step - 1],
        )
        for step, end in enumerate(ends, start=1)
    )
    compiled = Case(
        spec=spec.file.name,
        path=spec.file.path,
        name=case.name,
        span=case.span,
        requests=requests,
        skip=case.skip,
        xfail=case.xfail,
        tags=case.tags,
    )
    twice = diagnose(map(_named, form.findings), where, API, subject=compiled.id)
    held = frozenset(now for now, was in form.moved.items() if was in lowered.held)
    return Emitted(
        case=compiled,
        held=held | lowered.held,
        diagnostics=(*twice, *_unchecked(case, lowered.unchecked, body, free, compiled.id)),
    )


def _named(finding: Finding) -> Finding:
    """Say how pictures are written, where something stands that is no base64."""
    if finding.message != NO_BASE64:
        return finding
    return replace(finding, help="a picture of the project is named by its path: `{ image = … }` in `turns`")


def _whole(spec: Spec, case: CaseSpec) -> Place:
    return Place(span=case.model.span if case.model else spec.source.start)


def _method(case: CaseSpec) -> Method:
    stream = "stream" in case.table and case.table["stream"].value is True
    return "streamGenerateContent" if stream else "generateContent"


def _unchecked(
    case: CaseSpec, unchecked: Mapping[str, Tree], rest: Mapping[str, Tree], free: Canonical, subject: str
) -> Iterator[Diagnostic]:
    if unchecked:
        where = traced(free.moved, places(case.table["unchecked"]))
        yield from diagnose(map(_named, free.findings), where, API, subject=subject)
        fields = list(_leaves(free.tree))
        names = ", ".join(f"`{'.'.join(field)}`" for field in fields)
        replaced = [f"`{'.'.join(field)}` takes the place of the checked one" for field in fields if _held(rest, field)]
        yield Diagnostic(
            code="P107",
            severity=Severity.NOTE,
            message=f"{names} went into the request without a check",
            span=case.table["unchecked"].key,
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
