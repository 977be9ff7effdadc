"""TOML with positions: tomllib's values, and where each of them stands."""

import datetime as dt
import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from promptc.diagnostics import Diagnostic
from promptc.source import Source
from promptc.toml_tree import Node, decoded_offsets, parse

HELP = "strings need quotes, inline tables stay on one line, each key stands once"
DQ, SQ = '"' * 3, "'" * 3


def source(text: str) -> Source:
    return Source(path=Path("/repo/a.toml"), text=text)


def tree(text: str) -> Node:
    node, diagnostics = parse(source(text))
    assert diagnostics == ()
    assert node is not None
    return node


def at(text: str, *path: str | int) -> Node:
    node = tree(text)
    for step in path:
        node = node.items[step] if isinstance(step, int) else node.table[step]
    return node


def spot(text: str, *path: str | int) -> tuple[str, str | None, str]:
    """Return `line:col` of a value and of its key, and the text of the value."""
    node = at(text, *path)
    key = f"{node.key.line}:{node.key.column}" if node.key else None
    return f"{node.span.line}:{node.span.column}", key, node.span.text


POSITIONS: list[tuple[str, str, tuple[str | int, ...], tuple[str, str | None, str]]] = [
    ("a bare key and a number", "a = 1", ("a",), ("1:5", "1:1", "1")),
    ("no spaces at all", "a=1", ("a",), ("1:3", "1:1", "1")),
    ("spaces and tabs in front and between", " \ta\t = \t1 \t", ("a",), ("1:9", "1:3", "1")),
    ("the second line", "a = 1\nb = 2", ("b",), ("2:5", "2:1", "2")),
    ("comments and blank lines between", "# one\n\n  # two = 2\na = 1 # [b]\n#\nb = 2", ("b",), ("6:5", "6:1", "2")),
    ("a comment right behind a scalar", "a = true#false\nb = 2", ("a",), ("1:5", "1:1", "true")),
    ("a basic string", 'a = "x # = ] }"', ("a",), ("1:5", "1:1", '"x # = ] }"')),
    ("a basic string with escapes", 'a = "\\"\\\\"\nb = 1', ("a",), ("1:5", "1:1", '"\\"\\\\"')),
    ("after a basic string that ends in a backslash", 'a = "x\\\\"\nb = 1', ("b",), ("2:5", "2:1", "1")),
    ("a literal string with a backslash at its end", "a = 'c:\\'\nb = 1", ("a",), ("1:5", "1:1", "'c:\\'")),
    ("an empty basic string", 'a = ""\nb = 1', ("a",), ("1:5", "1:1", '""')),
    ("an empty literal string", "a = ''\nb = 1", ("b",), ("2:5", "2:1", "1")),
    ("an empty multi-line string", f"a = {DQ}{DQ}\nb = 1", ("a",), ("1:5", "1:1", DQ + DQ)),
    ("an empty multi-line literal", f"a = {SQ}{SQ}\nb = 1", ("b",), ("2:5", "2:1", "1")),
    ("a multi-line string", f"a = {DQ}\nx\n{DQ}\nb = 1", ("a",), ("1:5", "1:1", f"{DQ}\nx\n{DQ}")),
    ("what follows a multi-line string", f"a = {DQ}\nx\n{DQ}\nb = 1", ("b",), ("4:5", "4:1", "1")),
    ("a header inside a multi-line string", f"a = {DQ}\n[b]\nc = 1\n{DQ}\n[b]\nc = 2", ("b", "c"), ("6:5", "6:1", "2")),
    ("one more quote at the end", f'a = {DQ}x{DQ}"\nb = 1', ("a",), ("1:5", "1:1", f'{DQ}x{DQ}"')),
    ("two more quotes at the end", f'a = {DQ}x{DQ}""\nb = 1', ("b",), ("2:5", "2:1", "1")),
    ("quotes at both ends", f'a = {DQ}""x""{DQ}\nb = 1', ("a",), ("1:5", "1:1", f'{DQ}""x""{DQ}')),
    ("an escaped quote before the end", f'a = {DQ}x\\"{DQ}\nb = 1', ("a",), ("1:5", "1:1", f'{DQ}x\\"{DQ}')),
    ("nothing but two quotes in a multi-line string", f'a = {DQ}""{DQ}\nb = 1', ("b",), ("2:5", "2:1", "1")),
    ("a multi-line literal with quotes", f"a = {SQ}'x''y{SQ}''\nb = 1", ("a",), ("1:5", "1:1", f"{SQ}'x''y{SQ}''")),
    ("a multi-line literal with basic quotes", f"a = {SQ}{DQ}{SQ}\nb = 1", ("b",), ("2:5", "2:1", "1")),
    ("a line continuation", f"a = {DQ}x \\\n\n   y{DQ}\nb = 1", ("b",), ("4:5", "4:1", "1")),
    ("wide characters before a value", 'a = [ "🦋蝶", 1 ]', ("a", 1), ("1:13", None, "1")),
    ("a wide character in a key", '"🦋" = 1', ("🦋",), ("1:7", "1:1", "1")),
    ("combining marks count one by one", 'a = ["e\u0301", 1]', ("a", 1), ("1:12", None, "1")),
    ("tabs count as one character", 'a\t=\t["\t",\t1]', ("a", 1), ("1:11", None, "1")),
    ("an array", "a = [1, 2]", ("a",), ("1:5", "1:1", "[1, 2]")),
    ("an element", "a = [1, 2]", ("a", 1), ("1:9", None, "2")),
    ("nested arrays", "a = [[1], [2, [3]]]", ("a", 1, 1, 0), ("1:16", None, "3")),
    ("an inner array", "a = [[1], [2, [3]]]", ("a", 1), ("1:11", None, "[2, [3]]")),
    ("empty arrays and tables", "a = [[], {}, [ ], { }]", ("a", 3), ("1:19", None, "{ }")),
    ("a multi-line array", "a = [\n  1, # ]\n  2,\n  # 3\n]\nb = 4", ("a", 1), ("3:3", None, "2")),
    ("after a multi-line array", "a = [\n  1 # ]\n  ,2,\n  # 3\n]\nb = 4", ("b",), ("6:5", "6:1", "4")),
    ("an inline table", "a = { b = 1, c = [2] }", ("a",), ("1:5", "1:1", "{ b = 1, c = [2] }")),
    ("a member of an inline table", "a = { b = 1, c = [2] }", ("a", "c"), ("1:18", "1:14", "[2]")),
    ("a member behind a dotted key", "a = { b.c = 1, b.d = 2 }", ("a", "b", "d"), ("1:22", "1:18", "2")),
    ("a brace in a string of an inline table", 'a = { b = "}", c = 1 }', ("a", "c"), ("1:20", "1:16", "1")),
    ("a dotted key's value", "a.b.c = 1", ("a", "b", "c"), ("1:9", "1:5", "1")),
    ("a dotted key's table stands at its key", "a.b.c = 1", ("a", "b"), ("1:3", "1:3", "b")),
    ("spaces around dots", 'a . "b" .\tc = 1', ("a", "b", "c"), ("1:15", "1:11", "1")),
    ("a dotted key's table stands at its first key", "a.b = 1\na.c = 2", ("a",), ("1:1", "1:1", "a")),
    ("a number as a dotted key", "3.14 = 1", ("3", "14"), ("1:8", "1:3", "1")),
    ("an empty quoted key", '"" = 1', ("",), ("1:6", "1:1", "1")),
    ("an empty literal key", "'' = 1", ("",), ("1:6", "1:1", "1")),
    ("an empty key behind a dot", "a.'' = 1", ("a", ""), ("1:8", "1:3", "1")),
    ("a quoted key with a dot, an equals sign and a hash", '"a.b = # ]" = 1', ("a.b = # ]",), ("1:15", "1:1", "1")),
    ("a quoted key with escapes", '"\\u0061\\"\\t" = 1', ('a"\t',), ("1:16", "1:1", "1")),
    ("a literal key with a double quote", "'a\"b' = 1", ('a"b',), ("1:9", "1:1", "1")),
    ("a key that is a keyword", "true = false", ("true",), ("1:8", "1:1", "false")),
    ("a key of dashes", "-_- = 1", ("-_-",), ("1:7", "1:1", "1")),
    ("a table's header", "x = 1\n[a]\nb = 1", ("a",), ("2:1", "2:2", "[a]")),
    ("a header with spaces", "[ a . 'b c' ]\nd = 1", ("a", "b c"), ("1:1", "1:7", "[ a . 'b c' ]")),
    ("a table above, without a header of its own", "[a.b]\nc = 1", ("a",), ("1:2", "1:2", "a")),
    ("a table whose header comes later", "[a.b]\nc = 1\n[a]\nd = 2", ("a",), ("3:1", "1:2", "[a]")),
    ("a value in such a table", "[a.b]\nc = 1\n[a]\nd = 2", ("a", "d"), ("4:5", "4:1", "2")),
    ("an indented header with a comment", "\t[a] # [b]\n\tb = 1", ("a", "b"), ("2:6", "2:2", "1")),
    ("a quoted header with a bracket", '["a]"]\nb = 1', ("a]", "b"), ("2:5", "2:1", "1")),
    ("an array of tables stands at its first header", "[[a]]\n[[a]]\nb = 1", ("a",), ("1:1", "1:3", "[[a]]")),
    ("its second table at the second", "[[a]]\n[[a]]\nb = 1", ("a", 1), ("2:1", None, "[[a]]")),
    ("a value of the second table", "[[a]]\nb = 1\n[[a]]\nb = 2", ("a", 1, "b"), ("4:5", "4:1", "2")),
    ("a table below an array of tables", "[[a]]\n[a.b]\nc = 1\n[[a]]\n[a.b]\nc = 2", ("a", 1, "b"), ("5:1", "5:4", "[a.b]")),
    ("arrays of tables in one another", "[[a]]\n[[a.b]]\n[[a.b]]\nc = 1\n[[a]]\n[[a.b]]\nc = 2", ("a", 1, "b", 0, "c"), ("7:5", "7:1", "2")),
    ("the inner array of the first table", "[[a]]\n[[a.b]]\n[[a.b]]\nc = 1\n[[a]]\n[[a.b]]\nc = 2", ("a", 0, "b", 1, "c"), ("4:5", "4:1", "1")),
    ("an array of tables below a table", "[a]\n[[a.b]]\n[a.b.c]\nd = 1", ("a", "b", 0, "c", "d"), ("4:5", "4:1", "1")),
    ("a dotted key below a header", "[a]\nb.c = 1\nb.d = 2", ("a", "b", "d"), ("3:7", "3:3", "2")),
    ("tables in an array", "a = [\n  { b = 1 },\n  { b = 2 },\n]", ("a", 1, "b"), ("3:9", "3:5", "2")),
    ("a number with underscores", "a = 1_000 # x", ("a",), ("1:5", "1:1", "1_000")),
    ("a hexadecimal number", "a = 0xDEAD_beef", ("a",), ("1:5", "1:1", "0xDEAD_beef")),
    ("a float with an exponent", "a = [-1.5e+3 , 2]", ("a", 0), ("1:6", None, "-1.5e+3")),
    ("a date and time with a space", "a = 1979-05-27 07:32:00.5Z # x", ("a",), ("1:5", "1:1", "1979-05-27 07:32:00.5Z")),
    ("a date in an array", "a = [1979-05-27 , 07:32:00]", ("a", 1), ("1:19", None, "07:32:00")),
    ("infinity with a sign", "a = { b = -inf }", ("a", "b"), ("1:11", "1:7", "-inf")),
    ("a value at the very end", "a = 1\n[b]\nc = nan", ("b", "c"), ("3:5", "3:1", "nan")),
    ("the document", "a = 1", (), ("1:1", None, "")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "path", "expected"), [case[1:] for case in POSITIONS], ids=[case[0] for case in POSITIONS]
)
def test_keys_and_values_stand_where_they_were_written(
    text: str, path: tuple[str | int, ...], expected: tuple[str, str | None, str]
) -> None:
    assert spot(text, *path) == expected


