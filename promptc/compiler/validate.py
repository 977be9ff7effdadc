"""The compiled request against the schema of the API, with findings at the spec's lines."""

import re
from collections.abc import Mapping
from dataclasses import replace
from math import log
from typing import Any, cast

from promptc.canonical import digested
from promptc.diagnostics import Diagnostic
from promptc.locate import API, diagnose
from promptc.models import known_ratios, ratio_value
from promptc.request import Case, Reply
from promptc.schema import Fault, Finding, camel_case, check, load
from promptc.source import Span
from promptc.tree import Json, Tree, last

_MATRIX_HINT = "`model` is no template; the `[matrix]` runs every case on several models"
_IMAGE_HINT = "`image = …` stands in the parts of `turns`; here write `inlineData`, or use `turns`"
_RATIO = re.compile(r"`([1-9][0-9]{0,3}):([1-9][0-9]{0,3})`")
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
    hint = _MATRIX_HINT if "{" in name else _MODEL_HINT
    return (Diagnostic(code="P403", message=message, span=span, subject=subject, help=hint),)


def _nested(finding: Finding) -> Finding:
    """Say where a field does exist that stands at a wrong place: the commonest mistake there is."""
    name = camel_case(last(finding.pointer))
    if finding.fault is Fault.VALUE and name == "aspectRatio" and (ratio := _RATIO.search(finding.message)):
        wanted = log(int(ratio[1]) / int(ratio[2]))
        nearest = sorted(known_ratios(), key=lambda known: abs(log(ratio_value(known)) - wanted))[:2]
        return replace(finding, help=f"the nearest are {' and '.join(f'`{known}`' for known in nearest)}")
    if finding.fault is not Fault.UNKNOWN:
        return finding
    if name == "image" and finding.pointer.startswith("/contents/"):
        return replace(finding, help=_IMAGE_HINT)
    schemas: dict[str, Any] = {"": load("request.schema"), **load("request.schema")["$defs"]}
    homes = [_home(home) for home, schema in schemas.items() if name in schema.get("properties", {})]
    if not homes:
        return finding
    return replace(finding, help=f"`{name}` is a field of {' and of '.join(homes[:3])}")


def _home(definition: str) -> str:
    """Return the field that holds what a definition of the schema describes."""
    if not definition:
        return "the request itself"
    schemas: list[Any] = [load("request.schema"), *load("request.schema")["$defs"].values()]
    for schema in schemas:
        for field, inner in schema.get("properties", {}).items():
            if f"#/$defs/{definition}" in {inner.get("$ref"), inner.get("items", {}).get("$ref")}:
                return f"`{field}`"
    return f"`{definition[0].lower()}{definition[1:]}`"
