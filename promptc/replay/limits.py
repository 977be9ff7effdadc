"""How fast a target is asked: one limiter for all threads, so that many cases are no storm."""

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf

from promptc.config import Target
from promptc.errors import StoppedError
from promptc.replay.retries import STOPPED, Retries

WINDOW = 60.0
"""The seconds in which at most `requests_per_minute` tries leave."""
_HELD = "the API asked for a pause"


@dataclass(frozen=True, slots=True)
class Block:
    """Why a try can't go out now, and in how many seconds it may; None where nobody knows."""

    why: str
    seconds: float | None


class Limiter:
    """Lets tries out: so many in any minute, so many under way, and none while the API wants a pause."""

    def __init__(self, target: Target, clock: Callable[[], float], sleep: Callable[[float], object]) -> None:
        """Keep a target's limits; `sleep` ends early when the user wants the end."""
        self.under_way = 0
        self._concurrency = target.concurrency or inf
        self._out: deque[float] = deque(maxlen=target.requests_per_minute or 0)
        self._held_until = -inf
        self._clock = clock
        self._sleep = sleep
        self._ended = threading.Condition()

    @contextmanager
    def turn(self, jitter: Callable[[], float]) -> Iterator[Mapping[str, float]]:
        """Wait for a turn and keep it while the block runs; gives the seconds waited, by reason.

        Raises StoppedError where the user wants the end.
        """
        waited = self._enter(jitter)
        try:
            yield waited
        finally:
            with self._ended:
                self.under_way -= 1
                self._ended.notify_all()

    def hold(self, seconds: float) -> None:
        """Let nobody out for so long."""
        with self._ended:
            self._held_until = max(self._held_until, self._clock() + seconds)

    def _enter(self, jitter: Callable[[], float]) -> Mapping[str, float]:
        waited: defaultdict[str, float] = defaultdict(float)
        with self._ended:
            while True:
                if STOPPED.is_set():
                    msg = "stopped before it was asked"
                    raise StoppedError(msg)
                now = self._clock()
                block = self._block(now)
                if block is None:
                    self.under_way += 1
                    self._out.append(now)
                    return waited
                self._wait(block, jitter)
                waited[block.why] += self._clock() - now

    def _block(self, now: float) -> Block | None:
        if now < self._held_until:
            return Block(_HELD, self._held_until - now)
        if self._out.maxlen and len(self._out) == self._out.maxlen and now < self._out[0] + WINDOW:
            requests = "1 request" if self._out.maxlen == 1 else f"{self._out.maxlen} requests"
            return Block(f"at most {requests} a minute", self._out[0] + WINDOW - now)
        if self.under_way >= self._concurrency:
            return Block(f"at most {self._concurrency} at a time", None)
        return None

    def _wait(self, block: Block, jitter: Callable[[], float]) -> None:
        """Wait without the lock: until a try ends, or a time that is known."""
        if block.seconds is None:
            self._ended.wait()  # what is under way ends with its time-out, and so does this
            return
        seconds = block.seconds + (jitter() if block.why == _HELD else 0.0)  # not everybody at the same moment
        self._ended.release()
        try:
            self._sleep(seconds)
        finally:
            self._ended.acquire()


_limiters: dict[tuple[object, ...], Limiter] = {}
_lock = threading.Lock()


def limiter_of(target: Target, retries: Retries) -> Limiter:
    """Return the process's limiter of a target: the same to every thread, whatever unit of work asks."""
    key = (target, retries.clock, retries.sleep)
    with _lock:
        if key not in _limiters:
            _limiters[key] = Limiter(target, retries.clock, retries.sleep)
        return _limiters[key]


def under_way() -> int:
    """Return how many answers this process waits for; takes no lock, so a signal's handler may ask."""
    return sum(limiter.under_way for limiter in list(_limiters.values()))
