"""`promptc schema`."""

import click

from promptc.cli.faces import models_here, show
from promptc.pipeline.schemas import schema_document, titles
from promptc.report.as_json import dumped
from promptc.report.models import titles_table


@click.command("schema")
@click.argument("name", required=False)
def command(name: str | None) -> None:
    """Print the JSON Schema of that name, or a model's; without a name, list them.

    Each stands alone: an editor or a validator needs no other file.
    """
    models = models_here()
    if name:
        show(dumped(schema_document(name, models)), exact=True)
    else:
        show(titles_table(titles(models)))
