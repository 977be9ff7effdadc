"""Consent: nothing is sent above a limit of the project's before somebody has agreed to what it comes to."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from promptc.config import EMULATOR, FILE, Limits, Project, Target
from promptc.cost import money
from promptc.errors import LimitError
from promptc.pipeline.plan import Estimate, Plan, estimated, planned, total
from promptc.pipeline.unit import Unit
from promptc.wording import plural

Consent: TypeAlias = Callable[[Plan, Sequence[str]], bool]
"""Is shown a plan and by what it exceeds the limits; says whether to go on. Only above a limit is it heard."""

Naming: TypeAlias = Callable[[str], str]
"""Makes of the name of a model or of a media type what stands in a sentence."""


def obtain(project: Project, target: Target, units: Sequence[Unit], consent: Consent | None = None) -> None:
    """Show what would be asked; raises LimitError where it is above a limit and nobody agrees."""
    if target.name == EMULATOR or (consent is None and project.limits == Limits()):
        return
    plan = planned(project, target, units)
    above = tuple(exceeded(plan.estimate, project.limits))
    agreed = consent(plan, above) if consent and plan.cases else False
    if above and not agreed:
        raise LimitError(refusal(plan.estimate, above))


class Tally:
    """What is asked case by case, where nobody can be asked: together, cases stay below the limits."""

    def __init__(self, project: Project, target: Target) -> None:
        """Begin with nothing."""
        self._project = project
        self._target = target
        self._limited = target.name != EMULATOR and project.limits != Limits()
        self._agreed: dict[str, Estimate | None] = {}
        self._refused: str | None = None

    def add(self, units: Sequence[Unit]) -> None:
        """Take in units that ask nothing, or stay below the limits with those before; raises LimitError."""
        new = [unit for unit in units if unit.case.id not in self._agreed] if self._limited else []
        costs = {unit.case.id: estimated(unit) for unit in new}
        if not any(costs.values()):
            return
        if self._refused is None:
            estimate = total((cost for cost in (*self._agreed.values(), *costs.values()) if cost), self._target)
            above = tuple(exceeded(estimate, self._project.limits))
            self._refused = refusal(estimate, above, "promptc record --yes") if above else None
        if self._refused:
            raise LimitError(self._refused)
        self._agreed |= costs


def exceeded(estimate: Estimate, limits: Limits) -> Iterator[str]:
    """Say by what an estimate exceeds the limits."""
    tokens = estimate.input_tokens + estimate.output_tokens
    if limits.requests is not None and estimate.requests > limits.requests:
        yield f"{plural(estimate.requests, 'request')}, and the limit is {limits.requests:,}"
    if limits.tokens is not None and tokens > limits.tokens:
        yield f"about {plural(tokens, 'token')}, and the limit is {limits.tokens:,}"
    if limits.dollars is not None and ((estimate.dollars or 0) > limits.dollars or not estimate.whole):
        yield f"{price(estimate)}, and the limit is {money(limits.dollars)}"


def refusal(estimate: Estimate, above: Sequence[str], way: str = "--yes") -> str:
    """Say why nothing was asked, and what to do."""
    return (
        f"nothing was asked: {sums(estimate)}, and that is above {'a limit' if len(above) == 1 else 'the limits'} "
        f"of this project: {'; '.join(above)}; `promptc plan` lists the cases; `{way}` asks all the same, "
        f"or raise the limit in `[limits]` of {FILE}"
    )


def sums(estimate: Estimate, name: Naming | None = None) -> str:
    """Return what is asked and what it costs, in one line."""
    return f"{plural(estimate.requests, 'request')} of {plural(estimate.cases, 'case')}, {price(estimate, name)}"


def price(estimate: Estimate, name: Naming | None = None) -> str:
    """Return what an estimate costs; what is not known is named, never left out."""
    known = [] if estimate.dollars is None else [f"about {money(estimate.dollars)}"]
    if estimate.unpriced:
        known.append(f"what {_listed(estimate.unpriced, name or _quoted)} costs (price not known)")
    if estimate.uncounted:
        known.append(f"what {_listed(estimate.uncounted, name or _quoted)} adds (not counted)")
    return " and ".join(known)


def _listed(names: Sequence[str], name: Naming) -> str:
    """Name a few things: `a`, `b` and 3 more."""
    few = 3
    told = [name(one) for one in names[:few]]
    if len(names) > few:
        told.append(f"{len(names) - few} more")
    return " and ".join(part for part in (", ".join(told[:-1]), told[-1]) if part)


def _quoted(name: str) -> str:
    return f"`{name if name.isprintable() else ascii(name)}`"
