"""Files of plain vcrpy cassettes: the list of interactions that one holds, or why it holds none.

Nothing but plain YAML and JSON is built. vcrpy reads a handful of Python's tags that its older versions
wrote; they stand for text, bytes and lists, and these are what is built of them.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import yaml

from promptc.diagnostics import Diagnostic
from promptc.errors import CassetteError
from promptc.replay.damage import CONFLICT, one_side, restored
from promptc.replay.recording import Loader, is_cut
from promptc.replay.unpacking import LARGEST
from promptc.source import LFS_POINTER, conflict, shown

_HEAD = 4096
_YAML = "tag:yaml.org,2002:"
_SHOWN = 60
_OURS = "`promptc check` says whose it is; `promptc export cassette` makes a plain one of it"
_UNTAGGED = "a cassette needs text, lists and tables only; vcrpy writes no other"


class _PlainLoader(Loader):
    """The safe loader, with the tags that vcrpy reads; notes the line of each table by its identity."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.lines: dict[int, int] = {}

    def table(self, node: Any) -> Any:
        made: dict[Any, Any] = {}
        self.lines[id(made)] = node.start_mark.line + 1
        yield made
        made.update(self.construct_mapping(node))

    def sequence(self, node: Any) -> Any:
        return list(self.construct_sequence(node, deep=True))

    def buffer(self, node: Any) -> Any:
        """Return the bytes of a `BytesIO`: the first item of its state."""
        return next(iter(self.construct_mapping(node, deep=True).get("state") or [b""]))

    def iterated(self, node: Any) -> Any:
        """Return the list that an iterator went over: its first argument."""
        return next(iter(self.construct_mapping(node, deep=True).get("args") or [[]]))

    def unknown(self, node: Any) -> NoReturn:
        tag = node.tag.replace(_YAML, "!!")[:_SHOWN]
        msg = f"line {node.start_mark.line + 1} has the tag `{tag}`, and no object is built from a file"
        raise yaml.YAMLError(msg)


_PlainLoader.add_constructor(f"{_YAML}map", _PlainLoader.table)
_PlainLoader.add_constructor(f"{_YAML}python/str", _PlainLoader.construct_yaml_str)
_PlainLoader.add_constructor(f"{_YAML}python/unicode", _PlainLoader.construct_yaml_str)
_PlainLoader.add_constructor(f"{_YAML}python/tuple", _PlainLoader.sequence)
_PlainLoader.add_constructor(f"{_YAML}python/object/new:_io.BytesIO", _PlainLoader.buffer)
_PlainLoader.add_constructor(f"{_YAML}python/object/apply:builtins.iter", _PlainLoader.iterated)
_PlainLoader.add_constructor(None, _PlainLoader.unknown)


def refused(file: str, reason: str, hint: str | None = None) -> CassetteError:
    """Return the error for a file of which nothing can be imported."""
    message = f"nothing can be imported from this file: {reason}"
    expected = "a cassette of vcrpy, format version 1, as YAML or JSON"
    return CassetteError(Diagnostic(code="P516", message=message, file=file, expected=expected, help=hint))


def rows_of(path: Path) -> list[tuple[Any, int | None]]:
    """Return a cassette's interactions, each with its line where it is known; raises CassetteError."""
    file = shown(path)
    text = _text(path, file)
    lines: Mapping[int, int] = {}
    try:
        if text.lstrip()[:1] in {"{", "["}:
            document = json.loads(text)
        else:
            document, lines = _from_yaml(text)
    except json.JSONDecodeError as error:
        raise refused(file, f"line {error.lineno}, column {error.colno} is no JSON") from None
    except yaml.YAMLError as error:
        raise refused(file, *_yaml_reason(error, text)) from None
    except RecursionError:
        raise refused(file, "it is nested deeper than any cassette") from None
    except (ValueError, LookupError, TypeError, AttributeError):
        raise refused(file, "a value in it can't be read") from None
    return [(row, lines.get(id(row))) for row in _interactions(document, file)]


