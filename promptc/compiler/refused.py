"""Why a file can't be used, before it is known where the spec names it."""

from promptc.diagnostics import Diagnostic
from promptc.source import Span

_QUOTED = 120


class RefusedError(Exception):
    """What is wrong with what a spec names; becomes a diagnostic."""

    def __init__(self, code: str, message: str, *, expected: str | None = None, hint: str | None = None) -> None:
        """Keep a diagnostic's words."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.expected = expected
        self.hint = hint

    def diagnostic(self, span: Span | None) -> Diagnostic:
        """Return the diagnostic for one place."""
        return Diagnostic(code=self.code, message=self.message, span=span, expected=self.expected, help=self.hint)


def quoted(written: str) -> str:
    """Return what was written as messages quote it; the bytes of a `data:` URI are never shown."""
    if is_data(written):
        head, comma, _ = written.partition(",")
        written = f"{head},…" if comma and len(head) <= _QUOTED // 2 else "data:…"
    return f"`{written}`" if len(written) <= _QUOTED else f"`{written[:_QUOTED]}…`"


def is_data(written: str) -> bool:
    """Say whether a `data:` URI was written: schemes know no letter case (RFC 3986, 3.1)."""
    return written[:5].casefold() == "data:"
