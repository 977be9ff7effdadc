"""What no schema can say about a request: rules across several fields, and about the bytes of files.

Bodies come in canonical form; what has the wrong type is the schema's to say and is passed over here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from promptc.blob import TAIL, Blob, sniff, whole
from promptc.canonical import decode_base64
from promptc.compiler.words import role_advice
from promptc.diagnostics import Severity, one_of
from promptc.findings import Fault, Finding
from promptc.json_schema import faults
from promptc.models import Model, largest_request
from promptc.schema import roles
from promptc.tree import Tree, child

_NO_PICTURE = ("TEXT", "AUDIO", "VIDEO")
_MEGABYTE = 1_000_000
_QUADS = TAIL // 3 + 1  # four characters of base64 are three bytes
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?!.*;base64,)")
_SHOWN = 40
_KNOWN_BY_BYTES = {"image/png", "image/jpeg", "image/webp", "image/heic", "image/gif"}
_SAME_TYPE = {"image/jpg": "image/jpeg", "image/heif": "image/heic", "audio/x-wav": "audio/wav"}


def semantics(body: Mapping[str, Tree], model: Model | None) -> Iterator[Finding]:
    """Yield what is wrong with a canonical request beyond its shape."""
    yield from _roles(_list(body.get("contents")))
    config = _table(body.get("generationConfig"))
    yield from _modality(config)
    yield from _together(config)
    yield from _sizes(body)
    if model and model.reference_images is not None:
        yield from _reference_images(body, model, model.reference_images)
    for pointer, schema in _json_schemas(body):
        yield from faults(schema, pointer)
    for pointer, file in _files(body):
        yield from _media_type(pointer, file)
    yield from _addresses(body)
    yield from _without_effect(body)


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _roles(contents: Sequence[Any]) -> Iterator[Finding]:
    given = [_table(content).get("role") or "user" for content in contents]
    for i, role in enumerate(given):
        if isinstance(role, str) and role not in roles():
            yield _unknown_role(role, f"/contents/{i}/role")
    if given[:1] == ["model"]:
        hint = "let the user speak first; what the model shall know from the start stands in `systemInstruction`"
        yield _turn(0, "the first turn is the model's, but a conversation starts with the user", hint)
    if given[-1:] == ["model"]:
        hint = "add a turn of the user's, or remove this one"
        yield _turn(len(given) - 1, "the last turn is the model's, so nothing is asked", hint)
    talk = [role if _is_talk(content) else None for role, content in zip(given, contents, strict=True)]
    if twice := next((i for i, pair in enumerate(pairwise(talk), start=1) if pair[0] == pair[1] in roles()), None):
        message = f"this turn and the one before it are both the {given[twice]}'s"
        yield _turn(twice, message, "that is allowed; make one turn of them if no turn is missing", Severity.NOTE)


def _is_talk(content: object) -> bool:
    """Say whether a turn is no more than said: calls and responses have an order of their own."""
    fields = {field for part in _list(_table(content).get("parts")) for field in _table(part)}
    return not fields & {"functionCall", "functionResponse", "toolCall", "toolResponse"}


def _unknown_role(role: str, pointer: str) -> Finding:
    return Finding(
        fault=Fault.ORDER,
        pointer=pointer,
        message=f"`{role[:40]}` is no role",
        expected=one_of(roles()),
        help=role_advice(role),
    )


def _turn(index: int, message: str, hint: str, severity: Severity = Severity.WARNING) -> Finding:
    return Finding(fault=Fault.ORDER, pointer=f"/contents/{index}", message=message, help=hint, severity=severity)


def _modality(config: Mapping[str, Any]) -> Iterator[Finding]:
    modalities = _list(config.get("responseModalities"))
    if config.get("imageConfig") and modalities and all(name in _NO_PICTURE for name in modalities):
        yield Finding(
            fault=Fault.MODALITY,
            pointer="/generationConfig/imageConfig",
            message="`imageConfig` shapes a picture, but `responseModalities` asks for none",
            expected="`IMAGE` among the modalities",
            help="add `IMAGE` to `responseModalities`, or remove `imageConfig`",
            severity=Severity.WARNING,
            at_key=True,
        )


def _parts(body: Mapping[str, Tree]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield pointer, role and table of every part."""
    turns = [(f"/contents/{i}", content) for i, content in enumerate(_list(body.get("contents")))]
    for pointer, content in [*turns, ("/systemInstruction", body.get("systemInstruction"))]:
        for k, part in enumerate(_list(_table(content).get("parts"))):
            yield f"{pointer}/parts/{k}", str(_table(content).get("role", "user")), _table(part)


