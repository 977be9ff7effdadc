"""What several commands share: options, the project around the working directory, output and exit."""

import functools
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from promptc.cli import sink
from promptc.config import Project, load
from promptc.diagnostics import Diagnostic
from promptc.errors import InputError, UsageError
from promptc.models import Models, built_in
from promptc.pipeline.expression import parse_expression
from promptc.pipeline.filter import Filter

if TYPE_CHECKING:
    from promptc.report.style import Style

show = sink.show
"""Print, without secrets: the one way to a screen."""

specs_argument = click.argument("specs", nargs=-1, metavar="[SPEC[::CASE]]...")
"""Specs by path, folder, name or glob; none means all."""

target_option = click.option(
    "--target", metavar="NAME", help="Where requests go: cometapi, google, emulator, or one of the project's."
)

variables_option = click.option(
    "--var", "variables", multiple=True, metavar="NAME=VALUE", help="Set a variable, typed by its declaration."
)

values_option = click.option(
    "--vars",
    "values",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Set the variables of a TOML or JSON file; --var counts for more.",
)

jobs_option = click.option(
    "-j", "--jobs", type=click.IntRange(1, 256), metavar="N", help="How many cases run at a time."
)

output_option = click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where pictures, texts and result.json go.",
)


def selection_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add `--case`, `--tag` and `-k`; the command gets them as one filter, `only`."""

    @click.option(
        "--case",
        "cases",
        multiple=True,
        metavar="GLOB",
        help="Only cases of that name, or of a name that the glob fits: luna, 'luna-*'. Can be repeated: any of them.",
    )
    @click.option(
        "--tag", "tags", multiple=True, metavar="TAG", help="Only cases with that tag. Can be repeated: any of them."
    )
    @click.option(
        "-k",
        "expressions",
        multiple=True,
        metavar="EXPRESSION",
        help="Only cases for which it holds: words joined by and, or, not and parentheses, as in 'moths and not slow'. "
        "A word is a part of SPEC::CASE, or a tag; with * or ?, a glob. Letters' case doesn't count.",
    )
    @functools.wraps(command)
    def filtered(*, cases: tuple[str, ...], tags: tuple[str, ...], expressions: tuple[str, ...], **others: Any) -> None:
        if len(expressions) > 1:
            msg = "-k is given twice: join the expressions with `and` or `or`"
            raise UsageError(msg)
        expression = parse_expression(expressions[0]) if expressions else None
        command(only=Filter(cases=cases, tags=tags, expression=expression), **others)

    return filtered


def format_option(*names: str, findings: bool = True) -> Callable[[Any], Any]:
    """Return a `--format` option; the first name is the default.

    Where the command's findings have that form, so have those about a file that comes before all specs;
    they go to standard error where it prints something else.
    """
    option = click.option("--format", "form", type=click.Choice(names), default=names[0], show_default=True)

    def formatted(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def told(*arguments: Any, form: str, **others: Any) -> None:
            try:
                command(*arguments, form=form, **others)
            except InputError as error:
                if not findings or form in {"text", "full"}:
                    raise
                from promptc.report.refused import refused_text  # noqa: PLC0415 - only for a mistake

                show(refused_text(error.diagnostics, form, click.get_current_context().command_path))
                finish(good=False, code=2)

        made: Callable[..., None] = option(told)
        return made

    return formatted


def here() -> Project:
    """Return the project around the working directory."""
    return load(Path())


def parsed(variables: Sequence[str]) -> dict[str, str]:
    """Split `NAME=VALUE`; raises UsageError."""
    pairs = {}
    for given in variables:
        name, equals, value = given.partition("=")
        if not equals or not name:
            msg = f"--var takes NAME=VALUE, not `{given}`"
            raise UsageError(msg)
        if name in pairs:
            msg = f"--var sets `{name}` twice"
            raise UsageError(msg)
        pairs[name] = value
    return pairs


def models_here() -> Models:
    """Return the models of the project around the working directory, or the built-in ones outside of any."""
    try:
        return here().models
    except UsageError:
        return built_in()


def terminal(*, err: bool = False) -> "Style":
    """Return the style for standard output or standard error."""
    from promptc.report.style import style_for  # noqa: PLC0415 - help texts need no printer

    return style_for(sys.stderr if err else sys.stdout)


def show_diagnostics(diagnostics: Iterable[Diagnostic], *, err: bool = True) -> None:
    """Print diagnostics in full form: every mistake, and of many warnings the first of each code."""
    from promptc.report.grouped import mistakes_whole  # noqa: PLC0415 - help texts need no printer
    from promptc.report.style import style_for  # noqa: PLC0415

    stream = sys.stderr if err else sys.stdout
    show(mistakes_whole((*diagnostics,), style_for(stream)), err=err)


def finish(*, good: bool, code: int | None = None) -> None:
    """Leave with the exit code for a good or a bad result, or with a signal's."""
    if code or not good:
        raise click.exceptions.Exit(code or 1)


def progress_line() -> Callable[[int, int], None] | None:
    """Return a counter for long runs, on a terminal only."""
    if not sys.stderr.isatty():
        return None

    def tell(done: int, everything: int) -> None:
        end = "\r\x1b[K" if done == everything else ""
        click.echo(f"\r{done} of {everything} cases{end}", nl=False, err=True)

    return tell
