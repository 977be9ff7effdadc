"""Results for a terminal: a line a case where it matters, and a last line that says it all."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from shlex import quote

from promptc.config import FILE
from promptc.diagnostics import Diagnostic, order
from promptc.pipeline.accept import SettledResult
from promptc.pipeline.check import CheckResult
from promptc.pipeline.listing import Listing
from promptc.pipeline.results import CaseResult, Status
from promptc.pipeline.run import RunResult
from promptc.pipeline.unit import counts
from promptc.report.as_json import recording_word
from promptc.report.full import full
from promptc.report.grouped import grouped
from promptc.report.provenance import ages, answers_from, by_emulator, target, traffic, versions
from promptc.report.style import Style, printable
from promptc.report.table import table
from promptc.source import shown
from promptc.wording import plural

_COLOURS = {
    Status.PASSED: "green",
    Status.SKIPPED: "dim",
    Status.XFAILED: "dim",
    Status.PENDING: "yellow",
}
_TEXT = 100
_FEW = 25
"""So many cases have a line each, with their texts and pictures."""
_NAMED = 3
"""So many cases are named in a command."""
_QUIET = {Status.PASSED, Status.SKIPPED, Status.XFAILED}
_KEPT = {"accepted": " (recorded)", "pending": " (recorded, waits to be accepted)"}


def run_summary(result: RunResult, style: Style, *, pictures: bool = True) -> str:
    """Return a run's results: each case, its pictures, then what is wrong, then the totals.

    Of many cases, those with which all is well have a line a spec.
    """
    many = len(result.results) > _FEW
    lines = _folded(result.results, style) if many else _each(result.results, style, pictures=pictures)
    found = [*result.diagnostics, *(d for case in result.results for d in case.diagnostics)]
    findings = grouped(tuple(dict.fromkeys(found)), style, lists="--format json") if many else full(found, style)
    hint = pending_hint(sum(case.waits for case in result.results))
    totals = f"{_totals(result, style, counted(found, 'error', 'warning'))}{_stopped(result)}{_uncounted(result)}{hint}"
    parts = ["".join(f"{line}\n" for line in lines), findings, totals]
    return "\n".join(part for part in parts if part)


def check_summary(result: CheckResult, style: Style) -> str:
    """Return what `check` found, then the totals."""
    counts = Counter(recording_word(case.status.value) for case in result.cases)
    errors = sum(d.severity == "error" for d in result.diagnostics)
    specs = len(result.selection.files)
    words = ", ".join(f"{count:,} {word}" for word, count in counts.items())
    head = f"{plural(specs, 'spec')}, {plural(len(result.cases), 'case')}"
    last = f"{head}: {words or 'nothing to compare'}{stand_ins(result.cases)}"
    verdict = style.paint("ok", "green") if result.good else style.paint(plural(errors, "error"), "red")
    origin = answers_from(case.provenance for case in result.cases)
    parts = [
        grouped(result.diagnostics, style),
        f"{origin}{last} — {verdict}{counted(result.diagnostics, 'warning')}\n",
    ]
    return "\n".join(part for part in parts if part)


def listing_table(result: Listing, style: Style) -> str:
    """Return the cases as a table."""
    tagged = any(case.tags for case, _ in result.rows)
    rows = [("case", "model", "steps", "recording", "from", "answered by", "recorded", *(["tags"] if tagged else []))]
    for case, state in result.rows:
        word = recording_word(state.status.value) + (" +pending" if state.waits and state.status != "pending" else "")
        tags = [printable(", ".join(case.tags)) or "-"] if tagged else []
        rows.append((case.id, case.requests[0].model, str(len(case.requests)), word, *_origin(state), *tags))
    return "".join(f"{text}\n" for text in table(rows, style, words=len(rows[0])))


def _origin(case: CaseResult) -> tuple[str, str, str]:
    """Return where a case's answers come from, which models gave them, and how long ago."""
    if not case.provenance:
        return "-", "-", "-"
    span = ages([case.provenance])
    return (
        target(case.provenance),
        ", ".join(versions(case.provenance)) or "unknown",
        f"{span} ago" if span else "unknown",
    )


def _each(cases: Iterable[CaseResult], style: Style, *, pictures: bool) -> Iterator[str]:
    return (line for case in cases for line in _case(case, style, pictures=pictures))


