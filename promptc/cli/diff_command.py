"""`promptc diff`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from promptc.cli.faces import finish, format_option, here, show, show_diagnostics, terminal
from promptc.cli.sink import known
from promptc.errors import InputError, PromptcError, UsageError
from promptc.source import shown

if TYPE_CHECKING:
    from promptc.pipeline.diff import DiffResult
    from promptc.report.difference_pictures import Links

_MISTAKES, _CHANGES = 1, 2


@click.command("diff")
@click.argument("revisions", required=False, metavar="[REV[..REV]]")
@click.argument("specs", nargs=-1, metavar="[SPEC[::CASE]]...")
@click.option("--merge-base", "meet", is_flag=True, help="Compare with where REV and HEAD, or the two, last met.")
@format_option("text", "markdown", "json", "html", findings=False)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write it there; a page needs that.",
)
@click.option(
    "--link-base",
    "base",
    metavar="URL",
    help="With --format markdown: where pictures are found, each side at its commit, such as "
    "https://github.com/OWNER/REPO/raw/{rev}.",
)
@click.option(
    "--pictures",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="With --format html: write whole pictures there and load them from there, instead of small ones inside the page.",
)
@click.option("--detailed-exitcode", "detailed", is_flag=True, help="0 for no change, 2 for changes, 1 for mistakes.")
def command(
    revisions: str | None,
    specs: tuple[str, ...],
    form: str,
    output: Path | None,
    base: str | None,
    pictures: Path | None,
    *,
    meet: bool,
    detailed: bool,
) -> None:
    """Say what a change does to the compiled requests, to their recordings, and what recording anew will cost.

    Compares the working tree with REV, else with HEAD; with A..B, two commits; with A...B, what B has changed since it left A. Nothing is sent, checked out or written. Exit code 1 if the new side has mistakes.
    """
    from promptc.pipeline.diff import Ends, diff  # noqa: PLC0415 - help texts need no pipeline

    with _exit_codes(detailed=detailed):
        if form == "html" and output is None:
            msg = "a page is a file: say where it goes, such as `-o diff.html`"
            raise UsageError(msg)
        links, folder = _links(form, base), _folder(form, pictures)
        result = diff(here(), Ends.of(revisions, meet=meet), specs, earlier=form == "html")
        if form == "html" and output:
            _write_page(result, output.resolve(), folder)
        else:
            _deliver(result, form, output, links)
    finish(good=result.good, code=_CHANGES if detailed and result.good and result.changed else None)


@contextmanager
def _exit_codes(*, detailed: bool) -> Iterator[None]:
    """Leave with 1 where the usual 2 of a mistake would say that something has changed."""
    try:
        yield
    except PromptcError as error:
        if not detailed:
            raise
        if isinstance(error, InputError):
            show_diagnostics(error.diagnostics)
        else:
            show(f"error: {error}\n", err=True)
        finish(good=False, code=_MISTAKES)


def _links(form: str, base: str | None) -> "Links | None":
    """Return where a comment's pictures are found; raises UsageError."""
    if form != "markdown":
        if base is not None:
            msg = "--link-base goes with --format markdown: no other form has links"
            raise UsageError(msg)
        return None
    from promptc.report.difference_pictures import Links  # noqa: PLC0415 - one form needs it

    return Links.below(base)


def _folder(form: str, pictures: Path | None) -> Path | None:
    """Return where a page's whole pictures go; raises UsageError."""
    if pictures is None:
        return None
    if form != "html":
        msg = "--pictures goes with --format html: no other form writes any"
        raise UsageError(msg)
    from promptc.pipeline.run import refuse_sources  # noqa: PLC0415 - one form needs it

    refuse_sources(here(), pictures.resolve())
    return pictures.resolve()


def _write_page(result: "DiffResult", path: Path, pictures: Path | None) -> None:
    """Write a page and say where it is."""
    from promptc.report.page.writing import write_diff  # noqa: PLC0415 - one form needs one printer

    write_diff(result, path, pictures=pictures)
    show(f"{shown(path)}\n")


def _deliver(result: "DiffResult", form: str, output: Path | None, links: "Links | None") -> None:
    """Show a result, or write it to a file."""
    if output:
        from promptc.report.saving import save  # noqa: PLC0415 - a file needs it

        save(known().redact(_text(result, form, links, colour=False)), output)
        show(f"{shown(output.resolve())}\n")
    else:
        show(_text(result, form, links, colour=True))


def _text(result: "DiffResult", form: str, links: "Links | None", *, colour: bool) -> str:
    if links:
        from promptc.report.difference_markdown import difference_markdown  # noqa: PLC0415 - one form needs one printer

        return difference_markdown(result, replace(links, prefix=result.prefix))
    if form == "json":
        from promptc.report.difference_json import difference_json  # noqa: PLC0415 - one form needs one printer

        return difference_json(result)
    from promptc.report.difference_text import difference_text  # noqa: PLC0415
    from promptc.report.style import Style  # noqa: PLC0415

    return difference_text(result, terminal() if colour else Style())