@pytest.mark.parametrize(
    "written", [b"a = 1\r\n\r\nb = 2\r\n", b"\xef\xbb\xbfa = 1\n\nb = 2", b"\xef\xbb\xbfa = 1\r\n\r\nb = 2"]
)
def test_line_endings_and_a_byte_order_mark_move_nothing(tmp_path: Path, written: bytes) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(written)
    node, diagnostics = parse(Source.read(path))
    assert node is not None
    assert diagnostics == ()
    first, second = node.table["a"], node.table["b"]
    assert (first.span.line, first.span.column, second.span.line, second.span.column) == (1, 5, 3, 5)


def test_the_same_document_with_other_line_endings_is_the_same(tmp_path: Path) -> None:
    text = f"a = {DQ}\nx\\\n  y\n{DQ}\n[b] # c\nd = [\n1,\n]\n"
    (tmp_path / "a.toml").write_bytes(text.encode())
    unix, _ = parse(Source.read(tmp_path / "a.toml"))
    (tmp_path / "a.toml").write_bytes(text.replace("\n", "\r\n").encode())
    dos, _ = parse(Source.read(tmp_path / "a.toml"))
    assert unix == dos
    assert unix is not None
    assert unix.plain() == {"a": "xy\n", "b": {"d": [1]}}


