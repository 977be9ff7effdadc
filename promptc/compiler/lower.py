"""From a case to the tree of its request: templates evaluated, pictures loaded, sugar gone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from promptc.compiler import turns
from promptc.compiler.fields import lowered
from promptc.compiler.spec import API_TABLES, CaseSpec, Spec
from promptc.compiler.turns import Talk
from promptc.compiler.work import Work
from promptc.diagnostics import Diagnostic
from promptc.locate import Place
from promptc.request import Expectation, Reply
from promptc.schema import load
from promptc.tree import Tree, child


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """A case's request before the API's spelling is applied; `contents` may hold replies.

    `places` maps the JSON pointers of this tree to the spec, `held` are those whose value has a
    mistake that was told; `replies` are the expectations of the reply turns, in order.
    """

    contents: "tuple[Tree | Reply, ...]"
    rest: Mapping[str, Tree]
    unchecked: Mapping[str, Tree]
    places: Mapping[str, Place]
    held: frozenset[str]
    replies: tuple[Expectation | None, ...]
    diagnostics: tuple[Diagnostic, ...]


def lower(spec: Spec, case: CaseSpec, work: Work) -> Lowered:
    """Evaluate everything that the case's request needs."""
    talk = _talk(spec, case, work)
    rest = _rest(spec, case, work, talk)
    table: Any = {}
    if "unchecked" in case.table:
        table = lowered(work, case.table["unchecked"], "", {}, keep=False)
    return Lowered(
        contents=talk.contents,
        rest=rest,
        unchecked=table,
        places=work.places,
        held=frozenset(work.held),
        replies=talk.replies,
        diagnostics=tuple(work.diagnostics),
    )


def _talk(spec: Spec, case: CaseSpec, work: Work) -> Talk:
    table = case.table
    if "turns" in table:
        return turns.listed(work, table["turns"])
    if "contents" in table:
        tree = lowered(work, table["contents"], "/contents", load("request.schema")["properties"]["contents"])
        return Talk(contents=tuple(tree) if isinstance(tree, list) else (tree,))
    if spec.body:
        return turns.templated(work, spec.body)
    work.held.add("/contents")
    return Talk(contents=())


def _rest(spec: Spec, case: CaseSpec, work: Work, talk: Talk) -> Mapping[str, Tree]:
    properties = load("request.schema")["properties"]
    result: dict[str, Tree] = {}
    pointer = "/systemInstruction"
    for key in ("system", "systemInstruction"):
        if talk.system is not None and key in case.table and case.table[key].span.source == spec.source:
            message = f"`{{% system %}}` and `{key}` are one field, written twice"
            span = case.table[key].key or case.table[key].span
            work.complain("P406", message, span, hint=f"remove `{key}`, or the tag")
    if talk.system is not None:
        result["systemInstruction"] = talk.system
    elif "system" in case.table:
        for place in (pointer, f"{pointer}/parts", f"{pointer}/parts/0", f"{pointer}/parts/0/text"):
            work.note(place, case.table["system"])
        text = work.text(case.table["system"], f"{pointer}/parts/0/text")
        result["systemInstruction"] = {"parts": [{"text": text}]}
    for name in API_TABLES:
        if name in case.table and name not in result:
            result[name] = lowered(work, case.table[name], child("", name), properties[name])
    return result
