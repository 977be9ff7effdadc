"""Jinja's filters, counted, and without those that print Python or make HTML."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any, cast

from jinja2 import Environment, pass_environment
from jinja2.filters import make_attrgetter

from promptc.compiler import bounds
from promptc.compiler.bounds import BUDGET, TooCostlyError, walked, weighed, weight
from promptc.compiler.pieces import finalized, text_of, written_as

# `random` would compile one spec to several requests, `pprint` prints Python, the others make HTML.
_DROPPED = ("random", "pprint", "striptags", "urlize", "xmlattr", "e", "escape", "forceescape", "safe")
_OF_TEXT = {
    *("capitalize", "center", "format", "indent", "lower", "replace", "string"),
    *("title", "trim", "truncate", "upper", "wordcount", "wordwrap"),
}
"""Filters that would print Python's idea of whatever they get."""
_STRETCHING = {"batch", "center", "indent", "round", "slice", "truncate", "wordwrap"}
_COMPARING = {"dictsort", "groupby", "max", "min", "sort", "unique"}
_WIDEST_INDENT = 16
_WRAPPED = 1_000  # Python's textwrap looks at every line's rest again
_PRINTED = (list, tuple, dict, type(None), FunctionType, BuiltinFunctionType, MethodType)
"""What has no text, and would be printed where a filter takes text beside its value."""


def filters(known: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Return what templates get of Jinja's filters."""
    kept = {name: function for name, function in known.items() if name not in _DROPPED}
    kept |= {"join": _join, "tojson": _tojson}
    return {name: _guarded(name, function) for name, function in kept.items()}


def presentable(pattern: str, mark: str, values: Any) -> Any:
    """Return the values of a format, numbers as they are, everything else as text."""
    if isinstance(values, Mapping):
        made: Any = {key: _shown(value) for key, value in values.items()}
        listed = list(made.values())
    elif isinstance(values, tuple):
        made = tuple(_shown(value) for value in values)
        listed = list(made)
    else:
        made = _shown(values)
        listed = [made]
    bounds.refuse_format(pattern, mark, listed)
    return made


def _shown(value: Any) -> Any:
    return value if isinstance(value, (int, float)) else text_of(finalized(value))


def _guarded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter that is counted, and takes what it can show."""
    first = 1 if hasattr(function, "jinja_pass_arg") else 0

    @wraps(function)  # Jinja marks the filters that want its environment
    def guarded(*args: Any, **kwargs: Any) -> Any:
        before, value, rest = args[:first], args[first] if len(args) > first else None, args[first + 1 :]
        given = value
        if name in _STRETCHING:
            bounds.refuse_large(*rest, *kwargs.values())
        if name in _OF_TEXT:
            value = text_of(finalized(value))
            rest, kwargs = _bounded_text(name, value, rest, kwargs)
        if name in _COMPARING:
            walked(value)
        if name == "urlencode":
            value = finalized(value)
        BUDGET.spend(weight(value))
        if name == "sum" and not isinstance(kwargs.get("start", rest[1] if len(rest) > 1 else 0), (int, float)):
            msg = "`sum` adds numbers"
            raise TypeError(msg)
        made = function(*before, value, *rest, **kwargs)
        if name == "int" and isinstance(made, int):
            bounds.refuse_product(made, 1)
        return weighed(written_as(made, given))

    return guarded


def _bounded_text(name: str, text: str, rest: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Refuse what stretches a text beyond measure, or would print Python's idea of an argument."""
    if name == "format":
        return presentable(text, "%", tuple(rest)), cast("dict[str, Any]", presentable(text, "%", dict(kwargs)))
    rest = [_shown(value) if isinstance(value, (str, *_PRINTED)) else value for value in rest]
    named = {key: _shown(value) if isinstance(value, (str, *_PRINTED)) else value for key, value in kwargs.items()}
    texts = [value for value in (*rest, *named.values()) if isinstance(value, str)]
    bounds.refuse_searching(text, texts)
    if name == "replace":
        old, new = [*rest, *(named[key] for key in ("old", "new") if key in named), "", ""][:2]
        bounds.refuse_replacing(text, str(old), str(new))
    elif name == "indent":
        widths = [value for value in (*rest, *named.values()) if isinstance(value, (int, str)) and value is not True]
        width = widths[0] if widths else 4
        bounds.refuse_replacing(text, "\n", width if isinstance(width, str) else " " * width)
    elif name == "wordwrap":
        BUDGET.spend(len(text) ** 2 // _WRAPPED)
        bounds.refuse_replacing("x" * len(text), "x", texts[0] if texts else "\n")
    return rest, named


@pass_environment
def _join(environment: Environment, value: Any, d: Any = "", attribute: Any = None) -> str:
    """Join texts; Jinja's own prints Python's idea of what has none."""
    items = value if attribute is None else map(make_attrgetter(environment, attribute), value)
    between, texts = text_of(finalized(d)), []
    for item in items:
        BUDGET.spend(weight(item) + len(between))  # before it is made: a list may hold one long text many times
        texts.append(text_of(finalized(item)))
    return between.join(texts)


def _tojson(value: Any, indent: int | None = None) -> str:
    """Return plain JSON; Jinja's own writes `<`, `>`, `&` and `'` as HTML needs them."""
    if indent is not None and indent > _WIDEST_INDENT:
        raise TooCostlyError("an indent this large")
    return json.dumps(finalized(value), ensure_ascii=False, indent=indent, sort_keys=True)
