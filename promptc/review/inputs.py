"""The pictures that a request shows the model, in order."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from promptc.blob import HEAD, Blob, sniff
from promptc.canonical import decode_base64
from promptc.tree import Tree

_DATA = ("inlineData", "inline_data")
"""The two spellings: a reply goes back as it was received."""


def inputs(tree: Tree) -> Iterator[Callable[[], bytes]]:
    """Yield what reads each picture of a request: its own, and those that a reply brings back."""
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            data = value.get("data") if key in _DATA and isinstance(value, Mapping) else None
            if isinstance(data, Blob) and data.media_type.startswith("image/"):
                yield data.read
            elif isinstance(data, str) and (decoded := _picture(data)):
                yield partial(bytes, decoded)
            elif data is None:
                yield from inputs(value)
    elif isinstance(tree, Sequence) and not isinstance(tree, str):
        for item in tree:
            yield from inputs(item)


def _picture(data: str) -> bytes | None:
    """Return the bytes of a picture in base64; None for what is none."""
    try:
        decoded = decode_base64(data)
    except ValueError:
        return None
    return decoded if (sniff(decoded[:HEAD]) or "").startswith("image/") else None
