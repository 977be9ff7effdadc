"""From a request's bytes to a call, or to the 400 that the API would answer."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, cast

from promptc.abilities import check_request
from promptc.canonical import canonical, fingerprint
from promptc.emulator.call import Call
from promptc.emulator.signature import complaint
from promptc.findings import Fault, Finding
from promptc.models import Model, Models, built_in
from promptc.schema import roles
from promptc.tree import last, parent

_LARGEST = 2**53  # what JSON numbers hold exactly
_BAD_JSON = "Invalid JSON payload received."


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a request is refused: Google's message, and the fields that it is about."""

    message: str
    details: Sequence[Mapping[str, Any]] = ()


def read_call(method: str, model: str, body: bytes, models: Models | None = None) -> Call | Refusal:
    """Read a request's body and check it as the API does."""
    try:
        tree = json.loads(body, parse_constant=_no_constant, parse_int=_exact)
        json.dumps(tree, ensure_ascii=False).encode()  # half a surrogate pair is no text
        if not isinstance(tree, dict):
            return _refusal([("", f'{_BAD_JSON} Unknown name "": Root element must be a message.')])
        if method == "countTokens":
            tree = _inner_request(tree)
        return _checked(method, model, tree, (models or built_in()).find(model))
    except RecursionError:
        return Refusal(message=f"{_BAD_JSON} Message too deep.")
    except ValueError as error:
        reason = f"{error.msg} at {error.pos}" if isinstance(error, json.JSONDecodeError) else str(error)
        return Refusal(message=f"{_BAD_JSON} {reason}.")


def _inner_request(tree: Mapping[str, Any]) -> Any:
    """Return the request whose tokens shall be counted."""
    return next((tree[key] for key in ("generateContentRequest", "generate_content_request") if key in tree), tree)


def _checked(method: str, model: str, tree: Any, known: Model | None) -> Call | Refusal:
    form = canonical(tree)
    findings = (*form.findings, *check_request(cast("Any", form.tree), known))
    if findings:
        return _refusal(_violation(finding) for finding in findings)
    if any((content.get("role") or "user") not in roles() for content in cast("Any", form.tree)["contents"]):
        return Refusal(message="Please use a valid role: user, model.")
    call = Call(
        method=method,
        model=model,
        tree=cast("Mapping[str, Any]", form.tree),
        fingerprint=fingerprint(method, model, form.tree),
        known=known,
    )
    unsigned = complaint(call)
    return Refusal(message=unsigned) if unsigned else call


def _refusal(violations: Iterable[tuple[str, str]]) -> Refusal:
    fields = [
        {"field": place, "description": description} if place else {"description": description}
        for place, description in violations
    ]
    return Refusal(
        message="\n".join(field["description"] for field in fields),
        details=[{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": fields}],
    )


def _violation(finding: Finding) -> tuple[str, str]:
    """Return the place of a finding and what Google would say of it."""
    if finding.fault is Fault.UNKNOWN:
        place = _place(parent(finding.pointer))
        at = f" at '{place}'" if place else ""
        return place, f'{_BAD_JSON} Unknown name "{last(finding.pointer)}"{at}: Cannot find field.'
    place = _place(finding.pointer)
    return place, f"* {place}: {finding.message}" if place else f"* {finding.message}"


def _place(pointer: str) -> str:
    """Return a JSON pointer as Google writes places: `contents[0].parts[1].inline_data`."""
    place = ""
    for token in pointer.split("/")[1:]:
        name = last(f"/{token}")
        place += f"[{name}]" if name.isdecimal() else f".{re.sub('(?=[A-Z])', '_', name).lower()}"
    return place.removeprefix(".")


def _no_constant(name: str) -> NoReturn:
    msg = f"Unexpected token {name}"
    raise ValueError(msg)


def _exact(digits: str) -> int:
    if abs(value := int(digits)) > _LARGEST:
        msg = "Number out of range"
        raise ValueError(msg)
    return value
