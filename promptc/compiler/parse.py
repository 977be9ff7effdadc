"""From a spec file to a Spec: what is wrong with its outline and its turns is told and left out."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from promptc.compiler.conversation import conversation
from promptc.compiler.document import Document, read
from promptc.compiler.spec import Spec, SpecFile
from promptc.compiler.structure import outline
from promptc.diagnostics import Diagnostic, Severity
from promptc.files import Root
from promptc.source import Span
from promptc.toml_tree import Node


def parse_spec(file: SpecFile, root: Root) -> tuple[Spec | None, tuple[Diagnostic, ...]]:
    """Read a spec and what it extends; without a Spec, the diagnostics say why."""
    document, found = read(file.path, root)
    if document is None:
        return None, found
    sound = outline(document.root, whole=document.whole)
    table, mistakes = conversation(sound.table, sound.torn, whole="turns" not in sound.lost)
    found = (*found, *sound.diagnostics, *mistakes)
    lost = {*sound.lost, *(("turns",) if mistakes else ())}
    cases, more = _cases(table, sound.torn)
    more = (*more, *(_beside_a_template(cases) if cases and document.body else ()))
    found = (*found, *more)
    lost |= {"turns"} if more else set()
    table = {**table, "cases": cases} if cases else table
    unasked = (*_unasked(document, table, lost), *_unsent(table))
    spec = Spec(
        file=file, source=document.source, table=table, body=document.body, lost=frozenset(lost), torn=sound.torn
    )
    return spec, (*found, *unasked)


def _cases(table: Mapping[str, Node], torn: frozenset[Span]) -> tuple[Node | None, tuple[Diagnostic, ...]]:
    """Check what cases say of their own."""
    if "cases" not in table:
        return None, ()
    found: tuple[Diagnostic, ...] = ()
    items = []
    for case in table["cases"].items:
        own, mistakes = conversation(case.table, torn)
        items.append(replace(case, value=own))
        found = (*found, *mistakes)
    return replace(table["cases"], value=tuple(items)), found


def _beside_a_template(cases: Node) -> Iterator[Diagnostic]:
    """Refuse turns of a case that would take a template's place, what its system says included."""
    for case in cases.items:
        for key in ("turns", "contents"):
            if key in case.table:
                message, hint = f"`{key}` and the template both say what is asked", "use a variable in the template"
                yield Diagnostic(code="P103", message=message, span=case.table[key].key, help=hint)


def _unsent(table: Mapping[str, Node]) -> Iterator[Diagnostic]:
    """Tell turns that every case replaces: nobody would look at them."""
    cases = table["cases"].items if "cases" in table else ()
    for key in ("turns", "contents"):
        if key in table and cases and all({"turns", "contents"} & set(case.table) for case in cases):
            message, hint = "every case has turns of its own, so this is never sent", "remove it"
            yield Diagnostic(code="P416", severity=Severity.WARNING, message=message, span=table[key].key, help=hint)


def _unasked(document: Document, table: Mapping[str, Node], lost: set[str]) -> Iterator[Diagnostic]:
    """Refuse a spec with cases that ask nothing."""
    if document.body or {"turns", "contents"} & (set(table) | lost) or "cases" in lost:
        return
    cases = table["cases"].items if "cases" in table else ()
    if cases and all({"turns", "contents"} & set(case.table) for case in cases):
        return
    jinja = document.source.path.suffix == ".j2"
    model = table.get("model")
    own = model if model and model.span.source == document.source else None
    yield Diagnostic(
        code="P101",
        message="the spec asks nothing: its template is empty" if jinja else "the spec asks nothing: it has no `turns`",
        span=(own.key or own.span) if own else document.source.start,
        expected="text below the front matter" if jinja else "`turns`",
        help="write the prompt below the second `+++`" if jinja else 'add `[[turns]]` with `text = "…"`',
    )
