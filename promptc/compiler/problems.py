"""What is wrong with a template, on its way to become a diagnostic."""

from promptc.diagnostics import Diagnostic, Related
from promptc.source import Span


class TemplateProblemError(Exception):
    """A mistake in a template: its code, where it stands, what to do."""

    def __init__(
        self,
        code: str,
        message: str,
        span: Span,
        hint: str | None = None,
        related: tuple[Related, ...] = (),
        expected: str | None = None,
    ) -> None:
        """Keep what a diagnostic needs."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.span = span
        self.hint = hint
        self.related = related
        self.expected = expected

    def diagnostic(self, subject: str | None = None, related: tuple[Related, ...] = ()) -> Diagnostic:
        """Return it as a diagnostic; `related` are places that led there."""
        return Diagnostic(
            code=self.code,
            message=self.message,
            span=self.span,
            subject=subject,
            expected=self.expected,
            help=self.hint,
            related=(*self.related, *related),
        )


class UnknownValueError(Exception):
    """A template needs a value that has a mistake of its own, which is told elsewhere."""
