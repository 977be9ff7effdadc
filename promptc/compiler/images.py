"""From what a part names to blobs: pictures and files of the project, whole and of a known type."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BufferedReader, BytesIO
from pathlib import Path, PurePosixPath

from promptc import media
from promptc.blob import Blob, converted
from promptc.compiler import data_uri
from promptc.compiler.globs import is_pattern, matches
from promptc.compiler.paths import check_path, reach, unreadable
from promptc.compiler.refused import RefusedError, is_data, quoted
from promptc.compiler.spec import ImageRef
from promptc.container import LONGEST_SIDE, MOST_PIXELS, Frame, frame, too_many_pixels
from promptc.diagnostics import Diagnostic
from promptc.files import Root
from promptc.models import largest_request
from promptc.source import LFS_POINTER, Span, relative_to_root

# Google's image generation guide, "limitations": the input types of the image models
ACCEPTED = ("image/png", "image/jpeg", "image/webp", "image/heic", "image/heif")
_HEAD = 4096
_ANYTHING = "application/octet-stream"
_COPY = "copy it again, or restore it from version control"
_UNTOUCHED = "put a line such as `*.png -text` into `.gitattributes`, then " + _COPY
PICTURES = "save it as PNG, JPEG or WebP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What was seen of a file's bytes, whatever it is used for."""

    head: bytes
    media_type: str | None
    size: int
    sha256: str
    frame: Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageStore:
    """Reads the files of one project, each once in a compilation."""

    root: Root
    known: dict[Path, Content] = field(default_factory=dict)
    embedded: dict[str, tuple[Content, bytes, str | None]] = field(default_factory=dict)
    matched: dict[tuple[Path, str], tuple[Path, ...]] = field(default_factory=dict)

    def load(self, ref: ImageRef, span: Span | None) -> tuple[Blob, ...] | Diagnostic:
        """Return the pictures that a path, a pattern or a `data:` URI names, or why they can't be used."""
        return self._blobs(ref, span, "image", None)

    def file(self, ref: ImageRef, span: Span | None, media_type: str | None) -> tuple[Blob, ...] | Diagnostic:
        """Return the files of any type that a path, a pattern or a `data:` URI names, or why they can't be used."""
        return self._blobs(ref, span, "file", media_type)

    def _blobs(self, ref: ImageRef, span: Span | None, key: str, declared: str | None) -> tuple[Blob, ...] | Diagnostic:
        try:
            if is_data(ref.written):
                return (self._decoded(ref.written, key, declared),)
            return tuple(self._read(path, name, key, declared) for path, name in self._named(ref, key))
        except RefusedError as refused:
            return refused.diagnostic(ref.at or span)
        except (OSError, ValueError) as error:
            return unreadable(error, ref.written).diagnostic(ref.at or span)

    def _named(self, ref: ImageRef, key: str) -> Iterator[tuple[Path, str]]:
        """Yield the paths, each with its name for messages; a file whose own name holds `*` is that file."""
        check_path(ref.written, key)
        if not is_pattern(ref.written) or self.root.files.lexists(ref.folder / ref.written):
            yield ref.folder / ref.written, ref.written
            return
        found = self.matched.get((ref.folder, ref.written))
        if found is None:
            found = self.matched[ref.folder, ref.written] = matches(ref.written, ref.folder, self.root)
        yield from ((path, relative_to_root(path, ref.folder)) for path in found)

    def _read(self, path: Path, name: str, key: str, declared: str | None) -> Blob:
        try:
            real = reach(path, name, self.root, key)
            content = self.known.get(real)
            if content is None:
                size = self.root.files.stat(real).st_size
                _check_size(size, name)
                with self.root.files.open(real) as file:
                    content = self.known[real] = _seen(file, size)
        except OSError as error:
            raise unreadable(error, name) from None
        _check_fetched(name, content, key, self.root.files.fetch)
        media_type = _media_type(name, content, key, declared, media.by_name(PurePosixPath(name).name))
        return Blob(media_type=media_type, size=content.size, sha256=content.sha256, path=real, files=self.root.files)

    def _decoded(self, written: str, key: str, declared: str | None) -> Blob:
        if written not in self.embedded:
            data, own = data_uri.decode(written, key)
            _check_size(len(data), written)
            self.embedded[written] = _seen(BytesIO(data), len(data)), data, own
        content, data, own = self.embedded[written]
        if own and declared and not media.same(own, declared):
            message = f"{quoted(written)} and `mimeType` declare two types, `{own}` and `{declared}`"
            raise RefusedError("P302", message, hint="remove `mimeType`, or make them the same")
        if own and media.essence(own) == _ANYTHING:
            own = None
        _check_fetched(written, content, key, self.root.files.fetch)
        media_type = _media_type(written, content, key, declared or own, None)
        return Blob(media_type=media_type, size=content.size, sha256=content.sha256, data=data)


