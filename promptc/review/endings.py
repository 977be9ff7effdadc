"""How an answer ended: with an error, with a blocked prompt, for which reason."""

from collections.abc import Iterator, Sequence
from typing import cast

from promptc.review.text import contains
from promptc.review.verdict import Exchange, Verdict, got, quantity

_REFUSALS = {
    *("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII"),
    *("IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "NO_IMAGE"),
}
"""Finish reasons by which a model won't, as opposed to can't."""


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
                message = f"the error has the {key} {got(said[key])}, expected {got(wanted[key])}"
                yield exchange.verdict(f"error/{key}", passed=str(wanted[key]) == str(said[key]), message=message)
        yield from contains(exchange, "error/contains", wanted.get("contains", ()), have.message, of="error")
        if not wanted:
            yield exchange.verdict("error", passed=True, message=f"an error, {have.status}")


def prompt_feedback(exchange: Exchange) -> Iterator[Verdict]:
    """Judge whether the prompt was blocked, and why."""
    reason, wanted = exchange.response.block_reason, exchange.wanted("promptFeedback")
    if "promptFeedback" in exchange.expect.table:
        passed = reason is not None and wanted.get("blockReason", reason) == reason
        message = f"the prompt was {'blocked: ' + reason if reason else 'not blocked'}"
        message += f", expected {wanted['blockReason']}" if "blockReason" in wanted and not passed else ""
        yield exchange.verdict("promptFeedback", passed=passed, message=message)
    elif reason is not None and not exchange.wants_refusal:
        yield exchange.verdict("promptFeedback", passed=False, message=f"the prompt was blocked: {reason}")


def refusal(exchange: Exchange) -> Iterator[Verdict]:
    """Judge whether the model refused; that it does so in words can be seen only where a picture was asked for."""
    if "refused" not in exchange.expect.table:
        return
    how = _refused(exchange)
    count = quantity(len(exchange.response.images), "image")
    text = "text" if exchange.response.text.strip() else "no text"
    said = f"the answer ended with {exchange.response.finish_reason or 'no reason'}, it has {text} and {count}"
    message = f"the model refused: {how}" if how else f"the model did not refuse: {said}"
    yield exchange.verdict("refused", passed=bool(how) == exchange.wants_refusal, message=message)


def _refused(exchange: Exchange) -> str | None:
    """Say how the model refused; None where it did not."""
    answer = exchange.response
    if answer.images:
        return None
    if answer.block_reason:
        return f"the prompt was blocked: {answer.block_reason}"
    if answer.finish_reason in _REFUSALS:
        return f"the answer ended with {answer.finish_reason}"
    if exchange.asked_for_a_picture and answer.text.strip():
        return f"a picture was asked for, the answer is {got(answer.text)}"
    return None


def finish_reason(exchange: Exchange) -> Iterator[Verdict]:
    """Judge why the answer ended; without a word on it, it is to have ended by itself."""
    if exchange.wants_refusal and "finishReason" not in exchange.expect.table:
        return
    wanted = cast("Sequence[str]", exchange.expect.table.get("finishReason", ["STOP"]))
    reason = exchange.response.finish_reason
    message = f"the answer ended with {reason or 'no reason'}, expected {' or '.join(wanted)}"
    yield exchange.verdict("finishReason", passed=reason in wanted, message=message)
