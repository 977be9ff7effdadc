"""From an image's path to a blob: it exists, lies in the project, is whole and of a known type."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from promptc.blob import HEAD, Blob, sniff
from promptc.compiler.spec import ImageRef
from promptc.diagnostics import Diagnostic, did_you_mean
from promptc.source import Span, shown

# Google's image generation guide, "limitations": the input types of the image models
ACCEPTED = ("image/png", "image/jpeg", "image/webp", "image/heic", "image/heif")
_TAIL = 16
_LFS = b"version https://git-lfs.github.com/spec/"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageStore:
    """Reads the images of one project, each file once in a compilation."""

    root: Path
    known: dict[Path, Blob] = field(default_factory=dict)

    def load(self, ref: ImageRef, span: Span | None) -> Blob | Diagnostic:
        """Return the image, or why it can't be used."""
        path = (ref.folder / ref.written).resolve()
        if path in self.known:
            return self.known[path]
        if not path.is_relative_to(self.root):
            message = f"`{ref.written}` lies outside the project"
            return Diagnostic(code="P304", message=message, span=span, help="copy the picture into the project")
        if not path.is_file():
            return _missing(path, ref, span)
        try:
            blob = _read(path)
        except OSError as error:
            message = f"`{ref.written}` can't be read: {error.strerror}"
            return Diagnostic(code="P302", message=message, span=span)
        except _NoPictureError as error:
            message = f"`{ref.written}` {error}"
            return Diagnostic(code="P302", message=message, span=span, help=error.hint)
        self.known[path] = blob
        return blob


class _NoPictureError(Exception):
    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def _read(path: Path) -> Blob:
    with path.open("rb") as file:
        head = file.read(64)
        size = file.seek(0, 2)
        file.seek(max(size - _TAIL, 0))
        tail = file.read()
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if head.startswith(_LFS):
        msg = "is a pointer of Git LFS, not the picture itself"
        raise _NoPictureError(msg, "fetch it with `git lfs pull`")
    media_type = sniff(head[:HEAD])
    if media_type not in ACCEPTED:
        msg = f"is {media_type}, which the API does not take" if media_type else "is no picture that promptc knows"
        raise _NoPictureError(msg, "save it as PNG, JPEG or WebP")
    if not _whole(media_type, head, tail, size):
        msg = "is cut short"
        raise _NoPictureError(msg, "copy it again, or restore it from version control")
    return Blob(media_type=media_type, size=size, sha256=digest, path=path)


def _whole(media_type: str, head: bytes, tail: bytes, size: int) -> bool:
    """Say whether a picture has its end; cheap marks, no pixel is decoded."""
    if media_type == "image/png":
        return b"IEND" in tail
    if media_type == "image/jpeg":
        return b"\xff\xd9" in tail
    if media_type == "image/webp":
        return size >= int.from_bytes(head[4:8], "little") + 8
    return True


def _missing(path: Path, ref: ImageRef, span: Span | None) -> Diagnostic:
    neighbours = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    where = shown(path.parent)
    return Diagnostic(
        code="P301",
        message=f"there is no image `{ref.written}`",
        span=span,
        expected=f"a file `{path.name}` in {where}",
        help=did_you_mean(path.name, neighbours) or "paths start from the file in which they are written",
    )
