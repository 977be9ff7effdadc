"""One key of a terminal, pressed after it was asked for."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click


def pressed() -> str:
    """Return the next key, in lower case; raises click.Abort for Ctrl-C, Ctrl-D, and a terminal that is gone.

    What was typed before is dropped: nobody decides on what was not shown yet.
    """
    if sys.platform == "win32":  # elsewhere, click's way to a single key drops it
        import msvcrt  # noqa: PLC0415 - only Windows has it

        while msvcrt.kbhit():
            msvcrt.getwch()
    try:
        with _ends_in_order():
            key = click.getchar()
    except (KeyboardInterrupt, EOFError, OSError):
        raise click.Abort from None
    if not key or "\x03" in key:
        raise click.Abort
    return key.lower()


@contextmanager
def _ends_in_order() -> Iterator[None]:
    """Let a signal end the program by an exception: the terminal, which shows no typing now, is put back."""
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    meant = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, _end) for number in meant}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + number)
