"""The answers to a case's requests, each request with the answers before it."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from promptc.pipeline.unit import Unit
from promptc.replay.modes import RecordMode
from promptc.replay.recording import Recording, read_whole
from promptc.replay.session import Session
from promptc.replay.store import Store
from promptc.replay.transport import MissError
from promptc.request import Request
from promptc.response import Response
from promptc.tree import Json


def answers(unit: Unit, session: Session) -> Iterator[tuple[Request, Response | MissError]]:
    """Ask a case's steps in order, each with the answers before it; ends at the first one without."""
    replies: list[Mapping[str, Json]] = []
    for request in unit.case.requests:
        bound = request.bind(replies)
        try:
            response = session.ask(bound)
        except MissError as error:
            yield bound, error
            return
        yield bound, response
        if response.reply is None:
            return
        replies.append(response.reply)


def recorded(store: Store, recording: Recording, path: Path, step: int) -> Response:
    """Return the answer that a step's recording holds, whatever today's request is; raises CassetteError."""
    stored = recording.responses[step - 1]
    return read_whole({**stored, "body": {"string": store.body(stored, path)}})


def answered(unit: Unit, recording: Recording, path: Path) -> bool:
    """Say whether a recording answers every request of the case as it is compiled today."""
    return fitting(unit, recording, path)[1]


def fitting(unit: Unit, recording: Recording, path: Path) -> tuple[int, bool]:
    """Return how many steps of today's case a recording answers, and whether it is just what today's case asks."""
    with unit.session(recording, path, RecordMode.NONE) as session:
        missed = any(isinstance(answer, MissError) for _, answer in answers(unit, session))
        return session.played, not missed and session.played == len(recording.requests)
