"""A report as a file: written whole, or not at all."""

from contextlib import suppress
from pathlib import Path

from promptc.errors import UsageError
from promptc.source import shown


def save(text: str, path: Path) -> None:
    """Write a text in UTF-8 in the place of what stood there; raises UsageError."""
    temporary = path.with_name(path.name + ".tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, encoding="utf-8", newline="")
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        msg = f"`{shown(path)}` was not written: {error.strerror or error}; choose another place with -o"
        raise UsageError(msg) from None
