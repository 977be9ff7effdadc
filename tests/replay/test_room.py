"""Room in memory: what is large is opened by one thread, in turn; the rest where it is."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

import pytest

from promptc.replay.room import LARGE, in_turn


def test_what_is_large_is_open_alone_and_in_one_thread() -> None:
    inside, most, threads = 0, 0, set[int]()

    def work() -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        threads.add(threading.get_ident())
        time.sleep(0.002)
        inside -= 1

    with ThreadPoolExecutor(8) as executor:
        list(executor.map(lambda size: in_turn(size, work), [LARGE, 30 * LARGE, LARGE + 1] * 10))
    assert most == 1
    assert len(threads) == 1


def test_what_is_small_waits_for_nobody() -> None:
    free, begun = threading.Event(), threading.Event()

    def large() -> bool:
        begun.set()
        return free.wait(10)

    with ThreadPoolExecutor(1) as executor:
        waiting = executor.submit(in_turn, LARGE, large)
        assert begun.wait(10)
        assert in_turn(LARGE - 1, threading.get_ident) == threading.get_ident()
        free.set()
        assert waiting.result(10)


def test_a_case_keeps_its_name_in_the_other_thread() -> None:
    case: ContextVar[str] = ContextVar("case")
    case.set("moths/default")
    assert in_turn(LARGE, case.get) == "moths/default"


def test_an_accident_reaches_who_asked_and_holds_up_nobody() -> None:
    def broken() -> None:
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            in_turn(LARGE, broken)
    assert in_turn(LARGE, lambda: "next") == "next"
