"""One mistake, told once: what many cases or specs say alike becomes one diagnostic."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from promptc.diagnostics import Diagnostic, Related

_NAMED = 5


@dataclass(frozen=True, slots=True)
class _Told:
    """Who says a diagnostic, and which places each has to add."""

    specs: dict[str, None] = field(default_factory=dict)
    subjects: dict[str, None] = field(default_factory=dict)
    related: dict[Related, None] = field(default_factory=dict)


def gathered(diagnostics: Iterable[tuple[str, Diagnostic]], cases: Mapping[str, int]) -> Iterator[Diagnostic]:
    """Yield each diagnostic once, with the cases or specs that it is about where it isn't all.

    Diagnostics come with the name of their spec; `cases` counts the cases of each.
    """
    told: dict[Diagnostic, _Told] = {}
    for spec, diagnostic in diagnostics:
        by = told.setdefault(replace(diagnostic, subject=None, related=()), _Told())
        by.specs[spec] = None
        by.related.update(dict.fromkeys(diagnostic.related))
        if diagnostic.subject:
            by.subjects[diagnostic.subject] = None
    for diagnostic, by in told.items():
        whole = replace(diagnostic, related=(*by.related,)[:_NAMED])
        names = [subject.partition("::")[2] for subject in by.subjects]
        spec = next(iter(by.specs))
        if len(by.specs) > 1:
            yield replace(whole, details=(*whole.details, _list("spec", [*by.specs])))
        elif not names or 1 < len(names) == cases[spec]:
            yield whole
        else:
            which = (_list("case", names),) if cases[spec] > 1 else ()
            subject = next(iter(by.subjects)) if len(names) == 1 else None
            yield replace(whole, subject=subject, details=(*whole.details, *which))


def _list(noun: str, names: Sequence[str]) -> str:
    quoted = ", ".join(f"`{name}`" for name in names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"in the {noun if len(names) == 1 else f'{noun}s'} {quoted}{more}"
