"""A prompt repo as one pytest process sees it: read once, its specs compiled once each."""

from collections.abc import Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from promptc.compiler.discovery import find_specs
from promptc.config import Project, load
from promptc.diagnostics import Diagnostic, failed
from promptc.pipeline.case_run import run_case, run_with_answers
from promptc.pipeline.consent import Tally
from promptc.pipeline.fuzz import FuzzResult, fuzz, has_variables
from promptc.pipeline.results import CaseResult
from promptc.pipeline.rot import rot, rotten_files
from promptc.pipeline.selection import Selection, compiled, select
from promptc.pipeline.targets import reached
from promptc.pipeline.unit import Unit
from promptc.replay.leftovers import case_files, folders
from promptc.replay.modes import RecordMode
from promptc.replay.offline import offline_here
from promptc.request import Case
from promptc.response import Response
from promptc.source import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What pytest's command line asks for."""

    asks: bool
    accept: bool
    target: str | None
    runxfail: bool
    fuzz: int | None

    @classmethod
    def of(cls, config: pytest.Config) -> "Options":
        """Read them."""
        update = config.getoption("promptc_update")
        return cls(
            asks=update or config.getoption("promptc_record"),
            accept=update,
            target=config.getoption("promptc_target"),
            runxfail=config.getoption("runxfail"),
            fuzz=config.getoption("promptc_fuzz"),
        )


class Repo:
    """A project with its specs, and the target that answers, for as long as the session runs.

    `compiled` has the names of each sound spec's cases.
    """

    def __init__(self, folder: Path, options: Options, closing: ExitStack) -> None:
        """Read the project around a folder; raises UsageError or InputError."""
        self.options = options
        self.project: Project = load(folder)
        target = self.project.find_target(options.target)
        self.endpoint = closing.enter_context(reached(self.project, target, ask=options.asks))
        self.tally = Tally(self.project, target)
        self.files, self.found = find_specs(self.project)
        self.compiled: dict[str, frozenset[str]] = {}
        self._by_path = {file.path: file for file in self.files}

    def spec(self, path: Path) -> Selection:
        """Compile a spec file, with what there is to say about it; one that is no spec has only mistakes."""
        file = self._by_path.get(path)
        found = [problem for problem in self.found if self._about(problem, path)]
        made = compiled(self.project, [file] if file else [], found)
        if file and not made.broken:
            self.compiled[file.name] = frozenset(case.name for case in made.cases)
        return made

    @property
    def case_ids(self) -> frozenset[str] | None:
        """Every case of the project, once all specs were compiled and none had mistakes; None until then."""
        if self.compiled.keys() != {file.name for file in self.files}:
            return None
        return frozenset(f"{spec}::{case}" for spec, cases in self.compiled.items() for case in cases)

    def may_have_rot(self) -> bool:
        """Say whether there are recordings of no case; with all specs compiled, this takes names alone."""
        top = self.project.cassettes
        for folder in folders(top):
            cases = self.compiled.get(folder.relative_to(top).as_posix(), frozenset())
            if any(file.case not in cases for file in case_files(folder)):
                return True
        return False

    def rot(self) -> tuple[Diagnostic, ...]:
        """Return what is wrong with recordings of no case."""
        selection = select(self.project)
        return tuple(rot(selection, rotten_files(selection)))

    def _about(self, problem: Diagnostic, path: Path) -> bool:
        """Say whether what was found is about a file, or about a folder that it is in."""
        return problem.file is not None and problem.file in {shown(place) for place in (path, *path.parents)}

    def varies(self, path: Path) -> bool:
        """Say whether a spec is to be tried with drawn values, and has variables that can be drawn."""
        return bool(self.options.fuzz) and has_variables(self.project, self._by_path[path])

    def fuzz(self, path: Path) -> FuzzResult:
        """Try a spec with drawn values."""
        return fuzz(self.project, self._by_path[path], self.options.fuzz or 0)

    def allow(self, cases: Sequence[Case]) -> None:
        """Hold what is to be asked against the project's limits, before anything is; raises LimitError."""
        if self.options.asks:
            self.tally.add([self._unit(case) for case in cases])

    def run(self, case: Case) -> CaseResult:
        """Run a case; nothing reaches the network unless somebody has asked for it; raises LimitError."""
        self.allow([case])
        with nullcontext() if self.options.asks else offline_here():
            return run_case(self._unit(case))

    def run_with_answers(self, case: Case) -> tuple[CaseResult, tuple[Response, ...]]:
        """Run a case that is not skipped, and return its answers too; raises LimitError."""
        self.allow([case])
        with nullcontext() if self.options.asks else offline_here():
            return run_with_answers(self._unit(case))

    def redact(self, text: str) -> str:
        """Return text without what is secret here."""
        return self.endpoint.secrets.redact(text)

    def _unit(self, case: Case) -> Unit:
        options = self.options
        return Unit(
            project=self.project,
            case=replace(case, xfail=None) if options.runxfail else case,
            endpoint=self.endpoint,
            mode=RecordMode.NEW_EPISODES if options.asks else RecordMode.NONE,
            accept=options.accept,
        )


def has_mistakes(spec: Selection) -> bool:
    """Say whether a spec is wrong somewhere, so that some of its cases may be missing."""
    return bool(spec.broken) or failed(spec.diagnostics)
