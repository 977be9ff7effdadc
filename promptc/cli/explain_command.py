"""`promptc explain`."""

import click

from promptc.cli.faces import format_option, show, terminal
from promptc.explanation import explanation, find_code
from promptc.report.explanation import codes_json, codes_text, explanation_json, explanation_text


@click.command("explain")
@click.argument("code", required=False)
@format_option("text", "json")
def command(code: str | None, form: str) -> None:
    """Say what a diagnostic means, with an example and how it is mended.

    CODE is a code or its name, as in `P201` or `undefined-variable`; without one, list them all.
    """
    if code is None:
        show(codes_json() if form == "json" else codes_text(terminal()), ours=True)
    else:
        told = explanation(find_code(code))
        show(explanation_json(told) if form == "json" else explanation_text(told, terminal()), ours=True)
