"""From a spec file to a Spec: TOML, closed tables, turns that make a conversation."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from difflib import get_close_matches

from promptc.compiler import words
from promptc.compiler.misplaced import misplaced
from promptc.compiler.spec import API_TABLES, LARGEST, RESERVED, Spec, SpecFile
from promptc.diagnostics import Diagnostic, did_you_mean, one_of, unreadable
from promptc.findings import Fault, Finding
from promptc.locate import OWN, diagnose, places
from promptc.schema import camel_case, check, data_fields, load
from promptc.source import Source, shown
from promptc.toml_tree import Node, parse
from promptc.tree import last, parent

_LATER = {
    "extends": "write out here what the other file holds",
    "include": "write out here what the other file holds",
    "unset": "remove the keys themselves",
    "tags": "select cases by name or glob",
}
_MODEL_AXIS = 'the `[matrix]` runs every case on several models: `model = ["…", "…"]`'
_CASES = "use a variable there, and set it in the case"
_MATRIX = {**OWN, Fault.TYPE: "P106", Fault.BOUNDS: "P106"}
_ONE_THING = "exactly one of `text`, `image`, or one of the API's own fields"
_SUGAR = ("text", "image", "sha256")
_LATER_PARTS = {
    "file": "name pictures with `image`; other files come as `inlineData` or `fileData`",
    "uri": 'write `fileData = { fileUri = "…", mimeType = "…" }`',
}
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def parse_spec(file: SpecFile) -> tuple[Spec | None, tuple[Diagnostic, ...]]:
    """Read a TOML spec; without a Spec, the diagnostics say why."""
    try:
        source = Source.read(file.path)
    except (OSError, UnicodeDecodeError) as error:
        return None, (unreadable(shown(file.path), error),)
    document, diagnostics = parse(source)
    if document is None:
        return None, diagnostics
    table, twice = _respelt(document)
    document = Node(value=table, span=document.span)
    found = (*twice, *_values(document), *_structure(document))
    if found:
        return None, found
    return Spec(file=file, source=source, table=table), _conversation(document)


def _respelt(document: Node) -> tuple[Mapping[str, Node], tuple[Diagnostic, ...]]:
    """Bring the API's top-level names into camelCase."""
    table: dict[str, Node] = {}
    twice = []
    for key, node in document.table.items():
        name = camel_case(key) if camel_case(key) in API_TABLES else key
        if name in table or (name == "systemInstruction" and "system" in document.table):
            other = "system" if name not in table else name
            message = f"`{key}` and `{other}` are one field, written twice"
            twice.append(Diagnostic(code="P406", message=message, span=node.key, help=f"remove `{key}`"))
        table[name] = node
    return table, tuple(twice)


def _values(node: Node) -> Iterator[Diagnostic]:
    """Find values that JSON can't hold."""
    problem, hint = None, "quote it to make it a string"
    match node.value:
        case bool() | str():
            pass
        case Mapping():
            for item in node.table.values():
                yield from _values(item)
        case tuple():
            for item in node.items:
                yield from _values(item)
        case int() if abs(node.value) > LARGEST:
            problem = "an integer beyond 2^53 loses digits in JSON"
            hint = "write a smaller one, or quote it to make it a string"
        case float() if not math.isfinite(node.value):
            problem, hint = "JSON has no infinity and no NaN", "write a finite number"
        case date() | datetime() | time():
            problem = "JSON has no dates"
    if problem:
        yield Diagnostic(code="P105", message=problem, span=node.span, help=hint)


def _structure(document: Node) -> tuple[Diagnostic, ...]:
    moved = {diagnostic.span.start: diagnostic for diagnostic in misplaced(document) if diagnostic.span}
    where = places(document)
    found = {finding: where.get(finding.pointer) for finding in check(document.plain(), "spec.schema")}
    findings = [
        _explained(finding, document)
        for finding, place in found.items()
        if not (place and place.key and place.key.start in moved) and not _moved_here(finding, moved.values())
    ]
    matrix = [finding for finding in findings if finding.pointer.startswith("/matrix")]
    rest = [finding for finding in findings if not finding.pointer.startswith("/matrix")]
    return (*moved.values(), *diagnose(rest, where, OWN), *diagnose(matrix, where, _MATRIX))


