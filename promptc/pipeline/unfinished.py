"""Answers of a case that came to no end: they are paid for, so its next run begins with them.

They are kept as recordings are, with the same checks, but outside of version control: what is not
whole is no recording. Record mode `none` never looks at them.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from promptc.errors import CassetteError, SecretFoundError
from promptc.pipeline.unit import Unit
from promptc.replay.recording import Recording
from promptc.replay.session import Session

Fitting = Callable[[Unit, Recording, Path], tuple[int, bool]]
"""Says first how many steps of today's case a recording answers."""


def find(unit: Unit, fitting: Fitting, *, than: int) -> Recording | None:
    """Return what an earlier run left, if it asked the same target and answers more steps than `than`.

    With `--before`, only what is young enough is used.
    """
    store = unit.unfinished
    try:
        store.accept()  # whoever was killed while keeping it had come so far
        found = _usable(unit)
        if found is None:
            return None
        fits, _ = fitting(unit, found, store.accepted)
    except CassetteError:  # it is no recording, only a saving: what can't be read is asked for again
        discard(unit)
        return None
    if not fits:
        discard(unit)
    return found if fits > than else None


def steps_left(unit: Unit, fitting: Fitting) -> int:
    """Return how many of today's steps the next run finds answered here; nothing is moved or removed."""
    try:
        found = _usable(unit)
        return fitting(unit, found, unit.unfinished.accepted)[0] if found else 0
    except CassetteError:
        return 0


def _usable(unit: Unit) -> Recording | None:
    """Return what an earlier run left of the same target, and of the right age; raises CassetteError."""
    found = unit.unfinished.load(unit.unfinished.accepted)
    if found is None or not unit.counts(found) or found.provenance.target != unit.endpoint.target.name:
        return None
    return None if unit.asks_again(found) else found


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
            store.remove()
            store.folder.rmdir()  # if other cases have left nothing


def told(*, used: int, kept: int) -> Iterator[str]:
    """Say how many answers were used, and how many are kept."""
    if used:
        yield f"{_answers(used)} of an unfinished run {'was' if used == 1 else 'were'} used"
    if kept:
        yield f"{_answers(kept)} {'is' if kept == 1 else 'are'} kept for the case's next run"


def _answers(count: int) -> str:
    return "1 answer" if count == 1 else f"{count} answers"
