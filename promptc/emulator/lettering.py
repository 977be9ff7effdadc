"""Words on a picture: broken into lines, in the largest letters that fit."""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from math import ceil

from PIL import ImageFont

_LEADING = 1.3
_SHRINK = 0.88
# Dashes, quotes, and letters that Unicode does not take apart.
_PLAIN = str.maketrans(
    {"\u2013": "-", "\u2014": "-", "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'}
    | {"ß": "ss", "æ": "ae", "ø": "o"}
)
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Lines of text that fit into a box: `leading` is the height of a line."""

    lines: tuple[str, ...]
    font: Font
    leading: int

    @property
    def height(self) -> int:
        """The height of all lines."""
        return self.leading * len(self.lines)

    @property
    def width(self) -> int:
        """The width of the widest line."""
        return max((round(self.font.getlength(line)) for line in self.lines), default=0)


def fit(text: str, width: int, height: int, *, largest: float, smallest: float) -> Block:
    """Set a text into a box, cut with an ellipsis where even the smallest letters are too large."""
    words = text.split()
    size = largest
    while True:
        font = ImageFont.load_default(size=size)
        leading = max(1, round(size * _LEADING))
        room = max(1, height // leading)
        widths = {word: font.getlength(word) for word in words}
        last_try = size <= smallest
        if last_try or max(widths.values(), default=0) <= width:
            lines = tuple(islice(_lines(words, widths, font, width), room + 1))
            if last_try or len(lines) <= room:
                break
        size = max(smallest, size * _SHRINK)
    if len(lines) > room:
        lines = (*lines[: room - 1], _cut(lines[room - 1], font, width))
    return Block(lines=lines, font=font, leading=leading)


def plain(text: str) -> str:
    """Return a text in the letters that Pillow's own font has: no accents, simple quotes and dashes."""
    letters = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _lines(words: Iterable[str], widths: Mapping[str, float], font: Font, width: int) -> Iterator[str]:
    space = font.getlength(" ")
    line: list[str] = []
    used = 0.0
    for word in words:
        for piece in [word] if widths[word] <= width else _pieces(word, font, width):
            wide = widths[word] if piece == word else font.getlength(piece)
            if line and used + space + wide > width:
                yield " ".join(line)
                line, used = [], 0.0
            used += wide + (space if line else 0)
            line.append(piece)
    if line:
        yield " ".join(line)


def _pieces(word: str, font: Font, width: int) -> Iterator[str]:
    """Break a word that is wider than a line."""
    while word:
        length = max(1, bisect_right(range(1, len(word) + 1), width, key=lambda end: ceil(font.getlength(word[:end]))))
        yield word[:length]
        word = word[length:]


def _cut(line: str, font: Font, width: int) -> str:
    while line and font.getlength(f"{line}…") > width:
        line = line[:-1]
    return f"{line.rstrip()}…"
