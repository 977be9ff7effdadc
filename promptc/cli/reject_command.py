"""`promptc reject`."""

import click

from promptc.cli.faces import finish, format_option, here, selection_options, show, show_diagnostics, specs_argument
from promptc.diagnostics import failed
from promptc.pipeline.accept import reject
from promptc.pipeline.filter import Filter
from promptc.report.as_json import settled_json
from promptc.report.summary import settled_summary


@click.command("reject")
@specs_argument
@selection_options
@format_option("text", "json")
def command(specs: tuple[str, ...], only: Filter, form: str) -> None:
    """Remove new answers that wait; the accepted recordings stay as they are.

    Without SPEC, all that wait.
    """
    result = reject(here(), specs, only=only)
    if form == "text":
        show_diagnostics(result.diagnostics)
    show(settled_summary(result, "rejected") if form == "text" else settled_json(result))
    finish(good=not failed(result.diagnostics))
