"""What plain vcrpy cassettes hold, as promptc would have stored it: digests, few headers, no key."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from promptc.age import http_date, moment, written
from promptc.canonical import decode_base64, digested, fingerprint
from promptc.config import BUILT_IN, EMULATOR
from promptc.replay.plain_file import refused, rows_of
from promptc.replay.recording import EMULATOR_HEADER
from promptc.replay.secrets import RESPONSE_HEADERS, allowed
from promptc.replay.unpacking import PackedError, unpacked
from promptc.source import shown
from promptc.tree import Json

_ROUTE = re.compile(r"(?P<prefix>.*)/models/(?P<model>[^/]+):(?P<method>generateContent|streamGenerateContent)")
_VERSION = "v1beta"
_SHOWN = 80
_DEEPEST = 100
"""How far values may be nested: protobuf's own JSON readers stop there."""
_PARSED = "parsed_body"

_Headers = Sequence[tuple[str, str]]


class _FormError(Exception):
    """An interaction has not vcrpy's form."""


class _UnusableError(Exception):
    """An interaction has the form, but no case can take it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a request went: `base_url` without user, query and version; `host` is its name alone."""

    base_url: str
    api_version: str
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request: what it is matched by, and `{route, body}` with digests, to be compared with others."""

    address: Address
    fingerprint: str
    content: Json


_STAND_IN = urlsplit(BUILT_IN[EMULATOR].base_url).hostname
"""What recordings of the emulator have in the place of its address."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Interaction:
    """One request and its answer; `line` is known in YAML.

    What no case can take has a `problem`, and neither `asked` nor `response`. `recorded_at` is what
    the answer's `Date` says.
    """

    file: str
    number: int
    line: int | None
    asked: Asked | None = None
    response: Mapping[str, Any] | None = None
    recorded_at: str | None = None
    problem: str | None = None

    @property
    def name(self) -> str:
        """Its number, with the line where it is known."""
        return f"interaction {self.number}" + (f" (line {self.line})" if self.line else "")

    @property
    def emulator(self) -> bool:
        """Whether its answer says that a stand-in gave it."""
        return self.response is not None and EMULATOR_HEADER in self.response["headers"]


def read_plain(path: Path) -> tuple[Interaction, ...]:
    """Read a plain vcrpy cassette; raises CassetteError."""
    return tuple(
        _interaction(shown(path), number, row, line) for number, (row, line) in enumerate(rows_of(path), start=1)
    )


def _interaction(file: str, number: int, row: Any, line: int | None) -> Interaction:
    made = Interaction(file=file, number=number, line=line)
    try:
        request, response = (_table(row, key) for key in ("request", "response"))
        status, headers = _status(response), list(_headers(response))
        asked = _asked(request)
        body = {"string": _unpacked(_stored(response), headers, "answer")}
        kept = allowed(headers, RESPONSE_HEADERS)
        if b'"promptc-emulator/' in body["string"] or asked.address.host == _STAND_IN:
            kept[EMULATOR_HEADER] = ["1"]  # a stand-in stays one, whatever a recorder has left out
        answer = {"status": status, "headers": kept, "body": body}
        return replace(made, asked=asked, response=answer, recorded_at=_date(headers))
    except _FormError as error:
        hint = "record it again with one of vcrpy's own serializers"
        raise refused(file, f"{made.name} {error}", hint) from None
    except _UnusableError as error:
        return replace(made, problem=str(error))


def _table(row: Any, key: str) -> Mapping[str, Any]:
    table = row.get(key) if isinstance(row, Mapping) else None
    if not isinstance(table, Mapping):
        msg = f"has no table `{key}`"
        raise _FormError(msg)
    return table


def _asked(request: Mapping[str, Any]) -> Asked:
    method, uri = request.get("method"), request.get("uri")
    if not isinstance(method, str) or not isinstance(uri, str):
        msg = "has a request without `method` or `uri`"
        raise _FormError(msg)
    address, route = _route(method, uri)
    content = request.get(_PARSED)
    if not isinstance(content, Mapping):
        content = _json(_unpacked(_bytes(request.get("body")), list(_headers(request)), "request"))
    if content.get("model") in (route["model"], f"models/{route['model']}"):  # the path says it, and counts
        content = {key: value for key, value in content.items() if key != "model"}
    try:
        matched = fingerprint(route["method"], route["model"], content)
        compared: Json = {"route": f"{route['model']}:{route['method']}", "body": digested(content)}
    except (ValueError, TypeError, RecursionError):
        msg = "its request holds what no request can hold"
        raise _UnusableError(msg) from None
    return Asked(address=address, fingerprint=matched, content=compared)


