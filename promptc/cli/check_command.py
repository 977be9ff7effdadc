"""`promptc check`."""

import click

from promptc.cli.faces import finish, format_option, here, show, specs_argument, terminal
from promptc.pipeline.check import check
from promptc.report.as_json import check_json
from promptc.report.concise import concise
from promptc.report.summary import check_summary


@click.command("check")
@specs_argument
@format_option("full", "concise", "json")
def command(specs: tuple[str, ...], form: str) -> None:
    """Parse, compile and validate specs, and compare each recording with its request.

    Nothing is sent. Exit code 1 if anything is wrong, stale, missing or waits to be accepted.
    """
    result = check(here(), specs)
    if form == "full":
        show(check_summary(result, terminal()))
    else:
        show(check_json(result) if form == "json" else concise(result.diagnostics))
    finish(good=result.good)
