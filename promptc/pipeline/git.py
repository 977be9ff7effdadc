"""Git, asked for commits and objects: nothing is checked out, and nothing is written, the index included."""

import errno
import os
import subprocess
import threading
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from shlex import quote
from typing import IO

from promptc.errors import UsageError

_LOCATIONS = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_WORK_TREE",
)
"""What git tells its hooks about the repository that they run for, which need not be the one of the folder."""
_SETTINGS = {
    "LC_ALL": "C",  # its messages are read
    "GIT_OPTIONAL_LOCKS": "0",  # not even the index is refreshed
    "GIT_ALLOW_PROTOCOL": "none",  # a partial clone would download what it lacks
    "GIT_TERMINAL_PROMPT": "0",
}
_SHALLOW = "fetch it: `git fetch --unshallow`, or `fetch-depth: 0` in a checkout of GitHub Actions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A file or link of a commit's tree: its path below the folder that was asked for, its size if it is at hand."""

    path: str
    mode: int
    oid: str
    size: int | None


@dataclass(frozen=True, kw_only=True)
class Repository:
    """A folder's repository: `prefix` leads from its top to the folder, and is empty or ends in `/`."""

    folder: Path
    prefix: str
    environment: dict[str, str] = field(repr=False)

    @classmethod
    def around(cls, folder: Path) -> "Repository":
        """Find the repository of a folder; raises UsageError."""
        surrounding = {**os.environ, **_SETTINGS}
        own = {name: value for name, value in surrounding.items() if name not in _LOCATIONS}
        wanted = ("rev-parse", "--is-inside-work-tree", "--show-prefix")
        done = _run(folder, own, *wanted)
        if done.returncode and "GIT_DIR" in surrounding:  # git's folder may be elsewhere, which only these words tell
            own, done = surrounding, _run(folder, surrounding, *wanted)
        inside, _, prefix = os.fsdecode(done.stdout).partition("\n")
        if done.returncode or inside != "true":
            raise UsageError(_no_repository(folder, os.fsdecode(done.stderr)))
        return cls(folder=folder, prefix=prefix.removesuffix("\n"), environment=own)

    def commit(self, revision: str) -> str:
        """Return the digits of the commit that a revision names; raises UsageError."""
        if not revision or revision.startswith("-") or "\0" in revision:
            msg = f"`{revision}` names no revision: write a commit, a branch or a tag, such as `HEAD~1` or `main`"
            raise UsageError(msg)
        named = self._git("rev-parse", "--verify", "--quiet", "--end-of-options", revision)
        digits = named.stdout.decode().strip()  # of a tag, perhaps; in `:/text`, all that follows is the text
        done = self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{digits}^{{commit}}")
        if named.returncode or done.returncode:
            raise UsageError(self._unknown(revision))
        return done.stdout.decode().strip()

    def merge_base(self, one: str, other: str) -> str:
        """Return the newest commit that two revisions have in common; raises UsageError."""
        done = self._git("merge-base", self.commit(one), self.commit(other))
        if done.returncode:
            hint = self._if_shallow() or "compare them as they are, without `--merge-base` or `...`"
            msg = f"`{one}` and `{other}` have no commit in common; {hint}"
            raise UsageError(msg)
        return done.stdout.decode().strip()

    def tree(self, commit: str) -> str | None:
        """Return the digits of the folder's tree in a commit, None where there was no such folder; raises UsageError."""
        if not self.prefix:
            return self._asked("rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{tree}}", of=commit)
        found = self._asked("ls-tree", "-d", "-z", "--full-tree", commit, self.prefix.rstrip("/"), of=commit)
        mode, kind, digits = found.partition("\t")[0].split() if found else ("", "", "")
        return digits if kind == "tree" and mode else None

    def rows(self, tree: str) -> Iterator[Row]:
        """Yield the files and links below a tree; raises UsageError."""
        wanted = ("ls-tree", "-r", "-z", "--full-tree", tree)
        done = self._git(*wanted, "-l")
        if done.returncode:  # a partial clone does not know the sizes of what it lacks
            done = self._git(*wanted)
        if done.returncode:
            raise UsageError(_lacking(tree))
        for line in done.stdout.split(b"\0"):
            if line:
                about, _, path = line.partition(b"\t")
                mode, _, oid, *size = about.decode().split()
                known = int(size[0]) if size and size[0].isdigit() else None  # `-` for a submodule
                yield Row(path=os.fsdecode(path), mode=int(mode, 8), oid=oid, size=known)

    @cached_property
    def common(self) -> Path:
        """Git's own folder, which all worktrees share."""
        return self.folder / os.fsdecode(self._git("rev-parse", "--git-common-dir").stdout).removesuffix("\n")

    @cached_property
    def objects(self) -> "Objects":
        """What is read of the repository."""
        return Objects(self)

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start git to talk to it."""
        return subprocess.Popen(
            [*_GIT, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def _asked(self, *arguments: str, of: str) -> str:
        """Return what git says of an object; raises UsageError where the clone lacks it."""
        done = self._git(*arguments)
        if done.returncode:
            raise UsageError(_lacking(f"{of}^{{tree}}"))
        return os.fsdecode(done.stdout).strip()

    def _git(self, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
        return _run(self.folder, self.environment, *arguments)

    def _unknown(self, revision: str) -> str:
        """Say why a revision is none."""
        if revision.startswith("HEAD") and self._git("rev-parse", "--verify", "--quiet", "HEAD").returncode:
            return "the repository has no commit yet, so there is nothing to compare with: make one, `git commit`"
        if os.path.lexists(revision):
            return f"`{revision}` is a file or folder, and no revision; name a revision first: `HEAD {quote(revision)}`"
        hint = self._if_shallow() or (
            "`git log --oneline` and `git branch --all` list what there is; "
            f"a spec comes after a revision: `HEAD {quote(revision)}`"
        )
        return f"git knows no revision `{revision}` here; {hint}"

    def _if_shallow(self) -> str | None:
        shallow = self._git("rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
        return f"this clone is shallow and may lack it; {_SHALLOW}" if shallow else None


class Objects:
    """The contents of a repository's objects by their digits, given by one process of git that is started on demand."""

    def __init__(self, repository: Repository) -> None:
        """Keep where to ask."""
        self._repository = repository
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def read(self, oid: str) -> bytes:
        """Return an object's content; raises OSError where the clone lacks it."""
        with self._lock:
            process = self._process or self._start()
            into, out = _pipes(process)
            into.write(f"{oid}\n".encode())
            into.flush()
            words = out.readline().split()
            if len(words) != 3:  # noqa: PLR2004 - the digits, the type and the size; else `missing`
                raise OSError(errno.EIO, _lacking(oid))
            data = out.read(int(words[2]))
            out.read(1)  # the end of the line
            return data

    def _start(self) -> "subprocess.Popen[bytes]":
        process = self._process = self._repository.start("cat-file", "--batch")
        weakref.finalize(self, _end, process)
        return process


_GIT = ("git", "--no-pager", "--literal-pathspecs", "-c", "core.quotePath=false")


def _run(folder: Path, environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(
            [*_GIT, *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        msg = "git is not installed, or not on the PATH: install it from https://git-scm.com"
        raise UsageError(msg) from error


def _no_repository(folder: Path, said: str) -> str:
    """Say why git finds no repository around a folder."""
    if "dubious ownership" in said or "safe.directory" in said:
        return (
            f"git doesn't trust the repository of `{folder}`, which belongs to another user; "
            f"if you do, say so: `git config --global --add safe.directory {quote(str(folder))}`"
        )
    return f"`{folder}` is in no working tree of git, so there is nothing to compare with: begin one, `git init`"


def _lacking(oid: str) -> str:
    return f"the clone lacks the object {oid}: fetch it, `git fetch --refetch --no-filter`"


def _pipes(process: "subprocess.Popen[bytes]") -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        msg = "git was started without pipes"
        raise TypeError(msg)
    return process.stdin, process.stdout


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End git, which ends by itself once nobody asks any more."""
    for pipe in _pipes(process):
        pipe.close()
    process.wait()
