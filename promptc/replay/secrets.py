"""What must never reach the disk: keys, in any spelling."""

import base64
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import quote

from promptc.errors import SecretFoundError

REQUEST_HEADERS = ("accept", "content-type")
"""The request headers that a cassette keeps."""

RESPONSE_HEADERS = (
    "content-type",
    "retry-after",
    "x-promptc-emulator",
    "x-request-id",
)
"""The response headers that a cassette keeps."""

# Google API keys, OpenAI-like keys, bearer tokens in prose
_SHAPES = re.compile(r"AIza[0-9A-Za-z_-]{35}|\bsk-[A-Za-z0-9_-]{20,}|[Bb]earer +[A-Za-z0-9._~+/-]{20,}")
_SHORTEST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """The values that must not be written; shorter ones than six characters are no secrets."""

    values: tuple[str, ...] = field(default=(), repr=False)

    def _forms(self) -> Iterable[str]:
        for value in self.values:
            if len(value) >= _SHORTEST:
                yield value
                yield quote(value, safe="")
                yield json.dumps(value)[1:-1]
                yield base64.b64encode(value.encode()).decode().rstrip("=")
                yield base64.urlsafe_b64encode(value.encode()).decode().rstrip("=")

    def refuse(self, where: str, text: str) -> None:
        """Raise SecretFoundError where the text holds a secret; `where` is what would be written."""
        if any(form in text for form in self._forms()):
            msg = f"{where} holds the API key; it was not written"
            raise SecretFoundError(msg)
        if _SHAPES.search(text):
            msg = f"{where} holds something that looks like a key; it was not written"
            raise SecretFoundError(msg)

    def refuse_bytes(self, where: str, data: bytes) -> None:
        """Raise SecretFoundError where binary data holds the API key."""
        if any(form.encode() in data for form in self._forms()):
            msg = f"{where} holds the API key; it was not written"
            raise SecretFoundError(msg)

    def redact(self, text: str) -> str:
        """Return a text that can be shown."""
        for form in self._forms():
            text = text.replace(form, "***")
        return _SHAPES.sub("***", text)


def allowed(headers: Iterable[tuple[str, str]], names: Iterable[str]) -> dict[str, list[str]]:
    """Return the headers of an allow-list, by lower-case name, as vcrpy keeps them."""
    wanted = set(names)
    kept: dict[str, list[str]] = {}
    for name, value in headers:
        if name.lower() in wanted:
            kept.setdefault(name.lower(), []).append(value)
    return dict(sorted(kept.items()))
