"""Room in memory: recorded answers are large, so one thread opens those that are, one at a time.

A thread's allocator keeps what its largest answer took: were all threads to open some, each would keep as much.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

T = TypeVar("T")

LARGE = 2**20
"""From how many bytes of recorded files on a case counts as large."""

_reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="promptc-large")


def in_turn(size: int, work: Callable[[], T]) -> T:
    """Do work that opens so many bytes of recorded files; large ones wait for each other, in the order they came."""
    if size < LARGE:
        return work()
    return _reader.submit(copy_context().run, work).result()
