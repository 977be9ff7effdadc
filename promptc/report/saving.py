"""A report as a file: written whole, or not at all."""

from contextlib import suppress
from pathlib import Path

from promptc.errors import UsageError
from promptc.source import shown


def save(content: str | bytes, path: Path, *, option: str = "-o") -> None:
    """Write a text in UTF-8, or bytes, in the place of what stood there; raises UsageError, which names the option."""
    temporary = path.with_name(path.name + ".tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)
        with temporary.open("xb") as file:  # a link that lies there, which git may have brought, is not followed
            file.write(content.encode() if isinstance(content, str) else content)
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        msg = f"`{shown(path)}` was not written: {error.strerror or error}; choose another place with {option}"
        raise UsageError(msg) from None
