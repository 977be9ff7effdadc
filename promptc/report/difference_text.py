"""Two states of a project compared, for a terminal: each change with what it does, then the cases, then the cost."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from shlex import quote

from promptc.blob import Blob
from promptc.diagnostics import Diagnostic, Severity
from promptc.pipeline.consent import Naming, sums
from promptc.pipeline.diff import CaseDifference, DiffResult, Side
from promptc.pipeline.results import CaseResult, Status
from promptc.pipeline.review import PicturePair, StepReview
from promptc.report.as_json import recording_word
from promptc.report.difference_next import left_behind, steps
from promptc.report.effects import Effect, effects, pictures, shown_by, source_words
from promptc.report.full import full
from promptc.report.marked import marked
from promptc.report.plan import basis, cost_cell
from promptc.report.style import Style, line
from promptc.report.table import table
from promptc.review.asked import REPLY, written
from promptc.review.difference import Group, Topic
from promptc.tree import Tree
from promptc.wording import plural

_FEW = 3
"""So many cases are named before the rest is counted."""
_NAMED = 6
"""So many specs are named in a command."""
_ROWS = 25
"""So many cases have a line each."""
_VALUE = 60
_UNSOUND = {Status.ERROR, Status.EXPIRED}
"""What `promptc record` alone does not mend."""
_DIGITS = 12
_HEAD = ("case", "change", "recording", "requests", "cost")
_WORDS = 3
"""So many of the columns hold words; the others hold numbers."""
_STATES = {"added": "green", "removed": "red", "renamed": "blue", "changed": "yellow", "same": "dim"}


def difference_text(found: DiffResult, style: Style) -> str:
    """Return what a change of the specs does, what it makes stale, and what recording anew costs."""
    blocks = [
        [overview(found, style)],
        *_broken(found, style),
        *([*_group(group, found.sides, style)] for group in found.groups),
        [*_table(found.cases, style)],
        [*_recordings(found)],
        [*_answers(found.cases, style)],
        [*_last(found)],
    ]
    return "\n".join("".join(f"{text}\n" for text in block) for block in blocks if block)


def overview(found: DiffResult, style: Style) -> str:
    """Return what was compared with what, and how much differs, in a line."""
    sides = f"{named(found.old)}{met(found, line)} → {named(found.new)}"
    if not found.changed:
        return f"{sides}: no change: {_same(found.unchanged)}"
    counts = Counter(_change(case).partition(",")[0] for case in found.cases)
    counts["with another state of the recording"] = counts.pop("recording", 0)
    order = ("changed", "added", "removed", "renamed", "recorded anew", "with another state of the recording")
    words = [style.paint(f"{counts[word]:,} {word}", _STATES.get(word, "yellow")) for word in order if counts[word]]
    return f"{sides}: {', '.join(words) or 'no case that compiles on both sides differs'}"


def _same(count: int) -> str:
    if not count:
        return "no case compiles"
    return f"{'the case compiles' if count == 1 else f'all {count:,} cases compile'} to the same requests"


def met(found: DiffResult, name: Naming) -> str:
    """Return what follows the old side's name where it is the commit at which two revisions met."""
    return f", where {' and '.join(map(name, found.met))} met," if found.met else ""


def named(side: Side) -> str:
    """Return what a side is called, with its commit's digits."""
    return f"{line(side.name)} ({side.digits})" if side.digits else line(side.name)


def _broken(found: DiffResult, style: Style) -> Iterator[list[str]]:
    """Yield what keeps specs from being compared, of either side."""
    for side in (found.old, found.new):
        if side.project is None and not side.diagnostics:
            yield [f"{named(side)} has no project"]
        errors = [told for told in side.diagnostics if told.severity is Severity.ERROR]
        if errors:
            specs = (
                f"{plural(len(side.broken), 'spec')} can't be compared in {named(side)}" if side.broken else named(side)
            )
            yield [f"{style.paint(specs, 'red')}:", *_indented(full(_each(errors), style))]


def _each(errors: Iterable[Diagnostic]) -> Iterable[Diagnostic]:
    return dict.fromkeys(errors)


def _indented(text: str) -> Iterator[str]:
    return (f"  {row}".rstrip() for row in text.rstrip("\n").split("\n"))


