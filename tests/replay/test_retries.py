"""When another try makes sense, and how long to wait for it."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptc.replay.retries import Retries, worth_another
from promptc.response import ApiError, Response

STEADY = Retries(tries=8, jitter=lambda: 0.5)


def test_the_waits_double_up_to_half_a_minute() -> None:
    assert [STEADY.wait(tried, None) for tried in range(1, 9)] == [1.5, 2.5, 4.5, 8.5, 16.5, 30.5, 30.5, None]


@pytest.mark.parametrize("tries", [0, 1])
def test_one_try_means_one_try(tries: int) -> None:
    assert Retries(tries=tries).wait(1, None) is None
    assert Retries(tries=tries).wait(1, "0") is None


@pytest.mark.parametrize(
    ("said", "wait"),
    [("0", 0.5), (" 7 ", 7.5), ("300", 300.5), ("301", None), ("9" * 4000, None)],
)
def test_seconds_that_the_server_names_are_honoured_up_to_five_minutes(said: str, wait: float | None) -> None:
    assert STEADY.wait(1, said) == wait


@pytest.mark.parametrize("zone", ["GMT", "-0000", "+0000"])
def test_a_date_is_honoured_in_every_way_to_write_utc(zone: str) -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    wait = STEADY.wait(1, at.replace("GMT", zone))
    assert wait is not None
    assert 95 < wait < 101


def test_a_date_in_the_past_means_now_and_one_far_away_means_never() -> None:
    assert STEADY.wait(1, "Wed, 21 Oct 2015 07:28:00 GMT") == 0.5
    assert STEADY.wait(1, "Wed, 21 Oct 2215 07:28:00 GMT") is None


@pytest.mark.parametrize("said", ["", "soon", "-1", "1.5", "²", "٣", "Wed, 99 Oct 2015 07:28:00 GMT", "1e3", "0x10"])
def test_what_means_nothing_is_passed_over(said: str) -> None:
    assert STEADY.wait(2, said) == 2.5


@given(
    st.text(max_size=30) | st.from_regex(r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{1,6} \d\d:\d\d:\d\d [-+A-Z]\w{2,4}")
)
def test_no_header_can_break_the_wait(said: str) -> None:
    wait = STEADY.wait(1, said)
    assert wait is None or 0.5 <= wait <= 300.5


def failed(status: int, code: str = "") -> Response:
    return Response(status=status, error=ApiError(status=status, code=code, message="no", request_id=None))


def test_only_what_may_pass_is_tried_again() -> None:
    again = [status for status in range(400, 600) if worth_another(failed(status))]
    assert again == [429, 500, 502, 503, 504, 524]
    assert not worth_another(failed(500, "invalid_request"))
    assert worth_another(failed(500, "INTERNAL"))
    assert not worth_another(Response(status=200))
    assert not worth_another(Response(status=200, problem="the answer is empty"))
