"""The files in which specs name their pictures: the specs, what they extend, the templates they include."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from promptc.compiler.discovery import unreachable
from promptc.compiler.document import read
from promptc.compiler.library import Inclusion, Library, Parsed
from promptc.compiler.problems import TemplateProblemError
from promptc.compiler.spec import SpecFile
from promptc.diagnostics import Diagnostic
from promptc.pipeline.pin_files import is_template, named_in, parts, strings
from promptc.pipeline.pin_places import Place, embedded
from promptc.toml_tree import Node

_SUFFIXES = (".toml", ".j2")
_VALUE = "it is the value of a variable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A file that names pictures, and the first spec that led to it.

    `used` are the offsets of the parts that no spec replaces, `values` the pictures of variables.
    """

    spec: str
    path: Path
    included: bool
    used: set[int] = field(default_factory=set)
    values: dict[int, Place] = field(default_factory=dict)

    def takes(self, place: Place) -> bool:
        """Say whether a place is one that counts."""
        return place.part is None or place.part in self.used


def origins(files: Iterable[SpecFile], library: Library) -> tuple[tuple[Origin, ...], tuple[Diagnostic, ...]]:
    """Find where the pictures of specs are named, each file once, and what stands in the way."""
    search = _Search(library=library)
    for file in files:
        if file.path.suffix not in _SUFFIXES:
            continue  # `find_specs` has said so
        if problem := unreachable(file.path, library.root):
            search.diagnostics.append(problem)
        else:
            search.spec(file)
    return tuple(search.known.values()), tuple(search.diagnostics)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    library: Library
    known: dict[tuple[Path, bool], Origin] = field(default_factory=dict)
    followed: set[str] = field(default_factory=set)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def spec(self, file: SpecFile) -> None:
        document, found = read(file.path, self.library.root)
        self.diagnostics.extend(found)
        if document is None:
            return
        self.origin(file.name, file.path)
        if document.body:
            self.template(file.name, document.body)
        for part in parts(document.root):
            if named := named_in(part):
                _, value = named
                self.origin(file.name, value.span.source.path).used.add(value.span.start)
                for node in strings(value):
                    if is_template(node):
                        self.template(file.name, node)
        for node in _pictures(document.root):
            path = str(node.value)
            place = Place(span=node.span, paths=(path,), obstacle=embedded((path,)) or _VALUE)
            self.origin(file.name, node.span.source.path).values[node.span.start] = place

    def origin(self, spec: str, path: Path, *, included: bool = False) -> Origin:
        return self.known.setdefault((path, included), Origin(spec=spec, path=path, included=included))

    def template(self, spec: str, node: Node) -> None:
        try:
            self.follow(spec, self.library.parsed(node))
        except TemplateProblemError as problem:
            self.diagnostics.append(problem.diagnostic())

    def follow(self, spec: str, parsed: Parsed) -> None:
        if parsed.name in self.followed:
            return
        self.followed.add(parsed.name)
        for inclusion in parsed.files:
            if target := self.included(inclusion):
                self.origin(spec, target.node.span.source.path, included=True)
                self.follow(spec, target)

    def included(self, inclusion: Inclusion) -> Parsed | None:
        try:
            return self.library.included(inclusion)
        except TemplateProblemError as problem:
            self.diagnostics.append(problem.diagnostic())
            return None


def _pictures(document: Node) -> Iterator[Node]:
    """Yield the paths that are values of a spec's image variables: defaults, and those of cases and the matrix."""
    matrix = _member(document, "matrix")
    rows = [*_items(_member(matrix, "include"))]
    for name, declared in _table(_member(document, "variables")).items():
        values = [_member(declared, "default"), *_items(_member(matrix, name)), *(_member(row, name) for row in rows)]
        values += [_member(_member(case, "variables"), name) for case in _items(_member(document, "cases"))]
        for value in values:
            yield from _paths(value, declared)


def _paths(value: Node | None, declared: Node | None) -> Iterator[Node]:
    kind = _member(declared, "type")
    if value and kind and kind.value == "image" and isinstance(value.value, str) and value.value:
        yield value
    for item in _items(value):
        yield from _paths(item, _member(declared, "items"))
    for key, item in _table(value).items():
        yield from _paths(item, _member(_member(declared, "properties"), key))


def _member(node: Node | None, key: str) -> Node | None:
    return _table(node).get(key)


def _items(node: Node | None) -> tuple[Node, ...]:
    return node.items if node and isinstance(node.value, tuple) else ()


def _table(node: Node | None) -> Mapping[str, Node]:
    return node.table if node and isinstance(node.value, Mapping) else {}
