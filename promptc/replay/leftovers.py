"""What lies below the cassettes folder: files by the names that promptc gives, and those that nothing refers to.

A file of another name is somebody else's, whatever it holds.
"""

import errno
import os
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from stat import S_ISLNK, S_ISREG

from filelock import FileLock, Timeout

from promptc.errors import CassetteError
from promptc.replay.recording import is_cut
from promptc.replay.store import NAME, Store
from promptc.source import LFS_POINTER

_WRITTEN = re.compile(rb"^metadata:\r?\n  promptc:", re.MULTILINE)
"""The block that promptc writes at a cassette's end: YAML without it is another tool's."""


class Kind(IntEnum):
    """What a name stands for, in the order in which files may go: a cassette never stays without its files."""

    CASSETTE = 1
    SIDECAR = 2
    UNFINISHED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """A file that a case's recording consists of, or did: `seen` tells whether somebody has written it since."""

    path: Path
    case: str
    kind: Kind
    size: int
    seen: tuple[int, int, int]


def folders(top: Path) -> Iterator[Path]:
    """Yield a folder and those below it, inner ones first; links to others are not followed."""
    yield from (Path(place) for place, _, _ in os.walk(top, topdown=False))


def unseen(top: Path) -> Iterator[tuple[Path, OSError]]:
    """Yield the folders below that can't be looked into, each with the reason: nobody knows what lies in them."""
    found: list[OSError] = []
    for place, inner, files in os.walk(top, onerror=found.append):
        if (inner or files) and not os.access(place, os.X_OK):
            inner.clear()
            found.append(PermissionError(errno.EACCES, os.strerror(errno.EACCES), place))
    yield from ((Path(error.filename), error) for error in found if not isinstance(error, FileNotFoundError))


def case_files(folder: Path) -> Iterator[CaseFile]:
    """Yield the files in a folder that bear names of a recording's."""
    with suppress(OSError):  # nothing is recorded yet, or it was the last one; `unseen` names what can't be read
        for path in folder.iterdir():
            match = NAME.fullmatch(path.name)
            if match and (found := _looked_at(path, match)):
                yield found


def sidecars_of_size(top: Path, sizes: Collection[int]) -> Iterator[CaseFile]:
    """Yield the sidecars below a folder that have one of these sizes, whosever they are; none of its files is read."""
    for folder in folders(top):
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                match = NAME.fullmatch(entry.name)
                if not match or match["kind"] == "yaml" or match["unfinished"]:
                    continue
                if entry.stat(follow_symlinks=False).st_size in sizes:
                    found = _looked_at(folder / entry.name, match)
                    yield from (found,) if found else ()


def _looked_at(path: Path, match: re.Match[str]) -> CaseFile | None:
    try:
        state = path.lstat()
    except OSError:  # a writer has given it another name, or its folder can't be looked into
        return None
    if not S_ISREG(state.st_mode) and not S_ISLNK(state.st_mode):
        return None
    kind = Kind.CASSETTE if match["kind"] == "yaml" else Kind.SIDECAR
    unfinished = match["unfinished"] is not None
    if kind is Kind.CASSETTE and not unfinished and not _is_cassette(path):
        return None
    if unfinished:
        kind = Kind.UNFINISHED
    seen = (state.st_ino, state.st_size, state.st_mtime_ns)
    return CaseFile(path=path, case=match["case"], kind=kind, size=state.st_size, seen=seen)


def _is_cassette(path: Path) -> bool:
    """Tell a cassette of promptc's, cut short or not yet fetched, from whatever else is YAML."""
    try:
        if not path.is_file():  # a link to a pipe would be waited for
            return False
        data = path.read_bytes()
    except OSError:
        return False
    return data.startswith(LFS_POINTER) or _WRITTEN.search(data) is not None or is_cut(data.decode(errors="replace"))


def leftovers(store: Store, files: Sequence[CaseFile]) -> tuple[CaseFile, ...]:
    """Return those of a case's files that neither of its recordings refers to; none beside one that can't be read."""
    try:
        found = [(path, store.load(path)) for path in (store.accepted, store.pending)]
        claims = [(sidecar, path) for path, recording in found if recording for sidecar in recording.sidecars]
        claimed = {path for path, recording in found if recording} | {store.place(*claim) for claim in claims}
        free = [file for file in files if file.path not in claimed]
        if free:  # a file may lie under another of the case's names, where a writer was stopped
            claimed = {store.find(*claim) for claim in claims}
    except CassetteError:
        return ()
    return tuple(file for file in free if file.path not in claimed)


def remove_lock(path: Path) -> None:
    """Remove a lock file that nobody holds; whoever waits for it at this moment sees that, and makes a new one."""
    with suppress(Timeout, OSError), FileLock(path, timeout=0):
        path.unlink(missing_ok=True)
