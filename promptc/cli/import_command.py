"""`promptc import`."""

from pathlib import Path

import click

from promptc.cli.faces import finish, format_option, here, selection_options, show, terminal
from promptc.pipeline.filter import Filter
from promptc.pipeline.import_cassette import import_cassettes
from promptc.report.interop import import_json, import_summary


@click.group("import")
def command() -> None:
    """Turn what other tools have recorded into recordings of today's cases."""


@command.command("cassette")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@selection_options
@click.option("--accept", is_flag=True, help="Make the answers the truth at once, whatever is recorded.")
@format_option("text", "json")
def cassette(files: tuple[Path, ...], *, only: Filter, accept: bool, form: str) -> None:
    """Read plain vcrpy cassettes, YAML or JSON; each case takes the answers to the requests that it compiles to.

    The first recording of a case is kept as it is; a later one waits beside the old one until
    `promptc accept`, or becomes the truth at once with --accept. The files stay as they are. Exit
    code 1 if a file can't be read or no case takes anything of it, or an answer waits.
    """
    result = import_cassettes(here(), [path.absolute() for path in files], only=only, accept=accept)
    show(import_json(result) if form == "json" else import_summary(result, terminal()))
    finish(good=result.good)
