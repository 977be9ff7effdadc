"""`result.json` and the cases of `run --format json` are what `schema/result.schema.json` says."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from promptc.pipeline.results import Status
from promptc.pipeline.run import run
from promptc.replay.modes import RecordMode
from promptc.report.as_json import run_json
from promptc.schema import check, load, validator_of
from tests.workshop import BUTTERFLY, CHAT, Workshop

SPECS = {
    "passed": BUTTERFLY,
    "chat": f'{CHAT}\n[expect]\ntext = {{ notContains = ["wasp"] }}\n',
    "failed": f"{BUTTERFLY}\n[expect]\nimages = {{ count = 2 }}\n",
    "stale": BUTTERFLY,
    "missing": BUTTERFLY,
    "pending": BUTTERFLY,
    "error": BUTTERFLY,
    "skipped": f'{BUTTERFLY}\n[[cases]]\nname = "default"\nskip = "not today"\n',
    "xfailed": f'{BUTTERFLY}\n[expect]\nimages = {{ count = 2 }}\n[[cases]]\nname = "default"\nxfail = "two, one day"\n',
    "xpassed": f'{BUTTERFLY}\n[[cases]]\nname = "default"\nxfail = "not yet"\n',
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Return a project with a case of every kind."""
    made = Workshop.make(tmp_path_factory.mktemp("repo"), SPECS)
    made.record()
    made.spec("stale").write_text(BUTTERFLY.replace("Monarch", "Luna"))
    made.cassette("missing/default.yaml").unlink()
    run(made.project, ["pending"], mode=RecordMode.ALL, target="emulator")
    cassette = made.cassette("error/default.yaml")
    cassette.write_text(cassette.read_text()[:300])
    return made


def test_every_result_is_what_its_schema_says(shop: Workshop, tmp_path: Path) -> None:
    result = shop.replay(output=tmp_path)
    files = {path.parent.parent.name: json.loads(path.read_text()) for path in tmp_path.rglob("result.json")}

    assert {name: written["status"] for name, written in files.items()} == {**{n: n for n in SPECS}, "chat": "passed"}
    assert {name: check(written, "result.schema") for name, written in files.items()} == dict.fromkeys(SPECS, ())
    printed = json.loads(run_json(result))["cases"]
    assert [check(case, "result.schema") for case in printed] == [()] * len(SPECS)


def test_a_verdict_has_the_place_of_its_expectation(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop.root)
    (case,) = json.loads(run_json(shop.replay("failed")))["cases"]

    assert {verdict["expectation"]: verdict["place"] for verdict in case["steps"][0]["verdicts"]}["images.count"] == (
        "specs/failed.toml:11:20"
    )


def test_the_schema_is_closed_and_knows_every_status() -> None:
    schema = load("result.schema")

    assert schema["properties"]["status"]["enum"] == [status.value for status in Status]
    assert all(table["additionalProperties"] is False for table in (schema, *schema["$defs"].values()))


@pytest.mark.parametrize(
    "change",
    [{"status": "good"}, {"steps": [{}]}, {"duration": 3}, {"asked": -1}, {"diagnostics": [{"code": "601"}]}],
    ids=str,
)
def test_anything_else_is_refused(shop: Workshop, change: Mapping[str, Any]) -> None:
    (case,) = json.loads(run_json(shop.replay("passed")))["cases"]

    assert validator_of(load("result.schema")).is_valid(case)
    assert not validator_of(load("result.schema")).is_valid({**case, **change})
