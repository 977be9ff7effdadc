"""`check` and `validate` in the formats of continuous integration, as a shell sees them."""

import json
import random
import re
import unicodedata
from base64 import b64encode
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.test_docs import REPO, blocks, pattern, shell, steps
from tests.workshop import BUTTERFLY, Workshop

FORMS = ("full", "concise", "json", "github", "sarif", "junit")
JUNIT = "<?xml version='1.0' encoding='us-ascii'?>\n<testsuites>\n"
STRANGE = """\
model = "gemini-3.1-flash-image"

[[turns]]
text = "A moth" # \u202eraw\u2066\x9b31m

[generationConfig]
"zz\\u001b[31m\\r\\n::error::x\\u202e" = 1 # \u202e\x85
"""


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop.make(tmp_path, {"butterfly": BUTTERFLY, "moth": BUTTERFLY})


@pytest.fixture
def folder(tmp_path: Path) -> Workshop:
    """Return a folder that is no promptc project, with a good and a bad body."""
    (tmp_path / "good.json").write_text('{"contents": [{"parts": [{"text": "A moth"}]}]}')
    (tmp_path / "bad.json").write_text('{"contents": [{"parts": [{"text": "A moth"}]}],\n "zz": 1}')
    return Workshop(tmp_path)


def test_check_annotates_a_pull_request(shop: Workshop) -> None:
    shop.record("butterfly")
    shop.edit("moth", "[[turns]]\n", "expcet = 1\n\n[[turns]]\n")

    done = shop.command("check", "--format", "github")

    assert (done.returncode, done.stderr) == (1, "")
    assert re.fullmatch(
        r"::error file=specs/moth\.toml,line=3,col=1,endLine=3,endColumn=7,title=P003 unknown-key"
        r"::unknown key `expcet`%0Aexpected: [^\n]*%0Ahelp: did you mean `expect`\?\n",
        done.stdout,
    )
    assert shop.command("check", "butterfly", "--format", "github").stdout == ""


def test_check_names_files_from_the_root_of_the_checkout(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path / "prompts", {"moth": BUTTERFLY})

    annotated = shop.command("check", "--format", "github", GITHUB_WORKSPACE=str(tmp_path)).stdout
    scanned = shop.command("check", "--format", "sarif", GITHUB_WORKSPACE=str(tmp_path)).stdout

    assert annotated.startswith("::error file=prompts/specs/moth.toml,line=3,")
    assert '"uri": "prompts/specs/moth.toml"' in scanned


def test_check_as_sarif(shop: Workshop) -> None:
    shop.record("butterfly")

    bad = shop.command("check", "--format", "sarif")
    good = shop.command("check", "butterfly", "--format", "sarif")

    (result,) = json.loads(bad.stdout)["runs"][0]["results"]
    assert (result["ruleId"], result["message"]["text"].partition("\n")[0]) == (
        "P502",
        "`moth::default` has no recording",
    )
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": "specs/moth.toml",
        "uriBaseId": "%SRCROOT%",
    }
    assert json.loads(good.stdout)["runs"][0]["results"] == []
    assert (bad.returncode, good.returncode, bad.stderr) == (1, 0, "")


def test_check_as_junit_has_a_test_for_each_spec_and_case(shop: Workshop) -> None:
    shop.record("butterfly")
    with shop.spec("moth").open("a") as file:
        file.write('\n[[cases]]\nname = "luna"\nskip = "no picture yet"\n\n[[cases]]\nname = "atlas"\n')

    done = shop.command("check", "--format", "junit")

    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == (
        f"{JUNIT}"
        '  <testsuite name="promptc check" tests="5" failures="1" errors="0" skipped="1">\n'
        '    <testcase classname="promptc check" name="specs/butterfly.toml" />\n'
        '    <testcase classname="promptc check" name="butterfly::default" />\n'
        '    <testcase classname="promptc check" name="specs/moth.toml" />\n'
        '    <testcase classname="promptc check" name="moth::luna">\n'
        '      <skipped message="no picture yet" />\n'
        "    </testcase>\n"
        '    <testcase classname="promptc check" name="moth::atlas">\n'
        '      <failure type="P502" message="`moth::atlas` has no recording">'
        "error[P502]: `moth::atlas` has no recording\n"
        "  --&gt; specs/moth.toml:15:8\n"
        "   |\n"
        '15 | name = "atlas"\n'
        "   |        ^^^^^^^\n"
        "   = expected: cassettes/moth/atlas.yaml\n"
        "   = help: `promptc record specs/moth.toml::atlas` asks for it; "
        "`--target emulator` asks a stand-in instead\n"
        "</failure>\n"
        "    </testcase>\n"
        "  </testsuite>\n"
        "</testsuites>\n"
    )


