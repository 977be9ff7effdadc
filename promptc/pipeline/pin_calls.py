"""The calls of `image(…)` in a template: what they name, and where their pins stand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jinja2 import TemplateSyntaxError, nodes

from promptc.compiler.blocks import blocks
from promptc.compiler.globs import is_pattern
from promptc.compiler.library import Library
from promptc.pipeline.pin_places import DEPENDS, Place, Slot, embedded
from promptc.source import Span
from promptc.toml_tree import Node

_Token: TypeAlias = tuple[str, str, int]
_PATTERNS = "the list holds a pattern: give each of its paths an `image(…)` of its own"
_UNKNOWN = "its pin depends on variables"


def read_template(library: Library, node: Node, part: int | None = None) -> tuple[tuple[Place, ...], str]:
    """Return a template's places, and its text without their pins; what can't be read has none."""
    text = str(node.value)
    if "image" not in text:
        return (), text
    flat = text.replace("\r", " ")  # Jinja would make newlines of them
    try:
        tree = library.parse(flat)
    except (TemplateSyntaxError, RecursionError):
        return (), text  # whoever follows the templates says so
    tokens = [token for block in blocks(flat)[0] for token in block.tokens]
    index = {at: i for i, (_, _, at) in enumerate(tokens)}
    read = [
        _Call(node=node, call=call, arguments=tuple(_arguments(tokens, index[call.lineno - 1])), part=part)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name == "image"
    ]
    read.sort(key=lambda call: call.call.lineno)
    places = tuple(place for call in read if (place := call.place()))
    for start, end in sorted((cut for call in read if (cut := call.cut())), reverse=True):
        text = text[:start] + text[end:]
    return places, text


@dataclass(frozen=True, slots=True, kw_only=True)
class _Argument:
    """What stands between two commas: `name` is its keyword, `tokens` are the value's."""

    start: int
    name: str | None
    tokens: Sequence[_Token]

    @property
    def value(self) -> tuple[int, int]:
        """From where to where the value stands."""
        return self.tokens[0][2], _end(self.tokens[-1])

    @property
    def quote(self) -> int | None:
        """Where the first quote stands."""
        return next((at for kind, _, at in self.tokens if kind == "string"), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """A call of `image(…)`: as Jinja reads it, and how its arguments are written."""

    node: Node
    call: nodes.Call
    arguments: tuple[_Argument, ...]
    part: int | None

    def place(self) -> Place | None:
        """Return what the call names; nothing where that is empty."""
        named, where = self.argument("named", 0)
        where = where or next(iter(self.arguments), None)
        paths = _strings(named)
        if where is None or (paths is not None and not all(paths or ("",))):
            return None
        if obstacle := self.obstacle(paths):
            start, end = where.value
            shown = paths or (str(self.node.value)[start:end],)
            return Place(span=self.span(start, end), paths=shown, obstacle=obstacle, part=self.part)
        pin, _ = self.argument("sha256", 1)
        return Place(
            span=self.span(*where.value),
            paths=paths or (),
            several=isinstance(named, (nodes.List, nodes.Tuple)) or any(is_pattern(path) for path in paths or ()),
            pinned=_digests(pin),
            slot=self.slot(where),
            part=self.part,
        )

    def obstacle(self, paths: tuple[str, ...] | None) -> str | None:
        """Say why the call can't be pinned, if so."""
        if paths is None or self.call.dyn_args is not None or self.call.dyn_kwargs is not None:
            return DEPENDS
        if found := embedded(paths):
            return found
        if len(paths) > 1 and any(is_pattern(path) for path in paths):
            return _PATTERNS
        pin, _ = self.argument("sha256", 1)
        known = pin is None or isinstance(pin, nodes.Const) or _strings(pin) is not None
        return None if known else _UNKNOWN

    def slot(self, named: _Argument) -> Slot:
        _, pin = self.argument("sha256", 1)
        end = _end(self.arguments[-1].tokens[-1])
        quote = (pin.quote if pin else None) or named.quote or 0
        items = tuple(_arguments(pin.tokens, 0)) if pin and pin.tokens[0][1] == "[" else None
        return Slot(
            beside=self.span(end, end),
            lead=", sha256=",
            quote=self.span(quote, quote + 1).text,
            whole=self.span(*pin.value) if pin else None,
            items=tuple(self.span(*item.value) for item in items) if items is not None else None,
        )

    def cut(self) -> tuple[int, int] | None:
        """Return from where to where the pin stands, with the comma in front of it."""
        _, pin = self.argument("sha256", 1)
        if pin is None or self.obstacle(_strings(self.argument("named", 0)[0])):
            return None
        i = self.arguments.index(pin)
        return _end(self.arguments[i - 1].tokens[-1]) if i else pin.start, pin.value[1]

    def argument(self, name: str, position: int) -> tuple[nodes.Expr | None, _Argument | None]:
        """Return an argument that is given by keyword or by its position."""
        written = [argument for argument in self.arguments if argument.name is None]
        if position < len(self.call.args) and position < len(written):
            return self.call.args[position], written[position]
        value = next((keyword.value for keyword in self.call.kwargs if keyword.key == name), None)
        return value, next((argument for argument in self.arguments if argument.name == name), None)

    def span(self, start: int, end: int) -> Span:
        return self.node.within(start, end)


def _digests(pin: nodes.Expr | None) -> tuple[str, ...]:
    if isinstance(pin, nodes.Const):
        return () if pin.value is None else (str(pin.value),)
    return _strings(pin) or ()


def _strings(value: nodes.Expr | None) -> tuple[str, ...] | None:
    """Return what is written down: a string, or a list of them."""
    items = value.items if isinstance(value, (nodes.List, nodes.Tuple)) else [value]
    found = tuple(item.value for item in items if isinstance(item, nodes.Const) and isinstance(item.value, str))
    return found if len(found) == len(items) else None


def _arguments(tokens: Sequence[_Token], opening: int) -> Iterator[_Argument]:
    """Yield what stands between a bracket and the one that closes it."""
    depth, held = 0, list[_Token]()
    for i in range(opening + 1, len(tokens)):
        kind, sign, _ = token = tokens[i]
        signs = kind == "operator"
        if signs and sign in {")", "]", "}"} and not depth:
            break
        depth += (signs and sign in {"(", "[", "{"}) - (signs and sign in {")", "]", "}"})
        if signs and sign == "," and not depth:
            yield _argument(held)
            held = []
        else:
            held.append(token)
    if held:
        yield _argument(held)


def _argument(tokens: list[_Token]) -> _Argument:
    named = [kind for kind, _, _ in tokens[:2]] == ["name", "operator"] and tokens[1][1] == "="
    return _Argument(
        start=tokens[0][2], name=tokens[0][1] if named else None, tokens=tuple(tokens[2:] if named else tokens)
    )


def _end(token: _Token) -> int:
    return token[2] + len(token[1])
