"""Variables: declarations that are JSON Schemas, and the values that cases give them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from promptc import json_tree
from promptc.compiler.given import Overrides
from promptc.compiler.spec import OF_MATRIX, RESERVED, ImageRef, Setting, Spec, Value
from promptc.compiler.template import UNKNOWN
from promptc.diagnostics import Diagnostic, Related, did_you_mean, one_of
from promptc.findings import Finding
from promptc.request import Assigned
from promptc.schema import FORMATS, check_with
from promptc.source import Source, Span
from promptc.toml_tree import Node
from promptc.tree import child

_ANNOTATIONS = ("default", "title", "description", "examples")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TYPES = ("string", "number", "integer", "boolean", "image", "array", "object")


def schema_of(declaration: Mapping[str, Any]) -> dict[str, Any]:
    """Return a declaration as plain JSON Schema: an image is a path, so a string."""
    schema = {key: value for key, value in declaration.items() if key not in _ANNOTATIONS}
    if schema.get("type") == "image":
        schema["type"] = "string"
    if isinstance(schema.get("items"), Mapping):
        schema["items"] = schema_of(schema["items"])
    if isinstance(schema.get("properties"), Mapping):
        schema["properties"] = {
            name: schema_of(item) if isinstance(item, Mapping) else item for name, item in schema["properties"].items()
        }
    return schema


def check_declarations(spec: Spec) -> tuple[frozenset[str], tuple[Diagnostic, ...]]:
    """Refuse declarations that are no JSON Schema; returns the names of what is not to be used."""
    found: list[Diagnostic] = []
    wrong = set()
    for name, node in spec.variables.items():
        mistakes = tuple(_name(name, node)) or tuple(_words(name, node)) or tuple(_declaration(name, node))
        found += mistakes
        if mistakes:
            wrong.add(name)
    return frozenset(wrong), tuple(found)


def _name(name: str, node: Node) -> Iterator[Diagnostic]:
    if not _NAME.fullmatch(name):
        message = f"`{name}` can't be a variable's name: no template could use it"
        expected = "letters, digits and `_`, no digit first"
        yield Diagnostic(code="P204", message=message, span=node.key, expected=expected)
    elif name in OF_MATRIX:
        message = f"`{name}` can't be a variable's name: in the matrix it means something of its own"
        yield Diagnostic(code="P204", message=message, span=node.key, help="choose another name")
    elif name in RESERVED:
        message = f"`{name}` can't be a variable's name: templates have a meaning of their own for it"
        yield Diagnostic(code="P204", message=message, span=node.key, help="choose another name")


def _words(name: str, node: Node) -> Iterator[Diagnostic]:
    """Refuse types and formats that nothing here checks, also in what a list or table holds."""
    for key, known in (("type", _TYPES), ("format", FORMATS)):
        word = node.table.get(key)
        if word and word.value not in known:
            hint = did_you_mean(word.value, known) if isinstance(word.value, str) else None
            message = f"variable `{name}` has an unknown {key}"
            yield Diagnostic(code="P204", message=message, span=word.span, expected=one_of(known), help=hint)
    if "items" in node.table:
        yield from _words(name, node.table["items"])
    for member in node.table["properties"].table.values() if "properties" in node.table else ():
        yield from _words(name, member)


def _declaration(name: str, node: Node) -> Iterator[Diagnostic]:
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415 - only specs with variables pay for it

    schema = schema_of(node.plain())
    try:
        default = check_with(node.table["default"].plain() if "default" in node.table else None, schema)
    except (SchemaError, ValueError, OverflowError, RecursionError) as error:
        path = list(error.absolute_path) if isinstance(error, SchemaError) else []
        where = node
        for token in path:
            if isinstance(where.value, Mapping) and token in where.table:
                where = where.table[str(token)]
        key = str(path[-1]) if path else "pattern"
        what = "no regular expression" if key == "pattern" else "not what JSON Schema takes there"
        message = f"variable `{name}`: `{key}` is {what}"
        yield Diagnostic(code="P204", message=message, span=where.span)
        return
    if "default" in node.table:
        yield from _breaches(name, default, Setting.of(node.table["default"]), None)


def _breaches(
    name: str,
    faults: Iterable[Finding],
    given: Setting,
    subject: str | None,
    related: tuple[Related, ...] = (),
) -> Iterator[Diagnostic]:
    for fault in faults:
        at = f"`{name}`" if not fault.pointer else f"`{name}`, at `{fault.pointer[1:]}`"
        yield Diagnostic(
            code="P203",
            message=f"variable {at}: {fault.message}",
            span=given.at(fault.pointer),
            subject=subject,
            expected=fault.expected,
            help=fault.help or _as_json(name, given, fault),
            related=related,
        )


def _as_json(name: str, given: Setting, fault: Finding) -> str | None:
    """Say how lists and tables are given on a command line."""
    outside = given.span is None and isinstance(given.value, str) and not fault.pointer
    if outside and fault.expected in {"an array", "a table"}:
        form = '["…"]' if fault.expected == "an array" else '{"…": "…"}'
        return f"give it as JSON: `--var '{name}={form}'`, or in a file with `--vars`"
    return None


def defaults(spec: Spec) -> Mapping[str, Setting]:
    """Return the values that the declarations give."""
    return {name: Setting.of(node.table["default"]) for name, node in spec.variables.items() if "default" in node.table}


def assigned(settings: Mapping[str, Setting]) -> tuple[Assigned, ...]:
    """Return every text and number in variables' values, with the place that sets it."""
    return tuple(found for name, setting in settings.items() for found in _leaves(name, setting, setting.value, ""))


