"""Ages and moments, as recordings and people write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from promptc.age import age, moment, short, told, written


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("12h", timedelta(hours=12)),
        ("90d", timedelta(days=90)),
        ("2w", timedelta(days=14)),
        ("", None),
        ("0d", None),
        ("-1d", None),
        ("1.5d", None),
        ("3 months", None),
        ("90D", None),
    ],
)
def test_an_age_is_a_number_and_a_unit(text: str, span: timedelta | None) -> None:
    assert age(text) == span


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=-5), "less than a minute"),
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(seconds=60), "1 minute"),
        (timedelta(minutes=59, seconds=59), "59 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=47), "1 day"),
        (timedelta(days=400), "400 days"),
    ],
)
def test_an_age_is_told_in_one_unit(span: timedelta, words: str) -> None:
    assert told(span) == words


@pytest.mark.parametrize(("written_as", "words"), [("12h", "12h"), ("48h", "2d"), ("90d", "90d"), ("2w", "14d")])
def test_an_age_is_written_as_it_can_be_read_again(written_as: str, words: str) -> None:
    span = age(written_as)
    assert span is not None
    assert short(span) == words
    assert age(words) == span


def test_a_moment_comes_back_as_it_was_written() -> None:
    at = datetime(2026, 11, 22, 14, 5, 9, tzinfo=timezone(timedelta(hours=2)))
    assert written(at) == "2026-11-22T12:05:09Z"
    assert moment(written(at)) == at
    assert moment("2026-11-22T12:05:09Z") == datetime(2026, 11, 22, 12, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-11-22T12:05:09", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00"]
)
def test_what_names_no_moment_is_none(text: str) -> None:
    assert moment(text) is None
