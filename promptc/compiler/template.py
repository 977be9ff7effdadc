"""Templates evaluated: native values out, nothing rendered is ever parsed again.

Jinja's code generator hands node values to `Environment.concat` (as `jinja2.nativetypes` does), so
a leaf that is a single expression keeps its value's type, objects come through as they are, and
what has no text is refused instead of printed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from jinja2.exceptions import UndefinedError
from jinja2.runtime import StrictUndefined

from promptc.compiler.bounds import BUDGET
from promptc.compiler.failure import problem
from promptc.compiler.library import Library
from promptc.compiler.names import plain
from promptc.compiler.pieces import (
    LOST,
    At,
    Failure,
    Fragment,
    NotRenderableError,
    Picture,
    Written,
    blank,
    finalized,
    flattened,
    text_of,
    way_of,
)
from promptc.compiler.problems import TemplateProblemError, UnknownValueError
from promptc.compiler.sandbox import joined_text
from promptc.compiler.spec import ImageRef
from promptc.toml_tree import Node


class _Unknown(StrictUndefined):
    """Stands for a value that has a mistake of its own."""

    def __init__(self) -> None:
        super().__init__(exc=UnknownValueError)  # type: ignore[arg-type]


UNKNOWN = _Unknown()
"""What a variable holds whose value has a mistake that was told: nothing can be made of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """What a template gives, and all that failed; nothing where that hangs on what is wrong elsewhere."""

    value: Any = None
    problems: tuple[TemplateProblemError, ...] = ()


Render: TypeAlias = Callable[[Library, Node, Mapping[str, Any]], Evaluated]
"""One of the ways to evaluate a template."""


def render(library: Library, node: Node, variables: Mapping[str, Any]) -> Evaluated:
    """Evaluate a template that may give any value.

    A single expression gives its value as it is (text, number, boolean, picture, list, table),
    anything else gives text.
    """
    return Evaluated(value=node.value) if plain(node) else _evaluated(library, node, variables, _native)


def render_text(library: Library, node: Node, variables: Mapping[str, Any]) -> Evaluated:
    """Evaluate a template where only text can stand."""
    return Evaluated(value=node.value) if plain(node) else _evaluated(library, node, variables, partial(_text, library))


def render_pieces(library: Library, node: Node, variables: Mapping[str, Any]) -> Evaluated:
    """Evaluate the body of a Jinja spec; what failed is `LOST` among its pieces."""
    return _evaluated(library, node, variables, lambda items: tuple(flattened(items)))


def _native(items: Iterable[Any]) -> Any:
    value = Library.concat(items)
    if isinstance(value, Fragment):
        pieces = [piece for piece in value._pieces if not blank(piece)]  # noqa: SLF001 - templates must not see it
        pictures = all(isinstance(piece.value, Picture) for piece in pieces)
        return [piece.value for piece in pieces] if pictures else joined_text(pieces)
    return finalized(value)


def _text(library: Library, items: Iterable[Any]) -> str:
    pieces = tuple(flattened(items))
    for piece in pieces:  # all that have no text are told
        try:
            text_of(piece.value)
        except NotRenderableError as error:
            at = error.at or piece.at
            if at is None:
                raise
            library.failures.setdefault(at, Failure(error=error, way=(at,)))
    if library.failures or any(piece.value is LOST for piece in pieces):
        raise UnknownValueError
    return joined_text(pieces)


def _evaluated(
    library: Library, node: Node, variables: Mapping[str, Any], finish: Callable[[Iterable[Any]], Any]
) -> Evaluated:
    BUDGET.renew()
    library.start()
    value, last = None, None
    try:
        template = library.parsed(node).template
        values = {name: _wrapped(value, template.name or "") for name, value in variables.items()}
        value = finish(template.root_render_func(template.new_context(values)))
    except (TemplateProblemError, UnknownValueError):
        pass  # told elsewhere
    except Exception as error:  # noqa: BLE001 - a template can raise whatever Python can
        last = Failure(error=error, way=way_of(error))
    failures = [*library.failures.values(), *([last] if last else [])]
    start = At(library.name_of(node), 0)
    told = tuple(problem(library, failure, start) for failure in failures if not _was_told(library, failure))
    return Evaluated(value=value, problems=told)


def _was_told(library: Library, failure: Failure) -> bool:
    """Say whether something is undefined that was found to be so by looking."""
    error = failure.error
    if not (isinstance(error, UndefinedError) and failure.way):
        return False
    if "does not export the requested name" in str(error.message):
        return True
    here = failure.way[-1].template
    return any(file == here and f"'{name}' is undefined" == error.message for file, name in library.unseen)


def _wrapped(value: Any, template: str) -> Any:
    """Return a value as templates see it: images have no text and no members, paths start from the spec."""
    if isinstance(value, ImageRef):
        return Picture(value)
    if isinstance(value, str):
        return Written(value, template)
    if isinstance(value, list):
        return [_wrapped(item, template) for item in value]
    if isinstance(value, dict):
        return {key: _wrapped(item, template) for key, item in value.items()}
    return value
