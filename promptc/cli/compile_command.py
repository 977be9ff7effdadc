"""`promptc compile`."""

from pathlib import Path

import click

from promptc.cli.faces import (
    finish,
    format_option,
    here,
    parsed,
    selection_options,
    show,
    show_diagnostics,
    specs_argument,
    values_option,
    variables_option,
)
from promptc.pipeline.compile import compile_requests
from promptc.pipeline.filter import Filter
from promptc.report.requests import request_curl, request_json, request_jsonl


@click.command("compile")
@specs_argument
@selection_options
@variables_option
@values_option
@format_option("json", "jsonl", "curl", findings=False)
def command(specs: tuple[str, ...], only: Filter, variables: tuple[str, ...], values: Path | None, form: str) -> None:
    """Print the requests that specs compile to; mistakes go to standard error.

    json is for people (pictures elided), jsonl is one complete request a line, curl sends one by
    hand.
    """
    result = compile_requests(here(), specs, only=only, variables=parsed(variables), values=values)
    show_diagnostics(result.diagnostics)
    if form == "json":
        if result.requests or result.good:  # after mistakes, an empty list would only distract
            show(request_json(result.requests, result.target), exact=True)
    else:
        one = request_jsonl if form == "jsonl" else request_curl
        for request in result.requests:
            show(one(request, result.target), exact=True)
    finish(good=result.good)
