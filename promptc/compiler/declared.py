"""What values a spec declares: the variables that are free to vary, the pictures that it names, its cases."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from promptc.compiler.cases import expand
from promptc.compiler.images import ImageStore
from promptc.compiler.matrix import set_by_matrix
from promptc.compiler.parse import parse_spec
from promptc.compiler.refused import is_data
from promptc.compiler.spec import CaseSpec, Setting, Spec, SpecFile
from promptc.compiler.variables import check_declarations, defaults
from promptc.diagnostics import Diagnostic, failed
from promptc.files import Root
from promptc.source import Span, relative_to_root


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A spec's declarations by name, without those that its matrix sets; paths start from the folder asked for.

    `pictures` are those that its own values name. `cases` are those that differ in more than variables.
    """

    declarations: Mapping[str, Mapping[str, Any]]
    defaults: Mapping[str, Any]
    places: Mapping[str, Span]
    pictures: tuple[str, ...]
    cases: tuple[str, ...]
    text: str


def declared(file: SpecFile, root: Root, folder: Path) -> tuple[Declared | None, tuple[Diagnostic, ...]]:
    """Return what a spec declares; nothing where the diagnostics say why."""
    spec, found = parse_spec(file, root)
    if spec is None:
        return None, found
    cases, mistakes = expand(spec, ImageStore(root=root))
    found = (*found, *check_declarations(spec)[1], *mistakes)
    if failed(found):
        return None, found
    axes = set_by_matrix(spec)
    nodes = {name: node for name, node in spec.variables.items() if name not in axes}
    own = defaults(spec)
    made = Declared(
        declarations={name: node.plain() for name, node in nodes.items()},
        defaults={
            name: _moved(own[name].value, node.plain(), own[name], folder)
            for name, node in nodes.items()
            if name in own
        },
        places={name: node.key or node.span for name, node in nodes.items()},
        pictures=tuple(dict.fromkeys(_pictures(spec, cases, folder))),
        cases=tuple(_differing(cases, axes)),
        text=spec.source.text,
    )
    return made, ()


def _pictures(spec: Spec, cases: Iterable[CaseSpec], folder: Path) -> Iterator[str]:
    """Yield the pictures that defaults, cases and the matrix name."""
    for settings in (defaults(spec), *(case.settings for case in cases)):
        for name, setting in settings.items():
            if name in spec.variables:
                yield from _named(setting.value, spec.variables[name].plain(), setting, folder)


def _named(value: Any, declaration: Mapping[str, Any], setting: Setting, folder: Path) -> Iterator[str]:
    if declaration.get("type") == "image" and isinstance(value, str):
        yield _path(value, setting, folder)
    elif isinstance(value, list) and isinstance(declaration.get("items"), Mapping):
        for item in value:
            yield from _named(item, declaration["items"], setting, folder)
    elif isinstance(value, Mapping) and isinstance(declaration.get("properties"), Mapping):
        for key, item in value.items():
            yield from _named(item, declaration["properties"].get(key, {}), setting, folder)


def _moved(value: Any, declaration: Mapping[str, Any], setting: Setting, folder: Path) -> Any:
    """Return a value whose paths start from another folder."""
    if declaration.get("type") == "image" and isinstance(value, str):
        return _path(value, setting, folder)
    items, members = declaration.get("items"), declaration.get("properties")
    if isinstance(value, list) and isinstance(items, Mapping):
        return [_moved(item, items, setting, folder) for item in value]
    if isinstance(value, Mapping) and isinstance(members, Mapping):
        return {key: _moved(item, members.get(key, {}), setting, folder) for key, item in value.items()}
    return value


def _path(written: str, setting: Setting, folder: Path) -> str:
    if not written or is_data(written):
        return written
    return relative_to_root(setting.folder / written, folder)


def _differing(cases: Iterable[CaseSpec], axes: Iterable[str]) -> Iterator[str]:
    """Yield the cases that differ in what no drawn value replaces: their own tables, and what the matrix sets."""
    seen: list[tuple[object, ...]] = []
    for case in cases:
        model = case.model.plain() if case.model else None
        kind = (case.table, model, [case.settings[name].value for name in axes if name in case.settings])
        if kind not in seen:
            seen.append(kind)
            yield case.name
