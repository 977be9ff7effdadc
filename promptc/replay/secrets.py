"""What must never reach the disk: keys, in any spelling."""

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from promptc.errors import SecretFoundError
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

# Google API keys, OpenAI-like keys, bearer tokens in prose
_SHAPES = re.compile(r"AIza[0-9A-Za-z_-]{35}|\bsk-[A-Za-z0-9_-]{20,}|[Bb]earer +[A-Za-z0-9._~+/-]{20,}")
_SHORTEST = 6
_ESCAPE = re.compile(r'\\(?:u([0-9A-Fa-f]{4})|[/"\\])')


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """The values that must not be written; shorter ones than six characters are no secrets."""

    values: tuple[str, ...] = field(default=(), repr=False)

    def _forms(self) -> Iterable[str]:
        for value in self.values:
            if len(value) >= _SHORTEST:
                yield value
                quoted = quote(value, safe="", errors="surrogatepass")
                yield from (quoted, quoted.lower())
                yield from (json.dumps(value)[1:-1], json.dumps(value)[1:-1].replace("/", "\\/"))
                yield html.escape(value)
                yield from _in_base64(value.encode(errors="surrogatepass"))

    def refuse(self, where: str, text: str) -> None:
        """Raise SecretFoundError where the text holds a secret; `where` is what would be written."""
        spelt = (text, _unescaped(text), unquote(text))
        if any(form in spelling for form in set(self._forms()) for spelling in spelt):
            msg = f"{where} holds the API key; it was not written"
            raise SecretFoundError(msg)
        if _SHAPES.search(text):
            msg = f"{where} holds something that looks like a key; it was not written"
            raise SecretFoundError(msg)

    def refuse_bytes(self, where: str, data: bytes) -> None:
        """Raise SecretFoundError where binary data holds the API key."""
        if any(form.encode(errors="surrogatepass") in data for form in set(self._forms())):
            msg = f"{where} holds the API key; it was not written"
            raise SecretFoundError(msg)

    def redact_bytes(self, data: bytes) -> bytes:
        """Return an answer's body without the API key, in whatever form it stands there."""
        for form in sorted(set(self._forms()), key=len, reverse=True):
            data = data.replace(form.encode(errors="surrogatepass"), b"***")
        return data

    def redact(self, text: str) -> str:
        """Return a text that can be shown."""
        for form in sorted(set(self._forms()), key=len, reverse=True):
            text = text.replace(form, "***")
        return _SHAPES.sub("***", text)


def _in_base64(value: bytes) -> Iterator[str]:
    """Yield what base64 of any text that holds the value has in common, for each place in a group of three."""
    for offset in range(3):
        first, end = (offset * 8 + 5) // 6, (offset + len(value)) * 8 // 6
        encoded = base64.b64encode(b"\0" * offset + value).decode()[first:end]
        yield encoded
        yield encoded.replace("+", "-").replace("/", "_")


def _unescaped(text: str) -> str:
    """Undo JSON's escapes, those that a key can be spelt with."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[0][1], text)


def allowed(headers: Iterable[tuple[str, str]], names: Iterable[str]) -> dict[str, list[str]]:
    """Return the headers of an allow-list, by lower-case name, as vcrpy keeps them."""
    wanted = set(names)
    kept: dict[str, list[str]] = {}
    for name, value in headers:
        if name.lower() in wanted:
            kept.setdefault(name.lower(), []).append(value)
    return dict(sorted(kept.items()))
