"""`promptc plan`."""

import click

from promptc.cli.asking import all_option, before_option, moment
from promptc.cli.faces import (
    finish,
    format_option,
    here,
    selection_options,
    show,
    show_diagnostics,
    specs_argument,
    target_option,
    terminal,
)
from promptc.pipeline.filter import Filter
from promptc.pipeline.plan import plan
from promptc.replay.modes import RecordMode
from promptc.report.plan import plan_json, plan_text


@click.command("plan")
@specs_argument
@selection_options
@all_option
@before_option
@target_option
@format_option("text", "json")
def command(
    specs: tuple[str, ...], *, only: Filter, everything: bool, before: str | None, target: str | None, form: str
) -> None:
    """Say what `promptc record` would ask for now, and about what it would cost.

    Nothing is sent. Exit code 1 only where mistakes keep cases from being asked.
    """
    mode = RecordMode.ALL if everything else RecordMode.NEW_EPISODES
    before_moment = moment(before, everything=everything)
    result = plan(here(), specs, only=only, mode=mode, target=target, before=before_moment)
    if form == "text":
        show_diagnostics(result.diagnostics)
    show(plan_json(result) if form == "json" else plan_text(result, terminal()))
    finish(good=result.good)
