"""Expectations that no answer can meet, or that can't be compared with one."""

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from promptc.findings import Fault, Finding
from promptc.json_schema import faults
from promptc.tree import Json, child

_POINTER = re.compile("(/([^~/]|~[01])*)*")
_STEPS = re.compile(r"\[(\d+)\]|\['([^']*)'\]|\.?([^.\[\]]+)")


def unmeetable(table: Mapping[str, Json]) -> Iterator[Finding]:
    """Yield what a schema of expectations can't see."""
    for kind, wanted in table.items():
        if isinstance(wanted, Mapping):
            yield from _bounds(f"/{kind}", wanted)
    text = table.get("text")
    if isinstance(text, Mapping):
        yield from _patterns(text)
        yield from _pointers(text.get("values"))
        if isinstance(text.get("jsonSchema"), Mapping):
            yield from faults(text["jsonSchema"], "/text/jsonSchema")
    if table.get("refused") is False:
        for rival in ("promptFeedback", "error"):
            if rival in table:
                message = f"`refused = false` and `{rival}` can't both be met"
                yield _wrong("/refused", message, hint="keep one of them")


def _bounds(pointer: str, wanted: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield numbers that can't be reached: `count`, `minCount` and `maxCount` are about one."""
    limits = {key: limit for key, limit in wanted.items() if type(limit) in {int, float}}
    names = {key[3:] for key in limits if re.match("(min|max)[A-Z]", key)}
    for name in sorted(names):
        exact = name[0].lower() + name[1:]
        for low, high in ((f"min{name}", f"max{name}"), (f"min{name}", exact), (exact, f"max{name}")):
            if low in limits and high in limits and limits[low] > limits[high]:
                message = f"`{low}` is {limits[low]} and `{high}` is {limits[high]}: nothing can be both"
                yield _wrong(child(pointer, high), message)


def _patterns(text: Mapping[str, Any]) -> Iterator[Finding]:
    for key in ("matches", "notMatches"):
        if isinstance(text.get(key), str) and (problem := _no_pattern(text[key])):
            yield _wrong(f"/text/{key}", f"`{key}` is no regular expression: {problem}")


def _no_pattern(pattern: str) -> str | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Python may read otherwise one day
            re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return str(error) or "it is nested too deeply"
    return None


def _pointers(values: object) -> Iterator[Finding]:
    for pointer in values if isinstance(values, Mapping) else ():
        if not _POINTER.fullmatch(pointer):
            message = f"`{pointer[:60]}` is no JSON pointer"
            meant = _meant(pointer)
            yield Finding(
                fault=Fault.VALUE,
                pointer=child("/text/values", pointer),
                message=message,
                expected="a JSON pointer (RFC 6901), as in `/items/0/name`",
                help=f"did you mean `{meant}`?" if meant else None,
                at_key=True,
            )


def _meant(path: str) -> str | None:
    """Return the pointer of a path as JSONPath or JavaScript write it."""
    path = path.removeprefix("$")
    if not path or "/" in path or re.fullmatch(f"({_STEPS.pattern})+", path) is None:
        return None
    steps: Sequence[tuple[str, ...]] = _STEPS.findall(path)
    pointer = ""
    for step in steps:
        pointer = child(pointer, "".join(step))
    return pointer


def _wrong(pointer: str, message: str, hint: str | None = None) -> Finding:
    return Finding(fault=Fault.VALUE, pointer=pointer, message=message, help=hint)
