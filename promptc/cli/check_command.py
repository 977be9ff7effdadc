"""`promptc check`."""

import click

from promptc.cli.faces import finish, format_option, here, selection_options, show, specs_argument, terminal
from promptc.pipeline.check import check
from promptc.pipeline.filter import Filter
from promptc.report.check import check_text


@click.command("check")
@specs_argument
@selection_options
@format_option("full", "concise", "json", "github", "sarif", "junit")
def command(specs: tuple[str, ...], only: Filter, form: str) -> None:
    """Parse, compile and validate specs, and compare each recording with its request.

    Nothing is sent. Exit code 1 if anything is wrong, stale, missing or waits to be accepted.
    """
    result = check(here(), specs, only=only)
    show(check_text(result, form, terminal()))
    finish(good=result.good)
