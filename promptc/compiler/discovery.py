"""The spec files of a project."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from promptc.compiler.cases import name_problem
from promptc.compiler.spec import SpecFile
from promptc.config import Project
from promptc.diagnostics import Diagnostic, unreadable
from promptc.source import shown

_SUFFIXES = (".toml", ".j2")


def find_specs(project: Project) -> tuple[tuple[SpecFile, ...], tuple[Diagnostic, ...]]:
    """Return the project's spec files by name; files and folders that start with `_` are none."""
    files: list[SpecFile] = []
    found: list[Diagnostic] = []
    for path in sorted(_below(project.specs, found)):
        relative = path.relative_to(project.specs)
        if any(part.startswith("_") for part in relative.parts):
            continue
        try:
            unseen, folder = _unseen(path), path.is_dir()
        except OSError as error:  # names can be listed in a folder whose files can't be opened
            found.append(unreadable(shown(path), error))
            continue
        if unseen:
            found.append(unseen)
            continue
        if path.suffix not in _SUFFIXES or folder:
            continue
        name = relative.with_suffix("").as_posix()
        files.append(SpecFile(name=name, path=path))
        found += _file_mistakes(path, name, files[:-1])
    return tuple(files), tuple(found)


def _below(folder: Path, found: list[Diagnostic]) -> Iterator[Path]:
    """Yield what lies below a folder; what can't be looked into is told, since its specs would be left out."""

    def refused(error: OSError) -> None:
        found.append(unreadable(shown(Path(error.filename)), error))

    for place, folders, files in os.walk(folder, onerror=refused):
        yield from (Path(place) / name for name in (*folders, *files))


def _unseen(path: Path) -> Diagnostic | None:
    """Say why something that looks like a spec would not be read: nothing may be left out in silence."""
    if path.is_dir() and path.is_symlink():
        message, hint = "a linked folder is not searched for specs", "copy the specs into the project"
    elif path.is_dir() and path.suffix.lower() in _SUFFIXES and not _holds_specs(path):
        message, hint = "a folder is named like a spec", "rename it"
    elif path.suffix not in _SUFFIXES and path.suffix.lower() in _SUFFIXES:
        message, hint = f"a spec's name ends in `{path.suffix.lower()}`, in small letters", "rename the file"
    else:
        return None
    return Diagnostic(code="P006", message=message, file=shown(path), help=hint)


def _file_mistakes(path: Path, name: str, before: Iterable[SpecFile]) -> Iterator[Diagnostic]:
    for segment in name.split("/"):
        if problem := name_problem(segment):
            yield Diagnostic(code="P006", message=f"a spec can't be named `{segment}`", file=shown(path), help=problem)
    for other in before:
        if other.name.casefold() == name.casefold():
            message = f"two specs are named `{name}`: {shown(other.path)} is the other one"
            yield Diagnostic(code="P007", message=message, file=shown(path), help="rename one of them")


def _holds_specs(folder: Path) -> bool:
    return any(path.suffix in _SUFFIXES for path in folder.rglob("*"))


def unreachable(path: Path, root: Path) -> Diagnostic | None:
    """Say why a spec's path leads to nothing that may be read."""
    try:
        inside = path.resolve().is_relative_to(root)
    except (OSError, RuntimeError):  # a circle of links
        inside = True
    if not inside:
        message = "the spec lies outside the project"
        return Diagnostic(code="P304", message=message, file=shown(path), help="copy it into the project")
    if path.exists() and not path.is_file():  # a pipe would be waited for
        return Diagnostic(code="P002", message="the file can't be read: it is no file", file=shown(path))
    return None
