"""Jinja's filters, counted, and without those that print Python or make HTML."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, cast

from jinja2 import Environment, pass_environment
from jinja2.filters import make_attrgetter

from promptc.compiler import bounds
from promptc.compiler.bounds import BUDGET, TooCostlyError, weighed, weight
from promptc.compiler.pieces import finalized, text_of

# `random` would compile one spec to several requests, `pprint` prints Python, the others make HTML.
_DROPPED = ("random", "pprint", "striptags", "urlize", "xmlattr")
_OF_TEXT = {
    *("capitalize", "center", "e", "escape", "forceescape", "format", "indent", "lower", "replace", "safe", "string"),
    *("title", "trim", "truncate", "upper", "wordcount", "wordwrap"),
}
"""Filters that would print Python's idea of whatever they get."""
_STRETCHING = {"batch", "center", "indent", "slice", "truncate", "wordwrap"}
_WIDEST_INDENT = 16


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
        if name in _STRETCHING:
            bounds.refuse_large(*rest, *kwargs.values())
        if name in _OF_TEXT:
            value = text_of(finalized(value))
            rest, kwargs = _bounded_text(name, value, rest, kwargs)
        BUDGET.spend(weight(value))
        if name == "sum" and not isinstance(kwargs.get("start", rest[1] if len(rest) > 1 else 0), (int, float)):
            msg = "`sum` adds numbers"
            raise TypeError(msg)
        return weighed(function(*before, value, *rest, **kwargs))

    return guarded


def _bounded_text(name: str, text: str, rest: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Refuse what stretches a text beyond measure."""
    given = [*rest, *kwargs.values()]
    if name == "replace" and len(rest) > 1:
        bounds.refuse_replacing(text, str(rest[0]), str(rest[1]))
    elif name == "indent":
        width = next((value for value in given if isinstance(value, (int, str)) and not isinstance(value, bool)), 4)
        bounds.refuse_replacing(text, "\n", " " * width if isinstance(width, int) else width)
    elif name == "wordwrap":
        bounds.refuse_replacing("x" * len(text), "x", next((value for value in given if isinstance(value, str)), "\n"))
    elif name == "format":
        named = cast("dict[str, Any]", presentable(text, "%", dict(kwargs)))
        return presentable(text, "%", tuple(rest)), named
    return rest, dict(kwargs)


@pass_environment
def _join(environment: Environment, value: Any, d: Any = "", attribute: Any = None) -> str:
    """Join texts; Jinja's own prints Python's idea of what has none."""
    items = value if attribute is None else map(make_attrgetter(environment, attribute), value)
    between, texts = text_of(finalized(d)), [text_of(finalized(item)) for item in items]
    BUDGET.spend(sum(map(len, texts)) + len(between) * len(texts))
    return between.join(texts)


def _tojson(value: Any, indent: int | None = None) -> str:
    """Return plain JSON; Jinja's own writes `<`, `>`, `&` and `'` as HTML needs them."""
    if indent is not None and indent > _WIDEST_INDENT:
        raise TooCostlyError("an indent this large")
    return json.dumps(finalized(value), ensure_ascii=False, indent=indent, sort_keys=True)
