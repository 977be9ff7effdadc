"""The driver: runs the stages in order over spec files and collects what they say."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from promptc.compiler.bounds import BUDGET
from promptc.compiler.cases import expand
from promptc.compiler.discovery import find_specs, unreachable
from promptc.compiler.emit import emit
from promptc.compiler.gather import gathered
from promptc.compiler.given import Overrides
from promptc.compiler.images import ImageStore
from promptc.compiler.library import Library
from promptc.compiler.lower import lower
from promptc.compiler.matrix import set_by_matrix
from promptc.compiler.names import Name, names
from promptc.compiler.parse import parse_spec
from promptc.compiler.silence import silent
from promptc.compiler.spec import CaseSpec, Spec, SpecFile
from promptc.compiler.template import UNKNOWN
from promptc.compiler.validate import validate
from promptc.compiler.variables import assigned, check_declarations, defaults, from_command_line, resolve, unknown
from promptc.compiler.words import name_advice
from promptc.compiler.work import Work
from promptc.config import Project
from promptc.diagnostics import Diagnostic, Related, Severity, did_you_mean, failed, one_of, order
from promptc.files import Root
from promptc.models import Models
from promptc.request import Case
from promptc.source import Source, Span
from promptc.toml_tree import Node

_MOST_SHOWN = 5

__all__ = ["Compilation", "Overrides", "compile_specs", "find_specs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compilation:
    """Compiled cases in the order of specs and cases, and everything there is to say about them.

    `broken` names the specs with mistakes: not all of their cases are known. `sources` are the text
    files that were read, by their paths below the project's root.
    """

    cases: tuple[Case, ...]
    diagnostics: tuple[Diagnostic, ...]
    broken: frozenset[str] = frozenset()
    sources: Mapping[str, Source] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """What the specs of one compilation share: each file is read once."""

    root: Root
    images: ImageStore
    library: Library
    models: Models
    overrides: Overrides
    only: Collection[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Usage:
    """What templates take: the names that are used, and those that nothing declares."""

    used: frozenset[str]
    undeclared: frozenset[str]
    diagnostics: tuple[Diagnostic, ...] = field(repr=False)


def compile_specs(
    project: Project,
    files: Sequence[SpecFile],
    overrides: Overrides | None = None,
    *,
    only: Collection[str] | None = None,
) -> Compilation:
    """Compile spec files; cases with mistakes are left out, and their mistakes are in the diagnostics.

    `only` names the cases to compile, where not all of them are wanted.
    """
    root = project.top
    shared = _Shared(
        root=root,
        images=ImageStore(root=root),
        library=Library(root),
        models=project.models,
        overrides=overrides or Overrides(),
        only=only,
    )
    cases: list[Case] = []
    found: list[tuple[str, Diagnostic]] = []
    counts: Counter[str] = Counter()
    for file in files:
        if problem := unreachable(file.path, root):
            found.append((file.name, problem))
            continue
        made, diagnostics, count = _compile_spec(file, shared)
        cases += made
        found += [(file.name, diagnostic) for diagnostic in diagnostics]
        counts[file.name] = count
    broken = frozenset(name for name, diagnostic in found if failed([diagnostic]))
    told = order(gathered(found, counts))
    return Compilation(cases=tuple(cases), diagnostics=told, broken=broken, sources=root.sources)


def _compile_spec(file: SpecFile, shared: _Shared) -> tuple[tuple[Case, ...], tuple[Diagnostic, ...], int]:
    """Compile one spec file; returns its sound cases, what there is to say, and how many cases it has."""
    BUDGET.start()
    spec, found = parse_spec(file, shared.root)
    if spec is None:
        return (), found, 0
    usage = _usage(spec, shared.library)
    wrong, mistakes = check_declarations(spec)
    found = (*found, *usage.diagnostics, *mistakes)
    expanded, mistakes = expand(spec, shared.images)
    # a template that can't be read may use any of them
    unused = () if failed(found) else tuple(_unused(spec, usage.used))
    found = (*found, *unused, *mistakes, *_unknown_settings(spec, expanded, shared.overrides))
    whole = not failed(found)
    if spec.lost & {"cases", "matrix", "variables"} or any(mistake.code == "P106" for mistake in mistakes):
        usage = replace(usage, used=frozenset())  # values may be missing because of a mistake that was told
    cases = []
    for case in expanded:
        if shared.only is not None and case.name not in shared.only:
            continue
        made, diagnostics = _compile_case(spec, case, usage, wrong, shared, whole=whole)
        found = (*found, *diagnostics)
        if made and whole and not failed(diagnostics):
            cases.append(made)
    if failed(found):  # warnings wait until the mistakes are mended
        found = tuple(diagnostic for diagnostic in found if diagnostic.severity is Severity.ERROR)
    return tuple(cases), found, len(expanded)


def _compile_case(
    spec: Spec, case: CaseSpec, usage: _Usage, wrong: Collection[str], shared: _Shared, *, whole: bool
) -> tuple[Case | None, tuple[Diagnostic, ...]]:
    subject = f"{spec.file.name}::{case.name}"
    given = from_command_line(spec, shared.overrides)
    settings = {**defaults(spec), **case.settings, **given}
    values, found = resolve(spec, settings, usage.used, wrong, subject)
    known = {**dict.fromkeys(usage.undeclared, UNKNOWN), **values}
    work = Work(library=shared.library, images=shared.images, values=known, subject=subject)
    lowered = lower(spec, case, work)
    found = (*found, *lowered.diagnostics)
    emitted = emit(spec, case, lowered)
    whole = whole and not failed(found)
    if whole and lowered.held:  # what could not be known has to have a reason that is told
        found = (*found, _untold(case, subject))
        whole = False
    if whole:  # else, a text may be empty because of what was told
        found = (*found, *silent(spec, work, emitted.case.requests[-1]))
    model = case.model.span if case.model else None
    made = replace(emitted.case, assigned=assigned(settings))
    return made, (*found, *emitted.diagnostics, *validate(emitted, model, shared.models, whole=whole))


def _untold(case: CaseSpec, subject: str) -> Diagnostic:
    """Say that a case can't be evaluated, where nothing else does."""
    message = "something in the spec has no value in this case"
    hint = "give every variable a value, also where only a branch of a template sets it"
    return Diagnostic(code="P207", message=message, span=case.span, subject=subject, help=hint)


