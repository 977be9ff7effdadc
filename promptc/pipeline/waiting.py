"""A new answer that waits: whether it may become the truth, and what there is to say about it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from promptc.diagnostics import Diagnostic
from promptc.errors import CassetteError
from promptc.pipeline import findings
from promptc.pipeline.answers import answered
from promptc.pipeline.unit import Unit
from promptc.replay.files import digest
from promptc.replay.recording import Recording
from promptc.replay.store import Store

Sight: TypeAlias = tuple[str | None, str | None]
"""The SHA-256 of a waiting cassette and of the accepted one: what somebody looked at, pictures and all."""


def waiting(unit: Unit) -> Diagnostic | None:
    """Say that an answer waits, that it is none to today's request any more, or that it can't be read; None for none."""
    store = unit.store
    if not store.waits:
        return None
    try:
        found = store.load(store.pending)
        if found is None:
            return None
        return outdated(unit, found) or findings.pending(unit)
    except CassetteError as error:
        return findings.damaged(unit, error)


def instead(told: Diagnostic | None, missed: Sequence[Diagnostic]) -> Diagnostic | None:
    """Return what to say of a stale case whose waiting answer fits today's request: there is one thing to do."""
    stale = next((diagnostic for diagnostic in missed if diagnostic.code == "P501"), None)
    if told is None or told.code != "P505" or stale is None:
        return None
    details = ("it answers today's request; the recording is stale:", *stale.details)
    return replace(told, file=None, span=stale.span, details=details, related=stale.related)


def sight(store: Store) -> Sight:
    """Return what a look at a case's cassettes shows at this moment; their files are bound by digest."""
    return digest(store.pending), digest(store.accepted)


def obstacle(unit: Unit, found: Recording) -> Diagnostic | None:
    """Say why a waiting answer can't become the truth, None where it can; raises CassetteError where it is damaged."""
    return outdated(unit, found) or _foreign(unit)


def outdated(unit: Unit, found: Recording) -> Diagnostic | None:
    """Say that a waiting answer is none to today's request; raises CassetteError where it is damaged."""
    unit.store.verify(found, unit.store.pending)
    return None if answered(unit, found, unit.store.pending) else findings.outdated(unit)


def _foreign(unit: Unit) -> Diagnostic | None:
    """Refuse to put an answer in the place of what another tool or version wrote; a damaged recording may go."""
    try:
        unit.store.load(unit.store.accepted)
    except CassetteError as error:
        if error.diagnostic.code == "P504":
            return findings.in_the_way(unit, error)
    return None
