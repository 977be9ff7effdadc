"""How an answer ended: with an error, with a blocked prompt, for which reason."""

from collections.abc import Iterator, Sequence
from typing import cast

from promptc.review.text import contains
from promptc.review.verdict import Exchange, Verdict, got


def error(exchange: Exchange) -> Iterator[Verdict]:
    """Judge whether the API refused, and how."""
    have, table = exchange.response.error, exchange.expect.table
    wanted = exchange.wanted("error")
    if have is None:
        yield exchange.verdict("error", passed=False, message="an error was expected, but the API answered")
    elif "error" not in table:
        message = f"the API answered with an error: {have.sentence}"
        yield exchange.verdict("error", passed=False, message=message)
    else:
        said = {"status": have.status, "code": have.code}
        for key in ("status", "code"):
            if key in wanted:
                passed = str(wanted[key]) == str(said[key])
                yield exchange.verdict(f"error/{key}", passed=passed, message=f"{key} {got(said[key])}")
        yield from contains(exchange, "error/contains", wanted.get("contains", ()), have.message)
        if not wanted:
            yield exchange.verdict("error", passed=True, message=f"an error, {have.status}")


def prompt_feedback(exchange: Exchange) -> Iterator[Verdict]:
    """Judge whether the prompt was blocked, and why."""
    reason, wanted = exchange.response.block_reason, exchange.wanted("promptFeedback")
    if "promptFeedback" not in exchange.expect.table:
        if reason is not None:
            yield exchange.verdict("promptFeedback", passed=False, message=f"the prompt was blocked: {reason}")
        return
    passed = reason is not None and wanted.get("blockReason", reason) == reason
    message = f"the prompt was {'blocked: ' + reason if reason else 'not blocked'}"
    yield exchange.verdict("promptFeedback", passed=passed, message=message)


def finish_reason(exchange: Exchange) -> Iterator[Verdict]:
    """Judge why the answer ended; without a word on it, it is to have ended by itself."""
    wanted = cast("Sequence[str]", exchange.expect.table.get("finishReason", ["STOP"]))
    reason = exchange.response.finish_reason
    message = f"the answer ended with {reason or 'no reason'}, expected {' or '.join(wanted)}"
    yield exchange.verdict("finishReason", passed=reason in wanted, message=message)
