"""What a change of the sources does, in few words: edits that read alike are told once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from promptc.blob import Blob
from promptc.review.asked import written
from promptc.review.difference import Edit, Group, Topic, Word
from promptc.review.words import bag, words
from promptc.tree import Tree, tokens

_SYSTEM = "/systemInstruction"
_OUTSIDE = {Topic.VARIABLE: "variable ", Topic.EXPECTATION: "expect.", Topic.TOOL: "tool "}


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Edits that read alike: what they are about, one of them, and the cases of all."""

    what: str
    edit: Edit
    cases: tuple[str, ...]

    @property
    def words(self) -> tuple[Word, ...]:
        """The words that differ, where there are any to tell."""
        return self.edit.words


def effects(group: Group) -> tuple[Effect, ...]:
    """Return what a group does; texts in which the same words changed are one effect, whatever stands around them."""
    found: dict[str, tuple[Edit, list[str]]] = {}
    for shared in group.edits:
        key = _reads(shared.edit)
        found.setdefault(key, (shared.edit, []))[1].extend(shared.cases)
    return tuple(
        Effect(what=what(edit), edit=edit, cases=tuple(dict.fromkeys(cases))) for edit, cases in found.values()
    )


def source_words(group: Group) -> tuple[Word, ...]:
    """Return how the source itself was changed, whole where little of it has stayed; nothing where it is the same."""
    old, new = (span.text if span else "" for span in (group.old_span, group.new_span))
    if old == new or not group.edited:
        return ()
    found = words(old, new)
    stayed = sum(len(word.text.strip()) for word in found if word.mark == " ")
    if stayed * 2 >= min(len(old), len(new)):
        return found
    return tuple(word for word in (Word(mark="-", text=old), Word(mark="+", text=new)) if word.text)


def shown_by(source: Iterable[Word], edit: Edit) -> bool:
    """Say whether the change of the source shows already which words of a text have changed."""
    told = [*source]
    return all(_changed(edit.words, mark) <= _changed(told, mark) for mark in ("-", "+"))


def _changed(found: Iterable[Word], mark: str) -> Any:
    return bag(" ".join(word.text for word in found if word.mark == mark))


def _reads(edit: Edit) -> str:
    """Return what tells an effect from another one."""
    changed: Tree = [word.mark + word.text for word in edit.words if word.mark != " "]
    values: Tree = changed or [edit.old, edit.new]
    return written([edit.topic, edit.action, what(edit), values])


def what(edit: Edit) -> str:
    """Return what an edit is about, in the user's words."""
    way = ".".join(tokens(edit.pointer))
    step = f" in step {edit.step}" if edit.step and edit.step > 1 else ""
    match edit.topic:
        case Topic.TEXT | Topic.PART | Topic.TURN if edit.pointer.startswith(_SYSTEM):
            return "system instruction"
        case Topic.TURN if edit.pointer.endswith("/role"):
            return f"role of a turn{step}"
        case Topic.MODEL | Topic.METHOD | Topic.TEXT | Topic.IMAGE | Topic.FILE | Topic.PART | Topic.TURN:
            return f"{edit.topic.value}{step}"
        case Topic.TOOL:
            return f"tool {_tool(edit)}"
        case _:
            return f"{_OUTSIDE.get(edit.topic, '')}{way}{step}"


def _tool(edit: Edit) -> str:
    """Return a tool's name, a function's own."""
    value = edit.old if edit.new is None else edit.new
    if isinstance(value, dict) and isinstance(value.get("name"), str):
        return str(value["name"])
    return ".".join(token for token in tokens(edit.pointer)[1:] if not token.isdecimal()) or "order"


def pictures(edit: Edit) -> tuple[tuple[Blob, ...], tuple[Blob, ...]]:
    """Return the files of an edit, old and new."""
    old, new = ([side] if isinstance(side, Blob) else side for side in (edit.old, edit.new))
    return _blobs(old), _blobs(new)


def _blobs(value: Any) -> tuple[Blob, ...]:
    return tuple(item for item in value if isinstance(item, Blob)) if isinstance(value, list) else ()
