"""Jinja in leaf strings: native values out, nothing rendered is ever parsed again.

Jinja's code generator hands node values to `Environment.concat` (as `jinja2.nativetypes` does),
so a leaf that is a single expression keeps its value's type, and what has no text is refused
instead of printed.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from jinja2 import TemplateSyntaxError, meta, nodes
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.runtime import Undefined

from promptc.compiler.blocks import Range, blocks, failing_place, line_place, name_place, syntax_place, unclosed
from promptc.compiler.sandbox import NotRenderableError, Picture, Sandbox, finalized, text_of
from promptc.compiler.spec import ImageRef
from promptc.diagnostics import did_you_mean

_NOT_YET = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends, nodes.Block)
_UNKNOWN = re.compile(r"No (filter|test) named '(.*)'\.?")
_NO_MEMBER = re.compile(r"'(?:\w+\.)*(\w+) object' has no (?:attribute|element) (.+)")
_KINDS = {
    "Picture": "the image",
    "dict": "the table",
    "list": "the list",
    "str": "the text",
    "int": "the number",
    "float": "the number",
}
_RAISED = 300
_TOO_DEEP = "the expression is nested too deeply"


class TemplateProblemError(Exception):
    """What is wrong with a template: a diagnostic code and the characters from `start` to `end`."""

    def __init__(self, code: str, message: str, where: Range, hint: str | None = None) -> None:
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


def uses(text: str) -> tuple[Use, ...]:
    """Return the variables that a template uses and doesn't make itself; raises TemplateProblemError."""
    if _plain(text):
        return ()
    _compiled(text)  # finds what is wrong whatever the values are
    names = sorted(meta.find_undeclared_variables(_parsed(text)))
    return tuple(Use(name=name, start=name_place(text, name) or 0) for name in names)


def render(text: str, variables: Mapping[str, Any]) -> Any:
    """Evaluate a template; raises TemplateProblemError.

    A single expression gives its value as it is (text, number, boolean, image, list, table),
    anything else gives text.
    """
    return text if _plain(text) else _evaluated(text, variables, _unwrapped)


def render_text(text: str, variables: Mapping[str, Any]) -> str:
    """Evaluate a template where only text can stand; raises TemplateProblemError."""
    return text if _plain(text) else str(_evaluated(text, variables, text_of))


def _plain(text: str) -> bool:
    return "{" not in text


def _evaluated(text: str, variables: Mapping[str, Any], convert: Callable[[Any], Any]) -> Any:
    template = _compiled(text)
    values = {name: _wrapped(value) for name, value in variables.items()}
    try:
        return convert(template.render(values))
    except Exception as raised:  # noqa: BLE001 - a template can raise whatever Python can
        error = raised
    where = failing_place(text, _raised_at(error), lambda block: _same(error, block, values, convert))
    raise _problem(error, where)


def _same(error: Exception, block: str, values: Mapping[str, Any], convert: Callable[[Any], Any]) -> bool:
    """Say whether a part of a template fails as the whole does."""
    try:
        convert(_environment().from_string(block).render(values))
    except Exception as other:  # noqa: BLE001 - see above
        return type(other) is type(error) and str(other) == str(error)
    return False


def _problem(error: Exception, where: Range) -> TemplateProblemError:
    match error:
        case NotRenderableError():
            return TemplateProblemError(error.code, str(error), where, error.hint)
        case UndefinedError():
            return TemplateProblemError("P201", _undefined(str(error.message)), where)
        case SecurityError():
            return TemplateProblemError("P207", f"not allowed in a template: {error}".rstrip("."), where)
        case RecursionError():
            return TemplateProblemError("P207", "the template calls itself without end", where)
    why = " ".join(str(error).split())[:_RAISED]
    return TemplateProblemError("P207", f"the expression fails: {why or type(error).__name__}", where)


def _undefined(message: str) -> str:
    """Say what has no value in the words of a spec, not in Python's."""
    member = _NO_MEMBER.fullmatch(message)
    if not member:
        return message
    owner = _KINDS.get(member[1], f"the {member[1]}")
    return f"{owner} has no `{member[2].strip(chr(39))}`"


def _raised_at(error: BaseException) -> int | None:
    """Return the template's line that raised an error."""
    line, trace = None, error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


@cache
def _environment() -> Sandbox:
    return Sandbox()


