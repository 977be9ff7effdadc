"""What can be wrong with a recording on disk, each with its message and what mends it."""

from shlex import quote

from promptc.diagnostics import Diagnostic
from promptc.errors import CassetteError

CONFLICT = "it holds the marks of a merge conflict"


def damaged(file: str, reason: str) -> CassetteError:
    """Return the error for a file that can't be read as it was written."""
    hint = restored(file)
    if reason == CONFLICT:
        hint = one_side(file)
    return CassetteError(Diagnostic(code="P503", message=f"the recording is damaged: {reason}", file=file, help=hint))


def pointer(file: str, fetch: str) -> CassetteError:
    """Return the error for a file that Git LFS has not fetched."""
    message = "a pointer of Git LFS stands in the place of this file"
    return CassetteError(Diagnostic(code="P511", message=message, file=file, help=f"`{fetch}` fetches the file"))


def lost(file: str, missing: str) -> CassetteError:
    """Return the error for a cassette one of whose files is not there."""
    message = f"the recording lacks its file `{missing}`"
    return CassetteError(Diagnostic(code="P512", message=message, file=file, help=restored(missing)))


def altered(file: str, *, newlines: bool = False) -> CassetteError:
    """Return the error for a file beside a cassette whose content is not what was recorded."""
    why, hint = "its bytes have changed", restored(file)
    if newlines:
        why = "its line endings were converted, as git does to text"
        hint = f"put the line `cassettes/** -text` into `.gitattributes`, then {hint}"
    message = f"the file is not the one that was recorded: {why}"
    return CassetteError(Diagnostic(code="P513", message=message, file=file, help=hint))


def one_side(file: str) -> str:
    """Say what ends a merge conflict."""
    return f"take one side of it: `git checkout --ours -- {quote(file)}`, or `--theirs`"


def restored(file: str) -> str:
    """Say what brings a file back."""
    return f"restore it with `git checkout -- {quote(file)}`"


def foreign(file: str, reason: str, hint: str) -> CassetteError:
    """Return the error for a cassette that another tool or version has written."""
    message = f"the recording can't be read: {reason}"
    return CassetteError(Diagnostic(code="P504", message=message, file=file, help=hint))