@pytest.mark.parametrize(
    ("text", "kind", "plain"),
    [
        ("a = true", "a boolean", True),
        ("a = 'x'", "a string", "x"),
        ("a = 0o17", "an integer", 15),
        ("a = 1e3", "a number", 1000.0),
        ("a = 1979-05-27 07:32:00", "a date or time", dt.datetime(1979, 5, 27, 7, 32)),  # noqa: DTZ001
        ("a = 07:32:00", "a date or time", dt.time(7, 32)),
        ("a = [1, [2.0]]", "an array", [1, [2.0]]),
        ("a = { b.c = 1 }", "a table", {"b": {"c": 1}}),
    ],
)
def test_a_node_names_its_kind_and_gives_its_plain_value(text: str, kind: str, plain: object) -> None:
    node = at(text, "a")
    assert (node.kind, node.plain(), type(node.plain())) == (kind, plain, type(plain))


def test_members_and_elements_are_asked_for_by_kind() -> None:
    node = at("\na = 1", "a")
    with pytest.raises(TypeError, match=r"\Anot a table: /repo/a\.toml:2:5\Z"):
        _ = node.table
    with pytest.raises(TypeError, match=r"\Anot an array: /repo/a\.toml:2:5\Z"):
        _ = node.items
    with pytest.raises(TypeError, match=r"\Anot an array: /repo/a\.toml:1:1\Z"):
        _ = tree("a = 1").items


