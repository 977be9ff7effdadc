"""The `promptc` fixture: specs in tests that are written by hand."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from glob import escape
from pathlib import Path

import pytest

from promptc.answer import Answer, AnswerImage
from promptc.config import find_root
from promptc.diagnostics import Diagnostic, failed
from promptc.errors import LimitError, UsageError
from promptc.pipeline.compile import compile_requests
from promptc.pipeline.filter import Filter, quoted
from promptc.pipeline.selection import select
from promptc.request import Case, Request
from promptc.review.answers import answer_of
from promptc.review.verdict import Verdict
from promptc.suite.outcome import TOLD, conclude, not_green, told
from promptc.suite.repo import Repo
from promptc.suite.session import RefusedError, Session

_NO_VARIABLES = (
    "`promptc.run` takes no variables, since only what the cases of specs ask is recorded: add a case with them to "
    "the spec, or look at the request with `promptc.compile(spec, variables=…)`"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A case that is green: an answer for each of its requests, what was expected of them, what was warned of."""

    id: str
    requests: tuple[Request, ...]
    answers: tuple[Answer, ...]
    verdicts: tuple[Verdict, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def answer(self) -> Answer:
        """The last answer."""
        return self.answers[-1]

    @property
    def text(self) -> str:
        """The last answer's text."""
        return self.answer.text

    @property
    def images(self) -> tuple[AnswerImage, ...]:
        """The last answer's pictures."""
        return self.answer.images


class Promptc:
    """The specs of the project around a module of tests."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        """Look at nothing before it is used."""
        self._node: pytest.Module = request.node
        self._folder: Path = request.path.parent

    def compile(
        self, spec: str, *, case: str | None = None, variables: Mapping[str, object] | None = None
    ) -> tuple[Request, ...]:
        """Return the requests of a spec, or of one case; fails with what is wrong with it.

        Variables are typed by their declarations, as with `--var`.
        """
        __tracebackhide__ = True
        repo = self._repo()
        texts = {name: _text(value) for name, value in (variables or {}).items()}
        try:
            made = compile_requests(repo.project, (spec,), only=_only(case), variables=texts)
        except UsageError as error:
            raise pytest.fail.Exception(repo.redact(str(error))) from None
        if not made.good:
            raise _clean(repo, made.diagnostics, f"`{spec}` does not compile")
        return made.requests

    def run(self, spec: str, *, case: str | None = None, variables: None = None) -> Replayed:
        """Run a case and return its answers; fails where it is not green.

        It takes no variables: what is recorded is what the spec's cases ask.
        """
        __tracebackhide__ = True
        if variables is not None:
            pytest.fail(_NO_VARIABLES)
        repo = self._repo()
        found = self._case(repo, spec, case)
        if found.skip is not None:
            pytest.skip(found.skip)
        try:
            result, responses = repo.run_with_answers(found)
        except LimitError as error:
            raise pytest.fail.Exception(repo.redact(str(error))) from None
        self._node.stash.setdefault(TOLD, []).append(told(result))
        try:
            conclude(result)
        except AssertionError as error:
            raise AssertionError(repo.redact(str(error))) from None
        replies = [response.reply or {} for response in responses]
        asked = zip(found.requests, responses, result.steps, strict=False)  # a blocked answer ends a chat
        answers = [answer_of(request, replace(response, text=step.text)) for request, response, step in asked]
        return Replayed(
            id=found.id,
            requests=tuple(request.bind(replies) for request in found.requests[: len(responses)]),
            answers=tuple(answers),
            verdicts=tuple(verdict for step in result.steps for verdict in step.verdicts),
            diagnostics=result.diagnostics,
        )

    def _repo(self) -> Repo:
        __tracebackhide__ = True
        try:
            return Session.of(self._node.config).repo(find_root(self._folder.resolve()))
        except RefusedError as error:
            raise pytest.fail.Exception(error.text) from None
        except UsageError as error:
            raise pytest.fail.Exception(str(error)) from None

    def _case(self, repo: Repo, spec: str, name: str | None) -> Case:
        """Compile the case; without a name, the only one of its spec."""
        __tracebackhide__ = True
        try:
            selection = select(repo.project, (spec,), only=_only(name))
        except UsageError as error:
            raise pytest.fail.Exception(repo.redact(str(error))) from None
        if failed(selection.diagnostics):
            raise _clean(repo, selection.diagnostics, f"`{spec}` does not compile")
        if len(selection.cases) > 1:
            names = quoted(case.id for case in selection.cases)
            pytest.fail(f"`{spec}` names {names}: say which, as in `case=…`")
        return selection.cases[0]


def _only(case: str | None) -> Filter:
    return Filter(cases=(escape(case),)) if case else Filter()


def _text(value: object) -> str:
    """Return a value as `--var` takes it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _clean(repo: Repo, found: Sequence[Diagnostic], otherwise: str) -> AssertionError:
    return AssertionError(repo.redact(str(not_green(found, otherwise))))
