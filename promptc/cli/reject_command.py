"""`promptc reject`."""

import click

from promptc.cli.faces import finish, format_option, here, show, show_diagnostics, specs_argument
from promptc.diagnostics import failed
from promptc.pipeline.accept import reject
from promptc.report.as_json import settled_json
from promptc.report.summary import settled_summary


@click.command("reject")
@specs_argument
@format_option("text", "json")
def command(specs: tuple[str, ...], form: str) -> None:
    """Remove new answers that wait; the accepted recordings stay as they are."""
    result = reject(here(), specs)
    if form == "text":
        show_diagnostics(result.diagnostics, "full", err=True)
    show(
        settled_summary(result.cases, "rejected") if form == "text" else settled_json(result.cases, result.diagnostics)
    )
    finish(good=not failed(result.diagnostics))