def _moved_here(finding: Finding, moved: Iterable[Diagnostic]) -> bool:
    """Say whether what is missing at the top stands below a header."""
    missing = finding.fault is Fault.MISSING and not finding.pointer
    return missing and any(d.span is not None and finding.expected == f"`{d.span.text}`" for d in moved)


def _explained(finding: Finding, document: Node) -> Finding:
    """Add what a newcomer needs to know beyond the schema."""
    if finding.fault is Fault.MISSING and not finding.pointer:
        return replace(finding, help='name the model at the top: `model = "…"`')
    name = last(finding.pointer)
    if finding.fault is Fault.VALUE and re.fullmatch(r"/turns/\d+/role", finding.pointer):
        return replace(finding, help=words.role_advice(_quoted(finding)) or finding.help)
    if finding.fault is not Fault.UNKNOWN:
        return replace(finding, help=finding.help or _form(finding))
    if parent(finding.pointer) == "" and name in _LATER:
        return _later(finding)
    if parent(finding.pointer) == "" and (near := get_close_matches(name, words.SPEC, n=1, cutoff=0.8)):
        return replace(finding, help=f"did you mean `{words.SPEC[near[0]]}`?")
    if re.fullmatch(r"/cases/\d+/[^/]+", finding.pointer):
        if name in document.table or camel_case(name) in document.table:
            message = f"a case can't have `{name}` of its own in this version of promptc"
            return replace(finding, message=message, expected=None, help=_MODEL_AXIS if name == "model" else _CASES)
        if name in _LATER:
            return _later(finding)
        if "variables" in document.table and name in document.table["variables"].table and not finding.help:
            return replace(finding, help=f"a variable is set by `variables = {{ {name} = … }}`")
    return finding


def _quoted(finding: Finding) -> str:
    return finding.message.partition("`")[2].partition("`")[0]


def _later(finding: Finding) -> Finding:
    name = last(finding.pointer)
    message = f"`{name}` is not read by this version of promptc"
    return replace(finding, message=message, expected=None, help=_LATER[name])


def _form(finding: Finding) -> str | None:
    """Say how a table or list is written, where something else stands."""
    if finding.pointer == "/turns":
        return 'a turn is written `[[turns]]`, and below it `text = "…"`'
    if finding.pointer == "/cases":
        return 'a case is written `[[cases]]`, and below it `name = "…"`'
    if re.fullmatch(r"/variables/[^/]+", finding.pointer):
        return f"write `[variables.{last(finding.pointer)}]`, and below it `default = …`"
    if re.fullmatch(r"/matrix/[^/]+", finding.pointer):
        return f"an axis is a list of values: `{last(finding.pointer)} = [ … ]`"
    return None


def _conversation(document: Node) -> tuple[Diagnostic, ...]:
    table = document.table
    found = list(_names(table))
    if "turns" in table and "contents" in table:
        message = "`turns` and `contents` both say what is asked"
        found.append(Diagnostic(code="P103", message=message, span=table["contents"].key, help="keep one of them"))
    if "unchecked" in table and "contents" in table["unchecked"].table:
        message = "`[unchecked]` can't replace what is asked"
        span = table["unchecked"].table["contents"].key
        found.append(Diagnostic(code="P103", message=message, span=span, help="write `turns` or `contents` at the top"))
    if "turns" not in table and "contents" not in table:
        message = "the spec asks nothing: it has no `turns`"
        hint = 'add `[[turns]]` with `text = "…"`'
        found.append(Diagnostic(code="P101", message=message, span=table["model"].key, expected="`turns`", help=hint))
    turns = table["turns"].items if "turns" in table else ()
    for turn in turns:
        found += _reply_turn(turn) if "reply" in turn.table else _turn(turn)
    return (*found, *_order(turns))


