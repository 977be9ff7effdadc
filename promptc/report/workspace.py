"""Files as a forge names them: from the root of the repository, not from the working directory."""

import os
from pathlib import Path


def repository_path(file: str) -> str:
    """Return a file, named as messages name it, from the checkout that CI works in, where there is one."""
    workspace = os.environ.get("GITHUB_WORKSPACE")
    if not workspace:
        return file
    try:
        return Path(file).resolve().relative_to(Path(workspace).resolve()).as_posix()
    except ValueError:  # the command runs elsewhere
        return file