def _group(group: Group, sides: Mapping[str, tuple[int, int]], style: Style) -> Iterator[str]:
    """Yield a change of the sources: where it is, its words, and what it does to which cases."""
    span = group.new_span or group.old_span
    source = source_words(group)
    gone = " (removed)" if source and group.new_span is None else ""
    yield style.paint(f"{line(span.source.name)}:{span.line}{gone}" if span else "somewhere else", "bold")
    yield from (f"  {text}" for text in marked(source, style))
    for effect in effects(group):
        yield f"  → {_effect(effect, style)} {_of(effect)}"
        if effect.words and not shown_by(source, effect.edit):
            yield from (f"      {text}" for text in marked(effect.words, style))
        yield from (f"      {text}" for text in _pictures(effect, sides, style))


def _effect(effect: Effect, style: Style) -> str:
    """Return what was done to what, with values that are short."""
    what, edit = style.paint(line(effect.what), "bold"), effect.edit
    if effect.words or edit.topic in {Topic.IMAGE, Topic.FILE} or any(pictures(edit)):
        return f"{what} {edit.action}" if edit.action != "changed" else what
    if edit.action == "added":
        return f"{what} added: {_value(edit.new)}"
    if edit.action == "removed":
        return f"{what} removed: {_value(edit.old)}"
    return f"{what}: {_value(edit.old)} → {_value(edit.new)}"


def _of(effect: Effect) -> str:
    few, left = effect.cases[:_FEW], len(effect.cases) - _FEW
    more = f" and {left:,} more" if left > 0 else ""
    return f"in {plural(len(effect.cases), 'case')}: {', '.join(map(line, few))}{more}"


def _value(value: Tree) -> str:
    if value == REPLY:
        return "the model's reply"
    text = written(value)
    return line(text if len(text) <= _VALUE else f"{text[:_VALUE]}…")


def _pictures(effect: Effect, sides: Mapping[str, tuple[int, int]], style: Style) -> Iterator[str]:
    for mark, colour, blobs in zip("-+", ("red", "green"), pictures(effect.edit), strict=True):
        yield from (style.paint(f"{mark} {_picture(blob, sides)}", colour) for blob in blobs)


def _picture(blob: Blob, sides: Mapping[str, tuple[int, int]]) -> str:
    """Return a file by its name, digest, size and sides."""
    name = f"{line(blob.path.name)} " if blob.path else ""
    size = "{}x{} ".format(*sides[blob.sha256]) if blob.sha256 in sides else ""
    return f"{name}sha256:{blob.sha256[:_DIGITS]} {size}{line(blob.media_type)}, {blob.size:,} bytes"


def _table(cases: Sequence[CaseDifference], style: Style) -> Iterator[str]:
    """Yield the cases that are touched, a row each; of many, a row for those of a spec that fare alike."""
    kinds: dict[tuple[str, ...], list[CaseDifference]] = {}
    for case in cases:
        alike = (case.pair.id.partition("::")[0], _change(case), recording(case))
        kinds.setdefault(alike if len(cases) > _ROWS else (case.pair.id,), []).append(case)
    if kinds:
        rows = [_HEAD, *map(_row, kinds.values())]
        yield from table(rows, style, words=_WORDS, colour=_colour)


def _colour(change: str) -> str:
    return _STATES.get(change.split(maxsplit=1)[0].strip(","), "yellow")


def _row(kind: Sequence[CaseDifference]) -> tuple[str, str, str, str, str]:
    first = kind[0]
    spec = first.pair.id.partition("::")[0]
    name = first.pair.id if len(kind) == 1 else f"{spec}  {plural(len(kind), 'case')}"
    estimates = [case.estimate for case in kind if case.estimate]
    requests = sum(estimate.requests for estimate in estimates)
    return (
        line(name),
        _change(first, alone=len(kind) == 1),
        recording(first),
        f"{requests:,}" if requests else "-",
        cost_cell(estimates),
    )


def _change(case: CaseDifference, *, alone: bool = False) -> str:
    """Return what became of a case."""
    pair = case.pair
    if pair.state == "same":
        return "recorded anew" if any(map(_anew, case.answers)) else "recording"
    if pair.state != "renamed" or pair.old is None:
        return pair.state
    was = pair.old.spec if pair.new and pair.old.name == pair.new.name else pair.old.id
    more = ", changed" if pair.edits else ""
    return f"renamed from {line(was)}{more}" if alone else f"renamed{more}"


def recording(case: CaseDifference) -> str:
    """Return what a case's recording was and is."""
    before, now = _state(case.before), _state(case.now)
    return now if before == now else f"{before} → {now}"


