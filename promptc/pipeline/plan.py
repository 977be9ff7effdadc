"""Plan: what `record` would ask for now, and what it would cost."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from promptc.config import EMULATOR, Project, Target
from promptc.cost import Prices, Tokens, cost, tokens
from promptc.diagnostics import Diagnostic, failed
from promptc.errors import CassetteError
from promptc.estimate import guess, known, prompt
from promptc.pipeline import findings, unfinished
from promptc.pipeline.answers import answered, fitting
from promptc.pipeline.filter import EVERYTHING, Filter
from promptc.pipeline.own_checks import unknown_checks
from promptc.pipeline.rot import rotten_files
from promptc.pipeline.selection import Selection, select
from promptc.pipeline.targets import reached
from promptc.pipeline.unit import Unit
from promptc.replay.limits import WINDOW
from promptc.replay.modes import RecordMode
from promptc.replay.offline import offline
from promptc.replay.recording import Recording, sidecars_of
from promptc.request import Request
from promptc.response import read
from promptc.review.usage import DEARER


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What asking for cases comes to, before anything is sent.

    Tokens of input and output, US dollars, seconds at the target's rate limit; None where it is not
    known. `unpriced` names the models without a price: what they cost is not in `dollars`.
    `measured` counts the requests whose tokens are those of an earlier answer, not of a rule.
    `uncounted` names what is sent and has no rule: media types, and searches, which have a fee.
    """

    cases: int
    requests: int
    input_tokens: int
    output_tokens: int
    dollars: float | None
    seconds: float | None
    unpriced: tuple[str, ...] = ()
    measured: int = 0
    uncounted: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether `dollars` holds everything that costs."""
        return not self.unpriced and not self.uncounted


class Why(StrEnum):
    """Why a case is asked for."""

    MISSING = "missing"
    STALE = "stale"
    STAND_IN = "stand-in"
    DAMAGED = "damaged"
    AGAIN = "again"
    """Its recording is fresh; `--all` asks all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A case that `record` would ask for, from its step `first` on.

    `move` is the command that gives it the recording of a case of another name that is gone; then it is not asked for.
    """

    spec: str
    case: str
    models: tuple[str, ...]
    why: Why
    first: int
    estimate: Estimate
    move: str | None = None

    @property
    def id(self) -> str:
        """`spec::case`."""
        return f"{self.spec}::{self.case}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The cases that would be asked for, in their order; `rest` counts the others, `diagnostics` what stands in the way."""

    project: Project
    target: Target
    cases: tuple[Asked, ...]
    rest: int
    estimate: Estimate
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def good(self) -> bool:
        """Whether nothing keeps a case from being asked."""
        return not failed(self.diagnostics)


def plan(
    project: Project,
    arguments: Sequence[str] = (),
    *,
    only: Filter = EVERYTHING,
    mode: RecordMode = RecordMode.NEW_EPISODES,
    target: str | None = None,
    before: datetime | None = None,
) -> Plan:
    """Say what `run` would ask for, and ask nothing; raises UsageError."""
    chosen = project.find_target(target)
    selection = select(project, arguments, only=only)
    with reached(project, chosen, ask=False) as endpoint, offline():
        units = [
            Unit(project=project, case=case, endpoint=endpoint, mode=mode, before=before) for case in selection.cases
        ]
        made = planned(project, chosen, units)
    as_usual = mode is RecordMode.NEW_EPISODES and chosen.name == project.target
    cases = tuple(_with_moves(made.cases, selection)) if as_usual else made.cases
    return replace(made, cases=cases, diagnostics=(*selection.diagnostics, *made.diagnostics))


def _with_moves(cases: Sequence[Asked], selection: Selection) -> Iterator[Asked]:
    """Yield the cases, those that were renamed with the command that moves their recording."""
    missing = any(case.why is Why.MISSING for case in cases)
    known = [one.renaming for one in (rotten_files(selection) if missing else ()) if one.renaming]
    moves = {renaming.heir: renaming.command for renaming in known}
    yield from (replace(case, move=moves.get(case.id)) for case in cases)


def planned(project: Project, target: Target, units: Sequence[Unit]) -> Plan:
    """Say what running units would ask for."""
    asked: list[Asked] = []
    found: list[Diagnostic] = []
    for unit in units:
        looked_at = _look(unit)
        if isinstance(looked_at, Asked):
            asked.append(looked_at)
        else:
            found += looked_at
    return Plan(
        project=project,
        target=target,
        cases=tuple(asked),
        rest=len(units) - len(asked),
        estimate=total((one.estimate for one in asked), target),
        diagnostics=tuple(found),
    )


def estimated(unit: Unit) -> Estimate | None:
    """Return what running a unit would cost; None where nothing would be asked."""
    looked_at = _look(unit)
    return looked_at.estimate if isinstance(looked_at, Asked) else None


def total(estimates: Iterable[Estimate], target: Target) -> Estimate:
    """Sum up what is asked of one target."""
    rows = tuple(estimates)
    requests = sum(row.requests for row in rows)
    known_sums = [row.dollars for row in rows if row.dollars is not None]
    return Estimate(
        cases=sum(row.cases for row in rows),
        requests=requests,
        input_tokens=sum(row.input_tokens for row in rows),
        output_tokens=sum(row.output_tokens for row in rows),
        dollars=round(sum(known_sums), 9) if known_sums or not rows else None,
        seconds=_seconds(requests, target),
        unpriced=tuple(sorted({name for row in rows for name in row.unpriced})),
        measured=sum(row.measured for row in rows),
        uncounted=tuple(sorted({kind for row in rows for kind in row.uncounted})),
    )


