"""A difference as the comment of a pull request: what changes and why, what is stale, what it costs, what to do."""

from collections import Counter
from collections.abc import Iterator
from shlex import quote

from promptc.diagnostics import Diagnostic, Severity
from promptc.pipeline.consent import sums
from promptc.pipeline.diff import CaseDifference, DiffResult
from promptc.pipeline.results import Status
from promptc.report.as_json import recording_word
from promptc.report.difference_next import left_behind, steps
from promptc.report.difference_pictures import Links, answers, pictures, recorded_anew
from promptc.report.difference_text import met, recording
from promptc.report.difference_words import group_row, request_row
from promptc.report.markdown import Section, cell, code, fitted
from promptc.report.plan import basis
from promptc.report.provenance import by_emulator
from promptc.report.style import line
from promptc.wording import plural

MARKER = "<!-- promptc diff -->"
"""The first line, by which a bot finds the comment that it has to update."""
LIMIT = 65_536
"""The most characters of a comment on GitHub; GitLab takes a million."""
_RESERVE = 600
_FEW = 10
"""So many cases are listed openly."""
_UNDONE = {Status.STALE, Status.MISSING, Status.EXPIRED, Status.ERROR}


def difference_markdown(result: DiffResult, links: Links, *, most: int = LIMIT) -> str:
    """Return the comment, which has at most so many characters; the same difference gives the same bytes."""
    if not result.changed and result.good:
        return f"{MARKER}\nNo request, expectation or recording differs between {_between(result)}.\n"
    page, left = fitted(_summary(result), _sections(result, links), most - _RESERVE)
    return f"{page}{_left_out(left, result)}"


def _sections(result: DiffResult, links: Links) -> Iterator[Section]:
    """Yield the parts behind the summary, what matters most first."""
    if mistakes := [_mistake(found) for found in result.new.diagnostics if found.severity is Severity.ERROR]:
        yield Section(head="#### Mistakes\n\n", rows=mistakes, noun="mistake")
    if result.groups:
        rows = [group_row(number, group, result) for number, group in enumerate(result.groups, start=1)]
        yield Section(head="#### What changes, by its cause\n\n", rows=rows, noun="cause")
    if added := [request_row(case.pair.new) for case in result.cases if case.pair.new and case.pair.state == "added"]:
        yield Section(head="#### New requests\n\n", rows=added, noun="new request")
    if shown := list(pictures(result, links)):
        head = "#### Pictures\n\n| | before | now |\n| --- | --- | --- |\n"
        yield Section(head=head, rows=shown, noun="picture")
    if said := list(answers(result)):
        yield Section(head="#### Answers recorded anew\n\n", rows=said, noun="answer")
    if result.cases:
        yield _cases(result)


def _summary(result: DiffResult) -> str:
    paragraphs = [MARKER, f"### Prompts: {headline(result)}", *_paragraphs(result)]
    return "\n\n".join(paragraphs).replace(f"{MARKER}\n\n", f"{MARKER}\n", 1) + "\n"


def headline(result: DiffResult) -> str:
    """Return what became of how many cases, in a line."""
    states = Counter(_what(case) for case in result.cases)
    words = {
        "changed": "changed",
        "renamed": "renamed",
        "added": "added",
        "removed": "removed",
        "recorded": "with another recording",
        "recording": "with another state of the recording",
    }
    parts = [f"{plural(states[state], 'case')} {word}" for state, word in words.items() if states[state]]
    if not result.good:
        specs = len(result.new.broken)
        parts.insert(0, f"{plural(specs, 'spec')} with mistakes" if specs else "mistakes")
    if mended := result.old.broken - result.new.broken:
        parts.append(f"{plural(len(mended), 'spec')} that had mistakes")
    return ", ".join(parts) or "no case changed"


def _what(case: CaseDifference) -> str:
    if case.pair.state != "same":
        return case.pair.state
    return "recorded" if recorded_anew(case) else "recording"


def _paragraphs(result: DiffResult) -> Iterator[str]:
    others = f"; {plural(result.unchanged, 'other case')} as before" if result.unchanged else ""
    yield f"Between {_between(result)}{others}."
    if broken := sorted(result.new.broken):
        yield f"**Not compared**, since they have mistakes: {_named(broken)}."
    if mended := sorted(result.old.broken - result.new.broken):
        where = _side(result.old.name, result.old.commit)
        yield f"**Not compared**, since they had mistakes in {where}: {_named(mended)}. `promptc check` says how they stand."
    yield f"**Recordings:** {_recordings(result)}."
    estimate = result.estimate
    if estimate.requests:
        tokens = f"about {estimate.input_tokens:,} tokens in, {estimate.output_tokens:,} out"
        yield f"**To record:** {sums(estimate, code)} ({tokens}; {basis(estimate)})."
    if result.elsewhere:
        yield f"**Not touched, and not fresh either:** {_named(result.elsewhere)}."
    yield f"**Next:** {_next(result)}."


