"""Spec files and their cases as pytest's nodes."""

import traceback
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import pytest
from _pytest._code.code import TerminalRepr

from promptc.diagnostics import Severity, failed
from promptc.errors import LimitError
from promptc.request import Case
from promptc.source import Span, shown
from promptc.suite.outcome import TOLD, NotGreenError, conclude, findings, not_green, shown_as, told
from promptc.suite.repo import Repo, has_mistakes
from promptc.suite.session import RefusedError, Session

MISTAKES = "+mistakes"
"""The item that fails for a spec with mistakes; no case can have this name."""

RECORDINGS = "+recordings"
"""The item that fails for recordings of no case."""


FUZZ = "+fuzz"
"""The item that tries a spec with drawn values."""


class SpecFile(pytest.File):
    """A spec: an item for each of its cases, and one for its mistakes where it has some."""

    root: Path
    place: Path
    warnings: list[tuple[str, str]]

    @classmethod
    def at(cls, parent: pytest.Collector, path: Path, root: Path) -> "SpecFile":
        """Make the node of a spec below a project's root."""
        made: SpecFile = cls.from_parent(parent, path=path)
        made.root = root.resolve()
        made.place = made.root / path.relative_to(root)
        made.warnings = []
        return made

    def collect(self) -> Iterable[pytest.Item]:
        """Compile the spec; raises CollectError where the project itself can't be read, once."""
        repo = self._repo()
        if repo is None:
            return
        spec = repo.spec(self.place)
        self.warnings = [(code, repo.redact(text)) for code, text in findings(spec.diagnostics)]
        for case in spec.cases:
            yield CaseItem.of(self, repo, case)
        if has_mistakes(spec):
            errors = [problem for problem in spec.diagnostics if problem.severity is Severity.ERROR]
            failure = not_green(errors, f"`{self.name}` has mistakes")
            line = next((found for problem in errors if (found := line_in(self.place, problem.span))), 1)
            sound = {case.name for case in spec.cases}
            for name in (MISTAKES, *(name for name in self._asked() if name not in sound)):
                yield MistakesItem.of(self, repo, name, failure, line)
        elif repo.varies(self.place):
            yield FuzzItem.of(self, repo)

    def _repo(self) -> Repo | None:
        """Return the repo; what is wrong with it is told by the first of its specs, and ends the collection."""
        try:
            return Session.of(self.config).repo(self.root)
        except RefusedError as error:
            if error.first:
                raise self.CollectError(error.text) from None
            return None

    def _asked(self) -> Iterator[str]:
        """Yield the cases of this spec that the command line names: where they are gone, the spec's mistakes say why."""
        for argument in self.config.args:
            file, separator, name = argument.partition("::")
            if separator and (self.config.invocation_params.dir / file).resolve() == self.place:
                yield name


