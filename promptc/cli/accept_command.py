"""`promptc accept`."""

import click

from promptc.cli.faces import finish, format_option, here, selection_options, show, show_diagnostics, specs_argument
from promptc.diagnostics import failed
from promptc.pipeline.accept import accept
from promptc.pipeline.filter import Filter
from promptc.report.as_json import settled_json
from promptc.report.summary import settled_summary


@click.command("accept")
@specs_argument
@selection_options
@format_option("text", "json")
def command(specs: tuple[str, ...], only: Filter, form: str) -> None:
    """Make new answers that wait the truth, whole cases at a time.

    Without SPEC, all that wait.
    """
    result = accept(here(), specs, only=only)
    if form == "text":
        show_diagnostics(result.diagnostics)
    show(settled_summary(result, "accepted") if form == "text" else settled_json(result))
    finish(good=not failed(result.diagnostics))
