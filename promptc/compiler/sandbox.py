"""The Jinja environment of templates: sandboxed, strict, deterministic, bounded."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from itertools import islice
from typing import Any

from jinja2 import nodes
from jinja2.compiler import Frame
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.nativetypes import NativeCodeGenerator
from jinja2.runtime import Context, StrictUndefined, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from promptc.compiler.spec import ImageRef

_DROPPED_GLOBALS = ("lipsum", "cycler", "joiner", "namespace")
# Filters and operators that make much of little: the sandbox is no limit to what they take.
_STRETCHING = ("batch", "center", "indent", "slice", "truncate", "wordwrap")
_LARGEST_ARGUMENT = 10_000
_LONGEST = 1_000_000
_MOST_PIECES = 100_000
_LARGEST_BITS = 4_096
_WIDE_PERCENT = re.compile(r"%[^%A-Za-z]*(?:[0-9]{5,}|\*)")
_WIDE_BRACES = re.compile(r"\{[^{}]*:[^{}]*(?:[0-9]{5,}|\{)")
_HINT = "give it a part: `{ image = … }`"


class NotRenderableError(TemplateError):
    """A value that has no text; the code says which kind of mistake it is."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        """Keep what a diagnostic needs."""
        super().__init__(message)
        self.code = code
        self.hint = hint


class _TooLargeError(SecurityError):
    def __init__(self, what: str) -> None:
        super().__init__(f"a {what} this large")


class Picture:
    """An image as templates see it: it can be passed on and compared, but it has no text."""

    __slots__ = ("_ref",)

    def __init__(self, ref: ImageRef) -> None:
        """Keep the reference out of templates' reach."""
        self._ref = ref

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Picture) and other._ref == self._ref

    def __hash__(self) -> int:
        return hash(self._ref)

    def __str__(self) -> str:
        raise NotRenderableError("P209", "an image stands where only text can stand", _HINT)

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return str(self)


class _CodeGenerator(NativeCodeGenerator):
    """Keeps the type of a lone constant; Jinja's own would make a string of `{{ 5 }}`."""

    def _output_const_repr(self, group: Iterable[Any]) -> str:
        values = list(group)
        return repr(values[0] if len(values) == 1 else "".join(str(value) for value in values))

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: Any) -> Any:
        made: Any = super()._output_child_to_const(node, frame, finalize)
        if isinstance(made, (list, dict)):
            raise nodes.Impossible  # beside text they have none, which `concat` says
        return made


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja without what is random, unbounded or has no text."""

    code_generator_class = _CodeGenerator
    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self) -> None:
        """Set what every template gets."""
        super().__init__(undefined=StrictUndefined, keep_trailing_newline=True, finalize=finalized)
        for name in _DROPPED_GLOBALS:
            self.globals.pop(name, None)
        self.filters.pop("random", None)  # the same spec must compile to the same request
        for name in _STRETCHING:
            self.filters[name] = _bounded(self.filters[name], _refuse_large)
        self.filters["format"] = _bounded(self.filters["format"], _refuse_wide)

    @staticmethod
    def concat(values: Iterable[Any]) -> Any:
        """Join what a template yields: a lone value stays what it is."""
        items = list(islice(values, _MOST_PIECES + 1))
        if len(items) > _MOST_PIECES:
            raise _TooLargeError("text")
        return items[0] if len(items) == 1 else "".join(text_of(item) for item in items)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Refuse what would fill the memory."""
        if operator == "*" and (_copies(left, right) > _LONGEST or _bits(left) + _bits(right) > _LARGEST_BITS):
            raise _TooLargeError("product")
        if operator == "**" and isinstance(right, int) and _bits(left) * abs(right) > _LARGEST_BITS:
            raise _TooLargeError("power")
        if operator == "%":
            _refuse_wide(left)
        return super().call_binop(context, operator, left, right)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """Refuse fields whose width would fill the memory."""
        made = super().wrap_str_format(value)
        if made is not None and _WIDE_BRACES.search(str(value.__self__)):
            raise _TooLargeError("width")
        return made

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805, PYI063 - as in Jinja
        """Refuse calls that would fill the memory."""
        owner = getattr(__obj, "__self__", None)
        if isinstance(owner, (str, int)):
            _refuse_large(*args, *kwargs.values())
        return super().call(__context, __obj, *args, **kwargs)


def _bounded(function: Callable[..., Any], refuse: Callable[..., None]) -> Callable[..., Any]:
    @wraps(function)  # Jinja marks the filters that want its environment
    def bounded(*args: Any, **kwargs: Any) -> Any:
        refuse(*args, *kwargs.values())
        return function(*args, **kwargs)

    return bounded


def _refuse_large(*args: Any) -> None:
    if any(isinstance(value, int) and abs(value) > _LARGEST_ARGUMENT for value in args):
        raise _TooLargeError("number")


def _refuse_wide(pattern: object, *_: Any) -> None:
    if isinstance(pattern, str) and _WIDE_PERCENT.search(pattern):
        raise _TooLargeError("width")


def _copies(left: object, right: object) -> int:
    """Return how long a text or list becomes that is multiplied."""
    if isinstance(left, int):
        left, right = right, left
    return len(left) * abs(right) if isinstance(left, (str, list, tuple)) and isinstance(right, int) else 0


def _bits(value: object) -> int:
    return value.bit_length() if isinstance(value, int) else 1


def finalized(value: Any) -> Any:
    """Let only values through that a request can hold."""
    if isinstance(value, Undefined):
        str(value)  # raises, and says which name it was
    if value is None:
        raise NotRenderableError("P208", "the expression has no value (none)", "give it one with `| default(…, true)`")
    if isinstance(value, str):
        return str(value)  # Markup and other kinds of string become plain
    if isinstance(value, (list, tuple)):
        return [finalized(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): finalized(item) for key, item in value.items()}
    if isinstance(value, (bool, int, float, Picture)):
        return value
    if callable(value):
        raise NotRenderableError("P208", "the expression gives a function, which has no text", "call it: `name(…)`")
    what = type(value).__name__
    raise NotRenderableError("P208", f"the expression gives a {what}, which has no text", "make a list of it: `| list`")


def text_of(value: Any) -> str:
    """Return the text of a value; raises for what has none."""
    if isinstance(value, list) and any(isinstance(item, Picture) for item in value):
        raise NotRenderableError("P209", "images stand where only text can stand", _HINT)
    if isinstance(value, (list, dict)):
        what = "a list" if isinstance(value, list) else "a table"
        hint = "use `| join(', ')`" if isinstance(value, list) else "name one of its members, or use `| tojson`"
        raise NotRenderableError("P208", f"the expression gives {what}, which has no text", hint)
    return str(value)
