"""What lies below the cassettes folder and belongs to nothing any more."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from promptc.compiler.cases import name_problem
from promptc.config import Project
from promptc.diagnostics import Diagnostic, Severity, unreadable
from promptc.pipeline.renamed import renamings
from promptc.pipeline.rotten import Rotten
from promptc.pipeline.selection import Selection
from promptc.pipeline.unit import store_of
from promptc.replay.leftovers import CaseFile, Kind, case_files, folders, leftovers, unseen
from promptc.replay.misplaced import lacked
from promptc.replay.store import Store
from promptc.source import shown


def rot(selection: Selection, cases: Iterable[Rotten]) -> Iterator[Diagnostic]:
    """Yield recordings that belong to no case, files that no recording refers to, and folders that can't be read.

    Files that are spared have their message elsewhere.
    """
    yield from unseen_folders(selection)
    for rotten in cases:
        for file in rotten.files:
            if not rotten.orphaned:
                yield _unreferenced(rotten, file)
            elif file.kind is Kind.CASSETTE:  # its pictures go without saying
                yield _orphaned(rotten, file)


def unseen_folders(selection: Selection) -> Iterator[Diagnostic]:
    """Yield the folders of recordings that can't be looked into, as far as selected cases may have files there."""
    top = selection.project.cassettes
    specs = {top / case.spec for case in selection.cases}
    for folder, error in unseen(top):
        named = folder == top or is_spec_name(folder.relative_to(top).as_posix())
        if named and (selection.everything or any(spec.is_relative_to(folder) for spec in specs)):
            yield replace(unreadable(shown(folder), error), help="make it readable: what lies in it is not known")


def rotten_files(selection: Selection) -> tuple[Rotten, ...]:
    """Return what may go, case by case; nothing where the selection is partial, and nothing of a spec with mistakes."""
    found = tuple(_found(selection)) if selection.everything else ()
    renamed = {renaming.gone: renaming for renaming in renamings(selection, [one for one in found if one.orphaned])}
    stores = {case.id: store_of(selection.project, case.spec, case.name) for case in selection.cases}
    stores |= {one.id: one.store for one in found if one.id in renamed}  # one that comes to a case is worth its files
    wanted = lacked(stores, (file for rotten in found for file in rotten.files))
    return tuple(_sparing(replace(rotten, renaming=renamed.get(rotten.id)), wanted) for rotten in found)


def _sparing(rotten: Rotten, wanted: Mapping[CaseFile, str]) -> Rotten:
    files = tuple(file for file in rotten.files if file not in wanted)
    return replace(rotten, files=files, spared=tuple((f, wanted[f]) for f in rotten.files if f in wanted))


def _found(selection: Selection) -> Iterator[Rotten]:
    project = selection.project
    known = {(case.spec, case.name) for case in selection.cases}
    anywhere = {(spec.casefold(), case.casefold()): (spec, case) for spec, case in known}
    cases: dict[tuple[str, str], list[CaseFile]] = defaultdict(list)
    for folder in folders(project.cassettes):
        spec = folder.relative_to(project.cassettes).as_posix()
        if is_spec_name(spec) and spec not in selection.broken:
            for file in case_files(folder):
                if not name_problem(file.case):
                    cases[spec, file.case].append(file)
    for (spec, case), found in sorted(cases.items()):
        store = store_of(project, spec, case)
        files: Sequence[CaseFile] = sorted(found, key=lambda file: (file.kind, file.path))
        if (spec, case) in known:
            files = leftovers(store, files)
            if files:  # a writer may have been at it
                with store.quiet():
                    files = leftovers(store, [file for file in case_files(store.folder) if file.case == case])
        elif twin := anywhere.get((spec.casefold(), case.casefold())):
            files = [file for file in files if not _is_file_of(file, store_of(project, *twin))]
        if shared_folder(project):
            files = [file for file in files if file.kind is Kind.CASSETTE]
        if files:
            yield Rotten(spec=spec, store=store, files=tuple(files), known=(spec, case) in known)


def is_spec_name(path: str) -> bool:
    """Say whether a path is one that a spec can have as its name."""
    parts = PurePosixPath(path).parts
    return bool(parts) and not any(part.startswith("_") or name_problem(part) for part in parts)


def shared_folder(project: Project) -> Path | None:
    """Return what lies among the recordings, where these have no folder of their own: names say little there."""
    return next((path for path in (project.root, project.specs) if path.is_relative_to(project.cassettes)), None)


def _is_file_of(file: CaseFile, store: Store) -> bool:
    """Say whether it is a file of a case whose name differs in letter case, on a disk that knows no difference."""
    try:
        return file.path.samefile(store.folder / f"{store.case}{file.path.name[len(store.case) :]}")
    except OSError:
        return False


def _orphaned(rotten: Rotten, file: CaseFile) -> Diagnostic:
    hint = "`promptc prune` removes it with its pictures; to keep it, restore the spec"
    if known := rotten.renaming:
        hint = (
            f"`{known.heir}` asks just this and has no recording: `{known.command}` gives it this one, and asks nothing"
        )
    return Diagnostic(
        code="P506",
        message=f"no case is named `{rotten.id}`, so nothing checks this recording",
        file=shown(file.path),
        help=hint,
    )


def _unreferenced(rotten: Rotten, file: CaseFile) -> Diagnostic:
    cassette = shown(rotten.store.accepted)
    severity, message = Severity.ERROR, f"no case is named `{rotten.id}`, so nothing refers to this file"
    hint = f"`promptc prune` removes it; to keep it, restore the spec and {cassette}"
    if file.kind is Kind.UNFINISHED:
        severity = Severity.NOTE
        message = f"a writer of `{rotten.id}` that was stopped, or is at work, has not finished this file"
        hint = "`promptc prune` removes it" + (", and so does the next `promptc record`" if rotten.known else "")
    elif rotten.known:
        message = f"no recording of `{rotten.id}` refers to this file"
        gone = not rotten.store.accepted.exists()
        hint = f"restore {cassette}, or `promptc prune` removes it" if gone else "`promptc prune` removes it"
    subject = rotten.id if rotten.known else None
    return Diagnostic(
        code="P514", severity=severity, message=message, file=shown(file.path), subject=subject, help=hint
    )
