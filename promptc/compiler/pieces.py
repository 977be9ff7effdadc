"""What templates yield: text, values, and objects that never pass through text."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import FrameType
from typing import Any, Literal, NamedTuple, Self, TypeAlias

from jinja2.exceptions import TemplateError
from jinja2.runtime import Undefined

from promptc.compiler.bounds import BUDGET, STEP, WALKED
from promptc.compiler.problems import UnknownValueError
from promptc.compiler.spec import ImageRef

Role: TypeAlias = Literal["system", "user", "model"]

_PART = "a picture stands on its own: a part `{ image = … }` in TOML, `{{ image(…) }}` without filters in Jinja"
_LISTED = "`| join(', ')` makes text of it, `| list` a list"
_KINDS = {
    "TemplateModule": ("an imported file", "name a macro of it: `file.macro(…)`"),
    "Namespace": ("a namespace", "name one of its members"),
    "TemplateReference": ("the template itself", "leave `self` out"),
    "LoopContext": ("the loop itself", "name what you want of it: `loop.index`"),
}


class At(NamedTuple):
    """A place in a template: its name and an offset."""

    template: str
    offset: int


class Written(str):
    """A text that knows which template it stands in: a path starts from there."""

    __slots__ = ("_template",)

    def __new__(cls, text: str, template: str = "") -> Self:
        """Keep the template's name out of templates' reach; what Jinja makes of a text has none."""
        made = super().__new__(cls, text)
        made._template = template
        return made

    _template: str


def written_as(text: Any, *sources: Any) -> Any:
    """Return a text that was made of others, with the template of the first that has one."""
    origin = next((source._template for source in sources if isinstance(source, Written) and source._template), "")  # noqa: SLF001
    return Written(text, origin) if origin and type(text) is str else text


class Joined(str):
    """What a macro or set block yields where all of it is text; it knows which of it is the template's own."""

    __slots__ = ("_pieces",)

    def __new__(cls, text: str, pieces: "tuple[Piece, ...]" = ()) -> Self:
        """Keep the pieces."""
        made = super().__new__(cls, text)
        made._pieces = pieces
        return made

    _pieces: "tuple[Piece, ...]"


class NotRenderableError(TemplateError):
    """A value that has no text; the code says which kind of mistake it is, `at` where it stands."""

    def __init__(self, code: str, message: str, hint: str, at: At | None = None) -> None:
        """Keep what a diagnostic needs."""
        super().__init__(message)
        self.code = code
        self.hint = hint
        self.at = at


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One thing that a template yields; `literal` says that it is the template's own text, no value."""

    value: Any
    at: At | None = None
    literal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An error, and the places in templates that it went through, the outermost first."""

    error: Exception
    way: tuple[At, ...]


def way_of(error: BaseException | None, frame: FrameType | None = None) -> tuple[At, ...]:
    """Return the places in templates that led to a frame, and those that an error went through since."""
    found: list[At] = []
    while frame:
        found += _at(frame, frame.f_lineno)
        frame = frame.f_back
    found.reverse()
    trace = error.__traceback__ if error else None
    while trace:
        found += _at(trace.tb_frame, trace.tb_lineno)
        trace = trace.tb_next
    return tuple(dict.fromkeys(found))


def _at(frame: FrameType, line: int) -> Iterator[At]:
    template = frame.f_globals.get("__jinja_template__")
    if template is not None:
        yield At(template.name, max(template.get_corresponding_lineno(line) - 1, 0))


class _Opaque:
    """An object as templates see it: it can be passed on and compared, but it has no text."""

    __slots__ = ()
    _code, _message, _hint = "P208", "the expression has no text", "put it where it means something"

    def __str__(self) -> str:
        raise NotRenderableError(self._code, self._message, self._hint)

    def __format__(self, spec: str) -> str:
        return str(self)

    def __repr__(self) -> str:
        return str(self)


class Picture(_Opaque):
    """A picture or file: `_ref` is kept out of templates' reach."""

    __slots__ = ("_at", "_pins", "_ref", "_way")
    _code, _message, _hint = "P209", "an image stands where only text can stand", _PART

    def __init__(
        self, ref: ImageRef, at: At | None = None, pins: tuple[Any, ...] = (), way: tuple[At, ...] = ()
    ) -> None:
        """Keep the reference, where it was asked for, the digests that pin it, and the way to that place."""
        self._ref = ref
        self._at = at
        self._pins = pins
        self._way = way

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Picture) and other._ref == self._ref

    def __hash__(self) -> int:
        return hash(self._ref)


