"""Recordings as plain vcrpy cassettes: whole requests and whole answers, nothing that vcrpy doesn't know."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from vcr.request import Request as VcrRequest
from vcr.serialize import serialize

from promptc.replay import bodies
from promptc.replay.files import sync_folder, write_new
from promptc.replay.kept import Interaction
from promptc.replay.leaks import refuse_recording
from promptc.replay.recording import Recording, Yaml
from promptc.replay.secrets import Secrets
from promptc.request import Request
from promptc.source import shown


def write_plain(
    path: Path, recording: Recording, requests: Sequence[Request], interactions: Sequence[Interaction], secrets: Secrets
) -> None:
    """Write what a case asked and was answered, the whole file or nothing; raises OSError, SecretFoundError, WireError.

    The requests are today's, so that they have their pictures; where they went is as it was recorded.
    """
    recorded = dict(zip(recording.fingerprints, recording.requests, strict=True))
    sent = [_sent(request, recorded[request.fingerprint]) for request in requests]
    answers = [{**answer, "body": {**answer["body"]}} for _, answer in interactions]  # vcrpy rewrites what it is given
    _refuse_secrets(path, sent, answers, secrets)
    text: str = serialize({"requests": sent, "responses": answers}, _Plain)
    _place(path, text.encode())


class _Plain(Yaml):
    """Writes the interactions first, as vcrpy does: what starts otherwise is promptc's own."""

    @staticmethod
    def serialize(document: Mapping[str, Any]) -> str:
        """Return the document as YAML 1.1."""
        return Yaml.serialize(dict(sorted(document.items())))


def _sent(request: Request, recorded: VcrRequest) -> VcrRequest:
    return VcrRequest("POST", recorded.uri, request.wire_body(), dict(recorded.headers))


def _refuse_secrets(
    path: Path, requests: Sequence[VcrRequest], answers: Sequence[Mapping[str, Any]], secrets: Secrets
) -> None:
    """Raise SecretFoundError where a body holds a secret; base64 is searched for what it stands for."""
    asked = [bodies.split(request.body, f"request.{step}") for step, request in enumerate(requests, start=1)]
    said = [
        bodies.split(answer["body"]["string"], f"{path.stem}.{step}") for step, answer in enumerate(answers, start=1)
    ]
    texts = [
        VcrRequest(request.method, request.uri, made.text, request.headers)
        for request, made in zip(requests, asked, strict=True)
    ]
    stored = [{**answer, "body": {"string": made.text.encode()}} for answer, made in zip(answers, said, strict=True)]
    refuse_recording(secrets, shown(path), texts, stored, [file for made in (*asked, *said) for file in made.sidecars])


def _place(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        write_new(temporary, data)
        temporary.replace(path)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    sync_folder(path.parent)
