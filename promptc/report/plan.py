"""What recording would ask for and cost."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from promptc.config import EMULATOR, Limits
from promptc.cost import money
from promptc.pipeline.consent import exceeded, sums
from promptc.pipeline.plan import Asked, Estimate, Plan, Why
from promptc.report.as_json import diagnostics, dumped
from promptc.report.style import Style, line
from promptc.report.table import table
from promptc.wording import plural

_FEW = 25
"""So many cases have a line each."""
_MINUTE = 60
_HOUR = 3600
_COLOURS = {Why.MISSING: "yellow", Why.STALE: "yellow", Why.DAMAGED: "red"}
_HEAD = ("case", "why", "model", "requests", "tokens in", "out", "cost")
_WORDS = 3
"""So many of the columns hold words; the others hold numbers."""
_MOVES = 3
"""So many renamed cases have their command told."""


def plan_line(plan: Plan, above: Sequence[str]) -> str:
    """Return what is about to be asked, before it is."""
    first = f"asks `{line(plan.target.name)}` for {sums(plan.estimate)}\n"
    return first + "".join(f"above a limit: {reason}\n" for reason in above)


def plan_text(plan: Plan, style: Style) -> str:
    """Return the cases that would be asked for, why, and what it comes to; of many cases, a line a spec."""
    if not plan.cases:
        return f"no request would be sent{_rest(plan, ':')}{_unknown(plan)}\n"
    many = len(plan.cases) > _FEW
    rows = [_HEAD, *(_folded(plan) if many else (_row(case.id, case.why, [case]) for case in plan.cases))]
    return "".join(
        f"{text}\n" for text in (*table(rows, style, words=_WORDS, colour=_colour), "", *_totals(plan, style))
    )


def plan_json(plan: Plan) -> str:
    """Return a plan as JSON."""
    above = list(exceeded(plan.estimate, plan.project.limits)) if plan.target.name != EMULATOR else []
    return dumped(
        {
            "good": plan.good,
            "target": plan.target.name,
            "cases": [
                {
                    "spec": case.spec,
                    "case": case.case,
                    "why": case.why.value,
                    "models": list(case.models),
                    "fromStep": case.first,
                    **_costs(case.estimate),
                    "move": case.move,
                }
                for case in plan.cases
            ],
            "rest": plan.rest,
            "estimate": estimate_table(plan.estimate),
            "limits": asdict(plan.project.limits),
            "above": above,
            "diagnostics": diagnostics(plan.diagnostics),
        }
    )


def estimate_table(estimate: Estimate) -> dict[str, Any]:
    """Return an estimate as a JSON object."""
    return {"cases": estimate.cases, **_costs(estimate), "seconds": estimate.seconds}


def _costs(estimate: Estimate) -> dict[str, Any]:
    return {
        "requests": estimate.requests,
        "measured": estimate.measured,
        "inputTokens": estimate.input_tokens,
        "outputTokens": estimate.output_tokens,
        "dollars": estimate.dollars,
        "unpriced": list(estimate.unpriced),
        "uncounted": list(estimate.uncounted),
    }


def _folded(plan: Plan) -> Iterator[tuple[str, ...]]:
    """Yield a row for a spec's cases that are asked for alike."""
    kinds: dict[tuple[str, Why], list[Asked]] = {}
    for case in plan.cases:
        kinds.setdefault((case.spec, case.why), []).append(case)
    for (spec, why), cases in kinds.items():
        name = cases[0].id if len(cases) == 1 else f"{spec}  {plural(len(cases), 'case')}"
        yield _row(name, why, cases)


def _row(name: str, why: Why, cases: Sequence[Asked]) -> tuple[str, ...]:
    models = tuple(dict.fromkeys(model for case in cases for model in case.models))
    sum_of = [case.estimate for case in cases]
    return (
        name,
        why.value,
        line(models[0]) if len(models) == 1 else plural(len(models), "model"),
        f"{sum(one.requests for one in sum_of):,}",
        f"{sum(one.input_tokens for one in sum_of):,}",
        f"{sum(one.output_tokens for one in sum_of):,}",
        cost_cell(sum_of),
    )


def cost_cell(estimates: Iterable[Estimate]) -> str:
    """Return a cost in short; a sign says that something is not in it, and the totals say what."""
    rows = tuple(estimates)
    priced = [row.dollars for row in rows if row.dollars is not None]
    more = "" if all(row.whole for row in rows) else " + ?"
    return f"{money(sum(priced))}{more}" if priced else "?" if rows else "-"


def _colour(why: str) -> str:
    return _COLOURS.get(Why(why), "dim")


def _totals(plan: Plan, style: Style) -> Iterator[str]:
    estimate = plan.estimate
    yield f"{sums(estimate)}{_rest(plan, ';')}{_unknown(plan)}"
    yield style.paint(
        f"tokens: about {estimate.input_tokens:,} in, {estimate.output_tokens:,} out; {basis(estimate)}", "dim"
    )
    if estimate.seconds is not None:
        most = plural(plan.target.requests_per_minute or 0, "request")
        yield style.paint(f"time: {duration(estimate.seconds)}, at most {most} a minute", "dim")
    above = tuple(exceeded(estimate, plan.project.limits)) if plan.target.name != EMULATOR else ()
    yield from (f"{style.paint('above a limit', 'red')}: {reason}" for reason in above)
    if plan.project.limits != Limits() and not above and plan.target.name != EMULATOR:
        yield style.paint("within the limits of this project", "dim")
    them = "it" if estimate.requests == 1 else "them"
    first = ", after a question that `--yes` answers" if above else ""
    yield f"`promptc record` with the same arguments asks for {them}{first}"
    yield from _moves([case for case in plan.cases if case.move])


def _moves(cases: Sequence[Asked]) -> Iterator[str]:
    """Yield what gives renamed cases their recordings."""
    for case in cases[:_MOVES]:
        yield f"{case.id} is recorded under an old name; it is not asked for after"
        yield f"  `{line(case.move or '')}`"
    if left := len(cases[_MOVES:]):
        yield f"and {plural(left, 'more case')}: `promptc check` gives the commands"


def _unknown(plan: Plan) -> str:
    """Return what follows the numbers where mistakes make them too small."""
    return "" if plan.good else "; not counted is what the errors keep from being asked"


def _rest(plan: Plan, sign: str) -> str:
    """Return what follows behind a sign about the cases that need no request."""
    if not plan.rest:
        return ""
    return f"{sign} {plural(plan.rest, 'case')} {'needs' if plan.rest == 1 else 'need'} none"


def basis(estimate: Estimate) -> str:
    """Say what the numbers rest on."""
    ruled = estimate.requests - estimate.measured
    parts = [f"{plural(estimate.measured, 'request')} estimated by the last answer"] if estimate.measured else []
    parts += [f"{plural(ruled, 'request')} estimated by rule"] if ruled else []
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """Return how long something takes at least."""
    if seconds < _MINUTE:
        return "no wait"
    if seconds < _HOUR:
        return f"at least {plural(round(seconds / _MINUTE), 'minute')}"
    return f"at least {seconds / _HOUR:.1f} hours"
