"""`promptc emulator`."""

from contextlib import closing, suppress

import click

from promptc.cli.faces import show
from promptc.emulator.faults import parse_faults
from promptc.emulator.server import Emulator
from promptc.errors import UsageError


@click.command("emulator")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes any free port.")
@click.option(
    "--faults", default="", metavar="NAMES", help="Faults for the first requests in order, as in 429,ok,reset."
)
@click.option(
    "--signature-bytes",
    type=click.IntRange(1, 2**23),
    default=1536,
    show_default=True,
    help="Size of thought signatures; real ones reach 2,900,000.",
)
def command(port: int, faults: str, signature_bytes: int) -> None:
    """Serve a local stand-in for the API on 127.0.0.1, until Ctrl-C.

    Its pictures are drawn, not generated, and every answer says so.
    """
    try:
        planned = parse_faults(faults) if faults else ()
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--faults") from None
    try:
        emulator = Emulator(port=port, faults=planned, signature_bytes=signature_bytes)
    except OSError as error:
        msg = f"port {port} can't be used: {error.strerror}; --port 0 takes any free one"
        raise UsageError(msg) from None
    with closing(emulator), suppress(KeyboardInterrupt):
        show(f"promptc emulator at {emulator.base_url} (Ctrl-C stops it)\n")
        emulator.serve_forever()
