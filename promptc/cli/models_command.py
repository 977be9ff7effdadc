"""`promptc models`."""

import click

from promptc.cli.faces import format_option, models_here, show, terminal
from promptc.report.models import models_json, models_table


@click.command("models")
@format_option("full", "json", findings=False)
def command(form: str) -> None:
    """Show what promptc knows of the image models, the project's own included.

    json has every fact with its source.
    """
    models = models_here()
    show(models_json(models) if form == "json" else models_table(models, terminal()))
