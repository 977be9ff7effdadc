"""Sources and spans: what positions mean, and what reading does to line endings."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptc.source import Source, Span, conflict, relative_to_root, shown

TEXT = st.text(alphabet=st.sampled_from(list("ab \t\né🦋\u0301")), max_size=40)


def source(text: str) -> Source:
    return Source(path=Path("/repo/specs/a.toml"), text=text)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (b"a = 1\nb = 2\n", "a = 1\nb = 2\n"),
        (b"a = 1\r\nb = 2\r\n", "a = 1\nb = 2\n"),
        (b"\xef\xbb\xbfa = 1\n", "a = 1\n"),
        (b"\xef\xbb\xbf\r\n", "\n"),
        (b"", ""),
        ("é = '🦋'".encode(), "é = '🦋'"),
        (b"a\rb", "a\rb"),
    ],
)
def test_reading_drops_the_byte_order_mark_and_carriage_returns(tmp_path: Path, written: bytes, text: str) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(written)
    assert Source.read(path) == Source(path=path, text=text)


def test_reading_refuses_what_is_no_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"a = '\xe9'")
    with pytest.raises(UnicodeDecodeError):
        Source.read(path)
    with pytest.raises(FileNotFoundError):
        Source.read(tmp_path / "b.toml")


@pytest.mark.parametrize(
    ("offset", "position"),
    [(0, (1, 1)), (1, (1, 2)), (2, (1, 3)), (3, (2, 1)), (4, (3, 1)), (5, (3, 2)), (6, (3, 3)), (7, (4, 1))],
)
def test_positions_count_lines_and_characters_from_one(offset: int, position: tuple[int, int]) -> None:
    assert source("ab\n\n🦋é\n").position(offset) == position


def test_lines_come_without_their_endings_and_the_last_one_may_be_empty() -> None:
    text = source("ab\n\ncd\n")
    assert [text.line(number) for number in (1, 2, 3, 4)] == ["ab", "", "cd", ""]
    assert source("").line(1) == ""
    assert source("ab").line(1) == "ab"


def test_a_span_knows_where_it_starts_and_ends() -> None:
    span = source("ab\ncdé\nf").span(1, 6)
    assert (span.text, span.line, span.column, span.end_line, span.end_column) == ("b\ncdé", 1, 2, 2, 4)
    assert span.place == "/repo/specs/a.toml:1:2"
    assert span == Span(source=source("ab\ncdé\nf"), start=1, end=6)


def test_paths_are_shown_relative_to_the_working_directory_and_only_below_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    inside = Source(path=tmp_path / "specs" / "a.toml", text="a")
    assert inside.name == "specs/a.toml"
    assert inside.span(0, 1).place == "specs/a.toml:1:1"
    assert shown(tmp_path) == "."
    assert shown(tmp_path.parent / "b.toml") == (tmp_path.parent / "b.toml").as_posix()
    assert shown(Path("b.toml")) == "b.toml"


def test_paths_in_files_are_relative_to_the_root_with_forward_slashes() -> None:
    root = Path("/repo")
    assert relative_to_root(Path("/repo/images/wing.png"), root) == "images/wing.png"
    assert relative_to_root(Path("/repo"), root) == "."
    assert relative_to_root(Path("/other/wing.png"), root) == "../other/wing.png"


@given(TEXT)
def test_every_offset_has_the_position_that_counting_newlines_gives(text: str) -> None:
    made = source(text)
    for offset in range(len(text) + 1):
        before = text[:offset]
        assert made.position(offset) == (before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)


@given(TEXT)
def test_the_lines_joined_are_the_text(text: str) -> None:
    made = source(text)
    assert "\n".join(made.line(number) for number in range(1, len(made.line_starts) + 1)) == text


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("<<<<<<< HEAD\na\n=======\nb\n>>>>>>> b\n", 0),
        ("a\n<<<<<<< HEAD\n=======\n", 2),
        ("=======\n<<<<<<< HEAD\n", None),
        ("<<<<<<< HEAD\na\n======= b\n", None),
        ("<<<<<<<HEAD\n=======\n", None),
        (" <<<<<<< HEAD\n=======\n", None),
        ("", None),
        ("<<<<<<< a\n" * 20_000, None),
        ("<<<<<<< a\n" * 20_000 + "=======\n", 0),
    ],
)
def test_a_merge_conflict_has_its_marks_in_their_order(text: str, start: int | None) -> None:
    found = conflict(text)
    assert (found and found.start()) == start