class PromptcItem(pytest.Item):
    """What the items of a spec have in common: failures are shown without a traceback, bugs with one."""

    repo: Repo
    line: int
    title: str

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the item was written, and its name."""
        return self.path, self.line - 1, self.title

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str | TerminalRepr:
        """Return our own words for a failure; a mistake in promptc has its traceback."""
        del style
        error = excinfo.value
        if isinstance(error, NotGreenError):
            text, headline = str(error), error.headline
        else:
            headline = f"promptc failed: {type(error).__name__}: {error}"
            text = f"{''.join(traceback.format_exception(error))}{headline}\n"
            text += "this is a mistake in promptc; please report it with the lines above\n"
        return shown_as(self.repo.redact(text), self.repo.redact(headline), str(self.path), self.line)


class CaseItem(PromptcItem):
    """A case: run as `promptc run` does."""

    case: Case
    tags: tuple[pytest.Mark, ...]

    @classmethod
    def of(cls, parent: SpecFile, repo: Repo, case: Case) -> "CaseItem":
        """Make the item of a case."""
        made: CaseItem = cls.from_parent(parent, name=case.name)
        made.repo, made.case, made.title, made.line = repo, case, case.id, line_in(case.path, case.span) or 1
        made.tags = tuple(pytest.Mark(tag, (), {}, _ispytest=True) for tag in case.tags)
        if case.skip is not None:
            made.add_marker(pytest.mark.skip(reason=case.skip))
        return made

    def iter_markers(self, name: str | None = None) -> Iterator[pytest.Mark]:
        """Yield tags for `-m` and `-k` alone: one that is named like a mark of pytest's or a plugin's is none."""
        yield from super().iter_markers(name)
        if name is None:
            yield from self.tags

    def runtest(self) -> None:
        """Run the case."""
        try:
            result = self.repo.run(self.case)
        except LimitError as error:
            text = f"error: {error}\n"
            raise NotGreenError(text, str(error)) from None
        self.stash[TOLD] = [told(result), *self._warnings()]
        conclude(result)

    def _warnings(self) -> Iterator[dict[str, Any]]:
        """Yield what was warned of when the spec was compiled, with the first of its cases that runs."""
        spec = self.parent
        if isinstance(spec, SpecFile) and spec.warnings:
            yield {"findings": spec.warnings}
            spec.warnings = []


def allow(items: Iterable[pytest.Item]) -> None:
    """Hold what all items together would ask against the limits of their projects, before the first one runs."""
    cases: dict[Repo, list[Case]] = {}
    for item in items:
        if isinstance(item, CaseItem):
            cases.setdefault(item.repo, []).append(item.case)
    for repo, own in cases.items():
        with suppress(LimitError):  # each case says it that would be asked
            repo.allow(own)


class FuzzItem(PromptcItem):
    """A spec with drawn values: whatever its declarations allow compiles to a valid request."""

    place: Path

    @classmethod
    def of(cls, parent: SpecFile, repo: Repo) -> "FuzzItem":
        """Make the item."""
        made: FuzzItem = cls.from_parent(parent, name=FUZZ)
        made.repo, made.place, made.title, made.line = repo, parent.place, f"{shown(parent.path)}, drawn values", 1
        return made

    def runtest(self) -> None:
        """Fail with the smallest values that break the request."""
        result = self.repo.fuzz(self.place)
        if result.cut:
            said = f"{self.title}: the time was over after {result.tried} of {result.asked}"
            self.stash[TOLD] = [{"notes": [said]}]
        if not result.good:
            raise not_green(result.diagnostics, f"`{result.spec}` breaks with drawn values")


class MistakesItem(PromptcItem):
    """A spec's mistakes: which of its cases are lost is not known, so one item fails for all of them."""

    failure: NotGreenError

    @classmethod
    def of(cls, parent: SpecFile, repo: Repo, name: str, failure: NotGreenError, line: int) -> "MistakesItem":
        """Make the item."""
        made: MistakesItem = cls.from_parent(parent, name=name)
        made.repo, made.failure, made.title, made.line = repo, failure, shown(parent.path), line
        return made

    def runtest(self) -> None:
        """Fail."""
        raise self.failure


class RecordingsItem(PromptcItem):
    """The recordings of a whole project: none may belong to no case."""

    @classmethod
    def of(cls, parent: pytest.Collector, repo: Repo) -> "RecordingsItem":
        """Make the item."""
        made: RecordingsItem = cls.from_parent(parent, name=RECORDINGS)
        made.repo, made.title, made.line = repo, shown(repo.project.cassettes), 1
        return made

    def runtest(self) -> None:
        """Fail where there are any."""
        found = self.repo.rot()
        self.stash[TOLD] = [{"findings": findings(found)}]
        if failed(found):
            raise not_green(found, f"`{self.title}` has recordings of no case")


def line_in(path: Path, span: Span | None) -> int | None:
    """Return a span's line, where it is in that file: a spec has some of its cases from what it extends."""
    return span.line if span and span.source.path == path else None


def whole(items: Iterable[pytest.Item]) -> Iterator[RecordingsItem]:
    """Yield an item for each repo of which every case is to be run, and which has recordings of no case."""
    cases: dict[Repo, dict[str, CaseItem]] = {}
    for item in items:
        if isinstance(item, CaseItem):
            cases.setdefault(item.repo, {})[item.case.id] = item
    for repo, each in cases.items():
        if each.keys() == repo.case_ids and repo.may_have_rot():
            chain = next(iter(each.values())).listchain()
            folder = next((node for node in chain if getattr(node, "path", None) == repo.project.specs), chain[0])
            yield RecordingsItem.of(cast("pytest.Collector", folder), repo)
