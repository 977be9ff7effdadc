"""`promptc run`."""

from pathlib import Path

import click

from promptc.cli.asking import consent, yes_option
from promptc.cli.faces import (
    finish,
    format_option,
    here,
    jobs_option,
    output_option,
    progress_line,
    selection_options,
    show,
    specs_argument,
    target_option,
    terminal,
)
from promptc.cli.stopping import stoppable
from promptc.pipeline.filter import Filter
from promptc.pipeline.run import RunResult, run
from promptc.replay.modes import RecordMode
from promptc.report.as_json import run_json
from promptc.report.junit import run_junit
from promptc.report.summary import run_summary


@click.command("run")
@specs_argument
@selection_options
@click.option(
    "--record-mode",
    type=click.Choice([mode.value for mode in RecordMode]),
    default=RecordMode.NONE.value,
    show_default=True,
    help="none replays only; once asks where nothing is recorded; new_episodes also where it is stale; all asks again.",
)
@yes_option
@target_option
@jobs_option
@output_option
@format_option("text", "json", "junit")
def command(
    specs: tuple[str, ...],
    only: Filter,
    record_mode: str,
    *,
    yes: bool,
    target: str | None,
    jobs: int | None,
    output: Path | None,
    form: str,
) -> None:
    """Run cases against their recordings, judge the answers, save pictures and texts.

    Nothing is sent unless --record-mode says so. Exit code 1 if a case fails, or is stale,
    missing or waiting to be accepted.
    """
    project = here()
    with stoppable() as signals:
        result = run(
            project,
            specs,
            only=only,
            mode=RecordMode(record_mode),
            target=target,
            jobs=jobs,
            output=(output or project.output).resolve(),
            progress=progress_line(),
            consent=consent(yes=yes),
        )
    show(_printed(result, form))
    finish(good=result.good, code=signals.code)


def _printed(result: RunResult, form: str) -> str:
    match form:
        case "json":
            return run_json(result)
        case "junit":
            return run_junit(result)
        case _:
            return run_summary(result, terminal())
