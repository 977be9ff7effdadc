"""Which specs and cases a command is about."""

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from glob import escape, has_magic
from pathlib import Path, PurePath, PurePosixPath

from promptc.compiler.driver import Overrides, compile_specs, find_specs
from promptc.compiler.spec import SpecFile
from promptc.config import Project
from promptc.diagnostics import Diagnostic, did_you_mean, failed, order
from promptc.errors import UsageError
from promptc.pipeline.filter import EVERYTHING, Filter, named, no_case, quoted
from promptc.pipeline.secrets_in_specs import without_secrets
from promptc.request import Case
from promptc.source import Source, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The compiled cases that were asked for; `everything` says that nothing was left out.

    `broken` names the specs with mistakes: not all of their cases are known. `sources` are the text
    files that compiling has read, by their paths below the project's root.
    """

    project: Project
    files: tuple[SpecFile, ...]
    cases: tuple[Case, ...]
    diagnostics: tuple[Diagnostic, ...]
    everything: bool
    broken: frozenset[str] = frozenset()
    sources: Mapping[str, Source] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Argument:
    """`SPEC` or `SPEC::CASE` of the command line, and the spec files that it names."""

    spec: str
    case: str
    files: tuple[SpecFile, ...]

    def cases(self, compiled: Mapping[str, Sequence[Case]]) -> list[Case]:
        return [case for file in self.files for case in compiled.get(file.name, ()) if named(case, self.case)]


def select(
    project: Project,
    arguments: Sequence[str] = (),
    *,
    only: Filter = EVERYTHING,
    overrides: Overrides | None = None,
) -> Selection:
    """Compile what the arguments name, and take the cases that `only` takes; raises UsageError.

    Arguments are paths, folders, spec names, or globs over them, each with `::case` or a glob of
    cases; none means every spec.
    """
    files, found = _every_file(project)
    wanted = _arguments(project, files, arguments)
    chosen = tuple(dict.fromkeys(file for argument in wanted for file in argument.files)) if arguments else files
    names = {project.files.shown(file.path) for file in chosen}
    whole = compiled(project, chosen, [d for d in found if not arguments or d.file in names], overrides)
    wrong = {problem.file for problem in found if failed([problem])}  # such as a linked folder that is not searched
    cases = whole.cases
    if arguments:
        cases = _named(wanted, cases, refuse=not failed(whole.diagnostics))
    if not failed(whole.diagnostics):  # else the specs' mistakes come first
        only.require(cases, _nowhere(arguments))
    return replace(
        whole,
        cases=tuple(case for case in cases if only.takes(case)),
        everything=not arguments and only == EVERYTHING and wrong <= names,
    )


def compiled(
    project: Project,
    files: Sequence[SpecFile],
    found: Sequence[Diagnostic] = (),
    overrides: Overrides | None = None,
) -> Selection:
    """Compile spec files and take all of their cases; `found` is what is to be said about the files themselves."""
    compilation = compile_specs(project, files, overrides)
    wrong = {problem.file for problem in found if failed([problem])}
    cases, leaks = without_secrets(project, compilation.cases)
    sound = {case.id for case in cases}
    leaking = {case.spec for case in compilation.cases if case.id not in sound}
    return Selection(
        project=project,
        files=tuple(files),
        cases=cases,
        diagnostics=order([*found, *compilation.diagnostics, *leaks]),
        everything=False,
        broken=compilation.broken | leaking | {file.name for file in files if project.files.shown(file.path) in wrong},
        sources=compilation.sources,
    )


def named_cases(selection: Selection, argument: str) -> tuple[str, ...] | None:
    """Return the ids of the cases that an argument names, None where it names no spec; raises UsageError."""
    wanted = _argument(argument, _places(selection.project, selection.files))
    return tuple(case.id for case in wanted.cases(_by_spec(selection.cases))) if wanted.files else None


def select_files(
    project: Project, arguments: Sequence[str] = ()
) -> tuple[tuple[SpecFile, ...], tuple[Diagnostic, ...]]:
    """Find the spec files that the arguments name, and compile none; raises UsageError."""
    files, found = _every_file(project)
    if named := next((argument for argument in arguments if "::" in argument), None):
        msg = f"`{named}` names a case, but this is about whole specs: write `{named.partition('::')[0]}`"
        raise UsageError(msg)
    if not arguments:
        return files, found
    wanted = _arguments(project, files, arguments)
    chosen = tuple(dict.fromkeys(file for argument in wanted for file in argument.files))
    names = {shown(file.path) for file in chosen}
    return chosen, tuple(diagnostic for diagnostic in found if diagnostic.file in names)


def _every_file(project: Project) -> tuple[tuple[SpecFile, ...], tuple[Diagnostic, ...]]:
    files, found = find_specs(project)
    if not files and not found:
        msg = f"there are no specs in {shown(project.specs) or '.'}: put a `.toml` or `.j2` spec there"
        raise UsageError(msg)
    return files, found


def _arguments(project: Project, files: Sequence[SpecFile], arguments: Sequence[str]) -> list[_Argument]:
    places = _places(project, files)
    wanted = []
    for argument in arguments:
        made = _argument(argument, places)
        if not made.files:
            raise no_spec(project, files, made.spec)
        wanted.append(made)
    return wanted


def _places(project: Project, files: Sequence[SpecFile]) -> Mapping[SpecFile, Path]:
    return {file: project.files.resolve(file.path) for file in files}


def _argument(argument: str, places: Mapping[SpecFile, Path]) -> _Argument:
    """Find the spec files that an argument names, if it names any; raises UsageError."""
    spec, separator, case = argument.partition("::")
    if not spec or (separator and not case):
        msg = f"`{argument}` names no case: write SPEC or SPEC::CASE"
        raise UsageError(msg)
    path = Path(spec).resolve()
    matching = [
        file
        for file, place in places.items()
        if path in (place, *place.parents) or file.name == spec or file.name.startswith(f"{spec}/")
    ]
    if not matching and has_magic(spec):
        matching = [file for file in places if _globbed(file, spec)]
    return _Argument(spec=spec, case=case or "*", files=tuple(matching))


def _globbed(file: SpecFile, spec: str) -> bool:
    """Say whether a glob fits a spec's name or path, or a folder of it, as a shell would find them."""
    pattern = os.path.normpath(Path(escape(str(Path.cwd())), spec))
    return _below(PurePosixPath(file.name), PurePosixPath(spec)) or _below(file.path, PurePath(pattern))


