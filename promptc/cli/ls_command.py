"""`promptc ls`."""

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
from promptc.pipeline.listing import listing
from promptc.report.as_json import listing_json
from promptc.report.summary import listing_table


@click.command("ls")
@specs_argument
@selection_options
@format_option("text", "json")
def command(specs: tuple[str, ...], only: Filter, form: str) -> None:
    """List cases with their model, their steps and the state of their recordings."""
    result = listing(here(), specs, only=only)
    if form == "text":
        show_diagnostics(result.diagnostics)
    text = listing_json(result) if form == "json" else listing_table(result, terminal())
    show(text)
    finish(good=not failed(result.diagnostics))
