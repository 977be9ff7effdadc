"""TOML with positions: tomllib decides what the file says, a scanner says where.

tomllib gives no positions of values, so a second pass walks the same text, which is known to be
valid by then, and notes where each key and value stands (https://toml.io/en/v1.0.0).
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from promptc.diagnostics import Diagnostic
from promptc.source import Source, Span, conflict

Path: TypeAlias = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]+")
_BASIC_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_BASIC_MULTILINE = re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*"""(?:"{0,2}(?!"))?', re.DOTALL)
_LITERAL_STRING = re.compile(r"'[^'\n]*'")
_LITERAL_MULTILINE = re.compile(r"'''(?:[^']|'(?!''))*'''(?:'{0,2}(?!'))?", re.DOTALL)
_REMEDY = "strings need quotes, inline tables stay on one line, each key stands once"
_REMEDIES = (
    ("illegal character '\\n'", "a quote is missing at the end of the line; text of several lines has three quotes"),
    ("unclosed array", "a comma is missing before this, or a `]` at the end"),
    ("unescaped '\\'", "put the text in single quotes, or write two backslashes; paths are written with `/`"),
    ("cannot declare", "write everything of a table below one header"),
    ("cannot mutate", "a table in braces ends with its `}`: write the key inside it"),
)
"""What begins tomllib's message, and what to do."""
_DEEPEST = 60
"""How far values may be nested: what reads them afterwards recurses too."""
_LONG_INTEGER = re.compile(r"[0-9_]{4301,}")
_BRACKETS = re.compile(
    "|".join(
        (
            *(token.pattern for token in (_BASIC_MULTILINE, _LITERAL_MULTILINE, _BASIC_STRING, _LITERAL_STRING)),
            r"#[^\n]*",
            r"(?P<open>[\[{])",
            r"(?P<close>[\]}])",
        )
    ),
    re.DOTALL,
)
_WHOLE = slice(None)
_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|[ \t]*\n[ \t\n]*|.)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A value and where it stands; `key` is the span of its key, if it has one.

    `verbatim` says that the value is the span's own text, no string of TOML's; `replaced` is the
    place of the inherited value that this one stands for.
    """

    value: "Any | tuple[Node, ...] | Mapping[str, Node]"
    span: Span
    key: Span | None = None
    verbatim: bool = False
    replaced: Span | None = None

    @property
    def table(self) -> "Mapping[str, Node]":
        """The members; only for tables."""
        if not isinstance(self.value, Mapping):
            msg = f"not a table: {self.span.place}"
            raise TypeError(msg)
        return self.value

    @property
    def items(self) -> "tuple[Node, ...]":
        """The elements; only for arrays."""
        if not isinstance(self.value, tuple):
            msg = f"not an array: {self.span.place}"
            raise TypeError(msg)
        return self.value

    @property
    def kind(self) -> str:
        """The field's word for the value's type."""
        kinds = {bool: "a boolean", str: "a string", int: "an integer", float: "a number"}
        if isinstance(self.value, tuple):
            return "an array"
        if isinstance(self.value, Mapping):
            return "a table"
        return kinds.get(type(self.value), "a date or time")

    def plain(self) -> Any:
        """Return the value without positions."""
        if isinstance(self.value, tuple):
            return [item.plain() for item in self.value]
        if isinstance(self.value, Mapping):
            return {key: node.plain() for key, node in self.value.items()}
        return self.value

    def within(self, start: int, end: int) -> Span:
        """Return the span of characters `start` to `end` of a string's decoded value."""
        if self.verbatim:
            return self.span.source.span(self.span.start + start, self.span.start + end)
        offsets = decoded_offsets(self.span.text)
        first = offsets[min(start, len(offsets) - 1)]
        last = offsets[min(end, len(offsets) - 1)]
        return self.span.source.span(self.span.start + first, self.span.start + max(first, last))


