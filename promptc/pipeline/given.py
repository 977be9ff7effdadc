"""What somebody else recorded of a case, beside what is recorded already."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from promptc.config import Target
from promptc.errors import CassetteError
from promptc.replay.recording import Recording
from promptc.replay.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What somebody else recorded of a case, all its steps, and the target that was asked then."""

    recording: Recording
    target: Target


def is_recorded(store: Store, given: Given, *, over: bool) -> bool:
    """Say whether the same answers to the same requests are recorded already, or wait to be accepted.

    With `over`, what waits doesn't count, and what can't be read is no obstacle; else that raises CassetteError.
    """
    wanted = tuple(zip(given.recording.fingerprints, given.recording.responses, strict=True))
    paths = (store.accepted,) if over else (store.accepted, store.pending)
    return any(_contents(store, path, over=over) == wanted for path in paths)


def _contents(store: Store, path: Path, *, over: bool) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    try:
        found = store.load(path)
        responses = found.responses if found else ()
        bodies = [{**response, "body": {"string": store.body(response, path)}} for response in responses]
    except CassetteError:
        if over:
            return ()
        raise
    return tuple(zip(found.fingerprints if found else (), bodies, strict=True))
