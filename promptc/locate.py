"""From a schema's findings to diagnostics that point into a file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from promptc.diagnostics import Diagnostic, Related
from promptc.findings import Fault, Finding
from promptc.source import Span
from promptc.toml_tree import Node
from promptc.tree import child, parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a value of a JSON tree was written; `key` is where its key was, `replaced` what it was written over."""

    span: Span
    key: Span | None = None
    replaced: Span | None = None

    @classmethod
    def of(cls, node: Node) -> "Place":
        """Return a value's place."""
        return cls(span=node.span, key=node.key, replaced=node.replaced)


SourceMap: TypeAlias = Mapping[str, Place]
"""JSON pointer (RFC 6901) → place in a file."""

API = {
    Fault.UNKNOWN: "P401",
    Fault.TYPE: "P402",
    Fault.VALUE: "P403",
    Fault.MISSING: "P404",
    Fault.CHOICE: "P405",
    Fault.TWICE: "P406",
    Fault.BOUNDS: "P407",
    Fault.ABILITY: "P408",
    Fault.MODEL: "P409",
    Fault.ORDER: "P411",
    Fault.MODALITY: "P412",
    Fault.LIMIT: "P413",
    Fault.SCHEMA: "P414",
    Fault.MEDIA: "P415",
    Fault.EMPTY: "P416",
    Fault.TOGETHER: "P417",
}
"""The codes of faults in a request of the API's."""

OWN = {
    Fault.UNKNOWN: "P003",
    Fault.TYPE: "P004",
    Fault.VALUE: "P008",
    Fault.MISSING: "P101",
    Fault.CHOICE: "P008",
    Fault.TWICE: "P003",
    Fault.BOUNDS: "P008",
    Fault.SCHEMA: "P414",
}
"""The codes of faults in promptc's own tables."""


def places(node: Node, pointer: str = "") -> dict[str, Place]:
    """Return the place of every value in a document."""
    found = {pointer: Place.of(node)}
    members: Iterable[tuple[str | int, Node]] = ()
    if isinstance(node.value, Mapping):
        members = node.table.items()
    elif isinstance(node.value, Sequence) and not isinstance(node.value, str):
        members = enumerate(node.items)
    for key, item in members:
        found.update(places(item, child(pointer, key)))
    return found


def nearest(pointer: str, source_map: SourceMap) -> Place | None:
    """Return the place of a value, or of the nearest value around it."""
    while pointer not in source_map:
        if not pointer:
            return None
        pointer = parent(pointer)
    return source_map[pointer]


def nearest_span(pointer: str, source_map: SourceMap) -> Span | None:
    """Return where a value, or the nearest value around it, is written."""
    place = nearest(pointer, source_map)
    return place.span if place else None


def traced(moved: Mapping[str, str], source_map: SourceMap) -> dict[str, Place]:
    """Return where the values of a respelt tree were written; `moved` is a canonical form's."""
    found = {pointer: nearest(was, source_map) for pointer, was in moved.items()}
    return {pointer: place for pointer, place in found.items() if place}


def diagnose(
    findings: Iterable[Finding],
    source_map: SourceMap,
    codes: Mapping[Fault, str],
    *,
    subject: str | None = None,
) -> tuple[Diagnostic, ...]:
    """Return the findings as errors at the places where their values were written."""
    return tuple(
        Diagnostic(
            code=codes[finding.fault],
            severity=finding.severity,
            message=finding.message,
            span=_span(finding, source_map),
            subject=subject,
            expected=finding.expected,
            help=finding.help,
            related=_replaced(finding, source_map),
        )
        for finding in findings
    )


def _replaced(finding: Finding, source_map: SourceMap) -> tuple[Related, ...]:
    place = source_map.get(finding.pointer)
    return (Related(span=place.replaced, message="it replaces this value"),) if place and place.replaced else ()


def _span(finding: Finding, source_map: SourceMap) -> Span | None:
    place = nearest(finding.pointer, source_map)
    if place is None:
        return None
    return place.key if finding.at_key and place.key else place.span