WITHIN: list[tuple[str, str, str, str, tuple[int, int]]] = [
    ("a plain string", 'a = "one two"', "two", "two", (1, 10)),
    ("a literal string", "a = 'one\\two'", "two", "two", (1, 10)),
    ("behind a tab escape", 'a = "x\\ty"', "y", "y", (1, 9)),
    ("an escape itself", 'a = "x\\ty"', "\t", "\\t", (1, 7)),
    ("behind a four-digit escape", 'a = "\\u00e9y"', "y", "y", (1, 12)),
    ("an eight-digit escape itself", 'a = "\\U0001F98By"', "🦋", "\\U0001F98B", (1, 6)),
    ("behind an escaped backslash", 'a = "\\\\n{{ y }}"', "{{ y }}", "{{ y }}", (1, 9)),
    ("behind an escaped quote", 'a = "\\"y"', "y", "y", (1, 8)),
    ("behind wide characters and marks", 'a = "蝶e\u0301y"', "y", "y", (1, 9)),
    ("the first line of a multi-line string", f"a = {DQ}one\ntwo{DQ}", "one", "one", (1, 8)),
    ("behind the trimmed newline", f"a = {DQ}\none\ntwo{DQ}", "one", "one", (2, 1)),
    ("the second line", f"a = {DQ}\none\n  two{DQ}", "two", "two", (3, 3)),
    ("behind a newline escape", f"a = {DQ}\none\\ntwo{DQ}", "two", "two", (2, 6)),
    ("behind a line continuation", f"a = {DQ}\\\n   one \\\n\n\t two{DQ}", "two", "two", (4, 3)),
    ("behind a continuation with spaces at its end", f"a = {DQ}one \\ \t\n two{DQ}", "two", "two", (2, 2)),
    ("behind two line continuations", f"a = {DQ}x\\\n\\\n  y{DQ}", "y", "y", (3, 3)),
    ("across a line continuation", f"a = {DQ}x\\\n  y{DQ}", "xy", "x\\\n  y", (1, 8)),
    ("a quote at the end", f'a = {DQ}x{DQ}"', '"', '"', (1, 9)),
    ("two quotes at the end", f'a = {DQ}x{DQ}""', '""', '""', (1, 9)),
    ("two quotes at the start", f'a = {DQ}""x{DQ}', '""', '""', (1, 8)),
    ("a literal's second line", f"a = {SQ}\none\\\n two{SQ}", "two", "two", (3, 2)),
    ("a literal's quotes at the end", f"a = {SQ}x{SQ}''", "''", "''", (1, 9)),
    ("everything of a string", f"a = {DQ}\nx\\u0061y{DQ}", "xay", "x\\u0061y", (2, 1)),
]