def test_validate_annotates_a_pull_request(folder: Workshop) -> None:
    done = folder.command("validate", "good.json", "bad.json", "--model", "gemni", "--format", "github")

    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    assert [line.partition("::unknown")[0] for line in lines if "P401" in line] == [
        "::error file=bad.json,line=2,col=2,endLine=2,endColumn=6,title=P401 unknown-field"
    ]
    assert [line.partition(",")[0] for line in lines if "P409" in line] == [
        "::notice file=good.json",
        "::notice file=bad.json",
    ]
    assert len(lines) == 3


def test_validate_as_sarif(folder: Workshop) -> None:
    done = folder.command("validate", "good.json", "bad.json", "--format", "sarif")

    (result,) = json.loads(done.stdout)["runs"][0]["results"]
    assert (done.returncode, done.stderr, result["ruleId"]) == (1, "", "P401")
    assert result["locations"][0]["physicalLocation"]["region"]["snippet"] == {"text": '"zz"'}


def test_validate_as_junit_has_a_test_for_each_file(folder: Workshop) -> None:
    done = folder.command("validate", "good.json", "--format", "junit")
    bad = folder.command("validate", "good.json", "bad.json", "--format", "junit")

    assert (done.returncode, bad.returncode) == (0, 1)
    assert done.stdout == (
        f'{JUNIT}  <testsuite name="promptc validate" tests="1" failures="0" errors="0" skipped="0">\n'
        '    <testcase classname="promptc validate" name="good.json" />\n'
        "  </testsuite>\n"
        "</testsuites>\n"
    )
    cases = list(ET.fromstring(bad.stdout).iter("testcase"))
    assert [(case.get("name"), [child.get("type") for child in case]) for case in cases] == [
        ("good.json", []),
        ("bad.json", ["P401"]),
    ]


def test_the_canonical_form_stays_alone_on_standard_output(folder: Workshop) -> None:
    done = folder.command("validate", "good.json", "bad.json", "--canonical", "--format", "github")

    assert json.loads(done.stdout) == {"contents": [{"parts": [{"text": "A moth"}]}]}
    assert done.stderr.startswith("::error file=bad.json,line=2,")


@pytest.mark.parametrize("form", FORMS)
def test_nothing_that_users_write_steers_a_terminal(tmp_path: Path, form: str) -> None:
    shop = Workshop.make(tmp_path, {"moth": STRANGE})
    (shop.root / "a\x1b[0m\u202e.json").write_text(
        '{"contents": [],\n "zz\x7f\u202e\u0085\ufeff": 1}', encoding="utf-8"
    )

    checked = shop.command("check", "--format", form)
    validated = shop.command("validate", "a\x1b[0m\u202e.json", "--format", form)

    assert (checked.returncode, validated.returncode) == (1, 1)
    for text in (checked.stdout, checked.stderr, validated.stdout, validated.stderr):
        raw = {char for char in text.replace("\n", "") if unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"}}
        assert not raw
        assert not re.search("^::error::x", text, re.MULTILINE)
    assert "u001b[31m" in checked.stdout
    assert "u202e" in validated.stdout


@pytest.mark.parametrize("form", FORMS)
def test_no_format_prints_a_picture(folder: Workshop, form: str) -> None:
    data = b64encode(random.Random(1).randbytes(3_000_000)).decode()
    part = {"inlineData": {"mimeType": "image/png", "data": data, "dta": data}, "text": "both", data: 1}
    (folder.root / "bad.json").write_text(json.dumps({"contents": [{"parts": [part]}]}))

    done = folder.command("validate", "bad.json", "--format", form)

    assert done.returncode == 1
    assert not re.search("[A-Za-z0-9+/]{73}", done.stdout + done.stderr)
    assert max(len(line) for line in done.stdout.splitlines()) < 1000
    assert len(done.stdout) < (44_000 if form == "sarif" else 5000)  # the rules are most of it


def test_a_format_that_is_none_is_refused(shop: Workshop) -> None:
    done = shop.command("check", "--format", "xml")

    assert done.returncode == 2
    assert "'xml' is not one of 'full', 'concise', 'json', 'github', 'sarif', 'junit'" in done.stderr


def test_the_page_about_checking_works_as_it_is_printed(tmp_path: Path) -> None:
    page = (REPO / "docs" / "check.md").read_text(encoding="utf-8")
    printed = 0
    for command, expected in (step for block in blocks(page, "console") for step in steps(block)):
        text = shell(command, tmp_path)
        printed += bool(text)
        assert re.fullmatch(pattern(expected) if expected else "", text), f"$ {command}\n{text}"
    assert printed == 3


def test_the_page_about_checking_names_every_format() -> None:
    page = (REPO / "docs" / "check.md").read_text(encoding="utf-8")

    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == list(FORMS)