def _check_size(size: int, name: str) -> None:
    most = largest_request()
    if size > most:
        message = f"{quoted(name)} has {size:,} bytes; a request takes at most {most:,}"
        hint = "make it smaller, or upload it and name it with `uri`, which is not pinned"
        raise RefusedError("P306", message, hint=hint)


def _seen(file: BufferedReader | BytesIO, size: int) -> Content:
    """Look at a file's bytes without holding them."""
    head = file.read(_HEAD)
    media_type = media.media_type(head)
    shape = frame(media_type, file, size) if media_type else Frame()
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    seen = file.seek(0, 2)  # of what was digested, should somebody write at this moment
    return Content(head=head, media_type=media_type, size=seen, sha256=digest, frame=shape)


def _check_fetched(name: str, content: Content, key: str, fetch: str) -> None:
    if content.head.startswith(LFS_POINTER):
        what = "picture" if key == "image" else "file"
        message = f"{quoted(name)} is a pointer of Git LFS, not the {what} itself"
        raise RefusedError("P302", message, hint=f"fetch it with `{fetch}`")


def _media_type(name: str, content: Content, key: str, declared: str | None, by_name: str | None) -> str:
    """Return the media type to send; raises RefusedError where names, declarations and bytes don't agree."""
    if not content.size:
        raise RefusedError("P302", f"{quoted(name)} is an empty file", hint=_COPY)
    if converted(content.head):
        message = f"{quoted(name)} is a PNG whose line endings were converted, as git does to text"
        raise RefusedError("P302", message, hint=_UNTOUCHED)
    if key == "image" and content.media_type not in ACCEPTED:
        raise _no_picture(name, content.media_type)
    if declared:
        _check_declared(name, content, declared)
    elif by_name:
        _check_name(name, content, by_name)
    _check_frame(name, content.frame)
    chosen = content.media_type if key == "image" else declared or _chosen(content.media_type, by_name)
    if chosen is None:
        message = f"neither the name nor the bytes of {quoted(name)} show its media type"
        raise RefusedError("P302", message, hint='say what it is: `mimeType = "…"` beside `file`')
    if media.is_text(chosen) and b"\0" in content.head:
        message = f"{quoted(name)} is no text in UTF-8: it holds zero bytes"
        raise RefusedError("P302", message, expected=f"`{chosen}`", hint="save it as UTF-8, or declare its `mimeType`")
    return chosen


def _chosen(found: str | None, by_name: str | None) -> str | None:
    """Choose between bytes and name: a picture is what its bytes are, of the others a name may say more."""
    if found and by_name and media.same(found, by_name) and not found.startswith("image/"):
        return by_name
    return found or by_name


def _no_picture(name: str, found: str | None) -> RefusedError:
    if found is None:
        return RefusedError("P302", f"{quoted(name)} is no picture that promptc knows", hint=PICTURES)
    if found.startswith("image/"):
        message = f"{quoted(name)} is {media.named(found)}, which the API does not take"
        return RefusedError("P302", message, hint=PICTURES)
    message = f"{quoted(name)} is {media.named(found)}, not a picture"
    return RefusedError("P302", message, hint="name it with `file` instead of `image`")


def _check_declared(name: str, content: Content, declared: str) -> None:
    found = content.media_type
    if found and not media.same(found, declared):
        message = f"{quoted(name)} is declared as `{declared}`, but its bytes are {media.named(found)}"
    elif found is None and media.has_signature(declared):
        message = f"{quoted(name)} is declared as `{declared}`, but its bytes are none"
    else:
        return
    hint = f"declare `{found}`, or name the file that is meant" if found else "name the file that is meant"
    raise RefusedError("P302", message, hint=hint)


def _check_name(name: str, content: Content, by_name: str) -> None:
    """Refuse a file that says another type with its name than with its bytes; words for text promise nothing."""
    found = content.media_type
    if media.is_text(by_name) or (found and media.same(found, by_name)):
        return
    if found:
        renamed = PurePosixPath(name).with_suffix(f".{media.extension_of(found)}").name
        message = f"{quoted(name)} is {media.named(found)}, not {media.named(by_name, short=True)}"
        raise RefusedError("P302", message, hint=f"rename it to `{renamed}`")
    if media.has_signature(by_name):
        raise RefusedError("P302", f"{quoted(name)} is not {media.named(by_name)}", hint=_COPY)


def _check_frame(name: str, shape: Frame) -> None:
    if shape.sides and too_many_pixels(shape.sides):
        message = f"{quoted(name)} is {shape.sides[0]}x{shape.sides[1]} pixels"
        expected = f"1 to {LONGEST_SIDE:,} a side, at most {MOST_PIXELS:,} in all"
        raise RefusedError("P306", message, expected=expected, hint="make it smaller")
    if not shape.complete:
        raise RefusedError("P302", f"{quoted(name)} is cut short", hint=_COPY)
