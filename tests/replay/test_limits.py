"""How fast a target is asked: by many threads, in any minute, and not at all while it wants a pause."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptc.config import Target
from promptc.emulator.server import Emulator
from promptc.errors import StoppedError
from promptc.pipeline.case_run import run_case
from promptc.replay.limits import WINDOW, Limiter, limiter_of, under_way
from promptc.replay.modes import RecordMode
from promptc.replay.retries import STOPPED, Retries
from promptc.replay.session import Endpoint
from tests.replay.made import RawServer, Waits, answer, case, endpoint, http, request, session, store, unit


def target(**limits: int) -> Target:
    return Target(name="mine", base_url="https://api.example.com", **limits)  # type: ignore[arg-type]


def limiter(waits: Waits, **limits: int) -> Limiter:
    return Limiter(target(**limits), waits.clock, waits.sleep)


def no_jitter() -> float:
    return 0.0


@pytest.fixture
def stopped() -> Iterator[None]:
    STOPPED.set()
    yield
    STOPPED.clear()


@given(st.integers(1, 7), st.lists(st.floats(0, 90), min_size=1, max_size=60))
def test_no_minute_has_more_tries_than_the_limit_and_none_waits_too_long(most: int, between: list[float]) -> None:
    waits = Waits()
    one = limiter(waits, requests_per_minute=most)
    went: list[float] = []
    for pause in between:
        waits.sleep(pause)
        arrived = waits.clock()
        with one.turn(no_jitter):
            went.append(waits.clock())
        if len(went) > most:
            assert went[-1] - went[-1 - most] >= WINDOW - 1e-6
            assert went[-1] <= max(arrived, went[-1 - most] + WINDOW) + 1e-6
        else:
            assert went[-1] == arrived


def test_a_wait_says_how_long_and_why() -> None:
    waits = Waits()
    one = limiter(waits, requests_per_minute=2)
    with one.turn(no_jitter) as first, one.turn(no_jitter) as second:
        assert (first, second) == ({}, {})
    waits.sleep(48.0)
    with one.turn(no_jitter) as third:
        assert third == {"at most 2 requests a minute": 12.0}


def test_what_is_under_way_is_bounded_over_all_threads() -> None:
    one = Limiter(target(concurrency=3), time.monotonic, time.sleep)
    most: list[int] = []

    def ask(_: int) -> None:
        with one.turn(no_jitter):
            most.append(one.under_way)
            time.sleep(0.002)

    with ThreadPoolExecutor(12) as threads:
        list(threads.map(ask, range(60)))
    assert max(most) == 3
    assert one.under_way == 0


def test_a_place_is_given_back_by_a_try_that_failed() -> None:
    one = limiter(Waits(), concurrency=1)
    for _ in range(3):
        with pytest.raises(OSError, match="broken"), one.turn(no_jitter):
            raise OSError("broken")
    assert one.under_way == 0


def test_nobody_goes_out_while_the_api_wants_a_pause_and_not_all_at_once_after() -> None:
    waits = Waits()
    one = limiter(waits)
    one.hold(7.0)
    one.hold(2.0)
    with one.turn(lambda: 0.25) as waited:
        assert waited == {"the API asked for a pause": 7.25}
    with one.turn(lambda: 0.25) as waited:
        assert waited == {}


@pytest.mark.usefixtures("stopped")
def test_nothing_goes_out_once_the_user_wants_the_end() -> None:
    with pytest.raises(StoppedError), limiter(Waits()).turn(no_jitter):
        pytest.fail("it went out")


@pytest.mark.parametrize("block", ["a pause", "the minute", "a place"])
def test_a_wait_ends_when_the_user_wants_the_end(block: str) -> None:
    limits = {"the minute": {"requests_per_minute": 1}, "a place": {"concurrency": 1}}.get(block, {})
    one = Limiter(target(**limits), time.monotonic, STOPPED.wait)
    if block == "a pause":
        one.hold(60.0)
    with ThreadPoolExecutor(1) as threads:
        try:
            with nullcontext() if block == "a pause" else one.turn(no_jitter):
                waiting = threads.submit(one.turn(no_jitter).__enter__)
                time.sleep(0.05)
                assert not waiting.done()
                STOPPED.set()
            with pytest.raises(StoppedError):
                waiting.result(5)
        finally:
            STOPPED.clear()


def test_a_target_has_one_limiter_whatever_unit_asks() -> None:
    waits = Waits()
    retries = Retries(clock=waits.clock, sleep=waits.sleep)
    assert limiter_of(target(concurrency=1), retries) is limiter_of(target(concurrency=1), replace(retries, tries=1))
    assert limiter_of(target(concurrency=1), retries) is not limiter_of(target(concurrency=2), retries)


# through the wire


BODY = answer({"text": "Here it is."})


def per_minute(to: Endpoint, most: int) -> Endpoint:
    return replace(to, target=replace(to.target, requests_per_minute=most))


def test_every_try_counts_and_a_noticeable_wait_is_told(tmp_path: Path) -> None:
    waits = Waits()
    retries = Retries(tries=5, clock=waits.clock, sleep=waits.sleep, jitter=no_jitter)
    busy = http(b"", "503 Busy")
    with (
        RawServer(busy, busy, http(BODY)) as server,
        session(store(tmp_path), per_minute(endpoint(server.base_url, retries=retries), 2)) as talk,
    ):
        assert talk.ask(request()).text == "Here it is."
        assert len(server.seen) == 3
        assert talk.told == (
            "status 503; asked again after 1.0 s",
            "status 503; asked again after 2.0 s",
            "waited 57.0 s: at most 2 requests a minute",
        )
    assert waits == [1.0, 2.0, 57.0]


def test_waiting_for_a_turn_costs_nothing_of_the_time_for_an_answer(tmp_path: Path) -> None:
    skipped: list[float] = []

    def sleep(seconds: float) -> None:
        time.sleep(0.4)
        skipped.append(seconds)

    retries = Retries(tries=1, clock=lambda: time.monotonic() + sum(skipped), sleep=sleep)
    with RawServer(http(BODY)) as server:
        to = per_minute(endpoint(server.base_url, retries=retries, timeout=0.3), 1)
        with session(store(tmp_path), to) as talk:
            talk.ask(request())
            assert talk.ask(request("A Luna moth")).text == "Here it is."
    assert len(skipped) == 1


def test_eight_threads_that_meet_a_429_come_back_once_each_and_not_before_it_is_over(tmp_path: Path) -> None:
    """One answer of 429 with Retry-After holds all of them: what was under way is all that goes on."""
    with Emulator(faults="429:2") as emulator, ThreadPoolExecutor(8) as threads:
        cases = [case(request(f"Moth {n}"), name=f"moth-{n}") for n in range(8)]
        to = Endpoint(target=target(concurrency=1, key_env=None), base_url=emulator.base_url)  # type: ignore[arg-type]
        began = time.monotonic()
        results = list(threads.map(run_case, [unit(tmp_path, one, to, RecordMode.NEW_EPISODES) for one in cases]))
        assert time.monotonic() - began >= 2
        assert emulator.requests == 9
    again = [told for result in results for told in result.told if "asked again" in told]
    held = [told for result in results for told in result.told if told.endswith("the API asked for a pause")]
    assert len(again) == 1
    assert len(held) >= 7
    assert {result.status for result in results} == {"passed"}
    assert under_way() == 0
