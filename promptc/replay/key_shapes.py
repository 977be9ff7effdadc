"""The shapes of well-known keys: what is a key wherever it stands, though nobody has told promptc so.

A shape is bounded, and is no part of a longer run of its own alphabet: random base64, of which
answers hold megabytes, never hits. Each begins with a mark that is looked for first; one
expression for all of them takes a second on 30 MB.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_DATA = re.compile(rb"[A-Za-z0-9+/=_-]*")
_BEYOND = 64
"""How far the alphabet of base64 may go on around a key; where it goes further, it is data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A kind of key: `name` with its article; each match begins `lead` bytes before one of `marks`."""

    name: str
    marks: tuple[bytes, ...]
    pattern: re.Pattern[bytes]
    lead: int = 0

    def matches(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Yield where keys of this kind stand."""
        for mark in self.marks:
            end = 0
            while (place := data.find(mark, end)) >= 0:
                end = place + len(mark)
                found = self.pattern.match(data, place - self.lead) if place >= self.lead else None
                if found and not _in_data(data, *found.span()):
                    yield found.span()
                    end = found.end()


def _in_data(data: bytes, start: int, end: int) -> bool:
    """Say whether a match is a part of longer base64."""
    before = _DATA.match(data[max(start - _BEYOND - 1, 0) : start][::-1])
    after = _DATA.match(data, end, end + _BEYOND + 1)
    return sum(found.end() - found.start() for found in (before, after) if found) > _BEYOND


def _shape(name: str, marks: str, pattern: str, *, alphabet: str = "A-Za-z0-9_-", lead: int = 0) -> Shape:
    whole = f"(?<![{alphabet}])(?:{pattern})(?![{alphabet}])"
    return Shape(name=name, marks=tuple(marks.encode().split()), pattern=re.compile(whole.encode()), lead=lead)


_DIGIT = "(?=[A-Za-z_-]{0,200}[0-9])"  # words with hyphens have none

SHAPES = (
    # https://cloud.google.com/docs/authentication/api-keys, and AI Studio's newer ones
    _shape("a Google API key", "AIza", "AIza[0-9A-Za-z_-]{35}"),
    _shape("a Google API key", "AQ.Ab", r"AQ\.Ab[0-9A-Za-z_-]{30,200}+"),
    _shape("a Google OAuth token", "ya29.", r"ya29\.[0-9A-Za-z_-]{20,2048}+"),
    # OpenAI, Anthropic, CometAPI and everybody who copies them
    _shape("an API key", "sk-", rf"sk-{_DIGIT}[A-Za-z0-9_-]{{20,200}}+"),
    _shape("a GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", "gh[opsur]_[A-Za-z0-9]{36,251}+"),
    _shape("a GitHub token", "github_pat_", "github_pat_[A-Za-z0-9_]{36,251}+"),
    _shape("an AWS access key id", "AKIA ASIA", "A[KS]IA[A-Z0-9]{16}", alphabet="A-Za-z0-9"),
    _shape("a Slack token", "xox xapp-", "(?:xox[a-z]|xapp)-(?=[A-Za-z-]{0,80}[0-9])[A-Za-z0-9-]{10,250}+"),
    _shape("a Stripe key", "k_live_", "[sr]k_live_[A-Za-z0-9]{16,250}+", lead=1),
    _shape("a Hugging Face token", "hf_", "hf_[A-Za-z0-9]{30,60}+"),
    _shape(
        "a JSON Web Token",
        "eyJ",
        r"eyJ[A-Za-z0-9_-]{10,4000}+\.eyJ[A-Za-z0-9_-]{10,8000}+\.[A-Za-z0-9_-]{20,1400}+",
    ),
    # RFC 7468; in JSON, its line breaks are escapes. A header that nothing follows is but a word about keys.
    Shape(
        name="a private key",
        marks=(b"-----BEGIN ",),
        pattern=re.compile(
            rb"-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----(?=.{0,400}?[A-Za-z0-9+/]{32})"
            rb"(?:(?:[^-]|-(?!----)){0,16384}+-----END [A-Z0-9 ]{0,60}-----|[A-Za-z0-9+/=\s\\]{32,16384}+)",
            re.DOTALL,
        ),
    ),
    # RFC 6750
    _shape(
        "a bearer token",
        "earer EARER",
        r"[Bb](?:earer|EARER) +(?=[A-Za-z._~+/-]{0,200}[0-9])[A-Za-z0-9._~+/-]{20,4096}+=*+",
        alphabet="A-Za-z0-9",
        lead=1,
    ),
)
"""The well-known ones."""
