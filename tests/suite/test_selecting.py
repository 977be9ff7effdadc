"""Which items there are, and how pytest's own options choose among them."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.suite.running import pytest_in, run_in
from tests.workshop import BUTTERFLY, Workshop

LUNA, ATLAS, LAPPET = (f"specs/moths.toml::{case}" for case in ("luna", "atlas", "lappet"))
BROKEN = BUTTERFLY.replace("[generationConfig]", "[generatoinConfig]")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["specs"], {LUNA, ATLAS, LAPPET}),
        (["specs/moths.toml"], {LUNA, ATLAS, LAPPET}),
        (["specs/moths.toml::atlas"], {ATLAS}),
        (["specs", "-k", "luna or lappet"], {LUNA, LAPPET}),
        (["specs", "-k", "large"], {ATLAS, LAPPET}),
        (["specs", "-m", "large", "--strict-markers"], {ATLAS, LAPPET}),
        (["specs", "-m", "green and by-hand_2.0 and not large", "-W", "error"], {LUNA}),
        (["specs", "-m", "skip"], {LUNA}),
        (["specs", "--deselect", ATLAS], {LUNA, LAPPET}),
        (["-v"], {LUNA, ATLAS, LAPPET}),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) else "",
)
def test_pytests_options_choose_among_cases(shop: Workshop, arguments: list[str], expected: set[str]) -> None:
    done = pytest_in(shop.root, *arguments)

    assert (done.code, done.err) == (0, "")
    assert done.cases == dict.fromkeys(expected, "PASSED")


def test_files_of_other_kinds_are_left_alone(shop: Workshop) -> None:
    for name in ("specs/_base.toml", "specs/_parts/x.toml", "pyproject.toml", "tests/data/x.toml", "tests/page.j2"):
        path = shop.root / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text("x = 1\n")
    (shop.root / "specs" / "notes.md").write_text("notes")

    done = pytest_in(shop.root, "-v")

    assert (done.code, set(done.cases)) == (0, {LUNA, ATLAS, LAPPET})


def test_specs_lie_where_the_project_file_says(shop: Workshop) -> None:
    (shop.root / "specs").rename(shop.root / "prompts")
    with (shop.root / "promptc.toml").open("a") as file:
        file.write('[paths]\nspecs = "prompts"\n')

    assert pytest_in(shop.root, "prompts").cases.keys() == {
        f"prompts/moths.toml::{c}" for c in ("luna", "atlas", "lappet")
    }


def test_no_project_file_is_needed(shop: Workshop) -> None:
    (shop.root / "promptc.toml").unlink()

    assert pytest_in(shop.root, "specs", "--promptc-target=emulator").last == "3 passed"
    assert pytest_in(shop.root / "specs", "moths.toml", "--promptc-target=emulator").last == "3 passed"


def test_a_repo_in_a_folder_that_is_called_specs_has_none(tmp_path: Path) -> None:
    repo = tmp_path / "specs" / "repo"
    repo.mkdir(parents=True)
    (repo / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    (repo / "test_own.py").write_text("def test_own():\n    pass\n")

    assert pytest_in(repo).last == "1 passed"


def test_folders_that_pytest_would_not_look_into_are_looked_into(shop: Workshop) -> None:
    (shop.root / "specs" / "build").mkdir()
    (shop.root / "specs" / "build" / "moth.toml").write_text(BUTTERFLY)

    assert "specs/build/moth.toml::default" in pytest_in(shop.root, "specs").cases
    assert pytest_in(shop.root, "specs", "--ignore=specs/build").last == "3 passed"


def test_templates_are_specs_too(shop: Workshop) -> None:
    front = BUTTERFLY.partition("[[turns]]")
    rest = "[generationConfig]" + front[2].partition("[generationConfig]")[2]
    (shop.root / "specs" / "page.j2").write_text(f"+++\n{front[0]}{rest}+++\nA moth\n")

    done = pytest_in(shop.root, "specs/page.j2")

    assert done.cases == {"specs/page.j2::default": "FAILED"}
    assert "P502: has no recording" in done.out


def test_x_stops_lf_goes_on_there_and_ff_begins_there(shop: Workshop) -> None:
    shop.edit("moths", '"Atlas"', '"Atlus"')

    assert pytest_in(shop.root, "specs", "-x").cases == {LUNA: "PASSED", ATLAS: "FAILED"}
    assert pytest_in(shop.root, "specs", "--lf").cases == {ATLAS: "FAILED"}
    assert list(pytest_in(shop.root, "specs", "--ff").cases) == [ATLAS, LUNA, LAPPET]
    shop.edit("moths", '"Atlus"', '"Atlas"')
    assert pytest_in(shop.root, "specs", "--lf").cases == {ATLAS: "PASSED"}


def test_collect_only_runs_nothing(shop: Workshop) -> None:
    done = pytest_in(shop.root, "specs", "--collect-only", "-q")

    assert done.code == 0
    assert done.out.startswith(f"{LUNA}\n{ATLAS}\n{LAPPET}\n\n3 tests collected")


def test_two_processes_come_to_the_same_verdicts(shop: Workshop) -> None:
    shop.edit("moths", '"Atlas"', '"Atlus"')

    alone, shared = (pytest_in(shop.root, "specs", *options) for options in ((), ("-n", "2")))

    assert shared.cases == alone.cases == {LUNA: "PASSED", ATLAS: "FAILED", LAPPET: "PASSED"}
    assert shared.section("promptc") == alone.section("promptc")
    assert shared.section("short test summary info") == alone.section("short test summary info")


def test_dots_are_pytests_own_where_other_tests_are_asked_for_too(shop: Workshop) -> None:
    (shop.root / "test_own.py").write_text("def test_own():\n    pass\n")

    assert "\nspecs/moths.toml ... " in pytest_in(shop.root, "specs", "test_own.py").out
    assert "\nspecs/moths.toml ... " in pytest_in(shop.root).out
    assert pytest_in(shop.root, "specs", "-q").out.startswith("... ")


@pytest.mark.parametrize("options", [(), ("-k", "luna"), ("-m", "large"), ("-n", "2")])
def test_a_spec_with_mistakes_fails_whatever_is_selected(shop: Workshop, options: tuple[str, ...]) -> None:
    (shop.root / "specs" / "broken.toml").write_text(BROKEN)

    done = pytest_in(shop.root, "specs", *options)

    assert done.code == 1
    assert done.cases["specs/broken.toml::+mistakes"] == "FAILED"
    assert {word for name, word in done.cases.items() if "moths" in name} == {"PASSED"}
    assert (
        "error[P003]: unknown key `generatoinConfig`\n"
        "  --> specs/broken.toml:6:2\n"
        "  |\n"
        "6 | [generatoinConfig]\n"
        "  |  ^^^^^^^^^^^^^^^^\n"
    ) in done.section("FAILURES")
    assert "Traceback" not in done.out


def test_a_case_of_a_spec_with_mistakes_fails_with_them(shop: Workshop) -> None:
    (shop.root / "specs" / "broken.toml").write_text(BROKEN)

    done = pytest_in(shop.root, "specs/broken.toml::default")

    assert (done.code, done.cases) == (1, {"specs/broken.toml::default": "FAILED"})
    assert "P003: unknown key `generatoinConfig`" in done.section("short test summary info")


def test_sound_cases_run_beside_the_mistakes_of_others(shop: Workshop) -> None:
    text = shop.spec("moths").read_text()
    shop.spec("moths").write_text(text.replace('{ species = "Lappet" }', "{ species = 7 }"))

    done = pytest_in(shop.root, "specs")

    assert done.cases == {"specs/moths.toml::+mistakes": "FAILED", LUNA: "PASSED", ATLAS: "PASSED"}


def test_a_case_that_is_not_there_is_pytests_usage_error(shop: Workshop) -> None:
    done = pytest_in(shop.root, "specs/moths.toml::lunar")

    assert done.code == 4
    assert "ERROR: not found: " in done.err


@pytest.mark.parametrize("options", [("specs",), ("specs", "-n", "2"), ("specs/moths.toml::luna",)])
def test_a_project_file_with_mistakes_is_told_once_and_nothing_runs(shop: Workshop, options: tuple[str, ...]) -> None:
    (shop.root / "specs" / "other.toml").write_text(BUTTERFLY)
    (shop.root / "promptc.toml").write_text("version = 1\nallow_emulater = true\n")

    done = pytest_in(shop.root, *options)

    assert done.code not in {0, 5}
    assert done.cases == {}
    assert (
        done.out.count("error[P003]: unknown key `allow_emulater`\n --> promptc.toml:2:1\n".replace(" -->", "  -->"))
        >= 1
    )
    assert "Traceback" not in done.out
    assert "passed" not in done.last


def test_recordings_of_no_case_fail_where_everything_runs(shop: Workshop) -> None:
    shop.edit("moths", 'name = "lappet"', 'name = "lappet-moth"')
    shop.record(accept=True)

    done = pytest_in(shop.root, "specs")

    assert done.code == 1
    assert done.section("FAILURES").partition("\n")[2] == (
        "error[P506]: no case is named `moths::lappet`, so nothing checks this recording\n"
        "  --> cassettes/moths/lappet.yaml\n"
        "   = help: `promptc prune` removes it with its pictures; to keep it, restore the spec\n"
    )
    assert done.section("short test summary info").startswith("FAILED specs::+recordings - P506: ")
    assert pytest_in(shop.root, "specs/moths.toml::luna").last == "1 passed"
    assert pytest_in(shop.root, "specs", "-k", "luna").last == "1 passed, 2 deselected"


@pytest.mark.parametrize("command", [("-m", "pytest"), ("-m", "promptc", "test")], ids=["pytest", "promptc test"])
def test_what_looks_like_a_spec_and_is_no_file_fails(shop: Workshop, command: tuple[str, ...]) -> None:
    (shop.root / "specs" / "gone.toml").symlink_to("moved.toml")
    (shop.root / "specs" / "folder.toml").mkdir()
    (shop.root / "elsewhere").mkdir()
    (shop.root / "specs" / "linked").symlink_to("../elsewhere")

    done = run_in(shop.root, sys.executable, "-P", *command)

    assert done.code == 1
    assert done.section("short test summary info") == (
        "FAILED specs/folder.toml::+mistakes - P006: a folder is named like a spec\n"
        "FAILED specs/gone.toml::+mistakes - P002: the file can't be read: no such file or directory\n"
        "FAILED specs/linked::+mistakes - P006: a linked folder is not searched for specs\n"
    )
    assert done.last == "3 failed, 3 passed"


FOREIGN = {
    "specs/service.toml": '[package]\nname = "service"\nmodel = "T"\n',
    "specs/not-toml.toml": "openapi: 3\n",
    "specs/page.j2": "{% if x %}hello{% endif %}\n",
    "specs/build/x.toml": "x = 1\n",
    "test_own.py": "def test_own():\n    pass\n",
}


def test_a_folder_of_specs_that_are_no_prompts_is_left_alone_and_that_is_said(tmp_path: Path) -> None:
    for name, text in FOREIGN.items():
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text(text)
    said = "promptc: `specs` holds no prompts, as it seems, and is left alone; a `promptc.toml` beside it says that it does"

    done = pytest_in(tmp_path)

    assert (done.code, done.last) == (0, "1 passed"), done.out
    assert said in done.out.splitlines()
    assert pytest_in(tmp_path, "specs").code == 5
    assert pytest_in(tmp_path, "specs/service.toml").code == 1
    assert run_in(tmp_path, sys.executable, "-P", "-m", "promptc", "test").code == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.toml", '[[turns]]\ntext = "A moth"\n'),
        ("a.toml", 'model = "gemini-3.1-flash-image"\n[[turn]]\ntext = "A moth"\n'),
        ("a.toml", 'extends = "_base.toml"\n'),
        ("a.j2", '+++\nmodel = "x"\n+++\nA moth\n'),
    ],
)
def test_one_prompt_makes_a_folder_of_prompts(tmp_path: Path, name: str, text: str) -> None:
    for other, words in {**FOREIGN, f"specs/sub/{name}": text}.items():
        (tmp_path / other).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / other).write_text(words)

    done = pytest_in(tmp_path, "-v")

    assert done.code == 1
    assert f"specs/sub/{name}::+mistakes" in done.cases or f"specs/sub/{name}::default" in done.cases, done.out
    assert "specs/service.toml::+mistakes" in done.cases


def test_paths_of_addopts_are_not_what_promptc_test_runs(shop: Workshop) -> None:
    (shop.root / "tests").mkdir()
    (shop.root / "tests" / "test_own.py").write_text("def test_own():\n    pass\n")
    (shop.root / "pytest.ini").write_text("[pytest]\naddopts = -q tests\n")

    assert run_in(shop.root, sys.executable, "-P", "-m", "promptc", "test").last == "3 passed"
    assert run_in(shop.root, sys.executable, "-P", "-m", "promptc", "test", "tests").last == "1 passed"
    assert run_in(shop.root, sys.executable, "-P", "-m", "promptc", "test", "-n", "1").last == "3 passed"


def test_a_repo_without_specs_pays_nothing(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.x]\n")
    (tmp_path / "test_own.py").write_text(
        "import sys\n\n\ndef test_own():\n"
        "    assert {name for name in sys.modules if name.startswith('promptc')} == {'promptc', 'promptc.pytest_plugin'}\n"
    )

    done = pytest_in(tmp_path)

    assert (done.code, done.last) == (0, "1 passed"), done.out
    assert "promptc:" not in done.out
    assert not done.section("promptc")


def test_the_plugin_imports_the_standard_library_and_pytest_alone() -> None:
    script = (
        "import sys, pytest\n"
        "before = set(sys.modules)\n"
        "import promptc.pytest_plugin\n"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "assert new - sys.stdlib_module_names == {'promptc'}, new\n"
        "assert not [name for name in sys.modules if name.startswith('promptc.') and name != 'promptc.pytest_plugin']\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
