"""What is said of interactions that no case takes: why, and which case comes closest."""

from collections.abc import Mapping, Sequence

from promptc.diagnostics import Diagnostic, Related, Severity
from promptc.pipeline import findings, misses
from promptc.pipeline.causes import leading
from promptc.pipeline.import_search import Pool, Reached
from promptc.replay.plain import Interaction
from promptc.request import Case
from promptc.review.changes import Change, changes

_MOST = 5_000
"""How many requests are compared in all: thousands of interactions beside thousands of cases take no minutes."""
_TRIED = 6


class Unmatched:
    """Says of each interaction why no case took it."""

    def __init__(
        self, pool: Pool, taken: Mapping[str, Interaction], skipped: Mapping[str, Case], *, everything: bool
    ) -> None:
        """Compare with the requests that a search has reached; `taken` and `skipped` are by fingerprint."""
        self.pool = pool
        self.nobody = "no spec" if everything else "none of the selected cases"
        self.taken = taken
        self.skipped = skipped
        self.known = [(reached, misses.content(reached.request)) for reached in pool.reached]
        self.left = _MOST

    def finding(self, interaction: Interaction, severity: Severity) -> Diagnostic:
        """Return the diagnostic about an interaction."""
        if interaction.problem or interaction.asked is None:
            return _finding(interaction, severity, interaction.problem or "")
        if tried := self.pool.tried.get(interaction):
            more = tuple(other.why for other in tried[1:_TRIED])
            return _finding(interaction, severity, tried[0].why, details=more, hint=tried[0].help)
        if first := self.taken.get(interaction.asked.fingerprint):
            where = "" if first.file == interaction.file else f" of {first.file}"
            why = f"the same was asked before, and the answer was taken from {first.name}{where}"
            return _finding(interaction, severity, why)
        if case := self.skipped.get(interaction.asked.fingerprint):
            return _finding(interaction, severity, f"`{case.id}` asks it, but is skipped: {case.skip}")
        return self._other(interaction, severity)

    def _other(self, interaction: Interaction, severity: Severity) -> Diagnostic:
        """Say what the nearest request of today has in its place."""
        why = f"{self.nobody} compiles to its request"
        closest = self._closest(interaction)
        if closest is None:
            return _finding(interaction, severity, why)
        reached, found = closest
        unit, request = reached.unit, reached.request
        closest_ = f"the closest is {findings.step_name(unit, request.step)}:"
        led = leading(unit.case, request, found)
        return _finding(
            interaction,
            severity,
            why,
            details=[unit.endpoint.secrets.redact(told) for told in (closest_, *misses.differences(found))],
            hint="write a spec that asks it, or let this one ask what was asked then",
            related=(Related(span=led.span, message="what differs stands here"),) if led else (),
        )

    def _closest(self, interaction: Interaction) -> tuple[Reached, list[Change]] | None:
        """Return the request of today with the fewest changes, of the same model and method if there is one."""
        assert interaction.asked  # noqa: S101 - what has no request has a problem, and never comes here
        then = interaction.asked.content
        assert isinstance(then, Mapping)  # noqa: S101 - a route and a body
        same = [row for row in self.known if row[0].request.route == then["route"]] or self.known
        compared = [(reached, list(changes(then, now))) for reached, now in same[: self.left]]
        self.left -= len(compared)
        return min(compared, key=lambda pair: _distance(pair[1]), default=None)


def _distance(found: Sequence[Change]) -> tuple[int, int]:
    """Return how far two requests are apart: by changes, then by how little of their texts is the same."""
    return len(found), -sum(change.region[0] + change.region[2] for change in found if change.region)


def _finding(
    interaction: Interaction,
    severity: Severity,
    why: str,
    *,
    details: Sequence[str] = (),
    hint: str | None = None,
    related: tuple[Related, ...] = (),
) -> Diagnostic:
    return Diagnostic(
        code="P517",
        severity=severity,
        message=f"no case takes {interaction.name}: {why}",
        file=interaction.file,
        details=tuple(details),
        help=hint,
        related=related,
    )
