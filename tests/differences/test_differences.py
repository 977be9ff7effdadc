"""Every folder here is a change of the example repo, and what `promptc diff` says of it; a new case is a folder.

`change.patch` is applied to a copy of the example repo that is committed; `expected.txt`,
`expected.json` and `expected.md` are what is printed. `PROMPTC_UPDATE_CASES=1 pytest tests/differences` writes the
expected files anew, to be read before they are committed. Continuous integration never sets it.
"""

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from promptc.schema import check
from tests.repository import Clone
from tests.workshop import Workshop, copy_example

HERE = Path(__file__).parent
UPDATE = os.environ.get("PROMPTC_UPDATE_CASES") == "1"
CHANGES = [pytest.param(path, id=path.name) for path in sorted(HERE.iterdir()) if (path / "change.patch").exists()]
FORMS = {"text": "expected.txt", "json": "expected.json", "markdown": "expected.md"}


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the example repo, committed."""
    root = tmp_path_factory.mktemp("example") / "repo"
    copy_example(root)
    Clone.make(root).commit()
    return root


@pytest.fixture
def shop(example: Path, tmp_path: Path) -> Workshop:
    shutil.copytree(example, tmp_path / "repo")
    return Workshop(tmp_path / "repo")


def steady(text: str) -> str:
    """Return printed text with zeros for a commit's digits, which hang on all of the example repo."""
    whole = re.sub(r"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])", "0" * 40, text)
    return re.sub(r"(?<=\()[0-9a-f]{7}(?=\))", "0" * 7, whole)


def compare(expected: Path, actual: str) -> None:
    if UPDATE:
        expected.write_bytes(actual.encode())
    assert actual == expected.read_bytes().decode()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_told(change: Path, form: str, shop: Workshop) -> None:
    Clone(shop.root).git("apply", "--whitespace=nowarn", str(change / "change.patch"))

    done = shop.command("diff", "--format", form)

    assert (done.returncode, done.stderr) == (int(change.name == "a-broken-spec"), "")
    compare(change / FORMS[form], steady(done.stdout))


@pytest.mark.parametrize("change", CHANGES)
def test_what_programs_read_is_what_the_schema_says(change: Path) -> None:
    printed: Any = json.loads((change / FORMS["json"]).read_text())

    assert check(printed, "diff.schema") == ()


def test_every_change_has_what_is_expected_of_it() -> None:
    names = {path.name for path in HERE.iterdir() if path.is_dir() and path.name != "__pycache__"}

    assert names == {param.values[0].name for param in CHANGES}  # type: ignore[union-attr]
