"""What must never reach the disk or a screen: keys, in any spelling."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from promptc.errors import SecretFoundError
from promptc.replay.key_shapes import SHAPES
from promptc.replay.shortened import Ends, may_be_shortened
from promptc.replay.spellings import Traced, spelt, squeezed, traced_views, unwrapped, views, words
from promptc.response import REQUEST_ID_HEADERS

REQUEST_HEADERS = ("accept", "content-type")
"""The request headers that a cassette keeps."""

RESPONSE_HEADERS = (
    "content-type",
    "retry-after",
    "x-promptc-emulator",
    *REQUEST_ID_HEADERS,
)
"""The response headers that a cassette keeps."""

STARS = "***"
"""What is shown in the place of a secret."""

_SHORTEST = 6
_Stretch: TypeAlias = tuple[Traced, int, int]
_WORDS = re.compile(r"[\t\n\r -~]{24,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What is secret: values, `names` of the variables that hold them, and regular expressions.

    Values of less than six characters, blanks not counted, are no secrets. Well-known shapes of
    keys are secret whatever the values are.
    """

    values: tuple[str, ...] = field(default=(), repr=False)
    names: tuple[str, ...] = ()
    patterns: tuple[str, ...] = field(default=(), repr=False)

    def with_value(self, value: str) -> "Secrets":
        """Return these and one more value."""
        if value in self.values:
            return self
        names = (*self.names, *("" for _ in self.values[len(self.names) :]), "")
        return Secrets(values=(*self.values, value), names=names, patterns=self.patterns)

    def find(self, content: str | bytes) -> str | None:
        """Say what a text or a file holds that is secret, in words that don't show it; None for nothing."""
        data = _bytes(content)
        for bare in (squeezed, unwrapped) if _needles(self.values) else ():
            if held := self._find_value(bare(data)):
                return held
        for view in views(words(data)):
            if held := self._find_value(squeezed(view)) or self._find_by_form(view):
                return held
        return None

    def _find_value(self, bare: bytes) -> str | None:
        for needle, index in _needles(self.values).items():
            if needle in bare:
                name = self.names[index] if index < len(self.names) else ""
                return f"the value of `{name}`" if name else "the API key"
        return None

    def _find_by_form(self, view: bytes) -> str | None:
        for shape in SHAPES:
            if any(True for _ in shape.matches(view)):
                return f"what looks like {shape.name}"
        texts = [text for text, _ in _texts(view)] if self.patterns else ()
        for number, pattern in enumerate(self.patterns, start=1):
            if any(re.search(pattern, text) for text in texts):
                return f"what pattern {number} of `[secrets]` matches"
        return None

    def refuse(self, where: str, content: str | bytes) -> None:
        """Raise SecretFoundError where the content holds a secret; `where` is what would be written."""
        if held := self.find(content):
            msg = f"{where} holds {held}; it was not written"
            raise SecretFoundError(msg)

    def redact_bytes(self, data: bytes) -> bytes:
        """Return an answer's body without secrets, in whatever form they stand there."""
        if not self.find(data):
            return data
        clean = _replaced(data, _stretches(data, self._search))
        return clean if not self.find(clean) else STARS.encode()

    def redact(self, text: str) -> str:
        """Return a text that can be shown; also without what is left of a secret before or after an ellipsis."""
        data = self.redact_bytes(_bytes(text))
        ends = _ends(self.values)
        if may_be_shortened(data) and any(True for view in views(data) for _ in ends.matches(view)):
            cuts = _stretches(data, lambda view: ((view, *stretch) for stretch in ends.matches(view.data)))
            data = _replaced(data, cuts)
        return data.decode(errors="surrogatepass")

    def mask(self, text: str) -> str:
        """Return a text of the same length with a star for each character of a secret."""
        data = _bytes(text)
        stars = list(text)
        for start, end in _stretches(data, self._search) if self.find(data) else ():
            first = len(data[:start].decode(errors="surrogatepass"))
            last = first + len(data[start:end].decode(errors="surrogatepass"))
            stars[first:last] = ["*" if char != "\n" else char for char in stars[first:last]]
        return "".join(stars)

    def _search(self, view: Traced) -> Iterator[_Stretch]:
        bare = view.squeezed()
        for needle in _needles(self.values):
            place = bare.data.find(needle)
            while place >= 0:
                yield bare, place, place + len(needle)
                place = bare.data.find(needle, place + 1)
        for shape in SHAPES:
            yield from ((view, *stretch) for stretch in shape.matches(view.data))
        for pattern in self.patterns:
            for text, offset in _texts(view.data):
                for match in re.finditer(pattern, text):
                    start = offset + len(text[: match.start()].encode(errors="surrogateescape"))
                    yield view, start, start + len(match[0].encode(errors="surrogateescape"))


