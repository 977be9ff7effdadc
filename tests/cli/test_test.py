"""`promptc test`: pytest with the project's specs."""

import importlib.util
import sys

import pytest

from tests.suite.running import MOTHS, Ran, run_in
from tests.workshop import Workshop

LUNA, ATLAS, LAPPET = (f"specs/moths.toml::{case}" for case in ("luna", "atlas", "lappet"))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    shop = Workshop.make(tmp_path_factory.mktemp("test") / "repo", {"moths": MOTHS})
    assert shop.record().good
    (shop.root / "test_own.py").write_text("def test_own():\n    pass\n")
    return shop


def promptc(shop: Workshop, *arguments: str, below: str = ".", autoload: str = "") -> Ran:
    return run_in(
        shop.root / below, sys.executable, "-m", "promptc", *arguments, PYTEST_DISABLE_PLUGIN_AUTOLOAD=autoload
    )


def test_every_spec_of_the_project_runs_and_nothing_else(shop: Workshop) -> None:
    done = promptc(shop, "test", "-W", "error")

    assert (done.code, done.err) == (0, "")
    assert list(done.cases) == [LUNA, ATLAS, LAPPET]
    assert done.last == "3 passed"


@pytest.mark.parametrize(
    ("arguments", "cases"),
    [
        (["-k", "luna"], [LUNA]),
        (["-m", "large"], [ATLAS, LAPPET]),
        (["specs/moths.toml::luna"], [LUNA]),
        (["-x", "--maxfail", "2", "-v"], [LUNA, ATLAS, LAPPET]),
        (["test_own.py", "-v"], ["test_own.py::test_own"]),
    ],
    ids=["k", "m", "case", "options", "other"],
)
def test_arguments_go_to_pytest(shop: Workshop, arguments: list[str], cases: list[str]) -> None:
    assert list(promptc(shop, "test", *arguments).cases) == cases


def test_it_works_from_a_folder_below(shop: Workshop) -> None:
    done = promptc(shop, "test", below="specs")

    assert (done.code, done.last) == (0, "3 passed")
    assert f"rootdir: {shop.root}\n" in done.out


def test_two_processes_share_the_cases(shop: Workshop) -> None:
    if importlib.util.find_spec("xdist") is None:
        pytest.skip("pytest-xdist is not installed")

    assert set(promptc(shop, "test", "-n", "2").cases) == {LUNA, ATLAS, LAPPET}


def test_an_option_of_a_plugin_that_is_not_there_is_pytests_usage_error(shop: Workshop) -> None:
    done = promptc(shop, "test", "-n", "2", "-p", "no:xdist")

    assert done.code == 4
    assert "error: unrecognized arguments: -n" in done.err


def test_a_config_of_the_users_counts(shop: Workshop) -> None:
    (shop.root / "pytest.ini").write_text("[pytest]\naddopts = -q\ntestpaths = elsewhere\n")
    try:
        done = promptc(shop, "test")
    finally:
        (shop.root / "pytest.ini").unlink()

    assert done.code == 0
    assert done.out.startswith("...")


def test_it_needs_no_plugin_that_loads_itself(shop: Workshop) -> None:
    assert promptc(shop, "test", autoload="1").last == "3 passed"


def test_outside_of_a_project_it_says_so(shop: Workshop) -> None:
    done = promptc(shop, "test", below="..")

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: no promptc project here: neither ")


def test_a_new_repo_is_green(shop: Workshop) -> None:
    assert promptc(shop, "init", "new", below="..").code == 0

    done = promptc(shop, "test", below="../new")

    assert done.code == 0, done.out
    assert set(done.cases.values()) == {"PASSED"}
