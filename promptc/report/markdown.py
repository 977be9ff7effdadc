"""Markdown that holds whatever a user wrote: no text opens or closes a structure, nothing is cut in the middle of one."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from promptc.report.style import line, printable
from promptc.wording import plural

_TICKS = re.compile("`+")
_FENCE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a page: rows between a head and an end, as many of them as there is room for.

    `noun` is what a row is called where some are left out. A row ends with its line break.
    """

    head: str
    rows: Sequence[str]
    end: str = ""
    noun: str = "row"


def code(text: str, *, longest: int = 300) -> str:
    """Return text as a code span: forges look for no markup, mention or reference there."""
    clean = line(text if len(text) <= longest else f"{text[: longest - 1]}…")
    if not clean.strip():
        clean = clean.replace(" ", "␣") or "␀"
    ticks = "`" * (_longest_run(clean) + 1)
    space = " " if clean[0] in "` " or clean[-1] in "` " else ""
    return f"{ticks}{space}{clean}{space}{ticks}"


def cell(text: str) -> str:
    """Return markdown for a cell of a table, which a pipe would end, also in a code span."""
    return text.replace("|", "\\|")


def fence(text: str, kind: str = "", indent: str = "") -> str:
    """Return lines as a block of code; nothing in it ends it."""
    clean = printable(text)
    ticks = "`" * max(_FENCE, _longest_run(clean) + 1)
    return "".join(f"{indent}{one}\n" for one in (f"{ticks}{kind}", *clean.split("\n"), ticks))


def folded(summary: str, body: str) -> str:
    """Return a part that opens with a click; `summary` is of our own words."""
    return f"<details>\n<summary>{summary}</summary>\n\n{body.rstrip()}\n\n</details>\n"


def address(path: str) -> str:
    """Return a path as an address has it; no character of markup is left."""
    return quote(path, safe="/", errors="surrogateescape")


def picture(url: str, what: str, *, width: int) -> str:
    """Return a picture as wide as a column, which leads to the whole one."""
    source = escape(url, quote=True)
    return f'<a href="{source}"><img src="{source}" width="{width}" alt="{escape(what, quote=True)}"></a>'


def size(text: str) -> int:
    """Return a text's length as JavaScript counts it: no forge counts more."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def fitted(head: str, sections: Iterable[Section], most: int) -> tuple[str, tuple[str, ...]]:
    """Return as much of the sections as fits, and what was left out, as `12 cases`; no section is cut within a row."""
    page, room, left = [head], most - size(head), []
    for section in sections:
        frame = size(section.head) + size(section.end) + 2
        taken = 0
        for row in section.rows:
            if frame + size(row) > room:
                break
            frame += size(row)
            taken += 1
        if taken or (not section.rows and frame <= room):
            body = "".join([section.head, *section.rows[:taken], section.end])
            page.append("\n" + body.rstrip("\n") + "\n")
            room -= frame
        if missing := len(section.rows) - taken:
            left.append(plural(missing, section.noun))
    return "".join(page), tuple(left)


def _longest_run(text: str) -> int:
    return max((len(run) for run in _TICKS.findall(text)), default=0)