@pytest.mark.parametrize(
    ("text", "part", "raw", "position"), [case[1:] for case in WITHIN], ids=[case[0] for case in WITHIN]
)
def test_characters_of_a_value_are_found_in_the_string_as_written(
    text: str, part: str, raw: str, position: tuple[int, int]
) -> None:
    node = at(text, "a")
    start = node.plain().index(part)
    span = node.within(start, start + len(part))
    assert (span.text, (span.line, span.column)) == (raw, position)


def test_offsets_beyond_the_end_of_a_value_are_its_end() -> None:
    node = at('a = "xy"', "a")
    assert (node.within(2, 2).start, node.within(9, 12)) == (7, source('a = "xy"').span(7, 7))
    assert node.within(1, 0) == source('a = "xy"').span(6, 6)


@pytest.mark.parametrize("raw", ['""', "''", DQ * 2, SQ * 2, f"{DQ}\n{DQ}", f"{DQ}\\\n  {DQ}"])
def test_an_empty_string_has_one_offset_its_end(raw: str) -> None:
    assert tomllib.loads(f"a = {raw}") == {"a": ""}
    assert decoded_offsets(raw) == [len(raw) - (3 if len(raw) >= 6 else 1)]


def test_what_is_no_string_is_its_own_text() -> None:
    assert decoded_offsets("1_0") == [0, 1, 2, 3]
    node = at("a = 1_0", "a")
    assert node.within(1, 3).text == "_0"


HELPS = {
    "illegal character '\\n'": "a quote is missing at the end of the line; text of several lines has three quotes",
    "unescaped '\\' in a string": "put the text in single quotes, or write two backslashes; paths are written with `/`",
    "`[a]` stands here for the second time": "write everything of a table below one header",
    "unclosed array": "a comma is missing before this, or a `]` at the end",
}
SYNTAX: list[tuple[str, str, tuple[int, int], str]] = [
    ("a = ", "invalid value", (1, 5), ""),
    ("a = x", "invalid value", (1, 5), "x"),
    ("a = 'b", 'expected "\'"', (1, 7), ""),
    ('a = "b\nc = 1', "illegal character '\\n'", (1, 7), "\n"),
    ('x = 1\na = "\\q"', "unescaped '\\' in a string", (2, 8), '"'),
    ("x = 1\nx = 2", "a key stands here for the second time", (2, 1), "x"),
    ("[a]\n[a]", "`[a]` stands here for the second time", (2, 3), "]"),
    ("[a", "expected ']' at the end of a table declaration", (1, 3), ""),
    ("a = [1, 2", "unclosed array", (1, 10), ""),
    ("a = { b = 1", "unclosed inline table", (1, 12), ""),
    ("a", "expected '=' after a key in a key/value pair", (1, 2), ""),
    ("= 1", "invalid statement", (1, 1), "="),
    ("a = 1 b = 2", "expected newline or end of document after a statement", (1, 7), "b"),
    ("\n\nfoo bar", "expected '=' after a key in a key/value pair", (3, 5), "b"),
    ("a = 2021-02-30", "invalid date or datetime", (1, 5), "2"),
    ("🦋 = 1", "invalid statement", (1, 1), "🦋"),
    ('蝶 = "é" x', "invalid statement", (1, 1), "蝶"),
    ('a = "\\ud800"', "escaped character is not a Unicode scalar value", (1, 12), '"'),
    ("a = 1\r\r\nb = 2", "a carriage return stands without a newline", (1, 6), "\r"),
    ("# é\nb = 2\rc = 1", "a carriage return stands without a newline", (2, 6), "\r"),
    (f"a = {'9' * 5000}", "an integer has too many digits", (1, 5), "9"),
    (f"a = {'[' * 5000}{']' * 5000}", "values are nested too deeply", (1, 65), "["),
]


@pytest.mark.parametrize(("text", "what", "position", "shown"), SYNTAX, ids=[f"{case[1]} {case[2]}" for case in SYNTAX])
def test_a_syntax_error_says_what_and_where(text: str, what: str, position: tuple[int, int], shown: str) -> None:
    made = source(text.replace("\r\n", "\n"))
    node, diagnostics = parse(made)
    offset = made.line_starts[position[0] - 1] + position[1] - 1
    assert node is None
    assert diagnostics == (
        Diagnostic(
            code="P001",
            message=f"not valid TOML: {what}",
            span=made.span(offset, offset + len(shown)),
            help=HELPS.get(what, HELP),
        ),
    )
    assert diagnostics[0].place == f"/repo/a.toml:{position[0]}:{position[1]}"