@lru_cache(maxsize=1024)
def _compiled(text: str) -> Any:
    tree = _parsed(text)
    try:
        return _environment().from_string(tree)
    except TemplateSyntaxError as error:
        raise _syntax_problem(text, error) from None
    except SyntaxError:  # Python's own: it takes 20 blocks in one another
        raise TemplateProblemError("P206", "the blocks are nested too deeply", line_place(text, 1)) from None
    except (RecursionError, MemoryError):
        raise TemplateProblemError("P206", _TOO_DEEP, line_place(text, 1)) from None


@lru_cache(maxsize=1024)
def _parsed(text: str) -> nodes.Template:
    # Jinja would make every carriage return a newline: a character that the text lacks stands in
    stand_in = next((char for char in map(chr, range(0xFDD0, 0xFDF0)) if char not in text), "\r")
    try:
        tree = _environment().parse(text.replace("\r", stand_in))
    except TemplateSyntaxError as error:
        raise _syntax_problem(text, error) from None
    except RecursionError:
        where = syntax_place(text, 1, _is_invalid)
        raise TemplateProblemError("P206", _TOO_DEEP, where) from None
    for leaf in tree.find_all((nodes.TemplateData, nodes.Const)):
        field = "data" if isinstance(leaf, nodes.TemplateData) else "value"
        if isinstance(held := getattr(leaf, field), str):
            setattr(leaf, field, held.replace(stand_in, "\r"))
    for node in tree.find_all(_NOT_YET):
        tag = "from" if isinstance(node, nodes.FromImport) else type(node).__name__.lower()
        message = f"`{{% {tag} %}}` is not read by this version of promptc"
        raise TemplateProblemError("P206", message, syntax_place(text, node.lineno, lambda _: False, tag=tag))
    return tree


def _is_invalid(text: str) -> bool:
    try:
        _environment().from_string(text)
    except (TemplateSyntaxError, RecursionError):
        return True
    return False


def _syntax_problem(text: str, error: TemplateSyntaxError) -> TemplateProblemError:
    message = error.message or "not valid Jinja"
    if (unknown := _UNKNOWN.fullmatch(message)) is not None:
        kind, name = unknown[1], unknown[2]
        known = _environment().filters if kind == "filter" else _environment().tests
        at = name_place(text, name, after=("|",) if kind == "filter" else ("is", "not"))
        where = (at, at + len(name)) if at is not None else line_place(text, error.lineno)
        return TemplateProblemError("P206", f"there is no {kind} `{name}`", where, did_you_mean(name, known))
    if message.startswith("Unexpected end of template") and (open_ := unclosed(text)):
        hint = f"close it with `{{% end{open_.tag} %}}`"
        message = f"`{{% {open_.tag} %}}` is never closed"
        return TemplateProblemError("P206", message, (open_.start, open_.end), hint)
    tag = re.search(r"unknown tag '(\w+)'", message)
    where = syntax_place(text, error.lineno, _is_invalid, tag=tag[1] if tag else None)
    if tag:
        return TemplateProblemError("P206", _wrong_tag(tag[1], message), where)
    hint = "text that looks like Jinja goes between `{% raw %}` and `{% endraw %}`"
    if blocks(text)[1] is not None and re.search(
        "end of (template|print)|end of comment|end of raw", message, re.IGNORECASE
    ):
        message = f"`{text[where[0] : where[0] + 2]}` is never closed"
    message = re.sub(r" at \d+$", "", message)
    return TemplateProblemError("P206", f"{message[:1].lower()}{message[1:]}".rstrip("."), where, hint)


def _wrong_tag(tag: str, message: str) -> str:
    open_ = re.search(r"needs to be closed is '(\w+)'", message)
    if not tag.startswith("end") and tag not in {"else", "elif"}:
        return f"there is no tag `{{% {tag} %}}`"
    if open_ is None:
        return f"`{{% {tag} %}}` closes nothing"
    return f"`{{% {tag} %}}` stands where `{{% end{open_[1]} %}}` is expected"


def _wrapped(value: Any) -> Any:
    """Return a value as templates see it: images have no text and no members."""
    if isinstance(value, ImageRef):
        return Picture(value)
    if isinstance(value, list):
        return [_wrapped(item) for item in value]
    if isinstance(value, dict):
        return {key: _wrapped(item) for key, item in value.items()}
    return value


def _unwrapped(value: Any) -> Any:
    if isinstance(value, Undefined):
        return finalized(value)  # a lone macro's result
    if isinstance(value, Picture):
        return value._ref  # noqa: SLF001 - templates must not see it
    if isinstance(value, list):
        return [_unwrapped(item) for item in value]
    if isinstance(value, dict):
        return {key: _unwrapped(item) for key, item in value.items()}
    return value
