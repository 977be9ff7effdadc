"""Pictures and answers before and after, in markdown."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from promptc.blob import Blob
from promptc.errors import UsageError
from promptc.pipeline.diff import CaseDifference, DiffResult, Side
from promptc.pipeline.results import SavedImage
from promptc.pipeline.review import StepReview
from promptc.report.difference_words import file_words, lines_of
from promptc.report.markdown import address, cell, code, folded, picture
from promptc.review.difference import Topic
from promptc.source import relative_to_root
from promptc.wording import plural

_WIDTH = 320
_REV = "{rev}"
_OF_ADDRESSES = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?#[]@!$&'()*+,;=%")
"""The characters of an address (RFC 3986, section 2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Where pictures are found: below `base`, each side at its commit, or relative to the repository's root.

    `prefix` leads from there to the project, and is empty or ends in `/`.
    """

    base: str | None = None
    prefix: str = ""

    @classmethod
    def below(cls, base: str | None, prefix: str = "") -> "Links":
        """Take what `--link-base` says; raises UsageError."""
        good = base is None or (
            base.startswith(("https://", "http://")) and set(base.replace(_REV, "")) <= _OF_ADDRESSES
        )
        if not good:
            msg = f"--link-base takes an address like https://github.com/OWNER/REPO/raw/{_REV}, not `{base}`"
            raise UsageError(msg)
        return cls(base=base.rstrip("/") if base else None, prefix=prefix)

    def to(self, file: Path | None, side: Side, *, old: bool) -> str | None:
        """Return the address of a side's file; None where a link would lead to another state of it, or out of the project."""
        if file is None or side.project is None:
            return None
        name = relative_to_root(file, side.project.root)
        if name.startswith("../"):
            return None
        path = address(f"{self.prefix}{name}")
        if self.base is None or (side.commit is None and _REV in self.base):
            return None if old else path
        return f"{self.base.replace(_REV, side.commit or '')}/{path}"


def pictures(result: DiffResult, links: Links) -> Iterator[str]:
    """Yield a row for each picture that was swapped or drawn anew."""
    for (old, new), cases in _swapped(result).items():
        whose = code(cases[0]) + (f" and {plural(len(cases) - 1, 'more case')}" if cases[1:] else "")
        yield _row(f"sent by {whose}", _sent(old, result, links, old=True), _sent(new, result, links))
    for case in result.cases:
        for step in recorded_anew(case):
            for pair in step.pictures:
                if pair.old and pair.new and pair.old.sha256 == pair.new.sha256:
                    continue
                name = f"answer to {code(case.pair.id)}{f', step {step.step}' if step.step > 1 else ''}"
                apart = f"<br>{pair.comparison.figures}" if pair.comparison else ""
                yield _row(name, _drawn(pair.old, result, links, old=True), _drawn(pair.new, result, links) + apart)


def recorded_anew(case: CaseDifference) -> tuple[StepReview, ...]:
    """Return the answers of a case that is on both sides, where they differ and there is a new one."""
    return case.answers if case.before and case.now and case.now.provenance else ()


def answers(result: DiffResult) -> Iterator[str]:
    """Yield how the words of answers differ, each folded."""
    for case in result.cases:
        for step in recorded_anew(case):
            old, new = step.old.text if step.old else "", step.new.text if step.new else ""
            if old != new:
                which = f", step {step.step}" if step.step > 1 else ""
                yield f"{code(case.pair.id)}{which}\n\n{folded('words of the answer', lines_of(old, new))}\n"


def _swapped(result: DiffResult) -> dict[tuple[Blob | None, Blob | None], tuple[str, ...]]:
    """Return the pictures of requests that took another's place, came or went, with the cases that send them."""
    found: dict[tuple[Blob | None, Blob | None], dict[str, None]] = {}
    for shared in (shared for group in result.groups for shared in group.edits):
        old, new = [one if isinstance(one, Blob) else None for one in (shared.edit.old, shared.edit.new)]
        if shared.edit.topic is Topic.IMAGE and (old or new):
            found.setdefault((old, new), {}).update(dict.fromkeys(shared.cases))
    return {pictures: tuple(cases) for pictures, cases in found.items()}


def _row(name: str, before: str, now: str) -> str:
    return f"| {cell(name)} | {cell(before)} | {cell(now)} |\n"


def _sent(value: Blob | None, result: DiffResult, links: Links, *, old: bool = False) -> str:
    if value is None:
        return "-"
    sides = result.sides.get(value.sha256)
    size = f"{sides[0]}x{sides[1]}, " if sides else ""
    url = links.to(value.path, result.old if old else result.new, old=old)
    shown = f"{picture(url, 'before' if old else 'now', width=_WIDTH)}<br>" if url else ""
    return f"{shown}{size}{file_words(value)}"


def _drawn(image: SavedImage | None, result: DiffResult, links: Links, *, old: bool = False) -> str:
    if image is None:
        return "-"
    url = links.to(image.file, result.old if old else result.new, old=old)
    shown = f"{picture(url, 'before' if old else 'now', width=_WIDTH)}<br>" if url else ""
    size = f"{image.width}x{image.height}, " if image.width else ""
    return f"{shown}{size}{code(image.media_type)}, {image.size:,} bytes"
