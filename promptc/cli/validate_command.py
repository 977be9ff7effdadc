"""`promptc validate`."""

import click

from promptc.cli.faces import finish, format_option, models_here, show, terminal
from promptc.errors import UsageError
from promptc.pipeline.documents import Kind
from promptc.pipeline.validate import Purpose, Wanted, validate
from promptc.report.validation import validation_data, validation_json, validation_text


@click.command("validate")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--kind", type=click.Choice([kind.value for kind in Kind]), help="What the files are read as.")
@click.option("--model", metavar="NAME", help="The model that a request is for; a body seldom names it.")
@click.option("--canonical", is_flag=True, help="Print the API's own spelling of each body.")
@click.option("--fingerprint", is_flag=True, help="Print what recordings of a request are matched by.")
@click.option("--stream", is_flag=True, help="The fingerprint of a streamGenerateContent request.")
@format_option("full", "concise", "json", "github", "sarif", "junit")
def command(
    files: tuple[str, ...],
    *,
    kind: str | None,
    model: str | None,
    canonical: bool,
    fingerprint: bool,
    stream: bool,
    form: str,
) -> None:
    """Check plain JSON bodies, answers and event streams against the API's schemas; `-` is standard input.

    Without --kind, a file is read as what it shows. Fields and values of an answer that the
    schemas lack are notes. Exit code 1 if anything is an error.
    """
    purpose = _purpose(canonical=canonical, fingerprint=fingerprint)
    wanted = Wanted(
        models=models_here(),
        kind=Kind(kind) if kind else None,
        model=_named(model),
        method="streamGenerateContent" if stream else "generateContent",
        purpose=purpose,
    )
    result = validate(files, wanted)
    if form == "json":
        show(validation_json(result, purpose))
    else:
        aside = purpose != "findings"
        show(validation_data(result, purpose), exact=True)
        show(validation_text(result, form, terminal(err=aside)), err=aside)
    finish(good=result.good)


def _named(model: str | None) -> str | None:
    if model == "":
        msg = "--model is empty: name the model, or leave the option out"
        raise UsageError(msg)
    return model


def _purpose(*, canonical: bool, fingerprint: bool) -> Purpose:
    if canonical and fingerprint:
        msg = "--canonical and --fingerprint print different things: ask for one of them"
        raise UsageError(msg)
    return "canonical" if canonical else "fingerprint" if fingerprint else "findings"
