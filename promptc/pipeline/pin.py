"""Pin: write into specs which pictures they mean, by digest, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from promptc.compiler.images import ImageStore
from promptc.compiler.spec import ImageRef, SpecFile
from promptc.config import Project
from promptc.diagnostics import Diagnostic, failed, order, unreadable
from promptc.pipeline.pin_places import READERS, Edit, Place, Reader, Reading
from promptc.pipeline.pin_text import edited, replace
from promptc.pipeline.selection import select_files
from promptc.source import Source, shown


class PinState(StrEnum):
    """What becomes of a pin."""

    ADDED = "added"
    CHANGED = "changed"
    RIGHT = "right"
    UNPINNED = "unpinned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One part that names pictures: the digests before and now, and why it can't be pinned, if so."""

    spec: str
    place: Place
    state: PinState
    digests: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PinResult:
    """Every part of the selected specs that names pictures; with `checked`, nothing was written."""

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
    images = ImageStore(root=project.root)
    pins: list[Pin] = []
    diagnostics = [*found]
    for file in files:
        made, problems = _pin_file(project, file, images, check=check)
        pins += made
        diagnostics += problems
    return PinResult(pins=tuple(pins), diagnostics=order(diagnostics), checked=check)


def _pin_file(
    project: Project, file: SpecFile, images: ImageStore, *, check: bool
) -> tuple[Sequence[Pin], Sequence[Diagnostic]]:
    reader = READERS.get(file.path.suffix)
    if reader is None:
        return (), ()  # `find_specs` has said so
    if problem := _not_ours(project, file.path):
        return (), (problem,)
    try:
        data = file.path.read_bytes()
        source = Source.of_bytes(file.path, data)
    except (OSError, UnicodeDecodeError) as error:
        return (), (unreadable(shown(file.path), error),)
    reading, diagnostics = reader(source)
    if reading is None:
        return (), diagnostics
    pins, mistakes = _compare(file, reading, images)
    problem = None if check else _write(file.path, data, reader, reading, pins)
    return ((), (*mistakes, problem)) if problem else (tuple(pins.values()), mistakes)


def _not_ours(project: Project, path: Path) -> Diagnostic | None:
    """Say why a spec is no file of the project: a link out of it would be written to."""
    try:
        inside = path.resolve().is_relative_to(project.root)
    except (OSError, RuntimeError):  # a circle of links
        inside = True
    if not inside:
        message = "the spec lies outside the project"
        return Diagnostic(code="P304", message=message, file=shown(path), help="copy it into the project")
    if path.exists() and not path.is_file():
        return Diagnostic(code="P002", message="the file can't be read: it is no file", file=shown(path))
    return None


def _compare(file: SpecFile, reading: Reading, images: ImageStore) -> tuple[Mapping[int, Pin], Sequence[Diagnostic]]:
    """Compare the pins with the pictures; returns them by the index of their place."""
    pins: dict[int, Pin] = {}
    mistakes: list[Diagnostic] = []
    for i, place in enumerate(reading.places):
        if place.obstacle:
            pins[i] = Pin(spec=file.name, place=place, state=PinState.UNPINNED, reason=place.obstacle)
            continue
        loaded = [images.load(ImageRef(written=path, folder=file.path.parent), place.span) for path in place.paths]
        mistakes += [problem for problem in loaded if isinstance(problem, Diagnostic)]
        digests = tuple(blob.sha256 for blobs in loaded if not isinstance(blobs, Diagnostic) for blob in blobs)
        if any(isinstance(problem, Diagnostic) for problem in loaded):
            continue
        state = PinState.CHANGED if place.pin else PinState.ADDED
        if place.pinned == digests:
            state = PinState.RIGHT
        elif not place.edits(digests):
            mistakes.append(_comments(place))
            continue
        pins[i] = Pin(spec=file.name, place=place, state=state, digests=digests)
    return pins, mistakes


def _write(path: Path, data: bytes, reader: Reader, reading: Reading, pins: Mapping[int, Pin]) -> Diagnostic | None:
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
    span = place.pin.span if place.pin else place.span
    return Diagnostic(code="P303", message=message, span=span, help="remove the list, or mend it by hand")


def _not_written(path: Path, why: str, hint: str) -> Diagnostic:
    file = shown(path)
    return Diagnostic(
        code="P509", message=f"`{file}` was not written: {why[:1].lower()}{why[1:]}", file=file, help=hint
    )
