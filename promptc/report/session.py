"""What the pytest plugin shows: a failure in a line, and what is said once at the end."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from promptc.diagnostics import Diagnostic
from promptc.replay.provenance import Provenance, Step
from promptc.report.grouped import most_shown
from promptc.report.provenance import answers_from, traffic
from promptc.report.style import line


def headline(diagnostics: Sequence[Diagnostic]) -> str:
    """Return the first diagnostic on a line, and how many more there are; nothing for none.

    The case is left out: the line that this ends names it already.
    """
    if not diagnostics:
        return ""
    first, *others = diagnostics
    more = f" (and {len(others)} more)" if others else ""
    return f"{first.code}: {line(_unnamed(first))}{more}"


def _unnamed(diagnostic: Diagnostic) -> str:
    """Return a message without the case that it is about."""
    case = f"`{diagnostic.subject}`"
    message = diagnostic.message.replace(f" of {case}, ", " of ", 1).replace(f" of {case}", "", 1)
    for start in (f"{case}: ", f"{case}, ", f"{case} "):
        message = message.removeprefix(start)
    return message


def session_summary(told: Sequence[Mapping[str, Any]], *, terse: bool) -> str:
    """Return what there is to say once about the cases that were run; `terse` leaves the warnings out."""
    warnings = "" if terse else "\n".join(_warnings(told))
    return "\n".join(part for part in (warnings, _totals(told)) if part)


def _warnings(told: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield each warning once, however many cases and processes have it; of many, the first of each code."""
    found = {(code, text) for one in told for code, text in one.get("findings", ())}
    every = sorted(found, key=lambda one: (one[0], one[1].startswith("note"), one[1]))  # processes have no order
    most = most_shown(len(every))
    codes: dict[str, list[str]] = {}
    for code, text in every:
        codes.setdefault(code, []).append(text)
    for texts in codes.values():
        yield from texts[:most]
    left = [f"… and {len(texts) - most} more {code}\n" for code, texts in codes.items() if len(texts) > most]
    if left:
        yield "".join([*left, "`promptc check` lists all\n"])


def _totals(told: Sequence[Mapping[str, Any]]) -> str:
    recordings = [_provenance(one["answers"]) for one in told if "answers" in one]
    totals = traffic(
        asked=sum(one.get("asked", 0) for one in told),
        waiting=sum(one.get("waits", False) for one in told),
        stand_ins=sum(recording.emulator for recording in recordings),
    )
    return f"{_notes(told)}{answers_from(recordings)}{totals}\n"


def _notes(told: Iterable[Mapping[str, Any]]) -> str:
    return "".join(f"{line(note)}\n" for one in told for note in one.get("notes", ()))


def _provenance(answers: Mapping[str, Any]) -> Provenance:
    """Return a recording's provenance from what a worker has sent of it."""
    steps = (Step(fingerprint="", recorded_at=at, model_version=model) for at, model in answers["steps"])
    return Provenance(target=answers["target"], emulator=answers["emulator"], tool="", steps=tuple(steps))
