"""What stands behind each diagnostic code: the pages of `promptc/explained/`, one Markdown file a code.

A page starts with why the code exists. Below `## Bad` stand the files of an example, the commands
that lead to the message, and the message itself; below `## Mended` what is changed. The tests run
every page, so a page that reads well and lies can't be.

Fenced blocks are all that a section holds. The words behind the fence say what a block is:

    toml specs/moth.toml            the file, as it is written (`… latin-1`: in that encoding)
    diff specs/moth.toml            lines of the file that go (-), come (+) or stay
    console                         commands, one a line, behind `$ `; none stands for `promptc compile`
    text                            the message, last of the bad example
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from promptc.codes import CODES, Code
from promptc.diagnostics import did_you_mean
from promptc.errors import UsageError

PAGES = Path(__file__).parent / "explained"
DEFAULT_COMMAND = "promptc compile"
"""What gives the message of an example without commands."""

_FENCE = re.compile(r"^```(?P<info>[^\n`]+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_SECTIONS = ("Bad", "Mended")
BlockKind: TypeAlias = Literal["file", "edit", "commands"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A file, an edit of one, or commands; `language` is what colours the text on a page."""

    kind: BlockKind
    language: str
    text: str
    file: str | None = None
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A code with all that is told about it; only what no command can bring about lacks an example."""

    code: str
    entry: Code
    why: str
    bad: tuple[Block, ...] = ()
    message: str = ""
    mended: tuple[Block, ...] = ()


def find_code(word: str) -> str:
    """Return the code that a code or a name stands for, in any case; raises UsageError."""
    names = {entry.name: code for code, entry in CODES.items()}
    if word.upper() in CODES:
        return word.upper()
    if word.lower() in names:
        return names[word.lower()]
    hint = did_you_mean(word, [*CODES, *names]) or "`promptc explain` lists the codes"
    msg = f"there is no code `{word}`; {hint}"
    raise UsageError(msg)


def page_of(code: str) -> Path:
    """Return the file that explains a code."""
    return PAGES / f"{code}.md"


def explanation(code: str) -> Explanation:
    """Read a code's page; raises ValueError for one that has another form."""
    return read_page(code, page_of(code).read_text(encoding="utf-8"))


def read_page(code: str, text: str) -> Explanation:
    """Read the text of a code's page; raises ValueError for one that has another form."""
    why, *sections = re.split(rf"^## (?:{'|'.join(_SECTIONS)})\n", text, flags=re.MULTILINE)
    if not sections:
        return Explanation(code=code, entry=CODES[code], why=why.strip())
    if len(sections) != len(_SECTIONS):
        msg = f"{code}: a page has one `## Bad` and one `## Mended`"
        raise ValueError(msg)
    bad, mended = (_fences(code, section) for section in sections)
    info, message = bad.pop() if bad else ("", "")
    if info != "text" or not mended:
        msg = f"{code}: the bad example ends with the message in a block `text`, the mended one is not empty"
        raise ValueError(msg)
    return Explanation(
        code=code,
        entry=CODES[code],
        why=why.strip(),
        bad=tuple(_block(code, *fence) for fence in bad),
        message=message,
        mended=tuple(_block(code, *fence) for fence in mended),
    )


def with_message(text: str, message: str) -> str:
    """Return a page's text with another message."""
    return re.sub(
        r"^```text\n.*?^```$", lambda _: f"```text\n{message}```", text, count=1, flags=re.DOTALL | re.MULTILINE
    )


def _fences(code: str, section: str) -> list[tuple[str, str]]:
    if stray := _FENCE.sub("", section).strip():
        msg = f"{code}: only blocks stand below `## Bad` and `## Mended`, not: {stray}"
        raise ValueError(msg)
    return [(match["info"], match["text"]) for match in _FENCE.finditer(section)]


def _block(code: str, info: str, text: str) -> Block:
    match info.split():
        case ["console"]:
            return Block(kind="commands", language="console", text=text)
        case ["diff", file]:
            return Block(kind="edit", language="diff", text=text, file=file)
        case [language, file]:
            return Block(kind="file", language=language, text=text, file=file)
        case [language, file, encoding]:
            return Block(kind="file", language=language, text=text, file=file, encoding=encoding)
    msg = f"{code}: the block `{info}` names no file"
    raise ValueError(msg)
