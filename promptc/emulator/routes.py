"""The emulator's routes: a request's path and body to a reply, without any network."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from promptc.emulator.answer import answer, events
from promptc.emulator.call import Call
from promptc.emulator.check import Refusal, read_call
from promptc.emulator.faults import Twist
from promptc.emulator.reply import JSON_TYPE, Reply, dumped, error_reply, json_reply
from promptc.emulator.usage import details, prompt_tokens
from promptc.models import Models

_PATH = re.compile(r"/v[0-9][a-z0-9]*/models/(?P<model>[A-Za-z0-9._-]+):(?P<method>[A-Za-z]+)")
_METHODS = ("generateContent", "streamGenerateContent", "countTokens")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What a path asks for; `sse` asks for an event stream."""

    model: str
    method: str
    sse: bool


def find_route(verb: str, target: str) -> Route | None:
    """Return the route of a request's verb and target, or None."""
    split = urlsplit(target)
    match = _PATH.fullmatch(unquote(split.path))
    if verb != "POST" or match is None or match["method"] not in _METHODS:
        return None
    sse = "sse" in parse_qs(split.query).get("alt", ())
    return Route(model=match["model"], method=match["method"], sse=sse)


def respond(
    verb: str,
    target: str,
    body: bytes,
    request_id: str,
    *,
    signature_bytes: int,
    models: Models | None = None,
    twist: Twist | None = None,
) -> Reply:
    """Answer a request; `request_id` is for requests that don't get as far as a fingerprint."""
    route = find_route(verb, target)
    if route is None:
        return error_reply(404, f"There is nothing at {verb} {urlsplit(target).path}.", request_id)
    call = read_call(route.method, route.model, body, models)
    if isinstance(call, Refusal):
        return error_reply(400, call.message, request_id, details=call.details)
    if route.method == "countTokens":
        return _count(call)
    whole = answer(call, signature_bytes=signature_bytes, twist=twist)
    return _stream(whole, call, sse=route.sse) if route.method == "streamGenerateContent" else _whole(whole, call)


def _whole(whole: dict[str, object], call: Call) -> Reply:
    return json_reply(whole, call.request_id)


def _count(call: Call) -> Reply:
    tokens = prompt_tokens(call)
    counted = {"totalTokens": sum(tokens.values()), "promptTokensDetails": details(tokens)}
    return json_reply(counted, call.request_id)


def _stream(whole: dict[str, object], call: Call, *, sse: bool) -> Reply:
    """Return the events as server-sent ones, or as the elements of one JSON array."""
    made = [dumped(event) for event in events(whole)]
    if sse:
        chunks = [b"data: " + event + b"\r\n\r\n" for event in made]
    else:
        chunks = [(b",\r\n" if index else b"[") + event for index, event in enumerate(made)] + [b"]\r\n"]
    content_type = "text/event-stream" if sse else JSON_TYPE
    return Reply(status=200, content_type=content_type, chunks=chunks, request_id=call.request_id, streamed=True)
