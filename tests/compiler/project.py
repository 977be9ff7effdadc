"""Tiny projects for the compiler's tests."""

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from promptc.compiler.driver import Compilation, Overrides, compile_specs, find_specs
from promptc.config import Project, load
from promptc.request import Request
from promptc.source import Source
from promptc.toml_tree import Node, parse

MODEL = 'model = "gemini-3.1-flash-image"\n'


def picture(colour: str = "navy", kind: str = "PNG") -> bytes:
    """Return a tiny picture."""
    buffer = io.BytesIO()
    Image.new("RGB", (2, 2), colour).save(buffer, kind)
    return buffer.getvalue()


WING = picture()
WING_DIGEST = f"sha256:{hashlib.sha256(WING).hexdigest()}"


def project(folder: Path, files: Mapping[str, str | bytes]) -> Project:
    """Write files below `specs` and load the project."""
    (folder / "specs").mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / "specs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return load(folder)


def compiled(
    folder: Path, text: str | bytes, files: Mapping[str, str | bytes] | None = None, **values: str
) -> Compilation:
    """Compile one spec; `values` are variables from the command line."""
    made = project(folder, {"spec.toml": text, **(files or {})})
    return compile_specs(made, find_specs(made)[0], Overrides(values=values, folder=folder))


def only(compilation: Compilation) -> Request:
    """Return the one request of a compilation without mistakes."""
    (case,) = compilation.cases
    (request,) = case.requests
    return request


def body(compilation: Compilation) -> Any:
    """Return the body of the one request, pictures as digests."""
    return only(compilation).digested_body()


def said(compilation: Compilation) -> list[tuple[str, int, int, str]]:
    """Return code, line, column and message of each diagnostic."""
    return [
        (d.code, d.span.line if d.span else 0, d.span.column if d.span else 0, d.message)
        for d in compilation.diagnostics
    ]


def node(text: str) -> Node:
    """Return a TOML document with positions."""
    made, diagnostics = parse(Source(path=Path("/repo/a.toml"), text=text))
    assert made, diagnostics
    return made


def quoted(text: str) -> str:
    """Return a TOML string that holds a text, whatever is in it."""
    return '"' + "".join(char if char.isalnum() else f"\\U{ord(char):08x}" for char in text) + '"'