class Fragment(_Opaque):
    """Text and objects in order, as macros and set blocks give them."""

    __slots__ = ("_pieces",)
    _code, _message, _hint = "P209", "an image stands where only text can stand", _PART

    def __init__(self, pieces: tuple[Piece, ...]) -> None:
        """Keep the pieces."""
        self._pieces = pieces

    def __str__(self) -> str:
        first = next(piece for piece in self._pieces if is_object(piece.value))
        try:
            return text_of(first.value)
        except NotRenderableError as error:
            error.at = error.at or first.at
            raise


class Turn(_Opaque):
    """What a role tag holds."""

    __slots__ = ("_at", "_pieces", "_role")
    _code, _message = "P103", "a turn stands where only text can stand"
    _hint = "role tags belong into the template of a Jinja spec (`.j2`); in TOML, a turn is written `[[turns]]`"

    def __init__(self, role: Role, pieces: tuple[Piece, ...], at: At) -> None:
        """Keep the role, what was said, and the place of the tag."""
        self._role = role
        self._pieces = pieces
        self._at = at


class ReplyMark(_Opaque):
    """Stands where the recorded answer goes."""

    __slots__ = ("_at",)
    _code, _message = "P103", "a reply stands where only text can stand"
    _hint = "`{% reply %}` belongs into the template of a Jinja spec (`.j2`); in TOML, write `reply = true`"

    def __init__(self, at: At) -> None:
        """Keep the place of the tag."""
        self._at = at


class _Lost(_Opaque):
    """Stands for what an expression that failed would have given."""

    __slots__ = ()

    def __str__(self) -> str:
        raise UnknownValueError


LOST = _Lost()


def is_object(value: object) -> bool:
    """Say whether a value stands for more than text."""
    return isinstance(value, _Opaque) or (isinstance(value, list) and any(isinstance(item, Picture) for item in value))


def blank(piece: Piece) -> bool:
    """Say whether a piece is white space of the template's own."""
    return piece.literal and not piece.value.strip()


def flattened(items: Iterable[object]) -> Iterator[Piece]:
    """Yield pieces with what fragments hold in their place."""
    for item in items:
        BUDGET.spend(STEP)
        piece = item if isinstance(item, Piece) else Piece(value=finalized(item))
        if isinstance(piece.value, Fragment) or (isinstance(piece.value, Joined) and piece.value._pieces):  # noqa: SLF001
            yield from flattened(piece.value._pieces)  # noqa: SLF001 - templates must not see it
        else:
            yield piece


def finalized(value: Any) -> Any:
    """Let only values through that a request can hold."""
    if isinstance(value, Undefined):
        str(value)  # raises, and says which name it was
    if value is None:
        raise NotRenderableError("P208", "the expression has no value (none)", "give it one with `| default(…, true)`")
    if isinstance(value, str):
        return str(value)  # Markup and other kinds of string become plain
    if isinstance(value, (list, tuple, Mapping)):
        BUDGET.spend(len(value) * WALKED)  # lists that hold one list many times are small until they are walked
    if isinstance(value, (list, tuple)):
        return [finalized(item) for item in value]
    if isinstance(value, Mapping):
        table = {str(key): finalized(item) for key, item in value.items()}
        if len(table) < len(value):
            raise NotRenderableError("P105", "two keys of the table are one in JSON", "write both as text")
        return table
    if isinstance(value, (bool, int, float, _Opaque)):
        return value
    if callable(value):
        raise NotRenderableError("P208", "the expression gives a function, which has no text", "call it: `name(…)`")
    what, hint = _KINDS.get(type(value).__name__, (f"a {type(value).__name__}", _LISTED))
    raise NotRenderableError("P208", f"the expression gives {what}, which has no text", hint)


def text_of(value: Any) -> str:
    """Return the text of a finalized value; raises for what has none."""
    if isinstance(value, list) and any(isinstance(item, Picture) for item in value):
        raise NotRenderableError("P209", "images stand where only text can stand", _PART)
    if isinstance(value, (list, dict)):
        what = "a list" if isinstance(value, list) else "a table"
        hint = "use `| join(', ')`" if isinstance(value, list) else "name one of its members, or use `| tojson`"
        raise NotRenderableError("P208", f"the expression gives {what}, which has no text", hint)
    return str(value)
