"""From an image's path to a blob: it exists, lies in the project, is whole and of a known type."""

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from promptc.blob import HEAD, LFS_POINTER, TAIL, Blob, sniff, whole
from promptc.compiler.spec import ImageRef
from promptc.diagnostics import Diagnostic, did_you_mean
from promptc.source import Span, shown

# Google's image generation guide, "limitations": the input types of the image models
ACCEPTED = ("image/png", "image/jpeg", "image/webp", "image/heic", "image/heif")
_QUOTED = 120
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_GLOB = re.compile(r"[*?]")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageStore:
    """Reads the images of one project, each file once in a compilation."""

    root: Path
    known: dict[Path, Blob] = field(default_factory=dict)

    def load(self, ref: ImageRef, span: Span | None) -> Blob | Diagnostic:
        """Return the image, or why it can't be used."""
        written = ref.written if len(ref.written) <= _QUOTED else f"{ref.written[:_QUOTED]}…"
        if refused := _no_path(ref.written):
            message, hint = refused
            return Diagnostic(code="P301", message=message, span=span, help=hint)
        try:
            path = (ref.folder / ref.written).resolve()
            if path in self.known:
                return self.known[path]
            if not path.is_relative_to(self.root):
                message = f"`{written}` lies outside the project"
                return Diagnostic(code="P304", message=message, span=span, help="copy the picture into the project")
            if path.is_symlink():  # resolved, and still a link: from Python 3.13 on, a circle is no error
                raise RuntimeError
            if not path.is_file():
                return _missing(path, written, span)
            blob = _read(path)
        except (OSError, ValueError, RuntimeError) as error:  # a path too long, with a NUL, a circle of links
            why = error.strerror if isinstance(error, OSError) and error.strerror else "that is no path"
            message = f"`{written}` can't be read: {why[:1].lower()}{why[1:]}"
            return Diagnostic(code="P302", message=message, span=span)
        except _NoPictureError as error:
            message = f"`{written}` {error}"
            return Diagnostic(code="P302", message=message, span=span, help=error.hint)
        self.known[path] = blob
        return blob


def _no_path(written: str) -> tuple[str, str] | None:
    """Say why what `image` names is no path, and what to do."""
    if not written:
        return "`image` has an empty path", "name a picture"
    if written[:5].casefold() == "data:":
        return "`image` takes no `data:` URI in this version of promptc", "save the picture in the project"
    if _URL.match(written):
        return "compiling never downloads pictures", "save the picture in the project and name its path"
    if _GLOB.search(written):
        return "`image` takes no pattern in this version of promptc", 'list the paths: `image = ["…", "…"]`'
    if "\\" in written:
        return "a path is written with `/`, on every system", f"write `{written.replace(chr(92), '/')[:_QUOTED]}`"
    return None


class _NoPictureError(Exception):
    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def _read(path: Path) -> Blob:
    with path.open("rb") as file:
        head = file.read(64)
        size = file.seek(0, 2)
        file.seek(max(size - TAIL, 0))
        tail = file.read()
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if head.startswith(LFS_POINTER):
        msg = "is a pointer of Git LFS, not the picture itself"
        raise _NoPictureError(msg, "fetch it with `git lfs pull`")
    media_type = sniff(head[:HEAD])
    if not size:
        msg = "is an empty file"
        raise _NoPictureError(msg, "copy it again, or restore it from version control")
    if media_type not in ACCEPTED:
        msg = f"is {media_type}, which the API does not take" if media_type else "is no picture that promptc knows"
        raise _NoPictureError(msg, "save it as PNG, JPEG or WebP")
    if not whole(media_type, head, tail, size):
        msg = "is cut short"
        raise _NoPictureError(msg, "copy it again, or restore it from version control")
    return Blob(media_type=media_type, size=size, sha256=digest, path=path)


def _missing(path: Path, written: str, span: Span | None) -> Diagnostic:
    if path.is_dir():
        message = f"`{written}` is a folder, not an image"
        return Diagnostic(code="P301", message=message, span=span, help="name a picture in it")
    neighbours = sorted(entry.name for entry in path.parent.iterdir()) if path.parent.is_dir() else []
    return Diagnostic(
        code="P301",
        message=f"there is no image `{written}`",
        span=span,
        expected=f"a file `{path.name}` in `{shown(path.parent)}`",
        help=did_you_mean(path.name, neighbours) or "paths start from the file in which they are written",
    )
