"""`promptc export`."""

from pathlib import Path

import click

from promptc.cli.faces import finish, format_option, here, selection_options, show, specs_argument, terminal
from promptc.pipeline.export_cassette import export_cassettes
from promptc.pipeline.filter import Filter
from promptc.report.interop import export_json, export_summary


@click.group("export")
def command() -> None:
    """Write recordings in the form that other tools read."""


@command.command("cassette")
@specs_argument
@selection_options
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where the cassettes go, as DIR/SPEC/CASE.yaml.",
)
@click.option("--force", is_flag=True, help="Replace files that are there.")
@format_option("text", "json")
def cassette(specs: tuple[str, ...], *, only: Filter, output: Path, force: bool, form: str) -> None:
    """Write plain vcrpy cassettes with whole requests and answers, for vcrpy alone to replay.

    Only a fresh recording can be written: pictures of a request are not recorded, its spec has them.
    Exit code 1 if a case is stale, missing or can't be written; the others are written all the same.
    """
    result = export_cassettes(here(), specs, output.resolve(), only=only, force=force)
    show(export_json(result) if form == "json" else export_summary(result, terminal()))
    finish(good=result.good)
