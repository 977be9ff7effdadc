"""Secrets in compiled requests: told at the spec's line, before anything is asked, paid for or printed."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from promptc.blob import Blob
from promptc.compiler.gather import gathered
from promptc.config import Project
from promptc.diagnostics import Diagnostic
from promptc.errors import WireError
from promptc.locate import nearest
from promptc.pipeline.secrets import secrets_of
from promptc.replay.secrets import Secrets
from promptc.request import Case, Reply, Request
from promptc.source import Source, Span
from promptc.tree import child

_HELP = "keys belong into the environment, and promptc sends them in a header; take this one out, and replace it where it was issued"
_OURS = "take it out, or let `[secrets]` in promptc.toml say something else"

_Leaf: TypeAlias = tuple[str, "str | Blob"]


def without_secrets(project: Project, cases: Sequence[Case]) -> tuple[tuple[Case, ...], tuple[Diagnostic, ...]]:
    """Return the cases whose requests hold no secret, and what there is to say about the others."""
    search = _Search(secrets=secrets_of(project))
    found = [(case, diagnostic) for case in cases for diagnostic in search.case(case)]
    wrong = {case.id for case, _ in found}
    counts = Counter(case.spec for case in cases)
    told = gathered(((case.spec, diagnostic) for case, diagnostic in found), counts)
    return tuple(case for case in cases if case.id not in wrong), tuple(told)


@dataclass(frozen=True, slots=True)
class _Search:
    """Looks through cases; what they share, it looks through once."""

    secrets: Secrets
    blobs: dict[str, str | None] = field(default_factory=dict)
    masked: dict[Source, Source] = field(default_factory=dict)

    def case(self, case: Case) -> Iterator[Diagnostic]:
        """Yield what is secret in a case: its last request has the turns of all before it."""
        if held := self.secrets.find(case.id):
            yield self._diagnostic(f"the name of the case holds {held}", case.span, case)
        request = case.requests[-1]
        for pointer, message in self._request(request):
            place = nearest(pointer, request.places)
            yield self._diagnostic(message, place.span if place else case.span, case)

    def _request(self, request: Request) -> Iterator[tuple[str, str]]:
        """Yield where a request holds a secret, and what: its texts one by one only if all of them together hold one."""
        leaves = [*_leaves("", {**request.rest, **request.unchecked}), *_contents(request)]
        texts = [(pointer, leaf) for pointer, leaf in leaves if isinstance(leaf, str)]
        joined = list(_joined(request))
        if self.secrets.find("\0".join(text for _, text in (*texts, *joined))):
            yield from list(self._texts(texts)) or self._texts(joined)
        for pointer, leaf in leaves:
            if isinstance(leaf, Blob) and (held := self._blob(leaf)):
                place = f"`{leaf.files.shown(leaf.path)}`" if leaf.path else "a file in the request"
                yield pointer, f"{place} holds {held}"

    def _texts(self, texts: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        for pointer, text in texts:
            if held := self.secrets.find(text):
                yield pointer, f"the request holds {held}"

    def _blob(self, blob: Blob) -> str | None:
        """Say what a picture or file holds; one that can't be read any more is told when it is sent."""
        if blob.sha256 not in self.blobs:
            self.blobs[blob.sha256] = None
            with suppress(OSError, WireError):
                self.blobs[blob.sha256] = self.secrets.find(blob.read())
        return self.blobs[blob.sha256]

    def _diagnostic(self, message: str, span: Span, case: Case) -> Diagnostic:
        hint = _OURS if message.endswith("matches") else _HELP
        return Diagnostic(code="P508", message=message, span=self._hidden(span), subject=case.id, help=hint)

    def _hidden(self, span: Span) -> Span:
        """Return where in a file the secret stands, all of them masked; it may stand elsewhere than the text it is in."""
        source = span.source
        if source not in self.masked:
            self.masked[source] = replace(source, text=self.secrets.mask(source.text))
        masked = self.masked[source]
        stars = list(_differences(source.text, masked.text))
        within = [(start, end) for start, end in stars if start < span.end and end > span.start]
        start, end = next(iter(within or stars), (span.start, span.end))
        return masked.span(start, end)


def _differences(text: str, masked: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches of a text that were masked."""
    start = None
    for place, (before, after) in enumerate(zip(text, masked, strict=True)):
        if before != after and start is None:
            start = place
        elif before == after and start is not None:
            yield start, place
            start = None
    if start is not None:
        yield start, len(text)


def _contents(request: Request) -> Iterator[_Leaf]:
    for i, content in enumerate(request.contents):
        if not isinstance(content, Reply):
            yield from _leaves(f"/contents/{i}", content)


def _leaves(pointer: str, value: object) -> Iterator[_Leaf]:
    """Yield every text of a tree with its place, keys too."""
    if isinstance(value, (str, Blob)):
        yield pointer, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield child(pointer, key), key
            yield from _leaves(child(pointer, key), item)
    elif isinstance(value, Sequence):
        for i, item in enumerate(value):
            yield from _leaves(child(pointer, i), item)


def _joined(request: Request) -> Iterator[tuple[str, str]]:
    """Yield the texts of each turn's parts as a reader puts them together."""
    turns = [(f"/contents/{i}", content) for i, content in enumerate(request.contents)]
    for pointer, turn in (*turns, ("/systemInstruction", request.rest.get("systemInstruction"))):
        parts = turn.get("parts") if isinstance(turn, Mapping) else None
        rows = [part.get("text") for part in parts if isinstance(part, Mapping)] if isinstance(parts, Sequence) else []
        yield pointer, "".join(text for text in rows if isinstance(text, str))
