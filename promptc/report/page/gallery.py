"""The pictures of a page: small ones inside it, or whole ones in a folder beside it; each is read once."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import Path
from threading import Lock
from urllib.parse import quote

from promptc.blob import HEAD, Blob, extension
from promptc.errors import WireError
from promptc.files import DISK
from promptc.pipeline.results import SavedImage
from promptc.replay.secrets import Secrets
from promptc.report.page.model import Picture
from promptc.report.saving import save
from promptc.review.comparison import difference
from promptc.review.evening import even
from promptc.review.pictures import PictureError, opened
from promptc.source import relative_to_root, shown

_SHOWN = frozenset({"png", "jpg", "webp", "gif", "avif"})
"""What every browser shows."""
_LARGE, _SMALL, _INPUT = 960, 480, 200
_FEW = 40
"""So many pictures may be large in one page."""
_MOST_BYTES = 96_000
_NAME = 24
_QUALITIES = (82, 65, 45, 25)
_METHOD = 2
"""How hard the encoder tries: the usual 4 takes three times as long for files that are 5 % smaller."""


class Gallery:
    """Makes pictures for a page at `page`: with a folder they are files there, else they are embedded small."""

    def __init__(self, page: Path, *, count: int, secrets: Secrets, folder: Path | None = None) -> None:
        """Choose a size that `count` pictures of answers can have in one page."""
        self.page = page
        self.folder = folder
        self._secrets = secrets
        self._side = _LARGE if count <= _FEW else _SMALL
        self._writing = Lock()
        self._known: dict[tuple[str, int], str | None] = {}

    def answer(self, image: SavedImage, alt: str) -> Picture:
        """Return a picture of an answer."""
        sides = f"{image.width}x{image.height}" if image.width else "can't be opened"
        caption = f"{sides}, {image.media_type}, {image.size:,} bytes"
        caption += ", came as a thought" if image.thought else ""
        if not image.width:
            return Picture(alt=alt, caption=caption, problem="This picture can't be opened.")
        if image.file is None:
            return Picture(alt=alt, caption=caption, problem="This picture's file is not at hand.")
        source = self._source(image.sha256, partial(_read, image), self._side)
        problem = None if source else "This picture can't be shown: it has changed, or has too many pixels."
        return Picture(
            alt=alt,
            caption=caption,
            source=source,
            link=self._link(source, image.file if image.files is DISK else None),
            problem=problem,
            width=image.width,
            height=image.height,
        )

    def asked(self, blob: Blob, *, large: bool = False) -> Picture:
        """Return a picture of a request, with its place and digest."""
        name = shown(blob.path) if blob.path else "from a data: URI"
        caption = f"{blob.media_type}, {blob.size:,} bytes, {blob.digest[:15]}…"
        if not blob.media_type.startswith("image/"):
            return Picture(alt=name, name=name, caption=caption)
        source = self._source(blob.sha256, blob.read, _SMALL if large else _INPUT)
        problem = None if source else "This picture can't be shown here."
        link = self._link(source)
        return Picture(alt=f"Sent: {name}", name=name, caption=caption, source=source, problem=problem, link=link)

    def difference(self, old: SavedImage, new: SavedImage) -> Picture | None:
        """Return where two pictures differ; None where that can't be drawn."""
        key = f"{old.sha256} {new.sha256}", self._side
        if key not in self._known:
            self._known[key] = self._drawn(old, new)
        source = self._known[key]
        alt = "The new picture, pale, with what differs in red"
        return Picture(alt=alt, caption="in red", source=source, link=self._link(source)) if source else None

    def _drawn(self, old: SavedImage, new: SavedImage) -> str | None:
        try:
            drawn = difference(_read(old), _read(new))
        except (OSError, PictureError):
            return None
        return self._source(hashlib.sha256(drawn).hexdigest(), lambda: drawn, self._side)

    def _link(self, source: str | None, file: Path | None = None) -> str | None:
        """Return where the whole picture is, if that is beside the page."""
        if self.folder:
            return source
        beside = file and file.is_relative_to(self.page.parent)
        return quote(relative_to_root(file, self.page.parent)) if file and beside else None

    def _source(self, digest: str, read: Callable[[], bytes], side: int) -> str | None:
        """Return what an `img` loads: data or a file's name; None where there is nothing that can be shown."""
        key = digest, 0 if self.folder else side
        if key not in self._known:
            try:
                data = read()
                self._known[key] = self._beside(data, digest) or _embedded(data, side)
            except (OSError, PictureError, WireError):
                self._known[key] = None
        return self._known[key]

    def _beside(self, data: bytes, digest: str) -> str | None:
        """Write a picture into the folder, named by its digest, if browsers show its kind."""
        suffix = extension(data[:HEAD])
        if self.folder is None or suffix not in _SHOWN:
            return None
        with opened(data):  # refuses one that would fill the memory of who looks at it
            pass
        path = self.folder / f"{digest[:_NAME]}.{suffix}"
        self._secrets.refuse(shown(path), data)
        with self._writing:  # several cases may have one picture
            save(data, path, option="--pictures")
        return quote(relative_to_root(path, self.page.parent))


def _read(image: SavedImage) -> bytes:
    """Return a picture's bytes; raises OSError, and PictureError where they are not at hand, or others than before."""
    data = image.files.read_bytes(image.file) if image.file else b""
    if hashlib.sha256(data).hexdigest() != image.sha256:
        msg = "has changed"
        raise PictureError(msg)
    return data


def _embedded(data: bytes, side: int) -> str:
    """Return a small picture as a data URI of bounded length; raises PictureError."""
    seen = even(data)
    width, height = seen.colours.size
    scale = min(1, side / max(width, height))
    if seen.alpha is None and scale <= 1 / 2:  # whole pixels first: a tenth of the time, and no eye sees it
        seen = replace(seen, colours=seen.colours.reduce(int(1 / scale)))
    seen = seen.at((max(1, round(width * scale)), max(1, round(height * scale))))
    small = seen.colours
    if seen.alpha:
        small.putalpha(seen.alpha)
    for quality in _QUALITIES:
        out = BytesIO()
        small.save(out, "WEBP", quality=quality, method=_METHOD)
        if out.tell() <= _MOST_BYTES:
            break
    else:
        return _embedded(data, side // 2)
    return f"data:image/webp;base64,{base64.b64encode(out.getvalue()).decode('ascii')}"
