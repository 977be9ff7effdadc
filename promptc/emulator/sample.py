"""A JSON value that meets a schema, made from the prompt's words and the fingerprint."""

import hashlib
from collections.abc import Mapping, Sequence
from math import ceil, floor
from typing import Any

# Schemas may refer to themselves: after so many references optional properties are left out, then everything.
_OPTIONAL_REFERENCES = 2
_REFERENCES = 10
_BRANCHES = 50  # nested choices that are followed at one place
_FORMATS = {
    "date": "2025-01-31",
    "date-time": "2025-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "P1D",
    "email": "someone@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def sample(schema: Mapping[str, Any], words: str, digest: bytes) -> Any:
    """Return a value for a schema of either dialect, the API's own or JSON Schema."""
    return _Sampler(schema, words, digest).value(schema, "value", "", 0)


class _Sampler:
    """One value in the making; `path` makes each place's choice its own."""

    def __init__(self, root: Mapping[str, Any], words: str, digest: bytes) -> None:
        self._root = root
        self._words = words.split()
        self._digest = digest

    def value(self, schema: Any, name: str, path: str, depth: int) -> Any:
        schema, references = self._resolved(schema)
        depth += references
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return schema["enum"][self._number(path) % len(schema["enum"])]
        match _type(schema):
            case "object":
                return self._object(schema, path, depth)
            case "array":
                return self._array(schema, name, path, depth)
            case "integer" | "number" as kind:
                return _bounded(schema, self._number(path), whole=kind == "integer")
            case "boolean":
                return self._number(path) % 2 == 0
            case "null":
                return None
        return self._string(schema, name, path)

    def _resolved(self, schema: Any) -> tuple[Mapping[str, Any], int]:
        """Follow references, counting them, take the first of several branches, and join `allOf`."""
        references = 0
        if not isinstance(schema, Mapping):
            return {}, 0
        for _ in range(_BRANCHES):
            key = next((key for key in ("$ref", "anyOf", "oneOf", "allOf") if schema.get(key)), None)
            if key is None:
                break
            beside = {name: value for name, value in schema.items() if name != key}
            inner = schema[key]
            branches = [self._referred(inner)] if key == "$ref" else inner if key == "allOf" else inner[:1]
            for branch in branches:
                beside = _joined(beside, branch if isinstance(branch, Mapping) else {})
            schema = beside
            references += key == "$ref"
        return schema, references

    def _referred(self, reference: str) -> Mapping[str, Any]:
        found: Any = self._root
        for token in reference.removeprefix("#").split("/")[1:]:
            found = found.get(token.replace("~1", "/").replace("~0", "~"), {}) if isinstance(found, Mapping) else {}
        return found if isinstance(found, Mapping) else {}

    def _object(self, schema: Mapping[str, Any], path: str, depth: int) -> dict[str, Any]:
        known = schema.get("properties") or {}
        required = schema.get("required") or ()
        names = [name for name in known if depth <= _OPTIONAL_REFERENCES or name in required]
        names += [name for name in required if name not in known]
        ordered = [name for name in schema.get("propertyOrdering") or () if name in names]
        names = list(dict.fromkeys([*ordered, *names]))
        if depth > _REFERENCES:
            return {}
        return {name: self.value(known.get(name, {}), name, f"{path}/{name}", depth) for name in names}

    def _array(self, schema: Mapping[str, Any], name: str, path: str, depth: int) -> list[Any]:
        prefix = schema.get("prefixItems") or ()
        least = int(schema.get("minItems") or 0)
        usual = 1 if schema.get("uniqueItems") else 2
        count = max(least, len(prefix), usual) if depth <= _OPTIONAL_REFERENCES else least
        count = min(count, int(schema.get("maxItems", count)))
        items = schema.get("items")
        if depth > _REFERENCES:
            return []
        if items is False:
            count = min(count, len(prefix))
        schemas = [prefix[index] if index < len(prefix) else items for index in range(count)]
        return [self.value(item, name, f"{path}/{index}", depth) for index, item in enumerate(schemas)]

    def _string(self, schema: Mapping[str, Any], name: str, path: str) -> str:
        if schema.get("format") in _FORMATS:
            return _FORMATS[schema["format"]]
        start = self._number(path) % len(self._words) if self._words else 0
        text = " ".join(self._words[start : start + 4]) or name
        least, most = int(schema.get("minLength") or 0), schema.get("maxLength")
        while len(text) < least:
            text = f"{text} {name or 'word'}"
        return text if most is None else text[: max(int(most), least)]

    def _number(self, path: str) -> int:
        return int.from_bytes(hashlib.sha256(self._digest + path.encode("utf-8")).digest()[:4])


def _type(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, Sequence) and not isinstance(kind, str):
        kind = next((one for one in kind if one != "null"), "null")
    if isinstance(kind, str):
        return kind.lower()
    guesses = {"properties": "object", "required": "object", "items": "array", "prefixItems": "array"}
    numeric = dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), "number")
    return next((kind for key, kind in (guesses | numeric).items() if key in schema), "string")


def _joined(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return two schemas as one that asks for what both ask for."""
    result = {**other, **one}
    if "properties" in one and "properties" in other:
        result["properties"] = {**other["properties"], **one["properties"]}
    if "required" in one and "required" in other:
        result["required"] = list(dict.fromkeys([*other["required"], *one["required"]]))
    return result


def _bounded(schema: Mapping[str, Any], number: int, *, whole: bool) -> int | float:
    """Return a number inside a schema's bounds, never on one that excludes itself."""
    low = max((schema[key] for key in ("minimum", "exclusiveMinimum") if key in schema), default=None)
    high = min((schema[key] for key in ("maximum", "exclusiveMaximum") if key in schema), default=None)
    if not whole and "multipleOf" not in schema:
        if low is not None and high is not None:
            return float(low + (high - low) * (number % 11 + 1) / 12)
        return float((high if low is None else low) or 0) + (number % 11 + 1) * (-1 if low is None and high else 1)
    step = schema.get("multipleOf") or 1
    if low is None:
        low = 0 if high is None or high > 0 else high - 11 * step
    first = floor(low / step) + 1 if schema.get("exclusiveMinimum") == low else ceil(low / step)
    if high is None:
        high = (first + 10) * step
    final = ceil(high / step) - 1 if schema.get("exclusiveMaximum") == high else floor(high / step)
    chosen = (first + number % max(1, final - first + 1)) * step
    return int(chosen) if whole else float(chosen)
