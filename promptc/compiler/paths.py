"""From a path to a file of the project: it exists, is a file, and does not lie outside."""

import errno
import re
import stat
from itertools import islice
from os.path import relpath
from pathlib import Path, PurePosixPath

from promptc.compiler.refused import RefusedError, quoted
from promptc.diagnostics import did_you_mean
from promptc.files import Root

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_NEIGHBOURS = 2000
_START = "paths start from the file in which they are written"
_WHY = {
    errno.EACCES: ("permission denied", "make it readable: `chmod +r FILE`"),
    errno.EPERM: ("permission denied", "make it readable: `chmod +r FILE`"),
    errno.ENAMETOOLONG: ("the name is too long", "give it a shorter name"),
    errno.ELOOP: ("its links lead in a circle", "replace the link with the file"),
}


def template_or_base(written: str, source: Path, root: Root) -> Path:
    """Return the file that a spec or template extends, includes or imports; raises RefusedError."""
    try:
        if not written:
            raise RefusedError("P301", "the path is empty", hint="name a file")
        check_path(written, "file")
        return reach(source.parent / written, written, root, "file", besides=source)
    except (OSError, ValueError) as error:
        raise unreadable(error, written) from None


def check_path(written: str, key: str) -> None:
    """Refuse what is no path of any file; `key` is `image` or `file`."""
    noun = _noun(key)
    if not written:
        raise RefusedError("P301", f"`{key}` has an empty path", hint=f"name a {noun}")
    if _URL.match(written):
        message = f"compiling never downloads {noun}s"
        hint = f"save the {noun} in the project and name its path, or name it with `uri`, which is not pinned"
        raise RefusedError("P301", message, hint=hint)
    if "\\" in written:
        hint = f"write {quoted(written.replace(chr(92), '/'))}"
        raise RefusedError("P301", "a path is written with `/`, on every system", hint=hint)
    if "\0" in written:
        message = f"{quoted(written)} is no path: it holds a NUL character"
        raise RefusedError("P302", message, hint="write the path as text without escapes")


def reach(path: Path, written: str, root: Root, key: str, *, besides: Path | None = None) -> Path:
    """Return the real place of a file; raises RefusedError and, for `unreadable`, OSError.

    `besides` is a file that can't have been meant.
    """
    try:
        real = root.files.resolve(path)
    except RuntimeError:  # before Python 3.13, a circle of links
        raise OSError(errno.ELOOP, "circle") from None
    if not real.is_relative_to(root.folder):
        hint = f"copy the {_noun(key)} into the project"
        raise RefusedError("P304", f"{quoted(written)} lies outside the project", hint=hint)
    if root.files.is_symlink(real):  # resolved, and still a link: from Python 3.13 on, a circle is no error
        raise OSError(errno.ELOOP, "circle")
    try:
        mode = root.files.stat(real).st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise _missing(path, real, written, key, besides, root) from None
    if stat.S_ISDIR(mode):
        message, hint = f"{quoted(written)} is a folder, not {_article(key)}", f"name a {_noun(key)} in it"
        everything = f", or all of them: `{written.rstrip('/')}/*`" if besides is None else ""
        raise RefusedError("P301", message, hint=f"{hint}{everything}")
    if not stat.S_ISREG(mode):  # it would be waited for
        raise RefusedError("P301", f"{quoted(written)} is a pipe or a device, not {_article(key)}", hint="name a file")
    return real


def unreadable(error: OSError | ValueError, written: str) -> RefusedError:
    """Say why the system does not give a file."""
    why, hint = "that is no path", None
    if isinstance(error, OSError):
        text = error.strerror or "unknown reason"
        why, hint = _WHY.get(error.errno or 0, (f"{text[:1].lower()}{text[1:]}", None))
    return RefusedError("P302", f"{quoted(written)} can't be read: {why}", hint=hint)


def _missing(path: Path, real: Path, written: str, key: str, besides: Path | None, root: Root) -> RefusedError:
    files = root.files
    if files.is_symlink(path):
        message = f"{quoted(written)} is a link to `{files.shown(real)}`, which does not exist"
        return RefusedError("P301", message, hint="add that file, or mend the link")
    entries = islice(files.entries(real.parent), _NEIGHBOURS) if files.is_dir(real.parent) else ()
    names = sorted(entry.name for entry in entries if real.parent / entry.name != besides)
    return RefusedError(
        "P301",
        f"there is no {key} {quoted(written)}",
        expected=f"a file `{real.name}` in `{files.shown(real.parent)}`",
        hint=did_you_mean(real.name, names) or _from_root(path, written, root) or _START,
    )


def _from_root(path: Path, written: str, root: Root) -> str | None:
    """Return how a file is named that was written as if paths started from the project's root."""
    steps = PurePosixPath(written).parts
    if ".." in steps or not root.files.is_file(root.folder / written):
        return None
    folder = path.parents[len(steps) - 1]
    return f"did you mean `{Path(relpath(root.folder / written, folder)).as_posix()}`? {_START}"


def _noun(key: str) -> str:
    return "picture" if key == "image" else "file"


def _article(key: str) -> str:
    return "an image" if key == "image" else "a file"
