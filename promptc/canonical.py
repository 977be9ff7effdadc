"""One form for all spellings of a request, and its fingerprint.

The API reads proto3 JSON (https://protobuf.dev/programming-guides/json/): names in two spellings,
enum values in any case, both base64 alphabets, a lone object for a list of one, null for absent,
64-bit integers as numbers or as strings. The rules are applied where the schema knows a field,
never inside opaque JSON. A schema's own keywords say where they apply: `x-proto` is one of `enum`,
`bytes`, `int64`, `timestamp`, `duration`, `map` (keys are the user's) and `json` (all of it is);
`x-empty` marks a message that means nothing when empty, `x-ignored` fields that mean nothing here,
`x-defaults` what a field counts as in a fingerprint where it is absent, `x-numbered` an enum whose numbers are read too.
"""

import base64
import hashlib
import json
import re
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import rfc8785

from promptc.blob import Blob
from promptc.findings import Fault, Finding
from promptc.schema import camel_case, load, resolve
from promptc.tree import Json, Tree, child

FORMAT = "v1"
NO_BASE64 = "this is no base64"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_SAFE = 2**53  # from here on RFC 8785 knows floats only
_LOWEST = -(2**63)  # of an int64
_INTEGER = re.compile(r"-?[0-9]{1,19}")
_DURATION = re.compile(r"(-?)0*([0-9]{1,12})(?:\.(?=[0-9]{1,9}s)([0-9]*?)0*)?s")
_TIMESTAMP = re.compile(
    r"([0-9]{4}(?:-[0-9]{2}){2}T[0-9]{2}(?::[0-9]{2}){2})(?:\.([0-9]{1,9}))?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_SPACES = dict.fromkeys(map(ord, string.whitespace))
_ALPHABET = string.ascii_letters.encode() + string.digits.encode() + b"+/"
_ABSENT = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Canonical:
    """A tree in the API's own spelling, blobs kept.

    `moved` tells where each value stood before (pointer now → pointer then), `findings` which
    fields were written twice, or hold no base64 where bytes belong.
    """

    tree: Tree
    moved: Mapping[str, str]
    findings: tuple[Finding, ...]


def canonical(tree: Tree, *, schema: str = "request.schema", partial: bool = False) -> Canonical:
    """Respell a tree by its schema; a `partial` one keeps empty values, since they replace others."""
    walk = _Walk(schema, digests=False, partial=partial)
    respelt = walk.value(tree, walk.root, "", "")
    return Canonical(tree=respelt, moved=walk.moved, findings=tuple(walk.findings))


def digested(tree: Tree) -> Json:
    """Return the canonical tree with every blob and all base64 as `sha256:…` digests."""
    walk = _Walk("request.schema", digests=True)
    return cast("Json", walk.value(tree, walk.root, "", ""))


def fingerprint(method: str, model: str, tree: Tree) -> str:
    """Return `v1:` and the SHA-256 over RFC 8785 JSON of method, model and digested body."""
    form: Any = {"method": method, "model": model, "body": digested(tree)}
    try:
        text = rfc8785.dumps(form)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
        # what a model's reply can hold, but RFC 8785 can't: a form of its own, which no other text has
        text = b"inexact:" + json.dumps(form, sort_keys=True).encode()
    return f"{FORMAT}:{hashlib.sha256(text).hexdigest()}"


def decode_base64(text: str) -> bytes:
    """Decode either alphabet, padded or not; raises ValueError where it is no base64."""
    try:
        return base64.b64decode(text, validate=True)  # as most of it is written: large pictures are not copied twice
    except ValueError:
        return base64.b64decode(standard_base64(text))


def standard_base64(text: str) -> str:
    """Return base64 in the standard alphabet and padded, without decoding it; raises ValueError where it is none."""
    body = _unwrapped(text).replace("-", "+").replace("_", "/").rstrip("=")
    rest = len(body) % 4
    if rest == 1 or not body.isascii() or body.encode().translate(None, _ALPHABET):
        msg = "not base64"
        raise ValueError(msg)
    if not rest:
        return body
    # bits beyond the last byte mean nothing, so they have a standard form too
    return body[:-rest] + base64.b64encode(base64.b64decode(body[-rest:] + "=" * (4 - rest))).decode("ascii")


def _unwrapped(text: str) -> str:
    """Drop white space, which the API's decoder skips (absl::Base64Unescape): `base64` wraps its lines."""
    return text.translate(_SPACES) if any(char in text for char in string.whitespace) else text


def _why_no_base64(text: str) -> str | None:
    """Say what a user may have meant who wrote something else where base64 belongs."""
    if text.lstrip().startswith("data:"):
        return "leave out everything up to the comma: the media type stands in `mimeType`"
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text):
        return "an address stands in `fileData`, as its `fileUri`"
    if text.startswith(("$", "<", "{", "@")):
        return "this is a placeholder: put the file's bytes in its place"
    if text.encode("ascii", "replace").translate(None, _ALPHABET + b"-_=\n\r\t "):
        return None
    if "=" in text.rstrip("= \n\r\t"):
        return "padding stands at the end only: two files may have run into one"
    return "its length fits no base64: part of it is missing"


