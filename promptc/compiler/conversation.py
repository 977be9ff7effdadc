"""Turns that make a conversation, parts that hold one thing: what no outline can say."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from promptc.compiler import words
from promptc.diagnostics import Diagnostic, did_you_mean, one_of
from promptc.schema import camel_case, data_fields, load
from promptc.source import Span
from promptc.toml_tree import Node

SUGAR = ("text", "image", "file", "uri", "sha256", "mimeType")
"""What a part can have beside the API's own fields."""
_NAMED = ("image", "file", "uri")
_ONE_THING = "exactly one of `text`, `image`, `file`, `uri`, or one of the API's own fields"
DIGEST = re.compile(r"[0-9a-f]{64}")
"""A SHA-256 as pins write it."""
NOTHING_SAID, SAY = "the text is empty, so nothing is said", "write what is said, or leave it out"


def conversation(
    table: Mapping[str, Node], torn: Collection[Span], *, whole: bool = True
) -> tuple[Mapping[str, Node], tuple[Diagnostic, ...]]:
    """Check what a spec or a case says; turns and parts with mistakes are told and left out.

    `torn` are the places of tables that lost a key to a mistake that was told; where turns were lost,
    the others are not `whole`.
    """
    kept, found = dict(table), list[Diagnostic]()
    if "turns" in kept and "contents" in kept:
        message = "`turns` and `contents` both say what is asked"
        found.append(Diagnostic(code="P103", message=message, span=kept["contents"].key, help="keep one of them"))
        del kept["contents"]
    unchecked = kept.get("unchecked")
    if unchecked and "contents" in unchecked.table:
        message, hint = "`[unchecked]` can't replace what is asked", "write `turns` or `contents` at the top"
        span = unchecked.table["contents"].key
        found.append(Diagnostic(code="P103", message=message, span=span, help=hint))
        kept["unchecked"] = replace(unchecked, value={k: v for k, v in unchecked.table.items() if k != "contents"})
    if "turns" in kept:
        turns = kept["turns"].items
        found += _order(turns) if whole else ()
        sound = [_sound(turn, found, torn) for turn in turns]
        kept["turns"] = replace(kept["turns"], value=tuple(turn for turn in sound if turn is not None))
    return kept, tuple(found)


def _sound(turn: Node, found: list[Diagnostic], torn: Collection[Span]) -> Node | None:
    """Return a turn without the parts that have mistakes, or nothing if it is none."""
    if turn.span in torn and not {"text", "parts", "reply"} & set(turn.table):
        return None
    known = len(found)
    if "reply" in turn.table:
        found += _reply_turn(turn)
        return turn if len(found) == known else None
    found += _turn(turn)
    if len(found) > known:
        return None
    if "parts" not in turn.table:
        return turn
    parts = []
    for part in turn.table["parts"].items:
        if part.span in torn and not part.table:
            continue
        mistakes = tuple(_part(part))
        found += mistakes
        if not mistakes:
            parts.append(part)
    return replace(turn, value={**turn.table, "parts": replace(turn.table["parts"], value=tuple(parts))})


def _reply_turn(turn: Node) -> Iterator[Diagnostic]:
    if turn.table["reply"].value is not True:
        message = "a reply turn says `reply = true`"
        yield Diagnostic(code="P103", message=message, span=turn.table["reply"].span, help="or remove the key")
    for key in ("text", "parts", "role"):
        if key in turn.table:
            message = f"a reply turn is the model's recorded answer; it can't have `{key}`"
            yield Diagnostic(code="P103", message=message, span=turn.table[key].key, help=f"remove `{key}` or `reply`")


def _turn(turn: Node) -> Iterator[Diagnostic]:
    if ("text" in turn.table) == ("parts" in turn.table):
        both = "text" in turn.table
        message = "a turn has `text` or `parts`, not both" if both else "a turn needs `text` or `parts`"
        yield Diagnostic(code="P103", message=message, span=turn.span, expected="exactly one of `text`, `parts`")
    if "text" in turn.table and turn.table["text"].value == "":
        yield _no_text(turn.table["text"])
    if "expect" in turn.table:
        message = "only reply turns have an `expect` of their own"
        hint = "move it to the reply turn, or to the spec's `[expect]` for the last answer"
        yield Diagnostic(code="P103", message=message, span=turn.table["expect"].key, help=hint)


