"""Words that were taken out and put in, in lines: painted on a terminal, in brackets elsewhere."""

from collections.abc import Iterable, Iterator

from promptc.report.style import Style, line
from promptc.review.difference import Word
from promptc.review.words import seen
from promptc.wording import plural

_AROUND = 60
"""The characters that stand before and after what has changed, and as many of a change that is long."""
_BEFORE = 100
"""The characters that stand before the first change: they say what it is about."""
_LONGEST = 240
_MOST = 8
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
        return line(_cut(text, first=place == 0, last=place == count - 1))
    text = _shortened(word.text, _LONGEST - _AROUND, _AROUND) if len(word.text) > _LONGEST else word.text
    before, after, colour = _MARKS[word.mark]
    return style.paint(line(text), colour) if style.colour else f"{before}{line(text)}{after}"


def _cut(text: str, *, first: bool, last: bool) -> str:
    """Shorten what stayed: all but its end before a change, all but its beginning after one."""
    head = 0 if first else _AROUND
    tail = 0 if last else _BEFORE if first else _AROUND
    return text if len(text) <= head + tail + 1 else _shortened(text, head, tail)


def _shortened(text: str, head: int, tail: int) -> str:
    """Return the beginning and the end of a text, in whole words: of a key, no half is shown."""
    start, end = text[:head], text[len(text) - tail :]
    if not text[head : head + 1].isspace():
        start = start[: _last_space(start) + 1]
    if not text[: len(text) - tail][-1:].isspace():
        end = end[len(end) - 1 - _last_space(end[::-1]) :]
    return f"{start.rstrip()}{' ' if start else ''}…{' ' if end else ''}{end.lstrip()}"


def _last_space(text: str) -> int:
    return max((i for i, char in enumerate(text) if char.isspace()), default=-1)
