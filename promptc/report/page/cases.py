"""A run, or what waits, as a page: one case after the other."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from promptc import age
from promptc.models import Models
from promptc.pipeline.report import Report, Reported
from promptc.pipeline.results import Status, StepResult
from promptc.pipeline.review import StepReview
from promptc.pipeline.run import workers
from promptc.replay.provenance import Provenance
from promptc.report.page.answered import case_steps, images_of
from promptc.report.page.gallery import Gallery
from promptc.report.page.model import Case, Page, Row, Step, Tone, Word
from promptc.report.page.remarks import remarked
from promptc.report.provenance import ages, answers_from, target, versions
from promptc.wording import plural

_TONES: dict[str, Tone] = {
    Status.PASSED: "good",
    Status.SKIPPED: "soft",
    Status.XFAILED: "soft",
    Status.PENDING: "warn",
    Status.STOPPED: "warn",
    "fits": "warn",
}
EARLIER = "No answer counts for this request. What is recorded answers an earlier one:"
"""What is said above the answers of a stale case."""
_LEADS = {
    "run": "Every answer below belongs to the request that today's specs compile to, or the case says that it does not.",
    "pending": "New answers that wait beside the accepted ones. Nothing of them counts until somebody accepts it.",
}


def page(report: Report, gallery: Gallery) -> Page:
    """Return the page of a run, or of what waits."""
    with workers(report.project.jobs) as executor:  # making pictures small takes its time
        cases = tuple(executor.map(lambda row: _case(row, gallery, report.project.models), report.cases))
    origins = [_origin(row) for row in report.cases]
    return Page(
        title=report.project.root.name,
        kind=report.kind,
        verdict=_verdict(report),
        lead=_LEADS[report.kind],
        origin=answers_of(origins),
        notes=tuple(stand_ins(sum(bool(origin and origin.emulator) for origin in origins))),
        remarks=remarked(report.diagnostics),
        causes=(),
        cases=cases,
        files=gallery.folder is not None,
    )


def pictures(report: Report) -> int:
    """Return how many pictures of answers a report has."""
    return sum(1 for row in report.cases for _ in images_of(_answers_of(row)))


def stand_ins(count: int) -> Iterator[str]:
    """Say that recordings are no answers of the API."""
    if count:
        made = "recording was" if count == 1 else "recordings were"
        yield (f"{count} {made} made by the emulator: stand-ins, drawn by a program. They are not answers of the API.")


def answers_of(origins: Iterable[Provenance | None]) -> str:
    """Say where answers come from, and how old they are on which day."""
    told = answers_from(origins).strip()
    return f"{told} on {age.written(age.now())[:10]}" if told else ""


def _verdict(report: Report) -> Word:
    count = plural(len(report.cases), "case")
    if report.kind == "pending":
        waits = f"{plural(len(report.cases), 'new answer')} wait{'s' if len(report.cases) == 1 else ''}"
        return Word(text=waits if report.cases else "no new answer waits", tone="good" if report.good else "warn")
    bad = sum(not (row.result and row.result.good) for row in report.cases)
    if report.good:
        return Word(text=f"{count}, all good", tone="good")
    return Word(text=f"{count}, {bad} not good" if bad else f"{count}, mistakes in specs", tone="bad")


def _origin(row: Reported) -> Provenance | None:
    return row.result.provenance if row.result else row.review.waiting.provenance if row.review else None


def _case(row: Reported, gallery: Gallery, models: Models) -> Case:
    result, review = row.result, row.review
    told = result.diagnostics if result else ()
    if review and not result:
        unmet = [problem for step in review.steps for problem in step.unmet]
        told = (*unmet, *filter(None, [review.waiting.problem]))
    return Case(
        spec=row.case.spec,
        name=row.case.name,
        words=tuple(_words(row)),
        facts=tuple(_facts(row)),
        reason=(result.reason if result else review.xfail if review else None) or "",
        steps=tuple(_steps(row, gallery, models)),
        remarks=remarked(told),
    )


def _answers_of(row: Reported) -> Sequence[StepReview | StepResult]:
    """Return a case's answers: old and new where one waits, earlier ones where none counts."""
    if row.review and row.review.steps:
        return row.review.steps
    steps = row.result.steps if row.result else ()
    return (*steps, *row.earlier[len(steps) :])


def _words(row: Reported) -> Iterator[Word]:
    result, review = row.result, row.review
    state = result.status.value if result else review.waiting.state if review else "unknown"
    yield Word(text=state, tone=_TONES.get(state, "bad"))
    if result and result.waits and result.status is not Status.PENDING:
        yield Word(text="answer waits", tone="warn")
    if result and any(diagnostic.severity == "warning" for diagnostic in result.diagnostics):
        yield Word(text="warning", tone="warn")
    origin = _origin(row)
    if origin and origin.emulator:
        yield Word(text="stand-in")


def _facts(row: Reported) -> Iterator[Row]:
    if row.case.requests:
        models = dict.fromkeys(request.model for request in row.case.requests)
        yield Row(name="asks", value=", ".join(models))
    if row.review:
        yield Row(name="old", value=recorded(row.review.old) if row.review.old else row.review.no_old or "none")
        if row.review.waiting.provenance:
            yield Row(name="new", value=recorded(row.review.waiting.provenance))
    elif row.result:
        yield Row(name="answer", value=recorded(row.result.provenance) if row.result.provenance else "not recorded")


def recorded(recording: Provenance) -> str:
    """Say where answers come from: the target, the models, when and how old they were then."""
    span = ages([recording])
    when = f"recorded {recording.recorded_at}, {span} before this page" if span else "recorded nobody knows when"
    return ", ".join([target(recording), *versions(recording), when])


def _steps(row: Reported, gallery: Gallery, models: Models) -> Iterator[Step]:
    """Yield the steps of today's case with their answers; what the diagnostic tells already is left out."""
    told = row.result and row.result.status is Status.PENDING
    count = len(row.result.steps) if row.result else 0
    for step in case_steps(row.case.requests, _answers_of(row), gallery, models):
        late = row.earlier and step.number > count and step.answers
        yield replace(step, note=EARLIER if late else step.note, changes=() if told else step.changes)
