"""Faults on demand: what may go wrong between a client and the API, in a fixed order."""

import re
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from promptc.diagnostics import did_you_mean, one_of
from promptc.emulator.reply import Reply, comet_error_reply, error_reply

_ITEM = re.compile(r"(?P<name>[^:*]+)(?::(?P<seconds>\d{1,6}))?(?:\*(?P<times>\d{1,6}))?")
_TIMED = ("429", "slow")
_PAGE = b"<!DOCTYPE html>\n<html><head><title>%s</title></head>\n<body><h1>%s</h1></body></html>\n"


class Twist(StrEnum):
    """The faults that lie in the answer itself."""

    NO_CANDIDATES = "no-candidates"
    ONLY_THOUGHTS = "only-thoughts"
    NO_IMAGE = "no-image"
    TEXT_ONLY = "text-only"
    SQUARE = "square"
    DEFAULT_SIZE = "default-size"
    MISLABELLED = "mislabelled"


class Cut(StrEnum):
    """The faults that lie in the connection."""

    RESET = "reset"
    STALL = "stall"
    TRUNCATED = "truncated"


_ERRORS = {
    "401": "The request has no valid credentials.",
    "403": "The caller does not have permission.",
    "404": "The requested entity was not found.",
    "429": "Resource has been exhausted (e.g. check quota).",
    "500": "An internal error has occurred.",
    "503": "The model is overloaded. Please try again later.",
    "504": "The deadline expired before the answer was complete.",
}
KNOWN = ("ok", "slow", *_ERRORS, "500-invalid", *Cut, "html", "html-200", "redirect", *Twist, "empty-stream")
"""The names of the faults; `ok` is none, so that a later request can have one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to one request; `seconds` is what a 429 says in Retry-After, and how long `slow` waits."""

    name: str
    seconds: int = 1

    @property
    def twist(self) -> Twist | None:
        """The twist of this name, if it is one."""
        return next((twist for twist in Twist if twist == self.name), None)

    @property
    def cut(self) -> Cut | None:
        """The cut of this name, if it is one."""
        return next((cut for cut in Cut if cut == self.name), None)


class FaultQueue:
    """The faults to come, one per request, and how many requests took theirs."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Line them up."""
        self._faults = deque(faults)
        self._taken = 0
        self._lock = threading.Lock()

    @property
    def taken(self) -> int:
        """How many requests came so far."""
        with self._lock:
            return self._taken

    def take(self) -> Fault:
        """Count a request and return its fault."""
        with self._lock:
            self._taken += 1
            return self._faults.popleft() if self._faults else Fault(name="ok")


def parse_faults(faults: str | Iterable[str | Fault]) -> tuple[Fault, ...]:
    """Read faults as `429:0,ok*2,reset`; raises ValueError that names the known ones."""
    items = faults.split(",") if isinstance(faults, str) else faults
    return tuple(fault for item in items for fault in ((item,) if isinstance(item, Fault) else _parsed(item.strip())))


def fault_reply(fault: Fault, request_id: str) -> Reply | None:
    """Return the reply that a fault puts in the place of an answer, if it does."""
    match fault.name:
        case "429":
            retry = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{fault.seconds}s"}
            headers = {"Retry-After": str(fault.seconds)}
            return error_reply(429, _ERRORS["429"], request_id, details=[retry], headers=headers)
        case name if name in _ERRORS:
            return error_reply(int(name), _ERRORS[name], request_id)
        case "500-invalid":
            return comet_error_reply(500, "invalid_request", "The request is malformed", request_id)
        case "html":
            return _page(502, b"502 Bad Gateway", request_id)
        case "html-200":
            return _page(200, b"Welcome", request_id)
        case "redirect":
            return _page(301, b"301 Moved Permanently", request_id, Location="/elsewhere")
        case "empty-stream":
            return Reply(status=200, content_type="text/event-stream", chunks=(), request_id=request_id)
    return None


def _parsed(item: str) -> tuple[Fault, ...]:
    if not item:
        return ()
    match = _ITEM.fullmatch(item)
    name = match["name"] if match else item
    if match is None or name not in KNOWN:
        near = did_you_mean(name, KNOWN)
        msg = f"unknown fault `{item}`; expected {one_of(KNOWN)}" + (f"; {near}" if near else "")
        raise ValueError(msg)
    if match["seconds"] and name not in _TIMED:
        msg = f"`{item}`: only `429` and `slow` take seconds"
        raise ValueError(msg)
    return (Fault(name=name, seconds=int(match["seconds"] or 1)),) * int(match["times"] or 1)


def _page(status: int, title: bytes, request_id: str, **headers: str) -> Reply:
    page = _PAGE % (title, title)
    return Reply(
        status=status, content_type="text/html; charset=UTF-8", chunks=(page,), request_id=request_id, headers=headers
    )