@lru_cache(maxsize=64)
def _needles(values: tuple[str, ...]) -> Mapping[bytes, int]:
    """Return what is looked for in bytes without blanks, with the index of its value."""
    needles: dict[bytes, int] = {}
    for index, value in enumerate(values):
        if len("".join(value.split())) >= _SHORTEST:
            for needle in spelt(_bytes(value)):
                if len(needle) >= _SHORTEST:
                    needles.setdefault(needle, index)
    return needles


@lru_cache(maxsize=64)
def _ends(values: tuple[str, ...]) -> Ends:
    return Ends.of(_needles(values))


def _bytes(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode(errors="surrogatepass")


def _texts(data: bytes) -> Iterator[tuple[str, int]]:
    """Yield the texts in which patterns are looked for, with their offset: all of a text, stretches of words in a file.

    In random bytes, a short pattern matches sooner or later; so many printable ones in a row are no accident.
    """
    try:
        yield data.decode(), 0
    except UnicodeDecodeError:
        yield from ((found[0], found.start()) for found in _WORDS.finditer(data.decode("latin-1")))


def _stretches(data: bytes, search: Callable[[Traced], Iterable[_Stretch]]) -> list[tuple[int, int]]:
    """Return where a search finds something in any view; whole escapes, so that what is left of a JSON text is JSON."""
    found = (stretch for view in traced_views(data) for stretch in search(view))
    return [_with_escape(data, *view.original(start, end)) for view, start, end in found]


def _replaced(data: bytes, stretches: Iterable[tuple[int, int]]) -> bytes:
    """Return the bytes with stars in the place of stretches; those that touch get one set of stars."""
    pieces: list[bytes] = []
    done = 0
    for start, end in sorted(stretches):
        if start > done or not pieces:
            pieces += [data[done:start], STARS.encode()]
        done = max(done, end)
    return b"".join([*pieces, data[done:]])


_ESCAPE_BEFORE = re.compile(rb"(?<!\\)(?:\\\\)*+(\\(?:u[0-9A-Fa-f]{0,3})?)\Z")
_ESCAPE_AFTER = re.compile(rb"[\\/\"bfnrtu]")


def _with_escape(data: bytes, start: int, end: int) -> tuple[int, int]:
    r"""Return a stretch with the whole of an escape that it cuts: in `\nkey`, the backslash goes with the `n`."""
    cut = _ESCAPE_BEFORE.search(data, max(start - 64, 0), start)
    inside = data[start:end]
    odd = (len(inside) - len(inside.rstrip(b"\\"))) % 2
    return (cut.start(1) if cut else start), end + bool(odd and _ESCAPE_AFTER.match(data, end))


def allowed(headers: Iterable[tuple[str, str]], names: Iterable[str]) -> dict[str, list[str]]:
    """Return the headers of an allow-list, by lower-case name, as vcrpy keeps them."""
    wanted = set(names)
    kept: dict[str, list[str]] = {}
    for name, value in headers:
        if name.lower() in wanted:
            kept.setdefault(name.lower(), []).append(value)
    return dict(sorted(kept.items()))
