"""Init: a new prompt repo, built aside and then moved into place, or not at all."""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from promptc.config import EMULATOR, FILE, load
from promptc.diagnostics import failed
from promptc.errors import UsageError
from promptc.pipeline.run import RunResult, run
from promptc.pipeline.starter import GIT_FILES, starter
from promptc.replay.modes import RecordMode
from promptc.source import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A file of git's that was there before: `lines` are those that it lacked, and may have been `added`."""

    name: str
    lines: tuple[str, ...]
    added: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRepo:
    """What was made: files by their paths below the root, and git's own that were there."""

    root: Path
    files: tuple[str, ...]
    recordings: int
    kept: tuple[Kept, ...]


def init(folder: Path) -> NewRepo:
    """Make a prompt repo in a folder; raises UsageError, and then nothing was written."""
    try:
        root = folder.resolve()
        _refuse_project(root)
        files = starter()
        kept = [_kept(root, name, files[name]) for name in GIT_FILES if _there(root / name)]
        files = {name: data for name, data in files.items() if name not in {file.name for file in kept}}
        _refuse_collisions(root, tuple(files))
        with _aside(root) as staged:
            recordings = _build(staged, files)
            names = tuple(sorted(path.relative_to(staged).as_posix() for path in staged.rglob("*") if path.is_file()))
            _refuse_collisions(root, names)
            _move(staged, root, names)
    except OSError as error:
        msg = f"no prompt repo can be made in {shown(folder)}: {error.strerror or error}; nothing was written"
        raise UsageError(msg) from error
    complete = tuple(replace(file, added=_add(root / file.name, file.lines)) for file in kept)
    return NewRepo(root=root, files=names, recordings=recordings, kept=complete)


def _refuse_project(root: Path) -> None:
    for folder in (root, *root.parents):
        sign = next((path for path in (folder / FILE, folder / "specs") if _marks_project(path)), None)
        if sign:
            msg = (
                f"there is a promptc project already: {shown(sign)}; nothing was written\n"
                "add specs to that one, or name a folder outside of it: `promptc init DIR`"
            )
            raise UsageError(msg)


def _marks_project(path: Path) -> bool:
    """Say whether it is a project file, or a folder with specs: a folder of that name alone says little."""
    return path.is_file() if path.name == FILE else any(path.glob("*.toml"))


def _kept(root: Path, name: str, ours: bytes) -> Kept:
    """Say which lines a file of the user's lacks; what can't be read lacks all."""
    theirs: set[str] = set()
    with suppress(OSError):
        theirs = {line.strip() for line in (root / name).read_text(encoding="utf-8", errors="replace").splitlines()}
    wanted = (line for line in ours.decode().splitlines() if line and not line.startswith("#"))
    return Kept(name=name, lines=tuple(line for line in wanted if line not in theirs))


def _add(path: Path, lines: Sequence[str]) -> bool:
    """Put lines at the end, where they win; says whether they stand there: of links and odd files they don't."""
    if not lines or path.is_symlink() or not path.is_file():
        return False
    size: int | None = None
    try:
        data = path.read_bytes()
        if b"\0" in data:  # UTF-16, as some editors on Windows save
            return False
        size, newline = len(data), "\r\n" if b"\r\n" in data else "\n"
        with path.open("ab") as file:
            file.write(
                "".join([newline * bool(data and data[-1:] != b"\n"), *(f"{x}{newline}" for x in lines)]).encode()
            )
    except OSError:
        with suppress(OSError):
            if size is not None:
                os.truncate(path, size)
        return False
    return True


def _refuse_collisions(root: Path, names: Sequence[str]) -> None:
    """Refuse to write over anything, or through a link that leads elsewhere."""
    in_the_way = dict.fromkeys(path for name in names if (path := _in_the_way(root, name)))
    if in_the_way:
        listed = "".join(f"\n  {shown(path)}" for path in in_the_way)
        msg = f"this is in the way; nothing was written:{listed}\nmove it away, or name another folder: `promptc init DIR`"
        raise UsageError(msg)


def _in_the_way(root: Path, name: str) -> Path | None:
    path = root / name
    below = [folder for folder in reversed(path.parents) if folder.is_relative_to(root) and folder != root]
    blocked = (folder for folder in below if _there(folder) and (folder.is_symlink() or not folder.is_dir()))
    return next(blocked, path if _there(path) else None)


def _there(path: Path) -> bool:
    return path.exists() or path.is_symlink()  # a link to nothing is there, too


@contextmanager
def _aside(root: Path) -> Iterator[Path]:
    """Give a folder on the same disk, so that its files can be moved; it is gone afterwards."""
    near = next(folder for folder in (root, *root.parents) if folder.exists())
    with TemporaryDirectory(prefix=".promptc-init-", dir=near, ignore_cleanup_errors=True) as temporary:
        staged = Path(temporary) / "repo"  # the temporary folder itself is closed to other users
        staged.mkdir()
        yield staged


def _build(staged: Path, files: Mapping[str, bytes]) -> int:
    """Write the files and record from the emulator; returns the number of recordings."""
    for name, data in files.items():
        path = staged / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    project = load(staged)
    result = run(project, mode=RecordMode.NEW_EPISODES, target=EMULATOR)
    if not result.good:
        msg = f"the emulator's answers could not be recorded: {_reason(result)}; nothing was written"
        raise UsageError(msg)
    shutil.rmtree(project.root / ".promptc")  # the locks of this recording
    return len(result.results)


def _reason(result: RunResult) -> str:
    found = [*result.diagnostics, *(d for case in result.results for d in case.diagnostics)]
    return next(d.message for d in found if failed([d]))


def _move(staged: Path, root: Path, names: Sequence[str]) -> None:
    """Move everything into place; what was moved is taken back if something fails on the way."""
    made: list[Path] = []
    try:
        if not root.exists():
            _make(root.parent, made)
            staged.rename(root)
            return
        for name in names:
            _make((root / name).parent, made)
            (root / name).open("x").close()  # claims the name: what somebody writes meanwhile is not replaced
            made.append(root / name)
            (staged / name).replace(root / name)
    except BaseException:
        for path in reversed(made):
            with suppress(OSError):
                path.rmdir() if path.is_dir() else path.unlink()
        raise


def _make(folder: Path, made: list[Path]) -> None:
    for path in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
        path.mkdir()
        made.append(path)
