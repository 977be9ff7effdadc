from promptc.emulator.lettering import fit, plain

WORDS = "A Monarch butterfly anatomical sketch on textured parchment"


def test_a_short_text_takes_the_largest_letters() -> None:
    block = fit("Moth", 400, 300, largest=40, smallest=10)

    assert block.lines == ("Moth",)
    assert block.leading == 52


def test_a_longer_text_is_broken_between_words_and_loses_none() -> None:
    block = fit(WORDS, 400, 300, largest=40, smallest=10)

    assert " ".join(block.lines) == WORDS
    assert len(block.lines) > 1
    assert block.width <= 400
    assert block.height <= 300


def test_letters_shrink_before_a_word_is_broken() -> None:
    block = fit("anatomical", 60, 300, largest=40, smallest=8)

    assert block.lines == ("anatomical",)


def test_a_text_that_cannot_fit_is_cut_with_an_ellipsis() -> None:
    block = fit(WORDS * 50, 200, 60, largest=40, smallest=10)

    assert block.height <= 60
    assert block.lines[-1].endswith("…")
    assert block.width <= 200


def test_a_word_wider_than_the_box_is_broken_in_the_end() -> None:
    block = fit("x" * 100, 100, 1000, largest=20, smallest=10)

    assert "".join(block.lines) == "x" * 100
    assert block.width <= 100


def test_no_text_is_no_line() -> None:
    block = fit("  ", 100, 100, largest=20, smallest=10)

    assert (block.lines, block.width, block.height) == ((), 0, 0)


def test_letters_that_the_font_lacks_become_plain_ones() -> None:
    assert plain("Käfer \u2013 “größer” …") == 'Kafer - "grosser" ...'
    assert plain("蝶") == "蝶"
