"""The pictures that an expectation names, to compare answers with."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from promptc.blob import Blob
from promptc.compiler.images import PICTURES, ImageStore
from promptc.compiler.refused import quoted
from promptc.compiler.spec import ImageRef
from promptc.diagnostics import Diagnostic, did_you_mean
from promptc.locate import SourceMap
from promptc.media import named
from promptc.request import Expectation
from promptc.tree import Json

_KEYS = ("similarTo", "differentFrom")
_WORDS = ("input", "recording")
"""What stands for no file: a file of that name is written `./input`."""
_OPENED = ("image/png", "image/jpeg", "image/webp")
_SHOWN = 12


def referenced(expect: Expectation, images: ImageStore) -> tuple[Expectation, tuple[Diagnostic, ...]]:
    """Find the pictures that an expectation names; their paths start from the file in which they are written."""
    found: list[Diagnostic] = []
    files: dict[str, tuple[Blob, ...]] = {}
    table = expect.table.get("images")
    wanted = table if isinstance(table, Mapping) else {}
    for key in _KEYS:
        pointer, name = _written(f"/images/{key}", wanted.get(key))
        if key == "differentFrom" and wanted.get(key) == "recording":
            message, hint = "an answer can't differ from the recording that it is", "name a file, or `input`"
            found.append(Diagnostic(code="P008", message=message, span=expect.places[pointer].span, help=hint))
        if name is None:
            continue
        span = expect.places[pointer].span
        loaded = images.load(ImageRef(written=name, folder=span.source.path.parent), span)
        if isinstance(loaded, Diagnostic):
            word = did_you_mean(name, _WORDS)
            found.append(replace(loaded, help=word) if word and loaded.code == "P301" else loaded)
        else:
            files[f"/images/{key}"] = loaded
            found += _mistakes(wanted[key], f"/images/{key}", expect.places, loaded)
    return replace(expect, files=files), tuple(found)


def _written(pointer: str, value: Json) -> tuple[str, str | None]:
    """Return where a file is named, and its name, if one is."""
    if isinstance(value, Mapping):
        pointer, value = f"{pointer}/file", value.get("file")
    elif value in _WORDS:
        return pointer, None
    return pointer, value if isinstance(value, str) else None


def _mistakes(value: Json, pointer: str, places: SourceMap, blobs: tuple[Blob, ...]) -> Iterator[Diagnostic]:
    """Tell pictures that can't be compared, and those that are not what `sha256` pins."""
    table = value if isinstance(value, Mapping) else {"file": value}
    own = places.get(f"{pointer}/file") or places[pointer]
    name, pin = str(table["file"]), table.get("sha256")
    for blob in blobs:
        shown = quoted(blob.path.name if blob.path and len(blobs) > 1 else name)
        if blob.media_type not in _OPENED:
            message = f"{shown} is {named(blob.media_type)}, which can't be compared"
            yield Diagnostic(code="P302", message=message, span=own.span, help=PICTURES)
        if isinstance(pin, str) and blob.sha256 != pin:
            yield Diagnostic(
                code="P303",
                message=f"{shown} is not the image that `sha256` pins",
                span=places[f"{pointer}/sha256"].span,
                expected=f"a picture whose digest starts with {pin[:_SHOWN]}",
                help=f'restore the picture, or pin the new one: `sha256 = "{blob.sha256}"`',
            )
