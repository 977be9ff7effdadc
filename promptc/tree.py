"""JSON-like trees and the pointers into them."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from promptc.blob import Blob

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
"""What JSON can hold."""

Tree: TypeAlias = "bool | int | float | str | Blob | Sequence[Tree] | Mapping[str, Tree] | None"
"""What JSON can hold, with pictures as blobs instead of base64."""


def child(pointer: str, key: str | int) -> str:
    """Return the JSON pointer (RFC 6901) of a member."""
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


def parent(pointer: str) -> str:
    """Return the pointer of the value around; the root's parent is the root."""
    return pointer.rpartition("/")[0]


def last(pointer: str) -> str:
    """Return the last token of a pointer, unescaped."""
    return pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")


def tokens(pointer: str) -> list[str]:
    """Return the tokens of a pointer, unescaped."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def in_order(pointer: str) -> tuple[tuple[int, str], ...]:
    """Return a key that sorts pointers as a reader meets them: `/9` before `/10`."""
    return tuple((int(token), "") if token.isdecimal() else (-1, token) for token in pointer.split("/"))
