"""From an answer and what is expected of it to verdicts."""

from collections.abc import Callable, Iterator

from promptc.request import Request
from promptc.response import Response
from promptc.review.endings import error, finish_reason, prompt_feedback
from promptc.review.images import images
from promptc.review.text import text
from promptc.review.verdict import Exchange, Verdict

_KINDS: tuple[Callable[[Exchange], Iterator[Verdict]], ...] = (finish_reason, text, images)
"""What is judged of an answer that the API gave, in this order; each kind has a module of its own."""


def judge(request: Request, response: Response) -> tuple[Verdict, ...]:
    """Return a verdict on everything that the request's spec expects, and on what goes without saying."""
    exchange = Exchange(request=request, response=response)
    if request.expect is None and request.step < request.steps:
        return tuple(finish_reason(exchange))  # on the way, only what the next step stands on
    return tuple(_verdicts(exchange))


def expects_failure(request: Request) -> bool:
    """Say whether the spec wants an error or a blocked prompt, so that such an answer may be kept."""
    table = request.expect.table if request.expect else {}
    return "error" in table or "promptFeedback" in table


def _verdicts(exchange: Exchange) -> Iterator[Verdict]:
    if "error" in exchange.expect.table or exchange.response.error:
        yield from error(exchange)
    elif exchange.response.problem:
        yield exchange.verdict("answer", passed=False, message=exchange.response.problem)
    else:
        yield from prompt_feedback(exchange)
        if exchange.response.block_reason is None:
            for kind in _KINDS:
                yield from kind(exchange)
