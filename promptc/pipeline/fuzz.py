"""Fuzz: whatever a spec's variables may hold by their declarations, it compiles to a valid request."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from random import Random
from shlex import quote
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeAlias

from promptc.compiler.declared import Declared, declared
from promptc.compiler.driver import Overrides, compile_specs
from promptc.compiler.spec import SpecFile
from promptc.config import Project
from promptc.diagnostics import Diagnostic, Related, Severity, failed
from promptc.errors import InputError, UsageError
from promptc.pipeline.assignment import assignment, command
from promptc.source import Span, shown

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

SECONDS = 30.0
"""How long one spec is tried, unless told otherwise."""

_MOST_MISTAKES = 5
_Mistake: TypeAlias = tuple[str, Span | None]
"""What tells one mistake from another: its code and its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FuzzResult:
    """What became of a spec with drawn values: how many of those asked for were tried, and the mistakes.

    The same values are tried once. `cut` says that the time was over before all of them were.
    """

    spec: str
    asked: int
    tried: int
    diagnostics: tuple[Diagnostic, ...]
    cut: bool = False

    @property
    def good(self) -> bool:
        """Whether every request was valid."""
        return not failed(self.diagnostics)


def require_hypothesis() -> None:
    """Refuse to draw values without the library that does it; raises UsageError."""
    try:
        import hypothesis  # noqa: F401, PLC0415 - an extra that few commands need
    except ImportError:
        msg = "drawing values needs hypothesis: `pip install 'promptc[testing]'`"
        raise UsageError(msg) from None


def has_variables(project: Project, file: SpecFile) -> bool:
    """Say whether a spec has variables that can be drawn, or mistakes that keep it from being known."""
    spec, _ = declared(file, project.top, Path.cwd())
    return spec is None or bool(spec.declarations)


def fuzz(project: Project, file: SpecFile, examples: int, *, seconds: float = SECONDS) -> FuzzResult:
    """Compile a spec with so many drawn assignments of its variables; raises UsageError without hypothesis.

    What is drawn depends on the spec alone. Each assignment is tried with one of the cases that
    differ in more than variables.
    """
    require_hypothesis()
    before = compile_specs(project, (file,))
    spec, problems = declared(file, project.top, Path.cwd())
    if spec is None or failed(before.diagnostics):
        return FuzzResult(spec=file.name, asked=examples, tried=0, diagnostics=before.diagnostics or problems)
    if not spec.declarations:
        return FuzzResult(spec=file.name, asked=examples, tried=0, diagnostics=())
    return _Fuzz(project, file, spec, examples, monotonic() + seconds).result()


@dataclass(slots=True)
class _Fuzz:
    """One spec being tried; `known` are mistakes that were told, `seen` what became of each assignment."""

    project: Project
    file: SpecFile
    spec: Declared
    examples: int
    end: float
    cut: bool = False
    known: set[_Mistake] = field(default_factory=set)
    seen: dict[str, tuple[Diagnostic, ...]] = field(default_factory=dict)

    def result(self) -> FuzzResult:
        from promptc.testing import assignments  # noqa: PLC0415 - only this needs hypothesis

        found: list[Diagnostic] = []
        try:
            with _kept_in(self.project.root / ".promptc" / "hypothesis"):
                drawn = assignments(self.spec)
                while len(self.known) < _MOST_MISTAKES and (smallest := self._smallest(drawn)):
                    found += self._told(*smallest)
        except InputError as error:
            found += error.diagnostics
        return FuzzResult(
            spec=self.file.name,
            asked=self.examples,
            tried=len(self.seen),
            diagnostics=tuple(found),
            cut=self.cut,
        )

    def _smallest(self, drawn: "SearchStrategy[dict[str, Any]]") -> tuple[str, Mapping[str, Any]] | None:
        """Return the smallest assignment with a mistake that was not told yet, and the case that it was tried with."""
        from hypothesis import Phase, find, settings  # noqa: PLC0415 - an extra
        from hypothesis import strategies as st  # noqa: PLC0415
        from hypothesis.errors import NoSuchExample, Unsatisfiable  # noqa: PLC0415

        seed = int.from_bytes(sha256(self.spec.text.encode()).digest())
        try:
            smallest: tuple[str, Mapping[str, Any]] = find(
                st.tuples(st.sampled_from(self.spec.cases), drawn),
                lambda pair: bool(self._new(*pair)),
                settings=settings(
                    max_examples=self.examples, database=None, deadline=None, phases=(Phase.generate, Phase.shrink)
                ),
                random=Random(seed),  # noqa: S311 - the same values for everybody
            )
        except NoSuchExample:
            return None
        except Unsatisfiable:
            from promptc.testing import undrawable  # noqa: PLC0415

            why = "too few of those that are drawn fit all that is declared"
            raise InputError(tuple(undrawable(self.spec, name, why) for name in self.spec.declarations)) from None
        return smallest

    def _new(self, case: str, values: Mapping[str, Any]) -> Sequence[Diagnostic]:
        return [mistake for mistake in self._mistakes(case, values) if _key(mistake) not in self.known]

    def _mistakes(self, case: str, values: Mapping[str, Any]) -> tuple[Diagnostic, ...]:
        """Compile once for each assignment; when the time is over, nothing new is found."""
        key = json.dumps([case, values], sort_keys=True)
        if key not in self.seen and monotonic() > self.end:
            self.cut = True
        elif key not in self.seen:
            made = compile_specs(self.project, (self.file,), Overrides(values=values), only={case})
            self.seen[key] = tuple(d for d in made.diagnostics if d.severity is Severity.ERROR)
        return self.seen.get(key, ())

    def _told(self, case: str, values: Mapping[str, Any]) -> Iterator[Diagnostic]:
        """Yield the mistakes of an assignment, with those of its values that they need."""
        first = _key(self._new(case, values)[0])
        for name in tuple(values):
            fewer = {other: value for other, value in values.items() if other != name}
            if first in map(_key, self._new(case, fewer)):
                values = fewer
        mistakes = self._new(case, values)
        self.known.update(map(_key, mistakes))
        again = command(quote(f"{shown(self.file.path)}::{case}"), values, self.spec.declarations)
        places = (Related(span=self.spec.places[name], message="declared here") for name in values)
        related = tuple(places)
        for mistake in mistakes:
            yield replace(
                mistake,
                details=(*mistake.details, f"with {'; '.join(assignment(values))}", f"`{again}` shows it"),
                related=(*mistake.related, *related),
            )


def _key(mistake: Diagnostic) -> _Mistake:
    return mistake.code, mistake.span


@contextmanager
def _kept_in(folder: Path) -> Iterator[None]:
    """Let hypothesis keep its tables of characters where promptc keeps what is nobody's business."""
    from hypothesis import configuration  # noqa: PLC0415 - an extra

    before: Any = configuration.storage_directory(intent_to_write=False)
    configuration.set_hypothesis_home_dir(folder)
    try:
        yield
    finally:
        configuration.set_hypothesis_home_dir(getattr(before, "home_directory", before))
