"""Patterns of paths: `*`, `?` and `[ab]` within a name, `**` for any folders; the same on every system.

Neither the order in which a system lists names nor its ideas of letter case show: names are compared
as they are written, and matches come by code point of their path.
"""

import os
import re
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import translate
from itertools import islice
from pathlib import Path
from unicodedata import normalize

from promptc.compiler.paths import unreadable
from promptc.compiler.refused import RefusedError, quoted
from promptc.diagnostics import did_you_mean
from promptc.files import Entry, Files, Root, is_folder
from promptc.source import relative_to_root

MOST_ENTRIES = 10_000
"""How many names in folders one pattern may look at: an unbounded `**` would walk a whole disk."""
MOST_MATCHES = 1_000
_MAGIC = re.compile(r"[*?\[]")
_NAMED = 3


def is_pattern(written: str) -> bool:
    """Say whether a path holds a wildcard."""
    return _MAGIC.search(written) is not None


def matches(pattern: str, folder: Path, root: Root) -> tuple[Path, ...]:
    """Return what matches a pattern, at least one path; raises RefusedError."""
    parts = pattern.split("/")
    first = next(i for i, part in enumerate(parts) if is_pattern(part))
    if ".." in parts[first:]:
        hint = "write `..` at the start of the pattern only"
        raise RefusedError("P301", f"{quoted(pattern)} goes up behind a wildcard", hint=hint)
    base = _base(pattern, "/".join(parts[:first]) or ("/" if parts[0] == "" else "."), folder, root)
    walk = _Walk(pattern=pattern, folder=folder, files=root.files)
    walk.run(base, _segments(parts[first:]))
    if not walk.found:
        raise _nothing(pattern, base, walk)
    return tuple(sorted(walk.found, key=lambda path: relative_to_root(path, root.folder)))


def _segments(parts: list[str]) -> tuple[str, ...]:
    """Drop what says nothing; `**` at the end stands for every file below."""
    kept = [part for i, part in enumerate(parts) if part not in {"", "."} or i == len(parts) - 1]
    once = [part for i, part in enumerate(kept) if part != "**" or kept[i - 1 : i] != ["**"]]
    return (*once, "*") if once[-1] == "**" else tuple(once)


def _base(pattern: str, prefix: str, folder: Path, root: Root) -> Path:
    """Return the folder that the wildcards start from."""
    files = root.files
    try:
        base = files.resolve(folder / prefix)
    except (OSError, RuntimeError):  # before Python 3.13, a circle of links
        base = Path(os.path.normpath(folder / prefix))
    if not base.is_relative_to(root.folder):
        message = f"{quoted(pattern)} lies outside the project"
        raise RefusedError("P304", message, hint="copy the files into the project")
    if not files.is_dir(base) or not _as_written(folder, prefix, files):
        beside = files.entries(base.parent) if files.is_dir(base.parent) else ()
        near = sorted(entry.name for entry in beside if is_folder(entry, links=True))
        raise RefusedError(
            "P301",
            f"no file matches {quoted(pattern)}: there is no folder `{prefix}`",
            expected=f"a folder `{files.shown(base)}`",
            hint=did_you_mean(base.name, [name for name in near if name != base.name]),
        )
    return base


def _as_written(folder: Path, prefix: str, files: Files) -> bool:
    """Say whether folders bear these names letter for letter: some systems don't tell `A` from `a`."""
    at = folder
    for part in prefix.split("/"):
        if part not in {"", ".", ".."} and files.is_dir(at):
            with suppress(PermissionError):  # whose names can't be listed
                names = {normalize("NFC", entry.name) for entry in files.entries(at)}
                if normalize("NFC", part) not in names and files.lexists(at / part):
                    return False
        at = at / part
    return True


@dataclass(slots=True, kw_only=True)
class _Walk:
    pattern: str
    folder: Path
    files: Files
    found: set[Path] = field(default_factory=set)
    listed: dict[Path, list[Entry]] = field(default_factory=dict)
    entries: int = 0

    def run(self, base: Path, segments: tuple[str, ...]) -> None:
        """Follow the segments from folder to folder; each is visited once for each segment."""
        fits = [re.compile(translate(segment)) for segment in segments]
        waiting, seen = [(base, 0)], {(base, 0)}

        def go(folder: Path, index: int) -> None:
            if (folder, index) not in seen:
                seen.add((folder, index))
                waiting.append((folder, index))

        while waiting:
            folder, i = waiting.pop()
            if segments[i] == "**":
                go(folder, i + 1)
            for entry in self.entries_of(folder):
                if segments[i] == "**":
                    if is_folder(entry) and not entry.name.startswith("."):
                        go(folder / entry.name, i)
                elif fits[i].match(entry.name) and entry.name.startswith(".") <= segments[i].startswith("."):
                    if i + 1 < len(segments):
                        if is_folder(entry):
                            go(folder / entry.name, i + 1)
                    elif not is_folder(entry, links=True):
                        self.keep(folder / entry.name)

    def entries_of(self, folder: Path) -> list[Entry]:
        if folder not in self.listed:
            try:
                self.listed[folder] = list(islice(self.files.entries(folder), MOST_ENTRIES + 1 - self.entries))
            except OSError as error:
                raise unreadable(error, relative_to_root(folder, self.folder)) from None
            self.entries += len(self.listed[folder])
            if self.entries > MOST_ENTRIES:
                raise _too_much(self.pattern, "looks at", MOST_ENTRIES, "files and folders")
        return self.listed[folder]

    def keep(self, path: Path) -> None:
        self.found.add(path)
        if len(self.found) > MOST_MATCHES:
            raise _too_much(self.pattern, "matches", MOST_MATCHES, "files")


def _too_much(pattern: str, does: str, most: int, what: str) -> RefusedError:
    hint = "start it in a folder further down, or name fewer files"
    return RefusedError("P306", f"{quoted(pattern)} {does} more than {most:,} {what}", hint=hint)


def _nothing(pattern: str, base: Path, walk: _Walk) -> RefusedError:
    """Say what is there instead: names near to the pattern's, or some of them."""
    names = sorted(
        relative_to_root(folder / entry.name, base)
        for folder, entries in walk.listed.items()
        for entry in entries
        if not is_folder(entry)
    )
    last = pattern.rpartition("/")[2]
    near = did_you_mean(last, [name for name in names if "/" not in name])
    some = ", ".join(f"`{name}`" for name in names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    below = "; `**/` in front looks into folders below" if "**" not in pattern else ""
    return RefusedError(
        "P301",
        f"no file matches {quoted(pattern)}",
        expected=f"a file in `{walk.files.shown(base)}`",
        hint=near
        or (f"in it {'is' if len(names) == 1 else 'are'} {some}{more}" if names else f"there is no file in it{below}"),
    )
