"""Which specs and cases a command is about."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from promptc.compiler.driver import Overrides, compile_specs, find_specs
from promptc.compiler.spec import SpecFile
from promptc.config import Project
from promptc.diagnostics import Diagnostic, did_you_mean, failed, order
from promptc.errors import UsageError
from promptc.request import Case
from promptc.source import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The compiled cases that were asked for; `everything` says that nothing was left out."""

    project: Project
    files: tuple[SpecFile, ...]
    cases: tuple[Case, ...]
    diagnostics: tuple[Diagnostic, ...]
    everything: bool


def select(
    project: Project,
    arguments: Sequence[str] = (),
    *,
    cases: Sequence[str] = (),
    overrides: Overrides | None = None,
) -> Selection:
    """Compile what the arguments name: paths, folders, spec names, each with `::case`; raises UsageError.

    No argument means every spec. `cases` are names or globs that select among the compiled cases.
    """
    files, found = find_specs(project)
    if not files and not found:
        msg = f"there are no specs in {shown(project.specs) or '.'}: put a `.toml` spec there"
        raise UsageError(msg)
    chosen: dict[SpecFile, list[str]] = {}
    for argument in arguments:
        for file, case in _matches(project, files, argument):
            chosen.setdefault(file, []).append(case)
    if not arguments:
        chosen = {file: ["*"] for file in files}
    compilation = compile_specs(project, tuple(chosen), overrides)
    patterns = {file.name: wanted for file, wanted in chosen.items()}
    selected = tuple(case for case in compilation.cases if _named(case.name, patterns[case.spec]))
    if cases:
        selected = tuple(case for case in selected if _named(case.name, cases))
    if not failed(compilation.diagnostics):  # else the specs' mistakes come first
        _refuse_empty(compilation.cases, chosen, cases)
    names = {shown(file.path) for file in chosen}
    return Selection(
        project=project,
        files=tuple(chosen),
        cases=selected,
        diagnostics=order([*(d for d in found if not arguments or d.file in names), *compilation.diagnostics]),
        everything=not arguments and not cases,
    )


def _matches(project: Project, files: Sequence[SpecFile], argument: str) -> Iterable[tuple[SpecFile, str]]:
    name, separator, case = argument.partition("::")
    if not name or (separator and not case):
        msg = f"`{argument}` names no case: write SPEC or SPEC::CASE"
        raise UsageError(msg)
    path = Path(name).resolve()
    matching = [
        file
        for file in files
        if file.path.resolve() == path or file.name == name or path in file.path.resolve().parents
    ]
    if not matching:
        known = [file.name for file in files] + [shown(file.path) for file in files]
        hint = did_you_mean(name, known) or f"`promptc ls` lists the specs in {shown(project.specs)}"
        msg = f"there is no spec `{name}`; {hint}"
        raise UsageError(msg)
    return [(file, case or "*") for file in matching]


def _named(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _refuse_empty(compiled: Sequence[Case], chosen: dict[SpecFile, list[str]], cases: Sequence[str]) -> None:
    """Refuse a selection that names cases which don't exist: it would pass by doing nothing."""
    wanted = [(file.name, pattern) for file, patterns in chosen.items() for pattern in patterns]
    for spec, pattern in wanted:
        names = [case.name for case in compiled if case.spec == spec]
        if not any(_named(name, [pattern]) for name in names):
            raise _no_case(spec, pattern, names)
    every = [case.name for case in compiled]
    for pattern in cases:
        if not any(_named(name, [pattern]) for name in every):
            raise _no_case(" ".join(file.name for file in chosen), pattern, every)


def _no_case(spec: str, pattern: str, names: Sequence[str]) -> UsageError:
    hint = did_you_mean(pattern, names) or f"its cases: {', '.join(dict.fromkeys(names))}"
    return UsageError(f"`{spec}` has no case `{pattern}`; {hint}")
