"""Jinja in leaf strings: native values out, nothing rendered is ever parsed again.

Jinja's code generator hands node values to `Environment.concat` (as `jinja2.nativetypes` does),
so a leaf that is a single expression keeps its value's type, and what has no text is refused
instead of printed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import TemplateSyntaxError, meta, nodes
from jinja2.exceptions import SecurityError, TemplateError, UndefinedError
from jinja2.nativetypes import NativeCodeGenerator
from jinja2.runtime import StrictUndefined, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from promptc.compiler.spec import ImageRef

_DROPPED_GLOBALS = ("lipsum", "cycler", "joiner", "namespace")
_NOT_YET = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends, nodes.Block)
_BLOCKS = ("variable_begin", "block_begin")


class TemplateProblemError(Exception):
    """What is wrong with a template: a diagnostic code and the characters from `start` to `end`."""

    def __init__(self, code: str, message: str, where: tuple[int, int], hint: str | None = None) -> None:
        """Keep what a diagnostic needs."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.start, self.end = where
        self.hint = hint


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A variable's name as a template uses it, and where in the template."""

    name: str
    start: int


class _NotRenderableError(TemplateError):
    """A value that has no text; the code says which kind of mistake it is."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


class _CodeGenerator(NativeCodeGenerator):
    """Keeps the type of a lone constant; Jinja's own would make a string of `{{ 5 }}`."""

    def _output_const_repr(self, group: Iterable[Any]) -> str:
        values = list(group)
        return repr(values[0] if len(values) == 1 else "".join(str(value) for value in values))


class _Environment(ImmutableSandboxedEnvironment):
    code_generator_class = _CodeGenerator

    @staticmethod
    def concat(values: Iterable[Any]) -> Any:
        """Join what a template yields: a lone value stays what it is."""
        items = list(values)
        return items[0] if len(items) == 1 else "".join(_text_of(item) for item in items)


def uses(text: str) -> tuple[Use, ...]:
    """Return the variables that a template uses and doesn't make itself; raises TemplateProblemError."""
    if _plain(text):
        return ()
    tree = _parsed(text)
    return tuple(Use(name=name, start=_find_name(text, name)) for name in sorted(meta.find_undeclared_variables(tree)))


def render(text: str, variables: Mapping[str, Any]) -> Any:
    """Evaluate a template; raises TemplateProblemError.

    A single expression gives its value as it is (text, number, boolean, image, list, table),
    anything else gives text.
    """
    return text if _plain(text) else _evaluated(text, variables, lambda value: value)


def render_text(text: str, variables: Mapping[str, Any]) -> str:
    """Evaluate a template where only text can stand; raises TemplateProblemError."""
    return text if _plain(text) else str(_evaluated(text, variables, _text_of))


def _evaluated(text: str, variables: Mapping[str, Any], convert: Callable[[Any], Any]) -> Any:
    template = _compiled(text)
    try:
        return convert(template.render(variables))
    except _NotRenderableError as error:
        raise TemplateProblemError(error.code, str(error), _block_of(text, error), error.hint) from None
    except UndefinedError as error:
        raise TemplateProblemError("P201", str(error.message), _block_of(text, error)) from None
    except SecurityError as error:
        raise TemplateProblemError("P207", f"not allowed here: {error}", _block_of(text, error)) from None
    except Exception as error:  # noqa: BLE001 - a template can raise whatever Python can
        raise TemplateProblemError("P207", f"{type(error).__name__}: {error}", _block_of(text, error)) from None


def _plain(text: str) -> bool:
    return "{" not in text


@cache
def _environment() -> _Environment:
    # finalize sees each value that is printed: what has no text never becomes any
    environment = _Environment(undefined=StrictUndefined, keep_trailing_newline=True, finalize=_checked)
    for name in _DROPPED_GLOBALS:
        environment.globals.pop(name, None)
    environment.filters.pop("random", None)  # the same spec must compile to the same request
    return environment


@cache
def _compiled(text: str) -> Any:
    _parsed(text)
    return _environment().from_string(text)


@cache
def _parsed(text: str) -> nodes.Template:
    try:
        tree = _environment().parse(text)
    except TemplateSyntaxError as error:
        message = (error.message or "not valid Jinja").rstrip(".")
        where = _line_block(text, error.lineno)
        raise TemplateProblemError("P206", f"{message[:1].lower()}{message[1:]}", where) from None
    for node in tree.find_all(_NOT_YET):
        message = f"`{{% {type(node).__name__.lower()} %}}` is not read by this version of promptc"
        raise TemplateProblemError("P206", message, _line_block(text, node.lineno))
    return tree


def _checked(value: Any) -> Any:
    """Let only values through that a request can hold."""
    if isinstance(value, Undefined):
        str(value)  # raises, and says which name it was
    if value is None:
        raise _NotRenderableError("P208", "the expression has no value (none)", "give it one with `| default(…)`")
    if isinstance(value, str):
        return str(value)  # Markup and other kinds of string become plain
    if isinstance(value, (list, tuple)):
        return [_checked(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _checked(item) for key, item in value.items()}
    if isinstance(value, (bool, int, float, ImageRef)):
        return value
    what = "a function" if callable(value) else f"a {type(value).__name__}"
    raise _NotRenderableError("P208", f"the expression gives {what}, which has no text", "call it, or use a filter")


def _text_of(value: Any) -> str:
    """Return the text of a value; raises for what has none."""
    if isinstance(value, ImageRef):
        raise _NotRenderableError(
            "P209", "an image stands where only text can stand", "give it a part: `{ image = … }`"
        )
    if isinstance(value, list) and any(isinstance(item, ImageRef) for item in value):
        raise _NotRenderableError("P209", "images stand where only text can stand", "give them a part: `{ image = … }`")
    if isinstance(value, (list, dict)):
        what = "a list" if isinstance(value, list) else "a table"
        raise _NotRenderableError("P208", f"the expression gives {what}, which has no text", "use `| join(', ')`")
    return str(value)


def _blocks(text: str) -> Iterator[tuple[int, int, list[tuple[str, str, int]]]]:
    """Yield start, end and tokens of each `{{ … }}` and `{% … %}`."""
    start, tokens, cursor = None, list[tuple[str, str, int]](), 0
    for _, kind, value in _environment().lex(text):
        at = max(text.find(value, cursor), cursor)
        cursor = at + len(value)
        if kind in _BLOCKS:
            start, tokens = at, []
        tokens.append((kind, value, at))
        if kind in {"variable_end", "block_end"} and start is not None:
            yield start, cursor, tokens
            start = None


def _find_name(text: str, name: str) -> int:
    for _, _, tokens in _blocks(text):
        before = ""
        for kind, value, at in tokens:
            if kind == "name" and value == name and before != ".":
                return at
            if kind != "whitespace":
                before = value
    return 0


def _block_of(text: str, error: BaseException) -> tuple[int, int]:
    """Return the block on the template line where an error was raised."""
    line, trace = 1, error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return _line_block(text, line)


def _line_block(text: str, line: int) -> tuple[int, int]:
    """Return the first block that ends on or after a line, or the line itself."""
    starts = [0, *(i + 1 for i, char in enumerate(text) if char == "\n")]
    start = starts[min(line, len(starts)) - 1]
    newline = text.find("\n", start)
    end = len(text) if newline < 0 else newline
    try:
        for first, after, _ in _blocks(text):
            if after > start and first <= end:
                return first, after
    except TemplateSyntaxError:
        pass
    opening = min((at for mark in ("{{", "{%", "{#") if (at := text.find(mark, start, end)) >= 0), default=start)
    return opening, end
