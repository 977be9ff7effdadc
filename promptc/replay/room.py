"""Room in memory: recorded answers are large, so only some of them are open at a time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

MOST = 32 * 2**20
"""How many bytes of recorded files all threads together have open; a larger answer is open alone."""


class Room:
    """Lets threads in by the bytes they bring, in the order in which they came."""

    def __init__(self, most: int = MOST) -> None:
        """Keep the bound, in bytes."""
        self._most = most
        self._used = 0
        self._queue: list[object] = []
        self._changed = threading.Condition()

    @contextmanager
    def taken(self, size: int) -> Iterator[None]:
        """Wait until there is room for `size` bytes, and hold it while the block runs."""
        size = min(size, self._most)
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
            try:
                self._changed.wait_for(lambda: self._queue[0] is ticket and self._used + size <= self._most)
                self._used += size
            finally:
                self._queue.remove(ticket)
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._used -= size
                self._changed.notify_all()
