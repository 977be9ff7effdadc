"""Import: what others recorded with plain vcrpy becomes recordings of today's cases."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from promptc.config import EMULATOR, Project, Target
from promptc.diagnostics import Diagnostic, Severity, failed
from promptc.errors import CassetteError
from promptc.pipeline.case_run import take_over
from promptc.pipeline.filter import EVERYTHING, Filter
from promptc.pipeline.given import Given
from promptc.pipeline.import_findings import Unmatched
from promptc.pipeline.import_search import Match, Pool
from promptc.pipeline.results import CaseResult, Status
from promptc.pipeline.selection import Selection, select
from promptc.pipeline.targets import reached
from promptc.pipeline.unit import TOOL, Unit
from promptc.replay.modes import RecordMode
from promptc.replay.offline import offline
from promptc.replay.plain import Interaction, read_plain
from promptc.replay.provenance import Provenance, Step
from promptc.replay.recording import Recording
from promptc.replay.session import stored_request
from promptc.source import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A case whose every step is answered, the interactions that answer it, and what became of them."""

    result: CaseResult
    interactions: tuple[Interaction, ...]

    @property
    def word(self) -> str:
        """What became of it: `accepted`, `pending`, `unchanged` where the same was recorded, or `refused`."""
        return self.result.kept or ("refused" if self.result.status is Status.ERROR else "unchanged")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedFile:
    """A file that could be read, and each of its interactions with the cases that took it."""

    name: str
    rows: tuple[tuple[Interaction, tuple[str, ...]], ...]

    @property
    def taken(self) -> int:
        """How many of its interactions a case took."""
        return sum(bool(cases) for _, cases in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """What an import came to."""

    files: tuple[ImportedFile, ...]
    cases: tuple[Imported, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def good(self) -> bool:
        """Whether every file could be read and gave something, and nothing is wrong."""
        return not failed(self.diagnostics)


def import_cassettes(
    project: Project, paths: Sequence[Path], *, only: Filter = EVERYTHING, accept: bool = False
) -> ImportResult:
    """Turn plain cassettes into recordings of the selected cases; raises UsageError."""
    selection = select(project, only=only)
    found = [*selection.diagnostics]
    files: dict[str, tuple[Interaction, ...]] = {}
    for path in {path.resolve(): path for path in paths}.values():
        try:
            files[shown(path)] = read_plain(path)
        except CassetteError as error:
            found.append(error.diagnostic)
    pool = Pool(interaction for interactions in files.values() for interaction in interactions)
    with reached(project, project.find_target(None), ask=False) as endpoint, offline():
        units = [
            Unit(project=project, case=case, endpoint=endpoint, mode=RecordMode.NONE, accept=accept)
            for case in selection.cases
        ]
        cases = tuple(_imported(units, pool))
    found += [diagnostic for case in cases for diagnostic in case.result.diagnostics]
    rows = tuple(_file(name, interactions, cases) for name, interactions in files.items())
    found += _left(_unmatched(selection, pool, cases), rows)
    return ImportResult(files=rows, cases=cases, diagnostics=tuple(found))


def _imported(units: Sequence[Unit], pool: Pool) -> Iterator[Imported]:
    for unit in units:
        matches = pool.search(unit) if unit.case.skip is None else ()
        if matches:
            result = take_over(unit, _given(unit.project, matches))
            interactions = tuple(match.interaction for match in matches)
            sources = tuple(f"it comes from {one.file}, {one.name}" for one in interactions)
            told = tuple(replace(d, details=sources) if d.code == "P508" else d for d in result.diagnostics)
            yield Imported(result=replace(result, diagnostics=told), interactions=interactions)


def _given(project: Project, matches: Sequence[Match]) -> Given:
    """Make a recording of a case's answers, dated by what they say of themselves."""
    target = _target(project, matches[0].interaction)
    uris = [target.base_url + match.request.path(target.api_version) for match in matches]
    provenance = Provenance(
        target=target.name,
        emulator=matches[0].interaction.emulator,
        tool=f"{TOOL}, imported",
        steps=tuple(
            Step(
                fingerprint=match.request.fingerprint,
                recorded_at=match.interaction.recorded_at,
                model_version=match.model_version,
            )
            for match in matches
        ),
    )
    recording = Recording(
        requests=[stored_request(match.request, uri, {}) for match, uri in zip(matches, uris, strict=True)],
        responses=[match.interaction.response for match in matches if match.interaction.response],
        provenance=provenance,
    )
    return Given(recording=recording, target=target)


def _target(project: Project, interaction: Interaction) -> Target:
    """Return the target that was asked: the project's by its address, else one that has the host's name."""
    assert interaction.asked  # noqa: S101 - what matched was asked
    address = interaction.asked.address
    if interaction.emulator:
        return project.targets[EMULATOR]
    known = [target for target in project.targets.values() if f"{address.base_url}/".startswith(f"{target.base_url}/")]
    name = max(known, key=lambda target: len(target.base_url)).name if known else address.host
    return Target(name=name, base_url=address.base_url, api_version=address.api_version, auth="none")


def _file(name: str, interactions: Sequence[Interaction], cases: Sequence[Imported]) -> ImportedFile:
    takers: dict[Interaction, list[str]] = defaultdict(list)
    for case in cases:
        for interaction in case.interactions:
            takers[interaction].append(case.result.id)
    return ImportedFile(name=name, rows=tuple((one, tuple(takers[one])) for one in interactions))


def _unmatched(selection: Selection, pool: Pool, cases: Sequence[Imported]) -> Unmatched:
    taken = [interaction for case in cases for interaction in case.interactions]
    return Unmatched(
        pool,
        taken={one.asked.fingerprint: one for one in reversed(taken) if one.asked},
        skipped={case.requests[0].fingerprint: case for case in selection.cases if case.skip is not None},
        everything=selection.everything,
    )


def _left(unmatched: Unmatched, files: Sequence[ImportedFile]) -> Iterator[Diagnostic]:
    """Say why each interaction was left; beside others that were taken, that is no mistake."""
    for file in files:
        severity = Severity.WARNING if file.taken else Severity.ERROR
        yield from (unmatched.finding(one, severity) for one, cases in file.rows if not cases)
