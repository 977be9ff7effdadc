"""One mistake, told once: what many cases say alike becomes one diagnostic."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from promptc.diagnostics import Diagnostic

_NAMED = 5


def gathered(diagnostics: Iterable[Diagnostic], cases: Mapping[str, int]) -> Iterator[Diagnostic]:
    """Yield each diagnostic once, with the cases that it is about where it isn't all; `cases` counts them by spec."""
    subjects: dict[Diagnostic, list[str]] = {}
    for diagnostic in diagnostics:
        named = subjects.setdefault(replace(diagnostic, subject=None), [])
        if diagnostic.subject and diagnostic.subject not in named:
            named.append(diagnostic.subject)
    for diagnostic, named in subjects.items():
        specs = tuple(dict.fromkeys(subject.partition("::")[0] for subject in named))
        if len(specs) > 1:
            yield replace(diagnostic, details=(*diagnostic.details, _list("spec", specs)))
        elif not named or 1 < len(named) == cases[specs[0]]:
            yield diagnostic
        else:
            names = [subject.partition("::")[2] for subject in named]
            which = (_list("case", names),) if cases[specs[0]] > 1 else ()
            subject = named[0] if len(named) == 1 else None
            yield replace(diagnostic, subject=subject, details=(*diagnostic.details, *which))


def _list(noun: str, names: Sequence[str]) -> str:
    quoted = ", ".join(f"`{name}`" for name in names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"in the {noun if len(names) == 1 else f'{noun}s'} {quoted}{more}"
