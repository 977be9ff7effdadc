"""When to ask again, and how long to wait (CometAPI's sample, RFC 9110 section 10.2.3)."""

import random
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from promptc.age import http_date, now
from promptc.response import Response

_AGAIN = frozenset({429, 500, 502, 503, 504, 524})
_LONGEST = 30.0
_LONGEST_ASKED = 300.0
_DIGITS = re.compile(r"[0-9]+")
_PAUSES = frozenset({429, 503})

STOPPED = threading.Event()
"""Set when the user wants the end: no case begins then, nothing is tried again, no wait goes on."""


def _pause(seconds: float) -> None:
    """Wait, but not longer than the user wants."""
    STOPPED.wait(seconds)


def _jitter() -> float:
    """Return up to a second, so that many clients don't come back at the same moment."""
    return random.random()  # noqa: S311 - no secret depends on it


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """Up to `tries` tries; waits in seconds: 1, 2, 4 … 30, plus up to one at random.

    `clock` tells the time that `sleep` spends: tests replace both.
    """

    tries: int = 5
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = _pause
    jitter: Callable[[], float] = _jitter

    def wait(self, tried: int, retry_after: str | None) -> float | None:
        """Return the seconds to wait after try number `tried`; None where another makes no sense."""
        if tried >= self.tries:
            return None
        asked = _seconds(retry_after)
        if asked is not None:
            return asked + self.jitter() if asked <= _LONGEST_ASKED else None
        return min(_LONGEST, 2.0 ** (tried - 1)) + self.jitter()


def worth_another(response: Response) -> bool:
    """Say whether the same request may be answered at another try."""
    error = response.error
    if error is None or error.status not in _AGAIN:
        return False
    # a malformed request in a server's clothes: CometAPI answers it with 500
    return not (error.status == 500 and error.code == "invalid_request")  # noqa: PLR2004 - RFC 9110


def pause(response: Response, retry_after: str | None) -> float | None:
    """Return for how many seconds the API wants nothing from anybody; None where it says no such thing.

    A longer pause than any try waits for is the case's own: it ends with the refusal, and others may fare better.
    """
    seconds = _seconds(retry_after)
    if response.error is None or response.error.status not in _PAUSES or seconds is None:
        return None
    return seconds if seconds <= _LONGEST_ASKED else None


def _seconds(retry_after: str | None) -> float | None:
    if retry_after is None:
        return None
    if _DIGITS.fullmatch(retry_after.strip()):
        return float(retry_after)
    at = http_date(retry_after)
    return None if at is None else max((at - now()).total_seconds(), 0.0)
