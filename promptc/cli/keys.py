"""One key of a terminal, pressed after it was asked for."""

import sys

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
        key = click.getchar()
    except (KeyboardInterrupt, EOFError, OSError):
        raise click.Abort from None
    if not key or "\x03" in key:
        raise click.Abort
    return key.lower()
