"""How a value may be spelt in bytes: escapes of JSON, of addresses and of HTML, line breaks, base64; and the way back.

What is searched is a *view*: the bytes as they are, or with one layer of escapes undone. Regular
expressions see 30 MB too slowly; so views are made of the *words* of a file, which are few where
it is large: without long base64, and without what is no text.
"""

import base64
import html
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar
from urllib.parse import quote

BLANK = b" \t\r\n\v\f"
"""What may stand between the characters of a value: a long one is wrapped and indented."""
_LAYERS = 6
_LARGE = 2**16
_DATA, _DATA_ENDS = 1024, 256
_WORD = 16
_BLANKS = re.compile(rb"[ \t\r\n\v\f]+")

# Each starts with a character of its own, which the engine looks for at the speed of memory; one
# expression for all of them takes two seconds on 30 MB of base64.
_JSON = re.compile(rb"""\\(?:u([0-9A-Fa-f]{4}(?:\\u[0-9A-Fa-f]{4})*+)|x([0-9A-Fa-f]{2})|([\\/"'bfnrtv]|\r?\n))""")
_ADDRESS = re.compile(rb"%([0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2})*+)")
_HTML = re.compile(rb"&(?:\#[0-9]{1,7}|\#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_BASE64_IN_JSON = {
    b"\\u002b": b"+",
    b"\\u002B": b"+",
    b"\\u002f": b"/",
    b"\\u002F": b"/",
    b"\\u003d": b"=",
    b"\\u003D": b"=",
}
_SHORT = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v", b"\n": b"", b"\r\n": b""}


def _json(found: re.Match[bytes]) -> bytes:
    if found[1]:  # the halves of a surrogate pair become one character
        units = bytes.fromhex(found[1].replace(b"\\u", b"").decode("ascii"))
        return units.decode("utf-16-be", "surrogatepass").encode(errors="surrogatepass")
    return bytes.fromhex(found[2].decode("ascii")) if found[2] else _SHORT.get(found[3], found[3])


def _address(found: re.Match[bytes]) -> bytes:
    return bytes.fromhex(found[1].replace(b"%", b"").decode("ascii"))


def _html(found: re.Match[bytes]) -> bytes:
    return html.unescape(found[0].decode("ascii")).encode(errors="surrogatepass")


_Undo = tuple[re.Pattern[bytes], Callable[[re.Match[bytes]], bytes]]
_ESCAPES: tuple[_Undo, ...] = ((_JSON, _json), (_ADDRESS, _address), (_HTML, _html))


@dataclass(frozen=True, slots=True)
class _Plain:
    """A view that is searched, and then forgotten."""

    data: bytes

    def without(self, pattern: re.Pattern[bytes], undo: Callable[[re.Match[bytes]], bytes]) -> "_Plain":
        return _Plain(pattern.sub(undo, self.data))


_View = TypeVar("_View", _Plain, "Traced")


def squeezed(data: bytes) -> bytes:
    """Return bytes without blanks and line breaks."""
    return data.translate(None, BLANK)


def unwrapped(data: bytes) -> bytes:
    """Return bytes as JSON writes base64, without its line breaks and with its slashes; nothing where it has none."""
    if b"\\" not in data:
        return b""
    for escape, meant in _BASE64_IN_JSON.items() if b"\\u00" in data else ():
        data = data.replace(escape, meant)
    return squeezed(data.replace(b"\\n", b"").replace(b"\\r", b"").replace(b"\\/", b"/"))


def views(data: bytes) -> Iterator[bytes]:
    """Yield the bytes, then the bytes with layer after layer of escapes undone."""
    return (view.data for view in _undone(_Plain(data)))


def traced_views(data: bytes) -> Iterator["Traced"]:
    """Yield the same views, each with its way back."""
    return _undone(Traced(data=data))


def _undone(view: _View) -> Iterator[_View]:
    """Yield a view and what it becomes without one kind of escapes, then without all of them, again and again."""
    yield view
    kinds = [kind for kind in _ESCAPES if kind[0].search(view.data)]
    yield from (view.without(*kind) for kind in kinds[1:])
    for _ in range(_LAYERS if kinds else 0):
        before = view.data
        for pattern, undo in _ESCAPES:
            view = view.without(pattern, undo)
            if view.data != before:
                yield view
        if view.data == before:
            return


