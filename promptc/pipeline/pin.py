"""Pin: write into specs which pictures they mean, by digest, and nothing else."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TypeAlias

from promptc.blob import Blob
from promptc.compiler.images import ImageStore
from promptc.compiler.library import Library
from promptc.compiler.spec import ImageRef
from promptc.config import Project
from promptc.diagnostics import Diagnostic, failed, order, unreadable
from promptc.pipeline.pin_files import read_included, read_spec
from promptc.pipeline.pin_origins import Origin, origins
from promptc.pipeline.pin_places import Edit, Place, Reading
from promptc.pipeline.pin_text import edited, replace
from promptc.pipeline.selection import select_files
from promptc.source import Source, shown

_Reader: TypeAlias = Callable[[Source], tuple[Reading | None, tuple[Diagnostic, ...]]]


class PinState(StrEnum):
    """What becomes of a pin."""

    ADDED = "added"
    CHANGED = "changed"
    RIGHT = "right"
    UNPINNED = "unpinned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One place that names pictures: the digests before and now, and why it can't be pinned, if so."""

    spec: str
    place: Place
    state: PinState
    digests: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PinResult:
    """Every place where the selected specs name pictures; with `checked`, nothing was written."""

    pins: tuple[Pin, ...]
    diagnostics: tuple[Diagnostic, ...]
    checked: bool

    @property
    def good(self) -> bool:
        """Whether everything is pinned that can be."""
        waits = self.checked and any(pin.state in {PinState.ADDED, PinState.CHANGED} for pin in self.pins)
        return not failed(self.diagnostics) and not waits


def pin(project: Project, arguments: Sequence[str] = (), *, check: bool = False) -> PinResult:
    """Pin the pictures of the selected specs; with `check`, only say what would change; raises UsageError."""
    files, found = select_files(project, arguments)
    library, images = Library(project.top), ImageStore(root=project.top)
    known, missed = origins(files, library)
    pins: list[Pin] = []
    diagnostics = [*found, *missed]
    for origin in known:
        made, problems = _pin_file(origin, library, images, check=check)
        pins += made
        diagnostics += problems
    return PinResult(pins=tuple(pins), diagnostics=order(diagnostics), checked=check)


def _pin_file(
    origin: Origin, library: Library, images: ImageStore, *, check: bool
) -> tuple[Sequence[Pin], Sequence[Diagnostic]]:
    try:
        data = origin.path.read_bytes()
        source = Source.of_bytes(origin.path, data)
    except (OSError, UnicodeDecodeError) as error:
        return (), (unreadable(shown(origin.path), error),)
    reader = partial(read_included if origin.included else read_spec, library=library)
    reading, diagnostics = reader(source)
    if reading is None:
        return (), diagnostics
    pins, mistakes = _compare(origin, reading, images)
    problem = None if check else _write(origin.path, data, reader, reading, pins)
    if problem:
        return (), (*mistakes, problem)
    values = [_unpinned(origin, place) for place in origin.values.values()]
    return sorted([*pins.values(), *values], key=lambda pin: pin.place.span.start), mistakes


def _compare(origin: Origin, reading: Reading, images: ImageStore) -> tuple[Mapping[int, Pin], Sequence[Diagnostic]]:
    """Compare the pins with the pictures; returns them by the index of their place."""
    pins: dict[int, Pin] = {}
    mistakes: list[Diagnostic] = []
    for i, place in enumerate(reading.places):
        if not origin.takes(place):
            continue
        if place.slot is None:
            pins[i] = _unpinned(origin, place)
            continue
        loaded = [_load(images, place, path, origin.path.parent) for path in place.paths]
        mistakes += [problem for problem in loaded if isinstance(problem, Diagnostic)]
        digests = tuple(blob.sha256 for blobs in loaded if not isinstance(blobs, Diagnostic) for blob in blobs)
        if any(isinstance(problem, Diagnostic) for problem in loaded):
            continue
        state = PinState.CHANGED if place.slot.whole else PinState.ADDED
        if place.pinned == digests:
            state = PinState.RIGHT
        elif not place.edits(digests):
            mistakes.append(_comments(place))
            continue
        pins[i] = Pin(spec=origin.spec, place=place, state=state, digests=digests)
    return pins, mistakes


def _load(images: ImageStore, place: Place, path: str, folder: Path) -> tuple[Blob, ...] | Diagnostic:
    ref = ImageRef(written=path, folder=folder)
    return images.load(ref, place.span) if place.key == "image" else images.file(ref, place.span, place.media_type)


def _unpinned(origin: Origin, place: Place) -> Pin:
    return Pin(spec=origin.spec, place=place, state=PinState.UNPINNED, reason=place.obstacle)


def _write(path: Path, data: bytes, reader: _Reader, reading: Reading, pins: Mapping[int, Pin]) -> Diagnostic | None:
    """Write what changes, if it is the pins alone that change; returns what stood in the way."""
    wrong = {i: pin for i, pin in pins.items() if pin.state in {PinState.ADDED, PinState.CHANGED}}
    edits: list[Edit] = [edit for pin in wrong.values() for edit in pin.place.edits(pin.digests)]
    if not edits:
        return None
    new = edited(data, edits)
    after, found = reader(Source.of_bytes(path, new))
    wanted = [wrong[i].digests if i in wrong else place.pinned for i, place in enumerate(reading.places)]
    if after is None or found or after.rest != reading.rest or [p.pinned for p in after.places] != wanted:
        return _not_written(path, "more than the pins would change", "write the pins by hand: `sha256sum FILE`")
    try:
        replace(path, data, new)
    except OSError as error:
        return _not_written(path, error.strerror or str(error), "the file is as it was")
    return None


def _comments(place: Place) -> Diagnostic:
    message = "the list of pins holds comments, so promptc does not write it anew"
    span = place.slot.whole if place.slot and place.slot.whole else place.span
    return Diagnostic(code="P303", message=message, span=span, help="remove the list, or mend it by hand")


def _not_written(path: Path, why: str, hint: str) -> Diagnostic:
    file = shown(path)
    return Diagnostic(
        code="P509", message=f"`{file}` was not written: {why[:1].lower()}{why[1:]}", file=file, help=hint
    )
