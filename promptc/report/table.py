"""Rows in columns, for a terminal."""

from collections.abc import Callable, Iterator, Sequence

from promptc.report.style import Style
from promptc.source import columns

_MARK = 1
"""The column whose word is painted: it says how a row fares."""


def table(
    rows: Sequence[Sequence[str]], style: Style, *, words: int, colour: Callable[[str], str] | None = None
) -> Iterator[str]:
    """Yield a head and its rows; so many columns are words and begin at the left, numbers end at the right."""
    widths = [max(map(columns, column)) for column in zip(*rows, strict=True)]
    for number, row in enumerate(rows):
        cells = [_padded(cell, widths[i], right=i >= words) for i, cell in enumerate(row)]
        if number and colour:
            cells[_MARK] = style.paint(cells[_MARK], colour(row[_MARK]))
        text = "  ".join(cells).rstrip()
        yield text if number else style.paint(text, "dim")


def _padded(text: str, width: int, *, right: bool) -> str:
    space = " " * (width - columns(text))
    return space + text if right else text + space
