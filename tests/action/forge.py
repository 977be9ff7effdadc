"""A forge in a folder: a bare repository with a branch and a pull request, and what its runner would see."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.workshop import REPO, copy_example
from tools.action import Job, run

_NOBODY = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in {
        "NAME": "A. Tester", "EMAIL": "tester@forge.example", "DATE": "2026-01-02T03:04:05Z",
    }.items()},
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Forge:
    """`bare` is what is cloned, `work` where changes are made, `branch` what the pull request goes into."""

    root: Path
    branch: str = "main"

    @classmethod
    def make(cls, root: Path, change: Callable[[Path], object], *, branch: str = "main") -> "Forge":
        """Make a repository of the example prompts, and a pull request that changes them."""
        forge = cls(root=root, branch=branch)
        work = forge.root / "work"
        copy_example(work)
        forge.git("init", "-q", "--bare", str(forge.bare), cwd=root)
        forge.git("init", "-q", "-b", branch)
        forge._commit("The prompts")
        forge.git("checkout", "-q", "-b", "change")
        change(work)
        forge._commit("A change")
        forge.git("checkout", "-q", branch)
        (work / "README.md").write_text("# What others have done meanwhile\n")
        forge._commit("Something else")
        forge.git("checkout", "-q", "-b", "merged")
        forge.git("merge", "-q", "--no-ff", "-m", "What merging would give", "change")
        forge.git("push", "-q", str(forge.bare), branch, "change", "merged:refs/pull/7/merge")
        forge.file.write_text(json.dumps({"comments": [], "calls": [], "refusal": "", "head": forge.commit("change")}))
        forge._programs()
        return forge

    @property
    def bare(self) -> Path:
        """What is cloned."""
        return self.root / "forge.git"

    @property
    def file(self) -> Path:
        """What `gh` remembers."""
        return self.root / "forge.json"

    @property
    def state(self) -> Any:
        """The same, read."""
        return json.loads(self.file.read_text())

    def set(self, **values: object) -> None:
        """Change what `gh` finds."""
        self.file.write_text(json.dumps(self.state | values))

    def git(self, *arguments: str, cwd: Path | None = None) -> str:
        """Run git without anybody's configuration."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=cwd or self.root / "work",
            env={**os.environ, **_NOBODY},
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    def commit(self, name: str) -> str:
        """Return a commit's digits."""
        return self.git("rev-parse", name)

    def _commit(self, message: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def _programs(self) -> None:
        folder = self.root / "bin"
        folder.mkdir()
        (folder / "gh").write_text(f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).parent / "gh.py"}" "$@"\n')
        (folder / "gh").chmod(0o755)

    def checkout(self, name: str, reference: str = "refs/pull/7/merge", *, depth: int = 1) -> Path:
        """Check out as actions/checkout does: one commit, of no branch."""
        folder = self.root / name
        folder.mkdir()
        self.git("init", "-q", cwd=folder)
        self.git("remote", "add", "origin", self.bare.as_uri(), cwd=folder)
        shallow = [f"--depth={depth}"] if depth else []
        self.git("fetch", "-q", "--no-tags", *shallow, "origin", f"+{reference}:refs/remotes/pull/merge", cwd=folder)
        self.git("checkout", "-q", "--detach", "refs/remotes/pull/merge", cwd=folder)
        return folder

    def env(self, **more: str) -> dict[str, str]:
        """Return the runner's variables for this pull request."""
        path = os.pathsep.join([str(self.root / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
        temporary = self.root / "runner"
        temporary.mkdir(exist_ok=True)
        github = {
            "GITHUB_BASE_REF": self.branch,
            "GITHUB_REPOSITORY": "moths/prompts",
            "GITHUB_RUN_ID": "42",
            "GITHUB_SERVER_URL": "https://forge.example",
            "GITHUB_SHA": self.commit("merged"),
            "RUNNER_TEMP": str(temporary),
        }
        keys = {key: "" for key in os.environ if key.endswith("_KEY")}
        return {**_NOBODY, **github, **keys, "FORGE": str(self.file), "PATH": path, "PYTHONUTF8": "1", **more}

    def action(self, checkout: Path, *, inputs: Mapping[str, str] | None = None, **env: str) -> Job:
        """Run the Action with the promptc of this repository."""
        known = {"github.token": "ghs-fake-token", "github.event.pull_request.number": "7"}
        given = {"promptc": "none", **(inputs or {})}
        return run(REPO / "action.yml", checkout, inputs=given, known=known, env=self.env(**env))
