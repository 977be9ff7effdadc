"""A new answer that waits: what there is to say about it."""

from promptc.diagnostics import Diagnostic
from promptc.errors import CassetteError
from promptc.pipeline import findings
from promptc.pipeline.answers import answered
from promptc.pipeline.unit import Unit


def waiting(unit: Unit) -> Diagnostic | None:
    """Say that an answer waits, that it is none to today's request any more, or that it can't be read; None for none."""
    store = unit.store
    if not store.waits:
        return None
    try:
        found = store.load(store.pending)
        if found is None:
            return None
        store.verify(found, store.pending)
        return findings.pending(unit) if answered(unit, found, store.pending) else findings.outdated(unit)
    except CassetteError as error:
        return findings.damaged(unit, error)