def words(data: bytes) -> bytes:
    """Return what there is to read in a file: of one that is no text, stretches that are; of long base64, both ends."""
    if len(data) < _LARGE:
        return data
    if not _is_text(data):
        data = b"\0".join(data[start:end] for start, end in _runs(data, _PRINTABLE, _WORD))
    pieces = []
    done = 0
    for start, end in _runs(data, _IN_BASE64, _DATA):
        pieces.append(data[done : start + _DATA_ENDS])
        done = end - _DATA_ENDS
    return b"\0".join([*pieces, data[done:]])


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _table(pattern: bytes) -> bytes:
    """Return a table for `translate` that makes `+` of the bytes that match, and NUL of all others."""
    return bytes(ord("+") if re.match(pattern, bytes([code])) else 0 for code in range(256))


_PRINTABLE = _table(rb"[\t\n\r -~]")
_IN_BASE64 = _table(rb"[A-Za-z0-9+/=_\\-]")


def _runs(data: bytes, table: bytes, least: int) -> Iterator[tuple[int, int]]:
    """Yield where at least so many bytes of a kind stand in a row."""
    kinds = data.translate(table)
    start = kinds.find(b"+" * least)
    while start >= 0:
        end = kinds.find(b"\0", start)
        end = len(data) if end < 0 else end
        yield start, end
        start = kinds.find(b"+" * least, end)


def spelt(value: bytes) -> frozenset[bytes]:
    """Return what is looked for, without blanks, in each view of a text that may hold the value."""
    wraps = {value, quote(value, safe="").encode("ascii")}
    text = value.decode(errors="replace")
    wraps |= {json.dumps(text, ensure_ascii=ascii_).encode()[1:-1] for ascii_ in (False, True)}
    found = set(chain.from_iterable(_in_base64(wrapped) for wrapped in wraps))
    found |= {value.hex().encode("ascii"), value.hex().upper().encode("ascii"), value.replace(b" ", b"+")}
    found |= set(views(value))  # a view may undo what belongs to the value itself
    found.add(text.encode("utf-16-le")[:-1])  # the same bytes in both orders
    return frozenset(map(squeezed, found))


def _in_base64(value: bytes) -> Iterator[bytes]:
    """Yield what base64 of anything that holds the value has in common, for each place in a group of three."""
    for offset in range(3):
        first, end = (offset * 8 + 5) // 6, (offset + len(value)) * 8 // 6
        encoded = base64.b64encode(b"\0" * offset + value)[first:end]
        yield encoded
        yield encoded.replace(b"+", b"-").replace(b"/", b"_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """A view that knows the way back: piece `i` starts at `starts[i]` and stands for `origins[i]` of `source`.

    The pieces that are copies have the length of their origin; the others stand for it as a whole.
    """

    data: bytes
    source: "Traced | None" = None
    starts: Sequence[int] = ()
    origins: Sequence[tuple[int, int]] = ()
    copies: Sequence[bool] = ()

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return the stretch of the first bytes that a stretch of this view was made of."""
        if self.source is None:
            return start, end
        return self.source.original(self._place(start)[0], self._place(end - 1)[1])

    def _place(self, offset: int) -> tuple[int, int]:
        index = bisect_right(self.starts, offset) - 1
        first, last = self.origins[index]
        if not self.copies[index]:
            return first, last
        place = first + offset - self.starts[index]
        return place, place + 1

    def without(self, pattern: re.Pattern[bytes], undo: Callable[[re.Match[bytes]], bytes]) -> "Traced":
        """Return a view in which what matches is undone."""
        pieces: list[bytes] = []
        starts: list[int] = []
        origins: list[tuple[int, int]] = []
        copies: list[bool] = []
        size = end = 0
        for found in chain(pattern.finditer(self.data), (None,)):
            stop = found.start() if found else len(self.data)
            undone = undo(found) if found else b""
            rows = [(self.data[end:stop], (end, stop), True), (undone, found.span() if found else (0, 0), False)]
            for piece, origin, copy in rows:
                if piece:
                    pieces.append(piece)
                    starts.append(size)
                    origins.append(origin)
                    copies.append(copy)
                    size += len(piece)
            end = found.end() if found else stop
        return Traced(data=b"".join(pieces), source=self, starts=starts, origins=origins, copies=copies)

    def squeezed(self) -> "Traced":
        """Return the view without blanks."""
        return self.without(_BLANKS, lambda _: b"")
