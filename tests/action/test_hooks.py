"""pre-commit's hooks: their entries, run by git itself as pre-commit runs them."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.action.forge import Forge
from tests.workshop import REPO

HOOKS: dict[str, dict[str, Any]] = {
    hook["id"]: hook for hook in yaml.safe_load((REPO / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A checkout of the example prompts whose commits run both hooks."""
    work = Forge.make(tmp_path, lambda work: (work / "note.md").write_text("new\n")).root / "work"
    entries = "".join(f"{hook['entry']} || failed=1\n" for hook in HOOKS.values())
    hook = work / ".git" / "hooks" / "pre-commit"
    hook.write_text(f"#!/bin/sh\n{entries}exit ${{failed:-0}}\n")
    hook.chmod(0o755)
    return work


def commit(repo: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    who = {f"GIT_{role}_{what}": "a@forge.example" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return subprocess.run(
        ["git", "commit", "-q", "-a", "-m", "A change"],
        cwd=repo,
        env={**os.environ, **who, "PATH": path, "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def test_a_commit_of_a_changed_prompt_without_its_recording_is_refused(repo: Path) -> None:
    spec = repo / "specs" / "butterfly.toml"
    spec.write_text(spec.read_text().replace("textured parchment", "textured vellum"))
    before = subprocess.run(["git", "rev-parse", "HEAD"], cwd=repo, capture_output=True, check=True).stdout

    done = commit(repo)

    assert done.returncode == 1
    assert "error[P501]: the recording of `butterfly::default` is stale: the request has changed since\n" in done.stdout
    assert subprocess.run(["git", "rev-parse", "HEAD"], cwd=repo, capture_output=True, check=True).stdout == before


def test_a_commit_of_prompts_that_are_in_order_is_made(repo: Path) -> None:
    spec = repo / "specs" / "butterfly.toml"
    spec.write_text(f"# a remark\n{spec.read_text()}")

    done = commit(repo)

    assert done.returncode == 0, done.stdout
    assert subprocess.run(["git", "status", "--short"], cwd=repo, capture_output=True, check=True).stdout == b""


@pytest.mark.parametrize(
    ("file", "hooks"),
    [
        ("specs/moth.toml", {"promptc-check", "promptc-pin"}),
        ("prompts/specs/images/a.png", {"promptc-check", "promptc-pin"}),
        ("cassettes/moth/default.1.1.png", {"promptc-check"}),
        ("promptc.toml", {"promptc-check"}),
        ("prompts/promptc.toml", {"promptc-check"}),
        ("src/aspects/moth.py", set()),
        ("docs/specs.md", set()),
        ("mypromptc.toml", set()),
    ],
)
def test_hooks_run_for_what_they_look_at(file: str, hooks: set[str]) -> None:
    assert {name for name, hook in HOOKS.items() if re.search(hook["files"], file)} == hooks


def test_hooks_are_installed_by_pip_and_name_commands_that_exist() -> None:
    from promptc.cli.main import COMMANDS  # noqa: PLC0415 - only this test needs it

    for hook in HOOKS.values():
        program, command, *_ = shlex.split(hook["entry"])
        assert (program, hook["language"], hook["pass_filenames"]) == ("promptc", "python", False)
        assert command in COMMANDS


@pytest.mark.skipif(
    not shutil.which("pre-commit"), reason="needs pre-commit, which is not among the tools of the tests"
)
def test_pre_commit_takes_the_hooks_as_they_are() -> None:
    done = subprocess.run(["pre-commit", "validate-manifest", str(REPO / ".pre-commit-hooks.yaml")], check=False)
    assert done.returncode == 0
