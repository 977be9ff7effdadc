"""What no schema can say about a request: rules across several fields, and about the bytes of files.

Bodies come in canonical form; what has the wrong type is the schema's to say and is passed over here.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from promptc.blob import HEAD, Blob, sniff
from promptc.canonical import decode_base64
from promptc.diagnostics import Severity, did_you_mean, one_of
from promptc.findings import Fault, Finding
from promptc.json_schema import faults
from promptc.models import Model, largest_request
from promptc.tree import Tree, child

ROLES = ("user", "model", "function")
_OTHER_WORDS = {"assistant": "model", "ai": "model", "bot": "model", "human": "user", "tool": "function"}
_MEGABYTE = 1_000_000
_SAME_TYPE = {"image/jpg": "image/jpeg", "image/heif": "image/heic", "audio/x-wav": "audio/wav"}


def semantics(body: Mapping[str, Tree], model: Model | None) -> Iterator[Finding]:
    """Yield what is wrong with a canonical request beyond its shape."""
    yield from _roles(_list(body.get("contents")))
    yield from _modality(_table(body.get("generationConfig")))
    yield from _sizes(body)
    if model and model.reference_images is not None:
        yield from _reference_images(body, model, model.reference_images)
    for pointer, schema in _json_schemas(body):
        yield from faults(schema, pointer)
    for pointer, file in _files(body):
        yield from _media_type(pointer, file)
    yield from _without_effect(body)


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _roles(contents: Sequence[Any]) -> Iterator[Finding]:
    roles = [_table(content).get("role", "user") for content in contents]
    for i, role in enumerate(roles):
        if isinstance(role, str) and role not in ROLES:
            yield _unknown_role(role, f"/contents/{i}/role")
    if roles[:1] == ["model"]:
        hint = "let the user speak first; what the model shall know from the start stands in `systemInstruction`"
        yield _turn(0, "the first turn is the model's, but a conversation starts with the user", hint)
    if roles[-1:] == ["model"]:
        hint = "add a turn of the user's, or remove this one"
        yield _turn(len(roles) - 1, "the last turn is the model's, so nothing is asked", hint)


def _unknown_role(role: str, pointer: str) -> Finding:
    hint: str | None
    if role == "system":
        hint = "what the system says stands in `systemInstruction`"
    elif role.lower() in _OTHER_WORDS:
        hint = f"the API's word is `{_OTHER_WORDS[role.lower()]}`"
    else:
        hint = did_you_mean(role, ROLES)
    message = f"`{role[:40]}` is no role"
    return Finding(fault=Fault.ORDER, pointer=pointer, message=message, expected=one_of(ROLES), help=hint)


def _turn(index: int, message: str, hint: str) -> Finding:
    return Finding(
        fault=Fault.ORDER, pointer=f"/contents/{index}", message=message, help=hint, severity=Severity.WARNING
    )


def _modality(config: Mapping[str, Any]) -> Iterator[Finding]:
    modalities = _list(config.get("responseModalities"))
    if config.get("imageConfig") and modalities and "IMAGE" not in modalities:
        yield Finding(
            fault=Fault.MODALITY,
            pointer="/generationConfig/imageConfig",
            message="`imageConfig` shapes a picture, but `responseModalities` asks for none",
            expected="`IMAGE` among the modalities",
            help='write `responseModalities = ["TEXT", "IMAGE"]`, or remove `imageConfig`',
            severity=Severity.WARNING,
            at_key=True,
        )


def _parts(body: Mapping[str, Tree]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield pointer, role and table of every part."""
    turns = [(f"/contents/{i}", content) for i, content in enumerate(_list(body.get("contents")))]
    for pointer, content in [*turns, ("/systemInstruction", body.get("systemInstruction"))]:
        for k, part in enumerate(_list(_table(content).get("parts"))):
            yield f"{pointer}/parts/{k}", str(_table(content).get("role", "user")), _table(part)


def _files(body: Mapping[str, Tree]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield pointer and table of every file that is sent inside the request."""
    for pointer, _, part in _parts(body):
        if "inlineData" in part:
            yield f"{pointer}/inlineData", _table(part["inlineData"])
        inner = _list(_table(part.get("functionResponse")).get("parts"))
        for k, item in enumerate(inner):
            if "inlineData" in _table(item):
                yield f"{pointer}/functionResponse/parts/{k}/inlineData", _table(item["inlineData"])


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
    pictures = [
        pointer
        for pointer, role, part in _parts(body)
        if role != "model" and any(_is_picture(part.get(field)) for field in ("inlineData", "fileData"))
    ]
    if len(pictures) > most:
        yield Finding(
            fault=Fault.LIMIT,
            pointer=pictures[most],
            message=f"the request brings {len(pictures)} reference images, `{model.name}` takes {most}",
            expected=f"at most {most}",
            help="leave some out, or put several into one picture",
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
    declared, data = file.get("mimeType"), file.get("data")
    if not isinstance(declared, str):
        return
    found = data.media_type if isinstance(data, Blob) else _sniffed(data)
    if found and _SAME_TYPE.get(found, found) != _SAME_TYPE.get(declared, declared):
        yield Finding(
            fault=Fault.MEDIA,
            pointer=f"{pointer}/mimeType",
            message=f"`{declared[:40]}` is declared, but the bytes are {found}",
            expected=f"`{found}`",
            help=f"write `{found}`, or send the file that is meant",
            severity=Severity.WARNING,
        )


def _sniffed(data: object) -> str | None:
    """Return the media type that the first bytes of base64 show."""
    if not isinstance(data, str):
        return None
    try:
        return sniff(decode_base64(data[: HEAD * 4]))
    except ValueError:
        return None  # the canonical form has said so


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
