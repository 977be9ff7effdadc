"""`promptc report`."""

from pathlib import Path

import click

from promptc.cli.faces import finish, here, progress_line, selection_options, show, specs_argument, target_option
from promptc.errors import UsageError
from promptc.pipeline.filter import Filter
from promptc.pipeline.run import run
from promptc.report.page import write_page
from promptc.source import shown


@click.command("report")
@specs_argument
@selection_options
@target_option
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The page; its pictures go beside it.",
)
def command(specs: tuple[str, ...], only: Filter, target: str | None, output: Path | None) -> None:
    """Replay cases offline and write one HTML page with their pictures and verdicts.

    Exit code 1 if a case is not good; the page is written all the same.
    """
    project = here()
    path = (output or project.output / "report.html").resolve()
    if path.suffix not in {".html", ".htm"}:
        msg = f"a report is an HTML page: name it `….html`, not `{path.name}`"
        raise UsageError(msg)
    result = run(project, specs, only=only, target=target, output=path.parent, progress=progress_line())
    write_page(result, path)
    show(f"{shown(path)}\n")
    finish(good=result.good)
