"""Locks of single recordings: one writer at a time, and readers that wait for it only where they must."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from promptc.errors import StoppedError
from promptc.replay.retries import STOPPED

_PATIENCE = 10.0
"""How long a reader waits for a writer, in seconds: what is being asked may take minutes."""
_LOOKS_UP = 0.5
"""The seconds after which a writer that waits for another looks whether the user still wants it."""


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Hold a lock; raises StoppedError where the user wants the end while another process has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    while not lock.is_locked:
        with suppress(Timeout):
            lock.acquire(timeout=_LOOKS_UP)
        if STOPPED.is_set() and not lock.is_locked:
            msg = "stopped while another process records the case"
            raise StoppedError(msg)
    try:
        yield
    finally:
        lock.release()


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Wait a while for whoever holds a lock, if there is one; never fails."""
    with ExitStack() as stack:
        with suppress(OSError, Timeout):  # a disk that is read-only has no writers
            if path.exists():
                stack.enter_context(FileLock(path, timeout=_PATIENCE, poll_interval=0.01))
        yield
