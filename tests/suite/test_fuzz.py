"""`promptc test --fuzz N`: an item for each spec with variables."""

import os
from pathlib import Path

import promptc
from tests.suite.running import MOTHS, pytest_in
from tests.workshop import BUTTERFLY, Workshop

WARM = """
[variables.warmth]
type = "number"
default = 1
minimum = 0
"""


def test_each_spec_with_variables_is_tried_and_a_sound_one_passes(shop: Workshop) -> None:
    (shop.root / "specs" / "fixed.toml").write_text(BUTTERFLY)

    done = pytest_in(shop.root, "specs", "--promptc-fuzz=20", "-k", "fuzz")

    assert (done.code, done.err) == (0, "")
    assert done.cases == {"specs/moths.toml::+fuzz": "PASSED"}


def test_the_smallest_values_that_break_a_spec_are_shown(shop: Workshop) -> None:
    text = MOTHS.replace("[generationConfig]\n", '[generationConfig]\ntemperature = "{{ warmth }}"\n')
    shop.spec("moths").write_text(text.replace("[[turns]]", f"{WARM}\n[[turns]]"))

    done = pytest_in(shop.root, "specs/moths.toml::+fuzz", "--promptc-fuzz=200")

    assert done.code == 1
    assert done.section("FAILURES").partition("\n")[2] == (
        "error[P407]: expected at most 2, got 3\n"
        "  --> specs/moths.toml:16:15\n"
        "   |\n"
        '16 | temperature = "{{ warmth }}"\n'
        "   |               ^^^^^^^^^^^^^^\n"
        "   = in the case `luna`\n"
        "   = with warmth = 3\n"
        "   = `promptc compile specs/moths.toml::luna --var warmth=3` shows it\n"
        "   = declared here: specs/moths.toml:7:12\n"
    )
    assert done.section("short test summary info") == (
        "FAILED specs/moths.toml::+fuzz - P407: expected at most 2, got 3\n"
    )


def test_without_the_option_nothing_is_drawn(shop: Workshop) -> None:
    assert "+fuzz" not in pytest_in(shop.root, "specs", "--collect-only", "-q").out


def test_the_command_has_the_option(shop: Workshop) -> None:
    done = shop.command("test", "--fuzz", "5", "-k", "fuzz")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "specs/moths.toml::+fuzz PASSED" in done.stdout


def test_a_number_that_is_none_is_refused(shop: Workshop) -> None:
    done = pytest_in(shop.root, "specs", "--promptc-fuzz=0")

    assert (done.code, done.err) == (4, "ERROR: --promptc-fuzz takes a number from 1 on, not 0\n\n")


def test_without_hypothesis_it_says_what_to_install(shop: Workshop) -> None:
    (shop.root / "without").mkdir()
    (shop.root / "without" / "hypothesis.py").write_text("raise ImportError('not here')\n")

    path = os.pathsep.join(map(str, (shop.root / "without", Path(promptc.__file__).parent.parent)))
    done = pytest_in(shop.root, "specs", "--promptc-fuzz=5", PYTHONPATH=path)

    assert (done.code, done.err) == (
        4,
        "ERROR: drawing values needs hypothesis: `pip install 'promptc[testing]'`\n\n",
    )
