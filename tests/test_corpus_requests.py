"""Recorded requests of other projects: what the API answered, promptc must not refuse."""

import json
from pathlib import Path
from typing import Any

import pytest

from promptc.canonical import canonical
from promptc.compiler.validate import findings
from promptc.diagnostics import Severity
from promptc.models import built_in

EXCEPTIONS: dict[str, str] = {}
"""File → why it is an error here all the same; none so far."""


def rows(corpus: Path) -> list[dict[str, Any]]:
    lines = (corpus / "requests" / "index.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def errors(corpus: Path, row: dict[str, Any]) -> list[str]:
    form = canonical(json.loads((corpus / "requests" / row["file"]).read_text(encoding="utf-8")))
    found = (*form.findings, *findings(form.tree, row["model"], built_in()))
    return [f"{finding.pointer}: {finding.message}" for finding in found if finding.severity is Severity.ERROR]


@pytest.mark.parametrize(("status", "number"), [(200, 150), (None, 20)], ids=["answered", "of-the-documentation"])
def test_every_request_that_was_answered_or_is_documented_is_valid(
    corpus: Path, status: int | None, number: int
) -> None:
    good = [row for row in rows(corpus) if row["status"] == status and row["method"].endswith("enerateContent")]
    refused = {row["file"]: said for row in good if (said := errors(corpus, row))}

    assert len(good) > number
    assert {file: said for file, said in refused.items() if file not in EXCEPTIONS} == {}