def _folded(cases: Iterable[CaseResult], style: Style) -> Iterator[str]:
    """Yield a line for what became of a spec's cases alike, and one for each case that needs a look."""
    kinds: dict[tuple[object, ...], list[CaseResult]] = {}
    for case in cases:
        alike = case.good and case.status in _QUIET and not case.told
        kinds.setdefault((case.spec, case.status, case.kept) if alike else (case.id,), []).append(case)
    for kind in kinds.values():
        first = kind[0]
        if len(kind) == 1:
            yield from _case(first, style, pictures=False)
        else:
            word = style.paint(f"{first.status.value:8}", _COLOURS[first.status])
            yield f"{word} {first.spec}  {plural(len(kind), 'case')}{_KEPT.get(first.kept or '', '')}"


def _case(case: CaseResult, style: Style, *, pictures: bool) -> Iterator[str]:
    word = style.paint(f"{case.status.value:8}", _COLOURS.get(case.status, "red"))
    kept = _KEPT.get(case.kept or "", "")
    reason = f": {printable(case.reason)}" if case.reason else ""
    yield f"{word} {case.id}{kept}{reason}"
    for note in case.told:
        yield style.paint(f"         {printable(note)}", "yellow")
    if not pictures:
        return
    for step in case.steps:
        if step.text:
            text = printable(" ".join(step.text.split()))
            yield style.paint(f"         text: {text[:_TEXT]}{'…' * (len(text) > _TEXT)}", "dim")
        for image in step.images:
            sides = f"{image.width}x{image.height}" if image.width else "?"
            where = f" {shown(image.file)}" if image.file else ""
            yield style.paint(f"         image:{where} {sides} {image.media_type}, {image.size:,} bytes", "dim")


def counted(diagnostics: Iterable[Diagnostic], *severities: str) -> str:
    """Return how many there are of each severity, to stand behind a verdict: `, 1 error, 2 warnings`."""
    counts = Counter(found.severity.value for found in order(diagnostics))
    return "".join(f", {plural(counts[word], word)}" for word in severities if counts[word])


def _totals(result: RunResult, style: Style, found: str) -> str:
    counts = Counter(case.status.value for case in result.results)
    words = ", ".join(f"{count:,} {word}" for word, count in counts.items()) or "no case was run"
    totals = traffic(
        asked=sum(case.asked for case in result.results),
        waiting=sum(case.waits for case in result.results),
        stand_ins=sum(case.emulator for case in result.results),
    )
    verdict = style.paint("ok", "green") if result.good else style.paint("not ok", "red")
    origin = answers_from(case.provenance for case in result.results)
    return f"{origin}{words}; {totals} — {verdict}{found}\n"


def pending_hint(count: int) -> str:
    """Return how to look at answers that wait, if any does."""
    if not count:
        return ""
    what = f"{plural(count, 'new answer')} wait{'s' * (count == 1)}"
    them, ones = ("it", "one") if count == 1 else ("them", "ones")
    return f"{what}: `promptc review` shows {them} beside the old {ones}\n"


def _uncounted(result: RunResult) -> str:
    """Say at once that what was recorded counts for nobody who doesn't ask for the emulator."""
    project = result.project
    kept = (case.provenance for case in result.results if case.kept and case.provenance)
    if all(counts(project, origin, project.target) for origin in kept):
        return ""
    return (
        f"a stand-in doesn't count for the target `{project.target}`: `allow_emulator = true` in {FILE} lets it count\n"
    )


def _stopped(result: RunResult) -> str:
    stopped = result.stopped
    if stopped is None:
        return ""
    done = f"stopped: {stopped.done:,} of {plural(stopped.cases, 'case')} {'is' if stopped.cases == 1 else 'are'} done"
    if not stopped.kept:
        return f"{done}\n"
    rest = f"`{stopped.rest}`, with the same options," if stopped.rest else "the same command"
    return f"{done} and kept; {rest} asks for the rest\n"


def stand_ins(cases: Iterable[CaseResult]) -> str:
    """Return how many recordings are no answers of the API, where there are any."""
    count = sum(case.emulator for case in cases)
    return f"; {by_emulator(count)}" if count else ""


def settled_summary(result: SettledResult, word: str) -> str:
    """Return which answers were accepted or rejected, where they come from, and that some don't meet what is expected."""
    if not result.cases:
        return "" if result.diagnostics else "no new answer waits\n"
    settled = "".join(f"{word} {case}\n" for case in result.cases) + answers_from(result.answers)
    return settled + _unmet(result.unmet)


def _unmet(cases: Sequence[str]) -> str:
    if not cases:
        return ""
    which = "it is" if len(cases) == 1 else f"{len(cases)} of them are"
    named = " ".join(["promptc run", *(quote(case) for case in cases if len(cases) <= _NAMED)])
    return f"accepted, but {which} not green: `{named}` says why\n"
