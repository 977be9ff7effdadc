"""What changes in requests, in markdown: word by word, line by line, value by value."""

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import unified_diff
from pathlib import Path

from promptc.blob import Blob
from promptc.pipeline.diff import DiffResult, Side
from promptc.report.effects import Effect, effects
from promptc.report.markdown import code, fence, folded
from promptc.report.marked import stayed
from promptc.request import Case, Reply
from promptc.review.asked import digest_of
from promptc.review.difference import Edit, Group, Word
from promptc.review.words import seen
from promptc.source import Span, relative_to_root
from promptc.tree import Tree
from promptc.wording import plural

_FEW = 3
"""So many cases are named in a line."""
_CONTEXT = 50
"""So many characters of what stayed stand before and after what did not."""
_LONGEST = 1000
_LINES = 60
_EDITS = 8
"""So many edits of one cause are told."""
_NAMED = 200
"""So many cases of one cause are named."""


def group_row(number: int, group: Group, result: DiffResult) -> str:
    """Return what one change of the sources does, and to which cases."""
    cases = group.cases
    lines = [f"**{number}.** {_where(group, result)}{_some(cases)}\n\n"]
    told = effects(group)
    lines += [_effect(effect, cases) for effect in told[:_EDITS]]
    if (more := len(told) - _EDITS) > 0:
        lines.append(f"- … and {plural(more, 'more edit')} of the same cause\n")
    if len(cases) > _FEW:
        rest = f" and {len(cases) - _NAMED:,} more" if len(cases) > _NAMED else ""
        named = ", ".join(code(case) for case in cases[:_NAMED])
        lines.append("\n" + folded(plural(len(cases), "case"), f"{named}{rest}"))
    return "".join(lines) + "\n"


def request_row(case: Case) -> str:
    """Return what a new case asks, in short."""
    asked = case.requests[-1]
    texts = [text for content in asked.contents if not isinstance(content, Reply) for text in _texts(content)]
    whole = "\n".join(texts)
    body = fence(whole if len(whole) <= _LONGEST else f"{whole[:_LONGEST]}…")
    steps = f", {len(case.requests)} steps" if len(case.requests) > 1 else ""
    return f"{code(case.id)} asks {code(asked.model)}{steps}:\n\n{body}\n"


def lines_of(old: str, new: str, indent: str = "") -> str:
    """Return how two texts differ, line by line."""
    found = list(unified_diff(old.split("\n"), new.split("\n"), lineterm="", n=2))[3:]
    found = ["@@" if one.startswith("@@") else one for one in found]  # where lines were left out; each other has a sign
    shown = [one if len(one) <= _CONTEXT * 6 else f"{one[: _CONTEXT * 6]}…" for one in found[:_LINES]]
    if len(found) > _LINES:
        shown.append(f"… and {len(found) - _LINES:,} more lines")
    return fence("\n".join(shown), "diff", indent)


def _where(group: Group, result: DiffResult) -> str:
    place = _place(group.new_span, result.new) or _place(group.old_span, result.old)
    if (file := _file(group)) and result.new.project:
        place = relative_to_root(file, result.new.project.root)
    gone = " (before)" if group.new_span is None and group.old_span else ""
    return f"{code(place)}{gone} — " if place else ""


def _file(group: Group) -> Path | None:
    """Return the file whose bytes alone have changed, if that is the cause."""
    pairs = [(shared.edit.old, shared.edit.new) for shared in group.edits]
    paths = {one.path for pair in pairs for one in pair if isinstance(one, Blob)}
    blobs = all(isinstance(one, Blob) for pair in pairs for one in pair)
    return paths.pop() if blobs and len(paths) == 1 else None


def _place(span: Span | None, side: Side) -> str | None:
    """Return where something is written, from the project's root."""
    if span is None:
        return None
    path = span.source.path
    name = relative_to_root(path, side.project.root) if side.project and path.is_absolute() else path.as_posix()
    return f"{name}:{span.line}"


def _effect(effect: Effect, cases: Sequence[str]) -> str:
    whose = "" if len(effect.cases) == len(cases) else f" (in {_some(effect.cases)})"
    return f"- {code(effect.what)} {effect.edit.action}{whose}{_told(effect.edit)}"


def _some(cases: Sequence[str]) -> str:
    return ", ".join(code(case) for case in cases) if len(cases) <= _FEW else plural(len(cases), "case")


def _told(edit: Edit) -> str:
    """Return what an edit does, in the rest of a list's item."""
    old, new = edit.old, edit.new
    if isinstance(old, str) and isinstance(new, str) and "\n" in old + new:
        return f":\n\n{lines_of(*_spelled(edit), '  ')}\n"
    if edit.words:
        return f": {' '.join(_words(seen(edit.words)))}\n"
    if old is None or new is None:
        return f": {_value(new if old is None else old)}\n"
    return f": {_value(old)} → {_value(new)}\n"


def _spelled(edit: Edit) -> tuple[str, str]:
    """Return both texts of an edit; what the eye can't tell apart is spelled out in its words."""
    if not edit.words:
        return str(edit.old), str(edit.new)
    shown = seen(edit.words)
    old, new = ["".join(word.text for word in shown if word.mark in {" ", mark}) for mark in "-+"]
    return old, new


def _words(words: Sequence[Word]) -> Iterator[str]:
    """Yield the stretches of a text: what stayed in short, what was taken out struck, what was put in bold."""
    for number, word in enumerate(words):
        if word.mark != " ":
            around = "~~" if word.mark == "-" else "**"
            yield f"{around}{code(word.text, longest=_LONGEST)}{around}"
        elif text := word.text.strip():
            yield code(stayed(text, first=number == 0, last=number == len(words) - 1, around=_CONTEXT))


def _value(value: Tree) -> str:
    if isinstance(value, Blob):
        return file_words(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=digest_of)
    return code(text, longest=_LONGEST)


def file_words(blob: Blob) -> str:
    """Return what a file is: its name, type, size and the beginning of its digest."""
    name = f"{code(blob.path.name)} " if blob.path else ""
    return f"{name}({code(blob.media_type)}, {blob.size:,} bytes, `{blob.sha256[:12]}`)"


def _texts(content: Tree) -> Iterator[str]:
    """Yield the texts of a turn, and a word for each file in it."""
    parts = content.get("parts", ()) if isinstance(content, Mapping) else ()
    for part in parts if isinstance(parts, (list, tuple)) else ():
        if isinstance(part, Mapping):
            text = part.get("text")
            data = part.get("inlineData")
            blob = data.get("data") if isinstance(data, Mapping) else None
            if isinstance(text, str):
                yield text
            elif isinstance(blob, Blob):
                yield f"[{blob.media_type}: {blob.path.name if blob.path else blob.digest}]"
