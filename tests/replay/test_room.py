"""Room in memory: who comes in, and in which order."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from promptc.replay.room import Room


def test_no_more_is_in_than_there_is_room_for() -> None:
    room, inside, most, lock = Room(100), 0, 0, threading.Lock()

    def enter(size: int) -> None:
        nonlocal inside, most
        with room.taken(size):
            with lock:
                inside += min(size, 100)
                most = max(most, inside)
            time.sleep(0.002)
            with lock:
                inside -= min(size, 100)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(enter, [30, 60, 100, 0, 5, 250, 40] * 10))
    assert inside == 0
    assert 60 <= most <= 100


def test_a_large_one_is_not_overtaken_for_ever() -> None:
    room, order = Room(100), list[str]()
    waits = threading.Event()

    def enter(name: str, size: int) -> None:
        with room.taken(size):
            order.append(name)

    with ThreadPoolExecutor(2) as threads:
        with room.taken(60):
            large = threads.submit(enter, "large", 100)
            while not room._queue:
                waits.wait(0.001)
            small = threads.submit(enter, "small", 1)
            waits.wait(0.05)
            assert order == []
        large.result(5)
        small.result(5)
    assert order == ["large", "small"]


def test_an_accident_inside_gives_the_room_back() -> None:
    room = Room(10)
    for _ in range(3):
        try:
            with room.taken(10):
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass
    with room.taken(10):
        pass
