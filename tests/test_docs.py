"""The docs: every command of the tour, every spec of the reference, every link."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.repository import Clone
from tests.workshop import copy_example, timeless

REPO = Path(__file__).parent.parent
README = (REPO / "README.md").read_text(encoding="utf-8")
PAGES = [REPO / "README.md", REPO / "CHANGELOG.md", *sorted((REPO / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(text: str, language: str) -> list[str]:
    return [body for name, body in BLOCK.findall(text) if name == language]


def steps(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each command of a console block with the lines that it should print."""
    for chunk in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, *expected = chunk.rstrip("\n").split("\n")
        yield command, expected


def pattern(lines: list[str]) -> str:
    """Return a regular expression for printed lines; a line of three dots stands for any lines."""
    return "".join(r"(?:.*\n)*?" if line == "..." else re.escape(timeless(line)) + "\n" for line in lines)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    copy_example(tmp_path)
    return tmp_path


def shell(command: str, folder: Path) -> str:
    """Run a line as the tour's reader does; return what a terminal would show."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    clean = {key: value for key, value in os.environ.items() if not key.endswith("_KEY")}
    environment = {**clean, "PATH": path, "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    return done.stdout


def walk(text: str, folder: Path) -> int:
    """Run a page's commands and compare what they print; returns how many there are."""
    seen = 0
    for block in blocks(text, "console"):
        for command, expected in steps(block):
            printed = shell(command, folder)
            seen += 1
            if expected:
                assert re.fullmatch(pattern(expected), timeless(printed)), f"$ {command}\n{printed}"
            else:
                assert not printed, f"$ {command}\n{printed}"
    return seen


def test_the_tour_works_as_it_is_printed(checkout: Path) -> None:
    tour = README.partition("## A tour")[2].partition("## The commands")[0]
    digits = Clone.make(checkout).commit()

    assert walk(tour.replace("3f2a91c", digits[:7]), checkout) >= 10


def test_cassettes_go_out_and_come_in_as_the_page_shows(checkout: Path) -> None:
    page = (REPO / "docs" / "interop.md").read_text(encoding="utf-8")
    (script,) = blocks(page, "python")
    (checkout / "replay.py").write_text(script)
    assert walk(page, checkout) == 8


def test_new_answers_are_reviewed_as_the_page_shows(checkout: Path) -> None:
    assert walk((REPO / "docs" / "review.md").read_text(encoding="utf-8"), checkout) == 9


def test_a_report_is_written_as_its_page_shows(checkout: Path) -> None:
    assert walk((REPO / "docs" / "report.md").read_text(encoding="utf-8"), checkout) == 1


def test_a_change_is_told_as_its_page_shows(checkout: Path) -> None:
    page = (REPO / "docs" / "diff.md").read_text(encoding="utf-8")
    digits = Clone.make(checkout).commit()

    assert walk(page.replace("3f2a91c", digits[:7]), checkout) == 2


def test_a_plan_is_made_as_the_page_shows(checkout: Path) -> None:
    assert walk((REPO / "docs" / "plan.md").read_text(encoding="utf-8"), checkout) == 2


def test_pytest_runs_specs_as_the_page_shows(checkout: Path) -> None:
    page = (REPO / "docs" / "testing.md").read_text(encoding="utf-8")
    (script,) = blocks(page, "python")
    (checkout / "test_own.py").write_text(script)

    for block in blocks(untimed(page), "console"):
        for command, expected in steps(block):
            printed = timeless(untimed(shell(command, checkout)))
            assert re.fullmatch(pattern(expected), printed), f"$ {command}\n{printed}"

    assert untimed(shell("pytest -q test_own.py", checkout)).splitlines()[-1] == "3 passed"


def test_a_change_is_told_in_a_shell_as_the_page_shows(checkout: Path) -> None:
    spec = checkout / "specs" / "butterfly.toml"
    page = (REPO / "docs" / "ci.md").read_text(encoding="utf-8")
    git = "git -c user.name=a -c user.email=a@forge.example"
    shell(f"git init -q -b main && git add . && {git} commit -q -m 'The prompts'", checkout)
    spec.write_text(spec.read_text().replace("textured parchment", "textured vellum"))
    shell(f"git checkout -q -b change && {git} commit -q -a -m 'A change'", checkout)

    assert walk(page, checkout) == 5

    assert "vellum" in (checkout / "comment.md").read_text(encoding="utf-8")
    assert (checkout / "out" / "diff.html").exists()


def test_the_page_names_all_that_the_action_takes_and_gives() -> None:
    page = (REPO / "docs" / "ci.md").read_text(encoding="utf-8")
    action = yaml.safe_load((REPO / "action.yml").read_text(encoding="utf-8"))
    rows = dict(re.findall(r"^\| `([\w-]+)` \|([^|]*)\|", page, re.MULTILINE))

    given = {name: str(row["default"]) for name, row in action["inputs"].items()} | {"token": "the job's"}
    assert {name: default.strip("` ") for name, default in rows.items()} == given
    assert [name for name in action["outputs"] if f"`{name}`" not in page] == []


def test_lines_of_git_lfs_leave_what_reviews_are_about_in_git(checkout: Path) -> None:
    page = (REPO / "docs" / "ci.md").read_text(encoding="utf-8")
    (lines,) = blocks(page, "text")
    (checkout / ".gitattributes").write_text((REPO / "promptc/starter/gitattributes").read_text() + lines)

    asked = "cassettes/a/b.yaml cassettes/a/b.1.1.png specs/a.toml specs/b.j2 specs/images/a.png promptc.toml"
    told = shell(f"git init -q && git check-attr filter text -- {asked}", checkout)

    assert [line.split(": ")[0] for line in told.splitlines() if line.endswith("filter: lfs")] == [
        "cassettes/a/b.1.1.png",
        "specs/images/a.png",
    ]
    assert {line for line in told.splitlines() if line.endswith("text: set")} == {
        "specs/a.toml: text: set",
        "specs/b.j2: text: set",
    }


def untimed(text: str) -> str:
    """Return pytest's lines without the seconds that they took."""
    return re.sub(r" in \d+\.\d+s", "", text)


def test_the_first_message_is_the_real_one(checkout: Path) -> None:
    message = blocks(README, "text")[0]
    spec = checkout / "specs" / "butterfly.toml"
    spec.write_text(spec.read_text().replace("textured parchment", "textured vellum"))

    printed = shell("promptc check butterfly", checkout)

    assert f"\n\n{timeless(message)}" in timeless(printed)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_the_readme_names_every_command() -> None:
    from promptc.cli.main import COMMANDS  # noqa: PLC0415 - only this test needs it

    table = README.partition("## The commands")[2].partition("## More")[0]
    assert all(name in table for name in COMMANDS)


def test_the_index_of_errors_is_up_to_date() -> None:
    from tools.errors_page import page  # noqa: PLC0415 - only this test needs it

    assert (REPO / "docs" / "errors.md").read_text(encoding="utf-8") == page(), "run: make docs"
