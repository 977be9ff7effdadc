"""Compressed answers: unpacked piece by piece, and good only if they are whole."""

import zlib
from collections.abc import Iterable, Iterator

from urllib3.exceptions import DecodeError

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_PIECE = 2**16


def unpacked(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield an answer's body in pieces of bounded size; raises DecodeError where it is broken or cut short.

    urllib3's own unpacking takes a body whose end is missing for whole.
    """
    if encoding.strip().lower() in {"", "identity"}:
        yield from chunks
        return
    unpacker = zlib.decompressobj(_GZIP_OR_ZLIB)
    begun = False
    try:
        for data in chunks:
            left, begun = data, True
            while left:
                if unpacker.eof:  # one gzip may follow another (RFC 1952, section 2.2)
                    unpacker = zlib.decompressobj(_GZIP_OR_ZLIB)
                yield unpacker.decompress(left, _PIECE)
                left = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
    except zlib.error as error:
        raise DecodeError(str(error)) from None
    if begun and not unpacker.eof:
        msg = "the end is missing"
        raise DecodeError(msg)
