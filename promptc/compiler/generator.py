"""The code that templates become: pieces with their places, every step counted, uses told."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias, cast

from jinja2 import nodes
from jinja2.compiler import Frame, operators
from jinja2.ext import Extension
from jinja2.nativetypes import NativeCodeGenerator
from jinja2.parser import Parser

from promptc.compiler.pieces import Role

_Repeated: TypeAlias = nodes.For | nodes.Macro | nodes.CallBlock

ROLES: Sequence[Role] = ("system", "user", "model")


_ROLE_FILTERS: Mapping[str, Role] = {f"turn of {role}": role for role in ROLES}
"""What role tags are to Jinja: filter blocks, whose buffer becomes a turn instead of text."""


def _seen(frame: Frame) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names that a frame has for sure, and those that only one of its branches sets."""
    stores = frame.symbols.dump_stores()
    loads = {name: frame.symbols.find_load(ref) for name, ref in stores.items()}
    maybe = frozenset(name for name, load in loads.items() if load and load[0] == "resolve")
    return frozenset(stores) - maybe, maybe


def role_filter(role: str) -> str:
    """Return the name of the filter that stands for a role tag: no template can write it."""
    return f"turn of {role}"


class CodeGenerator(NativeCodeGenerator):
    """Yields pieces with their places, and tells the environment which names and files a template uses."""

    environment: Any  # a Sandbox, which knows this class

    def visit_Output(self, node: nodes.Output, frame: Frame) -> None:  # noqa: N802 - as in Jinja
        for child in node.nodes:
            self.start_write(frame, child)
            where = f"{self.name!r}, {child.lineno - 1}"
            if isinstance(child, nodes.TemplateData):
                self.write(f"environment.literal({where}, {child.data!r})")
            else:
                self.write(f"environment.tried({where}, lambda: ")
                self.visit(child, frame)
                self.write(")")
            self.end_write(frame)

    def visit_FilterBlock(self, node: nodes.FilterBlock, frame: Frame) -> None:  # noqa: N802
        if node.filter.name not in _ROLE_FILTERS:
            super().visit_FilterBlock(node, frame)
            return
        inner = frame.inner()
        inner.symbols.analyze_node(node)
        self.enter_frame(inner)
        self.buffer(inner)
        self.blockvisit(node.body, inner)
        self.start_write(frame, node)
        role = _ROLE_FILTERS[node.filter.name]
        self.write(f"environment.turn({self.name!r}, {node.lineno - 1}, {role!r}, {inner.buffer})")
        self.end_write(frame)
        self.leave_frame(inner)

    def visit_Name(self, node: nodes.Name, frame: Frame) -> None:  # noqa: N802
        load = frame.symbols.find_load(frame.symbols.ref(node.name)) if node.ctx == "load" else None
        if load and load[0] == "resolve" and node.name not in self.environment.globals:
            made_here = node.name in frame.symbols.dump_stores()
            self.environment.tell_name(node.name, node.lineno - 1, made_here=made_here)
        super().visit_Name(node, frame)

    def visit_Include(self, node: nodes.Include, frame: Frame) -> None:  # noqa: N802
        self.environment.tell_file(node, *_seen(frame))
        super().visit_Include(node, frame)

    def visit_Import(self, node: nodes.Import, frame: Frame) -> None:  # noqa: N802
        self.environment.tell_file(node, *_seen(frame))
        super().visit_Import(node, frame)

    def visit_FromImport(self, node: nodes.FromImport, frame: Frame) -> None:  # noqa: N802
        self.environment.tell_file(node, *_seen(frame))
        super().visit_FromImport(node, frame)

    def visit_Const(self, node: nodes.Const, frame: Frame) -> None:  # noqa: N802
        if isinstance(node.value, str):  # a path starts from the file in which it is written
            self.write(f"environment.written({self.name!r}, {node.value!r})")
        else:
            super().visit_Const(node, frame)

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802
        self.write("environment.joined((")
        for operand in node.nodes:
            self.visit(operand, frame)
            self.write(", ")
        self.write("))")

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:  # noqa: N802
        sliced = isinstance(node.arg, nodes.Slice)
        self.write("environment.weighed(" if sliced else "")
        super().visit_Getitem(node, frame)
        self.write(")" if sliced else "")

    def visit_Compare(self, node: nodes.Compare, frame: Frame) -> None:  # noqa: N802
        self.write("(environment.walked(")
        self.visit(node.expr, frame)
        self.write(")")
        for operand in node.ops:
            self.write(f" {operators[operand.op]} environment.walked(")
            self.visit(operand.expr, frame)
            self.write(")")
        self.write(")")

    def visit_Dict(self, node: nodes.Dict, frame: Frame) -> None:  # noqa: N802
        self.write("{")
        for item in node.items:
            self.write("environment.walked(")
            self.visit(item.key, frame)
            self.write("): ")
            self.visit(item.value, frame)
            self.write(", ")
        self.write("}")


def counted(tree: nodes.Template) -> None:
    """Put the counting of steps into loops, macros and the template itself."""

    def step() -> nodes.ExprStmt:
        # written out as it is: no node of Jinja's calls a method without a context
        return nodes.ExprStmt(nodes.EnvironmentAttribute("tick()"))

    for node in cast("Iterable[_Repeated]", tree.find_all((nodes.For, nodes.Macro, nodes.CallBlock))):
        node.body.insert(0, step())
        if isinstance(node, nodes.For) and node.test is not None:
            node.test = nodes.And(nodes.EnvironmentAttribute("tick()"), node.test)
    tree.body.insert(0, nodes.ExprStmt(nodes.EnvironmentAttribute("entered()")))


def with_pictures(tree: nodes.Template, name: str) -> None:
    """Let `image(…)` know where it stands; a variable may have the same name."""
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "image":
            where = call.node.lineno - 1
            call.node = nodes.EnvironmentAttribute("picture", lineno=call.node.lineno)
            call.args = [nodes.TemplateData(name), nodes.Const(where), *call.args]


class RoleTags(Extension):
    """`{% system %}`, `{% user %}`, `{% model %}` and `{% reply %}`."""

    tags = {*ROLES, "reply"}  # noqa: RUF012 - as in Jinja

    def parse(self, parser: Parser) -> nodes.Node:
        """Turn a role tag into a filter block, whose buffer the code generator takes."""
        token = next(parser.stream)
        if token.value == "reply":
            mark = nodes.EnvironmentAttribute(f"reply({parser.name!r}, {token.lineno - 1})", lineno=token.lineno)
            return nodes.Output([mark], lineno=token.lineno)
        body = parser.parse_statements((f"name:end{token.value}",), drop_needle=True)
        taken = nodes.Filter(None, role_filter(token.value), [], [], None, None, lineno=token.lineno)
        return nodes.FilterBlock(body, taken, lineno=token.lineno)
