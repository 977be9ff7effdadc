"""JSON with positions: the same tree as of TOML, read from plain bodies and event streams.

Strings are scanned by Python's own C code, for a body may hold 20 MB of base64 on one line
(https://www.rfc-editor.org/rfc/rfc8259).
"""

import math
import re
from collections.abc import Mapping
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]  # without types, but there since Python 2.6
from typing import Any, NoReturn

from promptc.diagnostics import Diagnostic, Related
from promptc.source import Source, Span, conflict
from promptc.toml_tree import Node, in_conflict

_BLANK = re.compile(r"[ \t\r\n]*")
# Between two tokens, an event's JSON may go on in its next data line (WHATWG HTML, section 9.2).
_BLANK_OF_EVENT = re.compile(r"(?:[ \t\r]|\n(?:data:|(?::|event:|id:|retry:)[^\n]*))*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?P<point>\.[0-9]+)?(?P<power>[eE][-+]?[0-9]+)?")
_WORD = re.compile(r"[-+]?[A-Za-z_$][A-Za-z0-9_$]*")
_MORE = re.compile(r"[-+.0-9A-Za-z_]")
_WORDS = {"true": True, "false": False, "null": None}
_FOREIGN = {"True": "true", "False": "false", "None": "null", "undefined": "null"}
_STRING_PROBLEMS = {
    "Unterminated string starting at": ("the string never ends", 'a closing `"`'),
    "Invalid control character at": (
        "the string holds a line break or another control character",
        "`\\n` in its place",
    ),
    "Invalid \\escape": ("no escape starts like this", 'one of `\\"`, `\\\\`, `\\/`, `\\n`, `\\t`, `\\uXXXX`'),
    "Invalid \\uXXXX escape": ("the escape is cut short", "four hexadecimal digits"),
}
_DEEPEST = 100
"""How far values may be nested: protobuf's own JSON readers stop there."""
_LARGEST = 2**53 - 1
_DIGITS = 17
_QUOTED = 40


def parse(
    source: Source, *, start: int = 0, end: int | None = None, event: bool = False
) -> tuple[Node | None, tuple[Diagnostic, ...]]:
    """Return a document as a tree with positions, or why it is no JSON.

    A tree comes with diagnostics where the syntax is right, but a key stands twice or a value is
    none that JSON's readers agree about. `start`, `end` and `event` read one event of a stream.
    """
    scanner = _Scanner(source, start, len(source.text) if end is None else end, event=event)
    try:
        return scanner.document(), tuple(scanner.found)
    except _NotJsonError as error:
        if marks := conflict(source.text):
            return None, (in_conflict(source, marks.start(), "P009"),)
        span = source.span(error.offset, min(error.offset + 1, len(source.text)))
        message = f"not valid JSON: {error.what}"
        found = Diagnostic(code="P009", message=message, span=span, expected=error.expected, help=error.help)
        return None, (found,)


class _NotJsonError(Exception):
    """Where and why the syntax is wrong, what was expected, and what to do."""

    def __init__(self, what: str, offset: int, expected: str | None, hint: str | None) -> None:
        super().__init__(what)
        self.what, self.offset, self.expected, self.help = what, offset, expected, hint


