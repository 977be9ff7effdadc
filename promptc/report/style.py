"""Colour and safe text for terminals."""

import os
import sys
from dataclasses import dataclass
from typing import TextIO

_CODES = {"red": "31", "green": "32", "yellow": "33", "blue": "34", "dim": "2", "bold": "1"}


@dataclass(frozen=True, slots=True)
class Style:
    """Paints text where colour is wanted."""

    colour: bool = False

    def paint(self, text: str, *names: str) -> str:
        """Return the text in the named styles."""
        if not self.colour or not text:
            return text
        return f"\x1b[{';'.join(_CODES[name] for name in names)}m{text}\x1b[0m"


def style_for(stream: TextIO) -> Style:
    """Colour only on a terminal, and never with NO_COLOR (https://no-color.org)."""
    return Style(stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb")


def printable(text: str) -> str:
    """Return text without what would steer a terminal or turn its direction."""
    if text.isprintable():  # almost always, and a hundred times faster
        return text
    return "".join(char if char == "\n" or char.isprintable() else _visible(char) for char in text)


def _visible(char: str) -> str:
    return "    " if char == "\t" else f"\\u{ord(char):04x}"


def write(text: str, *, exact: bool = False) -> None:
    """Print to standard output, whatever its encoding can show; what programs read is `exact`: UTF-8."""
    if exact and hasattr(sys.stdout, "buffer"):
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
        return
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding))


def line(text: str) -> str:
    """Return text on one line: what a user wrote can't forge a line of ours."""
    return printable(text).replace("\n", "\\n")
