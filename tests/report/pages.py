"""Pages made of one text: whatever a page can show holds it."""

from dataclasses import fields, is_dataclass
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from promptc.report.page.model import Page

_OURS = {"source": "data:image/webp;base64,UklGRg==", "link": "picture.webp", "mark": "-"}
"""What never comes from a user: addresses are made from digests and quoted names."""


def of_text(text: str) -> Page:
    """Return a page whose every text is this one."""
    page: Page = _filled(Page, text)
    return page


def _filled(kind: Any, text: str, name: str = "") -> Any:
    if name in _OURS:
        return _OURS[name]
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{field.name: _filled(hints[field.name], text, field.name) for field in fields(kind)})  # type: ignore[operator]
    arguments = get_args(kind)
    if get_origin(kind) is Literal:
        return arguments[0]
    if get_origin(kind) is tuple:
        return tuple(_filled(argument, text) for argument in arguments if argument is not ...)
    if arguments:  # an optional one
        return _filled(next(argument for argument in arguments if argument is not NoneType), text)
    return {str: text, int: 1, bool: False}[kind]
