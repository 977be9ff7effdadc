"""The spec files of a project."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from promptc.compiler.cases import name_problem
from promptc.compiler.spec import SpecFile
from promptc.config import Project
from promptc.diagnostics import Diagnostic, unreadable
from promptc.files import Files, Root, is_folder

_SUFFIXES = (".toml", ".j2")


def find_specs(project: Project) -> tuple[tuple[SpecFile, ...], tuple[Diagnostic, ...]]:
    """Return the project's spec files by name; files and folders that start with `_` are none."""
    files: list[SpecFile] = []
    found: list[Diagnostic] = []
    for path in sorted(_below(project.specs, project.files, found)):
        relative = path.relative_to(project.specs)
        if any(part.startswith("_") for part in relative.parts):
            continue
        try:
            unseen, folder = _unseen(path, project.files), project.files.is_dir(path)
        except OSError as error:  # names can be listed in a folder whose files can't be opened
            found.append(unreadable(project.files.shown(path), error))
            continue
        if unseen:
            found.append(unseen)
            continue
        if path.suffix not in _SUFFIXES or folder:
            continue
        name = relative.with_suffix("").as_posix()
        files.append(SpecFile(name=name, path=path))
        found += _file_mistakes(path, name, files[:-1], project.files)
    return tuple(files), tuple(found)


def _below(folder: Path, files: Files, found: list[Diagnostic]) -> Iterator[Path]:
    """Yield what lies below a folder; what can't be looked into is told, since its specs would be left out."""
    waiting = [folder]
    while waiting:
        place = waiting.pop()
        try:
            for entry in files.entries(place):
                yield place / entry.name
                if is_folder(entry):
                    waiting.append(place / entry.name)
        except OSError as error:
            found.append(unreadable(files.shown(place), error))


def _unseen(path: Path, files: Files) -> Diagnostic | None:
    """Say why something that looks like a spec would not be read: nothing may be left out in silence."""
    if files.is_dir(path) and files.is_symlink(path):
        message, hint = "a linked folder is not searched for specs", "copy the specs into the project"
    elif files.is_dir(path) and path.suffix.lower() in _SUFFIXES and not _holds_specs(path, files):
        message, hint = "a folder is named like a spec", "rename it"
    elif path.suffix not in _SUFFIXES and path.suffix.lower() in _SUFFIXES:
        message, hint = f"a spec's name ends in `{path.suffix.lower()}`, in small letters", "rename the file"
    else:
        return None
    return Diagnostic(code="P006", message=message, file=files.shown(path), help=hint)


def _file_mistakes(path: Path, name: str, before: Iterable[SpecFile], files: Files) -> Iterator[Diagnostic]:
    here = files.shown(path)
    for segment in name.split("/"):
        if problem := name_problem(segment):
            yield Diagnostic(code="P006", message=f"a spec can't be named `{segment}`", file=here, help=problem)
    for other in before:
        if other.name.casefold() == name.casefold():
            message = f"two specs are named `{name}`: {files.shown(other.path)} is the other one"
            yield Diagnostic(code="P007", message=message, file=here, help="rename one of them")


def _holds_specs(folder: Path, files: Files) -> bool:
    return any(path.suffix in _SUFFIXES for path in _below(folder, files, []))


def unreachable(path: Path, root: Root) -> Diagnostic | None:
    """Say why a spec's path leads to nothing that may be read."""
    try:
        inside = root.files.resolve(path).is_relative_to(root.folder)
    except (OSError, RuntimeError):  # a circle of links
        inside = True
    file = root.files.shown(path)
    if not inside:
        message = "the spec lies outside the project"
        return Diagnostic(code="P304", message=message, file=file, help="copy it into the project")
    if root.files.exists(path) and not root.files.is_file(path):  # a pipe would be waited for
        return Diagnostic(code="P002", message="the file can't be read: it is no file", file=file)
    return None
