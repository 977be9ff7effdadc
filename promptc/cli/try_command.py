"""`promptc try`."""

from pathlib import Path

import click

from promptc.cli.asking import consent, yes_option
from promptc.cli.faces import (
    finish,
    format_option,
    here,
    output_option,
    parsed,
    selection_options,
    show,
    target_option,
    terminal,
    values_option,
    variables_option,
)
from promptc.cli.stopping import stoppable
from promptc.pipeline.filter import Filter
from promptc.pipeline.trial import try_spec
from promptc.report.as_json import run_json
from promptc.report.summary import run_summary


@click.command("try")
@click.argument("spec", metavar="SPEC[::CASE]")
@selection_options
@variables_option
@values_option
@yes_option
@target_option
@output_option
@format_option("text", "json")
def command(
    spec: str,
    *,
    only: Filter,
    variables: tuple[str, ...],
    values: Path | None,
    yes: bool,
    target: str | None,
    output: Path | None,
    form: str,
) -> None:
    """Ask once and show the answer; no recording is kept.

    Asks the spec's first case, or the first that ::CASE and the options select. The picture
    goes to the output folder, below `try`.
    """
    project = here()
    folder = (output or project.output / "try").resolve()
    with stoppable() as signals:
        result = try_spec(
            project,
            spec,
            only=only,
            variables=parsed(variables),
            values=values,
            target=target,
            output=folder,
            consent=consent(yes=yes),
        )
    show(run_json(result) if form == "json" else run_summary(result, terminal()))
    finish(good=result.good, code=signals.code)
