"""Mistakes in values: wrong types, unknown words, numbers out of bounds, parts with two things or none."""

from collections.abc import Iterator
from typing import Any

from promptc.findings import Fault
from promptc.models import built_in
from promptc.schema import data_fields
from tests.mutations.mutation import TYPES, Mutation
from tests.mutations.walk import ROOT, Spot, pointer, put, spots

_VALUE = frozenset({Fault.VALUE})
_BOUNDS = frozenset({Fault.BOUNDS})
_WORD = frozenset({Fault.VALUE, Fault.BOUNDS})
_CHOICE = frozenset({Fault.CHOICE})

# what can't be read as a value of that type, however generous the reader
_WRONG: dict[str, tuple[Any, ...]] = {
    "string": (5, 0.5, True, {}, {"text": "x"}, ["x"], ["x", "y"]),
    "number": ("0.5", "x", True, {}, [1], [1, 2]),
    "integer": ("40", "", True, {}, [1], 1.5),
    "boolean": ("true", "", 1, 0, 1.0, {}, [True]),
    "object": ("x", "", 5, True, [{}], [], ["x"]),
}
_FORMS: dict[str, tuple[str, ...]] = {
    "bytes": ("a b!", "A", "YQ=YQ", "ä", "data:image/png;base64,AAAA", "AAAA\nA"),
    "duration": ("90", "s", "1m", "1.5.5s", "90 s", "1e3s", "PT90S", "", "1s\n"),
    "timestamp": (
        "2026-01-31",
        "yesterday",
        "2026-01-31 12:00:00Z",
        "2026-01-31T12:00:00",
        "2026-01-31T12:00Z",
        "",
        "2026-02-30T12:00:00Z",
        "2026-13-01T12:00:00Z",
        "2026-01-31T25:00:00Z",
        "2026-01-31T12:00:00+99:00",
    ),
    "int64": ("x", "1.5", "", "1e3", "0x10", " 1", "9223372036854775808", "1\n"),
}


def types(body: object) -> Iterator[Mutation]:
    """Put a value of every wrong type at every place."""
    for spot in spots(body):
        kind = spot.schema.get("type")
        if not spot.path or (spot.proto == "json" and kind is None):
            continue
        if kind == "array":
            yield from _lists(body, spot)
            continue
        if spot.is_message and isinstance(spot.value, dict):
            yield from _ignored(body, spot)
        for wrong in _WRONG[str(kind)]:
            if type(wrong) is int and (spot.proto == "int64" or spot.schema.get("x-numbered")):
                continue
            if isinstance(wrong, list) and _is_lone(spot):
                continue
            yield Mutation(
                what=f"{wrong!r} at {spot.pointer}",
                body=put(body, spot.path, wrong),
                pointer=spot.pointer,
                faults=TYPES,
            )


def _ignored(body: object, spot: Spot) -> Iterator[Mutation]:
    """Put a value of the wrong type where a field's value means nothing: it is still no value of the field."""
    for name in spot.schema.get("x-ignored", ()):
        for wrong in _WRONG[spot.known[name]["type"]]:
            path = (*spot.path, name)
            yield Mutation(
                what=f"{wrong!r} at {pointer(path)}",
                body=put(body, path, wrong),
                pointer=pointer(path),
                faults=TYPES,
            )


def _is_lone(spot: Spot) -> bool:
    """Say whether a lone value stands where a list is declared, so that a list may stand there too."""
    if spot.field is None:
        return False
    holder = ROOT if spot.home == "request" else ROOT["$defs"][spot.home]
    return bool(holder["properties"][spot.field].get("type") == "array")


def _lists(body: object, spot: Spot) -> Iterator[Mutation]:
    """Put what is no element into a list, and where the list stands."""
    kind = spot.schema["items"].get("type", "object")
    for wrong in _WRONG[kind]:
        if isinstance(wrong, list):
            continue
        yield Mutation(
            what=f"{wrong!r} for the list {spot.pointer}",
            body=put(body, spot.path, wrong),
            pointer=spot.pointer,
            faults=TYPES,
        )
    for wrong in (None, [spot.value], 5):
        index = len(spot.value)
        yield Mutation(
            what=f"{wrong!r} at the end of {spot.pointer}",
            body=put(body, spot.path, [*spot.value, wrong]),
            pointer=pointer((*spot.path, index)),
            faults=TYPES,
            also=(spot.pointer,),
        )


def words(body: object) -> Iterator[Mutation]:
    """Write what no enum knows, and what is none of proto3 JSON's forms."""
    for spot in spots(body):
        if spot.proto == "enum":
            word = str(spot.value)
            names = {str(name).lower() for name in spot.schema["enum"]}
            for wrong in ("NONSENSE", "", word[:-1], f"{word}S", f" {word}", word.replace("_", "-") + "-", "enum"):
                if wrong.lower() not in names:
                    yield _word(body, spot, wrong, _VALUE)
            if spot.schema.get("x-numbered"):
                for number in (-1, 99, 1.5):
                    yield _word(body, spot, number, _VALUE | TYPES)
        for wrong in _FORMS.get(spot.proto or "", ()):
            yield _word(body, spot, wrong, _WORD)
        if spot.field == "role":
            for wrong in ("assistant", "system", "User", "usr", " "):
                yield _word(body, spot, wrong, frozenset({Fault.ORDER}))


def _word(body: object, spot: Spot, wrong: Any, faults: frozenset[Fault]) -> Mutation:
    return Mutation(
        what=f"{wrong!r} at {spot.pointer}", body=put(body, spot.path, wrong), pointer=spot.pointer, faults=faults
    )


