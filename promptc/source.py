"""Where text came from: files, and spans of them."""

import errno
import os
import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import Path

LFS_POINTER = b"version https://git-lfs.github.com/spec/"
"""How a file starts that Git LFS has not fetched (Git LFS specification, "The Pointer")."""
_OURS = re.compile(r"^<{7} ", re.MULTILINE)
_THEIRS = re.compile(r"^={7}\n", re.MULTILINE)
_NEWLINE = re.compile("\n")


def shown(path: Path) -> str:
    """Return the path as messages name it: relative to the working directory where that is shorter."""
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


class UnfetchedError(OSError):
    """Where a text should be, Git LFS has left a pointer: as a prompt, it would be sent."""

    def __init__(self, fetch: str = "git lfs pull") -> None:
        """Say so in the place where the system gives its reasons; `fetch` is the command that brings the text."""
        super().__init__(errno.ENODATA, "it is a pointer of Git LFS")
        self.fetch = fetch


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    r"""A text file that was read, with its line starts for positions.

    Line endings are `\n` whatever the checkout made of them, so offsets, columns and
    everything compiled from the text are the same on every machine. `called` is how messages name
    it, where it is not the file that is on the disk now.
    """

    path: Path
    text: str = field(repr=False)
    called: str | None = field(default=None, repr=False, compare=False)
    line_starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the lines once."""
        starts = (match.end() for match in _NEWLINE.finditer(self.text))  # a picture in JSON is 20 MB of one line
        object.__setattr__(self, "line_starts", (0, *starts))

    @classmethod
    def read(cls, path: Path) -> "Source":
        """Read a UTF-8 file; raises OSError or UnicodeDecodeError."""
        return cls.of_bytes(path, path.read_bytes())

    @classmethod
    def of_bytes(cls, path: Path, data: bytes, called: str | None = None) -> "Source":
        """Decode what was read from somewhere; raises UnfetchedError or UnicodeDecodeError."""
        if data.startswith(LFS_POINTER):
            raise UnfetchedError
        return cls(path=path, text=data.decode("utf-8-sig").replace("\r\n", "\n"), called=called)

    @property
    def name(self) -> str:
        """The path as messages show it."""
        return self.called or shown(self.path)

    @property
    def start(self) -> "Span":
        """The first character, if there is one."""
        return self.span(0, min(1, len(self.text)))

    def position(self, offset: int) -> tuple[int, int]:
        """Return line and column, both from 1, in characters."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Return a line's text, counted from 1, without its line ending."""
        start = self.line_starts[number - 1]
        end = self.line_starts[number] - 1 if number < len(self.line_starts) else len(self.text)
        return self.text[start:end]

    def span(self, start: int, end: int) -> "Span":
        """Return the span between two offsets."""
        return Span(source=self, start=start, end=end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of a source: offsets in characters, the end excluded."""

    source: Source
    start: int
    end: int

    @property
    def line(self) -> int:
        """The line it starts on, from 1."""
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        """The column it starts in, from 1."""
        return self.source.position(self.start)[1]

    @property
    def end_line(self) -> int:
        """The line it ends on, from 1."""
        return self.source.position(self.end)[0]

    @property
    def end_column(self) -> int:
        """The column after its last character, from 1."""
        return self.source.position(self.end)[1]

    @property
    def text(self) -> str:
        """The text it covers."""
        return self.source.text[self.start : self.end]

    @property
    def place(self) -> str:
        """`file:line:col`."""
        return f"{self.source.name}:{self.line}:{self.column}"


def columns(text: str) -> int:
    """Return how many columns a terminal gives to a text (Unicode Standard Annex 11)."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def conflict(text: str) -> re.Match[str] | None:
    """Return where a text holds the marks that git leaves in a merge conflict."""
    ours = _OURS.search(text)
    return ours if ours and _THEIRS.search(text, ours.end()) else None


def relative_to_root(path: Path, root: Path) -> str:
    """Return a path relative to the root with forward slashes, for what is written into files."""
    return Path(os.path.relpath(path, root)).as_posix()
