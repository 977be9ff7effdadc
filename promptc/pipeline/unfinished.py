"""Answers of a case that came to no end: they are paid for, so its next run begins with them.

They are kept as recordings are, with the same checks, but outside of version control: what is not
whole is no recording. Record mode `none` never looks at them.
"""

from contextlib import suppress

from promptc.errors import CassetteError, SecretFoundError
from promptc.pipeline.unit import Unit
from promptc.replay.recording import Recording
from promptc.replay.session import Session


def find(unit: Unit) -> Recording | None:
    """Return what an earlier run of the case left, if it asked the same target."""
    try:
        found = unit.unfinished.load(unit.unfinished.accepted)
    except CassetteError:  # it is a thing of convenience: what can't be read is asked for again
        discard(unit)
        return None
    if not unit.counts(found) or found is None or found.provenance.target != unit.endpoint.target.name:
        return None
    return found


def keep(unit: Unit, session: Session, steps: int) -> int:
    """Keep the first `steps` answers if any of them is new; returns how many are kept."""
    if not session.asked_of(steps):
        return 0
    try:
        session.save(accept=True, into=unit.unfinished, steps=steps)
    except (OSError, SecretFoundError, CassetteError):  # the case's failure is told, and says more
        return 0
    return steps


def discard(unit: Unit) -> None:
    """Remove what there is: the case is kept, or nothing fits any more."""
    store = unit.unfinished
    if store.folder.is_dir():
        with suppress(OSError):
            store.accepted.unlink(missing_ok=True)
            store.settle()
            store.folder.rmdir()  # if other cases have left nothing
