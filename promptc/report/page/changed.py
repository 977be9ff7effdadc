"""A diff as a page: what was changed once for each cause, then case by case with old and new answers."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import zip_longest

from promptc.diagnostics import failed
from promptc.pipeline.consent import sums
from promptc.pipeline.diff import CaseDifference, DiffResult, Side
from promptc.pipeline.results import CaseResult, Status, StepResult
from promptc.pipeline.review import StepReview
from promptc.pipeline.run import workers
from promptc.report.as_json import recording_word
from promptc.report.difference_markdown import headline
from promptc.report.difference_next import left_behind, steps
from promptc.report.difference_text import met
from promptc.report.effects import effects, what
from promptc.report.effects import pictures as pictures_of
from promptc.report.marked import stayed
from promptc.report.page.answered import case_steps, images_of
from promptc.report.page.cases import EARLIER, answers_of, recorded, stand_ins
from promptc.report.page.gallery import Gallery
from promptc.report.page.model import Case, Cause, Edit, Page, Pair, Row, Step, Stretch, Tone, Word
from promptc.report.page.remarks import remarked
from promptc.report.requests import elided
from promptc.review import difference
from promptc.wording import plural

_TONES: dict[str, Tone] = {"added": "good", "removed": "bad"}
_AROUND = 160
"""The characters of a text that are shown before and after what was changed in it."""


def page(result: DiffResult, gallery: Gallery) -> Page:
    """Return the page of a diff."""
    project = result.new.project or result.old.project
    now = [case.now or case.before for case in result.cases]
    causes = _shared(result.groups)
    with workers(project.jobs if project else 1) as executor:  # making pictures small takes its time
        cases = tuple(executor.map(lambda case: _case(case, result, gallery, causes), result.cases))
    return Page(
        title=project.root.name if project else "",
        kind="diff",
        verdict=_verdict(result),
        lead=f"From {_named(result.old)}{met(result, '`{}`'.format)} to {_named(result.new)}. {_cost(result)}",
        origin=answers_of(recording.provenance for recording in now if recording),
        notes=tuple(_notes(result)),
        remarks=remarked(result.new.diagnostics),
        causes=tuple(_cause(group, gallery) for group in result.groups),
        cases=cases,
        files=gallery.folder is not None,
    )


def pictures(result: DiffResult) -> int:
    """Return how many pictures of answers a diff has."""
    return sum(1 for case in result.cases for _ in images_of(case.answers or case.earlier))


def _named(side: Side) -> str:
    name = side.name if side.commit is None else f"`{side.name}`"
    return f"{name} ({side.digits})" if side.digits else name


def _verdict(result: DiffResult) -> Word:
    if failed(result.new.diagnostics):
        return Word(text="does not compile", tone="bad")
    if not result.cases:
        return Word(text="no case changes", tone="good")
    return Word(text=f"{headline(result)}, {result.unchanged:,} unchanged", tone="warn")


def _cost(result: DiffResult) -> str:
    if not result.estimate.requests:
        return "Nothing need be recorded anew."
    return f"Recording anew asks for {sums(result.estimate)}."


def _notes(result: DiffResult) -> Iterator[str]:
    now = [case.now for case in result.cases if case.now]
    yield from stand_ins(sum(case.emulator for case in now))
    for side in (result.old, result.new):
        if side.broken:
            yield f"Of {', '.join(sorted(side.broken))}, not all cases are known in {side.name}: there are mistakes."
    if result.elsewhere:
        yield f"{plural(len(result.elsewhere), 'unchanged case')} without a fresh recording: {', '.join(result.elsewhere)}"
    moved, _ = left_behind(result)
    if moved:
        them = "it" if len(moved) == 1 else "them"
        yield f"{plural(len(moved), 'recording')} under an old name: `promptc check` gives what moves {them}, and asks nothing"
    yield from steps(result)


def _shared(groups: Iterable[difference.Group]) -> dict[tuple[object, ...], int]:
    """Return the causes, by number, that show the pictures of several cases: one page has them once."""
    return {
        pictures_of(shared.edit): number
        for number, group in enumerate(groups, start=1)
        for shared in group.edits
        if len(shared.cases) > 1 and any(pictures_of(shared.edit))
    }


def _case(case: CaseDifference, result: DiffResult, gallery: Gallery, causes: Mapping[tuple[object, ...], int]) -> Case:
    pair = case.pair
    compiled = pair.new or pair.old
    told = case.now.diagnostics if case.now else ()
    return Case(
        spec=compiled.spec if compiled else "",
        name=compiled.name if compiled else "",
        words=tuple(_words(case)),
        facts=tuple(_facts(case)),
        edits=tuple(_edit(edit, gallery, causes) for edit in pair.edits),
        steps=tuple(_steps(case, result, gallery)),
        remarks=remarked(told),
    )


def _words(case: CaseDifference) -> Iterator[Word]:
    state = case.pair.state if case.pair.state != "same" else "answer changed" if case.answers else "recording changed"
    yield Word(text=state, tone=_TONES.get(state, "warn"))
    if case.pair.state == "renamed" and case.pair.edits:
        yield Word(text="changed", tone="warn")
    if case.now:
        yield _recording(case.now)
    if case.now and case.now.emulator:
        yield Word(text="stand-in")


def _recording(now: CaseResult) -> Word:
    """Say how a recording stands; no answer is judged here."""
    tone: Tone = "good" if now.good else "warn" if now.status is Status.PENDING else "bad"
    return Word(text=f"recording {recording_word(now.status.value)}", tone=tone)


def _facts(case: CaseDifference) -> Iterator[Row]:
    pair = case.pair
    if pair.old and pair.new and pair.old.id != pair.new.id:
        yield Row(name="was", value=pair.old.id)
    before, now = [found.provenance if found else None for found in (case.before, case.now)]
    rows = [("answer", now)] if before == now else [("old", before), ("new", now)]
    yield from (Row(name=name, value=recorded(found)) for name, found in rows if found)
    if case.estimate and case.estimate.requests:
        yield Row(name="recording anew", value=sums(case.estimate))


def _steps(case: CaseDifference, result: DiffResult, gallery: Gallery) -> Iterator[Step]:
    """Yield the steps of the case as it is now, or as it was where it is removed, with the answers that differ."""
    compiled, project = case.pair.new or case.pair.old, result.new.project or result.old.project
    if compiled is None or project is None:
        return
    stale = _stale_from(case)
    for step in case_steps(compiled.requests, [*_answers(case, stale)], gallery, project.models):
        late = stale and step.number >= stale and step.answers
        changes = () if case.pair.edits else step.changes  # edits say it already
        yield replace(step, note=EARLIER if late else step.note, changes=changes)


def _answers(case: CaseDifference, stale: int | None) -> Iterator[StepReview | StepResult]:
    """Yield a case's answers; one that both sides hold is shown once, as long as it counts."""
    for answer in case.answers or case.earlier:
        counts = case.earlier and stale and answer.step < stale
        yield answer.old if answer.old and counts else answer


