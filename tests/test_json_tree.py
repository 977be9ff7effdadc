"""JSON with positions: the values are JSON's own, the spans are where they stand."""

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptc.json_tree import parse
from promptc.source import Source
from promptc.toml_tree import Node

WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
ANYTHING = st.recursive(
    st.none() | st.booleans() | WHOLE | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def source(text: str) -> Source:
    return Source(path=Path.cwd() / "body.json", text=text)


def tree(text: str, **where: Any) -> Node:
    node, found = parse(source(text), **where)
    assert node is not None, found
    assert not found
    return node


def nodes(node: Node) -> Iterator[Node]:
    yield node
    members = node.table.values() if isinstance(node.value, Mapping) else ()
    for inner in (*members, *(node.items if isinstance(node.value, tuple) else ())):
        yield from nodes(inner)


@given(ANYTHING, st.sampled_from([None, 0, 3]), st.booleans())
def test_the_values_are_those_that_were_written(value: object, indent: int | None, ascii_only: bool) -> None:  # noqa: FBT001 - hypothesis draws it
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)

    assert tree(text).plain() == value
    assert tree(f"\n {text}\t\n").plain() == value


@given(ANYTHING)
def test_a_span_holds_its_value_and_nothing_else(value: object) -> None:
    text = json.dumps(value, indent=1)

    for node in nodes(tree(text)):
        assert json.loads(node.span.text) == node.plain()
        assert node.span.text.strip() == node.span.text
        if isinstance(node.value, Mapping):
            assert all(inner.key and json.loads(inner.key.text) == name for name, inner in node.table.items())


@given(st.text(max_size=30) | st.text('{}[],:"\\u0123eE+-.dtfn \n', max_size=30))
def test_what_python_refuses_is_refused_and_nothing_raises(text: str) -> None:
    node, found = parse(source(text))
    try:
        known = json.loads(text, parse_constant=pytest.fail)
    except (ValueError, RecursionError, pytest.fail.Exception):
        assert node is None
        assert [d.code for d in found] == ["P009"]
    else:
        assert node is not None
        assert found or node.plain() == known


@pytest.mark.parametrize(
    ("text", "place", "message", "expected", "hint"),
    [
        ("", "1:1", "the file is empty", "a JSON value", None),
        (" \n", "2:1", "the file is empty", "a JSON value", None),
        ('{\n  "a": 1\n', "2:8", "the file ends too early", "`,` or `}`", None),
        ('{"a":', "1:5", "the file ends too early", "a value", None),
        ('{"a" 1}', "1:6", "`1` can't stand here", "`:`", None),
        ('{"a": 1 "b": 2}', "1:9", "`\"` can't stand here", "`,` or `}`", None),
        ('{"a": 1,}', "1:9", "a comma stands before the `}`", "a key", "remove the comma"),
        ("[1, ]", "1:5", "a comma stands before the `]`", "a value", "remove the comma"),
        ("{a: 1}", "1:2", "a key stands without double quotes", 'a key in double quotes, as in `"contents"`', None),
        ("['a']", "1:2", "`'` is no quote in JSON", "a value", "write strings in double quotes"),
        ('{"a": 1 // one\n}', "1:9", "JSON has no comments", "`,` or `}`", "remove the comment"),
        ('"abc', "1:1", "the string never ends", 'a closing `"`', None),
        (
            '"a\nb"',
            "1:3",
            "the string holds a line break or another control character",
            "`\\n` in its place",
            None,
        ),
        ('"\\u12"', "1:3", "the escape is cut short", "four hexadecimal digits", None),
        ("[NaN]", "1:2", "JSON has no infinity and no NaN", "a finite number", None),
        ("-Infinity", "1:1", "JSON has no infinity and no NaN", "a finite number", None),
        ("True", "1:1", "`True` is no value", "a value", "write `true`"),
        ("word", "1:1", "`word` is no value", "a value", "strings stand in double quotes"),
        ("[01]", "1:2", "this is no number", "digits as in `42`, `-1` or `0.5`", None),
        (
            "{} {}",
            "1:4",
            "something stands behind the value",
            "the end of the file",
            "a file holds one body: split lines of JSON first",
        ),
        ("[" * 102, "1:102", "values are nested too deeply", "at most 100 levels", None),
    ],
)
def test_what_is_no_json_is_said_at_its_place(
    text: str, place: str, message: str, expected: str, hint: str | None
) -> None:
    node, (found,) = parse(source(text))

    assert node is None
    assert (found.code, found.place) == ("P009", f"body.json:{place}")
    assert (found.message, found.expected, found.help) == (f"not valid JSON: {message}", expected, hint)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("9007199254740992", "an integer beyond 2^53 loses digits in JSON"),
        ("-" + "9" * 5000, "an integer beyond 2^53 loses digits in JSON"),
        ("1e999", "the number is beyond what JSON's readers hold"),
        ('"\\ud83d"', "the text holds half of a surrogate pair, which is no character"),
    ],
)
def test_values_that_readers_disagree_about_are_named(text: str, message: str) -> None:
    node, (found,) = parse(source(f"[{text}, 1]"))

    assert node is not None
    assert (found.code, found.message, found.span and found.span.text) == ("P105", message, text)


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert tree('"\\ud83d\\ude00"').plain() == "\U0001f600"


def test_a_key_that_stands_twice_is_shown_at_its_second_place() -> None:
    node, found = parse(source('{"a": 1,\n "a": 2, "\\u0061": 3}'))

    assert node is not None
    assert node.plain() == {"a": 1}
    assert [(d.code, d.message, d.place) for d in found] == [
        ("P406", "`a` is written twice in one object", "body.json:2:2"),
        ("P406", "`a` is written twice in one object", "body.json:2:10"),
    ]
    assert found[0].related[0].span.place == "body.json:1:2"


def test_a_byte_order_mark_is_no_part_of_the_body(tmp_path: Path) -> None:
    path = tmp_path / "body.json"
    path.write_bytes(b"\xef\xbb\xbf{}\r\n")

    assert parse(Source.read(path))[0] is not None


def test_a_merge_conflict_is_named_as_one() -> None:
    node, (found,) = parse(source('{\n<<<<<<< ours\n"a": 1\n=======\n"a": 2\n>>>>>>> theirs\n}'))

    assert node is None
    assert (found.code, found.place) == ("P009", "body.json:2:1")
    assert found.message == "the file holds the marks of a merge conflict"


def test_an_event_may_go_on_in_its_next_data_line() -> None:
    text = 'data: {"a":\nid: 7\n: a comment\ndata: [1,\ndata: 2]}\n\nrest'

    node = tree(text, start=5, end=text.index("\n\n"), event=True)

    assert node.plain() == {"a": [1, 2]}
    assert node.table["a"].items[1].span.place == "body.json:5:7"


def test_a_string_that_an_event_breaks_off_is_shown_where_it_starts() -> None:
    text = 'data: {"a": "b\n\n'

    _, (found,) = parse(source(text), start=5, end=14, event=True)

    assert found.message == "not valid JSON: the line ends inside the string"
    assert found.place == "body.json:1:13"


def test_twenty_megabytes_of_base64_take_no_time() -> None:
    text = json.dumps(
        {"contents": [{"parts": [{"inlineData": {"mimeType": "image/png", "data": "QUJD" * 5_000_000}}]}]}
    )
    data = text.encode()

    started = time.perf_counter()
    node, found = parse(Source.of_bytes(Path("<stdin>"), data))
    taken = time.perf_counter() - started

    assert node is not None
    assert not found
    assert taken < 1  # 0.06 s on an idle machine