def _seconds(requests: int, target: Target) -> float | None:
    """Return how long the limit alone keeps requests waiting: how fast answers come, nobody knows."""
    if target.requests_per_minute is None:
        return None
    return WINDOW * (max(0, requests - 1) // target.requests_per_minute)


def _look(unit: Unit) -> Asked | tuple[Diagnostic, ...]:
    """Look at one case; a recording that looks damaged is looked at again when no writer is at it."""
    if unit.case.skip is not None:
        return ()
    try:
        return _looked_at(unit)
    except CassetteError:
        with unit.store.quiet():
            try:
                return _looked_at(unit)
            except CassetteError as error:
                return (findings.damaged(unit, error),)


def _looked_at(unit: Unit) -> Asked | tuple[Diagnostic, ...]:
    """Go the way that a run goes, without asking; raises CassetteError where that one fails, too."""
    store, mode = unit.store, unit.mode
    try:
        recording = store.load(store.accepted)
    except CassetteError:
        if mode is not RecordMode.ALL:
            raise
        return _asked(unit, None, Why.DAMAGED, 1)
    counted = recording if unit.counts(recording) else None
    fits, fresh = fitting(unit, counted, store.accepted) if counted else (0, False)
    why = _why(recording, counted, fresh=fresh)
    if mode is RecordMode.ALL and unit.before is None:
        return _asked(unit, recording, why, 1)
    again = unit.asks_again(counted)
    if (fresh and not again) or _waits(unit) or (counted and mode is RecordMode.ONCE):
        return ()
    if again or (counted and counted.provenance.target != unit.endpoint.target.name):
        fits = 0
    return _asked(unit, recording, why, max(fits, unfinished.steps_left(unit, fitting)) + 1)


def _why(recording: Recording | None, counted: Recording | None, *, fresh: bool) -> Why:
    if recording is None:
        return Why.MISSING
    if counted is None:
        return Why.STAND_IN
    return Why.AGAIN if fresh else Why.STALE


def _waits(unit: Unit) -> bool:
    """Say whether an answer waits that fits: nobody pays for it twice."""
    pending = unit.store.load(unit.store.pending)
    if pending is None or not unit.counts(pending) or unit.asks_again(pending):
        return False
    return answered(unit, pending, unit.store.pending)


def _asked(unit: Unit, recording: Recording | None, why: Why, first: int) -> Asked | tuple[Diagnostic, ...]:
    case = unit.case
    requests = case.requests[first - 1 :]
    if not requests:
        return ()  # it asked for more than today's case does; what is recorded of it stays
    if unknown := unknown_checks(unit, None, unit.store.accepted, unit.mode):
        return unknown
    target = unit.endpoint.target
    estimate = replace(total((_cost(unit, recording, request) for request in requests), target), cases=1)
    models = tuple(dict.fromkeys(request.model for request in requests))
    return Asked(spec=case.spec, case=case.name, models=models, why=why, first=first, estimate=estimate)


def _cost(unit: Unit, recording: Recording | None, request: Request) -> Estimate:
    """Return what one request costs: as its last answer did, or by rule."""
    model, body, free = unit.project.models.find(request.model), known(request), unit.endpoint.target.name == EMULATOR
    ruled = guess(request, model)
    measured = None if free else _measured(recording, request, body)
    used, prices = measured or ruled.tokens, Prices.of(model)
    dearer = str(body.get("serviceTier", "")).lower() == DEARER
    dollars = 0.0 if free else cost(used, prices) if prices and not dearer else None
    others = (*(() if measured else ruled.uncounted), *_searches(body))
    return Estimate(
        cases=0,
        requests=1,
        input_tokens=(used.prompt or 0) + (used.tools or 0),
        output_tokens=(used.candidates or 0) + (used.thoughts or 0),
        dollars=dollars,
        seconds=None,
        unpriced=() if dollars is not None else (f"{request.model} ({DEARER})" if dearer else request.model,),
        measured=int(measured is not None),
        uncounted=() if free else others,
    )


def _measured(recording: Recording | None, request: Request, body: Any) -> Tokens | None:
    """Return what the step's last answer used, if it was one of the API to a request of the same kind.

    Where the request's words have changed since, as many are added or taken away.
    """
    index = request.step - 1
    if recording is None or recording.provenance.emulator or index >= len(recording.responses):
        return None
    then: Any = recording.asked[index]
    if then["route"].partition(":")[0] != request.model or _kind(then["body"]) != _kind(body):
        return None
    stored = recording.responses[index]  # its pictures stay where they are: only their number is wanted
    headers = {name: values[0] for name, values in stored["headers"].items()}
    answer = read(stored["status"]["code"], headers, stored["body"]["string"])
    used = tokens(answer.usage, text=bool(answer.text), pictures=bool(answer.pictures or sidecars_of(stored)))
    if used is None or None in {used.prompt, used.tools, used.text, used.image, used.thoughts, used.total}:
        return None
    more = prompt(body).words - prompt(then["body"]).words
    return replace(used, prompt=max(0, (used.prompt or 0) + more))


def _kind(body: Any) -> tuple[object, ...]:
    """Return what decides about the size of an answer, and what is sent beside words."""
    config = body.get("generationConfig") or {}
    sent = prompt(body)
    names = ("responseModalities", "candidateCount", "imageConfig", "thinkingConfig", "maxOutputTokens")
    return *(config.get(name) for name in names), body.get("serviceTier"), sent.pictures, sent.others, _searches(body)


def _searches(body: Any) -> tuple[str, ...]:
    """Name the tools that have a fee of their own."""
    tools = body.get("tools")
    used = [tool for tool in tools if isinstance(tool, dict)] if isinstance(tools, (list, tuple)) else []
    return tuple(name for name in ("googleSearch", "googleMaps") if any(name in tool for tool in used))
