"""Where answers come from, in a line."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from promptc import age
from promptc.replay.provenance import Provenance, Step
from promptc.report.provenance import ages, answers_from, versions

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTES, HOURS, DAYS = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(age, "now", lambda: NOW)


def recording(
    *spans: timedelta | None, target: str = "cometapi", models: Sequence[str | None] = ("nano",), emulator: bool = False
) -> Provenance:
    """Return a recording whose answers are so old, given by models in turn."""
    steps = tuple(
        Step(
            fingerprint=f"v1:{i}",
            recorded_at=None if span is None else age.written(NOW - span),
            model_version=models[i % len(models)],
        )
        for i, span in enumerate(spans)
    )
    return Provenance(target=target, emulator=emulator, tool="promptc 0", steps=steps)


@pytest.mark.parametrize(
    ("spans", "words"),
    [
        ([timedelta()], "less than a minute"),
        ([-3 * DAYS], "less than a minute"),
        ([3 * DAYS, 3 * DAYS + HOURS], "3 days"),
        ([DAYS, 35 * DAYS], "1 to 35 days"),
        ([35 * DAYS, None, DAYS], "1 to 35 days"),
        ([2 * DAYS, 5 * MINUTES], "5 minutes to 2 days"),
        ([5 * MINUTES, timedelta()], "less than a minute to 5 minutes"),
        ([None], None),
        ([], None),
    ],
)
def test_ages_are_told_from_the_newest_answer_to_the_oldest(spans: list[timedelta | None], words: str | None) -> None:
    assert ages([recording(*spans)]) == words
    assert ages([recording(span) for span in spans]) == words


def test_one_line_names_target_model_and_age() -> None:
    assert (
        answers_from([recording(2 * DAYS), None, recording(35 * DAYS)]) == "answers: cometapi, nano, 2 to 35 days old\n"
    )


def test_a_stand_in_is_named_as_one_and_the_model_it_stands_in_for() -> None:
    stand_in = recording(HOURS, target="emulator", models=["promptc-emulator/nano"], emulator=True)

    assert answers_from([stand_in]) == "answers: emulator (stand-in), nano, 1 hour old\n"
    assert versions(recording(HOURS, models=["promptc-emulator/nano"])) == ["promptc-emulator/nano"]


def test_without_recordings_there_is_no_line() -> None:
    assert answers_from([]) == ""
    assert answers_from([None, None]) == ""


def test_what_is_most_common_is_named_first_and_many_are_counted() -> None:
    first = [
        recording(HOURS, models=["a"]),
        recording(HOURS, models=["b"], target="google"),
        recording(HOURS, models=["b"], target="google"),
    ]

    assert answers_from(first) == "answers: google and cometapi, b and a, 1 hour old\n"
    assert answers_from([recording(*[HOURS] * 4, models=["a", "b", "c", "d"])]) == (
        "answers: cometapi, a, b, c and d, 1 hour old\n"
    )
    assert answers_from([recording(*[HOURS] * 7, models=["a", "b", "c", "d", "e", "f", "g"])]) == (
        "answers: cometapi, a, b, c and 4 more, 1 hour old\n"
    )


def test_what_nobody_knows_is_said_or_left_out() -> None:
    assert answers_from([recording(None, models=[None])]) == "answers: cometapi, of unknown age\n"
    assert answers_from([recording(HOURS), recording(None), recording(HOURS, None)]) == (
        "answers: cometapi, nano, 1 hour old, 2 of unknown age\n"
    )


def test_what_an_answer_says_of_itself_forges_no_line_and_stays_short() -> None:
    (name,) = versions(recording(HOURS, models=["nano\n1 passed\x1b[31m" + "x" * 90]))

    assert name == f"nano\\n1 passed\\u001b[31m{'x' * 36}…"
