"""From a schema of the API's one form to one that takes every spelling, and templates for values.

Editors know nothing of canonical form, so what `promptc.canonical` reads is written out here. The
keywords that say how (`x-…`) stay behind. Bounds and patterns stand beside lists of types instead
of in branches: each says something about its own type only, and a message about a branch is one
about all of them.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from promptc.schema import resolve

Schema = dict[str, Any]

TEMPLATE = r"\{[{%#]"
"""What a string holds that is a template."""
_BASE64 = r"^[A-Za-z0-9+/_\s-]*[=\s]*$"
_DURATION = r"^-?0*[0-9]{1,12}(\.[0-9]{1,9})?s$"
_KEPT = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems", "examples", "deprecated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spellings:
    """How the values of one schema may be written.

    With `templates`, a string that holds one may stand for any value. `offered` are values that
    editors suggest where the schema has no list of its own; `defs` collects what is used twice.
    """

    root: Mapping[str, Any]
    templates: bool
    offered: Mapping[str, Sequence[str]] = field(default_factory=dict)
    defs: dict[str, Schema] = field(default_factory=dict)

    def definitions(self) -> dict[str, Schema]:
        """Return every definition of the schema, in all spellings."""
        for name, schema in self.root.get("$defs", {}).items():
            self.defs[name] = self.message(schema, name)
        return self.defs

    def message(self, schema: Mapping[str, Any], home: str) -> Schema:
        """Return an object whose fields have two spellings each."""
        known = {name: inner for name, inner in schema["properties"].items() if inner.get("not") != {}}
        values = {name: self.value(inner, f"{home}.{name}") for name, inner in known.items()}
        values |= {name: {"type": "string"} for name in schema.get("x-ignored", ())}
        return {
            **self._typed("object"),
            "properties": twins(values),
            **self._needed(schema),
            "additionalProperties": False,
        }

    def value(self, schema: Mapping[str, Any], at: str) -> Schema:
        """Return every spelling of a value; `at` is its message and field."""
        said = {key: schema[key] for key in _KEPT if key in schema}
        if "title" in schema:
            said["description"] = schema["title"]  # what editors show
        if "x-ignored" in schema:
            return {**self.message(resolve(self.root, schema), schema["$ref"].rpartition("/")[2]), **said}
        if "$ref" in schema:
            return {"$ref": schema["$ref"], **said}
        if schema.get("type") == "array":
            return {**self._list(schema["items"], at), **said}
        if isinstance(schema.get("type"), list):
            members = self.message(schema, at) if "properties" in schema else {}
            return {**members, "type": schema["type"], **said}
        match schema.get("x-proto"):
            case "enum":
                return {"$ref": self._names(schema, at), **said}
            case "json":
                open_ = {"additionalProperties": True}  # said aloud: tombi takes silence for a no
                return {**(self._typed("object") if "type" in schema else {}), **open_, **said}
            case "map":
                values = self.value(schema["additionalProperties"], at)
                return {**self._typed("object"), "additionalProperties": values, **said}
            case "int64":
                return {"type": ["integer", "string"], "pattern": self.pattern(schema["pattern"]), **said}
            case "bytes":
                return {"type": "string", "pattern": self.pattern(_BASE64), **said}
            case "duration":
                return {"type": "string", "pattern": self.pattern(_DURATION), **said}
        if schema.get("type") == "object":
            return {**self.message(schema, at), **said}
        return {**self._plain(schema, at), **said}

    def pattern(self, pattern: str) -> str:
        """Return a pattern that takes templates too."""
        return f"{pattern}|{TEMPLATE}" if self.templates else pattern

    def _plain(self, schema: Mapping[str, Any], at: str) -> Schema:
        if at in self.offered:
            loose = {"type": "string", "pattern": self.pattern(schema.get("pattern", "^$"))}
            return {"anyOf": [{"enum": list(self.offered[at])}, loose]}
        if schema["type"] != "string":
            return self._typed(schema["type"])
        return {"type": "string", **({"pattern": self.pattern(schema["pattern"])} if "pattern" in schema else {})}

    def _typed(self, kind: str) -> Schema:
        return {"type": [kind, "string"], "pattern": TEMPLATE} if self.templates else {"type": kind}

    def _list(self, items: Mapping[str, Any], at: str) -> Schema:
        """Return a list, or what stands for a list of one."""
        value = self.value(items, at)
        lone = items.get("type", "object")
        lone = lone if isinstance(lone, list) else [lone]
        kinds = ["array", *lone, *(["string"] if self.templates and "string" not in lone else [])]
        numbers = ["integer"] if "x-numbered" in items else []
        return {"type": [*kinds, *numbers], "items": value, "if": {"type": "array"}, "else": value}

    def _names(self, schema: Mapping[str, Any], at: str) -> str:
        """Return the reference to an enum: as the API spells it, for suggestions, and in any letter case."""
        names = schema["enum"]
        loose: Schema = {"type": "string", "pattern": self.pattern(caseless(names))}
        if "x-numbered" in schema:
            loose |= {"type": ["string", "integer"], "minimum": 0, "maximum": len(names) - 1}
        made = {"anyOf": [{"enum": list(names)}, loose]}
        same = (name for name, known in self.defs.items() if json.dumps(known) == json.dumps(made))
        name = next(same, at)
        self.defs[name] = made
        return f"#/$defs/{name}"

    def _needed(self, schema: Mapping[str, Any]) -> Schema:
        """Return what must stand in a message, in either spelling."""
        required = schema.get("required", [])
        either = [{"anyOf": _required(spelt(name))} for name in required if len(spelt(name)) > 1]
        choice = schema.get("else", schema).get("oneOf", ())
        made: Schema = {}
        if single := [name for name in required if len(spelt(name)) == 1]:
            made["required"] = single
        if either:
            made["allOf"] = either
        if choice:
            one = [name for branch in choice for name in branch["required"]]
            alone = schema.get("if", {}).get("required", ())
            made["oneOf"] = [*one_of(one, alone=alone), *([{"type": "string"}] if self.templates else [])]
        return made


def one_of(names: Iterable[str], *, alone: Iterable[str] = ()) -> list[Schema]:
    """Return the branches of an object that has exactly one of some fields; `alone` are good by themselves too."""
    choices = [{"type": "object", "required": [spelling]} for name in names for spelling in spelt(name)]
    single = [{"required": [spelling], "maxProperties": 1} for name in alone for spelling in spelt(name)]
    return [*choices, *({"type": "object", **branch} for branch in single)]


def twins(fields: Mapping[str, Schema]) -> dict[str, Schema]:
    """Return fields in both spellings; not as `patternProperties`, which tombi prints where a name is misspelt."""
    return {**fields, **{snake_case(name): value for name, value in fields.items()}}


def whole(message: Schema) -> Schema:
    """Return a message that is written out, where no template may stand for all of it."""
    return {**{key: value for key, value in message.items() if key != "pattern"}, "type": "object"}


def spelt(name: str) -> tuple[str, ...]:
    """Return a field's name in its spellings."""
    return tuple(dict.fromkeys((name, snake_case(name))))


def snake_case(name: str) -> str:
    """Return a field's name in snake_case."""
    return name if name.isupper() else re.sub("([A-Z])", r"_\1", name).lower()


def caseless(names: Iterable[str]) -> str:
    """Return a pattern of names in any letter case; ECMA-262 has no flag for that inside a pattern."""
    letters = ("".join(f"[{c.upper()}{c.lower()}]" if c.isalpha() else re.escape(c) for c in name) for name in names)
    return f"^({'|'.join(letters)})$"


def _required(names: Iterable[str]) -> list[Schema]:
    return [{"required": [name]} for name in names]
