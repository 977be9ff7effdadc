"""Two texts word by word."""

from hypothesis import example, given
from hypothesis import strategies as st

from promptc.review.words import seen, tokens, words

TEXT = st.text(alphabet="ab .,\n\t-éя中の\u0301\u200d\U0001f98b\u00a0", max_size=24)


def told(old: str, new: str) -> list[str]:
    return [f"{word.mark}{word.text}" for word in words(old, new)]


def shown(old: str, new: str) -> list[str]:
    return [f"{word.mark}{word.text}" for word in seen(words(old, new)) if word.mark != " "]


def test_a_word_is_changed_as_a_whole() -> None:
    assert told("on textured parchment.", "on textured vellum.") == [" on textured ", "-parchment", "+vellum", " ."]


def test_words_side_by_side_are_changed_together_with_the_space_between_them() -> None:
    assert told("a Monarch butterfly here", "a Luna moth here") == [" a ", "-Monarch butterfly", "+Luna moth", "  here"]


def test_text_without_spaces_is_compared_sign_by_sign() -> None:
    assert told("青い蝶を描いて", "赤い蝶を描いて") == ["-青", "+赤", " い蝶を描いて"]


def test_a_name_with_hyphens_and_dots_is_one_word() -> None:
    assert tokens("gemini-3.1-flash and wing.png. It's -x-") == [
        *("gemini-3.1-flash", " ", "and", " ", "wing.png", ".", " ", "It's", " ", "-", "x", "-")
    ]


def test_an_accent_and_a_joined_sign_belong_to_what_they_stand_on() -> None:
    assert tokens("e\u0301a \U0001f468\u200d\U0001f33e!") == ["e\u0301a", " ", "\U0001f468\u200d\U0001f33e", "!"]


def test_spaces_that_changed_are_seen() -> None:
    assert shown("a b", "a  b") == ["-·", "+··"]
    assert shown("a b", "a\u00a0b") == ["-·", "+\\u00a0"]
    assert shown("a b", "a\nb") == ["-·", "+\\n"]


def test_letters_that_look_alike_are_told_by_their_code_points() -> None:
    assert shown("a Monarch", "a Mоnarch") == ["-Monarch", "+M\\u043enarch"]  # noqa: RUF001 - it is meant
    assert shown("caf\u00e9", "cafe\u0301") == ["-caf\\u00e9", "+cafe\\u0301"]
    assert shown("moth", "mo\u200bth") == ["-moth", "+mo\\u200bth"]


def test_a_letter_that_pretends_to_be_another_is_shown_wherever_it_is_put_in() -> None:
    assert shown("a moth", "a bеetle, синий") == ["-moth", "+b\\u0435etle, синий"]  # noqa: RUF001 - it is meant


def test_what_differs_to_the_eye_stays_as_it_is() -> None:
    assert shown("синий", "белый") == ["-синий", "+белый"]


@given(TEXT, TEXT)
@example("a b", "b a")
@example(" x ", "x x")
def test_both_texts_are_in_their_words(old: str, new: str) -> None:
    found = words(old, new)

    assert "".join(word.text for word in found if word.mark != "+") == old
    assert "".join(word.text for word in found if word.mark != "-") == new
    assert all(word.text for word in found)


@given(TEXT, TEXT)
def test_the_other_way_round_what_was_put_in_was_taken_out(old: str, new: str) -> None:
    turned = {"-": "+", "+": "-", " ": " "}

    assert sorted(told(new, old)) == sorted(f"{turned[word.mark]}{word.text}" for word in words(old, new))


def test_a_text_of_a_book_is_compared_in_time() -> None:
    old = " ".join(f"word{n}" for n in range(20_000))
    new = " ".join(f"word{n}" for n in range(20_000, 0, -1))

    assert [word.mark for word in words(old, new)] == ["-", "+"]
