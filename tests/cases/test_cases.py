"""Every folder in `good` and `bad` is a project and what the compiler makes of it; a new case is a folder.

- `good/<name>/`: `specs/`, and `expected.jsonl` with one request a line, pictures as digests; where
  the compiler has something to note, `expected.txt` holds it.
- `bad/<name>/`: `specs/`, and `expected.txt`, the diagnostics in their full form, warnings and notes
  included.
- both may have a `promptc.toml`.
- `bodies/<name>/`: plain files, and `expected.txt`, what `promptc validate` says about all of them.

`PROMPTC_UPDATE_CASES=1 pytest tests/cases` writes the expected files anew, to be read before they
are committed. Continuous integration never sets it.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from promptc.blob import Blob
from promptc.compiler.driver import Compilation, compile_specs, find_specs
from promptc.config import FILE, load
from promptc.diagnostics import failed, order
from promptc.errors import ProjectError
from promptc.models import built_in
from promptc.pipeline.validate import Wanted, validate
from promptc.report.full import full
from promptc.report.style import Style
from promptc.report.validation import validation_text
from promptc.request import Request

HERE = Path(__file__).parent
UPDATE = os.environ.get("PROMPTC_UPDATE_CASES") == "1"


def folders(kind: str) -> list[Any]:
    return [pytest.param(path, id=path.name) for path in sorted((HERE / kind).iterdir()) if path.is_dir()]


def compiled(case: Path, copy: Path, monkeypatch: pytest.MonkeyPatch) -> Compilation:
    """Compile a case far from this repo, whose own project file would be found otherwise."""
    shutil.copytree(case / "specs", copy / "specs", symlinks=True)
    if (case / FILE).exists():
        shutil.copy(case / FILE, copy)
    monkeypatch.chdir(copy)
    try:
        project = load(copy)
    except ProjectError as error:
        return Compilation(cases=(), diagnostics=error.diagnostics)
    files, found = find_specs(project)
    made = compile_specs(project, files)
    return Compilation(cases=made.cases, diagnostics=order([*found, *made.diagnostics]))


def line(request: Request) -> str:
    row = {
        "spec": request.spec,
        "case": request.case,
        "step": request.step,
        "method": request.method,
        "model": request.model,
        "fingerprint": request.fingerprint if request.bound else None,
        "body": request.body if request.bound else None,
    }
    return json.dumps(row, ensure_ascii=False, default=lambda value: value.digest if isinstance(value, Blob) else None)


def compare(expected: Path, actual: str) -> None:
    if UPDATE and actual:
        expected.write_bytes(actual.encode())
    elif UPDATE:
        expected.unlink(missing_ok=True)
    assert actual == (expected.read_bytes().decode() if expected.exists() else "")


@pytest.mark.parametrize("case", folders("good"))
def test_a_good_project_compiles_to_its_requests(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compilation = compiled(case, tmp_path, monkeypatch)

    requests = [request for made in compilation.cases for request in made.requests]
    assert requests
    assert not failed(compilation.diagnostics), full(compilation.diagnostics, Style())
    compare(case / "expected.txt", full(compilation.diagnostics, Style()))
    compare(case / "expected.jsonl", "".join(f"{line(request)}\n" for request in requests))


@pytest.mark.parametrize("case", folders("bad"))
def test_a_bad_project_gets_its_diagnostics(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compilation = compiled(case, tmp_path, monkeypatch)

    assert compilation.diagnostics
    compare(case / "expected.txt", full(compilation.diagnostics, Style()))


@pytest.mark.parametrize("case", folders("bodies"))
def test_plain_bodies_get_their_diagnostics(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(case)
    files = sorted(path.name for path in case.iterdir() if path.name != "expected.txt")

    result = validate(files, Wanted(models=built_in(), model="gemini-3.1-flash-image"))

    compare(case / "expected.txt", validation_text(result, "full", Style()))
