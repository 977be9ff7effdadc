"""What templates take from a spec: names and files, found by looking, whatever the values are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from promptc.compiler.library import Inclusion, Library, Parsed
from promptc.compiler.problems import TemplateProblemError
from promptc.diagnostics import Diagnostic, Related, did_you_mean
from promptc.source import Span
from promptc.toml_tree import Node

_UNSEEN = "an imported file sees no variables: pass it to the macro, or add `with context` to the import"
_SCOPED = "what a loop sets ends with its round: `{% set found = namespace(it=none) %}` keeps what is set"


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name that a template takes from the spec: where, and through which files."""

    name: str
    span: Span
    related: tuple[Related, ...]
    made_here: bool
    hint: str | None


def names(library: Library, node: Node) -> tuple[tuple[Name, ...], tuple[Diagnostic, ...]]:
    """Return what a template takes from the spec, includes and imports followed, and what is wrong with it."""
    if plain(node):
        return (), ()
    found: list[Name] = []
    problems: list[Diagnostic] = []
    try:
        walk = _Walk(library=library, problems=problems)
        found += walk.template(library.parsed(node), ())
    except TemplateProblemError as problem:
        problems.append(problem.diagnostic())
    return tuple(dict.fromkeys(found)), tuple(problems)


class _Walk:
    """Goes through a template and the files that it names, each once."""

    def __init__(self, library: Library, problems: list[Diagnostic]) -> None:
        self.library = library
        self.problems = problems
        self.seen: set[object] = set()

    def template(
        self,
        parsed: Parsed,
        chain: tuple[Inclusion, ...],
        visible: frozenset[str] = frozenset(),
        maybe: frozenset[str] = frozenset(),
        *,
        sees: bool = True,
    ) -> Iterator[Name]:
        if (parsed.name, visible, maybe, sees) in self.seen:
            return
        self.seen.add((parsed.name, visible, maybe, sees))
        related = self.chain(chain)
        self.problems += [problem.diagnostic(related=related) for problem in parsed.problems]
        for use in parsed.uses:
            if use.name not in visible:
                lost = use.name in parsed.assigned and not use.made_here
                hint = _UNSEEN if not sees else _SCOPED if lost else None
                span = self.library.exact(use.at, len(use.name))
                made_here = use.made_here or use.name in maybe
                name = Name(name=use.name, span=span, related=related, made_here=made_here, hint=hint)
                if sees:
                    yield name
                elif not made_here:
                    self.library.unseen.add((parsed.name, use.name))
                    self.problems.append(_undefined_name(name))
        for inclusion in parsed.files:
            target = self.file(inclusion, parsed, chain)
            if target:
                seen = inclusion.visible | visible if inclusion.with_context else frozenset[str]()
                might = (inclusion.maybe | maybe) - seen if inclusion.with_context else frozenset[str]()
                sees_on = sees and inclusion.with_context
                yield from self.template(target, (*chain, inclusion), seen, might, sees=sees_on)

    def file(self, inclusion: Inclusion, parsed: Parsed, chain: tuple[Inclusion, ...]) -> Parsed | None:
        try:
            target = self.library.included(inclusion)
            span = self.library.span(inclusion.at)
            if target.name in {parsed.name, *(step.at.template for step in chain)}:
                message = f"`{inclusion.written}` includes itself"
                raise TemplateProblemError("P212", message, span, "a macro may call itself, a file can't")
            for name in inclusion.wanted:
                if name not in target.made:
                    message = f"`{inclusion.written}` has no macro or value `{name}`"
                    raise TemplateProblemError("P212", message, span, did_you_mean(name, sorted(target.made)))
        except TemplateProblemError as problem:
            here = self.library.nodes[inclusion.at.template].span.source
            steps = chain if problem.span.source == here else (*chain, inclusion)
            self.problems.append(problem.diagnostic(related=self.chain(steps)))
            return None
        return target

    def chain(self, steps: Sequence[Inclusion]) -> tuple[Related, ...]:
        return tuple(Related(span=self.library.span(step.at), message="included here") for step in reversed(steps))


def _undefined_name(name: Name) -> Diagnostic:
    message = f"`{name.name}` is undefined"
    return Diagnostic(code="P201", message=message, span=name.span, help=name.hint, related=name.related)


def plain(node: Node) -> bool:
    """Say whether a string is no template at all."""
    return not node.verbatim and "{" not in node.value
