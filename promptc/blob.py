"""Binary inputs by digest: what stands in a request instead of base64."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from promptc.errors import WireError
from promptc.files import DISK, Files

# Magic numbers of the picture types that the API's image models take or give
# (Google's image generation guide: PNG, JPEG, WebP, HEIC, HEIF), and GIF to name it.
_FTYP_BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"heim": "image/heic",
    b"heis": "image/heic",
    b"hevc": "image/heic",
    b"hevx": "image/heic",
    b"mif1": "image/heif",
    b"msf1": "image/heif",
}
_EXTENSIONS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/avif": "avif",
    "image/heic": "heic",
    "image/heif": "heif",
    "audio/wav": "wav",
    "application/pdf": "pdf",
}
_OTHER = "bin"
EXTENSIONS = frozenset({*_EXTENSIONS.values(), _OTHER})
"""Every extension that `extension` gives."""
HEAD = 32
"""How many leading bytes `sniff` wants."""
TAIL = 1024
"""How many trailing bytes `whole` wants."""
PNG = b"\x89PNG\r\n\x1a\n"
"""PNG's signature, made so that a conversion of line endings shows (PNG specification, 5.2)."""


def sniff(head: bytes) -> str | None:
    """Return the media type that the first bytes show, or None."""
    if head.startswith(PNG):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12])
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head[4:8] == b"ftyp":
        return _FTYP_BRANDS.get(head[8:12])
    return None


def converted(head: bytes) -> bool:
    """Say whether these are the first bytes of a PNG whose line endings something has converted."""
    return not head.startswith(PNG) and head[:HEAD].replace(b"\r", b"").startswith(PNG.replace(b"\r", b""))


def whole(media_type: str, head: bytes, tail: bytes, size: int) -> bool:
    """Say whether a picture of `size` bytes has its end, by cheap marks: no pixel is decoded."""
    if media_type == "image/png":
        return b"IEND" in tail
    if media_type == "image/jpeg":
        return b"\xff\xd9" in tail
    if media_type == "image/webp":
        return size >= int.from_bytes(head[4:8], "little") + 8
    return True


def extension(head: bytes) -> str:
    """Return the file extension that the first bytes deserve; `bin` if they say nothing."""
    return _EXTENSIONS.get(sniff(head) or "", _OTHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """A binary input: its digest pins it, its path says where to read it.

    `size` is in bytes, `sha256` in lower-case hexadecimal. `data` is set only for what has no
    file. `files` are those among which the path leads to it.
    """

    media_type: str
    size: int
    sha256: str
    path: Path | None = field(default=None, compare=False)
    data: bytes | None = field(default=None, compare=False, repr=False)
    files: Files = field(default=DISK, compare=False, repr=False)

    @classmethod
    def of_bytes(cls, data: bytes, media_type: str) -> "Blob":
        """Make a blob of bytes that have no file."""
        return cls(
            media_type=media_type,
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            data=data,
        )

    @property
    def digest(self) -> str:
        """The digest as canonical bodies and cassettes write it."""
        return f"sha256:{self.sha256}"

    def read(self) -> bytes:
        """Return the bytes; raises WireError where the file has changed since it was compiled."""
        if self.data is not None:
            return self.data
        if self.path is None:
            msg = f"the bytes of {self.digest} are not at hand"
            raise WireError(msg)
        data = self.files.read_bytes(self.path)
        if hashlib.sha256(data).hexdigest() != self.sha256:
            msg = f"{self.path.name} changed while promptc ran; run the command again"
            raise WireError(msg)
        return data
