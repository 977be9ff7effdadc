"""Plain JSON files: bodies, lists of answers and event streams, read with positions."""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

from promptc.diagnostics import Diagnostic, Severity, did_you_mean, unreadable
from promptc.errors import UsageError
from promptc.json_tree import parse
from promptc.schema import camel_case, load
from promptc.source import Source, shown
from promptc.toml_tree import Node

STDIN = "-"
Shape: TypeAlias = Literal["body", "list", "stream"]
_STREAM = re.compile(r"\s*(?:data|event|id|retry)?:")
_DATA = re.compile(r"^data:(?P<data>[^\n]*)", re.MULTILINE)
_FIELD = re.compile(r"(?:data|event|id|retry|):|(?:data|event|id|retry)$")
_OTHER_TEXTS = (
    (
        re.compile(r"HTTP/[0-9.]+ [0-9]{3}"),
        "`curl -i` prints headers first: leave out the `-i`, or all up to the empty line",
    ),
    (re.compile(r"\s*\$? *curl\s"), "this is a command: save the body that it sends"),
    (
        re.compile(r"(?:\s*#[^\n]*\n)*\s*(?:\[\[?[A-Za-z_.\"-]+\]\]?\s*\n|[A-Za-z_]+ *= )"),
        "this looks like TOML: `promptc check` reads specs",
    ),
)
_DONE = re.compile(r"[ \n]*\[DONE\]\s*")


class Kind(StrEnum):
    """What a file is read as."""

    REQUEST = "request"
    RESPONSE = "response"
    ERROR = "error"
    COUNT_TOKENS_REQUEST = "count-tokens-request"
    COUNT_TOKENS_RESPONSE = "count-tokens-response"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file as it was read; `nodes` are a list's members, a stream's events, or the body alone.

    `kind` is what the file shows, None where it could not be read.
    """

    name: str
    shape: Shape = "body"
    nodes: tuple[Node, ...] = ()
    kind: Kind | None = None
    diagnostics: tuple[Diagnostic, ...] = ()


def read_all(arguments: Iterable[str]) -> tuple[Document, ...]:
    """Read files, each once; raises UsageError that names all of those that aren't there."""
    documents, missing = [], []
    for argument in dict.fromkeys(arguments):
        try:
            documents.append(_read(argument))
        except UsageError as error:
            missing.append(str(error))
    if missing:
        raise UsageError("\nerror: ".join(missing))
    return tuple(documents)


def _read(argument: str) -> Document:
    """Read a file, or standard input for `-`."""
    path = Path("<stdin>") if argument == STDIN else Path(argument).resolve()
    name = shown(path)
    try:
        data = sys.stdin.buffer.read() if argument == STDIN else path.read_bytes()
        source = Source.of_bytes(path, data)
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(_missing(argument, path)) from None
    except IsADirectoryError:
        msg = f"`{argument}` is a folder: name the files to check"
        raise UsageError(msg) from None
    except (OSError, UnicodeDecodeError) as error:
        return Document(name=name, diagnostics=(unreadable(name, error),))
    document = _parsed(source)
    return replace(document, kind=_kind(document))


def _missing(argument: str, path: Path) -> str:
    files = path.parent.iterdir() if path.parent.is_dir() else ()
    beside = [file.name for file in files if did_you_mean(path.stem, [file.stem])]  # `.json` is like `.json`
    hint = did_you_mean(path.name, beside)
    return f"there is no file `{argument}`{f'; {hint}' if hint else ''}"


def _parsed(source: Source) -> Document:
    head = source.text[:100].lstrip()
    if head.startswith("<") and not head.startswith("<<<<<<<"):
        return Document(name=source.name, diagnostics=(_web_page(source),))
    if _STREAM.match(source.text):
        return _stream(source)
    node, found = parse(source)
    if node is None:
        other = next((hint for form, hint in _OTHER_TEXTS if form.match(source.text)), None)
        foreign = Diagnostic(code="P009", message="this is not JSON", span=source.span(0, 1), help=other)
        return Document(name=source.name, diagnostics=(foreign,) if other else found)
    if isinstance(node.value, tuple):
        return Document(name=source.name, shape="list", nodes=node.items, diagnostics=(*found, *_none(node)))
    return Document(name=source.name, nodes=(node,), diagnostics=found)


def _web_page(source: Source) -> Diagnostic:
    start = source.text.index("<")
    return Diagnostic(
        code="P602",
        message="this is a web page, not JSON",
        span=source.span(start, start + 1),
        help="APIs answer with a page where the address is wrong: check base URL and path",
    )


def _none(node: Node) -> tuple[Diagnostic, ...]:
    if node.items:
        return ()
    return (Diagnostic(code="P602", message="the list holds no answer", span=node.span),)


def _stream(source: Source) -> Document:
    """Read server-sent events (WHATWG HTML, section 9.2); what is no part of one is named, never skipped."""
    nodes: list[Node] = []
    found: list[Diagnostic] = []
    empty = True
    for start, end in _blocks(source.text):
        found += _strays(source, start, end)
        for first, last in _data(source, start, end):
            if _DONE.fullmatch(source.text, first, last):
                continue
            empty = False
            node, wrong = parse(source, start=first, end=last, event=True)
            found += wrong
            nodes += [node] if node else []
    if empty:
        message = "the event stream ends without an event"
        found.append(Diagnostic(code="P602", message=message, span=source.span(0, 0)))
    return Document(name=source.name, shape="stream", nodes=tuple(nodes), diagnostics=tuple(found))


def _data(source: Source, start: int, end: int) -> list[tuple[int, int]]:
    """Return where an event's JSON stands: all its lines are one text, or each is one, as the API's clients read them."""
    lines = [match.span("data") for match in _DATA.finditer(source.text, start, end)]
    if len(lines) > 1 and parse(source, start=lines[0][0], end=lines[0][1], event=True)[0] is None:
        return [(lines[0][0], end)]
    return lines


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each event starts and ends: empty lines stand between them."""
    start, last = 0, len(text.rstrip("\n"))
    while start < last:
        end = text.find("\n\n", start, last)
        end = last if end < 0 else end
        if end > start:
            yield start, end
        start = end + 1


def _strays(source: Source, start: int, end: int) -> Iterator[Diagnostic]:
    while start < end:
        stop = source.text.find("\n", start, end)
        stop = end if stop < 0 else stop
        if stop > start and not _FIELD.match(source.text, start, stop):
            yield Diagnostic(
                code="P602",
                severity=Severity.WARNING,
                message="this line belongs to no event: clients skip it",
                span=source.span(start, stop),
                expected="`data: {…}`",
            )
        start = stop + 1


def _kind(document: Document) -> Kind | None:
    tables = [node.table for node in document.nodes if isinstance(node.value, Mapping)]
    if document.shape == "stream":
        return Kind.ERROR if tables and all("error" in table for table in tables) else Kind.RESPONSE
    if not document.nodes:
        return Kind.RESPONSE if document.shape == "list" else None
    if tables and all("error" in table and table["error"].value is not None for table in tables):
        return Kind.ERROR
    if document.shape == "list":
        return Kind.RESPONSE
    keys = {camel_case(key) for table in tables for key in table}
    if keys & response_fields():
        return Kind.RESPONSE
    if "totalTokens" in keys:
        return Kind.COUNT_TOKENS_RESPONSE
    return Kind.COUNT_TOKENS_REQUEST if "generateContentRequest" in keys else Kind.REQUEST


@cache
def response_fields() -> frozenset[str]:
    """Return the fields by which an answer is known."""
    return frozenset(load("response.schema")["properties"])
