"""One form for all spellings of a request, and its fingerprint.

The API reads proto3 JSON (https://protobuf.dev/programming-guides/json/): names in two spellings,
enum values in any case, both base64 alphabets, a lone object for a list of one, null for absent.
The rules are applied where the schema knows a field, never inside opaque JSON.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import rfc8785

from promptc.blob import Blob
from promptc.schema import Fault, Finding, camel_case, load, resolve
from promptc.tree import Json, Tree, child

FORMAT = "v1"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_SAFE = 2**53  # from here on RFC 8785 knows floats only
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


def canonical(tree: Tree, *, schema: str = "request.schema") -> Canonical:
    """Respell a tree by its schema."""
    walk = _Walk(schema, digests=False)
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
    standard = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except binascii.Error as error:
        msg = f"not base64: {error}"
        raise ValueError(msg) from None


class _Walk:
    """One pass over a tree beside its schema; `was` is the pointer in the tree as it was given."""

    def __init__(self, schema: str, *, digests: bool) -> None:
        self.root = load(schema)
        self.digests = digests
        self.findings: list[Finding] = []
        self.moved: dict[str, str] = {}

    def value(self, value: Tree, schema: Mapping[str, Any], pointer: str, was: str) -> Tree:
        schema = resolve(self.root, schema)
        self.moved[pointer] = was
        proto = schema.get("x-proto")
        if isinstance(value, Blob):
            return value.digest if self.digests else value
        if proto == "json" or not schema:
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
        if isinstance(value, float) and value.is_integer() and abs(value) < _SAFE:
            return int(value)
        return value

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
            elif name in spelt:
                self.moved[child(pointer, key)] = child(was, key)
                self.findings.append(_twice(spelt[name], key, child(pointer, key)))
            else:
                spelt[name] = key
                made = self.member(item, known[name], child(pointer, name), child(was, key))
                if made is not _ABSENT:
                    result[name] = cast("Tree", made)
        return result

    def member(self, item: Tree, schema: Mapping[str, Any], pointer: str, was: str) -> object:
        if item is None and schema.get("x-proto") != "json":
            return _ABSENT
        made = self.value(item, schema, pointer, was)
        if made == {} and schema.get("x-proto") == "optional":
            return _ABSENT
        return made

    def text(self, value: str, schema: Mapping[str, Any], pointer: str) -> str:
        match schema.get("x-proto"):
            case "enum":
                return next((name for name in schema["enum"] if name.lower() == value.lower()), value)
            case "bytes":
                return self.bytes(value, pointer)
        return value

    def bytes(self, value: str, pointer: str) -> str:
        if self.digests and _DIGEST.fullmatch(value):
            return value  # a body that was digested before, as cassettes hold it
        try:
            data = decode_base64(value)
        except ValueError:
            expected = "base64, standard or URL-safe"
            self.findings.append(
                Finding(fault=Fault.VALUE, pointer=pointer, message="this is no base64", expected=expected)
            )
            return value
        if self.digests:
            return f"sha256:{hashlib.sha256(data).hexdigest()}"
        return base64.b64encode(data).decode("ascii")


def _twice(first: str, second: str, pointer: str) -> Finding:
    return Finding(
        fault=Fault.TWICE,
        pointer=pointer,
        message=f"`{first}` and `{second}` are one field, written twice",
        expected="one of the two spellings",
        help=f"remove `{second}`",
        at_key=True,
    )
