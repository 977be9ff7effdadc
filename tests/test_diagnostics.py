"""Diagnostics: codes, order, suggestions."""

from pathlib import Path

import pytest

from promptc.codes import CODES
from promptc.diagnostics import Diagnostic, Severity, did_you_mean, failed, one_of, order
from promptc.source import Source

A = Source(path=Path("/repo/a.toml"), text="abc\ndef\n")
B = Source(path=Path("/repo/b.toml"), text="abc\ndef\n")


def test_a_diagnostic_needs_a_code_of_the_index() -> None:
    with pytest.raises(ValueError, match=r"\Aunknown diagnostic code P999\Z"):
        Diagnostic(code="P999", message="no such thing")


def test_a_diagnostic_without_a_word_on_severity_is_an_error() -> None:
    assert Diagnostic(code="P001", message="m").severity is Severity.ERROR


@pytest.mark.parametrize(
    ("diagnostic", "place"),
    [
        (Diagnostic(code="P001", message="m", span=A.span(5, 6)), "/repo/a.toml:2:2"),
        (Diagnostic(code="P001", message="m", span=A.span(5, 6), file="other"), "/repo/a.toml:2:2"),
        (Diagnostic(code="P301", message="m", file="images/wing.png"), "images/wing.png"),
        (Diagnostic(code="P001", message="m"), ""),
    ],
)
def test_the_place_is_the_span_else_the_file_else_nothing(diagnostic: Diagnostic, place: str) -> None:
    assert diagnostic.place == place


def test_order_is_by_file_position_code_and_message_with_each_diagnostic_once() -> None:
    placeless = Diagnostic(code="P502", message="m")
    file_only = Diagnostic(code="P301", message="m", file="/repo/a.toml")
    first = Diagnostic(code="P002", message="m", span=A.span(0, 1))
    later = Diagnostic(code="P001", message="m", span=A.span(4, 5))
    later_code = Diagnostic(code="P002", message="a", span=A.span(4, 5))
    later_message = Diagnostic(code="P002", message="b", span=A.span(4, 5))
    other_file = Diagnostic(code="P001", message="m", span=B.span(0, 1))
    expected = (placeless, file_only, first, later, later_code, later_message, other_file)
    assert order([*reversed(expected), first, other_file]) == expected


@pytest.mark.parametrize(
    ("severities", "verdict"),
    [
        ((), False),
        ((Severity.NOTE, Severity.WARNING), False),
        ((Severity.NOTE, Severity.ERROR), True),
    ],
)
def test_only_errors_fail(severities: tuple[Severity, ...], verdict: bool) -> None:  # noqa: FBT001
    assert failed(Diagnostic(code="P001", message="m", severity=severity) for severity in severities) is verdict


@pytest.mark.parametrize(
    ("word", "known", "text"),
    [
        ("aspectRation", ["aspectRatio", "imageSize"], "did you mean `aspectRatio`?"),
        ("aspect_ratio", ["aspectRatio"], "did you mean `aspectRatio`?"),
        ("ASPECTRATIO", ["aspectRatio"], "did you mean `aspectRatio`?"),
        ("top", ["topK", "topP", "seed"], "did you mean `topP` or `topK`?"),
        ("abcd", ["abc1", "abc2", "abc3", "abc4"], "did you mean `abc4` or `abc3` or `abc2`?"),
        ("zebra", ["aspectRatio"], None),
        ("", ["aspectRatio"], None),
        ("a", [], None),
    ],
)
def test_suggestions_are_near_words_nearest_first(word: str, known: list[str], text: str | None) -> None:
    assert did_you_mean(word, known) == text


def test_what_was_expected_is_listed_in_the_order_given() -> None:
    assert one_of(["b", "a"]) == "one of `b`, `a`"


def test_codes_are_numbered_and_their_names_and_texts_differ() -> None:
    assert all(len(code) == 4 and code[0] == "P" and code[1:].isdigit() for code in CODES)
    assert list(CODES) == sorted(CODES)
    assert len({code.name for code in CODES.values()}) == len(CODES)
    assert len({code.meaning for code in CODES.values()}) == len(CODES)
    assert all(code.meaning.endswith(".") and code.remedy.endswith(".") for code in CODES.values())
