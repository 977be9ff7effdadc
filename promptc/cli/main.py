"""The entry point: commands by name, each imported only when it is called."""

import errno
import importlib
import sys
import traceback
from collections.abc import Sequence
from io import StringIO
from typing import NoReturn

import click

from promptc import __version__
from promptc.cli.sink import known, show
from promptc.errors import InputError, LimitError, OfflineError, PromptcError, SecretFoundError

_SOFTWARE = 70  # sysexits.h
_SURROUNDINGS = {
    getattr(errno, name)
    for name in ("EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT", "EIO", "EMFILE", "ENFILE")
    if hasattr(errno, name)
}
"""What the machine refuses, wherever it happens: no mistake in promptc."""
COMMANDS = {
    "init": "Make a new prompt repo that is green at once, without a key.",
    "check": "Say everything that can be known without a network.",
    "compile": "Print the requests that specs compile to.",
    "run": "Run cases, offline by default, and save pictures and texts.",
    "test": "Run cases as pytest's tests, with pytest's options.",
    "plan": "Say what record would ask for now, and about what it would cost.",
    "record": "Ask for what is missing or stale, and record the answers.",
    "pending": "List new answers that wait.",
    "review": "Show new answers beside the old ones; accept or reject them.",
    "accept": "Make new answers that wait the truth.",
    "reject": "Remove new answers that wait.",
    "import": "Turn other tools' recordings into recordings of today's cases.",
    "export": "Write recordings as plain vcrpy cassettes.",
    "try": "Ask once and show the answer; keep no recording.",
    "pin": "Write the digests of pictures into specs.",
    "prune": "Remove recordings and files that belong to no case.",
    "diff": "Say what a change does to requests and recordings, and what it will cost.",
    "ls": "List cases and the state of their recordings.",
    "report": "Write an HTML page with pictures and verdicts.",
    "validate": "Check plain JSON bodies and answers against the API's schemas.",
    "explain": "Say what an error's code means, with an example.",
    "schema": "Print a JSON Schema: the API's, a model's, or of promptc's own files.",
    "models": "Show what promptc knows of the image models.",
    "emulator": "Serve a local stand-in for the API.",
}
"""Every command with its one-line help: `--help` imports none of them."""


class LazyGroup(click.Group):
    """Finds commands in `promptc.cli` by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of a day's work."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"promptc.cli.{cmd_name}_command")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command, with a suggestion for a misspelt one."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from promptc.diagnostics import did_you_mean  # noqa: PLC0415 - only for a mistake

            hint = did_you_mean(args[0], COMMANDS) or "`promptc --help` lists the commands"
            ctx.fail(f"there is no command `{args[0]}`; {hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="promptc %(version)s")
def promptc() -> None:
    """Compile image prompts, run them against recordings, review what changes.

    A green run means that the request compiled from today's specs is the one whose answer is
    checked.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command line; exit codes: 0 good, 1 findings, 2 usage, 70 a mistake in promptc."""
    known.cache_clear()
    try:
        # outside its standalone mode, click returns the exit code of `Exit` instead of raising
        code = promptc.main(args=arguments, prog_name="promptc", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.ClickException as error:
        usage = StringIO()
        error.show(usage)
        show(usage.getvalue(), err=True)
        sys.exit(error.exit_code)
    except InputError as error:
        from promptc.cli.faces import show_diagnostics  # noqa: PLC0415 - only for a mistake

        show_diagnostics(error.diagnostics)
        sys.exit(2)
    except (KeyboardInterrupt, click.Abort):
        show("stopped; recordings that were finished are kept\n", err=True)
        sys.exit(130)
    except (LimitError, OfflineError, SecretFoundError) as error:
        show(f"error: {error}\n", err=True)
        sys.exit(1)
    except PromptcError as error:
        show(f"error: {error}\n", err=True)
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except OSError as error:
        if error.errno not in _SURROUNDINGS:
            _fail(error)
        where = f"`{error.filename}`: " if error.filename else ""
        show(f"error: {where}{error.strerror}\n", err=True)
        sys.exit(2)
    except Exception as error:  # noqa: BLE001 - the last resort: Python itself would print what the error holds
        _fail(error)


def _fail(error: Exception) -> NoReturn:
    """Say that it is promptc's own mistake, with all that helps to find it."""
    told = f"{traceback.format_exc()}promptc failed: {type(error).__name__}: {error}\n"
    show(f"{told}this is a mistake in promptc; please report it with the lines above\n", err=True)
    sys.exit(_SOFTWARE)
