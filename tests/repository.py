"""Git repositories for tests: real ones, in a folder of their own, with nobody's settings."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

NOBODY = {
    "GIT_AUTHOR_NAME": "Nobody",
    "GIT_AUTHOR_EMAIL": "nobody@example.com",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_NAME": "Nobody",
    "GIT_COMMITTER_EMAIL": "nobody@example.com",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


def as_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every git of a test run with these settings alone."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name, value in NOBODY.items():
        monkeypatch.setenv(name, value)


@dataclass(frozen=True, slots=True)
class Clone:
    """A working tree of git."""

    root: Path

    @classmethod
    def make(cls, root: Path, files: Mapping[str, str | bytes] | None = None) -> "Clone":
        """Begin a repository, and commit files if there are any."""
        root.mkdir(parents=True, exist_ok=True)
        clone = cls(root)
        clone.git("init", "-q", "-b", "main")
        if files:
            clone.write(files)
            clone.commit("first")
        return clone

    @classmethod
    def of_project(cls, root: Path) -> "Clone":
        """Begin a repository with a project that is there; what runs leave behind is no part of it."""
        clone = cls.make(root)
        clone.write({".gitignore": ".promptc/\nout/\n", ".gitattributes": "* -text\n"})
        clone.commit("first")
        return clone

    def git(self, *arguments: str, **environment: str) -> str:
        """Run git; it must end well."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.root,
            env={**own, **NOBODY, **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Write files by their names."""
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, message: str = "next") -> str:
        """Commit everything that is there; returns the digits."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")
