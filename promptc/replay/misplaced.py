"""Files that a recording lacks and that lie under another case's name: its cassette was renamed without them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import join

from promptc.errors import CassetteError
from promptc.files import DISK, Files
from promptc.replay.bodies import Sidecar
from promptc.replay.files import digest, holds
from promptc.replay.leftovers import CaseFile, Kind, case_files, folders, sidecars_of_size
from promptc.replay.store import Store
from promptc.source import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A file and where it belongs; it is copied where somebody else needs it, too."""

    source: Path
    target: Path
    copied: bool = False


def command(moves: Sequence[Move], files: Files = DISK) -> str:
    """Return what a shell carries moves out with; files that keep their names go to a folder together."""
    together: dict[tuple[str, str], list[str]] = defaultdict(list)
    for move in moves:
        kept = move.source.name == move.target.name
        target = f"{shown(move.target.parent)}/" if kept else shown(move.target)
        together["cp" if move.copied else "mv", target].append(shown(move.source))
    missing = dict.fromkeys(shown(move.target.parent) for move in moves if not files.exists(move.target.parent))
    made = [join(["mkdir", "-p", *missing])] if missing else []
    return " && ".join([*made, *(join([word, *sources, target]) for (word, target), sources in together.items())])


def misplaced(store: Store, top: Path) -> tuple[Move, ...]:
    """Return how what a case's recordings lack comes back, where it lies below `top` under other cases' names.

    Nothing goes to a place where there is what some recording wants, or may want.
    """
    places = {store.place(sidecar, path): sidecar for path, sidecar in _recorded(store) if _lacks(store, sidecar, path)}
    if not places:
        return ()
    sizes = {sidecar.size for sidecar in places.values()}
    files = [
        file for file in sidecars_of_size(top, sizes) if file.case != store.case or file.path.parent != store.folder
    ]
    found: dict[Path, Move] = {}
    for place, sidecar in sorted(places.items(), key=lambda item: item[0]):
        move: Move | None = None
        fitting = (file for file in files if file.size == sidecar.size and file.path not in found)
        for file in sorted(fitting, key=lambda file: _unlikeness(file, place.name)):
            if holds(file.path, sidecar.sha256, sidecar.size):
                copied = _claimed(file, sidecar, store)
                move = move if copied and move else Move(source=file.path, target=place, copied=copied)
                if not copied:
                    break
        if move and not (place.exists() and _wanted(place, store, top)):
            found[place if move.copied else move.source] = move
    return tuple(found.values())


def lacked(stores: Mapping[str, Store], files: Iterable[CaseFile]) -> Mapping[CaseFile, str]:
    """Return those of some files that the recordings of cases lack, each with the case's id."""
    sized: dict[int, list[CaseFile]] = defaultdict(list)
    for file in files:
        if file.kind is Kind.SIDECAR:
            sized[file.size].append(file)
    known: dict[str | None, list[CaseFile]] = defaultdict(list)
    found: dict[CaseFile, str] = {}
    for case, store in stores.items() if sized else ():
        for path, sidecar in _recorded(store):
            for file in sized.pop(sidecar.size, ()):  # each is read once
                known[digest(file.path)].append(file)
            twins = [file for file in known.get(sidecar.sha256, ()) if file not in found]
            if twins and _lacks(store, sidecar, path):
                found.update(dict.fromkeys(twins, case))
    return found


def _recorded(store: Store) -> Iterator[tuple[Path, Sidecar]]:
    """Yield each file that a case's recordings refer to, as far as they can be read."""
    for path in (store.accepted, store.pending):
        try:
            found = store.load(path)
        except CassetteError:
            continue
        yield from ((path, sidecar) for sidecar in found.sidecars) if found else ()


def _lacks(store: Store, sidecar: Sidecar, path: Path) -> bool:
    try:
        store.find(sidecar, path)
    except CassetteError:
        return True
    return False


def _wanted(place: Path, store: Store, top: Path) -> bool:
    """Say whether a recording below `top` may refer to what a file holds, whatever the file is called."""
    held = digest(place)
    for file in (file for folder in folders(top) for file in case_files(folder) if file.kind is Kind.CASSETTE):
        try:
            found = store.load(file.path)
        except CassetteError:  # nobody knows what it refers to
            return True
        if found and any(sidecar.sha256 == held for sidecar in found.sidecars):
            return True
    return False


def _claimed(file: CaseFile, sidecar: Sidecar, store: Store) -> bool:
    """Say whether a cassette beside a file refers to it."""
    other = Store(folder=file.path.parent, case=file.case, locks=store.locks)
    return any(claimed.sha256 == sidecar.sha256 for _, claimed in _recorded(other))


def _unlikeness(file: CaseFile, name: str) -> tuple[bool, bool, str]:
    """Rate a file for a name: where the spec was renamed it bears it, and a step's file is that of the step still."""
    return file.path.name != name, file.path.name.partition(".")[2] != name.partition(".")[2], str(file.path)
