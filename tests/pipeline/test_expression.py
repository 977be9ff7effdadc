"""`-k`: what its expressions mean, and what is said of those that can't be read."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptc.errors import UsageError
from promptc.pipeline.expression import parse_expression

WORDS = ("a", "b", "c")
GAP = st.sampled_from([" ", "  ", "\n"])
EXPRESSIONS = st.recursive(
    st.sampled_from(WORDS),
    lambda inner: (
        st.builds("({}{}{})".format, st.sampled_from(["", " "]), inner, st.sampled_from(["", " "]))
        | st.builds("not{}{}".format, GAP, inner)
        | st.builds("{} {}{}{}".format, inner, st.sampled_from(["and", "or"]), GAP, inner)
    ),
    max_leaves=12,
)
TOKENS = st.lists(st.sampled_from(["a", "b", "and", "or", "not", "(", ")", "&", "*", "", "\x00", "日"]), max_size=12)


@given(EXPRESSIONS, st.fixed_dictionaries({word: st.booleans() for word in WORDS}))
def test_it_agrees_with_python(text: str, says: dict[str, bool]) -> None:
    meant = eval(f"({text})", {}, dict(says))

    assert parse_expression(text).holds(lambda word: says[word]) is meant


@given(st.text() | TOKENS.map(" ".join) | TOKENS.map("".join))
def test_whatever_is_given_is_read_or_refused_in_a_message_of_its_own(text: str) -> None:
    try:
        expression = parse_expression(text)
    except UsageError as refused:
        message = str(refused)
    else:
        message = "-k " + " ".join(expression.words)
        assert isinstance(expression.holds(lambda _: True), bool)

    assert re.match("-k [^ ]", message)
    assert all(line.isprintable() for line in message.split("\n"))


@pytest.mark.parametrize("text", ["(" * 100_000 + "a" + ")" * 100_000, "not " * 100_001 + "a", "a or " * 50_000 + "a"])
def test_nothing_nests_too_deep(text: str) -> None:
    assert parse_expression(text).holds(lambda _: True) is not text.startswith("not")


def test_words_are_what_names_and_tags_and_globs_are_made_of() -> None:
    expression = parse_expression("moths/luna::green-1K and (v1.2+x or l*[ab]? or v1.2+x) and not NOT")

    assert expression.words == ("moths/luna::green-1K", "v1.2+x", "l*[ab]?", "NOT")


@pytest.mark.parametrize(
    ("text", "message", "caret"),
    [
        ("luna and", "expected a word, `not` or `(`, got the end", "        ^"),
        ("not", "expected a word, `not` or `(`, got the end", "   ^"),
        ("and luna", "expected a word, `not` or `(`, got `and`", "^^^"),
        ("luna or or atlas", "expected a word, `not` or `(`, got `or`", "        ^^"),
        ("()", "expected a word, `not` or `(`, got `)`", " ^"),
        ("luna atlas", "expected `and`, `or` or the end, got `atlas`", "     ^^^^^"),
        ("luna AND atlas", "expected `and`, `or` or the end, got `AND`; did you mean `and`?", "     ^^^"),
        ("luna adn atlas", "expected `and`, `or` or the end, got `adn`; did you mean `and`?", "     ^^^"),
        ("luna (atlas)", "expected `and`, `or` or the end, got `(`", "     ^"),
        ("luna not atlas", "expected `and`, `or` or the end, got `not`", "     ^^^"),
        ("(luna or (atlas)", "`(` is never closed", "^"),
        ("luna)", "`)` closes no `(`", "    ^"),
        ("luna && atlas", "`&` means nothing here; write `and`", "     ^"),
        ("luna, atlas", "`,` means nothing here; write `or`", "    ^"),
        ("!slow", "`!` means nothing here; write `not`", "^"),
        ("'slow'", "`'` means nothing here; words are joined by `and`, `or`, `not` and parentheses", "^"),
        ("日本 or )", "expected a word, `not` or `(`, got `)`", "        ^"),
    ],
)
def test_a_mistake_is_shown_with_its_place(text: str, message: str, caret: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_expression(text)

    assert str(caught.value) == f"-k can't be read: {message}\n  {text}\n  {caret}"


def test_what_can_not_be_printed_is_replaced() -> None:
    with pytest.raises(UsageError) as caught:
        parse_expression("luna\nand\x1b[2J")

    assert str(caught.value) == (
        "-k can't be read: `�` means nothing here; words are joined by `and`, `or`, `not` and parentheses\n"
        "  luna and�[2J\n"
        "          ^"
    )


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_empty_expression_is_refused(text: str) -> None:
    with pytest.raises(
        UsageError, match=r"\A-k is empty: give it words, joined by `and`, `or`, `not` and parentheses\Z"
    ):
        parse_expression(text)
