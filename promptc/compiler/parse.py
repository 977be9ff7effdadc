"""From a spec file to a Spec: TOML, closed tables, turns that make a conversation."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time

from promptc.compiler.spec import API_TABLES, LARGEST, Spec, SpecFile
from promptc.diagnostics import Diagnostic
from promptc.locate import OWN, diagnose, places
from promptc.schema import Fault, Finding, camel_case, check
from promptc.source import Source, shown
from promptc.toml_tree import Node, parse
from promptc.tree import last

_ABOVE_TABLES = ("description", "model", "system", "stream")
_SUGAR = ("text", "image")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def parse_spec(file: SpecFile) -> tuple[Spec | None, tuple[Diagnostic, ...]]:
    """Read a TOML spec; without a Spec, the diagnostics say why."""
    try:
        source = Source.read(file.path)
    except (OSError, UnicodeDecodeError) as error:
        why = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else error.strerror
        return None, (Diagnostic(code="P002", message=f"the file can't be read: {why}", file=shown(file.path)),)
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
    problem = None
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
        case float() if not math.isfinite(node.value):
            problem = "JSON has no infinity and no NaN"
        case date() | datetime() | time():
            problem = "JSON has no dates"
    if problem:
        yield Diagnostic(code="P105", message=problem, span=node.span, help="quote it to make it a string")


def _structure(document: Node) -> tuple[Diagnostic, ...]:
    misplaced = tuple(_misplaced(document))
    moved = {diagnostic.span.start for diagnostic in misplaced if diagnostic.span}
    where = places(document)
    findings = [
        _explained(finding)
        for finding in check(document.plain(), "spec.schema")
        if not ((place := where.get(finding.pointer)) and place.key and place.key.start in moved)
    ]
    return (*misplaced, *diagnose(findings, where, OWN))


def _explained(finding: Finding) -> Finding:
    if finding.fault is Fault.MISSING and not finding.pointer:
        return replace(finding, help='name the model at the top: `model = "…"`')
    return finding


def _misplaced(document: Node) -> Iterator[Diagnostic]:
    """Find top-level keys that TOML has put into the table whose header stands above them."""
    for pointer, place in places(document).items():
        name = last(pointer)
        if name not in _ABOVE_TABLES or pointer.count("/") == 1 or place.key is None:
            continue
        header = _header_above(document, pointer)
        if header is None:
            continue
        yield Diagnostic(
            code="P102",
            message=f"`{name}` stands below `{header}`, so TOML reads it as a key of that table",
            span=place.key,
            expected=f"`{name}` at the top of the file",
            help="move the line above the first `[table]` header, to where `model` stands",
        )


def _header_above(document: Node, pointer: str) -> str | None:
    """Return the header of the table that holds a scalar, unless the key belongs there."""
    node = document
    tokens = pointer.split("/")[1:]
    for token in tokens[:-1]:
        node = node.items[int(token)] if isinstance(node.value, tuple) else node.table[token]
    value = node.table[tokens[-1]].value if isinstance(node.value, Mapping) else None
    belongs = tokens[0] == "variables" or pointer == "/matrix/model" or not isinstance(value, (str, bool))
    if belongs or not node.span.text.startswith("["):
        return None
    return node.span.text


def _conversation(document: Node) -> tuple[Diagnostic, ...]:
    table = document.table
    found = list(_names(table))
    if "turns" in table and "contents" in table:
        message = "`turns` and `contents` both say what is asked"
        found.append(Diagnostic(code="P103", message=message, span=table["contents"].key, help="keep one of them"))
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
            yield Diagnostic(code="P204", message=message, span=node.key, expected="letters, digits and `_`")


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
    sugar = [key for key in _SUGAR if key in part.table]
    if len(sugar) > 1 or ("image" in part.table and "inlineData" in part.table):
        message = "a part holds one thing, but here are `image` and another"
        hint = "make two parts of it: `{ text = … }, { image = … }`"
        yield Diagnostic(code="P104", message=message, span=part.span, expected="one of `text`, `image`", help=hint)
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
