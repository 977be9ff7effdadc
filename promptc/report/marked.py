"""Words that were taken out and put in, in lines: painted on a terminal, in brackets elsewhere."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from promptc.report.style import Style, line
from promptc.review.difference import Word
from promptc.review.words import seen, tokens
from promptc.wording import plural

_AROUND = 60
"""The characters that stand before and after what has changed, and as many of a change that is long."""
_BEFORE = 100
"""The characters that stand before the first change: they say what it is about."""
_LONGEST = 240
_MOST = 8
_SURE = 200
"""So many characters behind a cut tell whether it would go through a key."""
_MARKS = {"-": ("[-", "-]", "red"), "+": ("{+", "+}", "green")}


def marked(words: Iterable[Word], style: Style, *, most: int = _MOST) -> list[str]:
    """Return the lines in which something has changed, shortened where nothing has."""
    lines = [row for row in _lines(seen(words)) if any(word.mark != " " for word in row)]
    shown = ["".join(_piece(word, i, len(row), style) for i, word in enumerate(row)) for row in lines[:most]]
    left = len(lines) - most
    return [*shown, f"… and {plural(left, 'more line')}"] if left > 0 else shown


def _lines(words: Iterable[Word]) -> Iterator[list[Word]]:
    """Yield the words line by line; one that holds line ends stands in several."""
    row: list[Word] = []
    for word in words:
        first, *others = word.text.split("\n")
        row += [Word(mark=word.mark, text=first)] if first else []
        for text in others:
            yield row
            row = [Word(mark=word.mark, text=text)] if text else []
    yield row


def _piece(word: Word, place: int, count: int, style: Style) -> str:
    if word.mark == " ":
        text = word.text if place else word.text.lstrip()
        return line(stayed(text, first=place == 0, last=place == count - 1, around=_AROUND, before=_BEFORE))
    text = _shortened(word.text, _LONGEST - _AROUND, _AROUND) if len(word.text) > _LONGEST else word.text
    before, after, colour = _MARKS[word.mark]
    return style.paint(line(text), colour) if style.colour else f"{before}{line(text)}{after}"


def stayed(text: str, *, first: bool, last: bool, around: int, before: int | None = None) -> str:
    """Shorten what stayed: all but its end before a change, all but its beginning after one.

    `around` are the characters that stand on each side of a change, `before` those before the first one.
    """
    head = 0 if first else around
    tail = 0 if last else (before or around) if first else around
    return text if len(text) <= head + tail + 1 else _shortened(text, head, tail)


def _shortened(text: str, head: int, tail: int) -> str:
    """Return the beginning and the end of a text, in whole words: of a key, no half is shown."""
    start = _whole(tokens(text[: head + _SURE]), head)
    end = _whole(tokens(text[-tail - _SURE :])[::-1], tail)[::-1]
    before, after = "".join(start).rstrip(), "".join(end).lstrip()
    return f"{before}{' ' if before else ''}…{' ' if after else ''}{after}"


def _whole(words: Sequence[str], most: int) -> Sequence[str]:
    """Return the first words that have so many characters together, at most."""
    ends = accumulate(map(len, words))
    return words[: sum(end <= most for end in ends)]