def _usage(spec: Spec, library: Library) -> _Usage:
    """Return the variables that templates use, and those that nothing declares."""
    used: set[str] = set()
    found: list[Diagnostic] = []
    undeclared: dict[str, list[Name]] = {}
    for node in spec.templates():
        uses, problems = names(library, node)
        found += problems
        used |= {use.name for use in uses}
        for use in uses:
            if use.name not in spec.variables and not use.made_here:
                undeclared.setdefault(use.name, []).append(use)
    if "variables" not in spec.lost:
        found += [_undeclared(spec, name, uses) for name, uses in undeclared.items()]
    return _Usage(used=frozenset(used), undeclared=frozenset(undeclared), diagnostics=tuple(found))


def _undeclared(spec: Spec, name: str, uses: Sequence[Name]) -> Diagnostic:
    """Say once that a name means nothing, and where else it is used."""
    first, *others = sorted(dict.fromkeys(uses), key=lambda use: (use.span.source.name, use.span.start))
    again = [related for use in others if use.span == first.span for related in use.related]
    also = [Related(span=use.span, message="also used here") for use in others if use.span != first.span]
    return Diagnostic(
        code="P201",
        message=f"`{name}` is undefined",
        span=first.span,
        expected=one_of(spec.variables) if spec.variables else None,
        help=did_you_mean(name, spec.variables)
        or name_advice(name, first.span)
        or first.hint
        or f"declare it: `[variables.{name}]`, and below it `default = …`",
        related=(*dict.fromkeys((*first.related, *again, *also)),)[:_MOST_SHOWN],
    )


def _unused(spec: Spec, used: Collection[str]) -> Iterator[Diagnostic]:
    for name, node in spec.variables.items():
        if name not in used and node.span.source == spec.source:  # another spec may use what a base declares
            message, hint = f"variable `{name}` is never used", f"use it, as in `{{{{ {name} }}}}`, or remove it"
            if re.search(rf"(?<!\{{)\{{ ?{name} ?\}}(?!\}})", spec.source.text):
                hint = f"one pair of braces is text: write `{{{{ {name} }}}}`"
            yield Diagnostic(code="P205", severity=Severity.WARNING, message=message, span=node.key, help=hint)


def _unknown_settings(spec: Spec, cases: Sequence[CaseSpec], overrides: Overrides) -> tuple[Diagnostic, ...]:
    if "variables" in spec.lost:
        return ()
    written = [(name, given.key or given.span) for case in cases for name, given in case.settings.items()]
    files: Mapping[str, Span | None] = {name: node.key or node.span for name, node in overrides.files.items()}
    texts = [(name, None) for name in overrides.values if name not in files]
    given = [*files.items(), *texts]
    found = unknown(spec, [*dict.fromkeys([*written, *given])])
    axes = set_by_matrix(spec)
    return (*found, *(_set_twice(name, span, axes[name]) for name, span in given if name in axes))


def _set_twice(name: str, span: Span | None, axis: Node) -> Diagnostic:
    message, hint = f"`{name}` is set from outside and by the matrix", "select a case of the matrix instead"
    related = (Related(span=axis.key or axis.span, message="the matrix sets it here"),)
    return Diagnostic(code="P210", message=message, span=span, help=hint, related=related)
