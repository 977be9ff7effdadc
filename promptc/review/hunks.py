"""What was changed in the sources, in lines: where a change of requests may come from."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from promptc.review.alignment import stretches
from promptc.review.words import bag, words
from promptc.source import Source, Span

Sources = Mapping[str, Source]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hunk:
    """Neighbouring lines of a file that were changed; a span is None where there are none on a side.

    `file` is the file's name of today. `gone` and `come` are the words that were changed in them.
    """

    file: str
    number: int
    old_span: Span | None
    new_span: Span | None
    gone: Counter[str] = field(repr=False)
    come: Counter[str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunks:
    """The changed lines of all files: by the file's name of today, and how sources are named there."""

    by_file: Mapping[str, Sequence[Hunk]]
    old_names: Mapping[Path, str]
    new_names: Mapping[Path, str]

    @classmethod
    def between(cls, old: Sources, new: Sources, renamed: Mapping[Path, Path]) -> "Hunks":
        """Compare the sources of two sides; `renamed` are spec files that go by another name today."""
        heirs = _heirs(old, new, renamed)
        by_file = {file: tuple(_hunks(file, old[was], new[file])) for was, file in heirs.items()}
        return cls(
            by_file={file: found for file, found in by_file.items() if found},
            old_names={source.path: heirs.get(name, name) for name, source in old.items()},
            new_names={source.path: name for name, source in new.items()},
        )

    def at(self, old: Span | None, new: Span | None) -> tuple[Hunk, ...]:
        """Return the hunks whose lines hold something of a place."""
        found = [*self._holding(old, self.old_names, old=True), *self._holding(new, self.new_names, old=False)]
        return tuple(sorted(dict.fromkeys(found), key=_order))

    def untouched(self, old: Span | None, new: Span | None) -> bool:
        """Say whether a place is in a file of both sides, at lines that are on both: a pattern that finds another file."""
        both = {*self.old_names.values()} & {*self.new_names.values()}
        files = {names.get(span.source.path) for span, names in ((old, self.old_names), (new, self.new_names)) if span}
        return bool(files) and files <= both and not self.at(old, new)

    def _holding(self, span: Span | None, names: Mapping[Path, str], *, old: bool) -> Iterator[Hunk]:
        for hunk in self.by_file.get(names.get(span.source.path, ""), ()) if span else ():
            lines = hunk.old_span if old else hunk.new_span
            if span and lines and lines.line <= span.end_line and span.line <= lines.end_line:
                yield hunk


def _order(hunk: Hunk) -> tuple[str, int]:
    return hunk.file, hunk.number


def _heirs(old: Sources, new: Sources, renamed: Mapping[Path, Path]) -> dict[str, str]:
    """Return the name of today of every old file that is still there."""
    heirs = {name: name for name in old if name in new}
    lost, came = ([name for name in side if name not in heirs] for side in (old, new))
    now = {new[name].path: name for name in came}
    texts: dict[str, list[str]] = defaultdict(list)
    for name in reversed(came):
        texts[new[name].text].append(name)
    for name in lost:
        heir = now.get(renamed.get(old[name].path, Path()))
        if heir is None and (same := texts[old[name].text]):
            heir = same.pop()
        if heir is not None and heir not in heirs.values():
            heirs[name] = heir
    return heirs


def _hunks(file: str, old: Source, new: Source) -> Iterator[Hunk]:
    if old.text == new.text:
        return
    before, after = old.text.split("\n"), new.text.split("\n")
    differing = [(one, other) for same, one, other in stretches(before, after) if not same]
    for number, (one, other) in enumerate(differing):
        changed = words("\n".join(before[one]), "\n".join(after[other]))
        yield Hunk(
            file=file,
            number=number,
            old_span=_lines(old, one),
            new_span=_lines(new, other),
            gone=bag(" ".join(word.text for word in changed if word.mark == "-")),
            come=bag(" ".join(word.text for word in changed if word.mark == "+")),
        )


def _lines(source: Source, lines: slice) -> Span | None:
    """Return the span of whole lines, without the last one's line ending."""
    if lines.stop <= lines.start:
        return None
    start, last = source.line_starts[lines.start], source.line_starts[lines.stop - 1]
    return source.span(start, last + len(source.line(lines.stop)))


def spanning(spans: Iterable[Span | None]) -> Span | None:
    """Return the stretch from the first to the last of a file's spans."""
    found = [span for span in spans if span]
    if not found:
        return None
    return found[0].source.span(min(span.start for span in found), max(span.end for span in found))