def _state(result: CaseResult | None) -> str:
    return recording_word(result.status.value) if result else "-"


def _recordings(found: DiffResult) -> Iterator[str]:
    """Yield which recordings can be moved to the names that their cases have now."""
    moved, _ = left_behind(found)
    for case in moved[:_FEW]:
        yield f"{line(case.pair.id)} asks what {line(case.before.id if case.before else '')} asked, whose recording it gets by"
        yield f"  `{line(case.move or '')}`{_checkout(found)}"
    if left := len(moved[_FEW:]):
        ask = "1 more case asks" if left == 1 else f"{left:,} more cases ask"
        yield f"{ask} what was asked under another name: `promptc check` gives the commands that move the recordings"


def _answers(cases: Sequence[CaseDifference], style: Style) -> Iterator[str]:
    """Yield the answers that were recorded anew, with how their pictures differ."""
    with_answers = [case for case in cases if any(map(_anew, case.answers))]
    if with_answers:
        yield style.paint(f"answers recorded anew — {plural(len(with_answers), 'case')}", "bold")
    for case in with_answers[:_ROWS]:
        for step in case.answers:
            if _anew(step):
                yield from (f"  {text}" for text in _answer(case.pair.id, step, len(case.answers)))
    if len(with_answers) > _ROWS:
        yield f"  and {plural(len(with_answers) - _ROWS, 'case')} more; `--format json` has all"


def _anew(step: StepReview) -> bool:
    """Say whether a step has been answered twice, and not alike."""
    return bool(step.old and step.new and not step.same)


def _answer(name: str, step: StepReview, steps: int) -> Iterator[str]:
    where = f"{line(name)}, step {step.step}" if steps > 1 else line(name)
    told = [text for pair in step.pictures if (text := _pair(pair))]
    texts = [side.text if side else "" for side in (step.old, step.new)]
    told += ["another text"] if texts[0] != texts[1] else []
    yield f"{where}: {'; '.join(told) or 'another answer'}"


def _pair(pair: PicturePair) -> str:
    if pair.old is None or pair.new is None:
        return f"picture {pair.number} {'added' if pair.old is None else 'removed'}"
    if pair.comparison and pair.comparison.same_bytes:
        return ""
    figures = pair.comparison.figures if pair.comparison else line(pair.problem or "not compared")
    return f"picture {pair.number}: {figures}"


def _last(found: DiffResult) -> Iterator[str]:
    """Yield what stays as it is, and what is to be asked anew."""
    if found.changed and found.unchanged:
        yield f"{plural(found.unchanged, 'case')} {'is' if found.unchanged == 1 else 'are'} unchanged"
    if found.elsewhere:
        few, left = found.elsewhere[:_FEW], len(found.elsewhere) - _FEW
        more = f" and {left:,} more" if left > 0 else ""
        yield f"not fresh, though unchanged: {', '.join(map(line, few))}{more}; `promptc check` says why"
    estimate = found.estimate
    if estimate.requests:
        yield f"recording anew: {sums(estimate)}"
        yield f"  about {estimate.input_tokens:,} tokens in, {estimate.output_tokens:,} out; {basis(estimate)}"
        yield f"  `{command(found)}` asks for {'it' if estimate.requests == 1 else 'them'}{_checkout(found)}"
    bad = sum(case.now is not None and case.now.status in _UNSOUND for case in found.cases)
    if bad:
        are = "recording is" if bad == 1 else "recordings are"
        yield f"{bad:,} {are} damaged or too old: `promptc check` says how to mend that"
    elif found.changed and not estimate.requests:
        yield f"{'of what compiles, ' if found.new.broken else ''}nothing need be recorded anew"
    yield from steps(found)


def _checkout(found: DiffResult) -> str:
    return f", in a checkout of {line(found.new.name)}" if found.new.commit and found.new.name != "HEAD" else ""


def command(found: DiffResult) -> str:
    """Return what records the touched cases anew: by their names, or by their specs where they are many.

    A spec's name would ask for its renamed cases, too, whose recordings need only be moved.
    """
    cases = [case.pair.new for case in found.cases if case.estimate and case.pair.new]
    names = [case.id for case in cases]
    moved = {case.pair.new.spec for case in found.cases if case.move and case.pair.new}
    if len(names) > _FEW:
        names = [*dict.fromkeys(case.id if case.spec in moved else case.spec for case in cases)]
    return " ".join(["promptc record", *(quote(line(name)) for name in names if len(names) <= _NAMED)])
