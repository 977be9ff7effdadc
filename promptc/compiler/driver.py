"""The driver: runs the stages in order over spec files and collects what they say."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from promptc.compiler.cases import expand, name_problem
from promptc.compiler.emit import emit
from promptc.compiler.images import ImageStore
from promptc.compiler.lower import lower
from promptc.compiler.parse import parse_spec
from promptc.compiler.spec import CaseSpec, Spec, SpecFile
from promptc.compiler.template import TemplateProblemError, uses
from promptc.compiler.validate import validate
from promptc.compiler.variables import check_declarations, defaults, from_command_line, resolve, unknown
from promptc.config import Project
from promptc.diagnostics import Diagnostic, Severity, did_you_mean, failed, one_of, order
from promptc.models import Models
from promptc.request import Case
from promptc.source import shown

_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """Variables from the command line, as text; their paths start from `folder`."""

    values: Mapping[str, str] = field(default_factory=dict)
    folder: Path = field(default_factory=Path.cwd)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compilation:
    """Compiled cases in the order of specs and cases, and everything there is to say about them."""

    cases: tuple[Case, ...]
    diagnostics: tuple[Diagnostic, ...]


def find_specs(project: Project) -> tuple[tuple[SpecFile, ...], tuple[Diagnostic, ...]]:
    """Return the project's spec files by name; files and folders that start with `_` are none."""
    files: list[SpecFile] = []
    found: list[Diagnostic] = []
    for path in sorted(project.specs.rglob("*")):
        relative = path.relative_to(project.specs)
        if any(part.startswith("_") for part in relative.parts):
            continue
        if unseen := _unseen(path):
            found.append(unseen)
            continue
        if path.suffix not in {".toml", ".j2"} or path.is_dir():
            continue
        name = relative.with_suffix("").as_posix()
        files.append(SpecFile(name=name, path=path))
        found += _file_mistakes(path, name, files[:-1])
    return tuple(files), tuple(found)


def _unseen(path: Path) -> Diagnostic | None:
    """Say why something that looks like a spec would not be read: nothing may be left out in silence."""
    if path.is_dir() and path.is_symlink():
        message, hint = "a linked folder is not searched for specs", "copy the specs into the project"
    elif path.is_dir() and path.suffix.lower() == ".toml" and not any(path.rglob("*.toml")):
        message, hint = "a folder is named like a spec", "rename it"
    elif path.suffix != ".toml" and path.suffix.lower() == ".toml":
        message, hint = "a spec's name ends in `.toml`, in small letters", "rename the file"
    else:
        return None
    return Diagnostic(code="P006", message=message, file=shown(path), help=hint)


def _file_mistakes(path: Path, name: str, before: Iterable[SpecFile]) -> Iterator[Diagnostic]:
    for segment in name.split("/"):
        if problem := name_problem(segment):
            yield Diagnostic(code="P006", message=f"a spec can't be named `{segment}`", file=shown(path), help=problem)
    if path.suffix == ".j2":
        message = "Jinja specs are not read by this version of promptc"
        yield Diagnostic(code="P005", message=message, file=shown(path), help="write the spec as TOML")
    for other in before:
        if other.name.casefold() == name.casefold():
            message = f"two specs are named `{name}`: {shown(other.path)} is the other one"
            yield Diagnostic(code="P007", message=message, file=shown(path), help="rename one of them")


def compile_specs(project: Project, files: Sequence[SpecFile], overrides: Overrides | None = None) -> Compilation:
    """Compile spec files; cases with mistakes are left out, and their mistakes are in the diagnostics."""
    images = ImageStore(root=project.root)
    cases: list[Case] = []
    found: list[Diagnostic] = []
    for file in files:
        if file.path.suffix != ".toml":
            continue  # `find_specs` has said so
        if problem := _unreachable(file.path, project.root):
            found.append(problem)
            continue
        made, diagnostics = compile_spec(file, images, project.models, overrides or Overrides())
        cases += made
        found += diagnostics
    return Compilation(cases=tuple(cases), diagnostics=order(found))


def _unreachable(path: Path, root: Path) -> Diagnostic | None:
    """Say why a spec's path leads to nothing that may be read."""
    try:
        inside = path.resolve().is_relative_to(root)
    except (OSError, RuntimeError):  # a circle of links
        inside = True
    if not inside:
        message = "the spec lies outside the project"
        return Diagnostic(code="P304", message=message, file=shown(path), help="copy it into the project")
    if path.exists() and not path.is_file():  # a pipe would be waited for
        return Diagnostic(code="P002", message="the file can't be read: it is no file", file=shown(path))
    return None


