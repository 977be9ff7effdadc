"""What the emulator sends back: replies of HTTP, and the API's two error envelopes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

JSON_TYPE = "application/json; charset=UTF-8"
_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A reply of HTTP; `streamed` ones go out in chunks, one per element of `chunks`."""

    status: int
    content_type: str
    chunks: Sequence[bytes] = field(repr=False)
    request_id: str
    headers: Mapping[str, str] = field(default_factory=dict)
    streamed: bool = False

    @property
    def body(self) -> bytes:
        """The whole body."""
        return b"".join(self.chunks)


def json_reply(value: object, request_id: str, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """Return a value as a reply."""
    return Reply(
        status=status, content_type=JSON_TYPE, chunks=(dumped(value),), request_id=request_id, headers=headers or {}
    )


def error_reply(
    status: int,
    message: str,
    request_id: str,
    *,
    details: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Return an error in Google's envelope."""
    error: dict[str, Any] = {"code": status, "message": message, "status": _STATUS.get(status, "UNKNOWN")}
    if details:
        error["details"] = details
    return json_reply({"error": error}, request_id, status=status, headers=headers)


def comet_error_reply(status: int, code: str, message: str, request_id: str) -> Reply:
    """Return an error in CometAPI's envelope, the request id inside the message."""
    error = {
        "message": f"{message} (request id: {request_id})",
        "type": "comet_api_error",
        "param": "",
        "code": code,
    }
    return json_reply({"error": error}, request_id, status=status)


def dumped(value: object) -> bytes:
    """Return a value as JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
