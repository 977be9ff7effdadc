"""What a file's container says of it without decoding: a picture's sides, and whether the end is there.

Each reader walks from length to length, so its work does not grow with the pixels.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

MOST_PIXELS = 100_000_000
"""The largest picture that promptc takes: 4K at 16:9 has 17 million, the largest cameras have 100 million."""
LONGEST_SIDE = 65_535
"""The longest side that every format and decoder can hold (JPEG's is two bytes)."""
_TAIL = 1024
_BLOCK = 1 << 20
_MOST_STEPS = 200_000
"""How many pieces of a file are looked at: a PNG of 100 MB in the usual pieces of 8 KB has 12,000."""
_FILL = 0xFF  # a marker's first byte, and what may stand before it
_NO_FRAME = {0xC4, 0xC8, 0xCC}  # tables among JPEG's start-of-frame markers (ITU-T T.81, table B.1)
_ISPE = re.compile(rb"ispe\0\0\0\0(.{4})(.{4})", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A file's outer shape: `sides` are width and height in pixels, None where they aren't known."""

    sides: tuple[int, int] | None = None
    complete: bool = True


def frame(media_type: str, file: BinaryIO, size: int) -> Frame:
    """Return the outer shape of a file of `size` bytes; what has no reader counts as complete."""
    reader = _READERS.get(media_type)
    return reader(file, size) if reader else Frame()


def too_many_pixels(sides: tuple[int, int]) -> bool:
    """Say whether a picture has more pixels than promptc takes, or none."""
    return not all(0 < side <= LONGEST_SIDE for side in sides) or sides[0] * sides[1] > MOST_PIXELS


def _at(file: BinaryIO, offset: int, count: int) -> bytes:
    file.seek(offset)
    return file.read(count)


def _tail(file: BinaryIO, size: int) -> bytes:
    return _at(file, max(size - _TAIL, 0), _TAIL)


def _png(file: BinaryIO, size: int) -> Frame:
    """Walk the chunks (PNG specification, 5.3)."""
    head = _at(file, 8, 16)
    if head[:8] != b"\0\0\0\rIHDR" or len(head) < 16:  # noqa: PLR2004 - length, name, two sides
        return Frame(complete=False)
    sides = int.from_bytes(head[8:12]), int.from_bytes(head[12:16])
    at = 8
    for _ in range(_MOST_STEPS):
        piece = _at(file, at, 8)
        at += 12 + int.from_bytes(piece[:4])
        if len(piece) < 8 or at > size:  # noqa: PLR2004 - length and name
            break
        if piece[4:] == b"IEND":
            return Frame(sides=sides)
    return Frame(sides=sides, complete=False)


def _jpeg(file: BinaryIO, size: int) -> Frame:
    """Walk the segments to the first scan (ITU-T T.81, B.1), and find the mark of the end behind it."""
    at, sides = 2, None
    for _ in range(_MOST_STEPS):
        head = _at(file, at, 9)
        if len(head) < 4:  # noqa: PLR2004 - marker and length
            return Frame(sides=sides, complete=head[:2] == b"\xff\xd9")
        marker = head[1]
        if head[0] != _FILL:  # bytes between segments: decoders skip them
            return Frame(sides=sides, complete=b"\xff\xd9" in _tail(file, size))
        if marker == _FILL:
            at += 1
        elif marker == 0x01 or 0xD0 <= marker <= 0xD8:  # noqa: PLR2004 - markers without a segment
            at += 2
        elif marker in {0xD9, 0xDA}:
            return Frame(sides=sides, complete=marker == 0xD9 or _ends(file, at, size))  # noqa: PLR2004 - the end
        else:
            if 0xC0 <= marker <= 0xCF and marker not in _NO_FRAME:  # noqa: PLR2004 - a start of frame
                sides = int.from_bytes(head[7:9]), int.from_bytes(head[5:7])
            at += 2 + int.from_bytes(head[2:4])
    return Frame(sides=sides, complete=False)


def _ends(file: BinaryIO, start: int, size: int) -> bool:
    """Say whether a JPEG's scans end: in coded data, 0xFF never stands before 0xD9."""
    if b"\xff\xd9" in _at(file, max(size - _TAIL, start), _TAIL):
        return True
    file.seek(start)
    last = b""
    while block := file.read(_BLOCK):
        if b"\xff\xd9" in last + block:
            return True
        last = block[-1:]
    return False


def _webp(file: BinaryIO, size: int) -> Frame:
    """Read the container's length and the canvas (RFC 9649, 2.3 to 2.7)."""
    head = _at(file, 0, 30)
    complete = len(head) == 30 and int.from_bytes(head[4:8], "little") + 8 <= size  # noqa: PLR2004 - up to the sides
    sides = None
    if head[12:16] == b"VP8X":
        sides = int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    elif head[12:16] == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        sides = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif head[12:16] == b"VP8 ":
        sides = int.from_bytes(head[26:28], "little") & 0x3FFF, int.from_bytes(head[28:30], "little") & 0x3FFF
    return Frame(sides=sides if complete else None, complete=complete)


def _gif(file: BinaryIO, size: int) -> Frame:
    head = _at(file, 6, 4)
    complete = len(head) == 4 and b"\0;" in _tail(file, size)  # noqa: PLR2004 - two sides
    sides = int.from_bytes(head[:2], "little"), int.from_bytes(head[2:], "little")
    return Frame(sides=sides if complete else None, complete=complete)


def _riff(file: BinaryIO, size: int) -> Frame:
    length = int.from_bytes(_at(file, 4, 4), "little")
    return Frame(complete=length == 0xFFFFFFFF or length + 8 <= size)  # noqa: PLR2004 - streams don't know theirs


def _pdf(file: BinaryIO, size: int) -> Frame:
    return Frame(complete=b"%%EOF" in _tail(file, size))


def _boxes(file: BinaryIO, size: int) -> Frame:
    """Walk the boxes (ISO/IEC 14496-12, 4.2); a picture's sides are its largest item's (23008-12, 6.5.3)."""
    at, sides = 0, None
    for _ in range(_MOST_STEPS):
        head = _at(file, at, 16)
        length, header = int.from_bytes(head[:4]), 8
        if length == 1:
            length, header = int.from_bytes(head[8:16]), 16
        if length < header or not head[4:8].isascii():  # nothing more, the one to the end, or what is no box
            return Frame(sides=sides, complete=at > 0)
        if head[4:8] == b"meta":
            areas = [
                (int.from_bytes(w), int.from_bytes(h)) for w, h in _ISPE.findall(_at(file, at, min(length, _BLOCK)))
            ]
            sides = max(areas, key=lambda area: area[0] * area[1], default=None)
        at += length
        if at > size:
            break
    return Frame(sides=sides, complete=False)


_READERS: dict[str, Callable[[BinaryIO, int], Frame]] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/webp": _webp,
    "image/gif": _gif,
    "image/heic": _boxes,
    "image/heif": _boxes,
    "image/avif": _boxes,
    "video/mp4": _boxes,
    "video/mov": _boxes,
    "video/3gpp": _boxes,
    "audio/m4a": _boxes,
    "audio/wav": _riff,
    "video/avi": _riff,
    "application/pdf": _pdf,
}