def _route(method: str, uri: str) -> tuple[Address, re.Match[str]]:
    """Read a request's URL, whatever stands before the model and behind the method."""
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname or "", parts.port
    except ValueError:  # brackets that hold no address, a port out of range
        msg = "its URL can't be read"
        raise _UnusableError(msg) from None
    route = _ROUTE.fullmatch(unquote(parts.path))
    if route is None or method.upper() != "POST" or not host:
        where = f"{method} {parts.path}"[:_SHOWN]
        msg = f"it is no request to generateContent or streamGenerateContent (`{where}`)"
        raise _UnusableError(msg)
    prefix, _, version = route["prefix"].rpartition("/")
    name = f"[{host}]" if ":" in host else host
    base_url = f"{parts.scheme}://{name}{f':{port}' if port else ''}{quote(prefix)}"
    return Address(base_url=base_url, api_version=version or _VERSION, host=host), route


def _json(body: bytes) -> Mapping[str, Any]:
    """Return a request's body; raises _UnusableError where it is no JSON object."""
    if not body:
        msg = "its request has no body"
        raise _UnusableError(msg)
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, Mapping):
        msg = "its request's body is no JSON object"
        raise _UnusableError(msg)
    level: list[Any] = [content]
    for _ in range(_DEEPEST):
        level = [item for value in level for item in _items(value)]
    if level:
        msg = "its request is nested deeper than the API reads"
        raise _UnusableError(msg)
    return content


def _items(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list) else ()


def _status(response: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the status as promptc keeps it; vcrpy's stubs for httpx once wrote the code alone."""
    table = {"code": response["status_code"]} if "status_code" in response else _table(response, "status")
    code, message = table.get("code"), table.get("message")
    if type(code) is not int:
        msg = "has an answer without a status"
        raise _FormError(msg)
    return {"code": code, "message": _sound(message) if isinstance(message, str) else ""}


def _stored(response: Mapping[str, Any]) -> bytes:
    """Return an answer's body as the cassette holds it."""
    if _PARSED in response:
        msg = f"its answer was parsed when it was written (`{_PARSED}`), so that its bytes are lost"
        raise _UnusableError(msg)
    body = response.get("content" if "status_code" in response else "body")
    if isinstance(body, Mapping) and isinstance(encoded := body.get("base64_string"), str):
        try:
            return decode_base64(encoded)
        except ValueError:
            msg = "its answer's `base64_string` is no base64"
            raise _UnusableError(msg) from None
    return _bytes(body.get("string") if isinstance(body, Mapping) else body)


def _bytes(body: Any) -> bytes:
    """Return a body in any of the types that vcrpy writes: text, bytes, or chunks of these."""
    if body is None:
        return b""
    if isinstance(body, list):
        return bytes(body) if body and all(_octet(item) for item in body) else b"".join(map(_bytes, body))
    if isinstance(body, bytes):
        return body
    if not isinstance(body, str):
        msg = "a body in it is neither text nor bytes"
        raise _UnusableError(msg)
    try:
        return body.encode()
    except UnicodeEncodeError:
        msg = "a body in it holds half a surrogate pair, which has no bytes"
        raise _UnusableError(msg) from None


def _octet(item: Any) -> bool:
    return type(item) is int and 0 <= item < 256  # noqa: PLR2004 - what fits a byte


def _unpacked(body: bytes, headers: _Headers, of: str) -> bytes:
    try:
        return unpacked(body, [value for name, value in headers if name.lower() == "content-encoding"])
    except PackedError as error:
        msg = f"its {of}'s body can't be read: {error}"
        raise _UnusableError(msg) from None


def _headers(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    headers = table.get("headers") or {}
    if not isinstance(headers, Mapping):
        msg = "has `headers` that are no table"
        raise _FormError(msg)
    for name, values in headers.items():
        for value in values if isinstance(values, list) else [values]:
            yield _sound(name), _sound(value)


def _sound(value: Any) -> str:
    """Return a header's name or value as text that can be written."""
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    return text.encode("utf-8", "replace").decode()


def _date(headers: _Headers) -> str | None:
    """Return when an answer was made, by its `Date` (RFC 9110, section 6.6.1); None where nobody knows."""
    said = next((value for name, value in headers if name.lower() == "date"), "")
    made = http_date(said)
    try:
        text = written(made) if made else ""
    except OverflowError:  # a zone may lead out of all years
        return None
    return text if moment(text) else None