def _holders(body: Mapping[str, Tree]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield pointer and table of everything that can hold a file: parts, and those of a function's response."""
    for pointer, _, part in _parts(body):
        yield pointer, part
        for k, inner in enumerate(_list(_table(part.get("functionResponse")).get("parts"))):
            yield f"{pointer}/functionResponse/parts/{k}", _table(inner)


def _files(body: Mapping[str, Tree]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield pointer and table of every file that is sent inside the request."""
    for pointer, holder in _holders(body):
        if "inlineData" in holder:
            yield f"{pointer}/inlineData", _table(holder["inlineData"])


def _sizes(body: Mapping[str, Tree]) -> Iterator[Finding]:
    total, limit = 0, largest_request()
    for pointer, file in _files(body):
        data, before = file.get("data"), total
        if isinstance(data, Blob):
            total += -(-data.size // 3) * 4  # as base64
        elif isinstance(data, str):
            total += len(data)
        if before <= limit < total:
            yield Finding(
                fault=Fault.LIMIT,
                pointer=pointer,
                message=f"the files in the request take {total / _MEGABYTE:.0f} MB in base64 up to here",
                expected=f"at most {limit // _MEGABYTE} MB",
                help="send fewer or smaller files, or upload them and name their URIs",
            )


def _reference_images(body: Mapping[str, Tree], model: Model, most: int) -> Iterator[Finding]:
    """Yield the first picture too many: an error in one turn; a warning over a chat, whose turns may not all count."""
    turns: dict[str, list[str]] = {}
    for pointer, role, part in _parts(body):
        if role != "model" and any(_is_picture(part.get(field)) for field in ("inlineData", "fileData")):
            turns.setdefault(pointer.rpartition("/parts/")[0], []).append(pointer)
    alone = next((pictures for pictures in turns.values() if len(pictures) > most), None)
    pictures = alone or [pointer for pointers in turns.values() for pointer in pointers]
    if len(pictures) > most:
        where = "the request brings" if alone else "the turns bring"
        yield Finding(
            fault=Fault.LIMIT,
            pointer=pictures[most],
            message=f"{where} {len(pictures)} reference images, `{model.name}` takes {most}",
            expected=f"at most {most}",
            help="leave some out, or put several into one picture",
            severity=Severity.ERROR if alone else Severity.WARNING,
        )


def _is_picture(file: object) -> bool:
    return str(_table(file).get("mimeType", "")).startswith("image/")


def _json_schemas(body: Mapping[str, Tree]) -> Iterator[tuple[str, Any]]:
    """Yield pointer and value of everything that has to be a JSON Schema."""
    config = _table(body.get("generationConfig"))
    holders: list[tuple[str, Mapping[str, Any], tuple[str, ...]]] = [
        ("/generationConfig", config, ("responseJsonSchema", "_responseJsonSchema")),
        (
            "/generationConfig/responseFormat/text",
            _table(_table(config.get("responseFormat")).get("text")),
            ("schema",),
        ),
    ]
    for i, tool in enumerate(_list(body.get("tools"))):
        for k, function in enumerate(_list(_table(tool).get("functionDeclarations"))):
            pointer = f"/tools/{i}/functionDeclarations/{k}"
            holders.append((pointer, _table(function), ("parametersJsonSchema", "responseJsonSchema")))
    for pointer, holder, names in holders:
        yield from ((child(pointer, name), holder[name]) for name in names if holder.get(name) is not None)


def _media_type(pointer: str, file: Mapping[str, Any]) -> Iterator[Finding]:
    """Compare what is declared with the bytes; a blob was looked at when it was read."""
    declared, data = file.get("mimeType"), file.get("data")
    if not isinstance(declared, str) or not isinstance(data, str) or "/" not in declared:
        return
    try:
        head, tail = decode_base64(data[: _QUADS * 4]), decode_base64(data[-_QUADS * 4 :])
    except ValueError:
        return  # the canonical form has said so
    found, declared = sniff(head), declared.lower()
    if not data:
        yield _media(f"{pointer}/data", "the file is empty", "its bytes, in base64", "put the file's bytes here")
    elif found and _SAME_TYPE.get(found, found) != _SAME_TYPE.get(declared, declared):
        message = f"`{declared[:40]}` is declared, but the bytes are {found}"
        yield _media(f"{pointer}/mimeType", message, f"`{found}`", f"write `{found}`, or send the file that is meant")
    elif found is None and _SAME_TYPE.get(declared, declared) in _KNOWN_BY_BYTES:
        message = f"`{declared}` is declared, but the bytes show no picture"
        yield _media(f"{pointer}/data", message, f"a file of the type {declared}", "send the file that is meant")
    elif found and not whole(found, head, tail, len(data) // 4 * 3):
        yield _media(f"{pointer}/data", "the picture is cut short", "all of its bytes", "encode the file again")


def _media(pointer: str, message: str, expected: str, hint: str) -> Finding:
    return Finding(
        fault=Fault.MEDIA,
        pointer=pointer,
        message=message,
        expected=expected,
        help=hint,
        severity=Severity.WARNING,
    )


def _addresses(body: Mapping[str, Tree]) -> Iterator[Finding]:
    for pointer, holder in _holders(body):
        uri = _table(holder.get("fileData")).get("fileUri")
        if isinstance(uri, str) and not _ADDRESS.match(uri):
            message = f"`{uri[:40]}{'…' * (len(uri) > _SHOWN)}` is no address that the API could fetch"
            hint = "`inlineData` takes a file's bytes, and `{ image = … }` in a spec's `turns` a picture of the project"
            yield _media(f"{pointer}/fileData/fileUri", message, "a URI, such as one of the Files API", hint)


def _together(config: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield fields that don't go together (Google's guides to structured output and to thinking)."""
    schemas = [
        name for name in ("responseSchema", "responseJsonSchema", "_responseJsonSchema") if config.get(name) is not None
    ]
    if len(schemas) > 1:
        message = f"`{schemas[0]}` and `{schemas[1]}` both give the answer's form"
        yield _conflict(f"/generationConfig/{schemas[1]}", message, "keep one of them")
    elif schemas and "responseMimeType" not in config:
        message = f"`{schemas[0]}` gives the form of a JSON answer, but no JSON is asked for"
        yield _conflict(
            f"/generationConfig/{schemas[0]}", message, "add `responseMimeType`, with the value `application/json`"
        )
    thinking = _table(config.get("thinkingConfig"))
    if "thinkingLevel" in thinking and "thinkingBudget" in thinking:
        message = "`thinkingLevel` and `thinkingBudget` both say how much to think"
        yield _conflict("/generationConfig/thinkingConfig/thinkingBudget", message, "keep `thinkingLevel`")


def _conflict(pointer: str, message: str, hint: str) -> Finding:
    return Finding(
        fault=Fault.TOGETHER, pointer=pointer, message=message, help=hint, severity=Severity.WARNING, at_key=True
    )


def _without_effect(body: Mapping[str, Tree]) -> Iterator[Finding]:
    for pointer, _, part in _parts(body):
        if list(part) == ["videoMetadata"]:
            hint = "write it into the part that holds the video"
            yield _idle(pointer, "`videoMetadata` without a video does nothing", hint)
    for i, tool in enumerate(_list(body.get("tools"))):
        if tool == {}:
            yield _idle(f"/tools/{i}", "the tool is empty, so it offers nothing", "name a tool, or remove it")


def _idle(pointer: str, message: str, hint: str) -> Finding:
    return Finding(fault=Fault.EMPTY, pointer=pointer, message=message, help=hint, severity=Severity.WARNING)
