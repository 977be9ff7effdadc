"""Workflow commands of GitHub Actions, character by character."""

from pathlib import Path

import pytest

from promptc.report.github import github
from promptc.report.workspace import repository_path
from tests.report.samples import ERROR, NOTE, ORPHAN, PLACELESS, SHOWN, WARNING, nasty, wide


def test_each_finding_is_a_workflow_command() -> None:
    assert github([ERROR, WARNING, NOTE, ORPHAN, PLACELESS]) == (
        "::error file=specs/a moth.toml,line=2,col=1,endLine=2,endColumn=7,title=P201 undefined-variable"
        "::`a:b,c` is 100%25 undefined%0Ain the case `luna`%0Aexpected: `species`%0Ahelp: did you mean `species`?"
        "%0Adeclared here: specs/a moth.toml:1:1\n"
        "::warning file=specs/a moth.toml,line=1,endLine=2,title=P205 unused-variable::unused\n"
        "::notice file=answers/a%2Cb%3Ac%25.json,title=P702 refused::the API refused\n"
        "::error file=cassettes/x/y.yaml,title=P506 orphaned-recording::no case is named `x::y`\n"
        "::error title=P409 model-name::the model is not known\n"
    )


def test_no_message_forges_a_command() -> None:
    (text,) = github([nasty()]).splitlines()

    assert text.startswith("::error file=a\\u001b[31mred")
    assert f"::{SHOWN}%0A" in text
    assert text.isprintable()


def test_a_picture_on_the_line_is_not_printed() -> None:
    assert github([wide()]) == (
        "::error file=long.json,line=1,col=1200014,endLine=1,endColumn=1200024,title=P401 unknown-field"
        "::unknown key `mimetype`\n"
    )


def test_nothing_wrong_prints_nothing() -> None:
    assert github([]) == ""


def test_files_are_named_from_the_root_of_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "checkout" / "prompts").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "checkout" / "prompts")

    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    assert repository_path("specs/a.toml") == "specs/a.toml"

    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "checkout"))
    assert repository_path("specs/a.toml") == "prompts/specs/a.toml"
    assert repository_path(str(tmp_path / "checkout" / "b.json")) == "b.json"
    assert "file=prompts/cassettes/x/y.yaml," in github([ORPHAN])

    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "elsewhere"))
    assert repository_path("specs/a.toml") == "specs/a.toml"
