"""What differs between two requests: typed changes at JSON pointers."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from promptc.tree import Json, child

_SHOWN = 72
_AROUND = 24
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_MISSING = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A value that was added, removed or changed; `old` or `new` is None where there was none.

    For texts, `core` is where the new one differs: the offsets of its start and end. `region` is
    the same in whole words: how many characters stand before it, are in it, and stand after it.
    """

    pointer: str
    old: str | None
    new: str | None
    core: tuple[int, int] | None = None
    region: tuple[int, int, int] | None = None

    @property
    def sentence(self) -> str:
        """The change in a line: `contents/0/parts/0/text: "…a…" → "…b…"`."""
        where = self.pointer.lstrip("/").replace("/", ".") or "request"
        if self.old is None:
            return f"{where}: {self.new} was added"
        if self.new is None:
            return f"{where}: {self.old} was removed"
        return f"{where}: {self.old} → {self.new}"


def changes(old: Json, new: Json, pointer: str = "") -> Iterator[Change]:
    """Yield the leaves that differ, in the order of the new value."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys([*new, *old]):
            yield from _member(old.get(key, _MISSING), new.get(key, _MISSING), child(pointer, key))
    elif isinstance(old, list) and isinstance(new, list):
        for i in range(max(len(old), len(new))):
            before = old[i] if i < len(old) else _MISSING
            after = new[i] if i < len(new) else _MISSING
            yield from _member(before, after, child(pointer, i))
    elif old != new:
        yield _leaf(old, new, pointer)


def _member(old: object, new: object, pointer: str) -> Iterator[Change]:
    if old is _MISSING:
        yield Change(pointer=pointer, old=None, new=_short(new))
    elif new is _MISSING:
        yield Change(pointer=pointer, old=_short(old), new=None)
    else:
        yield from changes(old, new, pointer)  # type: ignore[arg-type]


def _leaf(old: Json, new: Json, pointer: str) -> Change:
    if not (isinstance(old, str) and isinstance(new, str)):
        return Change(pointer=pointer, old=_short(old), new=_short(new))
    start = common(old, new)
    end = common(old[start:][::-1], new[start:][::-1])
    first = max((new.rfind(space, 0, start) for space in " \n\t"), default=-1) + 1
    tail = new[len(new) - end :]
    after = min((at for space in " \n\t" if (at := tail.find(space)) >= 0), default=len(tail))
    if _DIGEST.fullmatch(old) and _DIGEST.fullmatch(new):
        return Change(pointer=pointer, old=f"{old[:19]}…", new=f"{new[:19]}…")
    plain = unicodedata.normalize("NFKC", old) != unicodedata.normalize("NFKC", new)
    return Change(
        pointer=pointer,
        old=_cut(old, start, len(old) - end, escape=not plain),
        new=_cut(new, start, len(new) - end, escape=not plain),
        core=(start, len(new) - end),
        region=(first, len(new) - first - (end - after), end - after),
    )


def common(old: str, new: str) -> int:
    """Return how many characters two texts have in common at their beginning."""
    return next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))


def _cut(text: str, start: int, end: int, *, escape: bool) -> str:
    """Cut a text to a region; escaped where the eye would see no difference."""
    first, after = max(start - _AROUND, 0), min(end + _AROUND, len(text))
    if first and (space := text.find(" ", first, start)) >= 0:
        first = space + 1  # whole words read better
    if after < len(text) and (space := text.rfind(" ", end, after)) > end:
        after = space
    if after - first > _SHOWN:
        after = first + _SHOWN
    inner = json.dumps(text[first:after], ensure_ascii=escape)[1:-1]
    return f'"{"…" * (first > 0)}{inner}{"…" * (after < len(text))}"'


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
