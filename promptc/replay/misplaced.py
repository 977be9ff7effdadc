"""Files that a recording lacks and that lie under another case's name: its cassette was renamed without them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import join

from promptc.errors import CassetteError
from promptc.replay.bodies import Sidecar
from promptc.replay.files import holds
from promptc.replay.leftovers import CaseFile, Kind, sidecars_of_size
from promptc.replay.store import Store
from promptc.source import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A file and where it belongs; it is copied where somebody else needs it, too."""

    source: Path
    target: Path
    copied: bool = False


def command(moves: Sequence[Move]) -> str:
    """Return what a shell carries moves out with; files that keep their names go to a folder together."""
    together: dict[tuple[str, str], list[str]] = defaultdict(list)
    for move in moves:
        kept = move.source.name == move.target.name
        target = f"{shown(move.target.parent)}/" if kept else shown(move.target)
        together["cp" if move.copied else "mv", target].append(shown(move.source))
    missing = dict.fromkeys(shown(move.target.parent) for move in moves if not move.target.parent.exists())
    made = [join(["mkdir", "-p", *missing])] if missing else []
    return " && ".join([*made, *(join([word, *sources, target]) for (word, target), sources in together.items())])


def misplaced(store: Store, top: Path) -> tuple[Move, ...]:
    """Return how what a case's recordings lack comes back, where it lies below `top` under other cases' names."""
    places = {store.place(sidecar, path): sidecar for path, sidecar in _recorded(store) if _lacks(store, sidecar, path)}
    if not places:
        return ()
    sizes = {sidecar.size for sidecar in places.values()}
    own = (store.folder, store.case)
    files = [file for file in sidecars_of_size(top, sizes) if (file.path.parent, file.case) != own]
    found: dict[Path, Move] = {}
    for place, sidecar in sorted(places.items(), key=lambda item: item[0]):
        twins = [file for file in files if file.path not in found and _is(file, sidecar)]
        if twins:
            moves = (Move(source=file.path, target=place, copied=_claimed(file, sidecar, store)) for file in twins)
            best = min(moves, key=lambda move: (move.copied, *_likeness(move), move.source))
            found[place if best.copied else best.source] = best
    return tuple(found.values())


def lacked(stores: Mapping[str, Store], files: Iterable[CaseFile]) -> Mapping[CaseFile, str]:
    """Return those of some files that the recordings of cases lack, each with the case's id."""
    sized: dict[int, list[CaseFile]] = defaultdict(list)
    for file in files:
        if file.kind is Kind.SIDECAR:
            sized[file.size].append(file)
    found: dict[CaseFile, str] = {}
    for case, store in stores.items() if sized else ():
        for path, sidecar in _recorded(store):
            twins = [file for file in sized.get(sidecar.size, ()) if file not in found and _is(file, sidecar)]
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


def _is(file: CaseFile, sidecar: Sidecar) -> bool:
    return file.size == sidecar.size and holds(file.path, sidecar.sha256, sidecar.size)


def _claimed(file: CaseFile, sidecar: Sidecar, store: Store) -> bool:
    """Say whether a cassette beside a file refers to it."""
    other = Store(folder=file.path.parent, case=file.case, locks=store.locks)
    return any(claimed.sha256 == sidecar.sha256 for _, claimed in _recorded(other))


def _likeness(move: Move) -> tuple[bool, bool]:
    """Rate a move for `min`: files of one spec, or of one step and number, were renamed rather than others."""
    names = [move.source.name.partition(".")[2], move.target.name.partition(".")[2]]
    return names[0] != names[1], move.source.parent != move.target.parent