def _recordings(result: DiffResult) -> str:
    words = Counter(recording_word(case.now.status.value) for case in result.cases if case.now)
    parts = [f"{count} {word}" for word, count in sorted(words.items())]
    anew = sum(bool(recorded_anew(case)) for case in result.cases)
    stand_ins = sum(bool(case.now and case.now.emulator) for case in result.cases)
    parts = [", ".join(parts or ["none is concerned"])]
    parts += [f"{plural(anew, 'case')} recorded anew"] * bool(anew)
    parts += [by_emulator(stand_ins)] * bool(stand_ins)
    return "; ".join(parts)


def _next(result: DiffResult) -> str:
    if not result.good:
        return "`promptc check` says how to mend the mistakes"
    return "; ".join([*_recorded_next(result), *steps(result)]) or _nothing(result)


def _nothing(result: DiffResult) -> str:
    return f"{'of what was compared, ' if result.old.broken else ''}nothing is left to record"


def _recorded_next(result: DiffResult) -> Iterator[str]:
    """Yield what is to be done about recordings that are not fresh, and about those that are new."""
    moved, _ = left_behind(result)
    if moved:
        which = "a recording that fits lies" if len(moved) == 1 else f"{len(moved):,} recordings that fit lie"
        way = f"{code(moved[0].move or '')} moves it" if len(moved) == 1 else "`promptc check` gives the commands"
        then = "then `promptc record` asks for the rest" if result.estimate.requests else "nothing need be paid for"
        yield f"{which} under an old name: {way}, and {then}"
    elif result.estimate.requests:
        yield (
            "`promptc record` asks for what is stale or missing, and `promptc review` shows new answers beside old ones"
        )
    elif any(case.now and case.now.status in _UNDONE for case in result.cases):
        yield "`promptc check` says how to mend the recordings"
    elif any(recorded_anew(case) for case in result.cases):
        yield "nothing is left to record; look at the new answers below"


def _cases(result: DiffResult) -> Section:
    """Return the table of all cases; a long one is folded."""
    rows = [_case(case) for case in result.cases]
    table = "| case | change | recording | to record |\n| --- | --- | --- | --- |\n"
    if len(rows) <= _FEW:
        return Section(head=f"#### Cases\n\n{table}", rows=rows, noun="case")
    head = f"<details>\n<summary>{plural(len(rows), 'case')}</summary>\n\n{table}"
    return Section(head=head, rows=rows, end="\n</details>\n", noun="case")


def _case(case: CaseDifference) -> str:
    pair = case.pair
    change: str = "recording" if pair.state == "same" else pair.state
    if pair.state == "renamed" and pair.old:
        change = f"renamed from {code(pair.old.id)}{', changed' if pair.edits else ', asks the same'}"
    anew = ", recorded anew" if recorded_anew(case) else ""
    asked = sums(case.estimate, code).replace(" of 1 case", "") if case.estimate else "-"
    return f"| {cell(code(pair.id))} | {cell(change)} | {recording(case)}{anew} | {cell(asked)} |\n"


def _mistake(found: Diagnostic) -> str:
    place = f" {code(found.place)}" if found.place else ""
    return f"- {found.code}{place}: {code(found.message)}\n"


def _between(result: DiffResult) -> str:
    return f"{_side(result.old.name, result.old.commit)}{met(result, code)} and {_side(result.new.name, result.new.commit)}"


def _side(name: str, commit: str | None) -> str:
    return code(name) if commit else name


def _named(ids: "frozenset[str] | tuple[str, ...] | list[str]") -> str:
    """Name a few, and count the rest."""
    names = list(ids)
    few = [code(name) for name in names[:_FEW]]
    return ", ".join(few) + (f" and {len(names) - _FEW:,} more" if len(names) > _FEW else "")


def _left_out(left: tuple[str, ...], result: DiffResult) -> str:
    if not left:
        return ""
    ends = f"{result.old.name}..{result.new.name}" if result.new.commit else result.old.name
    return f"\n**Left out**, for a comment has no room for it: {', '.join(left)}. {code(f'promptc diff {quote(line(ends))}')} shows all.\n"
