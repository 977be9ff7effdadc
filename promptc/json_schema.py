"""JSON Schemas that users write: whether they are schemas at all, and restrict what they seem to.

Keywords are those of JSON Schema 2020-12 and `propertyOrdering`, the API's own.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from promptc.diagnostics import Severity, did_you_mean, one_of
from promptc.findings import Fault, Finding, findings_of, kind
from promptc.tree import child, last

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_BY_NAME = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_IN_ORDER = ("allOf", "anyOf", "oneOf", "prefixItems")
_SINGLE = (
    *("items", "additionalProperties", "contains", "propertyNames", "not", "if", "then", "else"),
    *("unevaluatedItems", "unevaluatedProperties"),
)
KEYWORDS = {
    *(*_BY_NAME, *_IN_ORDER, *_SINGLE),
    *("$schema", "$id", "$ref", "$anchor", "$comment", "$vocabulary", "$dynamicRef", "$dynamicAnchor"),
    *("type", "enum", "const", "required", "dependentRequired", "format", "pattern", "propertyOrdering"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"),
    *("minItems", "maxItems", "uniqueItems", "minContains", "maxContains", "minProperties", "maxProperties"),
    *("title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"),
    *("contentEncoding", "contentMediaType", "contentSchema"),
    *("id", "dependencies", "additionalItems", "$recursiveRef", "$recursiveAnchor"),  # of older drafts
}
_OWN_DIALECT = "JSON Schema has small letters; the API's own schema language goes into `responseSchema` or `parameters`"
_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")


def faults(schema: Any, pointer: str) -> Iterator[Finding]:
    """Yield what keeps a value from being a JSON Schema; `pointer` is where the value stands."""
    if not isinstance(schema, (Mapping, bool)):
        message = "a JSON Schema is a table"
        yield Finding(fault=Fault.SCHEMA, pointer=pointer, message=message, expected="a table")
        return
    for finding in _faults(json.dumps(schema)):
        yield replace(finding, pointer=pointer + finding.pointer)


@lru_cache(maxsize=64)  # the cases of a spec share their schemas
def _faults(text: str) -> tuple[Finding, ...]:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - 90 ms that most commands save
    from jsonschema.validators import validator_for  # noqa: PLC0415

    schema = json.loads(text)
    dialect: Any = Draft202012Validator
    if isinstance(schema, Mapping) and isinstance(schema.get("$schema"), str):
        dialect = validator_for(schema, default=Draft202012Validator)
    checker = dialect(dialect.META_SCHEMA)  # without formats: patterns are ECMA-262's, not Python's
    # a metaschema is made of several, which say the same about one place
    found = dict.fromkeys(fault for error in checker.iter_errors(schema) for fault in _placed(error))
    foreign = [fault for fault in found if fault.help == _OWN_DIALECT]
    kept = [fault for fault in found if fault not in foreign[1:]]
    return (*kept, *_dead_references(schema, schema, ""), *_misspelt(schema, ""))


def _placed(error: "ValidationError") -> Iterator[Finding]:
    """Yield an error of the metaschema at its place; for a wrong `type`, say which word is none."""
    if list(error.schema_path)[-3:-1] == ["properties", "type"]:
        instance: Any = error.instance
        given = instance if isinstance(instance, list) else [instance]
        word: Any = next((name for name in given if name not in _TYPES), None)
        shown = f"`{word[:40]}`" if isinstance(word, str) else kind(word)
        yield Finding(
            fault=Fault.SCHEMA,
            pointer="".join(child("", step) for step in error.absolute_path),
            message="the list of types is empty, or names one twice" if word is None else f"{shown} is no JSON type",
            expected=one_of(_TYPES),
            help=_advice(word) if isinstance(word, str) else None,
        )
        return
    for finding in findings_of(error):
        keyword = f"`{last(finding.pointer)}`: " if finding.pointer else ""
        message = f"{keyword}{finding.message}"
        yield replace(finding, fault=Fault.SCHEMA, message=message)


def _advice(word: str) -> str | None:
    return _OWN_DIALECT if word.lower() in _TYPES else did_you_mean(word, _TYPES)


def _dead_references(schema: Any, root: Any, pointer: str) -> Iterator[Finding]:
    """Yield `$ref`s into the schema itself that lead nowhere: no answer could be judged by them."""
    if not isinstance(schema, Mapping):
        return
    target = schema.get("$ref")
    if isinstance(target, str) and target.startswith("#/") and not _leads(unquote(target[2:]).split("/"), root):
        message = f"the `$ref` leads nowhere: there is no `{target[:60]}`"
        hint = "declare it in the schema, as a rule below `$defs`"
        yield Finding(fault=Fault.SCHEMA, pointer=child(pointer, "$ref"), message=message, help=hint)
    for where, inner in _inside(schema, pointer):
        yield from _dead_references(inner, root, where)


def _misspelt(schema: Any, pointer: str) -> Iterator[Finding]:
    """Yield keywords that are nearly one of JSON Schema's: an unknown one restricts nothing, in silence."""
    if not isinstance(schema, Mapping):
        return
    for key in schema:
        if key not in KEYWORDS and (hint := did_you_mean(key, KEYWORDS)):
            message = f"`{key[:40]}` is no keyword of JSON Schema, so it restricts nothing"
            place = child(pointer, key)
            yield Finding(
                fault=Fault.SCHEMA, pointer=place, message=message, help=hint, severity=Severity.WARNING, at_key=True
            )
    for where, inner in _inside(schema, pointer):
        yield from _misspelt(inner, where)


def _inside(schema: Mapping[str, Any], pointer: str) -> Iterator[tuple[str, Any]]:
    """Yield the pointer and value of every schema in a schema."""
    for keyword in _SINGLE:
        if keyword in schema:
            yield child(pointer, keyword), schema[keyword]
    for keyword in _BY_NAME:
        named = schema.get(keyword)
        if isinstance(named, Mapping):
            yield from ((child(child(pointer, keyword), name), inner) for name, inner in named.items())
    for keyword in _IN_ORDER:
        listed = schema.get(keyword)
        if isinstance(listed, Sequence) and not isinstance(listed, str):
            yield from ((child(child(pointer, keyword), i), inner) for i, inner in enumerate(listed))


def _leads(tokens: Sequence[str], value: Any) -> bool:
    for token in tokens:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping) and name in value:
            value = value[name]
        elif isinstance(value, Sequence) and not isinstance(value, str) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return False
    return True