def compile_spec(
    file: SpecFile, images: ImageStore, models: Models, overrides: Overrides
) -> tuple[tuple[Case, ...], tuple[Diagnostic, ...]]:
    """Compile one spec file."""
    spec, found = parse_spec(file)
    if spec is None:
        return (), found
    used, problems = _uses(spec)
    wrong = (*problems, *check_declarations(spec))
    # a template that can't be read may use any of them
    variables = wrong or (() if failed(found) else tuple(_unused(spec, used)))
    expanded, mistakes = expand(spec)
    found = (*found, *variables, *mistakes, *_unknown_settings(spec, expanded, overrides))
    if failed(found):
        return (), found
    cases = []
    for case in expanded:
        made, diagnostics = _compile_case(spec, case, used, images, models, overrides)
        found = (*found, *diagnostics)
        if made and not failed(diagnostics):
            cases.append(made)
    return tuple(cases), _gathered(found, expanded)


def _gathered(diagnostics: Iterable[Diagnostic], cases: Sequence[CaseSpec]) -> tuple[Diagnostic, ...]:
    """Say once what is the same in several cases, and in which where it isn't all of them."""
    subjects: dict[Diagnostic, list[str]] = {}
    for diagnostic in diagnostics:
        named = subjects.setdefault(replace(diagnostic, subject=None), [])
        if diagnostic.subject and diagnostic.subject not in named:
            named.append(diagnostic.subject)
    return tuple(
        diagnostic
        if not named or 1 < len(named) == len(cases)
        else replace(
            diagnostic,
            subject=named[0] if len(named) == 1 else None,
            details=(*diagnostic.details, *_which(named)) if len(cases) > 1 else diagnostic.details,
        )
        for diagnostic, named in subjects.items()
    )


def _which(subjects: Sequence[str]) -> Iterator[str]:
    names = [f"`{subject.rpartition('::')[2]}`" for subject in subjects]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    yield f"in the {'case' if len(names) == 1 else 'cases'} {', '.join(names[:_NAMED])}{more}"


def _compile_case(
    spec: Spec, case: CaseSpec, used: Iterable[str], images: ImageStore, models: Models, overrides: Overrides
) -> tuple[Case | None, tuple[Diagnostic, ...]]:
    given = from_command_line(spec, overrides.values, overrides.folder)
    values, faults = resolve(spec, {**defaults(spec), **case.settings, **given}, used, f"{spec.file.name}::{case.name}")
    if faults:
        return None, faults
    lowered = lower(spec, case, values, images)
    if failed(lowered.diagnostics):
        return None, lowered.diagnostics
    compiled, twice = emit(spec, case, lowered)
    return compiled, (*lowered.diagnostics, *twice, *validate(compiled, case.model.span, models))


def _uses(spec: Spec) -> tuple[frozenset[str], tuple[Diagnostic, ...]]:
    """Return the variables that templates use, and those that nothing declares."""
    used: set[str] = set()
    found = []
    for node in spec.templates():
        try:
            names = uses(str(node.value))
        except TemplateProblemError as problem:
            span = node.within(problem.start, problem.end)
            found.append(Diagnostic(code=problem.code, message=problem.message, span=span, help=problem.hint))
            continue
        for use in names:
            used.add(use.name)
            if use.name not in spec.variables:
                found.append(
                    Diagnostic(
                        code="P201",
                        message=f"`{use.name}` is undefined",
                        span=node.within(use.start, use.start + len(use.name)),
                        expected=one_of(spec.variables) if spec.variables else None,
                        help=did_you_mean(use.name, spec.variables)
                        or f"declare it: `[variables.{use.name}]`, and below it `default = …`",
                    )
                )
    return frozenset(used), tuple(found)


def _unused(spec: Spec, used: Iterable[str]) -> Iterator[Diagnostic]:
    for name, node in spec.variables.items():
        if name not in used:
            message = f"variable `{name}` is never used"
            yield Diagnostic(code="P205", severity=Severity.WARNING, message=message, span=node.key)


def _unknown_settings(spec: Spec, cases: Iterable[CaseSpec], overrides: Overrides) -> tuple[Diagnostic, ...]:
    written = [(name, given.key or given.span) for case in cases for name, given in case.settings.items()]
    return unknown(spec, [*dict.fromkeys(written), *((name, None) for name in overrides.values)])
