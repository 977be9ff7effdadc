"""What makes a template unreadable, in words and with its place."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TypeAlias, cast

from jinja2 import TemplateSyntaxError, nodes

from promptc.compiler import words
from promptc.compiler.blocks import Range, blocks, broken_place, place, unclosed
from promptc.diagnostics import did_you_mean

Problem: TypeAlias = tuple[str, Range, str | None]
"""A message, its place, and what to do."""

_Inclusion: TypeAlias = nodes.Include | nodes.Import | nodes.FromImport
_Naming: TypeAlias = nodes.Macro | nodes.Import | nodes.FromImport

_RAW = "text that looks like Jinja goes between `{% raw %}` and `{% endraw %}`"
_AFTER = {
    "}}": "a filter follows `|`, text stands in quotes, `~` joins values",
    "%}": "the tag takes nothing more",
}
_NAME_ALONE = (
    "a name stands alone, text in quotes; text that looks like Jinja goes between `{% raw %}` and `{% endraw %}`"
)
_EXPECTED = re.compile(r"expected token 'end of (print statement|statement block)'")
_CLOSED = ("call", "filter", "for", "if", "macro", "model", "raw", "set", "system", "user", "with")
_TAGS = (*_CLOSED, "do", "elif", "else", "from", "import", "include", "reply")
_NEVER_CLOSED = re.compile(r"end of (template|print)|end of comment|end of raw|name or number", re.IGNORECASE)
_NOT_HERE = {
    nodes.Extends: ("extends", "write `extends = …` in the spec, or use `{% include %}` and macros"),
    nodes.Block: ("block", "`{% block %}` belongs to `{% extends %}`; use `{% include %}` and macros"),
}


def syntax_problem(text: str, error: TemplateSyntaxError) -> Problem:
    """Say what Jinja could not read; the error's line is an offset."""
    message = error.message or "not valid Jinja"
    at = error.lineno - 1
    if message.startswith("Unexpected end of template") and (open_ := unclosed(text)):
        hint = f"close it with `{{% end{open_.tag} %}}`"
        return f"`{{% {open_.tag} %}}` is never closed", (open_.start, open_.end), hint
    if tag := re.search(r"unknown tag '(\w+)'", message):
        known = [*_TAGS, *(f"end{name}" for name in _CLOSED)]
        near = None if tag[1] in known else did_you_mean(tag[1], known)
        if tag[1].startswith("end") and (inner := re.search(r"needs to be closed is '(\w+)'", message)):
            near = f"close `{{% {inner[1]} %}}` first, with `{{% end{inner[1]} %}}`"
        return _wrong_tag(tag[1], message), place(text, at), words.TAGS.get(tag[1]) or near
    where = broken_place(text, at)
    if message == "unexpected '}'" and text[where[0] : where[0] + 2] == "{{":
        return "`{{` is never closed", where, "an expression ends with two braces: `}}`"
    if expected := _EXPECTED.match(message):
        mark = "}}" if expected[1] == "print statement" else "%}"
        word = re.match(r"\w+|\S", text[at:])
        return f"`{mark}` is expected, but `{word[0] if word else ''}` stands there", where, _AFTER[mark]
    if message.startswith("unexpected char"):
        return f"{message[:1].lower()}{message[1:]}".partition(" at ")[0], where, _NAME_ALONE
    if blocks(text)[1] is not None and _NEVER_CLOSED.search(message):
        message = f"`{text[where[0] : where[0] + 2]}` is never closed"
    message = re.sub(r" at \d+$", "", message)
    return f"{message[:1].lower()}{message[1:]}".rstrip("."), where, _RAW


def refused(tree: nodes.Template, text: str) -> Problem | None:
    """Find what Jinja would read and a spec must not say."""
    for kind, (tag, hint) in _NOT_HERE.items():
        for node in tree.find_all(kind):
            return f"`{{% {tag} %}}` has no place in a spec", place(text, node.lineno - 1), hint
    for node in cast("Iterable[_Inclusion]", tree.find_all((nodes.Include, nodes.Import, nodes.FromImport))):
        where = place(text, node.lineno - 1)
        if not (isinstance(node.template, nodes.Const) and isinstance(node.template.value, str)):
            message = "a file to include is named by a string, so that one can see what the template uses"
            return message, where, 'write `"_file.j2"` in quotes, and choose between files with `{% if %}`'
        if isinstance(node, nodes.Include) and node.ignore_missing:
            return "`ignore missing` would leave a file out in silence", where, "remove `ignore missing`"
    for named in cast("Iterable[_Naming]", tree.find_all((nodes.Macro, nodes.Import, nodes.FromImport))):
        if _taken(named):
            message = "`image` is a function that every template has, so nothing else can be called so"
            return message, place(text, named.lineno - 1), "choose another name"
    return None


def _taken(node: nodes.Macro | nodes.Import | nodes.FromImport) -> bool:
    """Say whether a template gives something the name of a function of ours, which would still be called."""
    if isinstance(node, nodes.FromImport):
        return any((name if isinstance(name, str) else name[1]) == "image" for name in node.names)
    return (node.name if isinstance(node, nodes.Macro) else node.target) == "image"


def unknown_words(
    tree: nodes.Template, text: str, filters: Collection[str], tests: Collection[str]
) -> Iterator[tuple[type[nodes.Node], str, Problem]]:
    """Yield filters and tests that don't exist, also where Jinja would only notice them on the way."""
    for kind, known in ((nodes.Filter, filters), (nodes.Test, tests)):
        for node in tree.find_all(kind):
            if node.name not in known and " " not in node.name:  # role tags are filters with a blank
                at = max(text.find(node.name, node.lineno - 1), 0)
                message = f"there is no {kind.__name__.lower()} `{node.name}`"
                yield (
                    kind,
                    node.name,
                    (
                        message,
                        (at, at + len(node.name)),
                        words.FILTERS.get(node.name) or did_you_mean(node.name, sorted(known)),
                    ),
                )


def _wrong_tag(tag: str, message: str) -> str:
    open_ = re.search(r"needs to be closed is '(\w+)'", message)
    if not tag.startswith("end") and tag not in {"else", "elif"}:
        return f"there is no tag `{{% {tag} %}}`"
    if open_ is None:
        return f"`{{% {tag} %}}` closes nothing"
    return f"`{{% {tag} %}}` stands where `{{% end{open_[1]} %}}` is expected"


def made_at_top(body: Sequence[nodes.Node]) -> frozenset[str]:
    """Return the names that a file sets at its top, which others can import."""
    found: set[str] = set()
    for node in body:
        if isinstance(node, nodes.Macro):
            found.add(node.name)
        elif isinstance(node, (nodes.Import,)):
            found.add(node.target)
        elif isinstance(node, nodes.FromImport):
            found |= {name if isinstance(name, str) else name[1] for name in node.names}
        elif isinstance(node, (nodes.Assign, nodes.AssignBlock)):
            found |= {name.name for name in node.find_all(nodes.Name) if name.ctx == "store"}
        elif isinstance(node, nodes.If):
            branches = [*node.body, *node.else_, *(inner for branch in node.elif_ for inner in branch.body)]
            found |= made_at_top(branches)
    return frozenset(found)
