"""What the commands share that ask the API, or say what would be asked: options, and a question before it costs."""

import sys
from collections.abc import Sequence
from datetime import datetime

import click

from promptc import age
from promptc.cli.faces import show
from promptc.cli.keys import pressed
from promptc.errors import UsageError
from promptc.pipeline.consent import Consent
from promptc.pipeline.plan import Plan

all_option = click.option("--all", "everything", is_flag=True, help="Ask again, even where the recording is fresh.")

before_option = click.option(
    "--before",
    metavar="WHEN",
    help="With --all: only where the recording is older than WHEN, an age like 30d, 2w or 12h, or a moment like "
    "2026-11-22T12:00:00Z. So an --all that was stopped goes on where it was.",
)

yes_option = click.option("--yes", is_flag=True, help="Ask the API above a limit of the project's, too.")


def moment(text: str | None, *, everything: bool) -> datetime | None:
    """Return the moment that --before names, as such or as an age; raises UsageError."""
    if text is None:
        return None
    if not everything:
        msg = "--before goes with --all: without it, only what is missing or stale is asked for, of whatever age"
        raise UsageError(msg)
    span = age.age(text)
    found = age.now() - span if span else age.moment(text)
    if found is None:
        msg = f"--before takes an age like 30d, 2w or 12h, or a moment like 2026-11-22T12:00:00Z, not `{text}`"
        raise UsageError(msg)
    return found


def consent(*, yes: bool) -> Consent:
    """Return what tells beforehand what is asked, and above a limit asks whoever can answer."""

    def agreed(plan: Plan, above: Sequence[str]) -> bool:
        from promptc.report.plan import plan_line  # noqa: PLC0415 - help texts need no printer

        show(plan_line(plan, above), err=True)
        return yes or not above or _confirmed()

    return agreed


def _confirmed() -> bool:
    """Ask, where somebody can answer and has seen what it costs; every key but one means no."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    show("ask all the same? y for yes, any other key for no: ", err=True)
    try:
        key = pressed()
    except click.Abort:
        show("\n", err=True)
        raise
    show("yes\n" if key == "y" else "no\n", err=True)
    return key == "y"
