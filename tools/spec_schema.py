"""Writes the schema of spec files for editors, `schema/spec.schema.json`: `make schema`.

It is made of the outline that the compiler checks, the API's schema and the schema of expectations,
each in all the spellings that promptc reads. What a single file can't show (other files, what
templates give, what a model takes) it lets pass: `promptc check` sees it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from promptc.abilities import REQUEST
from promptc.compiler.cases import NAME
from promptc.compiler.spec import API_TABLES, RESERVED
from promptc.models import built_in
from promptc.schema import DIALECT, FORMATS, data_fields, load, roles
from tools.api_schema import SCHEMAS, text
from tools.spellings import Schema, Spellings, caseless, one_of, spelt, twins, whole

FILE = SCHEMAS / "spec.schema.json"

_TYPES = ("string", "number", "integer", "boolean", "image", "array", "object")
_DEVICES = ("con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)))
_RIVALS = (("turns", "contents"), ("system", "systemInstruction"), ("system", "system_instruction"))
_ASKS: Schema = {
    "anyOf": [{"required": ["turns"]}, {"required": ["contents"]}],
    "not": {
        "anyOf": [
            {"required": ["extends"]},
            {"required": ["matrix"], "properties": {"matrix": {"required": ["model"]}}},
            {"required": ["matrix"], "properties": {"matrix": {"required": ["include"]}}},
            {"required": ["cases"], "properties": {"cases": {"items": {"required": ["model"]}}}},
        ]
    },
}
"""A file that asks something, and whose model is named nowhere but at its top."""

_WORDS: Mapping[str, Schema] = {
    "type": {"enum": list(_TYPES)},
    "format": {"enum": list(FORMATS)},
    "enum": {"type": "array"},
    **{word: {"type": "number"} for word in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")},
    "multipleOf": {"type": "number", "exclusiveMinimum": 0},
    **{word: {"type": "integer", "minimum": 0} for word in ("minLength", "maxLength", "minItems", "maxItems")},
    **{word: {"type": "string"} for word in ("pattern", "title", "description")},
    "uniqueItems": {"type": "boolean"},
    "required": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
    "additionalProperties": {"type": ["boolean", "object"], "additionalProperties": True},
    "examples": {"type": "array"},
}
"""What JSON Schema takes for the keywords of a declaration."""

_SAID = {
    "cases": "Requests of this spec, each with values of its own; without any, there is one, `default`",
    "contents": "The conversation in the API's own form, instead of `turns`",
    "default": "The value where a case gives none",
    "description": "For people",
    "exclude": "Combinations that are left out",
    "expect": "What the answer must hold",
    "extends": "A file that this one goes on from: tables merge, everything else is replaced",
    "file": "A file's path, from this file's folder; goes out inside the request",
    "generationConfig": "What the answer shall be like",
    "image": "A picture's path, from this file's folder, or several; `{{ name }}` for an image variable",
    "include": "Combinations that are added",
    "matrix": "Runs every case with each combination of these values",
    "mimeType": "The media type of the file, such as application/pdf",
    "model": "The model to ask",
    "name": "Letters, digits, `_` and `-`",
    "parts": "Text, pictures and other data, in order",
    "reply": "The recorded answer goes here, whole",
    "role": "Who speaks: the user, unless it says `model`",
    "sha256": "Pins the picture: another file of that name is an error",
    "skip": "Why the case is not run",
    "stream": "Whether the answer comes piece by piece, as server-sent events",
    "system": "How the model shall behave throughout; short for `systemInstruction`",
    "tags": "Words to choose cases by",
    "text": "Text; a template",
    "toolConfig": "How the model uses its tools",
    "turns": "The conversation: what the user says, and replies",
    "unchecked": "Fields that promptc's schema of the API does not know yet; merged into the request",
    "unset": "Keys of the extended file that shall not be there, such as `generationConfig.imageConfig`",
    "uri": "The address of a file that was uploaded before",
    "variables": "What the templates name: JSON Schema keywords, and `default`",
    "xfail": "Why the case is expected to fail",
}
"""What editors show, where the API's schema has no title."""


def spec_schema() -> Schema:
    """Return the schema of a spec file; it has no `$id`, since taplo can't read a relative one."""
    outline, request, expect = load("outline.schema"), load(REQUEST), load("expect.schema")
    api = Spellings(root=request, templates=True, offered=_offered())
    answers = Spellings(root=expect, templates=False)
    defs: dict[str, Schema] = {
        "Case": _case(outline["properties"]["cases"]["items"], api),
        "Declaration": _declaration(outline["$defs"]["Declaration"]),
        "Expectation": answers.message(expect, "Expectation"),
        "Model": {"anyOf": [{"enum": sorted(built_in().by_name)}, {"type": "string", "pattern": "^[A-Za-z0-9._-]+$"}]},
        "SpecPart": _part(api),
        "Turns": {**outline["$defs"]["Turns"], "items": {"$ref": "#/$defs/Turn"}},
        "Turn": _turn(outline["$defs"]["Turns"]["items"]),
        "VariableName": {
            "type": "string",
            "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
            "not": {"enum": sorted(RESERVED)},
        },
    }
    top = _table(outline, api)
    top["properties"]["cases"] |= {"items": {"$ref": "#/$defs/Case"}}
    top["properties"]["matrix"] = _matrix(top["properties"]["matrix"])
    top["allOf"] += [when({"required": ["unset"]}, {"required": ["extends"]}), when(_ASKS, {"required": ["model"]})]
    defs |= {**api.definitions(), **answers.defs}
    for name in ("GenerationConfig", "ToolConfig"):
        defs[name] = whole(defs[name])
    return {
        "$schema": DIALECT,
        "$comment": "Written by `make schema`, for editors; promptc itself checks outline.schema.json.",
        "title": "A promptc spec",
        **top,
        "$defs": {name: defs[name] for name in sorted(defs)},
    }


