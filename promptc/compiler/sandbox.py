"""The Jinja environment of templates: sandboxed, strict, deterministic, bounded, with objects beside text."""

import re
import sys
from collections.abc import Callable, Iterable
from functools import wraps
from itertools import islice
from typing import Any, cast

from jinja2 import nodes
from jinja2.runtime import Context, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from promptc.compiler import bounds
from promptc.compiler.bounds import BUDGET, CALL, PIECE, STEP, TooCostlyError, walked, weighed
from promptc.compiler.filters import filters, presentable
from promptc.compiler.generator import CodeGenerator
from promptc.compiler.lexing import OffsetLexer
from promptc.compiler.pieces import (
    LOST,
    At,
    Failure,
    Fragment,
    Joined,
    NotRenderableError,
    Piece,
    ReplyMark,
    Role,
    Turn,
    Written,
    finalized,
    flattened,
    is_object,
    text_of,
    way_of,
    written_as,
)
from promptc.compiler.problems import TemplateProblemError, UnknownValueError

_DROPPED_GLOBALS = ("lipsum", "cycler", "joiner")
_UNSAFE = {"encode", "format_map", "from_bytes", "maketrans", "to_bytes", "translate"}
_MOST_PIECES = 200_000
_INNER_FIELD = re.compile(r"\{[^{}:!]*[.\[]")
_FORMAT_HINT = "give the format what it shall show: `'{}'.format(moth.name)`"
_MOST_FAILURES = 20


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja without what is random, unbounded or has no text."""

    code_generator_class = CodeGenerator
    intercepted_binops = frozenset({"+", "-", "/", "//", "*", "**", "%"})
    weighed = staticmethod(weighed)
    walked = staticmethod(walked)

    def __init__(self) -> None:
        """Set what every template gets."""
        super().__init__(undefined=StrictUndefined, keep_trailing_newline=True, optimized=False)
        for name in _DROPPED_GLOBALS:
            self.globals.pop(name, None)
        self.filters = filters(self.filters)
        self.failures: dict[At, Failure] = {}
        self.tests = {name: _walking(cast("Callable[..., Any]", test)) for name, test in self.tests.items()}

    @property
    def lexer(self) -> OffsetLexer:
        """The lexer whose line numbers are offsets."""
        return OffsetLexer(self)

    def tell_name(self, name: str, at: int, *, made_here: bool) -> None:
        """Hear that a template takes a name from outside, or may do so."""

    def tell_file(
        self, node: nodes.Include | nodes.Import | nodes.FromImport, visible: frozenset[str], maybe: frozenset[str]
    ) -> None:
        """Hear that a template names another file, which sees some of its names, and some others maybe."""

    @staticmethod
    def written(template: str, text: str) -> Written:
        """Return a text that knows which template it stands in."""
        return Written(text, template)

    @staticmethod
    def tick() -> bool:
        """Count a turn of a loop, or a call of a macro."""
        BUDGET.spend(STEP)
        return True

    @staticmethod
    def entered() -> None:
        """Count the start of a template: files that include one file twice double at each step."""
        BUDGET.spend(CALL)

    @staticmethod
    def literal(template: str, offset: int, text: str) -> Piece:
        """Return a template's own text as it is put out."""
        BUDGET.spend(PIECE)
        return Piece(value=text, at=At(template, offset), literal=True)

    def tried(self, template: str, offset: int, make: Callable[[], Any]) -> Piece:
        """Return a value as it is put out; where it fails, go on, so that other mistakes are found too."""
        BUDGET.spend(PIECE)
        at = At(template, offset)
        try:
            made = make()
            return Piece(value=made if isinstance(made, Joined) else finalized(made), at=at)
        except (TooCostlyError, RecursionError):
            raise
        except (TemplateProblemError, UnknownValueError):
            pass  # told elsewhere
        except Exception as error:  # noqa: BLE001 - a template can raise whatever Python can
            self.failures.setdefault(at, Failure(error=error, way=way_of(error, sys._getframe(1))))  # noqa: SLF001
            if len(self.failures) > _MOST_FAILURES:
                raise UnknownValueError from None
        return Piece(value=LOST, at=at)

    @staticmethod
    def turn(template: str, offset: int, role: Role, held: list[Any]) -> Turn:
        """Return what a role tag holds."""
        return Turn(role, tuple(flattened(held)), At(template, offset))

    @staticmethod
    def reply(template: str, offset: int) -> ReplyMark:
        """Return the mark of a recorded answer."""
        return ReplyMark(At(template, offset))

    @staticmethod
    def joined(values: Iterable[Any]) -> Any:
        """Return what `~` makes."""
        parts = list(values)
        return written_as(weighed("".join(text_of(finalized(value)) for value in parts)), *parts)

    @staticmethod
    def concat(values: Iterable[Any]) -> Any:
        """Join what a template yields: a lone value stays what it is, objects stay objects."""
        pieces = [*islice((v if isinstance(v, Piece) else Piece(value=finalized(v)) for v in values), _MOST_PIECES + 1)]
        if len(pieces) > _MOST_PIECES:
            raise TooCostlyError("text in this many pieces")
        if any(piece.value is LOST for piece in pieces):
            raise UnknownValueError
        if len(pieces) == 1 and not pieces[0].literal:
            return pieces[0].value
        if any(is_object(piece.value) for piece in pieces):
            return Fragment(tuple(flattened(pieces)))
        return Joined(joined_text(pieces), tuple(flattened(pieces)))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Refuse what would fill the memory."""
        if operator == "*":
            bounds.refuse_product(left, right)
        elif operator in {"+", "-", "/", "//"} and isinstance(left, int) and isinstance(right, int):
            BUDGET.spend((left.bit_length() * right.bit_length()) // 64)
        elif operator == "**":
            bounds.refuse_power(left, right)
        elif operator == "%" and isinstance(left, str):
            right = presentable(left, "%", right)
        return weighed(written_as(super().call_binop(context, operator, left, right), left, right))

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """Refuse fields that would fill the memory, or print Python's idea of a value."""
        made = super().wrap_str_format(value)
        if made is None:
            return None
        if _INNER_FIELD.search(str(value.__self__)):
            raise NotRenderableError("P207", "a format takes values as they are, not what is in them", _FORMAT_HINT)

        def formatted(*args: Any, **kwargs: Any) -> str:
            pattern = value.__self__
            BUDGET.spend((len(args) + len(kwargs)) * STEP)
            given, named = presentable(pattern, "{", args), presentable(pattern, "{", kwargs)
            return made(*given, **named)

        return formatted

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805, PYI063 - as in Jinja
        """Count calls, and refuse those that would fill the memory."""
        BUDGET.spend(CALL)
        owner, name = getattr(__obj, "__self__", None), getattr(__obj, "__name__", "")
        if isinstance(owner, (str, int)):
            bounds.refuse_large(*args, *kwargs.values())
        walked([owner, *args] if isinstance(owner, (str, list, tuple, dict)) else [])
        if isinstance(owner, str):
            bounds.refuse_searching(owner, [*args, *kwargs.values()])
        if isinstance(owner, str) and name in {"replace", "expandtabs"}:
            size = args[0] if args else kwargs.get("tabsize", 8)
            old, new = args[:2] if name == "replace" and len(args) > 1 else ("\t", " " * size)
            bounds.refuse_replacing(owner, str(old), str(new))
        if isinstance(owner, str) and name == "join" and args:
            args = ([*bounds.spent(args[0], len(owner))],)
        with BUDGET.deeper():
            return weighed(super().call(__context, __obj, *args, **kwargs))

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Count what is looked up."""
        return super().getitem(obj, walked(argument))

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Keep methods out of reach that make bytes, or much of little."""
        return attr not in _UNSAFE and super().is_safe_attribute(obj, attr, value)


def _walking(test: Callable[..., Any]) -> Callable[..., Any]:
    """Return a test that counts what it compares."""

    @wraps(test)  # Jinja marks the tests that want its environment
    def counted(*args: Any, **kwargs: Any) -> Any:
        for value in args:
            walked(value)
        return test(*args, **kwargs)

    return counted


def joined_text(pieces: Iterable[Piece]) -> str:
    """Return the text of pieces; what has none is told at its place."""
    texts = []
    for piece in pieces:
        try:
            texts.append(text_of(piece.value))
        except NotRenderableError as error:
            error.at = error.at or piece.at
            raise
        BUDGET.spend(len(texts[-1]))
    return "".join(texts)
