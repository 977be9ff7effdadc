"""Diff: what a change of the specs does to the compiled requests, to their recordings, and what it will cost."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from io import BytesIO

from promptc.blob import Blob
from promptc.config import Project
from promptc.container import frame
from promptc.diagnostics import failed
from promptc.errors import UsageError, WireError
from promptc.pipeline.ends import Ends
from promptc.pipeline.git import Repository
from promptc.pipeline.plan import Estimate, total
from promptc.pipeline.recordings import CaseDifference, Recordings, reach
from promptc.pipeline.results import CaseResult
from promptc.pipeline.revision import Revision
from promptc.pipeline.selection import named_cases, no_spec
from promptc.pipeline.side import Side, State, state_of
from promptc.replay.offline import offline
from promptc.request import Case
from promptc.review.compare import compare
from promptc.review.difference import Group, Pair, Shared

__all__ = ["CaseDifference", "DiffResult", "Ends", "Side", "diff"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffResult:
    """Two states of a project compared.

    `cases` are those that were touched: request, expectations, marks or recorded answer. `unchanged`
    counts the others; `elsewhere` names those of them whose recording is not fresh. `estimate` sums
    up what the touched cases cost to record. `sides` are pictures' width and height in pixels, by SHA-256.
    `prefix` leads from the repository's top to the project, and is empty or ends in `/`. `met` names
    the two of which the old side is where they last met, None where it is what the user named.
    """

    old: Side
    new: Side
    cases: tuple[CaseDifference, ...]
    groups: tuple[Group, ...]
    unchanged: int
    elsewhere: tuple[str, ...]
    estimate: Estimate
    sides: Mapping[str, tuple[int, int]]
    prefix: str = ""
    met: tuple[str, str] | None = None

    @property
    def changed(self) -> bool:
        """Whether anything differs that a request, an expectation or a recording is made of."""
        return bool(self.cases) or self.old.broken != self.new.broken

    @property
    def good(self) -> bool:
        """Whether the new side compiles."""
        return not failed(self.new.diagnostics)


def diff(project: Project, ends: Ends, arguments: Sequence[str] = (), *, earlier: bool = False) -> DiffResult:
    """Compare two states of a project, or only the cases that the arguments name; raises UsageError.

    Nothing is asked, checked out or written, and no code of the project is run.
    """
    before, after = ends.revisions(project.root)
    old, new = _states(project, before, after)
    wanted = _wanted(arguments, before.repository, old, new)
    difference = compare(*_known(old, new), old.side.sources, new.side.sources)
    pairs = [pair for pair in difference.pairs if wanted is None or wanted & _ids(pair)]
    with ExitStack() as stack:
        stack.enter_context(offline())
        recordings = Recordings(
            old=reach(old.side, stack),
            new=reach(new.side, stack),
            names=frozenset(case.id for case in new.cases),
            earlier=earlier,
        )
        found = [recordings.look(pair) for pair in pairs]
    cases = tuple(row for row in found if isinstance(row, CaseDifference))
    untouched = [row for row in found if isinstance(row, CaseResult)]
    target = (new.side.project or project).find_target(None)
    return DiffResult(
        old=old.side,
        new=new.side,
        cases=cases,
        groups=difference.groups if wanted is None else tuple(_only(difference.groups, cases)),
        unchanged=len(untouched),
        elsewhere=tuple(row.id for row in untouched if not row.status.good),
        estimate=total((row.estimate for row in cases if row.estimate), target),
        sides=_sides(pairs),
        prefix=before.repository.prefix,
        met=ends.met,
    )


def _states(project: Project, before: Revision, after: Revision | None) -> tuple[State, State]:
    """Compile both sides; what is the same on both is compiled once."""
    old = state_of(before, project)
    if after and before.tree == after.tree:
        new = replace(old, side=replace(old.side, name=after.name, commit=after.commit))
    else:
        new = state_of(after, project)
    return _beside(old, new), _beside(new, old)


def _beside(one: State, other: State) -> State:
    """Say which specs are not known of a side whose project file can't be read: all that the other one has."""
    if not one.unreadable:
        return one
    return replace(one, side=replace(one.side, broken=frozenset(file.name for file in other.selection.files)))


def _known(old: State, new: State) -> tuple[tuple[Case, ...], tuple[Case, ...]]:
    """Return the cases of both sides without those of which nobody knows what the other side has."""
    sides = []
    for one, other in ((old, new), (new, old)):
        there = {case.id for case in other.cases}
        unknown = other.side.broken
        sides.append(tuple(case for case in one.cases if case.id in there or case.spec not in unknown))
    return sides[0], sides[1]


def _wanted(arguments: Sequence[str], repository: Repository, old: State, new: State) -> frozenset[str] | None:
    """Return the ids that arguments name on either side, None for all; raises UsageError."""
    if not arguments:
        return None
    wanted: set[str] = set()
    for argument in arguments:
        named = [named_cases(side.selection, argument) for side in (old, new)]
        if named == [None, None]:
            raise _no_spec(argument, repository, old, new)
        if not any(named) and not old.side.broken | new.side.broken:
            msg = f"`{argument}` names no case, neither of {old.side.name} nor of {new.side.name}"
            raise UsageError(msg)
        wanted.update(*(ids for ids in named if ids))
    return frozenset(wanted)


def _no_spec(argument: str, repository: Repository, old: State, new: State) -> UsageError:
    """Return the error for an argument that names no spec; it may be a second revision, as git itself takes it."""
    with suppress(UsageError):
        repository.commit(argument)
        return UsageError(
            f"`{argument}` is a revision, and no spec: two commits are compared as `{old.side.name}..{argument}`"
        )
    return no_spec(new.selection.project, new.selection.files, argument)


def _ids(pair: Pair) -> frozenset[str]:
    return frozenset(case.id for case in (pair.old, pair.new) if case)


def _only(groups: Iterable[Group], cases: Iterable[CaseDifference]) -> Iterator[Group]:
    """Yield what groups say of some cases."""
    ids = {row.pair.id for row in cases}
    for group in groups:
        edits = [Shared(edit=one.edit, cases=tuple(case for case in one.cases if case in ids)) for one in group.edits]
        if left := tuple(one for one in edits if one.cases):
            yield replace(group, edits=left)


def _sides(pairs: Iterable[Pair]) -> Mapping[str, tuple[int, int]]:
    """Measure the pictures that were put in or taken out."""
    edits = (edit for pair in pairs for edit in pair.edits)
    blobs = {blob.sha256: blob for edit in edits for side in (edit.old, edit.new) for blob in _blobs(side)}
    sides = {}
    for sha256, blob in blobs.items():
        with suppress(OSError, WireError):  # it was changed meanwhile
            if seen := frame(blob.media_type, BytesIO(blob.read()), blob.size).sides:
                sides[sha256] = seen
    return sides


def _blobs(value: object) -> Iterator[Blob]:
    if isinstance(value, Blob):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _blobs(item)
    elif isinstance(value, Collection) and not isinstance(value, (str, bytes)):
        for item in value:
            yield from _blobs(item)
