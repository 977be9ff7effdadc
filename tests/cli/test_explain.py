"""`promptc explain`: a code or its name, what it means, and the examples that tests have run."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from promptc.codes import CODES
from promptc.explanation import explanation
from promptc.report.explanation import codes_text, explanation_text
from promptc.report.style import Style
from tests.workshop import Workshop

TOLD = """\
P210 variable-set-twice

A case and the matrix set the same variable.

Only one of the two values could win, and the case's name would still promise the other one.

specs/moth.toml:
    model = "gemini-3.1-flash-image"

    [variables.ground]
    type = "string"

    [[turns]]
    text = "A Luna moth on {{ ground }}"

    [[cases]]
    name = "luna"
    variables = { ground = "birch bark" }

    [matrix]
    ground = ["birch bark", "oak bark"]

    $ promptc compile

    error[P210]: `ground` is set by the case and by the matrix
      --> specs/moth.toml:11:15
       |
    11 | variables = { ground = "birch bark" }
       |               ^^^^^^
       = help: remove it from one of them
       = the matrix sets it here: specs/moth.toml:14:1

To mend it: remove it from one of them.

specs/moth.toml:
     name = "luna"
    -variables = { ground = "birch bark" }
"""


def test_a_code_is_explained_with_its_examples(tmp_path: Path) -> None:
    done = Workshop(tmp_path).command("explain", "P210")

    assert (done.returncode, done.stdout, done.stderr) == (0, TOLD, "")


@pytest.mark.parametrize("word", ["p210", "variable-set-twice", "Variable-Set-Twice"])
def test_a_code_or_its_name_is_found_in_any_case(tmp_path: Path, word: str) -> None:
    assert Workshop(tmp_path).command("explain", word).stdout == TOLD


@pytest.mark.parametrize(
    ("word", "start"),
    [
        ("undefined-variabel", "did you mean `undefined-variable`"),
        ("P2100", "did you mean `P210`"),
        ("moth", "`promptc explain` lists the codes"),
    ],
)
def test_an_unknown_code_gets_a_suggestion(tmp_path: Path, word: str, start: str) -> None:
    done = Workshop(tmp_path).command("explain", word)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: there is no code `{word}`; {start}")


def test_without_a_code_all_are_listed_in_groups(tmp_path: Path) -> None:
    listed = Workshop(tmp_path).command("explain").stdout

    groups = listed.split("\n\n")
    assert groups[6] == (
        "answers\n  P601  expectation-failed\n  P602  answer-unreadable\n  P603  blocked\n  P604  only-a-thought\n"
        "  P605  mislabelled-picture"
    )
    assert groups[-1] == "`promptc explain CODE` says more.\n"
    assert re.findall(r"P\d{3}", listed) == list(CODES)


def test_scripts_get_the_same_as_json(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)

    told = shop.json("explain", "P410", "--format", "json")
    listed = shop.json("explain", "--format", "json")

    assert {key: told[key] for key in ("code", "name", "group", "meaning", "remedy")} in listed["codes"]
    assert [row["code"] for row in listed["codes"]] == list(CODES)
    assert told["why"].startswith("Step 2 sends the whole conversation")
    assert [block["kind"] for block in told["bad"]] == ["file", "file", "commands"]
    assert told["output"].startswith("note[P410]: step 2 of `moth::default` needs")
    assert json.dumps(told["mended"]).count("promptc record --target emulator moth") == 1


def test_what_no_command_brings_about_is_told_without_an_example(tmp_path: Path) -> None:
    told = Workshop(tmp_path).command("explain", "P703").stdout

    assert told.startswith("P703 offline\n\nSomething wanted the network in record mode `none`.\n")
    assert "There is no example" in told
    assert told.endswith("\n\nTo mend it: record the case, or choose another record mode.\n")


@pytest.mark.parametrize("code", ["P210", "P410", "P703"])
def test_colour_changes_no_word(code: str) -> None:
    told = explanation(code)

    painted = explanation_text(told, Style(colour=True))

    assert "\x1b[" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == explanation_text(told, Style())
    assert re.sub(r"\x1b\[[0-9;]*m", "", codes_text(Style(colour=True))) == codes_text(Style())


def test_explaining_imports_nothing_heavy() -> None:
    script = (
        "import sys\n"
        "from promptc.cli.main import main\n"
        "try:\n    main(['explain', 'P201'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'vcr', 'requests', 'jsonschema', 'jinja2', 'PIL', 'yaml', 'http.server'} & sys.modules.keys()\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
