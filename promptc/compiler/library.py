"""The templates of one compilation: strings in specs, Jinja bodies, and the files that they include."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from jinja2 import Template, TemplateSyntaxError, nodes
from jinja2.runtime import Undefined

from promptc.compiler.blocks import Range, broken_place, place
from promptc.compiler.bounds import BUDGET
from promptc.compiler.front_matter import starts_with_front_matter
from promptc.compiler.generator import RoleTags, counted, with_pictures
from promptc.compiler.paths import template_or_base
from promptc.compiler.pieces import At, NotRenderableError, Picture, Written, way_of
from promptc.compiler.problems import TemplateProblemError, UnknownValueError
from promptc.compiler.refused import RefusedError
from promptc.compiler.sandbox import Sandbox
from promptc.compiler.spec import ImageRef
from promptc.compiler.syntax import made_at_top, refused, syntax_problem, unknown_words
from promptc.diagnostics import unreadable
from promptc.files import Root
from promptc.findings import kind
from promptc.source import Span
from promptc.toml_tree import Node

_LONGEST = 1_000_000
_MOST_BLOCKS = 20_000
_PICTURE = 1_000
"""What it costs to name a picture."""
_TOO_DEEP = "the expression is nested too deeply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A name that a template takes from outside; `made_here` says that one of its branches sets it."""

    name: str
    at: At
    made_here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """Another file that a template names, and which of its own names that file sees."""

    written: str
    at: At
    wanted: tuple[str, ...]
    visible: frozenset[str]
    maybe: frozenset[str]
    with_context: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A template that can be rendered; `made` are the names that it sets at its top, `assigned` all of them.

    `problems` are words that don't exist: what stands beside them can be looked at all the same.
    """

    name: str
    node: Node
    template: Template
    uses: tuple[Use, ...]
    files: tuple[Inclusion, ...]
    made: frozenset[str]
    assigned: frozenset[str]
    problems: tuple[TemplateProblemError, ...]


class Library(Sandbox):
    """Reads and compiles each template once; paths start from the file in which they are written.

    `unseen` are files with a name that they use and don't see, which was told.
    """

    def __init__(self, root: Root) -> None:
        """Keep the project's root: nothing outside of it is read."""
        super().__init__()
        self.add_extension(RoleTags)
        self.root = root
        self.known: dict[str, Parsed | TemplateProblemError] = {}
        self.nodes: dict[str, Node] = {}
        self.unseen: set[tuple[str, str]] = set()
        self._uses: list[Use] = []
        self._files: list[Inclusion] = []
        self._name = ""
        self._taken: list[Template] = []
        self._own_filters, self._own_tests = frozenset(self.filters), frozenset(self.tests)

    def parsed(self, node: Node) -> Parsed:
        """Return a string of a spec, or a spec's body, as a template; raises TemplateProblemError."""
        return self._known(self.name_of(node), node)

    @staticmethod
    def name_of(node: Node) -> str:
        """Return what a string of a spec is called as a template."""
        return f"{node.span.source.path.as_posix()}#{node.span.start}"

    def included(self, inclusion: Inclusion) -> Parsed:
        """Return the file that a template names; raises TemplateProblemError."""
        where = self.span(inclusion.at)
        try:
            path = template_or_base(inclusion.written, where.source.path, self.root)
        except RefusedError as refused:
            code = refused.code if refused.code == "P304" else "P212"
            raise TemplateProblemError(code, refused.message, where, refused.hint, expected=refused.expected) from None
        name = path.as_posix()
        if name not in self.known:
            try:
                source = self.root.source(path)
            except (OSError, UnicodeDecodeError) as error:
                problem = unreadable(self.root.files.shown(path), error)
                message = f"`{inclusion.written}` can't be read: {problem.message.partition(': ')[2]}"
                hint = "a picture is shown by `{{ image(…) }}`" if _named_like_a_picture(path) else problem.help
                raise TemplateProblemError("P212", message, where, hint) from None
            if starts_with_front_matter(source.text):
                message = f"`{inclusion.written}` is a spec: it has front matter"
                raise TemplateProblemError("P212", message, where, "move what both need into a file of its own")
            node = Node(value=source.text, span=source.span(0, len(source.text)), verbatim=True)
            return self._known(name, node)
        return self._known(name, self.nodes[name])

    def span(self, at: At) -> Span:
        """Return the block around a place in a template."""
        node = self.nodes[at.template]
        return node.within(*place(str(node.value), at.offset))

    def exact(self, at: At, length: int) -> Span:
        """Return the characters from a place on."""
        return self.nodes[at.template].within(at.offset, at.offset + length)

    def folder(self, template: str) -> Path:
        """Return where a template's paths start from."""
        return self.nodes[template].span.source.path.parent

    def get_template(self, name: Any, parent: str | None = None, globals: Any = None) -> Template:  # noqa: A002 - as in Jinja
        """Return the file that a template includes or imports."""
        del globals
        at = At(str(parent), 0)
        found = Inclusion(
            written=str(name), at=at, wanted=(), visible=frozenset(), maybe=frozenset(), with_context=True
        )
        template = self.included(found).template
        self._taken.append(template)
        return template

    def start(self) -> None:
        """Begin an evaluation; imported files start anew, so that nothing reaches the next one."""
        self.failures.clear()
        for template in self._taken:
            template._module = None  # noqa: SLF001 - Jinja keeps what a file yields at its first import
        self._taken.clear()

    def picture(self, template: str, offset: int, named: Any = None, sha256: Any = None, **options: Any) -> Any:
        """Return what `image(…)` gives: a picture, or several for a list."""
        at = At(template, offset)
        BUDGET.spend(_PICTURE)
        if options:
            message = f"`image(…)` takes a path and `sha256`; it has no `{next(iter(options))}`"
            raise NotRenderableError("P207", message, "remove it: what a picture is like is seen by its bytes", at)
        if isinstance(sha256, (list, tuple)) and not sha256:
            message = "`sha256` has an empty list, so nothing is pinned"
            raise NotRenderableError("P104", message, "`promptc pin` writes it, or remove it", at)
        if isinstance(named, Undefined):
            str(named)  # raises, and says which name it was
        way = way_of(None, sys._getframe(1))  # noqa: SLF001 - through which macros and files it was reached
        pins = tuple(sha256) if isinstance(sha256, (list, tuple)) else () if sha256 is None else (sha256,)
        if isinstance(named, Picture):
            return Picture(named._ref, at, pins or named._pins, way)  # noqa: SLF001 - templates must not see it
        if isinstance(named, str):
            where = named._template if isinstance(named, Written) else ""  # noqa: SLF001
            folder = self.folder(where or template)
            return Picture(ImageRef(written=str(named), folder=folder), at, pins, way)
        if isinstance(named, (list, tuple)):
            if len(named) > 1 and len(pins) > 1 and len(pins) != len(named):
                message = f"there are {len(named)} paths here, but {len(pins)} pins"
                raise NotRenderableError("P303", message, "`promptc pin` writes them", at)
            each = pins if len(named) == len(pins) else (sha256,) * len(named)
            return [self.picture(template, offset, item, pin) for item, pin in zip(named, each, strict=True)]
        what = "" if named is None else f", not {kind(named)}"
        message = f"`image(…)` takes a path or an image variable{what}"
        raise NotRenderableError("P004", message, 'write `image("picture.png")`', at)

    def tell_name(self, name: str, at: int, *, made_here: bool) -> None:
        """Note a name that a template takes from outside."""
        self._uses.append(Use(name=name, at=At(self._name, at), made_here=made_here))

    def tell_file(
        self, node: nodes.Include | nodes.Import | nodes.FromImport, visible: frozenset[str], maybe: frozenset[str]
    ) -> None:
        """Note a file that a template names."""
        wanted = [name if isinstance(name, str) else name[0] for name in getattr(node, "names", ())]
        self._files.append(
            Inclusion(
                written=cast("nodes.Const", node.template).value,  # `refused` lets nothing else through
                at=At(self._name, node.lineno - 1),
                wanted=tuple(wanted),
                visible=visible,
                maybe=maybe,
                with_context=node.with_context,
            )
        )

    def _known(self, name: str, node: Node) -> Parsed:
        if name not in self.known:
            self.nodes[name] = node
            try:
                self.known[name] = self._compiled(name, node)
            except TemplateProblemError as problem:
                self.known[name] = problem
        known = self.known[name]
        if isinstance(known, TemplateProblemError):
            raise known
        return known

    def _compiled(self, name: str, node: Node) -> Parsed:
        text = str(node.value)
        if len(text) > _LONGEST or text.count("{{") + text.count("{%") > _MOST_BLOCKS:
            message = f"a template has at most {_LONGEST:,} characters and {_MOST_BLOCKS:,} tags and expressions"
            where = node.span.source.span(node.span.start, node.span.start + 1)
            raise TemplateProblemError("P211", message, where, "give the text by a variable, or in parts")
        tree = self._tree(name, node)
        unknown = [*unknown_words(tree, text, self._own_filters, self._own_tests)]
        for what, word, _ in unknown:
            (self.filters if what is nodes.Filter else self.tests)[word] = _unknown
        self._uses, self._files, self._name = [], [], name
        stored = frozenset(n.name for n in tree.find_all(nodes.Name) if n.ctx == "store")
        made = made_at_top(tree.body)
        try:
            code = self.compile(tree, name, name)
        except TemplateSyntaxError as error:
            raise self._problem(node, syntax_problem(text, error)) from None
        except SyntaxError:  # Python's own: it takes 20 blocks in one another
            where = node.within(*place(text, 0))
            raise TemplateProblemError("P206", "the blocks are nested too deeply", where) from None
        except (RecursionError, MemoryError):
            raise TemplateProblemError("P206", _TOO_DEEP, node.within(*place(text, 0))) from None
        template = Template.from_code(self, code, self.make_globals(None))
        uses = tuple(dict.fromkeys(self._uses))
        return Parsed(
            name=name,
            node=node,
            template=template,
            uses=uses,
            files=tuple(self._files),
            made=made,
            assigned=stored,
            problems=tuple(self._problem(node, problem) for _, _, problem in unknown),
        )

    def _tree(self, name: str, node: Node) -> nodes.Template:
        # Jinja would make every carriage return a newline: a character that the text lacks stands in
        text = str(node.value)
        stand_in = next((char for char in map(chr, range(0xFDD0, 0xFDF0)) if char not in text), "\r")
        try:
            tree = self.parse(text.replace("\r", stand_in), name)
        except TemplateSyntaxError as error:
            raise self._problem(node, syntax_problem(text, error)) from None
        except RecursionError:
            raise TemplateProblemError("P206", _TOO_DEEP, node.within(*broken_place(text, 0))) from None
        try:
            self._prepared(tree, node, name, stand_in)
        except RecursionError:
            raise TemplateProblemError("P206", _TOO_DEEP, node.within(*place(text, 0))) from None
        return tree

    def _prepared(self, tree: nodes.Template, node: Node, name: str, stand_in: str) -> None:
        """Make a tree ready for the code generator."""
        for leaf in tree.find_all((nodes.TemplateData, nodes.Const)):
            field = "data" if isinstance(leaf, nodes.TemplateData) else "value"
            if isinstance(held := getattr(leaf, field), str):
                setattr(leaf, field, held.replace(stand_in, "\r"))
        if problem := refused(tree, str(node.value)):
            raise self._problem(node, problem)
        with_pictures(tree, name)
        counted(tree)

    @staticmethod
    def _problem(node: Node, found: tuple[str, Range, str | None]) -> TemplateProblemError:
        message, where, hint = found
        return TemplateProblemError("P206", message, node.within(*where), hint)


def _named_like_a_picture(path: Path) -> bool:
    """Say whether a file is named like a picture."""
    return path.suffix.lower() in {".gif", ".heic", ".jpeg", ".jpg", ".png", ".webp"}


def _unknown(*_: object, **__: object) -> None:
    """Stand for a filter or test that doesn't exist, which is told elsewhere."""
    raise UnknownValueError
