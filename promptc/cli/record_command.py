"""`promptc record`."""

import click

from promptc.cli.asking import all_option, before_option, consent, moment, yes_option
from promptc.cli.faces import (
    finish,
    format_option,
    here,
    jobs_option,
    progress_line,
    selection_options,
    show,
    specs_argument,
    target_option,
    terminal,
)
from promptc.cli.stopping import stoppable
from promptc.pipeline.filter import Filter
from promptc.pipeline.run import run
from promptc.replay.modes import RecordMode
from promptc.report.as_json import run_json
from promptc.report.summary import run_summary


@click.command("record")
@specs_argument
@selection_options
@click.option("--accept", is_flag=True, help="Make new answers the truth at once.")
@all_option
@before_option
@yes_option
@target_option
@jobs_option
@format_option("text", "json")
def command(  # noqa: PLR0913 - one for each option
    specs: tuple[str, ...],
    *,
    only: Filter,
    accept: bool,
    everything: bool,
    before: str | None,
    yes: bool,
    target: str | None,
    jobs: int | None,
    form: str,
) -> None:
    """Ask for what is missing or stale, and record the answers.

    The first answer of a case is kept as it is; a later one waits beside the old one until
    `promptc review` or `promptc accept`, or becomes the truth at once with --accept.
    What it will ask is told first; above a limit of the project's, nothing is sent before somebody agrees.
    """
    with stoppable() as signals:
        result = run(
            here(),
            specs,
            only=only,
            mode=RecordMode.ALL if everything else RecordMode.NEW_EPISODES,
            target=target,
            jobs=jobs,
            accept=accept,
            before=moment(before, everything=everything),
            progress=progress_line(),
            consent=consent(yes=yes),
        )
    show(run_json(result) if form == "json" else run_summary(result, terminal()))
    finish(good=result.good, code=signals.code)
