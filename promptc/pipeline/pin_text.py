"""Edits of people's files: what is not edited stays, line endings and a byte order mark included."""

import os
import shutil
from bisect import bisect_left
from collections.abc import Iterable
from pathlib import Path

from promptc.pipeline.pin_places import Edit
from promptc.replay.files import sync_folder, write_new
from promptc.source import Span

_MARK = "\ufeff"


def edited(data: bytes, edits: Iterable[Edit]) -> bytes:
    r"""Return a file's bytes with edits applied; their offsets count each `\r\n` as one character, and no mark."""
    raw = data.decode()
    first = len(_MARK) if raw.startswith(_MARK) else 0
    returns = _returns(raw[first:])

    def place(offset: int) -> int:
        return first + offset + bisect_left(returns, offset)

    for edit in sorted(edits, key=lambda edit: edit.span.end, reverse=True):
        start, end = place(edit.span.start), place(edit.span.end)
        if edit.on_new_line:
            raw = raw[:end] + _ending(raw, end) + _indentation(edit.span) + edit.text + raw[end:]
        else:
            raw = raw[:start] + edit.text + raw[end:]
    return raw.encode()


def replace(path: Path, before: bytes, after: bytes) -> None:
    """Give a file new content, all of it or nothing; its mode stays, and so does a link to it; raises OSError."""
    real = path.resolve()
    if not os.access(real, os.W_OK):
        raise PermissionError(13, "it is write-protected", str(path))
    temporary = real.with_name(f"{real.name}.tmp")
    write_new(temporary, after)
    try:
        shutil.copymode(real, temporary)
        if real.read_bytes() != before:
            raise OSError(0, "it was changed in this moment", str(path))
        temporary.replace(real)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(real.parent)


def _returns(raw: str) -> list[int]:
    r"""Return the offsets of the newlines that were `\r\n`, counted without the returns."""
    found: list[int] = []
    at = raw.find("\r\n")
    while at >= 0:
        found.append(at - len(found))
        at = raw.find("\r\n", at + 2)
    return found


def _ending(raw: str, at: int) -> str:
    """Return the line ending at a place, or at the end of a file the one that its lines have."""
    return "\r\n" if "\r\n" in (raw[at : at + 2] or raw) else "\n"


def _indentation(span: Span) -> str:
    return span.text[: len(span.text) - len(span.text.lstrip(" \t"))]
