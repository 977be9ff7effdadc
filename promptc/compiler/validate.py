"""The compiled request against the schema of the API, with findings at the spec's lines."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from promptc.canonical import digested
from promptc.diagnostics import Diagnostic
from promptc.locate import API, diagnose
from promptc.request import Case, Reply
from promptc.schema import Fault, Finding, camel_case, check, load
from promptc.source import Span
from promptc.tree import Json, Tree, last

_MODEL_HINT = "write the name alone, as in `gemini-3.1-flash-image-preview`"
# Replies are the model's own: they are sent as they came, so the schema sees a stand-in for them.
_REPLY: Mapping[str, Json] = {"parts": [{"text": ""}], "role": "model"}


def validate(case: Case, model: Span) -> tuple[Diagnostic, ...]:
    """Return what the API would refuse: the last step's request holds all the others' fields."""
    request = case.requests[-1]
    contents = [_REPLY if isinstance(content, Reply) else content for content in request.contents]
    body = digested(cast("Tree", {"contents": contents, **request.rest}))
    findings = tuple(_nested(finding) for finding in check(body, "request.schema"))
    return (*_model(request.model, model, case.id), *diagnose(findings, request.places, API, subject=case.id))


def _model(name: str, span: Span, subject: str) -> tuple[Diagnostic, ...]:
    if name and all(char.isascii() and (char.isalnum() or char in "._-") for char in name):
        return ()
    message = f"`{name[:60]}` can't be a model's name"
    return (Diagnostic(code="P403", message=message, span=span, subject=subject, help=_MODEL_HINT),)


def _nested(finding: Finding) -> Finding:
    """Say where a field does exist that stands at a wrong place: the commonest mistake there is."""
    if finding.fault is not Fault.UNKNOWN or finding.help:
        return finding
    name = camel_case(last(finding.pointer))
    schemas: dict[str, Any] = {"the request itself": load("request.schema"), **load("request.schema")["$defs"]}
    homes = [_home(home) for home, schema in schemas.items() if name in schema.get("properties", {})]
    if not homes:
        return finding
    return replace(finding, help=f"`{name}` is a field of {' and of '.join(homes[:3])}")


def _home(definition: str) -> str:
    return definition if " " in definition else f"`{definition[0].lower()}{definition[1:]}`"
