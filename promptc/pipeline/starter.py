"""What a new prompt repo starts with: texts that ship with promptc, the editor's schema, a picture."""

import json
from collections.abc import Mapping
from pathlib import Path

from promptc.models import built_in
from promptc.pipeline.leaf import leaf
from promptc.pipeline.schemas import schema_document

GIT_FILES = (".gitattributes", ".gitignore")
"""Files that a folder may well have: where one is, it stays as it is."""
_TEXTS = Path(__file__).parent.parent / "starter"


def starter() -> Mapping[str, bytes]:
    """Return the files by their paths in the repo; recordings are made, not shipped."""
    return {
        **{_name(path): _text(path) for path in sorted(_TEXTS.rglob("*")) if path.is_file()},
        "schema/spec.schema.json": _dumped(schema_document("spec", built_in())),
        "specs/images/leaf.png": leaf(),
    }


def _name(path: Path) -> str:
    """Give git's files the dot that would make them work in promptc's own folder."""
    name = path.relative_to(_TEXTS).as_posix()
    return f".{name}" if f".{name}" in GIT_FILES else name


def _text(path: Path) -> bytes:
    return path.read_bytes().replace(b"\r\n", b"\n")  # a checkout on Windows may have changed them


def _dumped(schema: Mapping[str, object]) -> bytes:
    return (json.dumps(schema, ensure_ascii=False, indent=2) + "\n").encode()
