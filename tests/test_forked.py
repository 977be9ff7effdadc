"""A forked command is what a started one is: its exit code, its streams, its folder and its environment."""

import os
import subprocess
from pathlib import Path

import pytest

from tests import forked
from tests.workshop import BUTTERFLY, Workshop, timeless

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")

COMMANDS: dict[str, list[str]] = {
    "a good one": ["check"],
    "pictures written": ["run", "-o", "out"],
    "findings": ["check", "--strict-typo"],
    "JSON": ["run", "--format", "json"],
    "a path": ["compile", "specs/butterfly.toml", "--format", "jsonl"],
    "standard input": ["validate", "-"],
    "usage": ["chekc"],
    "no arguments": [],
    "letters": ["run", "Schmetterling-λ"],
    "a page": ["report", "-o", "out/page.html"],
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    made = Workshop.make(tmp_path_factory.mktemp("forked") / "repo", {"butterfly": BUTTERFLY})
    assert made.record().good
    return made


@pytest.mark.parametrize("name", COMMANDS)
def test_a_forked_command_does_what_a_started_one_does(name: str, shop: Workshop) -> None:
    env = {**os.environ, "PYTHONUTF8": "1", "COLUMNS": "72"}
    body = '{"contents": [{"parts": [{"txt": "λ"}]}]}'

    first, second = (way(COMMANDS[name], cwd=shop.root, env=env, stdin=body) for way in (forked.fresh, forked.forked))

    assert told(first) == told(second)
    assert first.stdout + first.stderr


def told(done: subprocess.CompletedProcess[str]) -> tuple[int, str, str]:
    return done.returncode, timeless(done.stdout), done.stderr


def test_one_command_leaves_nothing_to_the_next(tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    env = dict(os.environ)

    with_key = forked.forked(["models"], cwd=tmp_path, env={**env, "MOTH": "1", "NO_COLOR": "1"}, stdin="")
    elsewhere = forked.forked(["check"], cwd=tmp_path.parent, env=env, stdin="")
    again = forked.forked(["models"], cwd=tmp_path, env=env, stdin="")

    assert (with_key.returncode, with_key.stdout) == (again.returncode, again.stdout)
    assert elsewhere.returncode == 2
    assert Path.cwd() != tmp_path
