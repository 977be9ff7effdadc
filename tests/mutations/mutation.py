"""What a spoilt request is, and what is said against it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from promptc.canonical import canonical
from promptc.compiler.validate import findings
from promptc.diagnostics import Severity
from promptc.findings import Fault, Finding
from promptc.models import built_in
from promptc.tree import parent

NAMES = frozenset({Fault.UNKNOWN})
TYPES = frozenset({Fault.TYPE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """A spoilt body; an error of one of the `faults` must stand at `pointer`, in the body's own coordinates.

    `said` are words that message or help must hold, `meant` is the name that was misspelt by one
    letter. `also` are other places where the same mistake may show.
    """

    what: str
    body: Any
    pointer: str
    faults: frozenset[Fault]
    said: tuple[str, ...] = ()
    meant: str | None = None
    also: tuple[str, ...] = ()


def errors(body: Any, model: str | None) -> Iterator[tuple[str, Finding]]:
    """Yield every error against a body, with its place in the body as it was given."""
    made = canonical(body)
    for finding in (*made.findings, *findings(made.tree, model, built_in())):
        if finding.severity is Severity.ERROR:
            place = finding.pointer
            while place not in made.moved:
                place = parent(place)
            yield made.moved[place], finding


def words(finding: Finding) -> tuple[str, str, str]:
    """Return everything that a finding says."""
    return finding.message, finding.expected or "", finding.help or ""


def complaints(mutation: Mutation, found: Iterable[tuple[str, Finding]]) -> Iterator[str]:
    """Yield what is wrong with the errors against a mutation."""
    found = list(found)
    if not found:
        yield "it was accepted"
        return
    right = [finding for place, finding in found if place == mutation.pointer and finding.fault in mutation.faults]
    if not right:
        yield f"no {'/'.join(sorted(mutation.faults))} at {mutation.pointer}, but {_list(found)}"
    for word in mutation.said:
        if right and not any(word in text for finding in right for text in words(finding)):
            yield f"nobody says {word!r}, but {_list(found)}"
    for place, finding in found:
        if not any(_related(place, near) for near in (mutation.pointer, *mutation.also)):
            yield f"an error at another place: {place}: {finding.message}"


def _related(place: str, other: str) -> bool:
    return f"{place}/".startswith(f"{other}/") or f"{other}/".startswith(f"{place}/")


def _list(found: Iterable[tuple[str, Finding]]) -> str:
    return "; ".join(f"{finding.fault} at {place}: {finding.message[:80]}" for place, finding in found)
