"""What a model takes of a request: from the table's facts to constraints, findings and advice."""

import re
from collections.abc import Mapping
from dataclasses import replace
from math import log
from typing import Any

from promptc.findings import Fault, Finding
from promptc.models import Model, built_in, edge, ratio_value
from promptc.schema import DIALECT, check, check_against
from promptc.tree import Json, last

REQUEST = "request.schema"
_BUILT_IN_TOOLS = (
    "codeExecution",
    "computerUse",
    "fileSearch",
    "googleMaps",
    "googleSearch",
    "googleSearchRetrieval",
    "urlContext",
)
_KEYS = {
    "aspectRatio": "aspectRatios",
    "imageSize": "imageSizes",
    "mimeType": "inputTypes",
    "responseModalities": "modalities",
    "thinkingConfig": "thinkingLevels",
    "tools": "tools",
}
"""Field → the key of the table that it is about."""
_THINKS = {
    "anyOf": [
        {"required": ["thinkingLevel"]},
        {"required": ["includeThoughts"], "properties": {"includeThoughts": {"const": True}}},
        {"required": ["thinkingBudget"], "properties": {"thinkingBudget": {"not": {"const": 0}}}},
    ]
}
"""What asks for thinking; clients send `thinkingBudget` 0 to ask for none."""
_QUOTED = re.compile("`([^`]+)`")
_RATIO_LIKE = re.compile("([1-9][0-9]{0,4})[:x/]([1-9][0-9]{0,4})")
_SIZE_LIKE = re.compile(r"([0-9]{1,5}(?:\.[0-9])?) ?(?:([kK])|px|p|x[0-9]{1,5})?")


def abilities(model: Model) -> dict[str, Any]:
    """Return what the model takes of a request, as the constraints of a JSON Schema."""
    row, name = model.row, model.name
    config: dict[str, Any] = {}
    picture: dict[str, Any] = {}
    if "aspectRatios" in row:
        picture["aspectRatio"] = {"enum": list(row["aspectRatios"]), "x-kind": f"aspect ratio of `{name}`"}
    if "imageSizes" in row:
        picture["imageSize"] = (
            {"enum": list(row["imageSizes"]), "x-kind": f"image size of `{name}`"}
            if row["imageSizes"]
            else _none(f"`{name}` takes no `imageSize`: its pictures have one size")
        )
    if picture:
        config["imageConfig"] = {"properties": picture}
    if "modalities" in row:
        items = {"enum": list(row["modalities"]), "x-kind": f"modality of `{name}`"}
        config["responseModalities"] = {"items": items}
    if "thinkingLevels" in row:
        levels = {"enum": list(row["thinkingLevels"]), "x-kind": f"thinking level of `{name}`"}
        config["thinkingConfig"] = (
            {"properties": {"thinkingLevel": levels}}
            if row["thinkingLevels"]
            else {"not": _THINKS, "x-why": f"`{name}` does not think, so it takes no `thinkingConfig`"}
        )
    properties: dict[str, Any] = {"generationConfig": {"properties": config}}
    if "tools" in row:
        properties["tools"] = {"items": {"properties": _tools(row, name)}}
    if "inputTypes" in row:
        properties["contents"] = _contents(_input(row, name))
    return {"properties": properties}