def _leaves(name: str, setting: Setting, value: Any, pointer: str) -> Iterator[Assigned]:
    span = setting.at(pointer)
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(name, setting, item, child(pointer, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _leaves(name, setting, item, child(pointer, number))
    elif span and value != "":
        yield Assigned(name=name, text=str(value), span=span)


def from_command_line(spec: Spec, overrides: Overrides) -> Mapping[str, Setting]:
    """Return values given from outside: text is typed by declaration, and counts for more than a file."""
    texts = {
        name: Setting(value=_typed(value, spec.variables[name].plain().get("type")), span=None, folder=overrides.folder)
        for name, value in overrides.values.items()
        if name in spec.variables
    }
    return {**{n: Setting.of(node) for n, node in overrides.files.items() if n in spec.variables}, **texts}


def _typed(value: Any, declared: object) -> Any:
    if declared in ("string", "image", None) or not isinstance(value, str):
        return value
    node, found = json_tree.parse(Source(path=Path("--var"), text=value))
    return value if node is None or found else node.plain()  # the declaration's check says what was expected


def unknown(spec: Spec, names: Iterable[tuple[str, Span | None]]) -> tuple[Diagnostic, ...]:
    """Refuse values for names that nothing declares."""
    return tuple(
        Diagnostic(
            code="P201",
            message=f"no variable is named `{name}`",
            span=span,
            expected=one_of(spec.variables) if spec.variables else f"a declaration `[variables.{name}]`",
            help=did_you_mean(name, spec.variables),
        )
        for name, span in names
        if name not in spec.variables
    )


def resolve(
    spec: Spec, settings: Mapping[str, Setting], used: Iterable[str], wrong: Iterable[str], subject: str
) -> tuple[Mapping[str, Value], tuple[Diagnostic, ...]]:
    """Return the checked values; images become references, and what has a mistake becomes unknown."""
    values: dict[str, Any] = {}
    found: list[Diagnostic] = []
    wanted, unusable = set(used), set(wrong)
    for name, node in spec.variables.items():
        if name in unusable:
            values[name] = UNKNOWN
        elif name in settings:
            given = settings[name]
            faults = check_with(given.value, schema_of(node.plain()))
            found += _breaches(name, faults, given, subject, tuple(_declared(node, given)) if faults else ())
            values[name] = UNKNOWN if faults else _with_images(given.value, node.plain(), given)
        else:
            values[name] = UNKNOWN
            if name in wanted:
                found.append(_without_value(name, node, subject))
    return values, tuple(found)


def _declared(node: Node, given: Setting) -> Iterator[Related]:
    """Yield the places that explain why a value is refused: its declaration, and the default that it stands for."""
    default = node.table.get("default")
    if default and given.span == default.span:
        return
    yield Related(span=node.key or node.span, message="declared here")
    if default:
        yield Related(span=default.span, message="it replaces this default")


def _without_value(name: str, node: Node, subject: str) -> Diagnostic:
    return Diagnostic(
        code="P202",
        message=f"variable `{name}` has no value: no default, and none from the case",
        span=node.key or node.span,
        subject=subject,
        expected=f"`default = …` in `[variables.{name}]`, or a value in the case",
    )


def _with_images(value: Any, declaration: Mapping[str, Any], given: Setting) -> Value:
    if declaration.get("type") == "image" and isinstance(value, str):
        return ImageRef(written=value, folder=given.folder, at=given.span)
    items = declaration.get("items")
    if isinstance(value, list) and isinstance(items, Mapping):
        return [_with_images(item, items, given) for item in value]
    properties = declaration.get("properties")
    if isinstance(value, dict) and isinstance(properties, Mapping):
        return {key: _with_images(item, properties.get(key, {}), given) for key, item in value.items()}
    return value  # type: ignore[no-any-return]
