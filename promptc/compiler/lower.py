"""From a case to the tree of its request: templates evaluated, images loaded, sugar gone."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any, TypeAlias

from promptc.blob import Blob
from promptc.compiler.expectations import expectation
from promptc.compiler.images import ImageStore
from promptc.compiler.spec import API_TABLES, LARGEST, CaseSpec, ImageRef, Spec, Value
from promptc.compiler.template import TemplateProblemError, render, render_text
from promptc.diagnostics import Diagnostic, Severity
from promptc.findings import kind
from promptc.locate import Place
from promptc.request import Expectation, Reply
from promptc.schema import camel_case, load, resolve
from promptc.toml_tree import Node
from promptc.tree import Tree, child

_Schema: TypeAlias = Mapping[str, Any]

_HALF = re.compile(r"[\ud800-\udfff]")
_EMPTY = "where that is a mistake, `minItems = 1` in the variable's declaration refuses it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """A case's request before the API's spelling is applied; `contents` may hold replies.

    `places` maps the JSON pointers of this tree to the spec; `replies` are the expectations of
    the reply turns, in order.
    """

    contents: "tuple[Tree | Reply, ...]"
    rest: Mapping[str, Tree]
    unchecked: Mapping[str, Tree]
    places: Mapping[str, Place]
    replies: tuple[Expectation | None, ...]
    diagnostics: tuple[Diagnostic, ...]


def lower(spec: Spec, case: CaseSpec, values: Mapping[str, Value], images: ImageStore) -> Lowered:
    """Evaluate everything that the case's request needs."""
    work = _Lowering(spec=spec, values=values, images=images, subject=f"{spec.file.name}::{case.name}")
    contents = work.contents()
    rest = work.rest()
    unchecked: Any = work.tree(spec.table["unchecked"], "", {}, keep=False) if "unchecked" in spec.table else {}
    return Lowered(
        contents=contents,
        rest=rest,
        unchecked=unchecked,
        places=work.places,
        replies=tuple(work.replies),
        diagnostics=tuple(work.diagnostics),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lowering:
    spec: Spec
    values: Mapping[str, Value]
    images: ImageStore
    subject: str
    places: dict[str, Place] = field(default_factory=dict)
    replies: list[Expectation | None] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def contents(self) -> "tuple[Tree | Reply, ...]":
        table = self.spec.table
        if "contents" in table:
            schema = load("request.schema")["properties"]["contents"]
            tree = self.tree(table["contents"], "/contents", schema)
            return tuple(tree) if isinstance(tree, list) else (tree,)
        self.note("/contents", table["turns"])
        return tuple(self.turn(turn, child("/contents", i)) for i, turn in enumerate(table["turns"].items))

    def rest(self) -> Mapping[str, Tree]:
        table = self.spec.table
        properties = load("request.schema")["properties"]
        result: dict[str, Tree] = {}
        if "system" in table:
            pointer = "/systemInstruction"
            for place in (pointer, f"{pointer}/parts", f"{pointer}/parts/0", f"{pointer}/parts/0/text"):
                self.note(place, table["system"])
            result["systemInstruction"] = {"parts": [{"text": self.text(table["system"])}]}
        for name in API_TABLES:
            if name in table:
                result[name] = self.tree(table[name], child("", name), properties[name])
        return result

    def turn(self, turn: Node, pointer: str) -> "Tree | Reply":
        self.note(pointer, turn)
        if "reply" in turn.table:
            expect, faults = expectation(turn.table.get("expect"), None)
            self.replies.append(expect if "expect" in turn.table else None)
            self.diagnostics.extend(faults)
            return Reply(step=len(self.replies))
        parts: list[Tree] = []
        if "text" in turn.table:
            self.note(f"{pointer}/parts", turn.table["text"])
            self.note(f"{pointer}/parts/0", turn.table["text"])
            self.note(f"{pointer}/parts/0/text", turn.table["text"])
            parts.append({"text": self.text(turn.table["text"])})
        else:
            self.note(f"{pointer}/parts", turn.table["parts"])
            for part in turn.table["parts"].items:
                self.part(part, parts, f"{pointer}/parts")
        if "role" in turn.table:
            self.note(f"{pointer}/role", turn.table["role"])
        return {"parts": parts, "role": str(turn.table["role"].value) if "role" in turn.table else "user"}

    def part(self, part: Node, parts: list[Tree], pointer: str) -> None:
        """Append what a part of the spec stands for: a list of images becomes several parts."""
        schema = load("request.schema")["$defs"]["Part"]
        if "image" not in part.table:
            parts.append(self.tree(part, child(pointer, len(parts)), schema))
            return
        beside = {key: node for key, node in part.table.items() if key not in {"image", "sha256"}}
        for blob in self.blobs(part):
            where = child(pointer, len(parts))
            rest: Any = self.tree(Node(value=beside, span=part.span, key=part.key), where, schema)
            for place in ("inlineData", "inlineData/data", "inlineData/mimeType"):
                self.note(f"{where}/{place}", part.table["image"])
            parts.append({"inlineData": {"mimeType": blob.media_type, "data": blob}, **rest})

    def blobs(self, part: Node) -> Iterable[Blob]:
        image, pin = part.table["image"], part.table.get("sha256")
        for node in image.items if isinstance(image.value, tuple) else (image,):
            for ref in self.refs(node):
                blob = self.images.load(ref, node.span)
                if isinstance(blob, Diagnostic):
                    self.diagnostics.append(replace(blob, subject=self.subject))
                elif pin and pin.value != blob.sha256:
                    message = f"`{ref.written}` is not the image that `sha256` pins"
                    hint = f'restore the picture, or pin the new one: `sha256 = "{blob.sha256}"`'
                    expected = f"a picture whose digest starts with {str(pin.value)[:12]}"
                    self.diagnostics.append(
                        Diagnostic(
                            code="P303",
                            message=message,
                            span=pin.span,
                            subject=self.subject,
                            expected=expected,
                            help=hint,
                        )
                    )
                else:
                    yield blob

    def refs(self, node: Node) -> Iterable[ImageRef]:
        value = self.rendered(node, render)
        if value == []:
            message = "`image` has an empty list here, so no picture is sent"
            self.complain("P104", message, node, hint=_EMPTY, severity=Severity.NOTE)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, ImageRef):
                yield item
            elif isinstance(item, str):
                yield ImageRef(written=item, folder=self.spec.folder)
            elif item is not None:
                message = f"`image` needs a path or an image variable, not {kind(item)}"
                self.complain("P004", message, node, expected="a path, an image variable, or a list of them")

    def tree(self, node: Node, pointer: str, schema: _Schema, *, keep: bool = True) -> Any:
        """Lower a value of the API's own; text fields become text, others keep their type."""
        schema = resolve(load("request.schema"), schema)
        if keep:
            self.note(pointer, node)
        if isinstance(node.value, Mapping):
            if schema.get("type") == "array":  # a lone object stands for a list of one
                schema = resolve(load("request.schema"), schema["items"])
            known = schema.get("properties", {})
            inner = schema.get("additionalProperties") if schema.get("x-proto") == "map" else None
            return {
                key: self.tree(item, child(pointer, key), inner or known.get(camel_case(key), {}), keep=keep)
                for key, item in node.table.items()
            }
        if isinstance(node.value, tuple):
            items = schema.get("items", {})
            return [self.tree(item, child(pointer, i), items, keep=keep) for i, item in enumerate(node.items)]
        if not isinstance(node.value, str):
            return node.value
        if schema.get("type") == "array":
            return self.listed(node, resolve(load("request.schema"), schema["items"]))
        return self.text(node) if schema.get("type") == "string" else self.typed(node)

    def listed(self, node: Node, items: _Schema) -> Any:
        """Lower a string that stands for a list: an expression may give all of it, or one element."""
        known = len(self.diagnostics)
        value = self.typed(node)
        whole = isinstance(value, list) or items.get("type") != "string" or len(self.diagnostics) > known
        return value if whole else self.text(node)

    def text(self, node: Node) -> str:
        text = str(self.rendered(node, render_text) or "")
        self.whole(text, node)
        return text

    def typed(self, node: Node) -> Any:
        value = self.rendered(node, render)
        if _holds_image(value):
            hint = "give it a part: `{ image = … }`"
            self.complain("P209", "an image stands where the API takes none", node, hint=hint)
            return ""
        if not _is_json(value):
            message = "the expression gives a number that JSON can't hold exactly"
            self.complain("P105", message, node, expected="a finite number, integers up to 2^53")
            return 0
        self.whole(value, node)
        return value

    def whole(self, value: object, node: Node) -> None:
        """Refuse text with half a character: no UTF-8 can hold it."""
        if _HALF.search(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)):
            self.complain("P105", "the text holds half of a surrogate pair, which is no character", node)

    def complain(
        self,
        code: str,
        message: str,
        node: Node,
        *,
        expected: str | None = None,
        hint: str | None = None,
        severity: Severity = Severity.ERROR,
    ) -> None:
        self.diagnostics.append(
            Diagnostic(
                code=code,
                message=message,
                severity=severity,
                span=node.span,
                subject=self.subject,
                expected=expected,
                help=hint,
            )
        )

    def rendered(self, node: Node, render: Callable[[str, Mapping[str, Any]], Any]) -> Any:
        """Evaluate a template; None where it has a mistake."""
        if not isinstance(node.value, str):
            return node.value
        try:
            return render(node.value, self.values)
        except TemplateProblemError as problem:
            self.diagnostics.append(
                Diagnostic(
                    code=problem.code,
                    message=problem.message,
                    span=node.within(problem.start, problem.end),
                    subject=self.subject,
                    help=problem.hint,
                )
            )
            return None

    def note(self, pointer: str, node: Node) -> None:
        self.places[pointer] = Place(span=node.span, key=node.key)


def _is_json(value: object) -> bool:
    if isinstance(value, (list, dict)):
        return all(_is_json(item) for item in (value.values() if isinstance(value, dict) else value))
    return not isinstance(value, (int, float)) or (isfinite(value) and abs(value) <= LARGEST)


def _holds_image(value: object) -> bool:
    if isinstance(value, (list, dict)):
        return any(_holds_image(item) for item in (value.values() if isinstance(value, dict) else value))
    return isinstance(value, ImageRef)
