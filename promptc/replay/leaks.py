"""Where in a recording a secret stands, before any of it is written or sent back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from vcr.request import Request as VcrRequest

from promptc.errors import SecretFoundError
from promptc.replay.bodies import Sidecar
from promptc.replay.recording import read_whole
from promptc.replay.secrets import Secrets


def refuse_recording(
    secrets: Secrets,
    file: str,
    requests: Sequence[VcrRequest],
    responses: Sequence[Mapping[str, Any]],
    sidecars: Iterable[Sidecar],
) -> None:
    """Raise SecretFoundError where a recording would hold a secret; `file` is where it would be."""
    for where, content in _contents(requests, responses, sidecars):
        _refuse(secrets, where, content, f"{file} was not written")
    _refuse(secrets, "the name of the recording", file, "it was not written")


def refuse_answers(secrets: Secrets, responses: Sequence[Mapping[str, Any]], *, first: int) -> None:
    """Raise SecretFoundError where an answer holds a secret, so that it can't be sent back in the next request.

    Those before number `first`, from 0, have been searched already.
    """
    for step, response in enumerate(responses[first:], start=first + 1):
        for where, content in _answer(response, f" of step {step}"):
            _refuse(secrets, where, content, f"step {step + 1} would send it back, so nothing more was asked")


def _refuse(secrets: Secrets, where: str, content: str | bytes, consequence: str) -> None:
    if held := secrets.find(content):
        msg = secrets.redact(f"{where} holds {held}; {consequence}")
        raise SecretFoundError(msg)


def _contents(
    requests: Sequence[VcrRequest], responses: Sequence[Mapping[str, Any]], sidecars: Iterable[Sidecar]
) -> Iterator[tuple[str, str | bytes]]:
    """Yield each part of a recording as it is, before YAML quotes it, with its name."""
    for step, (request, response) in enumerate(zip(requests, responses, strict=True), start=1):
        of_step = f" of step {step}" if len(requests) > 1 else ""
        yield f"the request{of_step}", "\n".join([request.uri, request.body.decode(), *request.headers.values()])
        yield from _answer(response, of_step)
    for sidecar in sidecars:
        yield f"`{sidecar.file}`", sidecar.data


def _answer(response: Mapping[str, Any], of_step: str) -> Iterator[tuple[str, str | bytes]]:
    yield f"the status line of the answer{of_step}", response["status"]["message"]
    for name, values in response["headers"].items():
        yield f"the header `{name}` of the answer{of_step}", "\n".join(values)
    yield f"the answer{of_step}", response["body"]["string"]
    for joined in _joined(response):
        yield f"the answer{of_step}", joined


def _joined(response: Mapping[str, Any]) -> Iterator[str]:
    """Yield the texts of an answer's parts and events as a reader puts them together."""
    parts = read_whole(response).parts
    rows = [(part.get("text"), bool(part.get("thought"))) for part in parts if isinstance(part, Mapping)]
    texts = [(text, thought) for text, thought in rows if isinstance(text, str)]
    yield "".join(text for text, _ in texts)
    for kind in (True, False):
        yield "".join(text for text, thought in texts if thought is kind)