def bounds(body: object) -> Iterator[Mutation]:
    """Go beyond every bound by one, and far beyond."""
    for spot in spots(body):
        wrong: list[Any] = []
        if "minimum" in spot.schema:
            wrong += [spot.schema["minimum"] - 1, -1e300]
        if "maximum" in spot.schema:
            wrong += [spot.schema["maximum"] + 1, 1e300, float("inf")]
        if spot.field in {"aspectRatio", "imageSize"} and spot.proto is None:
            wrong += ["16x9", "1:0", "16:9 ", "1k", "512px", "0.5K", "", "4 K", "1K\n", "16:9\n"]
        if spot.field == "name" and spot.home == "FunctionDeclaration":
            wrong += ["", "find moths", "find/moths", "finde_männchen", "moths\n", "f" * 129]
        if "minItems" in spot.schema:
            wrong += [[]]
        if "maxItems" in spot.schema:
            wrong += [["x"] * (spot.schema["maxItems"] + 1)]
        if "minProperties" in spot.schema:
            wrong += [{}]
        for value in wrong:
            yield _word(body, spot, value, _BOUNDS | {Fault.ABILITY})


def parts(body: object) -> Iterator[Mutation]:
    """Put two things into a part, or none."""
    fields = data_fields()
    more: dict[str, Any] = {
        "text": "x",
        "inlineData": {"mimeType": "image/png", "data": ""},
        "fileData": {"fileUri": "x"},
        "functionCall": {"name": "f"},
        "functionResponse": {"name": "f", "response": {}},
    }
    nothings: tuple[dict[str, Any], ...] = (
        {},
        {"thought": True},
        {"thought_signature": "YQ=="},
        {"partMetadata": {}},
        {"text": None},
    )
    everything = spots(body)
    for spot in everything:
        if not {"text", "thought"} <= set(spot.known):
            continue
        present = {inner.field for inner in everything if inner.path[:-1] == spot.path}
        for field in fields:
            if field not in present:
                yield _part(body, spot, {**spot.value, field: more.get(field, {})})
        for nothing in nothings:
            yield _part(body, spot, nothing)


def files(body: object) -> Iterator[Mutation]:
    """Put two files into a part of a function's answer, or none."""
    inline, uploaded = {"mimeType": "image/png", "data": "AAAA"}, {"fileUri": "files/abc", "mimeType": "image/png"}
    for spot in spots(body):
        if "oneOf" in spot.schema and set(spot.known) == {"inlineData", "fileData"}:
            yield _part(body, spot, {})
            yield _part(body, spot, {"inline_data": None})
            yield _part(body, spot, {"inlineData": inline, "file_data": uploaded})


def _part(body: object, spot: Spot, value: Any) -> Mutation:
    return Mutation(
        what=f"{sorted(value)} in {spot.pointer}",
        body=put(body, spot.path, value),
        pointer=spot.pointer,
        faults=_CHOICE,
    )


def schemas(body: object) -> Iterator[Mutation]:
    """Write what is no JSON Schema where one belongs."""
    broken: tuple[tuple[Any, str], ...] = (
        ({"type": "strin"}, "/type"),
        ({"properties": {"a": {"type": 5}}}, "/properties/a/type"),
        ({"required": "a"}, "/required"),
        ("object", ""),
        ({"$ref": "#/$defs/none"}, "/$ref"),
    )
    for spot in spots(body):
        if spot.field in {"responseJsonSchema", "_responseJsonSchema", "parametersJsonSchema", "schema"}:
            for wrong, inside in broken:
                yield Mutation(
                    what=f"{wrong!r} at {spot.pointer}",
                    body=put(body, spot.path, wrong),
                    pointer=f"{spot.pointer}{inside}",
                    faults=frozenset({Fault.SCHEMA}),
                )


def abilities(body: object, name: str | None) -> Iterator[Mutation]:
    """Ask the model for what it does not do, though another does."""
    model = built_in().find(name or "")
    if model is None:
        return
    able = frozenset({Fault.ABILITY})
    for spot in spots(body):
        wrong: list[Any] = []
        match spot.field:
            case "aspectRatio" if spot.home == "ImageConfig":
                wrong = [ratio for ratio in ("1:4", "8:1", "7:5", "2:1") if ratio not in model.row["aspectRatios"]]
            case "imageSize" if spot.home == "ImageConfig":
                wrong = [size for size in ("512", "1K", "2K", "4K", "8K") if size not in model.row["imageSizes"]]
            case "thinkingLevel":
                wrong = ["LOW", "medium"]
            case "mimeType" if str(spot.value).startswith("image/"):
                wrong = ["image/gif", "image/avif", "image/bmp"]
        for value in wrong:
            yield _word(body, spot, value, able)
        if spot.field == "responseModalities" and isinstance(spot.value, list):
            for extra in ("AUDIO", "video"):
                path = (*spot.path, len(spot.value))
                yield Mutation(
                    what=f"{extra} of {name}",
                    body=put(body, spot.path, [*spot.value, extra]),
                    pointer=pointer(path),
                    faults=able,
                )
    for tool in ("codeExecution", "urlContext", "google_maps", "fileSearch", "computerUse"):
        yield Mutation(
            what=f"{tool} of {name}",
            body={**_table(body), "tools": [{tool: {}}]},
            pointer=f"/tools/0/{tool}",
            faults=able,
        )
    most = model.reference_images or 0
    picture = {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}
    yield Mutation(
        what=f"{most + 1} pictures for {name}",
        body={**_table(body), "contents": [{"parts": [*[picture] * (most + 1), {"text": "As one"}]}]},
        pointer=f"/contents/0/parts/{most}",
        faults=frozenset({Fault.LIMIT}),
    )


def _table(body: Any) -> dict[str, Any]:
    return dict(body)