def parse(source: Source, part: slice = _WHOLE) -> tuple[Node | None, tuple[Diagnostic, ...]]:
    """Return the document as a table with positions, or why it is no TOML.

    `part` is the stretch of the source that is TOML, from the start of a line on.
    """
    before = source.text[: part.start or 0]
    text = "\n" * before.count("\n") + source.text[part]
    if "\r" in text:  # tomllib would take a second `\r\n` for a line ending
        return None, (_syntax_error(source, _stray_return(source, len(before)), part),)
    if marks := conflict(source.text):
        return None, (in_conflict(source, marks.start()),)
    try:
        data = tomllib.loads(text)
        scanner = _Scanner(" " * len(before) + source.text[part])
        scanner.document()
        return _build(source, data, (), scanner), ()
    except tomllib.TOMLDecodeError as error:
        return None, (_syntax_error(source, str(error), part),)
    except _TooDeepError as error:
        return None, (_not_valid(source, "values are nested too deeply", error.offset),)
    except ValueError:  # Python refuses to read integers of thousands of digits
        digits = _LONG_INTEGER.search(source.text)
        return None, (_not_valid(source, "an integer has too many digits", digits.start() if digits else 0),)
    except RecursionError:
        return None, (_not_valid(source, "values are nested too deeply", _deep(source.text)),)


class _TooDeepError(Exception):
    def __init__(self, offset: int) -> None:
        super().__init__("too deep")
        self.offset = offset


def _deep(text: str) -> int:
    """Return the offset of the first bracket that is nested too deeply."""
    depth = 0
    for match in _BRACKETS.finditer(text):
        depth += (match["open"] is not None) - (match["close"] is not None)
        if depth > _DEEPEST:
            return match.start()
    return 0


@lru_cache(maxsize=64)  # a string may have hundreds of expressions
def decoded_offsets(raw: str) -> list[int]:
    """Return, for each character of a string token's value and its end, its offset in the token."""
    if not raw or raw[0] not in "\"'":
        return list(range(len(raw) + 1))
    quote = raw[:3] if raw[:3] in ('"""', "'''") and len(raw) >= 6 else raw[0]  # noqa: PLR2004 - two times three quotes
    start, end = len(quote), len(raw) - len(quote)
    if len(quote) > 1 and raw[start : start + 1] == "\n":
        start += 1  # a newline right after the opening quotes is trimmed
    offsets: list[int] = []
    while start < end:
        match = _ESCAPE.match(raw, start, end) if quote[0] == '"' and raw[start] == "\\" else None
        if match and match.group().isspace() is False and "\n" in match.group():
            start = match.end()  # a line continuation stands for nothing
            continue
        offsets.append(start)
        start = match.end() if match else start + 1
    return [*offsets, end]


def _stray_return(source: Source, start: int) -> str:
    line, column = source.position(source.text.index("\r", start))
    return f"a carriage return stands without a newline (at line {line}, column {column})"


def _syntax_error(source: Source, message: str, part: slice) -> Diagnostic:
    at = _AT.search(message)
    offset = len(source.text[: part.stop].rstrip("\n"))
    if at and at.group(1):
        offset = source.line_starts[int(at.group(1)) - 1] + int(at.group(2)) - 1
    what = _AT.sub("", message)
    if what.lower() == "cannot overwrite a value":  # tomllib says so behind the value; the key is what stands twice
        what, line = "a key stands here for the second time", source.position(offset)[0]
        offset = source.line_starts[line - 1] + len(source.line(line)) - len(source.line(line).lstrip())
    return _not_valid(source, f"{what[:1].lower()}{what[1:]}", offset)


def in_conflict(source: Source, offset: int, code: str = "P001") -> Diagnostic:
    """Say that a file holds what git leaves in a merge conflict."""
    span = source.span(offset, offset + 7)
    message = "the file holds the marks of a merge conflict"
    return Diagnostic(code=code, message=message, span=span, help="keep one side, and remove the marks")


def _not_valid(source: Source, what: str, offset: int) -> Diagnostic:
    span = source.span(offset, min(offset + 1, len(source.text)))
    remedy = next((remedy for start, remedy in _REMEDIES if what.startswith(start)), _REMEDY)
    table = re.match(r"cannot (declare|mutate)[^(]*\((.*?),?\)", what)
    if table:
        name = ".".join(part.strip()[1:-1] for part in table[2].split(","))
        again = table[1] == "declare"
        what = f"`[{name}]` stands here for the second time" if again else f"`{name}` is whole already: it is in braces"
    return Diagnostic(code="P001", message=f"not valid TOML: {what}", span=span, help=remedy)


