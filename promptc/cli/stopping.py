"""Ctrl-C and SIGTERM: the first ends a run when what is under way is there, the second ends it at once."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress

from promptc.replay.limits import under_way
from promptc.replay.retries import STOPPED


class Signals:
    """What came: `code` is the exit code that it asks for, None where nothing came."""

    def __init__(self) -> None:
        """Begin without any."""
        self.code: int | None = None

    def take(self, number: int, _frame: object) -> None:
        """Handle a signal; runs between any two steps of the main thread, so it takes no lock that is held there."""
        if self.code is not None:
            for stream in (sys.stdout, sys.stderr):
                with suppress(Exception):  # the main thread may be in the middle of it
                    stream.flush()
            os._exit(128 + number)  # recordings are whole at every moment
        self.code = 128 + number
        STOPPED.set()
        with suppress(OSError):
            begin = "\r\x1b[K" if os.isatty(2) else ""  # over the line of progress
            os.write(2, f"{begin}{_said(under_way())}\n".encode())


def _said(count: int) -> str:
    if not count:
        return "stopping"
    what, them = ("1 answer is", "it") if count == 1 else (f"{count} answers are", "them")
    return f"stopping: {what} under way; Ctrl-C again drops {them}"


@contextmanager
def stoppable() -> Iterator[Signals]:
    """Let a signal end the block's run early: it returns what is done."""
    with redirect_stdout(sys.stderr), _signals() as signals:  # what a project's checks print is no part of a report
        yield signals


@contextmanager
def _signals() -> Iterator[Signals]:
    """Take the signals, and give them back."""
    signals = Signals()
    if (
        threading.current_thread() is not threading.main_thread()
    ):  # a program of somebody else's: its signals are its own
        yield signals
        return
    wanted = (signal.SIGINT, signal.SIGTERM)
    # a program in the background is not meant: its shell has told it to ignore Ctrl-C
    before = {number: signal.getsignal(number) for number in wanted if signal.getsignal(number) is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, signals.take)
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        STOPPED.clear()
