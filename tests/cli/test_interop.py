"""`promptc import cassette` and `promptc export cassette` as a shell sees them: text, JSON, exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest

from promptc.cli.main import main
from tests.workshop import BUTTERFLY, Workshop

STAND_IN = "by the emulator, stand-ins for the API's answers"


class Shell:
    """Runs command lines in this process; keeps what the last one printed."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self.capture = capture
        self.out = self.err = ""

    def run(self, line: str) -> int | str | None:
        self.capture.readouterr()
        with pytest.raises(SystemExit) as left:
            main(line.split())
        self.out, self.err = self.capture.readouterr()
        return left.value.code

    def json(self, line: str) -> Any:
        self.run(f"{line} --format json")
        return json.loads(self.out)


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """Return a project with one recording, and a plain cassette of it beside one of something else."""
    monkeypatch.chdir(tmp_path)
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY})
    shop.record()
    with pytest.raises(SystemExit):
        main(["export", "cassette", "-o", "plain"])
    shop.spec("other").write_text(BUTTERFLY.replace("Monarch", "Luna"))
    listing = {
        "request": {"method": "GET", "uri": "https://host.example/v1beta/models?key=no", "body": None, "headers": {}},
        "response": {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": "{}"}},
    }
    (tmp_path / "other.json").write_text(json.dumps({"version": 1, "interactions": [listing]}))
    return shop


def test_an_import_tells_each_case_each_leftover_each_file_and_the_totals(shop: Workshop, shell: Shell) -> None:
    assert shell.run("import cassette plain/butterfly/default.yaml") == 0
    assert shell.out == (
        "unchanged butterfly::default: interaction 1 of plain/butterfly/default.yaml\n"
        "\n"
        "plain/butterfly/default.yaml: 1 interaction, 1 taken\n"
        f"1 unchanged; 1 recording {STAND_IN} — ok\n"
    )
    (shop.root / "cassettes").rename(shop.root / "before")
    assert shell.run("import cassette plain/butterfly/default.yaml other.json none.yaml") == 1
    assert shell.out == (
        "accepted  butterfly::default: interaction 1 of plain/butterfly/default.yaml\n"
        "\n"
        "error[P516]: nothing can be imported from this file: there is no such file\n"
        "  --> none.yaml\n"
        "   = expected: a cassette of vcrpy, format version 1, as YAML or JSON\n"
        "   = help: check the path\n"
        "\n"
        "error[P517]: no case takes interaction 1: "
        "it is no request to generateContent or streamGenerateContent (`GET /v1beta/models`)\n"
        "  --> other.json\n"
        "\n"
        "plain/butterfly/default.yaml: 1 interaction, 1 taken\n"
        "other.json: 1 interaction, 0 taken\n"
        f"1 accepted; 1 recording {STAND_IN} — not ok, 2 errors\n"
    )
    assert shell.err == ""
    assert shell.run("run butterfly") == 0


def test_an_import_as_json_says_who_took_what(shop: Workshop, shell: Shell) -> None:
    (shop.root / "cassettes").rename(shop.root / "before")
    found = shell.json("import cassette plain/butterfly/default.yaml other.json")

    assert found["good"] is False
    assert found["cases"] == [
        {
            "spec": "butterfly",
            "case": "default",
            "state": "accepted",
            "target": "emulator",
            "emulator": True,
            "recordedAt": None,
            "modelVersions": ["promptc-emulator/gemini-3.1-flash-image"],
            "interactions": [{"file": "plain/butterfly/default.yaml", "number": 1}],
        }
    ]
    assert found["files"] == [
        {
            "file": "plain/butterfly/default.yaml",
            "interactions": [{"number": 1, "line": 2, "cases": ["butterfly::default"]}],
        },
        {"file": "other.json", "interactions": [{"number": 1, "line": None, "cases": []}]},
    ]
    assert [(row["code"], row["name"], row["file"]) for row in found["diagnostics"]] == [
        ("P517", "unmatched-interaction", "other.json")
    ]


def test_an_answer_that_waits_is_told_and_leaves_with_one(shop: Workshop, shell: Shell) -> None:
    (shop.root / "cassettes").rename(shop.root / "before")
    assert shell.run("record --target emulator butterfly") == 0
    plain = shop.root / "plain" / "butterfly" / "default.yaml"
    plain.write_text(plain.read_text().replace("A stand-in drawn", "A picture drawn"))

    assert shell.run("import cassette plain/butterfly/default.yaml") == 1
    assert shell.out == (
        "pending   butterfly::default: interaction 1 of plain/butterfly/default.yaml\n"
        "\n"
        "error[P505]: a new answer of `butterfly::default` waits to be accepted\n"
        "  --> cassettes/butterfly/default.new.yaml\n"
        "   = help: `promptc review specs/butterfly.toml::default` shows it beside the old one, "
        "`promptc accept specs/butterfly.toml::default` makes it the truth, "
        "`promptc reject specs/butterfly.toml::default` removes it\n"
        "\n"
        "plain/butterfly/default.yaml: 1 interaction, 1 taken\n"
        f"1 pending; 1 recording {STAND_IN} — not ok, 1 error\n"
    )
    assert shell.run("import cassette --accept plain/butterfly/default.yaml") == 0


def test_selected_cases_alone_are_imported(shop: Workshop, shell: Shell) -> None:
    (shop.root / "cassettes").rename(shop.root / "before")
    assert shell.run("import cassette -k other plain/butterfly/default.yaml") == 1
    assert "none of the selected cases compiles to its request" in shell.out
    assert shell.run("import cassette -k nothing plain/butterfly/default.yaml") == 2
    assert shell.run("import cassette -k butterfly plain/butterfly/default.yaml") == 0


@pytest.mark.usefixtures("shop")
def test_an_export_tells_what_was_written_and_what_was_not(shell: Shell) -> None:
    assert shell.run("export cassette -o again") == 1
    assert shell.out == (
        "written   butterfly::default: again/butterfly/default.yaml\n"
        "missing   other::default\n"
        "\n"
        "error[P502]: `other::default` has no recording\n"
        "  --> specs/other.toml:3:3\n"
        "  |\n"
        "3 | [[turns]]\n"
        "  |   ^^^^^\n"
        "   = expected: cassettes/other/default.yaml\n"
        "   = help: `promptc record specs/other.toml::default` asks for it; `--target emulator` asks a stand-in instead\n"
        "\n"
        f"1 case written, 1 not; 1 recording {STAND_IN} — not ok, 1 error\n"
    )
    assert shell.run("export cassette butterfly -o again") == 1
    assert shell.out.startswith("refused   butterfly::default\n\nerror[P509]: ")
    assert shell.run("export cassette butterfly -o again --force") == 0
    assert shell.out == (
        f"written   butterfly::default: again/butterfly/default.yaml\n\n1 case written; 1 recording {STAND_IN} — ok\n"
    )
    found = shell.json("export cassette -o third")
    assert (found["good"], [(row["spec"], row["recording"], row["file"]) for row in found["cases"]]) == (
        False,
        [("butterfly", "fresh", "third/butterfly/default.yaml"), ("other", "missing", None)],
    )


def test_what_makes_no_sense_is_a_usage_error(shop: Workshop, shell: Shell) -> None:
    for line in (
        "import",
        "import cassette",
        "import casette x",
        "export",
        "export cassette",
        "export cassette -o specs",
    ):
        assert shell.run(line) == 2, line
    assert shell.err == "error: `specs` can't take output: it lies in `specs`; choose another folder\n"
    assert shop.files("specs")


@pytest.mark.parametrize("line", ["import --help", "export --help", "import cassette --help", "export cassette --help"])
def test_each_part_explains_itself(shell: Shell, line: str) -> None:
    assert shell.run(line) == 0
    assert shell.out.startswith(f"Usage: promptc {line.removesuffix(' --help')} ")
