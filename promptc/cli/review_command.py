"""`promptc review`."""

import sys
from collections.abc import Sequence
from contextlib import redirect_stdout

import click

from promptc.cli.faces import (
    finish,
    format_option,
    here,
    selection_options,
    show,
    show_diagnostics,
    specs_argument,
    terminal,
)
from promptc.diagnostics import failed
from promptc.pipeline.filter import Filter
from promptc.pipeline.pending import waiting_units
from promptc.pipeline.review import review
from promptc.pipeline.unit import Unit
from promptc.report.review import View, commands, review_summary, review_text


@click.command("review")
@specs_argument
@selection_options
@format_option("text", "json")
def command(specs: tuple[str, ...], only: Filter, form: str) -> None:
    """Show new answers beside the old ones, and accept or reject them by a key.

    Without SPEC, all that wait. Without a terminal they are listed, and nothing is changed. Exit code 1 if any waits at the end.
    """
    units, found = waiting_units(here(), specs, only=only)
    if form == "json":
        from promptc.report.review_json import review_json  # noqa: PLC0415 - for programs only

        with redirect_stdout(sys.stderr):  # what a project's checks print is no part of it
            told = review_json((review(unit) for unit in units), found)
        show(told)
    else:
        show_diagnostics(found)
        _told(units)
    finish(good=not failed(found) and not any(unit.store.waits for unit in units))


def _told(units: Sequence[Unit]) -> None:
    """Ask about each answer, or list them where nobody can be asked."""
    asked = sys.stdin.isatty() and sys.stdout.isatty()
    outcomes: list[str] = []
    if asked:
        from promptc.cli.reviewing import Reviewer  # noqa: PLC0415 - for people only

        reviewer = Reviewer(terminal())
        try:
            reviewer.ask(units)
        except click.Abort:  # what was settled stays so
            show(review_summary(reviewer.outcomes, sum(unit.store.waits for unit in units), asked=True))
            finish(good=False, code=130)
        outcomes = reviewer.outcomes
    else:
        for number, unit in enumerate(units, start=1):
            seen = review(unit)
            show(f"{review_text(seen, f'{number} of {len(units)}', View(style=terminal()))}{commands(seen)}\n")
    show(review_summary(outcomes, sum(unit.store.waits for unit in units), asked=asked or not units))