def _build(source: Source, value: Any, path: Path, scanner: "_Scanner") -> Node:
    span = source.span(*scanner.values.get(path) or scanner.keys.get(path, (0, 0)))
    if len(path) > _DEEPEST:
        raise _TooDeepError(span.start)
    key = scanner.keys.get(path)
    built: Any = value
    if isinstance(value, dict):
        built = {name: _build(source, item, (*path, name), scanner) for name, item in value.items()}
    elif isinstance(value, list):
        built = tuple(_build(source, item, (*path, i), scanner) for i, item in enumerate(value))
    return Node(value=built, span=span, key=source.span(*key) if key else None)


class _Scanner:
    """Notes the offsets of every key and value of a valid document."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.keys: dict[Path, tuple[int, int]] = {}
        self.values: dict[Path, tuple[int, int]] = {}
        self.tables: dict[Path, int] = {}  # arrays of tables: how many there are so far

    def document(self) -> None:
        table: Path = ()
        self._skip(_BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK)

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:  # tomllib has accepted the text, so this is our mistake
            msg = f"the TOML scanner lost its way at offset {self.at}"
            raise AssertionError(msg)
        self.at = match.end()
        return match.group()

    def _header(self) -> Path:
        start = self.at
        double = self.text.startswith("[[", self.at)
        self.at += 2 if double else 1
        segments = list(self._key())
        self._skip(_SPACE)
        self.at += 2 if double else 1
        path: Path = ()
        for i, (name, span) in enumerate(segments):
            path = (*path, name)
            self.keys.setdefault(path, span)
            if double and i == len(segments) - 1:
                self.values.setdefault(path, (start, self.at))
                self.tables[path] = self.tables.get(path, 0) + 1
            if path in self.tables:
                path = (*path, self.tables[path] - 1)
        self.values[path] = (start, self.at)
        return path

    def _key(self) -> Iterator[tuple[str, tuple[int, int]]]:
        while True:
            self._skip(_SPACE)
            start = self.at
            if self.text[self.at] in "\"'":
                raw = self._string()
                name = str(tomllib.loads(f"k = {raw}")["k"])
            else:
                name = self._skip(_BARE_KEY)
            yield name, (start, self.at)
            self._skip(_SPACE)
            if self.text[self.at] != ".":
                return
            self.at += 1

    def _pair(self, table: Path) -> None:
        path = table
        for name, span in self._key():
            path = (*path, name)
            self.keys.setdefault(path, span)
        self.at += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _value(self, path: Path) -> None:
        start = self.at
        match self.text[self.at]:
            case '"' | "'":
                self._string()
            case "[":
                self._array(path)
            case "{":
                self._inline_table(path)
            case _:
                self.at = start + len(self._skip(_SCALAR).rstrip())
        self.values[path] = (start, self.at)

    def _string(self) -> str:
        for quotes, multiline, single in (
            ('"', _BASIC_MULTILINE, _BASIC_STRING),
            ("'", _LITERAL_MULTILINE, _LITERAL_STRING),
        ):
            if self.text.startswith(quotes, self.at):
                return self._skip(multiline if self.text.startswith(quotes * 3, self.at) else single)
        msg = f"no string at offset {self.at}"
        raise AssertionError(msg)

    def _array(self, path: Path) -> None:
        self.at += 1
        self._skip(_BLANK)
        index = 0
        while self.text[self.at] != "]":
            self._value((*path, index))
            index += 1
            self._skip(_BLANK)
            if self.text[self.at] == ",":
                self.at += 1
                self._skip(_BLANK)
        self.at += 1

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        self._skip(_BLANK)
        while self.text[self.at] != "}":
            self._pair(path)
            self._skip(_BLANK)
            if self.text[self.at] == ",":
                self.at += 1
                self._skip(_BLANK)
        self.at += 1
