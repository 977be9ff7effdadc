"""SARIF: the whole of a run, and the rules of the standard that its schema sets."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from promptc import __version__
from promptc.codes import CODES
from promptc.diagnostics import Diagnostic, Related
from promptc.report.sarif import sarif
from promptc.source import Source
from tests.report.samples import ERROR, LONG, NOTE, ORPHAN, PLACELESS, SHOWN, SOURCE, WARNING, nasty, wide

EVERY = [ERROR, WARNING, NOTE, ORPHAN, PLACELESS, nasty(), wide()]
INDEX = list(CODES).index

KEYS = {
    "log": ({"version", "runs"}, {"$schema"}),
    "run": ({"tool"}, {"results", "columnKind"}),
    "driver": ({"name"}, {"semanticVersion", "rules"}),
    "rule": ({"id"}, {"name", "shortDescription", "fullDescription", "help"}),
    "result": ({"message"}, {"ruleId", "ruleIndex", "level", "locations", "partialFingerprints", "relatedLocations"}),
    "location": (set(), {"physicalLocation", "logicalLocations", "message"}),
    "physicalLocation": ({"artifactLocation"}, {"region", "contextRegion"}),
    "region": ({"startLine"}, {"startColumn", "endLine", "endColumn", "snippet"}),
}
"""What the standard's schema demands of its objects, and which other keys of it are written here."""


def has(name: str, value: dict[str, Any]) -> dict[str, Any]:
    """Return an object that has the keys that the schema demands, and none that it lacks."""
    needed, known = KEYS[name]
    assert needed <= value.keys() <= needed | known
    return value


def run_of(diagnostics: Iterable[Diagnostic]) -> dict[str, Any]:
    (run,) = json.loads(sarif(diagnostics))["runs"]
    assert isinstance(run, dict)
    return run


def results(*diagnostics: Diagnostic) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run_of(diagnostics)["results"]
    return found


def test_a_run_names_the_tool_its_version_and_every_rule() -> None:
    log = json.loads(sarif([]))

    rules = [
        {
            "id": code,
            "name": about.name,
            "shortDescription": {"text": about.meaning},
            "fullDescription": {"text": about.meaning},
            "help": {"text": about.remedy},
        }
        for code, about in CODES.items()
    ]
    assert log == {
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "promptc", "semanticVersion": __version__, "rules": rules}},
                "columnKind": "utf16CodeUnits",
                "results": [],
            }
        ],
    }


def test_a_result_has_message_place_text_and_related_places() -> None:
    (result,) = results(ERROR)

    assert len(result["partialFingerprints"].pop("promptc/v1")) == 64
    assert result == {
        "ruleId": "P201",
        "ruleIndex": INDEX("P201"),
        "level": "error",
        "message": {
            "text": "`a:b,c` is 100% undefined\nin the case `luna`\nexpected: `species`\nhelp: did you mean `species`?"
        },
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "specs/a%20moth.toml", "uriBaseId": "%SRCROOT%"},
                    "region": {
                        "startLine": 2,
                        "startColumn": 1,
                        "endLine": 2,
                        "endColumn": 7,
                        "snippet": {"text": "second"},
                    },
                    "contextRegion": {"startLine": 2, "snippet": {"text": 'second = "100%"'}},
                },
                "logicalLocations": [{"fullyQualifiedName": "a moth::luna"}],
            }
        ],
        "partialFingerprints": {},
        "relatedLocations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "specs/a%20moth.toml", "uriBaseId": "%SRCROOT%"},
                    "region": {
                        "startLine": 1,
                        "startColumn": 1,
                        "endLine": 1,
                        "endColumn": 6,
                        "snippet": {"text": "first"},
                    },
                },
                "message": {"text": "declared here"},
            }
        ],
    }


def test_without_a_span_the_place_is_the_beginning_of_the_file_or_of_the_projects() -> None:
    note, orphan, placeless = results(NOTE, ORPHAN, PLACELESS)

    def beginning(uri: str) -> list[dict[str, Any]]:
        region = {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1}
        return [{"physicalLocation": {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}, "region": region}}]

    assert note["level"] == "note"
    assert note["locations"] == beginning("answers/a%2Cb%3Ac%25.json")
    assert orphan["locations"] == beginning("cassettes/x/y.yaml")
    assert placeless["locations"] == beginning("promptc.toml")


def test_columns_count_what_utf_16_counts() -> None:
    text = 'text = "🦋 🦋 {{ moth }}"'
    source = Source(path=Path.cwd() / "moth.toml", text=text)
    (result,) = results(replace(ERROR, span=source.span(text.index("moth"), text.index(" }}")), related=()))

    region = result["locations"][0]["physicalLocation"]["region"]
    assert (region["startColumn"], region["endColumn"]) == (text.index("moth") + 3, text.index(" }}") + 3)