class _Scanner:
    """Reads the text from `at` to `end`; `found` collects what is wrong beside the syntax."""

    def __init__(self, source: Source, start: int, end: int, *, event: bool) -> None:
        self.source, self.text = source, source.text
        self.at, self.end = start, end
        self.blank = _BLANK_OF_EVENT if event else _BLANK
        self.whole = "event" if event else "file"
        self.found: list[Diagnostic] = []

    def document(self) -> Node:
        if not self._peek():
            self._refuse(f"the {self.whole} is empty", self.at, "a JSON value")
        node = self._value(None, 0)
        if self._peek():
            hint = (
                "an empty line ends an event"
                if self.whole == "event"
                else "a file holds one body: split lines of JSON first"
            )
            self._refuse("something stands behind the value", self.at, f"the end of the {self.whole}", hint)
        return node

    def _peek(self) -> str:
        """Skip what is blank and return the next character, nothing at the end."""
        match = self.blank.match(self.text, self.at, self.end)
        self.at = match.end() if match else self.at
        return self.text[self.at] if self.at < self.end else ""

    def _value(self, key: Span | None, depth: int) -> Node:
        if depth > _DEEPEST:
            self._refuse("values are nested too deeply", self.at, f"at most {_DEEPEST} levels")
        first, start = self._peek(), self.at
        made: Any
        if first == '"':
            made = self._string()
        elif first == "{":
            made = self._object(depth)
        elif first == "[":
            made = self._array(depth)
        else:
            made = self._scalar()
        return Node(value=made, span=self.source.span(start, self.at), key=key)

    def _object(self, depth: int) -> Mapping[str, Node]:
        members: dict[str, Node] = {}
        self.at += 1
        if self._peek() == "}":
            self.at += 1
            return members
        while True:
            if self._peek() != '"':
                self._no_key(after_comma=bool(members))
            start = self.at
            name = self._string()
            key = self.source.span(start, self.at)
            self._want(":", "`:`")
            node = self._value(key, depth + 1)
            if name in members:
                self.found.append(_twice(name, key, members[name]))
            members.setdefault(name, node)
            if self._want(",}", "`,` or `}`") == "}":
                return members

    def _array(self, depth: int) -> tuple[Node, ...]:
        items: list[Node] = []
        self.at += 1
        if self._peek() == "]":
            self.at += 1
            return ()
        while True:
            if items and self._peek() == "]":
                self._refuse("a comma stands before the `]`", self.at, "a value", "remove the comma")
            items.append(self._value(None, depth + 1))
            if self._want(",]", "`,` or `]`") == "]":
                return tuple(items)

    def _want(self, characters: str, expected: str) -> str:
        """Step over one of the characters and return it."""
        got = self._peek()
        if not got or got not in characters:
            self._unexpected(expected)
        self.at += 1
        return got

    def _refuse(self, what: str, offset: int, expected: str | None, hint: str | None = None) -> NoReturn:
        raise _NotJsonError(what, offset, expected, hint) from None

    def _no_key(self, *, after_comma: bool) -> NoReturn:
        if after_comma and self._peek() == "}":
            self._refuse("a comma stands before the `}`", self.at, "a key", "remove the comma")
        expected = 'a key in double quotes, as in `"contents"`'
        if _WORD.match(self.text, self.at, self.end) or self._peek() == "'":
            self._refuse("a key stands without double quotes", self.at, expected)
        self._unexpected(expected)

    def _unexpected(self, expected: str) -> NoReturn:
        got, offset = self._peek(), self.at
        if not got:
            last = len(self.text[: self.end].rstrip()) - 1
            self._refuse(f"the {self.whole} ends too early", max(last, 0), expected)
        if got == "#" or self.text.startswith(("//", "/*"), self.at):
            self._refuse("JSON has no comments", offset, expected, "remove the comment")
        if got == "'":
            self._refuse("`'` is no quote in JSON", offset, expected, "write strings in double quotes")
        shown = got if got.isprintable() else f"\\u{ord(got):04x}"
        self._refuse(f"`{shown}` can't stand here", offset, expected)

    def _string(self) -> str:
        start = self.at
        made: str
        try:
            made, self.at = scanstring(self.text, start + 1, True)  # its third parameter has no public name
        except JSONDecodeError as error:
            if self.text[error.pos : error.pos + 1] == "\n" and self.whole == "event":
                self._refuse("the line ends inside the string", start, 'a closing `"`')
            what, expected = _STRING_PROBLEMS.get(error.msg.rstrip(": "), ("the string is no JSON", None))
            self._refuse(what, min(error.pos, self.end), expected)
        if not made.isascii() and not _encodes(made):
            self._complain("the text holds half of a surrogate pair, which is no character", start)
        return made

    def _scalar(self) -> object:
        start = self.at
        number = _NUMBER.match(self.text, start, self.end)
        if number:
            self.at = number.end()
            if _MORE.match(self.text, self.at, self.end):
                self._refuse("this is no number", start, "digits as in `42`, `-1` or `0.5`")
            return self._number(number, start)
        word = _WORD.match(self.text, start, self.end)
        if not word:
            self._unexpected("a value")
        self.at = word.end()
        if word.group() not in _WORDS:
            self._no_value(word.group(), start)
        return _WORDS[word.group()]

    def _no_value(self, word: str, start: int) -> NoReturn:
        if word.lstrip("+-") in {"NaN", "Infinity"}:
            self._refuse("JSON has no infinity and no NaN", start, "a finite number")
        shown = word if len(word) <= _QUOTED else f"{word[:_QUOTED]}…"
        hint = f"write `{_FOREIGN[word]}`" if word in _FOREIGN else "strings stand in double quotes"
        self._refuse(f"`{shown}` is no value", start, "a value", hint)

    def _number(self, number: re.Match[str], start: int) -> int | float:
        text = number.group()
        if number["point"] or number["power"]:
            if math.isinf(made := float(text)):
                self._complain("the number is beyond what JSON's readers hold", start, "write a smaller one")
            return made
        if len(text) > _DIGITS or abs(int(text)) > _LARGEST:
            hint = "write a smaller one, or quote it to make it a string"
            self._complain("an integer beyond 2^53 loses digits in JSON", start, hint)
            return float(text)
        return int(text)

    def _complain(self, message: str, start: int, hint: str | None = None) -> None:
        span = self.source.span(start, self.at)
        self.found.append(Diagnostic(code="P105", message=message, span=span, help=hint))


def _twice(name: str, key: Span, first: Node) -> Diagnostic:
    shown = name if len(name) <= _QUOTED else f"{name[:_QUOTED]}…"
    related = (Related(span=first.key, message="the first one"),) if first.key else ()
    return Diagnostic(
        code="P406",
        message=f"`{shown}` is written twice in one object",
        span=key,
        help="remove one of them",
        related=related,
    )


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
