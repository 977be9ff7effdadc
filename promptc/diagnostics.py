"""What promptc has to say about a user's files: values, never prints."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from promptc.codes import CODES
from promptc.source import Span, UnfetchedError

_MUCH_LESS = 0.15
"""How much less alike a word may be than the nearest and still be named."""
_LONGEST_WORD = 100
"""Longer ones are no misspelt names: pictures have been seen in their place."""


class Severity(StrEnum):
    """How much a diagnostic weighs: only errors make a command fail."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """Another place that explains a diagnostic."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding: where, what, what was expected, what to do.

    `code` is one of `promptc.codes.CODES`. `file` names the file where there is no span in a
    text (a cassette, a picture). `subject` is the `spec::case` that it is about, if any.
    """

    code: str
    message: str
    severity: Severity = Severity.ERROR
    span: Span | None = None
    file: str | None = None
    subject: str | None = None
    expected: str | None = None
    help: str | None = None
    details: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()

    def __post_init__(self) -> None:
        """Refuse codes that the index does not know."""
        if self.code not in CODES:
            msg = f"unknown diagnostic code {self.code}"
            raise ValueError(msg)

    @property
    def place(self) -> str:
        """`file:line:col`, or the file alone, or nothing."""
        return self.span.place if self.span else self.file or ""


def unreadable(file: str, error: OSError | UnicodeDecodeError) -> Diagnostic:
    """Say why a file can't be read as text."""
    why, hint = "unknown reason", None
    if isinstance(error, UnicodeDecodeError):
        line = error.object[: error.start].count(b"\n") + 1
        why, hint = f"line {line} is not UTF-8 text", "save it as UTF-8"
    elif error.strerror:
        why = f"{error.strerror[:1].lower()}{error.strerror[1:]}"
    if isinstance(error, UnfetchedError):
        hint = f"fetch it with `{error.fetch}`"
    return Diagnostic(code="P002", message=f"the file can't be read: {why}", file=file, help=hint)


def order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return each diagnostic once, by file, position and code."""

    def key(diagnostic: Diagnostic) -> tuple[str, int, str, str]:
        span = diagnostic.span
        file = span.source.name if span else diagnostic.file or ""
        return file, span.start if span else -1, diagnostic.code, diagnostic.message

    return tuple(sorted(dict.fromkeys(diagnostics), key=key))


def failed(diagnostics: Iterable[Diagnostic]) -> bool:
    """Say whether any of them is an error."""
    return any(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics)


def did_you_mean(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """Return a help text with at most three near words, nearest first, or nothing; a cutoff of 1 takes equals only."""
    if len(word) > _LONGEST_WORD:
        return None
    names = list(known)
    folded = {name.casefold().replace("_", ""): name for name in names}
    near = difflib.get_close_matches(word.casefold().replace("_", ""), folded, n=3, cutoff=cutoff)
    if not near:
        return None
    likeness = [difflib.SequenceMatcher(None, word.casefold().replace("_", ""), name).ratio() for name in near]
    near = [name for name, ratio in zip(near, likeness, strict=True) if ratio > likeness[0] - _MUCH_LESS]
    quoted = [f"`{folded[name]}`" for name in near]
    return f"did you mean {' or '.join(quoted)}?"


def one_of(names: Iterable[str]) -> str:
    """Return `one of a, b, c` for what was expected, or the name alone where there is but one."""
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"one of {', '.join(quoted)}"