def _text(path: Path, file: str) -> str:
    """Read a file as text; raises CassetteError."""
    try:
        if path.is_dir():
            raise refused(file, "it is a folder", f"name its files: `{file}/*.yaml`")
        if path.exists() and not path.is_file():  # a pipe would be waited for
            raise refused(file, "it is no file")
        if path.stat().st_size > LARGEST:
            raise refused(file, f"it has more than {LARGEST // 2**20} MB")
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except FileNotFoundError:
        raise refused(file, "there is no such file", "check the path") from None
    except OSError as error:
        raise refused(file, f"it can't be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        if b"\0" in data[:_HEAD]:
            raise refused(file, "it is binary data, or text in another encoding than UTF-8") from None
        line = data[: error.start].count(b"\n") + 1
        raise refused(file, f"line {line} is not UTF-8 text", "save it as UTF-8") from None
    if data.startswith(LFS_POINTER):
        raise refused(file, "it is a pointer of Git LFS", "fetch the file with `git lfs pull`")
    if "\0" in text[:_HEAD]:
        raise refused(file, "it is binary data, or text in another encoding than UTF-8")
    if not text.strip():
        raise refused(file, "it is empty")
    if conflict(text):
        raise refused(file, CONFLICT, one_side(file))
    if is_cut(text) and "\nmetadata:" not in text:
        raise refused(file, "it is a recording of promptc's own, and its end is missing", restored(file))
    return text


def _from_yaml(text: str) -> tuple[Any, Mapping[int, int]]:
    loader = _PlainLoader(text)
    try:
        document = loader.get_single_data()
    finally:
        loader.dispose()
    _bound(document, 4 * len(text) + 2**20)
    return document, loader.lines


def _bound(document: Any, most: int) -> None:
    """Refuse a document whose references stand for far more than is written, or for themselves."""
    waiting = [document]
    while waiting:
        value = waiting.pop()
        most -= 1 + (len(value) if isinstance(value, (str, bytes)) else 0)
        if most < 0:
            msg = "its references (`*name`) stand for far more than is written"
            raise yaml.YAMLError(msg)
        if isinstance(value, Mapping):
            waiting += [*value, *value.values()]
        elif isinstance(value, (list, tuple, set)):
            waiting += value


def _yaml_reason(error: yaml.YAMLError, text: str) -> tuple[str, str | None]:
    """Return what is wrong with a document, and what to do; the library's own words quote what they found."""
    if type(error) is yaml.YAMLError:  # one of ours
        return str(error), _UNTAGGED if " tag " in str(error) else None
    mark = getattr(error, "problem_mark", None)
    if mark is None and (position := getattr(error, "position", None)) is not None:
        line = text.encode()[:position].count(b"\n") + 1
        return f"line {line} holds a control character, which YAML does not allow", None
    return (f"line {mark.line + 1} is no YAML" if mark else "it is no YAML"), None


def _interactions(document: Any, file: str) -> Sequence[Any]:
    """Return a document's list of interactions; raises CassetteError where it has not vcrpy's form."""
    if isinstance(document, list) and document and isinstance(document[0], Mapping) and "request" in document[0]:
        raise refused(file, "vcrpy wrote it before its version 1.0", f"`python -m vcr.migration {file}` renews it")
    if not isinstance(document, Mapping):
        raise refused(file, "it has no list `interactions`")
    if "http_interactions" in document:
        raise refused(file, "it is a cassette of Ruby's VCR or of betamax", "record it again with vcrpy")
    version = document.get("version", 1)
    if version != 1:
        raise refused(file, f"it has version {str(version)[:20]}, and promptc reads version 1")
    metadata = document.get("metadata")
    if isinstance(metadata, Mapping) and isinstance(metadata.get("promptc"), Mapping):
        raise refused(file, "it is a recording of promptc's own already", _OURS)
    rows = document.get("interactions")
    if not isinstance(rows, list):
        raise refused(file, "it has no list `interactions`")
    if not rows:
        raise refused(file, "it holds no interactions")
    return rows
