"""`promptc.testing`: strategies for tests of one's own."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import promptc
import promptc.testing
from promptc.errors import InputError, UsageError
from promptc.testing import variables
from tests.compiler.project import WING
from tests.workshop import Workshop

MOTHS = """\
model = "gemini-3.1-flash-image"

[variables.species]
type = "string"
minLength = 1

[variables.wing]
type = "image"
default = "images/wing.png"

[[turns]]
parts = [{ text = "A {{ species }}" }, { image = "{{ wing }}" }]

[[cases]]
name = "luna"
variables = { species = "Luna moth", wing = "images/luna.png" }
"""
FEW = settings(
    max_examples=50, database=None, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    Workshop.make(tmp_path, {"moths": MOTHS})
    (tmp_path / "specs" / "images").mkdir()
    for name in ("wing", "luna"):
        (tmp_path / "specs" / "images" / f"{name}.png").write_bytes(WING)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("spec", ["moths", "specs/moths.toml", Path("specs/moths.toml")], ids=repr)
def test_what_is_drawn_compiles(folder: Path, spec: str | Path) -> None:
    project = promptc.load_project(folder)

    @FEW
    @given(variables(spec))
    def compiles(values: dict[str, Any]) -> None:
        assert promptc.compile_requests(project, ["moths"], variables=values).good

    compiles()


@pytest.mark.usefixtures("folder")
def test_pictures_are_those_that_the_spec_names_from_the_working_directory() -> None:
    seen = set()

    @FEW
    @given(variables("moths"))
    def looks(values: dict[str, Any]) -> None:
        seen.add(values["wing"])

    looks()

    assert seen == {"specs/images/luna.png", "specs/images/wing.png"}


@pytest.mark.usefixtures("folder")
def test_a_spec_that_is_not_there_is_named() -> None:
    with pytest.raises(UsageError) as raised:
        variables("moth")

    assert str(raised.value) == "there is no spec `moth`; did you mean `moths`?"


def test_a_spec_with_mistakes_is_refused(folder: Path) -> None:
    (folder / "specs" / "moths.toml").write_text(MOTHS.replace('type = "image"', 'type = "imgae"'))

    with pytest.raises(InputError) as raised:
        variables("moths")

    assert [d.message for d in raised.value.diagnostics] == ["variable `wing` has an unknown type"]


def test_declarations_that_cant_be_drawn_are_refused(folder: Path) -> None:
    (folder / "specs" / "moths.toml").write_text(MOTHS.replace("minLength = 1", "minLength = 3\nmaxLength = 2"))

    with pytest.raises(InputError) as raised:
        variables("moths")

    assert [d.message for d in raised.value.diagnostics] == [
        "no values can be drawn for variable `species`: no value fits `minLength` and `maxLength`"
    ]


@pytest.mark.usefixtures("folder")
def test_the_sample_of_the_module_runs() -> None:
    sample = (promptc.testing.__doc__ or "").partition("\n\n")[2]

    done = subprocess.run(
        [sys.executable, "-c", f"{sample}\ntest_no_species_breaks_the_request()\nprint('good')"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout, done.stderr) == ("good\n", "")


def test_without_hypothesis_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "hypothesis.py").write_text("raise ImportError('not here')\n")
    script = "import sys; sys.path.insert(0, sys.argv[1]); import promptc.testing"

    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False)

    assert (
        done.stderr.splitlines()[-1]
        == "ImportError: `promptc.testing` needs hypothesis: `pip install 'promptc[testing]'`"
    )
    assert done.stderr.count("Traceback") == 1


def test_nothing_else_imports_hypothesis() -> None:
    script = (
        "import sys, promptc, promptc.cli.main, promptc.pipeline.fuzz\n"
        "for name in promptc.__all__: getattr(promptc, name)\n"
        "assert 'hypothesis' not in sys.modules"
    )

    subprocess.run([sys.executable, "-c", script], check=True)
