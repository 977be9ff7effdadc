"""From an answer and what is expected of it to verdicts."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from promptc.models import Models, built_in
from promptc.request import Request
from promptc.response import Response
from promptc.review.endings import error, finish_reason, prompt_feedback, refusal
from promptc.review.images import images
from promptc.review.likeness import likeness
from promptc.review.own import own
from promptc.review.ratings import safety_ratings
from promptc.review.text import text
from promptc.review.usage import usage
from promptc.review.verdict import Accepted, Exchange, Verdict

_Kind: TypeAlias = Callable[[Exchange], Iterator[Verdict]]
_ALWAYS: tuple[_Kind, ...] = (prompt_feedback, refusal, usage, safety_ratings)
"""What is judged of every answer, blocked prompts included."""
_CONTENT: tuple[_Kind, ...] = (finish_reason, text, images, likeness)
"""What is judged of an answer that may have content; each kind is a function, most have a module of their own."""


def judge(
    request: Request, response: Response, models: Models | None = None, accepted: Accepted | None = None
) -> tuple[Verdict, ...]:
    """Return a verdict on everything that the request's spec expects, and on what goes without saying."""
    exchange = Exchange(request=request, response=response, models=models or built_in(), accepted=accepted)
    if request.expect is None and request.step < request.steps:
        return tuple(finish_reason(exchange))  # on the way, only what the next step stands on
    verdicts = tuple(_verdicts(exchange))
    if exchange.answered or (not response.problem and all(verdict.passed for verdict in verdicts)):
        return (*verdicts, *own(exchange))
    return verdicts  # a check has nothing to look at, and the case fails already


def expects_error(request: Request) -> bool:
    """Say whether the spec wants an error, so that one may be kept."""
    return request.expect is not None and "error" in request.expect.table


def expects_block(request: Request) -> bool:
    """Say whether the spec wants a blocked prompt, or a refusal of any kind, so that it may be kept."""
    table = request.expect.table if request.expect else {}
    return "promptFeedback" in table or table.get("refused") is True


def _verdicts(exchange: Exchange) -> Iterator[Verdict]:
    if "error" in exchange.expect.table or exchange.response.error:
        yield from error(exchange)
    elif exchange.response.problem:
        yield exchange.verdict("answer", passed=False, message=exchange.response.problem)
    else:
        for kind in (*_ALWAYS, *_of_content(exchange)):
            yield from kind(exchange)


def _of_content(exchange: Exchange) -> tuple[_Kind, ...]:
    """Return what is judged of what came; where the prompt was blocked and nothing came, a stated reason alone."""
    if exchange.response.block_reason is None or exchange.response.parts:
        return _CONTENT
    return (finish_reason,) if "finishReason" in exchange.expect.table else ()
