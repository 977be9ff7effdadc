"""Answers against the open schemas: what is new is a note, what is wrong an error."""

import pytest

from promptc.diagnostics import Severity
from promptc.findings import Fault
from promptc.open_schema import check_open
from promptc.tree import Json

NOTE, ERROR = Severity.NOTE, Severity.ERROR


def told(value: Json, name: str = "response.schema") -> list[tuple[Severity, Fault, str, str]]:
    return [(f.severity, f.fault, f.pointer, f.message) for f in check_open(value, name)]


def test_a_field_that_the_schema_lacks_is_a_note_at_every_depth() -> None:
    answer: Json = {"turnToken": "x", "candidates": [{"content": {"parts": [{"text": "a", "mood": 1}]}}]}

    assert told(answer) == [
        (NOTE, Fault.UNKNOWN, "/candidates/0/content/parts/0/mood", "the API's schema has no `mood`; it is ignored"),
        (NOTE, Fault.UNKNOWN, "/turnToken", "the API's schema has no `turnToken`; it is ignored"),
    ]


def test_a_misspelt_field_is_a_note_with_a_guess() -> None:
    (found,) = check_open({"candidates": [{"finishReasn": "STOP"}]}, "response.schema")

    assert found.help == "did you mean `finishReason`?"


def test_a_value_that_the_schema_lacks_is_a_note_that_names_the_field() -> None:
    answer: Json = {
        "candidates": [{"finishReason": "TIRED"}],
        "usageMetadata": {"promptTokensDetails": [{"modality": "SMELL"}]},
    }

    assert told(answer) == [
        (
            NOTE,
            Fault.VALUE,
            "/candidates/0/finishReason",
            "the API's schema has no value `TIRED` for `finishReason`; it is kept as it is",
        ),
        (
            NOTE,
            Fault.VALUE,
            "/usageMetadata/promptTokensDetails/0/modality",
            "the API's schema has no value `SMELL` for `modality`; it is kept as it is",
        ),
    ]


def test_a_wrong_type_stays_an_error() -> None:
    assert told({"candidates": [{"index": "first"}]}) == [
        (ERROR, Fault.TYPE, "/candidates/0/index", "expected an integer, got a string")
    ]


def test_what_a_function_is_called_with_is_its_own_affair() -> None:
    call: Json = {"functionCall": {"name": "f", "args": {"anything": {"at": ["all"]}}}}

    assert not told({"candidates": [{"content": {"parts": [call]}}]})


@pytest.mark.parametrize(
    "envelope",
    [
        {"error": {"code": 400, "message": "m", "status": "INVALID_ARGUMENT", "details": [{"@type": "t", "a": 1}]}},
        {"error": {"message": "m", "type": "comet_api_error", "param": "", "code": "invalid_request"}},
        {"error": {"message": "m", "type": "comet_api_error", "param": None, "code": None}},
        [{"error": {"code": 429, "message": "m", "status": "RESOURCE_EXHAUSTED"}}],
    ],
)
def test_each_form_of_an_error_is_known(envelope: Json) -> None:
    assert not told(envelope, "error.schema")


def test_an_error_that_says_nothing_is_one() -> None:
    assert told({"error": {"code": 400}}, "error.schema") == [(ERROR, Fault.MISSING, "/error", "`message` is missing")]
    assert told({"error": "no"}, "error.schema") == [(ERROR, Fault.TYPE, "/error", "expected a table, got a string")]
    assert told([], "error.schema") == [(ERROR, Fault.BOUNDS, "", "expected at least 1 element")]
