"""Templates evaluated: native values out, nothing rendered is ever parsed again.

Jinja's code generator hands node values to `Environment.concat` (as `jinja2.nativetypes` does), so
a leaf that is a single expression keeps its value's type, objects come through as they are, and
what has no text is refused instead of printed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.runtime import StrictUndefined

from promptc.compiler.bounds import BUDGET, TooCostlyError
from promptc.compiler.library import Inclusion, Library, Parsed
from promptc.compiler.pieces import At, Fragment, NotRenderableError, Picture, Piece, finalized, flattened, text_of
from promptc.compiler.problems import TemplateProblemError, UnknownValueError
from promptc.compiler.sandbox import joined_text
from promptc.compiler.spec import ImageRef
from promptc.diagnostics import Diagnostic, Related, did_you_mean
from promptc.source import Span
from promptc.toml_tree import Node

_NO_MEMBER = re.compile(r"'(?:\w+\.)*(\w+) object' has no (?:attribute|element) (.+)")
_NO_EXPORT = re.compile(r"the template '.*' \(imported on .*\) does not export the requested name '(.*)'", re.DOTALL)
_KINDS = {
    "Picture": "the image",
    "dict": "the table",
    "list": "the list",
    "str": "the text",
    "int": "the number",
    "float": "the number",
    "TemplateModule": "the imported file",
}
_RAISED = 300
_MOST_STEPS_SHOWN = 5
_UNSEEN = "an imported file sees no variables: pass it to the macro, or add `with context` to the import"
_SCOPED = "a `set` inside a loop ends with each turn: `{% set found = namespace(it=none) %}` keeps what is set"


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
    if _plain(node):
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
        self, parsed: Parsed, chain: tuple[Inclusion, ...], visible: frozenset[str] = frozenset(), *, sees: bool = True
    ) -> Iterator[Name]:
        if (parsed.name, visible, sees) in self.seen:
            return
        self.seen.add((parsed.name, visible, sees))
        related = self.chain(chain)
        for use in parsed.uses:
            if use.name not in visible:
                lost = use.name in parsed.assigned and not use.made_here
                hint = _UNSEEN if not sees else _SCOPED if lost else None
                span = self.library.exact(use.at, len(use.name))
                name = Name(name=use.name, span=span, related=related, made_here=use.made_here and sees, hint=hint)
                if sees:
                    yield name
                elif not use.made_here:
                    self.problems.append(_undefined_name(name))
        for inclusion in parsed.files:
            yield from self.file(inclusion, parsed, chain, visible, sees=sees)

    def file(
        self,
        inclusion: Inclusion,
        parsed: Parsed,
        chain: tuple[Inclusion, ...],
        visible: frozenset[str],
        *,
        sees: bool,
    ) -> Iterator[Name]:
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
            return
        seen = inclusion.visible | visible if inclusion.with_context else frozenset[str]()
        yield from self.template(target, (*chain, inclusion), seen, sees=sees and inclusion.with_context)

    def chain(self, steps: Sequence[Inclusion]) -> tuple[Related, ...]:
        return tuple(Related(span=self.library.span(step.at), message="included here") for step in reversed(steps))


def _undefined_name(name: Name) -> Diagnostic:
    message = f"`{name.name}` is undefined"
    return Diagnostic(code="P201", message=message, span=name.span, help=name.hint, related=name.related)


class _Unknown(StrictUndefined):
    """Stands for a value that has a mistake of its own."""

    _undefined_exception = UnknownValueError  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__(exc=UnknownValueError)  # type: ignore[arg-type]


UNKNOWN = _Unknown()


def render(library: Library, node: Node, variables: Mapping[str, Any]) -> Any:
    """Evaluate a template; raises TemplateProblemError or UnknownValueError.

    A single expression gives its value as it is (text, number, boolean, image, list, table),
    anything else gives text.
    """
    return node.value if _plain(node) else _evaluated(library, node, variables, _native)


def render_text(library: Library, node: Node, variables: Mapping[str, Any]) -> str:
    """Evaluate a template where only text can stand; raises TemplateProblemError or UnknownValueError."""
    return str(node.value if _plain(node) else _evaluated(library, node, variables, _text))


def render_pieces(library: Library, node: Node, variables: Mapping[str, Any]) -> tuple[Piece, ...]:
    """Evaluate the body of a Jinja spec; raises TemplateProblemError or UnknownValueError."""
    made: tuple[Piece, ...] = _evaluated(library, node, variables, lambda items: tuple(flattened(items)))
    return made


def _plain(node: Node) -> bool:
    return not node.verbatim and "{" not in node.value


def _native(items: Iterable[Any]) -> Any:
    value = Library.concat(items)
    if isinstance(value, Fragment):
        pieces = [piece for piece in value._pieces if not _blank(piece)]  # noqa: SLF001 - templates must not see it
        pictures = all(isinstance(piece.value, Picture) for piece in pieces)
        return [piece.value for piece in pieces] if pictures else joined_text(pieces)
    return finalized(value)


def _blank(piece: Piece) -> bool:
    return piece.literal and not piece.value.strip()


def _text(items: Iterable[Any]) -> str:
    pieces = tuple(flattened(items))
    return text_of(pieces[0].value) if len(pieces) == 1 and pieces[0].at is None else joined_text(pieces)


def _evaluated(
    library: Library, node: Node, variables: Mapping[str, Any], finish: Callable[[Iterable[Any]], Any]
) -> Any:
    parsed = library.parsed(node)
    values = {name: _wrapped(value) for name, value in variables.items()}
    BUDGET.renew()
    library.forget()
    try:
        return finish(parsed.template.root_render_func(parsed.template.new_context(values)))
    except (TemplateProblemError, UnknownValueError):
        raise
    except Exception as raised:  # noqa: BLE001 - a template can raise whatever Python can
        error = raised
    raise _problem(library, parsed, error)


def _problem(library: Library, parsed: Parsed, error: Exception) -> TemplateProblemError:
    frames = _frames(error)
    at = (error.at if isinstance(error, NotRenderableError) else None) or (frames[-1] if frames else None)
    span = library.span(at or At(parsed.name, 0))
    steps = [library.span(frame) for frame in reversed(frames)]
    led = [s for s in dict.fromkeys(steps) if s != span and not (s.source == span.source and s.start == span.start)]
    related = tuple(Related(span=s, message="reached from here") for s in led[:_MOST_STEPS_SHOWN])
    match error:
        case NotRenderableError():
            return TemplateProblemError(error.code, str(error), span, error.hint, related)
        case UndefinedError():
            return TemplateProblemError("P201", _undefined(str(error.message)), span, None, related)
        case TooCostlyError():
            return TemplateProblemError("P211", str(error), span, error.hint, related)
        case RecursionError():
            message = "the template costs too much: it calls itself without end"
            return TemplateProblemError("P211", message, span, "let the macro stop somewhere", related[:1])
        case OverflowError() if "Range too big" in str(error):
            message = "the template costs too much: a range this large"
            return TemplateProblemError("P211", message, span, "a range has at most 100,000 numbers", related)
        case SecurityError():
            return TemplateProblemError("P207", f"not allowed in a template: {error}".rstrip("."), span, None, related)
    why = " ".join(str(error).split())[:_RAISED]
    return TemplateProblemError("P207", f"the expression fails: {why or type(error).__name__}", span, None, related)


def _undefined(message: str) -> str:
    """Say what has no value in the words of a spec, not in Python's."""
    if member := _NO_MEMBER.fullmatch(message):
        owner = _KINDS.get(member[1], f"the {member[1]}")
        return f"{owner} has no `{member[2].strip(chr(39))}`"
    return re.sub(r"'(\w+)'", r"`\1`", message)


def _frames(error: BaseException) -> list[At]:
    """Return the places in templates that an error went through, the outermost first."""
    found = []
    trace = error.__traceback__
    while trace:
        template = trace.tb_frame.f_globals.get("__jinja_template__")
        if template is not None:
            found.append(At(template.name, max(template.get_corresponding_lineno(trace.tb_lineno) - 1, 0)))
        trace = trace.tb_next
    return found


def _wrapped(value: Any) -> Any:
    """Return a value as templates see it: images have no text and no members."""
    if isinstance(value, ImageRef):
        return Picture(value)
    if isinstance(value, list):
        return [_wrapped(item) for item in value]
    if isinstance(value, dict):
        return {key: _wrapped(item) for key, item in value.items()}
    return value
