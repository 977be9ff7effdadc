"""What an answer's text is to hold."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from promptc.review.json_text import is_json, plain_schema, schema_faults
from promptc.review.verdict import Exchange, Verdict, got


def text(exchange: Exchange) -> Iterator[Verdict]:
    """Judge the text: its words, and its form if one was asked for."""
    wanted, have = exchange.wanted("text"), exchange.response.text
    if "equals" in wanted:
        yield exchange.verdict("text/equals", passed=have == wanted["equals"], message=f"the text is {got(have)}")
    yield from contains(exchange, "text/contains", wanted.get("contains", ()), have)
    for word in wanted.get("notContains", ()):
        passed = word not in have
        yield exchange.verdict("text/notContains", passed=passed, message=f"the text has {'no ' * passed}`{word}`")
    if "matches" in wanted:
        passed = re.search(wanted["matches"], have) is not None
        message = f"the text {got(have)} {'matches' if passed else 'does not match'} `{wanted['matches']}`"
        yield exchange.verdict("text/matches", passed=passed, message=message)
    yield from _form(exchange, have)


def contains(exchange: Exchange, pointer: str, words: Sequence[str], have: str) -> Iterator[Verdict]:
    """Judge whether each of the words is in a text."""
    for word in words:
        passed = word in have
        message = f"the text has `{word}`" if passed else f"the text has no `{word}`: it is {got(have)}"
        yield exchange.verdict(pointer, passed=passed, message=message)


def _form(exchange: Exchange, have: str) -> Iterator[Verdict]:
    """Judge the form that the spec expects, or that the request asked for."""
    wanted = exchange.wanted("text")
    if "json" in wanted:
        passed = is_json(have) == wanted["json"]
        yield exchange.verdict("text/json", passed=passed, message=f"the text is {got(have)}")
    elif exchange.asked.get("responseMimeType") == "application/json":
        message = f"the request asked for JSON (responseMimeType), the text is {got(have)}"
        yield exchange.verdict("text/json", passed=is_json(have), message=message)
    schema = _asked_schema(exchange)
    if schema is not None and is_json(have):
        faults = schema_faults(have, schema)
        message = f"the text does not follow the schema that was asked for: {'; '.join(faults)}"
        message = message if faults else "the text follows the schema that was asked for"
        yield exchange.verdict("text/schema", passed=not faults, message=message)


def _asked_schema(exchange: Exchange) -> Any:
    own = exchange.asked.get("responseSchema")
    return plain_schema(own) if own is not None else exchange.asked.get("responseJsonSchema")
