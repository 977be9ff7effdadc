"""Values of variables as messages show them, and the command that sets them."""

import json
from collections.abc import Mapping
from shlex import quote
from typing import Any

_SHOWN = 100
_LONGEST = 400
_LAST_OF_FOUR_DIGITS = 0xFFFF
_TEXTS = ("string", "image", None)
"""The declared types whose values a command line gives as they are; all else is JSON there."""


def assignment(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a line for each variable, in TOML unless it is too long to be shown."""
    return tuple(f"{name} = {_short(value)}" for name, value in values.items())


def command(argument: str, values: Mapping[str, Any], declarations: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the command that compiles a case with values; what a shell can't pass on goes into a file."""
    texts = {name: _text(value, declarations[name].get("type")) for name, value in values.items()}
    if None in texts.values():
        return f"promptc compile {argument} --vars FILE"
    return " ".join(
        ["promptc compile", argument, *(f"--var {quote(f'{name}={text}')}" for name, text in texts.items())]
    )


def _text(value: Any, declared: object) -> str | None:
    """Return a value as `--var` takes it, or nothing where it takes none."""
    if declared in _TEXTS and not isinstance(value, str):
        return None
    text = value if declared in _TEXTS else json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() and len(text) <= _LONGEST else None


def _short(value: Any) -> str:
    if isinstance(value, str) and len(value) > _SHOWN:
        return f'{_toml(value[: _SHOWN // 2])[:-1]}…" ({len(value):,} characters)'
    text = _toml(value)
    if len(text) <= _SHOWN:
        return text
    return f"{text[:_SHOWN]}… ({len(value)} elements)" if isinstance(value, list) else f"{text[:_SHOWN]}…"


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_toml(key)} = {_toml(item)}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return "".join(map(_seen, json.dumps(value, ensure_ascii=False)))


def _seen(character: str) -> str:
    if character.isprintable():
        return character
    return f"\\u{ord(character):04x}" if ord(character) <= _LAST_OF_FOUR_DIGITS else f"\\U{ord(character):08x}"
