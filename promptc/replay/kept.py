"""Answers as a cassette keeps them: long base64 lies beside it, and all of it reads back as it came."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from vcr.request import Request

from promptc.diagnostics import Diagnostic
from promptc.errors import CassetteError
from promptc.replay import bodies, recording
from promptc.replay.bodies import Sidecar
from promptc.replay.recording import sidecars_of

Interaction: TypeAlias = tuple[Request, Mapping[str, Any]]
"""A request as cassettes keep it, and its answer with the whole body."""


def kept(interactions: Sequence[Interaction], case: str) -> tuple[list[dict[str, Any]], dict[str, Sidecar]]:
    """Return the answers as the cassette of a case has them, and the files beside it by name."""
    stored = []
    sidecars: dict[str, Sidecar] = {}
    for step, (_, response) in enumerate(interactions, start=1):
        made = bodies.split(response["body"]["string"], f"{case}.{step}")
        body: dict[str, Any] = {"string": made.text.encode()}
        if made.sidecars:
            body["marker"] = made.marker
            body["sidecars"] = [
                {"file": s.file, "sha256": s.sha256, "size": s.size, "encoding": s.encoding} for s in made.sidecars
            ]
        sidecars |= {sidecar.file: sidecar for sidecar in made.sidecars}
        stored.append({**response, "body": body})
    return stored, sidecars


def refuse_lies(text: str, interactions: Sequence[Interaction], sidecars: Mapping[str, Sidecar], file: str) -> None:
    """Read back what will be written: a recording that would not replay as it came is never saved."""
    again = recording.load(text, file)
    for (_, response), stored in zip(interactions, again.responses, strict=True):
        body = bodies.join(
            stored["body"]["string"],
            stored["body"].get("marker", ""),
            sidecars_of(stored),
            lambda item: sidecars[item.file].data,
        )
        if body != response["body"]["string"]:
            message = f"{file} would not give back the answer that came; it was not written"
            raise CassetteError(Diagnostic(code="P509", message=message, file=file))
