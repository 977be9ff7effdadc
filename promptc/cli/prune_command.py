"""`promptc prune`."""

import sys

import click

from promptc.cli.faces import finish, format_option, here, show, show_diagnostics, terminal
from promptc.errors import UsageError
from promptc.pipeline.prune import prunable, prune
from promptc.report.pruned import prunable_table, prune_json, prune_summary


@click.command("prune")
@click.argument("specs", nargs=-1, metavar="")
@click.option("--yes", is_flag=True, help="Remove without asking.")
@format_option("text", "json", findings=False)
def command(specs: tuple[str, ...], *, yes: bool, form: str) -> None:
    """Remove recordings of no case and files that no recording refers to, after asking.

    Without a terminal nothing is removed unless --yes is given. It acts on all specs at once, and
    only where none has a mistake. Exit code 1 if anything is left to prune.
    """
    if specs:
        msg = f"prune takes no SPEC, so not `{specs[0]}`: only all specs together show what belongs to no case"
        raise UsageError(msg)
    project = here()
    result = prunable(project)
    if form == "text":
        show(prunable_table(result, terminal()))
    if yes or (form == "text" and result.files and _agreed()):
        result = prune(project, {file.file for file in result.files})
    show_diagnostics(result.diagnostics)
    if form == "json":
        show(prune_json(result))
    if form == "text" or result.broken:
        show(prune_summary(result), err=bool(result.broken))
    finish(good=result.good)


def _agreed() -> bool:
    """Ask, where somebody can answer and has seen the list."""
    return sys.stdin.isatty() and sys.stdout.isatty() and click.confirm("remove them?", default=False)
