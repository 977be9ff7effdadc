"""From a spec file to its document: TOML or front matter, with what it extends merged in."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from promptc.compiler.front_matter import front_matter
from promptc.compiler.inherit import merged, without
from promptc.compiler.paths import template_or_base
from promptc.compiler.refused import RefusedError, quoted
from promptc.compiler.spec import API_TABLES
from promptc.diagnostics import Diagnostic, Related, unreadable
from promptc.files import Root
from promptc.schema import camel_case
from promptc.source import Source, Span
from promptc.toml_tree import Node, parse

_LONGEST_CHAIN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A spec's tables with the API's names in camelCase; `body` is a Jinja spec's template.

    A document is not `whole` where what it extends can't be read.
    """

    source: Source
    root: Node
    body: Node | None
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """A file on the way through `extends`, and where the one before names it."""

    path: Path
    named: Span | None


def read(path: Path, root: Root) -> tuple[Document | None, tuple[Diagnostic, ...]]:
    """Read a spec and what it extends; without a document, the diagnostics say why."""
    return _read((_Step(path=path, named=None),), root)


def _read(steps: tuple[_Step, ...], root: Root) -> tuple[Document | None, tuple[Diagnostic, ...]]:
    path = steps[-1].path
    try:
        source = root.source(path)
    except (OSError, UnicodeDecodeError) as error:
        return None, (unreadable(root.files.shown(path), error),)
    part, body = slice(None), None
    if path.suffix == ".j2":
        cut = front_matter(source)
        if isinstance(cut, Diagnostic):
            return None, (cut,)
        part, body = cut.toml, cut.body
    parsed, found = parse(source, part)
    if parsed is None:
        return None, found
    node, found = _respelt(parsed)
    if body and not str(body.value).strip():
        body = None
    if body:
        node, twice = _without_turns(node)
        found = (*found, *twice)
    inherited, more = _inherited(node, steps, root)
    node = inherited or replace(node, value={k: v for k, v in node.table.items() if k not in {"extends", "unset"}})
    if body:
        node, _ = _without_turns(node)  # the template takes their place
    return Document(source=source, root=node, body=body, whole=inherited is not None), (*found, *more)


def _without_turns(node: Node) -> tuple[Node, tuple[Diagnostic, ...]]:
    """Leave out what front matter asks beside a template, and say so."""
    asked = [key for key in ("turns", "contents") if key in node.table]
    found = tuple(
        Diagnostic(
            code="P103",
            message=f"`{key}` and the template both say what is asked",
            span=node.table[key].key,
            help="keep one of them",
        )
        for key in asked
    )
    return replace(node, value={key: value for key, value in node.table.items() if key not in asked}), found


def _respelt(document: Node) -> tuple[Node, tuple[Diagnostic, ...]]:
    """Bring the API's names at the top of a spec and of its cases into camelCase."""
    table, twice = _camel(document.table)
    cases = table.get("cases")
    if cases and isinstance(cases.value, tuple):
        items = []
        for case in cases.items:
            if isinstance(case.value, Mapping):
                own, more = _camel(case.table)
                twice = (*twice, *more)
                items.append(replace(case, value=own))
            else:
                items.append(case)
        table["cases"] = replace(cases, value=tuple(items))
    return replace(document, value=table), twice


def _camel(written: Mapping[str, Node]) -> tuple[dict[str, Node], tuple[Diagnostic, ...]]:
    table: dict[str, Node] = {}
    twice = []
    for key, node in written.items():
        name = camel_case(key) if camel_case(key) in API_TABLES else key
        if name in table or (name == "systemInstruction" and "system" in written):
            first = table.get(name) or written["system"]
            other = first.key.text if first.key else name
            message = f"`{key}` and `{other}` are one field, written twice"
            twice.append(Diagnostic(code="P406", message=message, span=node.key, help=f"remove `{key}`"))
        else:
            table[name] = node
    return table, tuple(twice)


def _inherited(node: Node, steps: tuple[_Step, ...], root: Root) -> tuple[Node | None, tuple[Diagnostic, ...]]:
    """Merge a document over the one that it extends; nothing where that one can't be read."""
    table = dict(node.table)
    extends, unset = table.pop("extends", None), table.pop("unset", None)
    found = [*_wrong_type(extends, unset)]
    node = replace(node, value=table)
    if extends is None:
        if unset is not None:
            message = "`unset` removes what a spec inherits, but this one extends nothing"
            found.append(Diagnostic(code="P108", message=message, span=unset.key, help="remove the keys themselves"))
        return node, tuple(found)
    if not isinstance(extends.value, str):
        return None, tuple(found)
    target = _target(extends, steps, root)
    if isinstance(target, Diagnostic):
        return None, (*found, target)
    base, more = _read((*steps, _Step(path=target, named=extends.span)), root)
    found += more
    if base is None or not base.whole:
        return None, tuple(found)
    left, missing = without(base.root, unset.items if unset and isinstance(unset.value, tuple) else ())
    return merged(left, node), (*found, *missing)


def _wrong_type(extends: Node | None, unset: Node | None) -> list[Diagnostic]:
    found = []
    if extends and not isinstance(extends.value, str):
        message = f"`extends` takes the path of a TOML file, not {extends.kind}"
        found.append(Diagnostic(code="P004", message=message, span=extends.span, expected="a string"))
    if unset and not (isinstance(unset.value, tuple) and all(isinstance(item.value, str) for item in unset.items)):
        message = "`unset` takes a list of keys"
        expected = 'a list such as `["generationConfig.imageConfig"]`'
        found.append(Diagnostic(code="P004", message=message, span=unset.span, expected=expected))
    return found


def _target(extends: Node, steps: tuple[_Step, ...], root: Root) -> Path | Diagnostic:
    """Return the file that a spec extends, or why that can't be."""
    written = str(extends.value)
    try:
        path = template_or_base(written, steps[-1].path, root)
        before = [root.files.resolve(step.path) for step in steps]
        if path in before:
            others = len(before) - before.index(path) - 1
            over = f", over {others} other {'file' if others == 1 else 'files'}" if others else ""
            raise RefusedError("P108", f"{quoted(written)} extends itself{over}", hint="break the circle")
        if len(steps) > _LONGEST_CHAIN:
            message = f"more than {_LONGEST_CHAIN} files extend one another"
            raise RefusedError("P108", message, hint="write fewer, longer ones")
        if path.suffix != ".toml":
            message = f"{quoted(written)} is no TOML file, and only those can be extended"
            raise RefusedError("P108", message, hint="move what both share into a TOML file")
    except RefusedError as refused:
        code = refused.code if refused.code == "P304" else "P108"
        steps_here = tuple(Related(span=step.named, message="extended here") for step in steps if step.named)
        return replace(refused.diagnostic(extends.span), code=code, related=steps_here)
    return path
