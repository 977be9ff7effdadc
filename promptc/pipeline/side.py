"""One of the two states of a project that are compared, compiled."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from promptc.compiler.driver import find_specs
from promptc.config import Project
from promptc.diagnostics import Diagnostic
from promptc.errors import ProjectError
from promptc.pipeline.revision import Revision, project_at
from promptc.pipeline.selection import Selection, compiled
from promptc.request import Case
from promptc.source import Source

WORKING_TREE = "the working tree"
_DIGITS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two states that are compared.

    `name` is what the user called it, `commit` its 40 digits, None for the working tree. `project` is
    None where there was none yet. `sources` are the text files that compiling has read.
    `diagnostics` are what was said about its specs; `broken` are specs whose cases are not known.
    """

    name: str
    commit: str | None
    project: Project | None
    sources: Mapping[str, Source]
    diagnostics: tuple[Diagnostic, ...] = ()
    broken: frozenset[str] = frozenset()

    @property
    def digits(self) -> str:
        """The first digits of its commit, as git shortens them; nothing where its name begins with them."""
        digits = (self.commit or "")[:_DIGITS]
        return "" if self.name.startswith(digits) else digits


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A side and what was compiled of it."""

    side: Side
    selection: Selection

    @property
    def cases(self) -> tuple[Case, ...]:
        """Its cases, in their order."""
        return self.selection.cases

    @property
    def unreadable(self) -> bool:
        """Whether nothing is known of it, because its project file has mistakes."""
        return self.side.project is None and bool(self.side.diagnostics)


def state_of(revision: Revision | None, today: Project) -> State:
    """Compile a revision, or the working tree."""
    name, commit = (revision.name, revision.commit) if revision else (WORKING_TREE, None)
    side = Side(name=name, commit=commit, project=None, sources={})
    try:
        project = _guarded(project_at(revision), today) if revision else today
    except ProjectError as error:
        return State(side=replace(side, diagnostics=error.diagnostics), selection=_nothing(today))
    if project is None:
        return State(side=side, selection=_nothing(today))
    selection = compiled(project, *find_specs(project))
    side = replace(
        side,
        project=project,
        sources=selection.sources,
        diagnostics=selection.diagnostics,
        broken=selection.broken,
    )
    return State(side=side, selection=selection)


def _guarded(project: Project | None, today: Project) -> Project | None:
    """Let what is secret today be secret then, too."""
    if project is None:
        return None
    keys = [target.key_env for target in today.targets.values() if target.key_env]
    return replace(
        project,
        secret_env=tuple(dict.fromkeys((*project.secret_env, *today.secret_env, *keys))),
        secret_patterns=tuple(dict.fromkeys((*project.secret_patterns, *today.secret_patterns))),
    )


def _nothing(project: Project) -> Selection:
    return Selection(project=project, files=(), cases=(), diagnostics=(), everything=True)
