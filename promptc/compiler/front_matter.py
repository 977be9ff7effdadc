"""Jinja specs: TOML front matter between `+++` lines, then a template."""

import re
from dataclasses import dataclass

from promptc.diagnostics import Diagnostic
from promptc.source import Source
from promptc.toml_tree import Node

_CLOSING = re.compile(r"^\+\+\+[ \t]*(?:\n|\Z)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """Where a Jinja spec's TOML stands, and its body."""

    toml: slice
    body: Node


def starts_with_front_matter(text: str) -> bool:
    """Say whether a file is a Jinja spec."""
    return _CLOSING.match(text) is not None


def front_matter(source: Source) -> FrontMatter | Diagnostic:
    """Cut a Jinja spec in two, or say why that can't be done."""
    text = source.text
    opening = _CLOSING.match(text)
    if opening is None:
        line = source.line(1)
        return Diagnostic(
            code="P109",
            message="a Jinja spec starts with front matter",
            span=source.span(0, len(line)),
            expected="`+++` as the first line",
            help='write `+++`, then TOML with `model = "…"`, then `+++` again, then the template; '
            "a file that is only included has a name that starts with `_`",
        )
    closing = _CLOSING.search(text, opening.end())
    if closing is None:
        return Diagnostic(
            code="P109",
            message="the front matter is never closed",
            span=source.span(0, 3),
            expected="a second line `+++` between the TOML and the template",
            help="write `+++`, and nothing else, on a line of its own below the TOML",
        )
    span = source.span(closing.end(), len(text))
    body = Node(value=text[closing.end() :], span=span, verbatim=True)
    return FrontMatter(toml=slice(opening.end(), closing.start()), body=body)