def test_brackets_of_a_message_are_no_link() -> None:
    (result,) = results(replace(PLACELESS, message="`[a]` and [here](https://evil.example) and [x](1)"))

    assert result["message"]["text"] == "`[a]` and \\[here](https://evil.example) and \\[x](1)"


def test_a_span_over_several_lines_has_no_text() -> None:
    (result,) = results(WARNING)

    assert result["level"] == "warning"
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "specs/a%20moth.toml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 1, "startColumn": 1, "endLine": 2, "endColumn": 16},
    }


def test_a_file_elsewhere_has_an_absolute_address(tmp_path: Path) -> None:
    (result,) = results(replace(ORPHAN, file=(tmp_path / "a b.json").as_posix()))

    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": (tmp_path / "a b.json").as_uri()}


def test_a_picture_on_the_line_is_not_printed() -> None:
    (result,) = results(wide())

    place = result["locations"][0]["physicalLocation"]
    assert place["region"]["snippet"] == {"text": '"mimetype"'}
    assert place["contextRegion"]["snippet"] == {"text": '…", "mimetype": 1}'}
    whole = Diagnostic(code="P403", message="wrong", span=LONG.span(9, 1_200_012))
    assert len(sarif([wide(), whole])) - len(sarif([])) < 2500


def test_what_would_steer_a_terminal_is_escaped() -> None:
    text = sarif([nasty()])

    assert text.isascii()
    assert text.replace("\n", "").isprintable()
    assert results(nasty())[0]["message"]["text"].startswith(f"{SHOWN}\n")


def fingerprints(*diagnostics: Diagnostic) -> list[str]:
    return [result["partialFingerprints"]["promptc/v1"] for result in results(*diagnostics)]


def test_a_finding_is_known_again_when_its_line_has_moved() -> None:
    moved = Source(path=SOURCE.path, text=f"# one more line\n\n  {SOURCE.text.splitlines()[1]}\n")
    after = replace(ERROR, span=moved.span(moved.text.index("second"), moved.text.index(" =")))

    assert fingerprints(ERROR) == fingerprints(after)


@pytest.mark.parametrize(
    "other",
    [
        replace(ERROR, code="P202"),
        replace(ERROR, subject="a moth::atlas"),
        replace(ERROR, span=SOURCE.span(0, 5)),
        replace(ERROR, span=Source(path=Path.cwd() / "b.toml", text=SOURCE.text).span(6, 12)),
    ],
    ids=["code", "case", "line", "file"],
)
def test_different_findings_have_different_fingerprints(other: Diagnostic) -> None:
    assert fingerprints(ERROR) != fingerprints(other)


def test_two_findings_of_one_line_are_told_apart() -> None:
    first, second = fingerprints(ERROR, replace(ERROR, span=SOURCE.span(15, 19)))

    assert first != second


def test_the_rules_of_the_standard_are_kept() -> None:
    twice = replace(ERROR, related=(*ERROR.related, *ERROR.related, Related(span=WARNING.span, message="x")))  # type: ignore[arg-type]
    log = has("log", json.loads(sarif([*EVERY, twice])))
    (run,) = (has("run", run) for run in log["runs"])
    rules = [has("rule", rule) for rule in has("driver", run["tool"]["driver"])["rules"]]

    assert len({rule["id"] for rule in rules}) == len(rules)
    assert len(run["results"]) == len(EVERY) + 1
    for result in run["results"]:
        has("result", result)
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert len(result["locations"]) == 1
        assert result["level"] in {"none", "note", "warning", "error"}
        assert all(isinstance(value, str) for value in result["partialFingerprints"].values())
        related = result.get("relatedLocations", [])
        assert len({json.dumps(location) for location in related}) == len(related)
        for location in (*result["locations"], *related):
            check_location(location)


def check_location(location: dict[str, Any]) -> None:
    place = has("physicalLocation", has("location", location)["physicalLocation"])
    uri = place["artifactLocation"]["uri"]
    assert uri.isascii()
    assert not set(uri) & set(' "<>\\^`{|}')
    assert ("uriBaseId" in place["artifactLocation"]) == (not uri.startswith("file:"))
    assert "region" in place
    for name in ("region", "contextRegion"):
        if name not in place:
            continue
        region = has("region", place[name])
        start = region["startLine"], region.get("startColumn", 1)
        assert (1, 1) <= start <= (region.get("endLine", start[0]), region.get("endColumn", start[1]))
    if "contextRegion" in place:
        assert len(place["contextRegion"]["snippet"]["text"]) > len(place["region"]["snippet"]["text"])
