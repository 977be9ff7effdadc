"""Plan: what `record` would ask for now, and what it would cost."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What asking for cases comes to, before anything is sent.

    Tokens of input and output, US dollars, seconds at the target's rate limit; None where it is not
    known. `unpriced` names the models without a price: what they cost is not in `dollars`.
    `measured` counts the requests whose tokens are those of an earlier answer, not of a rule.
    """

    cases: int
    requests: int
    input_tokens: int
    output_tokens: int
    dollars: float | None
    seconds: float | None
    unpriced: tuple[str, ...] = ()
    measured: int = 0