def _names(table: Mapping[str, Node]) -> Iterator[Diagnostic]:
    for name, node in (table["variables"].table if "variables" in table else {}).items():
        if not _VARIABLE.fullmatch(name):
            message = f"`{name}` can't be a variable's name: no template could use it"
            expected = "letters, digits and `_`, no digit first"
            yield Diagnostic(code="P204", message=message, span=node.key, expected=expected)
        elif name in RESERVED:
            message = f"`{name}` can't be a variable's name: templates have a meaning of their own for it"
            yield Diagnostic(code="P204", message=message, span=node.key, help="choose another name")


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
    if "expect" in turn.table:
        message = "only reply turns have an `expect` of their own"
        hint = "move it to the reply turn, or to the spec's `[expect]` for the last answer"
        yield Diagnostic(code="P103", message=message, span=turn.table["expect"].key, help=hint)
    for part in turn.table["parts"].items if "parts" in turn.table else ():
        yield from _part(part)


def _part(part: Node) -> Iterator[Diagnostic]:
    if not part.table:
        yield Diagnostic(code="P104", message="the part is empty", span=part.span, expected=_ONE_THING)
    for key, hint in _LATER_PARTS.items():
        if key in part.table:
            message = f"`{key}` is not read by this version of promptc"
            yield Diagnostic(code="P003", message=message, span=part.table[key].key, help=hint)
    known = load("request.schema")["$defs"]["Part"]["properties"]
    for key, node in part.table.items():
        if key not in {*_SUGAR, *_LATER_PARTS} and camel_case(key) not in known and "uri" not in part.table:
            names = [*_SUGAR, *(name for name in known if name not in _SUGAR)]
            near, message = did_you_mean(key, names), f"unknown key `{key[:40]}`"
            yield Diagnostic(code="P401", message=message, span=node.key, expected=one_of(names), help=near)
    held = {camel_case(key): key for key in part.table if key == "image" or camel_case(key) in data_fields()}
    if len(held) > 1:
        message = f"a part holds one thing, but here are {' and '.join(f'`{key}`' for key in held.values())}"
        hint = f"make several parts of it: {', '.join(f'`{{ {key} = … }}`' for key in held.values())}"
        second = part.table[list(held.values())[1]].key
        yield Diagnostic(code="P104", message=message, span=second, expected=_ONE_THING, help=hint)
    if "sha256" in part.table and "image" not in part.table:
        message = "`sha256` pins an `image`, but the part has none"
        yield Diagnostic(code="P104", message=message, span=part.table["sha256"].key, help="remove it")
    text = part.table.get("text")
    if text and not isinstance(text.value, str):
        message = f"`text` takes a string, not {text.kind}"
        yield Diagnostic(code="P004", message=message, span=text.span, expected="a string")
    yield from _image_key(part)


def _image_key(part: Node) -> Iterator[Diagnostic]:
    image, pin = part.table.get("image"), part.table.get("sha256")
    paths = image.items if image and isinstance(image.value, tuple) else (image,) if image else ()
    if image and not paths:
        message = "`image` has an empty list, so there would be no picture"
        yield Diagnostic(code="P104", message=message, span=image.span, help="name a picture, or remove the part")
    for path in paths:
        if not isinstance(path.value, str) or not path.value:
            message = f"`image` takes a path, not {path.kind if path.value != '' else 'an empty string'}"
            yield Diagnostic(code="P004", message=message, span=path.span, expected="a path, or a list of paths")
    if pin and not re.fullmatch(r"[0-9a-f]{64}", str(pin.value)):
        message = "`sha256` takes 64 lower-case hexadecimal digits"
        yield Diagnostic(code="P008", message=message, span=pin.span, help="`sha256sum FILE` prints them")


def _order(turns: tuple[Node, ...]) -> Iterator[Diagnostic]:
    """Refuse replies that have no turn of the user's before and after them."""
    replies = ["reply" in turn.table for turn in turns]
    for i, (turn, reply) in enumerate(zip(turns, replies, strict=True)):
        if not reply:
            continue
        where = "the first turn" if i == 0 else "the last turn" if i == len(turns) - 1 else None
        if where is None and replies[i + 1]:
            where = "followed by another reply"
        if where:
            yield Diagnostic(
                code="P103",
                message=f"a reply can't be {where}",
                span=turn.table["reply"].key,
                expected="a turn of the user's before and after it",
                help="remove the reply, or add the turn that it answers and the one that goes on from it",
            )
