"""The one way to a screen: what is shown has no secrets, whichever command shows it."""

import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from promptc.errors import SecretFoundError

if TYPE_CHECKING:
    from promptc.replay.secrets import Secrets


def show(text: str, *, err: bool = False, exact: bool = False, ours: bool = False) -> None:
    """Print a report to standard output, or what is told beside one to standard error; raises SecretFoundError.

    What programs read is `exact`: UTF-8, whatever the locale, and refused where it holds a secret,
    for without it, it would be another text. What holds no word of a user's is `ours`.
    """
    from promptc.report.style import write  # noqa: PLC0415 - help texts need no printer

    if exact and (held := known().find(text)):
        msg = f"what was to be printed holds {held}; it was not printed"
        raise SecretFoundError(msg)
    clean = text if ours or exact else known().redact(text)
    if err:
        sys.stdout.flush()  # in one pipe, both come in the order in which they were told
        click.echo(clean, nl=False, err=True)
    else:
        write(clean, exact=exact)
        sys.stdout.flush()


@cache
def known() -> "Secrets":
    """Return what no screen may show: the secrets of the project around the working directory."""
    from promptc.pipeline.secrets import secrets_around  # noqa: PLC0415 - help texts need no project

    return secrets_around(Path.cwd())
