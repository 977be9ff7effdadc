"""`promptc init`."""

from pathlib import Path

import click

from promptc.cli.faces import format_option, show, terminal
from promptc.pipeline.init import init
from promptc.report.new_repo import new_repo_json, new_repo_text


@click.command("init")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path))
@format_option("text", "json")
def command(folder: Path, form: str) -> None:
    """Make a prompt repo in DIR, or here: example specs, their recordings, the settings.

    It is green at once, without a key. Its recordings are drawn by the embedded emulator, as
    stand-ins. Nothing is written over: where a file is in the way, nothing is made at all; a
    .gitignore and a .gitattributes get the lines that they lack.
    """
    repo = init(folder)
    show(new_repo_json(repo) if form == "json" else new_repo_text(repo, terminal()))
