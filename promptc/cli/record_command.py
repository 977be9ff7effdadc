"""`promptc record`."""

from datetime import datetime

import click

from promptc import age
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
from promptc.errors import UsageError
from promptc.pipeline.filter import Filter
from promptc.pipeline.run import run
from promptc.replay.modes import RecordMode
from promptc.report.as_json import run_json
from promptc.report.summary import run_summary


@click.command("record")
@specs_argument
@selection_options
@click.option("--accept", is_flag=True, help="Make new answers the truth at once.")
@click.option("--all", "everything", is_flag=True, help="Ask again, even where the recording is fresh.")
@click.option(
    "--before",
    metavar="WHEN",
    help="With --all: only where the recording is older than WHEN, an age like 30d, 2w or 12h, or a moment like "
    "2026-11-22T12:00:00Z. So an --all that was stopped goes on where it was.",
)
@target_option
@jobs_option
@format_option("text", "json")
def command(
    specs: tuple[str, ...],
    *,
    only: Filter,
    accept: bool,
    everything: bool,
    before: str | None,
    target: str | None,
    jobs: int | None,
    form: str,
) -> None:
    """Ask for what is missing or stale, and record the answers.

    The first answer of a case is kept as it is; a later one waits beside the old one until
    `promptc review` or `promptc accept`, or becomes the truth at once with --accept.
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
            before=_moment(before, everything=everything),
            progress=progress_line(),
        )
    show(run_json(result) if form == "json" else run_summary(result, terminal()))
    finish(good=result.good, code=signals.code)


def _moment(text: str | None, *, everything: bool) -> datetime | None:
    """Return the moment that --before names, as such or as an age; raises UsageError."""
    if text is None:
        return None
    if not everything:
        msg = "--before goes with --all: without it, only what is missing or stale is asked for, of whatever age"
        raise UsageError(msg)
    span = age.age(text)
    moment = age.now() - span if span else age.moment(text)
    if moment is None:
        msg = f"--before takes an age like 30d, 2w or 12h, or a moment like 2026-11-22T12:00:00Z, not `{text}`"
        raise UsageError(msg)
    return moment
