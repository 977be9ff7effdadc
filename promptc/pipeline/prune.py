"""Prune: what no case needs any more goes, and nothing else, whatever happens in between."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import groupby
from os.path import lexists
from pathlib import Path, PurePosixPath

from promptc.config import Project
from promptc.diagnostics import Diagnostic, Severity, failed
from promptc.errors import UsageError
from promptc.pipeline.rot import is_spec_name, rotten_files, shared_folder, unseen_folders
from promptc.pipeline.rotten import Rotten
from promptc.pipeline.selection import Selection, select
from promptc.pipeline.unit import locks_of
from promptc.replay.files import sync_folder
from promptc.replay.leftovers import CaseFile, case_files, folders, leftovers, remove_lock
from promptc.source import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """A file that nothing needs: why, its size in bytes, and whether it is gone."""

    file: Path
    reason: str
    size: int
    removed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneResult:
    """The files that may go, or went where it was `tried`; nothing goes where `broken` specs leave open which.

    No recording refers to those that are `spared`, but one of another case lacks them, or a case asks for them.
    """

    files: tuple[Pruned, ...]
    spared: tuple[Pruned, ...] = ()
    tried: bool = False
    broken: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def good(self) -> bool:
        """Whether nothing is left to prune."""
        return not self.broken and not failed(self.diagnostics) and all(file.removed for file in self.files)


def prunable(project: Project) -> PruneResult:
    """Find what may go, and remove nothing; raises UsageError."""
    return _searched(_select(project))[0]


def prune(project: Project, agreed: Collection[Path] | None = None) -> PruneResult:
    """Remove what may go, of `agreed` files where they are given; raises UsageError.

    Everything is searched for anew: what was agreed to may belong to a case by now.
    """
    selection = _select(project)
    found, cases = _searched(selection)
    if found.broken:
        return found
    gone: set[Path] = set()
    problems: list[Diagnostic] = []
    for rotten in cases:
        wanted = [file for file in rotten.removable if agreed is None or file.path in agreed]
        try:
            gone.update(_remove(rotten, wanted))
        except OSError as error:
            problems.append(_not_removed(rotten, error))
    _tidy(selection)
    files = (replace(file, removed=file.file in gone) for file in found.files)
    return replace(found, files=tuple(files), tried=True, diagnostics=(*found.diagnostics, *problems))


def _select(project: Project) -> Selection:
    """Compile every spec; refuses a folder in which promptc's names say little."""
    if among := shared_folder(project):
        msg = (
            f"nothing was removed: {shown(among) or '.'} lies in the folder of the recordings, so a file's name does "
            "not tell whose it is; give them a folder of their own: `paths.cassettes` in promptc.toml"
        )
        raise UsageError(msg)
    return select(project)


def _searched(selection: Selection) -> tuple[PruneResult, tuple[Rotten, ...]]:
    errors = [found for found in selection.diagnostics if found.severity is Severity.ERROR]
    broken = {found.span.source.name if found.span else found.file or "" for found in errors}
    broken |= {shown(file.path) for file in selection.files if file.name in selection.broken}
    if broken:
        return PruneResult(files=(), broken=tuple(sorted(broken))), ()
    cases = rotten_files(selection)
    files = (
        Pruned(file=file.path, reason=rotten.reason(file), size=file.size)
        for rotten in cases
        for file in rotten.removable
    )
    spared = (
        Pruned(file=file.path, reason=f"kept: {why}", size=file.size) for rotten in cases for file, why in rotten.kept
    )
    hidden = tuple(unseen_folders(selection))
    return PruneResult(files=_sorted(files), spared=_sorted(spared), diagnostics=hidden), cases


def _sorted(files: Iterable[Pruned]) -> tuple[Pruned, ...]:
    return tuple(sorted(files, key=lambda file: file.file))


def _remove(rotten: Rotten, wanted: Iterable[CaseFile]) -> Iterator[Path]:
    """Remove files of a case as its only writer, and yield them; what somebody has written meanwhile stays.

    The cassette goes first: what a kill leaves then is unreferenced, and no recording that lacks its files.
    """
    store = rotten.store
    if store.folder.resolve() != store.folder:  # a link has taken the folder's place
        return
    with store.locked():
        now: Sequence[CaseFile] = [file for file in case_files(store.folder) if file.case == store.case]
        if rotten.known:
            now = leftovers(store, now)
        elif not rotten.seen.issuperset(now):  # somebody records a case of that name again
            return
        for _, files in groupby(wanted, key=lambda file: file.kind):
            for file in files:
                if file in now:
                    file.path.unlink(missing_ok=True)
                if not lexists(file.path):  # or somebody else has removed it
                    yield file.path
            sync_folder(store.folder)


def _not_removed(rotten: Rotten, error: OSError) -> Diagnostic:
    file = shown(Path(error.filename)) if error.filename else shown(rotten.store.folder)
    message = f"`{file}` was not removed: {error.strerror or error}"
    return Diagnostic(code="P509", message=message, file=file, help="make the folder writable, and prune again")


def _tidy(selection: Selection) -> None:
    """Remove the locks of cases that are gone, and then the folders of specs that are gone, where nothing is in them."""
    project = selection.project
    locks = locks_of(project)
    known = {locks / case.spec / f"{case.name}.lock" for case in selection.cases}
    for folder in folders(locks):
        if is_spec_name(folder.relative_to(locks).as_posix()):
            for path in {*folder.glob("*.lock")} - known:
                remove_lock(path)
    living = {path for case in selection.cases for path in PurePosixPath(case.spec, case.name).parents}
    for top in (project.cassettes, locks):
        for folder in folders(top):
            name = PurePosixPath(folder.relative_to(top).as_posix())
            if is_spec_name(name.as_posix()) and name not in living:
                with suppress(OSError):  # something is in it
                    folder.rmdir()