def _stale_from(case: CaseDifference) -> int | None:
    """Return the first step whose request is none that was answered; None where all are answered."""
    if case.now is None or case.now.status is not Status.STALE:
        return None
    if case.before and case.before.status is Status.STALE:  # nobody knows since which step
        return 1
    return min((edit.step for edit in case.pair.edits if edit.step and edit.asked), default=1)


def _cause(group: difference.Group, gallery: Gallery) -> Cause:
    span = group.new_span or group.old_span
    return Cause(
        place=span.place if span else "",
        edits=tuple(replace(_edit(effect.edit, gallery, {}), place="") for effect in effects(group)),
        cases=group.cases,
    )


def _edit(edit: difference.Edit, gallery: Gallery, causes: Mapping[tuple[object, ...], int]) -> Edit:
    span = edit.new_span or edit.old_span
    files = pictures_of(edit)
    cause = causes.get(files)
    old, new = ([] if cause else [gallery.asked(blob, large=True) for blob in side] for side in files)
    pairs = zip_longest(old, new)
    return Edit(
        what=what(edit),
        action=edit.action,
        words=() if any(files) else tuple(_stretches(edit)),
        pairs=tuple(Pair(number=i, old=one, new=other) for i, (one, other) in enumerate(pairs, start=1)),
        place=span.place if span else "",
        cause=cause,
    )


def _stretches(edit: difference.Edit) -> Iterator[Stretch]:
    """Yield a change word by word, or the value before and the one after."""
    if edit.words:
        last = len(edit.words) - 1
        for i, word in enumerate(edit.words):
            text = word.text if word.mark != " " else stayed(word.text, first=i == 0, last=i == last, around=_AROUND)
            yield Stretch(mark=word.mark, text=text)
        return
    sides = [("-", edit.old), ("+", edit.new)]
    values = [
        (mark, value if isinstance(value, str) else json.dumps(elided(value), ensure_ascii=False))
        for mark, value in sides
        if value is not None
    ]
    for i, (mark, text) in enumerate(values):
        if i:
            yield Stretch(mark=" ", text=" → ")
        yield Stretch(mark=mark, text=text)