# A tiny TOML writer: documents as (text, value), written in every spelling the format has.

BARE = st.from_regex(r"\A[A-Za-z0-9_-]{1,5}\Z")
CHARACTERS = st.one_of(
    st.sampled_from(list("\"'\\\n\t #[]{}=.,{%é蝶🦋\u0301\x00\x7f\u2028\x85")),
    st.characters(exclude_categories=["Cs"], exclude_characters="\r"),
)
WORDS = st.text(CHARACTERS, max_size=8)
SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", '"': '\\"', "\\": "\\\\"}


def controls(text: str, allowed: str) -> bool:
    return any((ord(char) < 32 or ord(char) == 127) and char not in allowed for char in text)


def escaped(draw: st.DrawFn, char: str) -> str:
    """Write one character for a string in double quotes."""
    kinds = [f"\\U{ord(char):08x}"]
    if ord(char) <= 0xFFFF:
        kinds.append(f"\\u{ord(char):04X}")
    if char in SHORT:
        kinds.append(SHORT[char])
    if char not in '"\\' and not controls(char, "\t"):
        kinds += [char, char]
    return draw(st.sampled_from(kinds))


@st.composite
def basic(draw: st.DrawFn, text: str) -> str:
    return '"' + "".join(escaped(draw, char) for char in text) + '"'


@st.composite
def multiline(draw: st.DrawFn, text: str) -> str:
    first = ["\n"] if text[:1] == "\n" else ["", "\n"]  # a newline here is trimmed, once
    if text[:1] not in {" ", "\t", "\n"}:
        first += ["\\\n  \n", "\n\\ \n"]
    written = [draw(st.sampled_from(first))]
    for i, char in enumerate(text):
        gap = "" if char in " \t\n" else draw(st.sampled_from(["", "", "", "\\\n", "\\ \n\t\n "]))
        raw = char == "\n" and (i > 0 or written == ["\n"]) and draw(st.booleans())
        written.append(gap + ("\n" if raw else escaped(draw, char)))
    body = "".join(written)
    if draw(st.booleans()):  # quotes stand as they are where no third one follows
        ends = draw(st.sampled_from(["", '"', '""'])) if text.endswith('""') else ""
        if ends and body.endswith('\\"' * len(ends)):
            body = body[: -2 * len(ends)] + ends
    return DQ + body + DQ


@st.composite
def strings(draw: st.DrawFn, text: str) -> str:
    """Write a string in one of the four kinds that can hold it."""
    kinds = [basic(text), multiline(text)]
    if "'" not in text and not controls(text, "\t"):
        kinds.append(st.just(f"'{text}'"))
    if SQ not in text and not controls(text, "\t\n"):
        kinds.append(st.just(f"{SQ}\n{text}{SQ}"))
    written = draw(st.one_of(kinds))
    assert tomllib.loads(f"a = {written}") == {"a": text}
    return written


@st.composite
def scalars(draw: st.DrawFn) -> str:
    written: str = draw(
        st.one_of(
            WORDS.flatmap(strings),
            st.integers(-(2**63), 2**63 - 1).map(str),
            st.integers(0, 2**31).flatmap(lambda n: st.sampled_from([f"{n:#x}", f"{n:#o}", f"{n:#b}", f"+{n:_}"])),
            st.floats(allow_nan=False, allow_infinity=False).map(repr),
            st.sampled_from(["inf", "-inf", "+nan", "true", "false", "1_0.0_1e-1_0", "1979-05-27", "07:32:00.999"]),
            st.sampled_from(["1979-05-27T07:32:00Z", "1979-05-27 07:32:00-07:00", "1979-05-27t07:32:00"]),
        )
    )
    return written


@st.composite
def keys(draw: st.DrawFn) -> str:
    kind = st.one_of(
        BARE,
        WORDS.filter(lambda word: "'" not in word and not controls(word, "\t")).map(lambda w: f"'{w}'"),
        WORDS.flatmap(basic),
    )
    parts = draw(st.lists(kind, min_size=1, max_size=draw(st.sampled_from([1, 1, 1, 3]))))
    return draw(st.sampled_from([".", " . ", "\t."])).join(parts)


