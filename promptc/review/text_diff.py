"""Two texts line by line: what differs, with a little around it."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from promptc.review.changes import common
from promptc.wording import plural

_MOST = 2000
"""The lines that are compared: the time grows with their square."""
_BEFORE = 24
"""The characters that stand before a difference in a line that is cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffLine:
    """A line of one text (`-`), of the other (`+`), of both (a space), or a word on what is left out (`…`)."""

    mark: str
    text: str


def text_diff(old: str, new: str, *, context: int | None = 1, width: int | None = 160) -> Iterator[DiffLine]:
    """Yield the lines that differ, cut to a width around what differs; with None, whole lines and all of them."""
    before, after = (text.split("\n") if text else [] for text in (old, new))
    matcher = SequenceMatcher(None, before[:_MOST], after[:_MOST], autojunk=False)
    shown = len(before) + len(after) if context is None else context
    end = 0
    for group in matcher.get_grouped_opcodes(shown):
        yield from _left_out(group[0][3] - end)
        for _, i, till_i, j, till_j in group:
            yield from _lines(before[i:till_i], after[j:till_j], width)
        end = group[-1][4]
    yield from _left_out(min(len(after), _MOST) - end)
    if (rest := max(len(before), len(after)) - _MOST) > 0:
        yield DiffLine(mark="…", text=f"{rest:,} more lines are not compared")


def _left_out(count: int) -> Iterator[DiffLine]:
    if count > 0:
        yield DiffLine(mark="…", text=plural(count, "equal line"))


def _lines(before: list[str], after: list[str], width: int | None) -> Iterator[DiffLine]:
    """Yield the lines of one stretch: equal ones once, others as they were and as they are."""
    if before == after:
        yield from (DiffLine(mark=" ", text=_cut(line, 0, width)) for line in after)
        return
    for mark, lines, others in (("-", before, after), ("+", after, before)):
        for number, line in enumerate(lines):
            other = others[number] if number < len(others) else ""
            yield DiffLine(mark=mark, text=_cut(line, common(line, other), width))


def _cut(line: str, start: int, width: int | None) -> str:
    """Cut a line that is too long, so that what stands at `start` is seen."""
    if width is None or len(line) <= width:
        return line
    first = max(start - _BEFORE, 0)
    if first and (space := line.find(" ", first, start)) >= 0:
        first = space + 1  # whole words read better
    last = first + width
    return f"{'…' * (first > 0)}{line[first:last]}{'…' * (last < len(line))}"
