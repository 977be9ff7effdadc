"""A project as it was in a commit of git: its files are objects of the commit's tree."""

import errno
import os
import re
import stat
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from io import BufferedReader, BytesIO
from pathlib import Path, PurePosixPath
from shlex import quote

from promptc.config import FILE, Project, read
from promptc.pipeline.git import Repository, Row
from promptc.source import LFS_POINTER

_FOLDER = 0o040000
_LINK = 0o120000
_SUBMODULE = 0o160000
_MOST_LINKS = 40
"""As on Linux: whoever follows more of them goes in a circle."""
_LARGEST_POINTER = 1024
"""Git LFS specification, "The Pointer": it has fewer bytes."""
_KEPT = 65_536
"""Of how many bytes contents are kept, as they may be asked for again: specs and cassettes, no pictures."""
_POINTS = re.compile(rb"^oid sha256:(?P<oid>[0-9a-f]{64})\nsize (?P<size>\d+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """What stands in a folder, as `os.scandir` gives it."""

    name: str
    path: Path
    row: Row
    files: "Revision"

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        """Say whether it is a folder."""
        return self.files.is_dir(self.path) if follow_symlinks else self.row.mode == _FOLDER


@dataclass(frozen=True, kw_only=True, eq=False)
class Revision:
    """The files below a folder of the working tree as they were in a commit; links are followed in the tree alone.

    `name` is what the user calls the commit. Names are those of the tree, letter for letter.
    """

    repository: Repository
    name: str
    commit: str
    _known: dict[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def folder(self) -> Path:
        """The folder, where it is today."""
        return self.repository.folder

    @property
    def fetch(self) -> str:
        """The command that brings what Git LFS has left elsewhere."""
        return f"git lfs fetch origin {quote(self.name)}"

    @cached_property
    def tree(self) -> str | None:
        """The digits of the folder's tree, None where there was no such folder."""
        return self.repository.tree(self.commit)

    def shown(self, path: Path) -> str:
        """Return the path in git's own spelling: `HEAD~1:specs/fox.toml`, from the top of the repository."""
        below = self._below(path)
        return path.as_posix() if below is None else f"{self.name}:{self.repository.prefix}{below}"

    def read_bytes(self, path: Path) -> bytes:
        """Return a file's content."""
        row = self._file(path)
        stored = self._stored(row)
        return stored.read_bytes() if stored else self._content(row)

    def open(self, path: Path) -> BufferedReader | BytesIO:
        """Open a file."""
        row = self._file(path)
        stored = self._stored(row)
        return stored.open("rb") if stored else BytesIO(self._content(row))

    def entries(self, folder: Path) -> Iterator[_Entry]:
        """Yield what stands in a folder, by name."""
        row = self._found(folder)
        if row is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))
        if row.mode != _FOLDER:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
        for name in sorted(self._names[row.path]):
            inner = f"{row.path}/{name}" if row.path else name
            yield _Entry(name=name, path=folder / name, row=self._rows[inner], files=self)

    def resolve(self, path: Path) -> Path:
        """Follow all links, as far as they stay in the folder; raises OSError where they lead in a circle."""
        at, links = Path(path.anchor), 0
        waiting = [*reversed(path.parts[1:])]
        while waiting:
            part = waiting.pop()
            if part == "..":
                at = at.parent
                continue
            row = self._row(at / part)
            if row is None or row.mode != _LINK:
                at /= part
                continue
            links += 1
            if links > _MOST_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
            target = PurePosixPath(os.fsdecode(self._content(row)))
            if target.is_absolute():
                at = Path(path.anchor)
            waiting += [part for part in reversed(target.parts) if part != "/"]
        return at

    def stat(self, path: Path) -> os.stat_result:
        """Return mode and size."""
        row = self._found(path)
        if row is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        return os.stat_result((row.mode, 0, 0, 1, 0, 0, self._size(row), 0, 0, 0))

    def is_file(self, path: Path) -> bool:
        """Say whether it is a file."""
        with suppress(OSError):
            row = self._found(path)
            return row is not None and stat.S_ISREG(row.mode)
        return False

    def is_dir(self, path: Path) -> bool:
        """Say whether it is a folder."""
        with suppress(OSError):
            row = self._found(path)
            return row is not None and row.mode == _FOLDER
        return False

    def is_symlink(self, path: Path) -> bool:
        """Say whether it is a link."""
        with suppress(OSError):
            row = self._row(path) or self._row(self.resolve(path.parent) / path.name)
            return row is not None and row.mode == _LINK
        return False

    def exists(self, path: Path) -> bool:
        """Say whether it leads to anything."""
        with suppress(OSError):
            return self._found(path) is not None
        return False

    def lexists(self, path: Path) -> bool:
        """Say whether anything is there."""
        return self.is_symlink(path) or self.exists(path)

    @cached_property
    def _rows(self) -> Mapping[str, Row]:
        """What the tree holds, folders included, by its path; a submodule is nothing."""
        rows = {"": Row(path="", mode=_FOLDER, oid="", size=0)} if self.tree else {}
        for row in self.repository.rows(self.tree) if self.tree else ():
            if row.mode == _SUBMODULE:
                continue
            rows[row.path] = row
            folder = row.path.rpartition("/")[0]
            while folder not in rows:
                rows[folder] = Row(path=folder, mode=_FOLDER, oid="", size=0)
                folder = folder.rpartition("/")[0]
        return rows

    @cached_property
    def _names(self) -> Mapping[str, list[str]]:
        """The names in each folder."""
        names: dict[str, list[str]] = defaultdict(list)
        for path in self._rows:
            folder, _, name = path.rpartition("/")
            if name:
                names[folder].append(name)
        return names

    @cached_property
    def _linked(self) -> bool:
        """Whether there is any link, so that a path may lead to what is not of its name."""
        return any(row.mode == _LINK for row in self._rows.values())

    @cached_property
    def _start(self) -> str:
        return f"{self.folder}{os.sep}".replace(f"{os.sep}{os.sep}", os.sep)

    def _below(self, path: Path) -> str | None:
        """Return a path as the tree spells it, None outside of the folder."""
        text = str(path)
        if path == self.folder:
            return ""
        return text.removeprefix(self._start).replace(os.sep, "/") if text.startswith(self._start) else None

    def _row(self, path: Path) -> Row | None:
        """Return what stands at a path, no link followed."""
        below = self._below(path)
        return None if below is None else self._rows.get(below)

    def _found(self, path: Path) -> Row | None:
        """Return what a path leads to."""
        row = self._row(path)
        straight = row.mode != _LINK if row else not self._linked and ".." not in path.parts
        return row if straight else self._row(self.resolve(path))

    def _file(self, path: Path) -> Row:
        row = self._found(path)
        if row is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        if row.mode == _FOLDER:
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        return row

    def _content(self, row: Row) -> bytes:
        data = self._known.get(row.oid)
        if data is None:
            data = self.repository.objects.read(row.oid)
            if len(data) <= _KEPT:
                self._known[row.oid] = data
        return data

    def _size(self, row: Row) -> int:
        if row.mode == _FOLDER:
            return 0
        stored = self._stored(row)
        return stored.stat().st_size if stored else self._length(row)

    def _length(self, row: Row) -> int:
        return len(self._content(row)) if row.size is None else row.size

    def _stored(self, row: Row) -> Path | None:
        """Return where Git LFS keeps what a pointer stands for, None for other files, and where it is not at hand."""
        if self._length(row) >= _LARGEST_POINTER:
            return None
        content = self._content(row)
        points = _POINTS.search(content) if content.startswith(LFS_POINTER) else None
        if points is None:
            return None
        oid = points["oid"].decode()
        place = self.repository.common / "lfs" / "objects" / oid[:2] / oid[2:4] / oid
        with suppress(OSError):  # one that was cut short is none
            return place if place.stat().st_size == int(points["size"]) else None
        return None


def project_at(revision: Revision) -> Project | None:
    """Read the project that stood in the folder, None where there was none; raises ProjectError."""
    root = revision.folder
    there = revision.is_file(root / FILE) or revision.is_dir(root / "specs")
    return read(root, revision) if there else None
