"""`promptc test`."""

import os
import subprocess
import sys

import click

from promptc.cli.faces import finish, here


@click.command(
    "test",
    context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]},
    options_metavar="[PYTEST'S OPTIONS]",
)
@click.option("--fuzz", metavar="N", type=click.IntRange(min=1), help="Try each spec with N drawn values as well.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[FILE[::CASE]]...")
def command(arguments: tuple[str, ...], fuzz: int | None) -> None:
    """Run cases as pytest's tests; everything of pytest's works, and its exit codes.

    \b
    promptc test                              every case of the project
    promptc test specs/moth.toml::luna        one case
    promptc test -k luna                      what has `luna` in its name or tags
    promptc test -m "moths and not slow"      by tags
    promptc test -x                           stop at the first failure
    promptc test --lf                         what failed the last time
    promptc test -n 4                         in four processes, with pytest-xdist
    promptc test --junitxml out/junit.xml     for CI
    promptc test --promptc-record             ask for what is missing or stale
    promptc test --promptc-update             the same, and keep new answers at once
    promptc test --fuzz 200                   each spec with drawn values of its variables, too
    promptc test --promptc-target NAME        where requests go, and whose recordings count

    `promptc test -h` shows pytest's own help.
    """  # noqa: D301 - click keeps the lines of a block that begins with \b
    project = here()
    ours = ("-p", "promptc", f"--rootdir={project.root}", f"--promptc-specs={project.specs}")
    drawn = [f"--promptc-fuzz={fuzz}"] if fuzz else []
    _become([sys.executable, "-P", "-m", "pytest", *ours, *drawn, *arguments])


def _become(command: list[str]) -> None:
    """Go on as another program: signals, the terminal and the exit code are its own."""
    if os.name == "nt":  # there, a shell does not wait for what a program has become
        finish(good=True, code=subprocess.call(command))
    else:
        os.execv(command[0], command)  # noqa: S606 - a list, no shell