def _tools(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    has = f": of the built-in tools it has {' and '.join(f'`{tool}`' for tool in row['tools']) or 'none'}"
    tools = {tool: _none(f"`{name}` takes no `{tool}`{has}") for tool in _BUILT_IN_TOOLS if tool not in row["tools"]}
    kinds = {kind: _none(f"`{name}` has no `{kind}`") for kind in ("webSearch", "imageSearch")}
    missing = {kind: said for kind, said in kinds.items() if kind not in row.get("searchTypes", kinds)}
    if "googleSearch" not in tools and missing:
        tools["googleSearch"] = {"properties": {"searchTypes": {"properties": missing}}}
    return tools


def _input(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Restrict pictures only: what else a model reads is not in the table. `image/jpg` is a JPEG by a nickname."""
    allowed = {"enum": list(row["inputTypes"]), "x-kind": f"picture type that `{name}` reads"}
    kind = {"properties": {"mimeType": {"if": {"pattern": "^image/(?!jpg$)"}, "then": allowed}}}
    return {"items": {"properties": {"inlineData": kind, "fileData": kind}}}


def _contents(parts: Mapping[str, Any]) -> dict[str, Any]:
    return {"items": {"properties": {"parts": parts}}}


def _none(why: str) -> dict[str, Any]:
    return {"not": {}, "x-why": why}


def capability_schema(model: Model) -> dict[str, Any]:
    """Return the model's JSON Schema: the API's request, and what this model takes of it.

    It counts the reference images of one turn; promptc itself counts those of all turns.
    """
    own = abilities(model)
    if model.reference_images is not None:
        picture = {"properties": {"inlineData": {"properties": {"mimeType": {"pattern": "^image/"}}}}}
        parts = own["properties"].setdefault("contents", _contents({}))["items"]["properties"]["parts"]
        parts |= {
            "contains": {**picture, "required": ["inlineData"]},
            "minContains": 0,
            "maxContains": model.reference_images,
        }
    return {
        "$schema": DIALECT,
        "$id": f"models/{model.name}.schema.json",
        "title": f"The body of a generateContent request to {model.name}",
        "allOf": [{"$ref": f"../{REQUEST}.json"}],
        **own,
    }


def check_request(body: Json, model: Model | None) -> tuple[Finding, ...]:
    """Return what the API's schema and the model's abilities say against a canonical body."""
    found = check(body, REQUEST)
    if model is None:
        return found
    unable = {
        finding.pointer: replace(finding, fault=Fault.ABILITY, help=_advice(finding, body, model))
        for finding in check_against(abilities(model), body)
    }
    # where the model's list says it, the API's pattern need not; where a name or type is wrong, the list is no help
    found = tuple(finding for finding in found if finding.fault is not Fault.BOUNDS or finding.pointer not in unable)
    wrong = {finding.pointer for finding in found}
    return (*found, *(finding for pointer, finding in unable.items() if pointer not in wrong))


def _advice(finding: Finding, body: Json, model: Model) -> str | None:
    """Say what the model has instead, and which other models take the value as it is."""
    key = next((_KEYS[token] for token in finding.pointer.split("/") if token in _KEYS), None)
    if key == "inputTypes":
        return "save the picture as PNG, JPEG or WebP"
    others = [
        f"`{other.name}`"
        for other in built_in().by_name.values()
        if not other.retired and key in other.row and _takes(other, finding.pointer, body)
    ]
    advice = [_nearest(finding, model) or finding.help]
    if others:
        named = ", ".join(others[:-1]) + " and " * (len(others) > 1) + others[-1]
        advice.append(f"{named} take{'s' if len(others) == 1 else ''} it")
    return "; ".join(filter(None, advice)) or None


def _takes(model: Model, pointer: str, body: Json) -> bool:
    """Say whether a model has nothing against the value at a place, nor against what holds it."""
    found = check_against(abilities(model), body)
    return not any(f"{pointer}/".startswith(f"{finding.pointer}/") for finding in found)


def _nearest(finding: Finding, model: Model) -> str | None:
    """Say which of the model's ratios or sizes comes nearest to the one that it does not have."""
    word = _QUOTED.match(finding.message)
    field = last(finding.pointer)
    if field == "aspectRatio" and word and (ratio_like := _RATIO_LIKE.fullmatch(word[1])):
        wanted = log(int(ratio_like[1]) / int(ratio_like[2]))
        near = sorted(model.aspect_ratios, key=lambda ratio: abs(log(ratio_value(ratio)) - wanted))[:2]
        return f"the nearest are {' and '.join(f'`{ratio}`' for ratio in near)}"
    if field == "imageSize" and word and model.image_sizes and (size := _SIZE_LIKE.fullmatch(word[1])):
        pixels = float(size[1]) * (1024 if size[2] else 1) or 1
        return f"the nearest is `{min(model.image_sizes, key=lambda known: abs(log(edge(known) / pixels)))}`"
    return None
