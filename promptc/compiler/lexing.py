"""Jinja's lexer with offsets: what Jinja takes for line numbers are places in the text.

Jinja hands the number that its lexer gives a token on to nodes, errors and debug information. With
offsets in the place of lines, all of them know the column. Offsets count from 0, Jinja's from 1.
"""

from collections.abc import Iterator

from jinja2 import Environment, TemplateSyntaxError
from jinja2.lexer import Lexer


class OffsetLexer(Lexer):
    """Cuts a template into tokens that carry their offset."""

    def tokeniter(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> Iterator[tuple[int, str, str]]:
        """Yield offset, kind and text of each token; raises TemplateSyntaxError with the offset as its line."""
        at = 0
        try:
            for _, kind, value in super().tokeniter(source, name, filename, state):
                at = source.find(value, at)  # only white space that a tag strips is passed over
                yield at + 1, kind, value
                at += len(value)
        except TemplateSyntaxError as error:
            error.lineno = at + 1
            raise


LEXER = OffsetLexer(Environment(keep_trailing_newline=True, autoescape=False))  # noqa: S701 - it only cuts text
