"""`promptc pin`."""

import click

from promptc.cli.faces import finish, format_option, here, show, show_diagnostics, specs_argument, terminal
from promptc.pipeline.pin import pin
from promptc.report.pins import pins_json, pins_summary


@click.command("pin")
@specs_argument
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 if a pin is missing or wrong.")
@format_option("text", "json")
def command(specs: tuple[str, ...], *, check: bool, form: str) -> None:
    """Write the digest of each picture beside its path, so that another file of that name is an error.

    Adds what is missing, renews what no longer fits, and changes nothing else: in the specs, in what
    they extend, and in the templates that they include.
    """
    result = pin(here(), specs, check=check)
    if form == "text":
        show_diagnostics(result.diagnostics)
    show(pins_json(result) if form == "json" else pins_summary(result, terminal()))
    finish(good=result.good)