def _below(path: PurePath, pattern: PurePath) -> bool:
    return any(_fits(place.parts, pattern.parts) for place in (path, *path.parents) if place.parts)


def _fits(parts: Sequence[str], patterns: Sequence[str]) -> bool:
    if not patterns:
        return not parts
    if patterns[0] == "**":
        return any(_fits(parts[i:], patterns[1:]) for i in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], patterns[0]) and _fits(parts[1:], patterns[1:])


def no_spec(project: Project, files: Sequence[SpecFile], spec: str) -> UsageError:
    """Return the error for an argument that names no spec."""
    known = [file.name for file in files] + [shown(file.path) for file in files]
    hint = did_you_mean(spec, known) or f"`promptc ls` lists the specs in {shown(project.specs)}"
    return UsageError(f"there is no spec `{spec}`; {hint}")


def _named(wanted: Iterable[_Argument], compiled: Sequence[Case], *, refuse: bool) -> tuple[Case, ...]:
    """Return the cases that the arguments name; refuses one that names none: it would pass by doing nothing."""
    by_spec = _by_spec(compiled)
    taken: set[str] = set()
    for argument in wanted:
        cases = argument.cases(by_spec)
        if refuse and not cases:
            there = [case for file in argument.files for case in by_spec[file.name]]
            raise no_case(_nowhere([argument.spec]), argument.case, there)
        taken.update(case.id for case in cases)
    return tuple(case for case in compiled if case.id in taken)


def _by_spec(cases: Iterable[Case]) -> Mapping[str, Sequence[Case]]:
    by_spec: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_spec[case.spec].append(case)
    return by_spec


def _nowhere(arguments: Sequence[str]) -> str:
    """Begin the message that something is nowhere among the cases that the arguments name."""
    if not arguments:
        return "no spec has a case"
    return f"`{arguments[0]}` has no case" if len(arguments) == 1 else f"none of {quoted(arguments)} has a case"
