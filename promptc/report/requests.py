"""Compiled requests: JSON for people, JSON lines for programs, curl for a try by hand."""

import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from promptc.blob import Blob
from promptc.config import Target
from promptc.request import Request
from promptc.source import shown

_LONGEST = 200


def request_json(requests: Iterable[Request], target: Target) -> str:
    """Return the requests as one indented JSON list, pictures and signatures elided."""
    rows = [{**_head(request, target), "body": elided(request.body) if request.bound else None} for request in requests]
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


def request_jsonl(request: Request, target: Target) -> str:
    """Return a request as one line, its body complete as it is sent."""
    head = json.dumps(_head(request, target), ensure_ascii=False)
    body = request.wire_body().decode() if request.bound else "null"
    return f'{head[:-1]}, "body": {body}}}\n'


def request_curl(request: Request, target: Target) -> str:
    """Return a curl command that sends the request; the key stays in the environment."""
    if not request.bound:
        return f"# {request.spec}::{request.case} step {request.step} needs an answer that is not recorded yet\n"
    url = target.base_url + request.path(target.api_version)
    parts = ["curl -sS", shlex.quote(url), "-H 'Content-Type: application/json'"]
    if target.auth != "none":
        header = "x-goog-api-key: " if target.auth == "x-goog-api-key" else "Authorization: "
        scheme = "Bearer " if target.auth == "bearer" else ""
        parts.append(f'-H "{header}{scheme}${target.key_env}"')
    body = request.wire_body().decode()
    if len(body) > 2**16:  # more than a command line may hold
        pipe = f"promptc compile --format jsonl {request.spec} --case {request.case}"
        step = f"select(.step == {request.step})"
        return f"{pipe} | jq -c '{step} | .body' | {' '.join(parts)} --data-binary @-\n"
    return f"{' '.join(parts)} --data-binary {shlex.quote(body)}\n"


def _head(request: Request, target: Target) -> dict[str, Any]:
    return {
        "spec": request.spec,
        "case": request.case,
        "step": request.step,
        "method": request.method,
        "url": target.base_url + request.path(target.api_version),
        "fingerprint": request.fingerprint if request.bound else None,
    }


def elided(value: object, key: str = "") -> Any:
    """Return a body as people read it: places in the stead of pictures and signatures."""
    if isinstance(value, Blob):
        where = f"{shown(value.path)}, " if value.path else ""
        return f"<{where}{value.media_type}, {value.size} bytes, {value.digest}>"
    if isinstance(value, Mapping):
        return {name: elided(item, name) for name, item in value.items()}
    if isinstance(value, str):
        binary = key in {"data", "thoughtSignature"} and len(value) > _LONGEST
        return f"<{len(value)} characters of base64>" if binary else value
    if isinstance(value, Sequence):
        return [elided(item) for item in value]
    return value