class _Walk:
    """One pass over a tree beside its schema; `was` is the pointer in the tree as it was given."""

    def __init__(self, schema: str, *, digests: bool, partial: bool = False) -> None:
        self.root = load(schema)
        self.digests = digests
        self.partial = partial
        self.findings: list[Finding] = []
        self.moved: dict[str, str] = {}

    def value(self, value: Tree, schema: Mapping[str, Any], pointer: str, was: str) -> Tree:
        schema = resolve(self.root, schema)
        self.moved[pointer] = was
        proto = schema.get("x-proto")
        if isinstance(value, Blob):
            return value.digest if self.digests else value
        if proto == "json" or not schema:  # what it says is the user's own
            self.still(value, pointer, was)
            return value
        if schema.get("type") == "array":
            return self.array(value, schema["items"], pointer, was)
        if isinstance(value, Mapping) and proto == "map":
            inner = schema["additionalProperties"]
            return {key: self.value(item, inner, child(pointer, key), child(was, key)) for key, item in value.items()}
        if isinstance(value, Mapping):
            return self.message(value, schema, pointer, was)
        if isinstance(value, str):
            return self.text(value, schema, pointer)
        if type(value) not in {int, float}:
            return value
        number = _number(value, schema)
        return self.text(number, schema, pointer) if isinstance(number, str) else number

    def still(self, value: Tree, pointer: str, was: str) -> None:
        """Note where the members of a value stand that keeps its form."""
        members: Iterable[tuple[str | int, Tree]] = ()
        if isinstance(value, Mapping):
            members = value.items()
        elif isinstance(value, Sequence) and not isinstance(value, str):
            members = enumerate(value)
        for key, item in members:
            self.moved[child(pointer, key)] = child(was, key)
            self.still(item, child(pointer, key), child(was, key))

    def array(self, value: Tree, schema: Mapping[str, Any], pointer: str, was: str) -> Tree:
        if isinstance(value, Sequence) and not isinstance(value, str):
            return [self.value(item, schema, child(pointer, i), child(was, i)) for i, item in enumerate(value)]
        return [self.value(value, schema, child(pointer, 0), was)]

    def message(self, value: Mapping[str, Tree], schema: Mapping[str, Any], pointer: str, was: str) -> Tree:
        known = schema.get("properties", {})
        result: dict[str, Tree] = {}
        spelt: dict[str, str] = {}
        for key, item in value.items():
            name = key if key in known else camel_case(key)
            if name not in known:
                result[key] = item
                self.moved[child(pointer, key)] = child(was, key)
                self.still(item, child(pointer, key), child(was, key))
                continue
            if name in schema.get("x-ignored", ()) and (item is None or isinstance(item, str)):
                continue
            if name in spelt:
                self.findings.append(_twice(spelt[name], key, child(pointer, key)))
                self.moved[child(pointer, key)] = child(was, key)
                if key != name:
                    continue
                result.pop(name, None)  # what is said of the field's own name is then said of this one
            spelt.setdefault(name, key)
            made = self.member(item, known[name], child(pointer, name), child(was, key))
            if made is not _ABSENT:
                result[name] = cast("Tree", made)
        if self.digests:  # what is sent stays as short as it was written
            defaults = schema.get("x-defaults", {}).items()
            ignored = schema.get("x-ignored", ())
            return result | {n: what for n, what in defaults if n not in ignored and result.get(n, "") == ""}
        return result

    def member(self, item: Tree, schema: Mapping[str, Any], pointer: str, was: str) -> object:
        anything = schema.get("x-proto") == "json" and "type" not in schema  # google.protobuf.Value
        if item is None and not anything:
            return _ABSENT
        made = self.value(item, schema, pointer, was)
        if self.partial:
            return made
        nothing = (made == {} and schema.get("x-empty") == "absent") or (
            made == [] and schema.get("type") == "array" and not schema.get("minItems")
        )
        return _ABSENT if nothing else made

    def text(self, value: str, schema: Mapping[str, Any], pointer: str) -> str:
        match schema.get("x-proto"):
            case "enum":
                names = schema.get("enum") or schema["examples"]
                return next((name for name in names if name.lower() == value.lower()), value)
            case "int64" if _INTEGER.fullmatch(value):
                if not _LOWEST <= int(value) <= -_LOWEST - 1:
                    self.wrong(pointer, f"`{value}` does not fit 64 bits", f"{_LOWEST} to {-_LOWEST - 1}")
                return str(int(value))
            case "timestamp" if match := _TIMESTAMP.fullmatch(value):
                moment = _moment(match)
                if moment is None:
                    self.wrong(pointer, f"there is no such time as `{value}`", "a day and an hour that exist")
                return moment or value
            case "duration" if match := _DURATION.fullmatch(value):
                return _duration(match)
            case "bytes":
                return self.bytes(value, pointer)
        return value

    def bytes(self, value: str, pointer: str) -> str:
        if self.digests and _DIGEST.fullmatch(value):
            return value  # a body that was digested before, as cassettes hold it
        try:
            if self.digests:
                return f"sha256:{hashlib.sha256(decode_base64(value)).hexdigest()}"
            return standard_base64(value)
        except ValueError:
            self.wrong(pointer, NO_BASE64, "base64, standard or URL-safe", _why_no_base64(value))
            return value

    def wrong(self, pointer: str, message: str, expected: str, hint: str | None = None) -> None:
        """Note a value that has the right form, but means nothing."""
        finding = Finding(fault=Fault.VALUE, pointer=pointer, message=message, expected=expected, help=hint)
        self.findings.append(finding)


