"""One case's recording on disk: read, written, accepted, rejected, always whole.

Renaming the cassette is the commit point. Sidecars are found by digest, whichever of their names
they bear at that moment, so a kill at any time leaves the old recording whole or the new one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from promptc.blob import EXTENSIONS, converted
from promptc.errors import CassetteError
from promptc.files import DISK, Files
from promptc.replay import bodies, recording
from promptc.replay.bodies import Sidecar
from promptc.replay.damage import altered, damaged, lost, pointer
from promptc.replay.files import content, holds, refuse_hopeless, sync_folder, write_new
from promptc.replay.kept import Interaction, kept, refuse_lies
from promptc.replay.leaks import refuse_recording
from promptc.replay.locks import reading, writing
from promptc.replay.provenance import Provenance
from promptc.replay.recording import Recording, sidecars_of
from promptc.replay.secrets import Secrets
from promptc.source import LFS_POINTER, shown

PENDING = "new"
_TEMPORARY = ".tmp"
NAME = re.compile(
    rf"(?P<case>[A-Za-z0-9_-]+)\.(?:{PENDING}\.)?"
    rf"(?P<kind>yaml|[1-9]\d*\.[1-9]\d*\.(?:{'|'.join(sorted(EXTENSIONS))}))(?P<unfinished>\{_TEMPORARY})?"
)
"""The names that promptc gives to files of recordings: one of any other name is somebody else's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """The files of one case: `folder/case.yaml`, its sidecars, and the same with `.new` while pending.

    Only those on the disk are written, and only there is a writer waited for.
    """

    folder: Path
    case: str
    locks: Path
    files: Files = DISK

    @property
    def accepted(self) -> Path:
        """The cassette that counts."""
        return self.folder / f"{self.case}.yaml"

    @property
    def pending(self) -> Path:
        """The cassette that waits for `accept` or `reject`."""
        return self.folder / f"{self.case}.{PENDING}.yaml"

    @property
    def waits(self) -> bool:
        """Whether a new answer waits; one in a folder that can't be looked into does not."""
        with suppress(OSError):
            return self.files.exists(self.pending)
        return False

    @property
    def recorded(self) -> bool:
        """Whether anything is recorded, accepted or not; of a folder that can't be looked into nobody knows."""
        with suppress(OSError):
            return self.files.exists(self.accepted) or self.files.exists(self.pending)
        return True

    @property
    def size(self) -> int:
        """How many bytes its files have, all in all; what can't be read has none."""
        sizes = 0
        for path in self._files():
            with suppress(OSError):
                sizes += self.files.stat(path).st_size
        return sizes

    def locked(self) -> AbstractContextManager[None]:
        """Let one writer in; a second one waits; raises StoppedError where the user wants the end."""
        return writing(self._lock)

    def quiet(self) -> AbstractContextManager[None]:
        """Wait a while for a writer, if there is any, so that a reader looks at what is whole; never fails."""
        return reading(self._lock) if self.files is DISK else nullcontext()

    @property
    def _lock(self) -> Path:
        return self.locks / f"{self.case}.lock"

    def load(self, path: Path) -> Recording | None:
        """Read a cassette, None where there is none; raises CassetteError."""
        try:
            if (
                self.files.exists(path) and not self.files.is_file(path) and not self.files.is_dir(path)
            ):  # a pipe would be waited for
                raise damaged(self.files.shown(path), "it is no file")
            data = self.files.read_bytes(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise damaged(self.files.shown(path), f"it can't be read: {error.strerror}") from None
        if data.startswith(LFS_POINTER):
            raise pointer(self.files.shown(path), self.files.fetch)
        try:
            found = recording.load(data.decode(), self.files.shown(path))
        except UnicodeDecodeError:
            raise damaged(self.files.shown(path), "it is not UTF-8 text") from None
        for response in found.responses:
            for row in response["body"].get("sidecars", ()):
                row["file"] = f"{self.case}.{row['file'].partition('.')[2]}"  # a case that was renamed with its files
        return found

    def body(self, response: Mapping[str, Any], path: Path) -> bytes:
        """Return a stored answer's body, byte for byte; raises CassetteError."""
        body = response["body"]
        sidecars = sidecars_of(response)
        return bodies.join(body["string"], body.get("marker", ""), sidecars, lambda item: self.read(item, path))

    def read(self, sidecar: Sidecar, path: Path) -> bytes:
        """Return a sidecar's bytes, found by digest; raises CassetteError."""
        for place in self._names(sidecar, path):
            data = content(place, sidecar.sha256, sidecar.size, self.files)
            if data is not None:
                return data
        raise self._lost(sidecar, path)

    def find(self, sidecar: Sidecar, path: Path) -> Path:
        """Return where a sidecar of a cassette is; raises CassetteError where it is missing or altered."""
        for place in self._names(sidecar, path):
            if holds(place, sidecar.sha256, sidecar.size, self.files):
                return place
        raise self._lost(sidecar, path)

    def _names(self, sidecar: Sidecar, path: Path) -> Iterator[Path]:
        """Yield where a sidecar may be: under its name, or under any that a killed writer gave it."""
        stable = self.folder / sidecar.file
        waiting = self.folder / self._renamed(sidecar.file, pending=True)
        names = [waiting, stable] if path == self.pending else [stable, waiting]
        names += [_temporary(name) for name in names]
        yield from names
        yield from (file for file in self._files() if file not in names)

    def _lost(self, sidecar: Sidecar, path: Path) -> CassetteError:
        """Say why a sidecar is not found."""
        place = self.place(sidecar, path)
        try:
            with self.files.open(place) as file:
                head = file.read(len(LFS_POINTER))
        except FileNotFoundError:
            return lost(self.files.shown(path), self.files.shown(place))
        except OSError as error:
            return damaged(self.files.shown(place), f"it can't be read: {error.strerror}")
        if head == LFS_POINTER:
            return pointer(self.files.shown(place), self.files.fetch)
        return altered(self.files.shown(place), newlines=converted(head))

    def verify(self, found: Recording, path: Path) -> tuple[str, ...]:
        """Check that every sidecar is there as it was recorded; raises CassetteError.

        Returns the files that lie under another name at present.
        """
        return tuple(
            sidecar.file for sidecar in found.sidecars if self.find(sidecar, path) != self.place(sidecar, path)
        )

    def prepare(self) -> None:
        """Make sure that an answer could be kept, before somebody pays for it; raises OSError."""
        refuse_hopeless(_temporary(self.folder / self._renamed(f"{self.case}.99.99.jpeg", pending=True)))

    def save(
        self,
        interactions: Sequence[Interaction],
        provenance: Provenance,
        secrets: Secrets,
        *,
        accept: bool,
    ) -> None:
        """Write a recording, as the accepted one or beside it; raises OSError, SecretFoundError."""
        target = self.accepted if accept else self.pending
        requests = [request for request, _ in interactions]
        stored, sidecars = kept(interactions, self.case)
        refuse_recording(secrets, shown(target), requests, stored, sidecars.values())
        text = recording.dump(requests, stored, provenance)
        refuse_lies(text, interactions, sidecars, shown(self.accepted))
        secrets.refuse(shown(target), text)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.settle()
        try:
            for sidecar in sidecars.values():
                write_new(_temporary(self.folder / self._renamed(sidecar.file, pending=True)), sidecar.data)
            write_new(_temporary(self.pending), text.encode())
            sync_folder(self.folder)
            _temporary(self.pending).replace(self.pending)  # from here on the answer is safe: it waits
            if accept:
                self._commit()
        finally:
            with suppress(OSError):  # what can't be tidied now, the next writer tidies
                sync_folder(self.folder)
                self.settle()

    def accept(self) -> bool:
        """Make the pending recording the accepted one; says whether there was one; raises CassetteError."""
        found = self.load(self.pending)
        if found is None:
            return False
        self.verify(found, self.pending)
        self.settle()
        self._commit()
        with suppress(OSError):
            sync_folder(self.folder)
            self.settle()
        return True

    def _commit(self) -> None:
        """Make what waits the truth: old and new are whole on both sides of this."""
        self.pending.replace(self.accepted)

    def reject(self) -> bool:
        """Remove the pending recording and all that is its alone; says whether there was one."""
        self.settle()
        existed = self.pending.exists()
        own = self._own()
        self.pending.unlink(missing_ok=True)
        sync_folder(self.folder)
        self.settle()
        for file in own:  # beside an accepted recording that can't be read, nobody else would remove them
            file.unlink(missing_ok=True)
        with suppress(OSError):  # it is not empty, or never was there
            self.folder.rmdir()
        return existed

    def _own(self) -> list[Path]:
        """Return the files that bear the pending recording's names and that the accepted one doesn't claim."""
        try:
            found = self.load(self.pending)
        except CassetteError:
            return []
        try:
            accepted = self.load(self.accepted)
        except CassetteError:
            accepted = None
        claimed = {sidecar.sha256 for sidecar in accepted.sidecars} if accepted else set()
        mine = [sidecar for sidecar in found.sidecars if sidecar.sha256 not in claimed] if found else []
        places = [(sidecar, self.place(sidecar, self.pending)) for sidecar in mine]
        return [place for sidecar, place in places if holds(place, sidecar.sha256, sidecar.size)]

    def remove(self) -> None:
        """Remove all that is kept of the case, the cassettes first."""
        for path in (self.accepted, self.pending, *self._files()):
            path.unlink(missing_ok=True)

    def settle(self) -> None:
        """Finish what a killed writer began: sidecars get their names, leftovers go."""
        places: dict[Path, Path] = {}
        readable = True
        for path in (self.accepted, self.pending):
            try:
                found = self.load(path)
                sidecars = found.sidecars if found else ()
                mine = {self.place(item, path): self.find(item, path) for item in sidecars}
            except CassetteError:
                readable = False
            else:
                places |= mine
        self._rename(places, taking=readable)
        if readable:  # nothing is removed beside a recording that can't be read
            whole = self.accepted.exists()
            for leftover in self._files():
                # without the cassette, its files wait for whoever brings it back
                waited = leftover.name.startswith(f"{self.case}.{PENDING}.")
                if leftover not in places and (whole or waited or leftover.suffix == _TEMPORARY):
                    leftover.unlink(missing_ok=True)

    def _rename(self, places: Mapping[Path, Path], *, taking: bool) -> None:
        """Give files their names; at each moment every content is there under one of the case's names.

        A file that more than one name wants is copied, and so is every file where `taking` is not allowed.
        """
        moves = {name: place for name, place in places.items() if name != place}
        wanted = [*places, *places.values()]
        for name, place in moves.items():
            temporary = _temporary(name)
            if taking and wanted.count(place) == 1:
                place.replace(temporary)
            elif place != temporary:
                write_new(temporary, place.read_bytes())
        for name in moves:
            _temporary(name).replace(name)

    def place(self, sidecar: Sidecar, path: Path) -> Path:
        """Return where a sidecar of a cassette belongs."""
        return self.folder / self._renamed(sidecar.file, pending=path == self.pending)

    def _renamed(self, file: str, *, pending: bool) -> str:
        rest = file.removeprefix(f"{self.case}.")
        return f"{self.case}.{PENDING}.{rest}" if pending else file

    def _files(self) -> list[Path]:
        """Return the case's sidecars and temporary files, by names that only promptc gives."""
        # there is no folder, or the cassette says why it can't be read
        with suppress(OSError):
            names = [entry.name for entry in self.files.entries(self.folder) if self._is_own(entry.name)]
            return sorted(self.folder / name for name in names)
        return []

    def _is_own(self, name: str) -> bool:
        match = NAME.fullmatch(name) if name.startswith(f"{self.case}.") else None  # most are other cases'
        return bool(match and (match["kind"] != "yaml" or match["unfinished"]))


def _temporary(path: Path) -> Path:
    return path.with_name(path.name + _TEMPORARY)
