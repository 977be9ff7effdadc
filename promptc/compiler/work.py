"""A case being lowered: its values, what is known of places, what has gone wrong so far."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from promptc.compiler.images import ImageStore
from promptc.compiler.library import Library
from promptc.compiler.pieces import Picture
from promptc.compiler.spec import LARGEST
from promptc.compiler.template import Render, render, render_text
from promptc.diagnostics import Diagnostic, Severity
from promptc.locate import Place
from promptc.source import Span
from promptc.toml_tree import Node

_HALF = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Evaluates templates; `held` is what could not be known, because of a mistake that was told.

    `places` and `held` are JSON pointers into the tree that is made.
    """

    library: Library
    images: ImageStore
    values: Mapping[str, Any]
    subject: str
    places: dict[str, Place] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def text(self, node: Node, pointer: str) -> str | None:
        """Return a template's text, or nothing where it has a mistake."""
        made = self.rendered(node, pointer, render_text)
        return self.whole(str(made), node.span, pointer) if made is not None else None

    def typed(self, node: Node, pointer: str) -> Any:
        """Return a template's value with its type, or nothing where it has a mistake."""
        value = self.rendered(node, pointer, render)
        if _holds_picture(value):
            hint = "give it a part: `{ image = … }`"
            self.complain("P209", "an image stands where the API takes none", node.span, hint=hint)
        elif not _is_json(value):
            message = "the expression gives a number that JSON can't hold exactly"
            expected = "a finite number, integers up to 2^53"
            self.complain("P105", message, node.span, expected=expected)
        else:
            return self.whole(value, node.span, pointer)
        self.held.add(pointer)
        return None

    def rendered(self, node: Node, pointer: str, render: Render) -> Any:
        """Evaluate a template and tell what fails; nothing where no value comes of it."""
        if not isinstance(node.value, str):
            return node.value
        made = render(self.library, node, self.values)
        self.diagnostics.extend(problem.diagnostic(self.subject) for problem in made.problems)
        if made.problems or made.value is None:
            self.held.add(pointer)
        return made.value

    def whole(self, value: Any, span: Span, pointer: str) -> Any:
        """Refuse text with half a character: no UTF-8 can hold it."""
        if not _HALF.search(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)):
            return value
        self.complain("P105", "the text holds half of a surrogate pair, which is no character", span)
        self.held.add(pointer)
        return None

    def complain(
        self,
        code: str,
        message: str,
        span: Span,
        *,
        expected: str | None = None,
        hint: str | None = None,
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Tell a mistake of this case."""
        found = Diagnostic(
            code=code,
            message=message,
            severity=severity,
            span=span,
            subject=self.subject,
            expected=expected,
            help=hint,
        )
        self.diagnostics.append(found)

    def note(self, pointer: str, node: Node) -> None:
        """Remember where a value comes from."""
        self.places[pointer] = Place.of(node)


def _is_json(value: object) -> bool:
    if isinstance(value, (list, dict)):
        return all(_is_json(item) for item in (value.values() if isinstance(value, dict) else value))
    return not isinstance(value, (int, float)) or (isfinite(value) and abs(value) <= LARGEST)


def _holds_picture(value: object) -> bool:
    if isinstance(value, (list, dict)):
        return any(_holds_picture(item) for item in (value.values() if isinstance(value, dict) else value))
    return isinstance(value, Picture)
