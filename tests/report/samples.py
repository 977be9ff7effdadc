"""Diagnostics for the printers' tests, with what users write at its worst."""

from pathlib import Path

from promptc.diagnostics import Diagnostic, Related, Severity
from promptc.source import Source

SOURCE = Source(path=Path.cwd() / "specs" / "a moth.toml", text='first\nsecond = "100%"\n\nfourth\n')
LONG = Source(path=Path.cwd() / "long.json", text='{"data": "' + "iVBORw0KGgo/" * 100_000 + '", "mimetype": 1}')
NASTY = "\x1b[31mred\u202e\x07\x85\u2066\r\n::error::forged <b> & \ufffe"
SHOWN = "\\u001b[31mred\\u202e\\u0007\\u0085\\u2066\\u000d\\n::error::forged <b> & \\ufffe"

ERROR = Diagnostic(
    code="P201",
    message="`a:b,c` is 100% undefined",
    span=SOURCE.span(6, 12),
    subject="a moth::luna",
    expected="`species`",
    help="did you mean `species`?",
    details=("in the case `luna`",),
    related=(Related(span=SOURCE.span(0, 5), message="declared here"),),
)
WARNING = Diagnostic(
    code="P205", message="unused", severity=Severity.WARNING, span=SOURCE.span(0, 21), subject="a moth::atlas"
)
NOTE = Diagnostic(code="P702", message="the API refused", severity=Severity.NOTE, file="answers/a,b:c%.json")
ORPHAN = Diagnostic(code="P506", message="no case is named `x::y`", file="cassettes/x/y.yaml")
PLACELESS = Diagnostic(code="P409", message="the model is not known")
"""One of each kind."""


def nasty() -> Diagnostic:
    """Return a diagnostic that would steer a terminal, or forge lines of ours, wherever it has text."""
    return Diagnostic(
        code="P401",
        message=NASTY,
        span=Source(path=Path.cwd() / f"a{NASTY.partition('/')[0]}", text=f"x = {NASTY.partition(chr(10))[0]}").span(
            0, 9
        ),
        subject=NASTY,
        expected=NASTY,
        help=NASTY,
        details=(NASTY.replace("\n", " "),),
        related=(Related(span=SOURCE.span(0, 5), message=NASTY),),
    )


def wide() -> Diagnostic:
    """Return a diagnostic beside a picture of a megabyte, on one line with it."""
    start = LONG.text.index('"mimetype"')
    return Diagnostic(code="P401", message="unknown key `mimetype`", span=LONG.span(start, start + 10))
