"""`promptc pending`."""

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
from promptc.pipeline.filter import Filter
from promptc.pipeline.pending import pending
from promptc.report.pending import pending_json, pending_text


@click.command("pending")
@specs_argument
@selection_options
@format_option("text", "json")
def command(specs: tuple[str, ...], only: Filter, form: str) -> None:
    """List new answers that wait, with their files, and whether they can be accepted.

    Without SPEC, all that wait. Exit code 1 if any does.
    """
    result = pending(here(), specs, only=only)
    if form == "text":
        show_diagnostics(result.diagnostics)
    show(pending_json(result) if form == "json" else pending_text(result, terminal()))
    finish(good=result.good)
