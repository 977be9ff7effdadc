"""Single steps of the Action: which base is found, what is installed, what fails the job."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.action.forge import Forge
from tests.workshop import REPO


def script(name: str, cwd: Path, **env: str) -> tuple[int, str, dict[str, str]]:
    """Run a step's script; returns its exit code, what it printed, and its outputs."""
    output = cwd.parent / "output"
    output.write_text("")
    done = subprocess.run(
        ["sh", str(REPO / "action" / name)],
        cwd=cwd,
        env={**os.environ, **env, "GITHUB_OUTPUT": str(output)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    lines = output.read_text().splitlines()
    return done.returncode, done.stdout, dict(line.split("=", 1) for line in lines)


# The base


@pytest.fixture(scope="module")
def forge(tmp_path_factory: pytest.TempPathFactory) -> Forge:
    return Forge.make(tmp_path_factory.mktemp("forge"), lambda work: (work / "note.md").write_text("new\n"))


def base(forge: Forge, folder: Path, **env: str) -> tuple[int, str, dict[str, str]]:
    return script("base.sh", folder, **forge.env(BASE="", LFS="false", **env))


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_the_base_of_what_merging_gives_is_the_branch_it_goes_into(forge: Forge, depth: int) -> None:
    folder = forge.checkout(f"merged-{depth}", depth=depth)

    assert base(forge, folder) == (0, "", {"base": forge.commit("main")})


def test_the_base_of_a_branch_is_where_it_started(forge: Forge) -> None:
    folder = forge.checkout("branch", "refs/heads/change", depth=0)

    assert forge.commit("change~1") != forge.commit("main")
    assert base(forge, folder) == (0, "", {"base": forge.commit("change~1")})


def test_a_base_may_be_named(forge: Forge) -> None:
    folder = forge.checkout("named", depth=0)
    wanted = forge.commit("change")

    assert script("base.sh", folder, **forge.env(BASE=wanted, LFS="false")) == (0, "", {"base": wanted})


@pytest.mark.parametrize("name", ["nowhere", "--output=pwned", "$(touch pwned)", "HEAD --all"])
def test_a_base_that_is_not_there_is_an_error(forge: Forge, name: str) -> None:
    folder = forge.checkout(name.encode().hex(), depth=0)

    assert script("base.sh", folder, **forge.env(BASE=name, LFS="false")) == (
        1,
        "::error title=promptc::the commit that `base` names is not in the checkout: check out with `fetch-depth: 0`\n",
        {},
    )
    assert not (folder / "pwned").exists()


def test_a_checkout_that_can_t_fetch_says_what_to_do(forge: Forge) -> None:
    folder = forge.checkout("alone", "refs/heads/change")
    forge.git("remote", "set-url", "origin", "file:///nowhere", cwd=folder)

    code, log, outputs = base(forge, folder)

    assert (code, outputs) == (1, {})
    assert log.splitlines()[-1] == (
        "::error title=promptc::the branch that the pull request goes into is not in the checkout: "
        "check out with `fetch-depth: 0`"
    )


def test_files_of_git_lfs_are_fetched_for_the_base(forge: Forge, tmp_path: Path) -> None:
    folder = forge.checkout("lfs", depth=0)
    (tmp_path / "git-lfs").write_text('#!/bin/sh\necho "lfs $*"\n')
    (tmp_path / "git-lfs").chmod(0o755)
    env = forge.env(BASE="", LFS="true")

    done = script("base.sh", folder, **env | {"PATH": f"{tmp_path}:{env['PATH']}"})

    wanted = forge.commit("main")
    assert done == (0, f"lfs fetch origin {wanted}\n", {"base": wanted})


# What is installed


@pytest.mark.parametrize(
    ("wanted", "asked"),
    [
        ("none", []),
        ("", ["python -m pip install --quiet --disable-pip-version-check /action"]),
        ("promptc==0.1.0", ["python -m pip install --quiet --disable-pip-version-check -- promptc==0.1.0"]),
        ("--index-url=x y", ["python -m pip install --quiet --disable-pip-version-check -- --index-url=x y"]),
    ],
)
def test_promptc_comes_from_where_the_input_says(tmp_path: Path, wanted: str, asked: list[str]) -> None:
    programs, folder = tmp_path / "bin", tmp_path / "folder"
    for each in (programs, folder):
        each.mkdir()
    for name in ("python", "promptc"):
        (programs / name).write_text(f'#!/bin/sh\necho {name} "$@" >>"$CALLS"\n')
        (programs / name).chmod(0o755)
    calls = tmp_path / "calls"
    env = {"PATH": f"{programs}:{os.environ['PATH']}", "CALLS": str(calls)}

    code, log, outputs = script(
        "install.sh", folder, **env, PROMPTC=wanted, GITHUB_ACTION_PATH="/action", RUNNER_TEMP=str(tmp_path)
    )

    assert (code, log) == (0, "")
    assert calls.read_text().splitlines() == [*asked, "promptc --version"]
    assert Path(outputs["folder"]).is_dir()


# What fails the job


@pytest.mark.parametrize(
    ("fail_on", "results", "said"),
    [
        ("check test", {"CHECK": "0", "TEST": "0", "DIFF": "0", "CHANGED": "true"}, ""),
        ("check test", {"CHECK": "1", "TEST": "0"}, "The check has findings."),
        ("check test", {"CHECK": "0", "TEST": "1"}, "Recorded answers are not good."),
        ("test", {"CHECK": "1", "TEST": "0", "DIFF": "1"}, ""),
        ("none", {"CHECK": "1", "TEST": "1", "DIFF": "1", "CHANGED": "true"}, ""),
        ("changes", {"CHECK": "1", "CHANGED": "true"}, "Requests, expectations or recordings have changed."),
        ("changes", {"CHECK": "1", "CHANGED": "false"}, ""),
        ("none", {"CHECK": "2"}, "`promptc check` ended with 2."),
        ("none", {}, "`promptc check` ended with 70."),
        (
            "none",
            {"CHECK": "0", "TEST": "5", "DIFF": "70"},
            "`promptc test` ended with 5. `promptc diff` ended with 70.",
        ),
        ("checks", {"CHECK": "0"}, "`fail-on` takes check, test, changes and none."),
        ("", {"CHECK": "0"}, "`fail-on` takes check, test, changes and none."),
    ],
)
def test_the_job_fails_on_what_it_was_told_to(tmp_path: Path, fail_on: str, results: dict[str, str], said: str) -> None:
    (tmp_path / "folder").mkdir()

    done = script("verdict.sh", tmp_path / "folder", FAIL_ON=fail_on, **results)

    assert done == (1 if said else 0, f"::error title=promptc::{said}\n" if said else "", {})


def test_words_of_an_answer_are_no_commands_of_the_log(tmp_path: Path) -> None:
    programs, folder = tmp_path / "bin", tmp_path / "folder"
    for each in (programs, folder):
        each.mkdir()
    (programs / "promptc").write_text('#!/bin/sh\necho "::error::forged"\nexit 1\n')
    (programs / "promptc").chmod(0o755)

    code, log, outputs = script("test.sh", folder, PATH=f"{programs}:{os.environ['PATH']}")

    before, forged, after = log.splitlines()
    stop = before.removeprefix("::stop-commands::")
    assert (code, outputs, forged) == (0, {"test": "1"}, "::error::forged")
    assert len(stop) == 32
    assert after == f"::{stop}::"


@pytest.mark.skipif(not shutil.which("jq"), reason="needs jq, whose language the filter is written in")
def test_the_filter_of_comments_gives_those_of_ones_own_by_their_first_lines() -> None:
    text = (REPO / "action" / "comment.sh").read_text(encoding="utf-8")
    (program,) = re.findall(r"^first='(.*?)'$", text, re.DOTALL | re.MULTILINE)
    bodies = [
        "<!-- promptc diff -->\r\nby the web",
        "<!-- promptc diff -->\nours",
        "another",
        "<!-- promptc diff -->\nforged",
    ]
    nodes = [{"databaseId": i, "viewerDidAuthor": i < 3, "body": body} for i, body in enumerate(bodies)]
    answer = {"data": {"repository": {"pullRequest": {"comments": {"nodes": nodes}}}}}

    done = subprocess.run(["jq", "-r", program], input=json.dumps(answer), capture_output=True, text=True, check=True)

    assert done.stdout == "0 <!-- promptc diff -->\n1 <!-- promptc diff -->\n2 another\n"


@pytest.mark.parametrize(("length", "told"), [(64_000, True), (65_536, False)])
def test_a_full_comment_gets_no_line_more(forge: Forge, tmp_path: Path, length: int, told: bool) -> None:  # noqa: FBT001
    programs, folder = tmp_path / "bin", forge.checkout(f"long-{length}", depth=0)
    programs.mkdir()
    found = {"changed": True, "cases": [], "elsewhere": [], "estimate": {"requests": 0, "dollars": None}}
    fake = f"""#!/bin/sh
while [ "$1" != -o ]; do shift; done
case $2 in
*.json) echo '{json.dumps(found)}' >"$2" ;;
*.md) head -c {length} /dev/zero | tr '\\0' x >"$2" ;;
esac
"""
    (programs / "promptc").write_text(fake)
    (programs / "promptc").chmod(0o755)
    out = tmp_path / "out"
    env = forge.env(BASE=forge.commit("main"), FOLDER=str(out), NUMBER="7", REPORT="pages")

    code, log, outputs = script(
        "diff.sh", folder, **env | {"PATH": f"{programs}:{env['PATH']}", "GITHUB_ACTION_PATH": str(REPO)}
    )

    assert (code, log) == (0, "")
    assert outputs == {
        "changed": "true",
        "cases": "0",
        "stale": "0",
        "requests": "0",
        "cost": "",
        "comment": f"{out}/report/comment.md",
        "diff": "0",
    }
    line = "\nSide by side: the pages in the artifact `pages` of [this run](https://forge.example/moths/prompts/actions/runs/42).\n"
    assert (out / "report" / "comment.md").read_text() == "x" * length + line * told
