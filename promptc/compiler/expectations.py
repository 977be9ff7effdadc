"""From `expect` tables to expectations: merged, respelt, checked."""

import re
from collections.abc import Iterator, Mapping
from typing import cast

from promptc.canonical import canonical
from promptc.compiler.advice import advised
from promptc.compiler.images import ImageStore
from promptc.compiler.inherit import expected_over
from promptc.compiler.own_checks import misnamed
from promptc.compiler.references import referenced
from promptc.compiler.unmeetable import unmeetable
from promptc.diagnostics import Diagnostic, Severity
from promptc.locate import OWN, diagnose, places, traced
from promptc.request import Expectation
from promptc.schema import check
from promptc.toml_tree import Node
from promptc.tree import Json

_TEMPLATE = re.compile(r"\{\{|\{%")
_PATTERNS = {"matches", "notMatches"}
_EACH_CASE = "a case can have an `expect` of its own; for braces as text, use `matches`"


def expectation(base: Node | None, over: Node | None, images: ImageStore) -> tuple[Expectation, tuple[Diagnostic, ...]]:
    """Merge two `expect` tables and check the result."""
    node = expected_over(base, over)
    if node is None:
        return Expectation(), ()
    form = canonical(node.plain(), schema="expect.schema")
    where = traced(form.moved, places(node))
    tree = cast("Mapping[str, Json]", form.tree)
    told = (
        *form.findings,
        *(advised(finding, tree) for finding in check(tree, "expect.schema")),
        *unmeetable(tree),
        *misnamed(tree),
    )
    made, missing = referenced(Expectation(table=tree, places=where), images)
    return made, (*diagnose(told, where, OWN), *missing, *_templates(node))


def _templates(node: Node) -> Iterator[Diagnostic]:
    """Tell what looks like a template in an expectation: it is compared as it is written."""
    if isinstance(node.value, str) and _TEMPLATE.search(node.value):
        message, hint = "an expectation is no template: this is compared as it is written", _EACH_CASE
        yield Diagnostic(code="P008", severity=Severity.WARNING, message=message, span=node.span, help=hint)
    elif isinstance(node.value, Mapping):
        for key, item in node.table.items():
            yield from _templates(item) if key not in _PATTERNS else ()  # braces count there
    elif isinstance(node.value, tuple):
        for item in node.items:
            yield from _templates(item)
