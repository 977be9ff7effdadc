"""Answers on disk: long base64 leaves the body for a sidecar, and comes back byte for byte.

Works on bytes, not on JSON, so it is the same for pretty-printed and compact JSON, event streams
and arrays, and a body that is none of these stays what it is.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from promptc.blob import HEAD, extension

# One character class without alternatives: anything cleverer takes seconds on a large picture. A run
# is tried where it begins and nowhere else, so that many runs of nearly 512 take no square of time.
_CLASS = rb"[A-Za-z0-9+/=_\\-]"
_TOKEN = re.compile(rb'"data"\s*:\s*"(%b{64,})"|(?<!%b)(%b{512,})' % (_CLASS, _CLASS, _CLASS))
_MARKER = "sidecar"
_RAW = "raw"
_PICTURES = {"png", "jpg", "webp", "gif", "avif", "heic", "heif"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    r"""A file beside a cassette: its stable name, digest, size in bytes, and how the body spelt it.

    `encoding` is `raw`, or an alphabet (`base64`, `base64url`) with what is special about the
    spelling: `nopad`, `slashes` (written `\/`), `equals` (written `\u003d`).
    """

    file: str
    sha256: str
    size: int
    encoding: str
    data: bytes = field(repr=False, compare=False, default=b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitBody:
    """A body with `<marker n>` in the place of each sidecar, n from 1."""

    text: str
    marker: str
    sidecars: tuple[Sidecar, ...]


def split(body: bytes, prefix: str) -> SplitBody:
    """Take long base64 out of a body; `prefix` starts the sidecars' names: `case.step`."""
    try:
        body.decode()
    except UnicodeDecodeError:
        whole = _sidecar(body, _RAW, prefix, _Names())
        return SplitBody(text=f"<{_MARKER} 1>", marker=_MARKER, sidecars=(whole,))
    marker = _MARKER
    while f"<{marker} ".encode() in body:
        marker += "-"
    sidecars: list[Sidecar] = []
    names = _Names()
    pieces: list[bytes] = []
    end = 0
    for start, stop, token in _tokens(body):
        data, encoding = _decoded(token)
        sidecars.append(_sidecar(data, encoding, prefix, names))
        pieces += [body[end:start], f"<{marker} {len(sidecars)}>".encode()]
        end = stop
    text = b"".join([*pieces, body[end:]]).decode()
    return SplitBody(text=text, marker=marker, sidecars=tuple(sidecars))


def join(text: bytes, marker: str, sidecars: tuple[Sidecar, ...], read: Callable[[Sidecar], bytes]) -> bytes:
    """Put the sidecars back where they were; `read` gives a sidecar's bytes; see `complete`."""
    if not sidecars:
        return text
    pieces: list[bytes] = []
    end = 0
    for match in re.finditer(rb"<" + re.escape(marker.encode()) + rb" (\d{1,9})>", text):
        sidecar = sidecars[int(match.group(1)) - 1]
        pieces += [text[end : match.start()], _encoded(read(sidecar), sidecar.encoding)]
        end = match.end()
    return b"".join([*pieces, text[end:]])


def complete(text: bytes, marker: str, sidecars: tuple[Sidecar, ...]) -> bool:
    """Say whether each sidecar has its marker in the text once, in order: what `split` makes."""
    found = re.findall(rb"<" + re.escape(marker.encode()) + rb" (\d{1,9})>", text) if sidecars else []
    return [int(number) for number in found] == list(range(1, len(sidecars) + 1))


def _tokens(body: bytes) -> Iterator[tuple[int, int, bytes]]:
    for match in _TOKEN.finditer(body):
        group = 1 if match.group(1) is not None else 2
        yield match.start(group), match.end(group), match.group(group)


def _decoded(token: bytes) -> tuple[bytes, str]:
    """Decode a token; `raw` where encoding again would not give the same bytes."""
    plain = token.replace(b"\\/", b"/").replace(b"\\u003d", b"=")
    url_safe = b"-" in plain or b"_" in plain
    encoding = "base64url" if url_safe else "base64"
    if not plain.endswith(b"=") and len(plain) % 4:
        encoding += " nopad"
    if b"\\/" in token:
        encoding += " slashes"
    if b"\\u003d" in token:
        encoding += " equals"
    try:
        standard = plain.replace(b"-", b"+").replace(b"_", b"/") if url_safe else plain
        data = base64.b64decode(standard + b"=" * (-len(standard) % 4), validate=True)
    except binascii.Error:
        return token, _RAW
    return (data, encoding) if _encoded(data, encoding) == token else (token, _RAW)


def _encoded(data: bytes, encoding: str) -> bytes:
    alphabet, *flags = encoding.split()
    if alphabet == _RAW:
        return data
    token = base64.urlsafe_b64encode(data) if alphabet == "base64url" else base64.b64encode(data)
    if "nopad" in flags:
        token = token.rstrip(b"=")
    if "slashes" in flags:
        token = token.replace(b"/", b"\\/")
    if "equals" in flags:
        token = token.replace(b"=", b"\\u003d")
    return token


class _Names:
    """Counts the files of one answer: pictures and other things apart; equal bytes share a file."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self.pictures = 0
        self.others = 0

    def name(self, prefix: str, digest: str, suffix: str) -> str:
        if digest not in self.known:
            if suffix in _PICTURES:
                self.pictures += 1
                number = self.pictures
            else:
                self.others += 1
                number = self.others
            self.known[digest] = f"{prefix}.{number}.{suffix}"
        return self.known[digest]


def _sidecar(data: bytes, encoding: str, prefix: str, names: _Names) -> Sidecar:
    digest = hashlib.sha256(data).hexdigest()
    file = names.name(prefix, digest, extension(data[:HEAD]))
    return Sidecar(file=file, sha256=digest, size=len(data), encoding=encoding, data=data)