BLANKS = st.sampled_from(["", " ", "\t", "\n", "\n\n  ", "# ] } \" ''' x\n", " #\n\t"])


@st.composite
def arrays(draw: st.DrawFn, items: st.SearchStrategy[str]) -> str:
    written = draw(st.lists(items, max_size=4))
    text = ",".join(f"{draw(BLANKS)}{item}{draw(BLANKS)}" for item in written)
    trailing = draw(st.sampled_from(["", ","])) if written else ""
    return f"[{text}{trailing}{draw(BLANKS)}]"


@st.composite
def inline_tables(draw: st.DrawFn, items: st.SearchStrategy[str]) -> str:
    space = draw(st.sampled_from(["", " ", "\t "]))
    pairs = draw(st.lists(st.tuples(keys(), items), max_size=3))
    return "{" + space + f"{space},{space}".join(f"{key}{space}={space}{item}" for key, item in pairs) + space + "}"


VALUES = st.recursive(scalars(), lambda items: st.one_of(arrays(items), inline_tables(items)), max_leaves=6)


@st.composite
def documents(draw: st.DrawFn) -> str:
    lines = []
    for _ in range(draw(st.integers(1, 8))):
        header = draw(st.sampled_from(["", "", "", "[{}]", "[[{}]]", "[ {} ]", "\t[[ {} ]]"]))
        line = header.format(draw(keys())) if header else f"{draw(keys())} = {draw(VALUES)}"
        lines.append(line + draw(st.sampled_from(["", " ", "\t# é ' \""])))
    return draw(st.sampled_from(["\n", "\n\n", "\n# [x]\n", "\n "])).join(lines)


def same(one: object, other: object) -> bool:
    """Compare plain values; unlike `==`, types count and nan is nan."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    return type(one) is type(other) and one == other


def has_header(node: Node) -> bool:
    """Say whether a node is no value but a table or an array of tables, standing at its header or key."""
    if isinstance(node.value, tuple):
        return bool(node.value) and isinstance(node.items[0].value, Mapping) and has_header(node.items[0])
    return isinstance(node.value, Mapping) and not node.span.text.startswith("{")


def check_node(node: Node, name: str | None) -> None:
    """Read what a node's spans cover as TOML again."""
    if node.key is not None and name is not None:
        assert tomllib.loads(f"{node.key.text} = 1") == {name: 1}
    text = node.span.text
    if not has_header(node):
        assert same(tomllib.loads(f"a = {text}")["a"], node.plain())
    if isinstance(node.value, str):
        offsets = decoded_offsets(text)
        assert len(offsets) == len(node.value) + 1
        assert offsets == sorted(offsets)
        for i, char in enumerate(node.value):
            raw = node.within(i, i + 1).text
            assert raw[0] == char or raw[0] == "\\"
    members: list[tuple[Any, Node]] = []
    if isinstance(node.value, Mapping):
        members = list(node.table.items())
    elif isinstance(node.value, tuple):
        members = [(None, item) for item in node.items]
    for key, item in members:
        check_node(item, key)


@given(documents())
@example("[[a]]\n[[a.b]]\n[a.b.c]\nd.e = [{ f = 1 }]\n[[a.b]]\n[[a]]")
@example(f'a = {DQ}""x\\"{DQ}""\nb = {SQ}\'\'x{SQ}\'')
def test_every_document_reads_as_tomllib_reads_it_and_every_span_covers_its_value(text: str) -> None:
    node, diagnostics = parse(source(text))
    try:
        expected = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assert node is None
        assert [diagnostic.code for diagnostic in diagnostics] == ["P001"]
        return
    assert diagnostics == ()
    assert node is not None
    assert same(node.plain(), expected)
    check_node(node, None)


@settings(max_examples=500)
@given(st.one_of(st.text(st.sampled_from(list("ab=.,[]{}\"'\\\n\r\t #10-:TZu")), max_size=30), st.text(max_size=20)))
def test_any_text_is_a_document_or_one_diagnostic_that_points_into_it(text: str) -> None:
    made = source(text)
    node, diagnostics = parse(made)
    if node is not None:
        assert diagnostics == ()
        assert same(node.plain(), tomllib.loads(text))
        check_node(node, None)
    else:
        (diagnostic,) = diagnostics
        assert diagnostic.span is not None
        assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text)
