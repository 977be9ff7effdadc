"""`promptc report`."""

from pathlib import Path

import click

from promptc.cli.faces import finish, here, progress_line, selection_options, show, specs_argument, target_option
from promptc.config import Project
from promptc.errors import UsageError
from promptc.pipeline.filter import Filter
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
@click.option("--pending", "waiting", is_flag=True, help="Show the new answers that wait, and nothing else.")
@click.option(
    "--pictures",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write whole pictures there and load them from there, instead of small ones inside the page.",
)
def command(
    specs: tuple[str, ...],
    only: Filter,
    target: str | None,
    output: Path | None,
    pictures: Path | None,
    *,
    waiting: bool,
) -> None:
    """Replay cases offline and write one HTML page: requests, answers old and new, verdicts.

    Exit code 1 if a case is not good, or an answer waits; the page is written all the same.
    """
    from promptc.pipeline.report import report, report_pending  # noqa: PLC0415 - help texts need no pipeline
    from promptc.pipeline.run import refuse_sources  # noqa: PLC0415
    from promptc.report.page.writing import write_report  # noqa: PLC0415

    if waiting and target:
        msg = "--pending shows every answer that waits, wherever it comes from: leave --target out"
        raise UsageError(msg)
    project = here()
    path, folder = page_path(project, output), pictures.resolve() if pictures else None
    if folder:
        refuse_sources(project, folder)
    if waiting:
        found = report_pending(project, specs, only=only, output=path.parent)
    else:
        found = report(project, specs, only=only, target=target, output=path.parent, progress=progress_line())
    write_report(found, path, pictures=folder)
    show(f"{shown(path)}\n")
    finish(good=found.good)


def page_path(project: Project, output: Path | None) -> Path:
    """Return where a page goes; raises UsageError where that is no page's name."""
    path = (output or project.output / "report.html").resolve()
    if path.suffix not in {".html", ".htm"}:
        msg = f"a report is an HTML page: name it `….html`, not `{path.name}`"
        raise UsageError(msg)
    return path
