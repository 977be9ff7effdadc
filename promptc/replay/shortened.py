"""What is left of a key in a message that was shortened: no search for the whole key finds it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_ELLIPSIS = "…".encode()
_SPELT = (_ELLIPSIS, b"\\u2026", b"&#8230;")
_LEAST = 4
_SHAPE = re.compile(
    rb"(?<![A-Za-z0-9_-])"
    rb"(?:AIza|AQ\.Ab|ya29\.|sk-|gh[opsur]_|github_pat_|A[KS]IA|xox[a-z]-|xapp-|[sr]k_live_|hf_|eyJ|[Bb]earer +)"
    rb"[A-Za-z0-9._~+/-]{6,}+(?=\xe2\x80\xa6)"
)


def may_be_shortened(data: bytes) -> bool:
    """Say whether there is an ellipsis in a text, as it is or as JSON and XML may write it."""
    return any(spelt in data for spelt in _SPELT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """How the spellings of values begin and end, and the last or first few bytes of all of these."""

    beginnings: frozenset[bytes]
    endings: frozenset[bytes]
    last: frozenset[bytes]
    first: frozenset[bytes]
    longest: int

    @classmethod
    def of(cls, needles: Iterable[bytes]) -> "Ends":
        """Return the ends of what is searched for."""
        needles = list(needles)
        beginnings = frozenset(needle[:i] for needle in needles for i in range(_LEAST, len(needle)))
        endings = frozenset(needle[-i:] for needle in needles for i in range(_LEAST, len(needle)))
        return cls(
            beginnings=beginnings,
            endings=endings,
            last=frozenset(beginning[-_LEAST:] for beginning in beginnings),
            first=frozenset(ending[:_LEAST] for ending in endings),
            longest=max(map(len, needles), default=0),
        )

    def matches(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Yield where the beginning of a key stands before an ellipsis, or its end after one."""
        yield from (found.span() for found in _SHAPE.finditer(data))
        end = 0
        while (place := data.find(_ELLIPSIS, end)) >= 0:
            end = place + len(_ELLIPSIS)
            lengths = range(self.longest, _LEAST - 1, -1)
            if data[max(place - _LEAST, 0) : place] in self.last:
                starts = (place - length for length in lengths if length <= place)
                yield from ((start, place) for start in starts if data[start:place] in self.beginnings)
            if data[end : end + _LEAST] in self.first:
                stops = (end + length for length in lengths)
                yield from ((end, stop) for stop in stops if data[end:stop] in self.endings)
