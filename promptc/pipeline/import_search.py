"""Which interactions answer a case: every step, in the order in which they were recorded.

One request may have been answered several times: by errors before it succeeded, in several tests, in
talks that went on differently. So a case's later steps decide which answer its first one takes.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from promptc.pipeline import findings
from promptc.pipeline.unit import Unit
from promptc.replay.plain import Interaction
from promptc.replay.recording import read_whole
from promptc.request import Request
from promptc.response import Response
from promptc.tree import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An interaction with the request of today that it answers, and the model that says it gave the answer."""

    request: Request
    interaction: Interaction
    model_version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """Why an interaction that answers a case's step was not taken for it; `help` is what to do."""

    why: str
    help: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A request of a case that is known whole, to be compared with what matches nothing."""

    unit: Unit
    request: Request


class Pool:
    """All interactions by what they are matched by, with what was found out about them on the way."""

    def __init__(self, interactions: Iterable[Interaction]) -> None:
        """Index the interactions in their order."""
        self.answers: dict[str, list[Interaction]] = defaultdict(list)
        self.tried: dict[Interaction, list[Tried]] = defaultdict(list)
        self.reached: list[Reached] = []
        for interaction in interactions:
            if interaction.asked:
                self.answers[interaction.asked.fingerprint].append(interaction)

    def search(self, unit: Unit) -> tuple[Match, ...]:
        """Return an answer to each step of a case; nothing where one is missing."""
        found = _Search(self, unit).go_on(())
        return found if isinstance(found, tuple) else ()


class _Search:
    """One case's search; `dead` holds the requests from which no way led to the end, with the step that was missing."""

    def __init__(self, pool: Pool, unit: Unit) -> None:
        self.pool = pool
        self.unit = unit
        self.dead: dict[str, int] = {}

    def go_on(self, path: tuple[Match, ...], replies: Sequence[Mapping[str, Json]] = ()) -> tuple[Match, ...] | int:
        """Answer the step after a path, and all that follow; returns the first step that nothing answers if there is one."""
        if len(path) == len(self.unit.case.requests):
            return path
        request = self.unit.case.requests[len(path)].bind(replies)
        matched = request.fingerprint
        if matched in self.dead:
            return self.dead[matched]
        self.pool.reached.append(Reached(unit=self.unit, request=request))
        missing = request.step
        for interaction in self.pool.answers.get(matched, ()):
            answer = self._answer(request, interaction, path)
            if answer is None:
                continue
            match = Match(request=request, interaction=interaction, model_version=answer.model_version)
            found = self.go_on((*path, match), (*replies, answer.reply or {}))
            if isinstance(found, tuple):
                return found
            self._note(
                interaction, f"`{self.unit.case.id}` asks it at step {request.step}, but nothing answers step {found}"
            )
            missing = max(missing, found)
        self.dead[matched] = missing
        return missing

    def _answer(self, request: Request, interaction: Interaction, path: Sequence[Match]) -> Response | None:
        """Read an answer; None where it can't be taken."""
        assert interaction.response  # noqa: S101 - what has been asked has an answer, or has a problem
        if path and _origin(path[0].interaction) != _origin(interaction):
            self._note(interaction, f"`{self.unit.case.id}` took its first step from elsewhere: {_host(path[0])}")
            return None
        answer = read_whole(interaction.response)
        if refused := findings.refused(self.unit, request, answer):
            hint = refused.help if refused.help != findings.KEPT else None
            self._note(interaction, f"its answer can't be kept: {refused.message}", hint)
            return None
        return answer

    def _note(self, interaction: Interaction, why: str, hint: str | None = None) -> None:
        tried = Tried(why=why, help=hint)
        if tried not in self.pool.tried[interaction]:
            self.pool.tried[interaction].append(tried)


def _origin(interaction: Interaction) -> tuple[str | None, bool]:
    """Return what all steps of a recording have in common: it has one target, and is a stand-in or none."""
    return interaction.asked.address.host if interaction.asked else None, interaction.emulator


def _host(match: Match) -> str | None:
    return _origin(match.interaction)[0]
