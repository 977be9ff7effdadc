"""Bodies as a client sees them: what HTTP has compressed, unpacked (RFC 9110, section 8.4).

Recorders differ: some keep the bytes of the wire, some the unpacked ones and the header that no longer
fits, some neither. So the bytes decide, not the header.
"""

import re
import zlib
from collections.abc import Sequence

LARGEST = 512 * 2**20
"""The largest answer in bytes that is read; a picture of 4K with its signature stays under 50 MB."""
_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = zlib.MAX_WBITS | 16
_DEFLATE = 8
_TEXT = re.compile(r"\s*(?:[\[{<]|(?:data|event|id|retry)?:|$)")


class PackedError(ValueError):
    """A body can't be unpacked; the message says why."""


class TooMuchError(PackedError):
    """A body is larger than any answer, once it is unpacked."""


def unpacked(data: bytes, encodings: Sequence[str]) -> bytes:
    """Undo what the values of `Content-Encoding` name, where it was not undone before; raises PackedError."""
    named = [name.strip().lower() for value in encodings for name in value.split(",")]
    for name in reversed(named):
        if name in {"", "identity", "gzip", "x-gzip"}:
            data = _gunzipped(data)
        elif name == "deflate":
            data = _inflated(data)
        elif not _plain(data):
            msg = f"it is compressed with `{name[:20]}`, which promptc can't unpack"
            raise PackedError(msg)
    return _gunzipped(data)  # whoever has filtered the header out has left the bytes


def _gunzipped(data: bytes) -> bytes:
    if not data.startswith(_GZIP):
        return data
    parts: list[bytes] = []
    while data.startswith(_GZIP):  # one file may have several members (RFC 1952, section 2.2)
        member, data = _decompressed(data, _GZIP_WINDOW, LARGEST - sum(map(len, parts)))
        parts.append(member)
    return b"".join(parts)


def _inflated(data: bytes) -> bytes:
    """Undo `deflate`: the zlib format, or the bare one that some servers send in its place."""
    if _plain(data):
        return data
    zlibbed = data[0] % 16 == _DEFLATE and int.from_bytes(data[:2]) % 31 == 0  # RFC 1950, section 2.2
    return _decompressed(data, zlib.MAX_WBITS if zlibbed else -zlib.MAX_WBITS, LARGEST)[0]


def _decompressed(data: bytes, window: int, most: int) -> tuple[bytes, bytes]:
    """Return what one stream holds, and what follows it; a small one can hold more than the memory does."""
    machine = zlib.decompressobj(window)
    try:
        made = machine.decompress(data, max(most, 1))
    except zlib.error:
        msg = "its compression is broken"
        raise PackedError(msg) from None
    if machine.unconsumed_tail:
        msg = f"it unpacks to more than {LARGEST // 2**20} MB"
        raise TooMuchError(msg)
    if not machine.eof:
        msg = "it is compressed and cut short"
        raise PackedError(msg)
    return made, machine.unused_data


def _plain(data: bytes) -> bool:
    """Say whether a body is text of a kind that the API answers or takes."""
    try:
        return bool(_TEXT.match(data.decode()))
    except UnicodeDecodeError:
        return False
