"""Recordings of no case that are just what a case without a recording asks for: a spec or case was renamed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

from promptc.errors import CassetteError
from promptc.pipeline.results import CaseResult
from promptc.pipeline.rotten import Renaming, Rotten
from promptc.pipeline.selection import Selection
from promptc.pipeline.unit import counts, store_of
from promptc.replay.leftovers import Kind
from promptc.replay.misplaced import Move, command
from promptc.replay.recording import Recording
from promptc.replay.store import NAME, Store
from promptc.request import Case, Reply, Request
from promptc.tree import Json


def renamings(selection: Selection, orphans: Iterable[Rotten]) -> Iterator[Renaming]:
    """Yield how orphaned recordings come to cases that lack just these: one a case."""
    project = selection.project
    waiting: dict[str, dict[str, Case]] | None = None
    for orphan in orphans:
        recording = _read(orphan.store)
        if recording is None or not counts(project, recording.provenance, project.target):
            continue
        waiting = _without_recording(selection) if waiting is None else waiting
        cases = waiting.get(recording.fingerprints[0], {})
        likest = sorted(cases.values(), key=lambda case: (case.spec != orphan.spec, case.name != orphan.store.case))
        for case in likest:
            moves = _moves(orphan, store_of(project, case.spec, case.name))
            if _asks_just(case, recording) and not any(move.target.exists() for move in moves):
                del cases[case.id]
                yield Renaming(gone=orphan.id, heir=case.id, command=command(moves))
                break


def with_heirs(results: Iterable[CaseResult], renamed: Iterable[Renaming]) -> tuple[CaseResult, ...]:
    """Say of cases without a recording which one of no case would do."""
    heirs = {renaming.heir: renaming for renaming in renamed}
    return tuple(_with_heir(result, heirs[result.id]) if result.id in heirs else result for result in results)


def moves(gone: Store, heir: Store) -> list[Move]:
    """Return how all that is recorded of a case comes under another name, in a commit, too; the cassette last."""
    try:
        names = sorted(entry.name for entry in gone.files.entries(gone.folder))
    except OSError:
        return []
    found = [match for name in names if (match := NAME.fullmatch(name)) and match["case"] == gone.case]
    return [
        _move(gone.folder / match.string, gone.case, heir)
        for match in sorted(found, key=lambda match: match["kind"] == "yaml")
        if not match["unfinished"]
    ]


def _asks_just(case: Case, recording: Recording) -> bool:
    """Say whether a case asks what was recorded, step by step, and nothing else."""
    if len(case.requests) != len(recording.requests):
        return False
    steps = zip(case.requests, recording.asked, recording.fingerprints, strict=True)
    return all(_fingerprint(request, asked) == known for request, asked, known in steps)


def _fingerprint(request: Request, asked: Json) -> str | None:
    """Return what a request's fingerprint is with the replies that were in it when it was recorded."""
    then = cast("Mapping[str, Mapping[str, list[Json]]]", asked)["body"].get("contents", [])
    if len(then) != len(request.contents):
        return None
    pairs = zip(request.contents, then, strict=True)
    contents = tuple(old if isinstance(content, Reply) else content for content, old in pairs)
    return replace(request, contents=contents).fingerprint


def _read(store: Store) -> Recording | None:
    try:
        found = store.load(store.accepted) or store.load(store.pending)
    except CassetteError:
        return None
    return found if found and found.requests else None


def _without_recording(selection: Selection) -> dict[str, dict[str, Case]]:
    """Return the cases for which nothing is recorded, by their first request's fingerprint."""
    found: dict[str, dict[str, Case]] = defaultdict(dict)
    for case in selection.cases:
        store = store_of(selection.project, case.spec, case.name)
        if not store.recorded:
            found[case.requests[0].fingerprint][case.id] = case
    return found


def _moves(orphan: Rotten, heir: Store) -> list[Move]:
    """Return how all that is recorded changes its name, the cassette last: it is no recording without its files."""
    files = sorted(orphan.files, key=lambda file: (-file.kind, file.path))
    return [_move(file.path, file.case, heir) for file in files if file.kind is not Kind.UNFINISHED]


def _move(file: Path, case: str, heir: Store) -> Move:
    """Return how a file of one case's comes under the name of another."""
    return Move(source=file, target=heir.folder / f"{heir.case}{file.name[len(case) :]}")


def _with_heir(result: CaseResult, renaming: Renaming) -> CaseResult:
    known = f"the recording of `{renaming.gone}`, which is no case any more"
    told = f"`{renaming.command}` gives it {known}, and asks nothing"
    diagnostics = (
        replace(found, help=f"{told}; or {found.help}") if found.code == "P502" else found
        for found in result.diagnostics
    )
    return replace(result, diagnostics=tuple(diagnostics))
