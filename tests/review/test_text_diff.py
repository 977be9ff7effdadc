"""Two texts line by line."""

from promptc.review.text_diff import text_diff


def told(old: str, new: str, **options: int | None) -> list[str]:
    return [f"{line.mark}{line.text}" for line in text_diff(old, new, **options)]


def test_equal_texts_differ_in_nothing() -> None:
    assert told("a\nb", "a\nb") == ["…2 equal lines"]


def test_a_line_stands_with_its_neighbours_and_what_is_left_out_is_counted() -> None:
    old = "\n".join("abcdefgh")

    assert told(old, old.replace("d", "D")) == ["…2 equal lines", " c", "-d", "+D", " e", "…3 equal lines"]


def test_without_a_context_every_line_is_there() -> None:
    assert told("a\nb\nc\nd", "a\nb\nc\nD", context=None) == [" a", " b", " c", "-d", "+D"]


def test_a_long_line_is_cut_around_what_differs() -> None:
    old = "word " * 100 + "parchment" + " word" * 100

    assert told(old, old.replace("parchment", "vellum"), width=50) == [
        "-…word word word word parchment word word word word …",
        "+…word word word word vellum word word word word wor…",
    ]


def test_lines_are_those_of_line_feeds_alone() -> None:
    assert told("a\u2028b\x0bc", "a\u2028b\x0bd") == ["-a\u2028b\x0bc", "+a\u2028b\x0bd"]


def test_from_no_text_to_some_every_line_is_new() -> None:
    assert told("", "a\nb") == ["+a", "+b"]


def test_texts_of_more_lines_than_are_compared_say_so() -> None:
    old = "same\n" * 5000

    assert told(old, f"{old}more") == ["…2,000 equal lines", "…3,001 more lines are not compared"]