def _part(part: Node) -> Iterator[Diagnostic]:
    if not part.table:
        yield Diagnostic(code="P104", message="the part is empty", span=part.span, expected=_ONE_THING)
    known = load("request.schema")["$defs"]["Part"]["properties"]
    for key, node in part.table.items():
        if camel_case(key) not in {*SUGAR, *known}:
            names = [*SUGAR, *(name for name in known if name not in SUGAR)]
            near, message = words.PART.get(key) or did_you_mean(key, names), f"unknown key `{key[:40]}`"
            yield Diagnostic(code="P401", message=message, span=node.key, expected=one_of(names), help=near)
    held = {camel_case(key): key for key in part.table if camel_case(key) in {*_NAMED, *data_fields()}}
    if len(held) > 1:
        message = f"a part holds one thing, but here are {' and '.join(f'`{key}`' for key in held.values())}"
        hint = f"make several parts of it: {', '.join(f'`{{ {key} = … }}`' for key in held.values())}"
        second = part.table[list(held.values())[1]].key
        yield Diagnostic(code="P104", message=message, span=second, expected=_ONE_THING, help=hint)
    if all(camel_case(key) in {*SUGAR, *known} for key in part.table):
        yield from _beside(part)
    for key in ("text", "uri"):
        value = part.table.get(key)
        if value and not isinstance(value.value, str):
            message = f"`{key}` takes a string, not {value.kind}"
            yield Diagnostic(code="P004", message=message, span=value.span, expected="a string")
        elif value and value.value == "" and key == "text":
            yield _no_text(value)
    for key in ("image", "file"):
        yield from _paths(key, part.table.get(key))


def _no_text(node: Node) -> Diagnostic:
    return Diagnostic(code="P104", message=NOTHING_SAID, span=node.span, help=SAY)


def _beside(part: Node) -> Iterator[Diagnostic]:
    """Check what only means something beside a picture, a file or a URI."""
    pin = part.table.get("sha256")
    if pin and not {"image", "file"} & set(part.table):
        message = "`sha256` pins an `image` or a `file`, but the part has neither"
        yield Diagnostic(code="P104", message=message, span=pin.key, help="remove it")
    media_type = media_type_of(part)
    if {"mimeType", "mime_type"} <= set(part.table):
        message, second = "`mimeType` and `mime_type` are one field, written twice", part.table["mime_type"]
        yield Diagnostic(code="P406", message=message, span=second.key, help="remove `mime_type`")
    if pin and pin.value == ():
        message, hint = "`sha256` has an empty list, so nothing is pinned", "`promptc pin` writes it, or remove the key"
        yield Diagnostic(code="P104", message=message, span=pin.span, help=hint)
    if media_type and not {"file", "uri"} & set(part.table):
        message = "`mimeType` says what a `file` or a `uri` holds, but the part has neither"
        yield Diagnostic(code="P104", message=message, span=media_type.key, help="remove it")
    elif media_type and not isinstance(media_type.value, str):
        message = f"`mimeType` takes a string, not {media_type.kind}"
        yield Diagnostic(code="P004", message=message, span=media_type.span, expected="a string")
    for digest in listed(pin):
        if not DIGEST.fullmatch(str(digest.value)):
            message = "`sha256` takes 64 lower-case hexadecimal digits"
            yield Diagnostic(code="P008", message=message, span=digest.span, help="`promptc pin` writes them")


def _paths(key: str, node: Node | None) -> Iterator[Diagnostic]:
    paths = listed(node)
    if node and not paths:
        what, name = ("picture", "a picture") if key == "image" else ("file", "a file")
        message = f"`{key}` has an empty list, so there would be no {what}"
        yield Diagnostic(code="P104", message=message, span=node.span, help=f"name {name}, or remove the part")
    for path in paths:
        if not isinstance(path.value, str) or not path.value:
            message = f"`{key}` takes a path, not {path.kind if path.value != '' else 'an empty string'}"
            yield Diagnostic(code="P004", message=message, span=path.span, expected="a path, or a list of paths")


def media_type_of(part: Node) -> Node | None:
    """Return what a part says of the media type, in either spelling."""
    return part.table.get("mimeType") or part.table.get("mime_type")


def listed(node: Node | None) -> Sequence[Node]:
    """Return the elements of a list, a lone value, or nothing."""
    if node is None:
        return ()
    return node.items if isinstance(node.value, tuple) else (node,)


def _order(turns: tuple[Node, ...]) -> Iterator[Diagnostic]:
    """Refuse replies that have no turn of the user's before and after them."""
    replies = ["reply" in turn.table for turn in turns]
    for i, (turn, reply) in enumerate(zip(turns, replies, strict=True)):
        if reply and (where := wrong_place(i, replies)):
            mark = turn.table["reply"]
            yield misplaced_reply(mark.key or mark.span, where)


def wrong_place(i: int, replies: Sequence[bool]) -> str | None:
    """Say where a reply stands that can't be one; `replies` says which turns are."""
    if i == 0:
        return "the first turn"
    if i == len(replies) - 1:
        return "the last turn"
    return "followed by another reply" if replies[i + 1] else None


def misplaced_reply(span: Span, where: str) -> Diagnostic:
    """Say that a reply stands where no answer can be."""
    return Diagnostic(
        code="P103",
        message=f"a reply can't be {where}",
        span=span,
        expected="a turn of the user's before and after it",
        help="remove the reply, or add the turn that it answers and the one that goes on from it",
    )