def _moment(match: re.Match[str]) -> str | None:
    """Return a time of day in UTC, as proto3 JSON writes it (RFC 3339); None where there is none."""
    try:
        moment = datetime.fromisoformat(match[1] + match[3]).astimezone(UTC)
    except (ValueError, OverflowError):  # the 31st of February, or a day before the year 1
        return None
    if match[1][11:13] == "24":  # midnight of the next day to newer Pythons, nothing to RFC 3339
        return None
    fraction = (match[2] or "").rstrip("0")
    return f"{moment.replace(tzinfo=None).isoformat()}{'.' if fraction else ''}{fraction}Z"


def _duration(match: re.Match[str]) -> str:
    """Return seconds without idle zeros; zero has no sign."""
    seconds = match[2] + (f".{match[3]}" if match[3] else "")
    return f"{match[1] if seconds != '0' else ''}{seconds}s"


def _number(value: Any, schema: Mapping[str, Any]) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) < _SAFE:
        value = int(value)
    if isinstance(value, int) and schema.get("x-proto") == "int64":
        return str(value)
    if isinstance(value, int) and schema.get("x-numbered") and 0 <= value < len(schema["enum"]):
        return str(schema["enum"][value])
    return value


def _twice(first: str, second: str, pointer: str) -> Finding:
    return Finding(
        fault=Fault.TWICE,
        pointer=pointer,
        message=f"`{first}` and `{second}` are one field, written twice",
        expected="one of the two spellings",
        help=f"remove `{second}`",
        at_key=True,
    )
