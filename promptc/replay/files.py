"""Files that survive a power cut: written whole, flushed, and known by their content."""

import errno
import hashlib
import os
from contextlib import suppress
from pathlib import Path

from promptc.files import DISK, Files


def holds(path: Path, sha256: str, size: int, files: Files = DISK) -> bool:
    """Say whether a file has that content; what can't be read has not."""
    try:
        return files.stat(path).st_size == size and digest(path, files) == sha256
    except OSError:
        return False


def digest(path: Path, files: Files = DISK) -> str | None:
    """Return a file's SHA-256, None where it can't be read."""
    try:
        with files.open(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def content(path: Path, sha256: str, size: int, files: Files = DISK) -> bytes | None:
    """Return a file's content if it is that one; what can't be read is not."""
    try:
        if files.stat(path).st_size != size:
            return None
        data = files.read_bytes(path)
    except OSError:
        return None
    return data if hashlib.sha256(data).hexdigest() == sha256 else None


def refuse_hopeless(path: Path) -> None:
    """Raise OSError where a new file can't be written, as far as can be known; nothing is touched."""
    folder = next(folder for folder in path.parents if folder.exists())
    disk = os.statvfs(folder) if hasattr(os, "statvfs") else None
    failure = None
    if not os.access(folder, os.W_OK | os.X_OK):
        failure = errno.EROFS if disk and disk.f_flag & os.ST_RDONLY else errno.EACCES
    elif disk and len(os.fsencode(path.name)) > disk.f_namemax > 0:
        failure = errno.ENAMETOOLONG
    elif disk and disk.f_blocks and not disk.f_bavail:
        failure = errno.ENOSPC
    if failure:
        raise OSError(failure, os.strerror(failure), str(path))


def write_new(path: Path, data: bytes) -> None:
    """Write a new file: whatever stood there, a link out of the folder included, is left alone."""
    path.unlink(missing_ok=True)
    try:
        # who has rejected the folder's last answer may have removed it meanwhile
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        error.filename = error.filename or str(path)  # a full disk does not say where
        raise


def sync_folder(folder: Path) -> None:
    """Make renames durable; Windows has no handle on folders, and needs none."""
    with suppress(OSError, AttributeError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
