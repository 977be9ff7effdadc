"""The public face: what is there, what it is, what it costs."""

import subprocess
import sys
from pathlib import Path

import pytest

import promptc
from tests.workshop import BUTTERFLY, Workshop


def test_the_public_names_are_these() -> None:
    assert promptc.__all__ == [
        "Answer",
        "AnswerImage",
        "CheckResult",
        "CompileResult",
        "Diagnostic",
        "Project",
        "PromptcError",
        "RecordMode",
        "Request",
        "RunResult",
        "Severity",
        "__version__",
        "check",
        "compile_requests",
        "load_project",
        "run",
    ]
    assert all(getattr(promptc, name) is not None for name in promptc.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'promptc' has no attribute 'rnu'"):
        promptc.rnu  # noqa: B018 - the look-up is what is tested


def test_importing_promptc_imports_nothing_else() -> None:
    script = "import sys, promptc; assert not [name for name in sys.modules if name.startswith('promptc.')]"

    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_docstrings_example_works(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY})
    shop.record()
    project = promptc.load_project(tmp_path)

    assert [request.fingerprint[:3] for request in promptc.compile_requests(project).requests] == ["v1:"]
    assert promptc.check(project).good
    assert promptc.run(project).good
