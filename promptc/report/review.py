"""A new answer beside the old one, for a terminal, and what became of those that waited."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from promptc.diagnostics import Diagnostic
from promptc.pipeline.results import SavedImage, StepResult
from promptc.pipeline.review import PicturePair, Review, StepReview
from promptc.report.full import remarks
from promptc.report.provenance import origin_words
from promptc.report.style import Style, line
from promptc.review.text_diff import text_diff
from promptc.source import columns, shown
from promptc.wording import plural

_FEW = 3
"""The changes of a request, and the verdicts, that are shown before somebody wants more."""
_LINES = 12
"""The lines of a text's difference that are shown before somebody wants more."""
_MOST_LINES = 2000
_COLOURS = {"-": "red", "+": "green", "…": "dim"}
_TOKENS = {
    "promptTokenCount": "in",
    "thoughtsTokenCount": "thought",
    "candidatesTokenCount": "out",
    "totalTokenCount": "in all",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How much is shown: with `details` all of it, else `more` says what shows the rest."""

    style: Style
    details: bool = False
    more: str = "`--format json` has all"


def review_text(found: Review, place: str, view: View) -> str:
    """Return what somebody has to see who accepts or rejects; `place` is as `1 of 3`."""
    return "".join(f"{text}\n" for text in _lines(found, place, view))


def commands(found: Review) -> str:
    """Return what to call where nobody can be asked."""
    settle = ["accept", "reject"] if found.acceptable else ["reject"]
    return "".join(f"  promptc {word} {line(found.argument)}\n" for word in settle)


def review_summary(outcomes: Sequence[str], left: int, *, asked: bool) -> str:
    """Return what became of the answers that waited, and how many wait still."""
    if not outcomes and not left:
        return "no new answer waits\n"
    counts = Counter(outcomes)
    told = ", ".join(f"{counts[word]} {word}" for word in dict.fromkeys(outcomes)) or "nothing was done"
    waits = f"{plural(left, 'new answer')} wait{'s' if left == 1 else ''}{' still' if outcomes else ''}"
    why = "" if asked else ": there is no terminal to ask at"
    return f"{told}{f'; {waits}' if left else ''}{why}\n"


def _lines(found: Review, place: str, view: View) -> Iterator[str]:
    yield f"{view.style.paint(found.waiting.id, 'bold')} ({place})"
    if found.waiting.provenance:
        old = origin_words(found.old) if found.old else f"no old answer: {line(found.no_old or 'none is recorded')}"
        yield f"  old: {old}"
        yield f"  new: {origin_words(found.waiting.provenance)}"
    if view.details:
        yield from _details(found)
    for step in found.steps:
        yield ""
        yield from _step(found, step, view)
    yield ""
    yield from _verdict(found, view.style)


def _details(found: Review) -> Iterator[str]:
    """Yield where both answers come from, in full."""
    for side, recording in (("old", found.old), ("new", found.waiting.provenance)):
        if recording:
            moments = ", ".join(step.recorded_at or "at a time that nobody knows" for step in recording.steps)
            yield f"  {side}: recorded {moments} by {line(recording.tool)}"
    yield from (f"  file: {line(shown(file))}" for file in found.waiting.files)


def _step(found: Review, step: StepReview, view: View) -> Iterator[str]:
    """Yield one step's two answers; of one that was kept, only that it was."""
    if len(found.steps) > 1:
        yield view.style.paint(f"  step {step.step} of {len(found.steps)}", "bold") + (
            ": the same answer to the same request" if step.same else ""
        )
    if step.same and len(found.steps) > 1 and not view.details:
        return
    yield from _changes(step, view)
    rows = [*_table(step.old, step.new), *(row for pair in step.pictures for row in _picture_row(pair))]
    widths = [max(columns(row[side]) for row in [*rows, ("", "old", "new")]) for side in (0, 1)]
    for row in [("", "old", "new"), *rows]:
        name, old, new = (_padded(cell, width) for cell, width in zip(row, (*widths, 0), strict=True))
        yield view.style.paint(f"  {name}  {old}  {new}".rstrip(), *([] if row[0] else ["dim"]))
        pair = next((pair for pair in step.pictures if row[0] == _name(pair)), None)
        if pair:
            yield from (f"  {' ' * widths[0]}  {remark}" for remark in _picture(pair, view.style))
    yield from _text(step, view)


def _changes(step: StepReview, view: View) -> Iterator[str]:
    if not step.changes:
        return
    yield "  the request has changed:"
    told = [line(change.sentence.removeprefix("body.")) for change in step.changes]
    yield from (f"    {sentence}" for sentence in (told if view.details else told[:_FEW]))
    if len(told) > _FEW and not view.details:
        yield f"    and {plural(len(told) - _FEW, 'more change')}; {view.more}"


def _table(old: StepResult | None, new: StepResult | None) -> Iterator[tuple[str, str, str]]:
    """Yield what both answers are in words and numbers; rows in which neither has anything are left out."""
    for name, read in (("ended with", _ending), ("tokens", tokens), ("text", _length)):
        cells = [read(side) if side else "no answer" for side in (old, new)]
        if any(cells):
            yield name, cells[0] or "-", cells[1] or "-"


def _ending(step: StepResult) -> str:
    return line(step.error or step.block_reason or step.finish_reason or "no reason")


def tokens(step: StepResult) -> str:
    """Return the tokens that an answer counts, by kind."""
    counts = [(step.usage.get(key), word) for key, word in _TOKENS.items()]
    return ", ".join(f"{count:,} {word}" for count, word in counts if isinstance(count, int))


def _length(step: StepResult) -> str:
    return plural(len(step.text), "character") if step.text else ""


def _name(pair: PicturePair) -> str:
    return f"picture {pair.number}"


def _picture_row(pair: PicturePair) -> Iterator[tuple[str, str, str]]:
    yield _name(pair), _image(pair.old), _image(pair.new)


def _image(image: SavedImage | None) -> str:
    if image is None:
        return "no picture"
    sides = f"{image.width}x{image.height}" if image.width else "?"
    return f"{sides} {line(image.media_type)}, {image.size:,} bytes"


def _picture(pair: PicturePair, style: Style) -> Iterator[str]:
    """Yield how two pictures differ, and where they are."""
    if pair.comparison:
        yield pair.comparison.figures
        yield from pair.comparison.notes
    if pair.problem:
        yield style.paint(line(pair.problem), "red")
    for side, image in (("old", pair.old), ("new", pair.new)):
        if image and image.file:
            yield style.paint(f"{side}: {line(shown(image.file))}", "dim")


def _text(step: StepReview, view: View) -> Iterator[str]:
    old, new = (side.text if side else "" for side in (step.old, step.new))
    if old == new and not (view.details and new):
        return
    found = [*text_diff(old, new, context=None, width=None)] if view.details else [*text_diff(old, new)]
    if old == new:
        found = [*text_diff("", new, context=None, width=None)]
    yield "  the text is the same:" if old == new else "  the text:"
    most = _MOST_LINES if view.details else _LINES
    for one in found[:most]:
        mark = " " if old == new else one.mark
        yield view.style.paint(f"    {mark} {line(one.text)}".rstrip(), *filter(None, [_COLOURS.get(mark)]))
    if len(found) > most:
        yield f"    … {plural(len(found) - most, 'more line')}" + ("" if view.details else f"; {view.more}")


def _verdict(found: Review, style: Style) -> Iterator[str]:
    """Yield whether the new answer meets what is expected, and whether it may become the truth."""
    unmet = [problem for step in found.steps for problem in step.unmet]
    judged = sum(len(step.new.verdicts) for step in found.steps if step.new)
    if unmet:
        yield style.paint("  the new answer fails:", "red")
        yield from (f"    {told}" for problem in unmet for told in _told(problem))
    elif judged:
        yield style.paint(f"  the new answer meets what is expected: {judged} of {judged}", "green")
    if found.xfail is not None:
        yield f"  the case is expected to fail: {line(found.xfail)}"
    if found.waiting.problem:
        yield style.paint("  it can't be accepted:", "red")
        yield from (f"    {told}" for told in _told(found.waiting.problem))


def _told(problem: Diagnostic) -> Iterable[str]:
    where = f" ({line(problem.place)})" if problem.place else ""
    return [f"{line(problem.message)}{where}", *remarks(problem)]


def _padded(text: str, width: int) -> str:
    return text + " " * (width - columns(text))
