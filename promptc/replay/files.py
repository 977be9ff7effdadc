"""Files that survive a power cut: written whole, flushed, and known by their content."""

import hashlib
import os
from contextlib import suppress
from pathlib import Path


def holds(path: Path, sha256: str, size: int) -> bool:
    """Say whether a file has that content; what can't be read has not."""
    try:
        if path.stat().st_size != size:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


def write_new(path: Path, data: bytes) -> None:
    """Write a new file: whatever stood there, a link out of the folder included, is left alone."""
    path.unlink(missing_ok=True)
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make renames durable; Windows has no handle on folders, and needs none."""
    with suppress(OSError, AttributeError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
