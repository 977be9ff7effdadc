"""Another Python compiles the same requests and finds the same mistakes.

It needs promptc's dependencies, so it is asked for: `PROMPTC_OTHER_PYTHON=/path/to/venv/bin/python`,
a virtual environment made from `requirements/dev.lock`.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.compiler.determined import REPO, compiled, write

_WRONG = """\
model = "gemini-3.1-flash-image"
sytem = "x"

[[turns]]
text = "{{ nope }} {% if %}"

[generationConfig]
imageConfig = { aspectRatio = "7:5" }
"""


@pytest.fixture(scope="module")
def other() -> str:
    """Return the interpreter that was named; anything else that is on hand lacks the dependencies."""
    named = os.environ.get("PROMPTC_OTHER_PYTHON")
    if not named:
        pytest.skip("set PROMPTC_OTHER_PYTHON to another Python's interpreter that has promptc's dependencies")
    asked = [named, "-c", "import sys; print(sys.version_info[:2] != tuple(map(int, sys.argv[1:])))"]
    done = subprocess.run([*asked, *map(str, sys.version_info[:2])], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n", f"{named} is of this Python's version"
    return named


def test_another_python_compiles_the_same_requests(tmp_path: Path, other: str) -> None:
    root = write(tmp_path.resolve())

    assert compiled(root, python=(other, "-W", "error")) == compiled(root)


def test_another_python_finds_the_same_mistakes(tmp_path: Path, other: str) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "moth.toml").write_text(_WRONG)
    told = [
        subprocess.run(
            [python, "-W", "error", "-m", "promptc", "check"],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(REPO)},
            capture_output=True,
            text=True,
            check=False,
        )
        for python in (sys.executable, other)
    ]

    assert told[0].returncode == told[1].returncode == 1
    assert "error[P003]: unknown key `sytem`" in told[0].stdout
    assert told[1].stdout == told[0].stdout
    assert told[1].stderr == told[0].stderr == ""
