"""The one way to a screen: what is shown has no secrets, whichever command shows it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from promptc.errors import SecretFoundError, UsageError

if TYPE_CHECKING:
    from promptc.replay.secrets import Secrets


def show(text: str, *, err: bool = False, exact: bool = False, ours: bool = False) -> None:
    """Print a report to standard output, or what is told beside one to standard error.

    Raises SecretFoundError, and UsageError where it can't be written.

    What programs read is `exact`: UTF-8, whatever the locale, and refused where it holds a secret,
    for without it, it would be another text. What holds no word of a user's is `ours`.
    """
    from promptc.report.style import write  # noqa: PLC0415 - help texts need no printer

    if exact and (held := known().find(text)):
        msg = f"what was to be printed holds {held}; it was not printed"
        raise SecretFoundError(msg)
    clean = text if ours or exact else known().redact(text)
    if err:
        with suppress(UsageError), writable():  # of two troubles, this one is told
            sys.stdout.flush()  # in one pipe, both come in the order in which they were told
        click.echo(clean, nl=False, err=True)
    else:
        with writable():
            write(clean, exact=exact)
            sys.stdout.flush()


@contextmanager
def writable() -> Iterator[None]:
    """Raise UsageError where the block can't write; a pipe that nobody reads any more is another matter."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        with suppress(OSError):  # what is still held would fail once more when Python ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        msg = f"the output could not be written: {error.strerror or error}"
        raise UsageError(msg) from None


@cache
def known() -> "Secrets":
    """Return what no screen may show: the secrets of the project around the working directory."""
    from promptc.pipeline.secrets import secrets_around  # noqa: PLC0415 - help texts need no project

    return secrets_around(Path())
