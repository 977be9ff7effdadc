"""Where a project's files are read: on the disk, or as they were at another time."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import Protocol

from promptc.source import Source, UnfetchedError, relative_to_root, shown


class Entry(Protocol):
    """What stands in a folder, as `os.scandir` gives it."""

    @property
    def name(self) -> str:
        """Its name in the folder."""
        ...

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        """Say whether it is a folder."""
        ...


class Files(Protocol):
    """Reads files by their absolute paths; names and mistakes are those of `pathlib` and `os`."""

    @property
    def fetch(self) -> str:
        """The command that brings what Git LFS has left elsewhere."""
        ...

    def shown(self, path: Path) -> str:
        """Return the path as messages name it."""
        ...

    def read_bytes(self, path: Path) -> bytes:
        """Return a file's content; raises OSError."""
        ...

    def open(self, path: Path) -> BufferedReader | BytesIO:
        """Open a file to read from it; raises OSError."""
        ...

    def entries(self, folder: Path) -> Iterator[Entry]:
        """Yield what stands in a folder; raises OSError."""
        ...

    def resolve(self, path: Path) -> Path:
        """Return the path with all links followed; raises OSError or RuntimeError where they lead in a circle."""
        ...

    def stat(self, path: Path) -> os.stat_result:
        """Return what a path leads to, of which mode and size count; raises OSError."""
        ...

    def is_file(self, path: Path) -> bool:
        """Say whether a path leads to a file."""
        ...

    def is_dir(self, path: Path) -> bool:
        """Say whether a path leads to a folder."""
        ...

    def is_symlink(self, path: Path) -> bool:
        """Say whether a link stands there."""
        ...

    def exists(self, path: Path) -> bool:
        """Say whether a path leads to anything."""
        ...

    def lexists(self, path: Path) -> bool:
        """Say whether anything stands there, a link to nothing included; what can't be looked at does not."""
        ...


class Disk:
    """The files as they are now."""

    fetch = "git lfs pull"

    def __reduce__(self) -> str:
        """Stay the only one in another process, too."""
        return "DISK"

    def shown(self, path: Path) -> str:
        """Return the path relative to the working directory where that is shorter."""
        return shown(path)

    def read_bytes(self, path: Path) -> bytes:
        """Return a file's content."""
        return path.read_bytes()

    def open(self, path: Path) -> BufferedReader | BytesIO:
        """Open a file."""
        return path.open("rb")

    def entries(self, folder: Path) -> Iterator[Entry]:
        """Yield what stands in a folder."""
        with os.scandir(folder) as entries:
            yield from entries

    def resolve(self, path: Path) -> Path:
        """Follow all links."""
        return path.resolve()

    def stat(self, path: Path) -> os.stat_result:
        """Look at what a path leads to."""
        return path.stat()

    def is_file(self, path: Path) -> bool:
        """Say whether it is a file."""
        return path.is_file()

    def is_dir(self, path: Path) -> bool:
        """Say whether it is a folder."""
        return path.is_dir()

    def is_symlink(self, path: Path) -> bool:
        """Say whether it is a link."""
        return path.is_symlink()

    def exists(self, path: Path) -> bool:
        """Say whether it leads to anything."""
        return path.exists()

    def lexists(self, path: Path) -> bool:
        """Say whether anything is there."""
        try:
            path.lstat()
        except (OSError, ValueError):
            return False
        return True


DISK: Files = Disk()


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """The folder outside of which nothing is read, and the text files that were read below it, each once."""

    folder: Path
    files: Files = DISK
    sources: dict[str, Source] = field(default_factory=dict, repr=False, compare=False)

    def source(self, path: Path) -> Source:
        """Read a UTF-8 file; raises OSError or UnicodeDecodeError."""
        name = relative_to_root(path, self.folder)
        if name not in self.sources:
            self.sources[name] = read_source(self.files, path)
        return self.sources[name]


def read_source(files: Files, path: Path) -> Source:
    """Read a UTF-8 file; raises OSError or UnicodeDecodeError."""
    try:
        return Source.of_bytes(path, files.read_bytes(path), None if files is DISK else files.shown(path))
    except UnfetchedError:
        raise UnfetchedError(files.fetch) from None


def is_folder(entry: Entry, *, links: bool = False) -> bool:
    """Say whether an entry is a folder; links are followed on demand only."""
    try:
        return entry.is_dir(follow_symlinks=links)
    except OSError:  # a circle of links, which whoever opens it says
        return False
