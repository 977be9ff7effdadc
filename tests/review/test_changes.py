"""Changes between two requests: what, where, and which words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptc.review.changes import Change, changes

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [Change(pointer="/a", old="1", new="2")]),
        ({}, {"a": [1]}, [Change(pointer="/a", old=None, new="[1]")]),
        ({"a": {"b": True}}, {}, [Change(pointer="/a", old='{"b": true}', new=None)]),
        ([1, 2], [1], [Change(pointer="/1", old="2", new=None)]),
        ([1], [1, 3], [Change(pointer="/1", old=None, new="3")]),
        ({"a/b": "x"}, {"a/b": 1}, [Change(pointer="/a~1b", old='"x"', new="1")]),
        (
            {"t": "one two three"},
            {"t": "one too three"},
            [Change(pointer="/t", old='"one two three"', new='"one too three"', core=(5, 6), region=(4, 3, 6))],
        ),
        (
            {"t": "a b"},
            {"t": "a b c"},
            [Change(pointer="/t", old='"a b"', new='"a b c"', core=(3, 5), region=(2, 3, 0))],
        ),
    ],
)
def test_a_change_is_a_leaf_that_differs(
    old: dict[str, object], new: dict[str, object], expected: list[Change]
) -> None:
    assert list(changes(old, new)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (Change(pointer="/a/0", old="1", new="2"), "a.0: 1 → 2"),
        (Change(pointer="/a", old=None, new="2"), "a: 2 was added"),
        (Change(pointer="/a", old="1", new=None), "a: 1 was removed"),
        (Change(pointer="", old="1", new="2"), "request: 1 → 2"),
    ],
)
def test_a_change_is_told_in_a_line(change: Change, sentence: str) -> None:
    assert change.sentence == sentence


def test_long_texts_are_cut_to_where_they_differ() -> None:
    old = "word " * 100 + "old" + " word" * 100

    (change,) = changes(old, old.replace("old", "new"))

    assert change.old == '"…word word word word old word word word word…"'
    assert change.new == '"…word word word word new word word word word…"'
    assert change.region == (500, 3, 500)


@given(JSON)
def test_equal_values_have_no_changes(value: object) -> None:
    assert not list(changes(value, value))  # type: ignore[arg-type]


@given(JSON, JSON)
def test_different_values_have_changes_and_regions_lie_in_the_text(old: object, new: object) -> None:
    found = list(changes(old, new))  # type: ignore[arg-type]

    assert bool(found) == (old != new)
    assert all(change.region is None or min(change.region) >= 0 for change in found)


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_region_holds_everything_that_differs(old: str, new: str) -> None:
    for change in changes(old, new):
        assert change.region
        before, length, after = change.region
        assert before + length + after == len(new)
        assert old.startswith(new[:before])
        assert old.endswith(new[len(new) - after :] if after else "")