def _offered() -> Mapping[str, list[str]]:
    """Return values to suggest where the API's schema has no list of them."""
    rows = [model.row for model in built_in().by_name.values()]
    return {
        "Content.role": list(roles()),
        "ImageConfig.aspectRatio": _union(row.get("aspectRatios", ()) for row in rows),
        "ImageConfig.imageSize": _union(row.get("imageSizes", ()) for row in rows),
    }


def _union(lists: Iterable[Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(value for values in lists for value in values))


def _table(outline: Mapping[str, Any], api: Spellings) -> Schema:
    """Return the top of a spec, or a case: the API's tables in full, and promptc's own keys."""
    known = api.root["properties"]
    made: dict[str, Schema] = {}
    for name, described in outline["properties"].items():
        if name in (*API_TABLES, "contents"):
            made[name] = {**api.value(known[name], name), "type": described["type"]}
        else:
            made[name] = dict(described)
        made[name] |= _told(name)
    made["model"] = {"$ref": "#/$defs/Model", **_told("model")}
    made["expect"] = {"$ref": "#/$defs/Expectation", **_told("expect")}
    made["unchecked"] |= {"properties": {"contents": False}, "additionalProperties": True}
    made["variables"] |= {"propertyNames": {"$ref": "#/$defs/VariableName"}}
    made["variables"].setdefault("additionalProperties", True)
    tables = {name: made[name] for name in API_TABLES}
    twice = [(*spelt(name),) for name in tables if len(spelt(name)) > 1]
    return {
        "type": "object",
        "properties": {**made, **twins(tables)},
        "additionalProperties": False,
        "allOf": [never(*pair) for pair in (*_RIVALS, *twice)],
    }


def _case(outline: Mapping[str, Any], api: Spellings) -> Schema:
    made = _table(outline, api)
    names = {"pattern": f"^{NAME.pattern}$", "maxLength": 120, "not": {"pattern": caseless(_DEVICES)}}
    made["properties"]["name"] |= names
    made["allOf"].append(never("skip", "xfail"))
    return {**made, "required": outline["required"]}


def _matrix(described: Mapping[str, Any]) -> Schema:
    axes: dict[str, Schema] = {name: {**axis, **_told(name)} for name, axis in described["properties"].items()}
    for name in ("include", "exclude"):
        axes[name]["items"] = {**axes[name]["items"], "additionalProperties": True}
    axes["include"]["items"]["properties"] = {"model": {"$ref": "#/$defs/Model"}}
    axes["model"] = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/Model"}, **_told("model")}
    return {**described, "properties": axes, "propertyNames": {"$ref": "#/$defs/VariableName"}}


def _told(name: str) -> Schema:
    return {"description": _SAID[name]} if name in _SAID else {}


def _declaration(outline: Mapping[str, Any]) -> Schema:
    words = {word: {**_WORDS.get(word, {}), **known} for word, known in outline["properties"].items()}
    words["default"] |= _told("default")
    return {**outline, "properties": words}


def _turn(outline: Mapping[str, Any]) -> Schema:
    turn = {name: {**described, **_told(name)} for name, described in outline["properties"].items()}
    turn["parts"]["items"] = {"$ref": "#/$defs/SpecPart"}
    turn["reply"]["const"] = True
    turn["expect"] = {"$ref": "#/$defs/Expectation", **_told("expect")}
    return {
        **outline,
        "properties": turn,
        "oneOf": one_of(["text", "parts", "reply"]),
        "allOf": [never("reply", "role"), when({"required": ["expect"]}, {"required": ["reply"]})],
    }


def _part(api: Spellings) -> Schema:
    """Return a part of a turn: the API's, or one of promptc's own; never a template as a whole."""
    part = api.message(api.root["$defs"]["Part"], "Part")
    paths = {"type": "string", "minLength": 1}
    digest = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    own: dict[str, Schema] = {
        "text": {"type": "string"},
        "image": {**paths, "type": ["string", "array"], "minItems": 1, "items": paths},
        "sha256": {**digest, "type": ["string", "array"], "minItems": 1, "items": digest},
        "file": paths,
        "uri": paths,
        "mimeType": {"type": "string"},
    }
    own = {name: {**described, **_told(name)} for name, described in own.items()}
    return {
        **whole(part),
        "properties": twins(own) | {name: value for name, value in part["properties"].items() if name not in own},
        "oneOf": one_of([*data_fields(), "image", "file", "uri"], alone=["videoMetadata"]),
        "allOf": [
            when({"required": ["sha256"]}, {"anyOf": [{"required": ["image"]}, {"required": ["file"]}]}),
            *(
                when({"required": [name]}, {"anyOf": [{"required": ["file"]}, {"required": ["uri"]}]})
                for name in spelt("mimeType")
            ),
        ],
    }


def when(condition: Schema, then: Schema) -> Schema:
    """Return a rule; not `dependentSchemas`, which taplo passes over."""
    return {"if": condition, "then": then}


def never(name: str, other: str) -> Schema:
    """Return the rule that two keys don't go together; editors mark the second."""
    return when({"required": [name]}, {"properties": {other: False}})


def main() -> None:
    """Write the file."""
    FILE.write_text(text(spec_schema()), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
