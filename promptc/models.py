"""What promptc knows of the image models: `schema/models.json`, and what a project adds to it.

Each row of the table says where its facts are from; a key that a row lacks is not restricted.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from math import log, sqrt
from typing import Any

from promptc.findings import Fault, Finding
from promptc.schema import DIALECT, check, check_against, load
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


_QUOTED = re.compile("`([^`]+)`")
_RATIO = re.compile("([1-9][0-9]{0,3}):([1-9][0-9]{0,3})")
_SIZE = re.compile("512|[1-9][0-9]?K")
_SIZE_LIKE = re.compile(r"([0-9]{1,5}(?:\.[0-9])?) ?(?:([kK])|px)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model by one of its names; `row` holds its facts as `schema/models.json` spells them.

    `retired` is the date from which Google answers no more under this name (ISO 8601).
    """

    name: str
    row: Mapping[str, Any] = field(repr=False)
    retired: str | None = None
    successor: str | None = None

    @property
    def aspect_ratios(self) -> Sequence[str]:
        """The ratios that it draws, such as `16:9`."""
        ratios: Sequence[str] = self.row.get("aspectRatios") or known_ratios()
        return ratios

    @property
    def modalities(self) -> Sequence[str]:
        """What its answers hold; without a word on it, what image models give."""
        modalities: Sequence[str] = self.row.get("modalities", ("TEXT", "IMAGE"))
        return modalities

    @property
    def image_tokens(self) -> Mapping[str, int]:
        """Output tokens for a picture, by size."""
        tokens: Mapping[str, int] = self.row.get("imageTokens", {})
        return tokens

    @property
    def image_sizes(self) -> Sequence[str]:
        """The sizes that a request may name."""
        sizes: Sequence[str] = self.row.get("imageSizes", ())
        return sizes

    @property
    def default_size(self) -> str:
        """The size of its pictures where a request names none."""
        return str(self.row.get("defaultSize", "1K"))

    @property
    def input_image_tokens(self) -> int:
        """Input tokens for a picture that is sent."""
        return int(self.row.get("inputImageTokens", 0))

    @property
    def thinking(self) -> bool:
        """Whether it thinks."""
        return self.row.get("thinkingLevels") != []

    @property
    def image_type(self) -> str:
        """The media type of its pictures."""
        return str(self.row.get("imageType", "image/png"))

    @property
    def reference_images(self) -> int | None:
        """How many pictures a request may bring along; None where that is not known."""
        return self.row.get("referenceImages")


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """The models that a project knows, by name."""

    by_name: Mapping[str, Model]

    def find(self, name: str) -> Model | None:
        """Return the model of that name, preview names included; None where it is not known."""
        return self.by_name.get(name)

    def with_row(self, name: str, row: Mapping[str, Any]) -> "Models":
        """Add a model, or change a known one; `like` names the one whose facts the row starts from.

        Raises KeyError for a `like` that is not known.
        """
        base = self.by_name[row["like"]] if "like" in row else self.by_name.get(name)
        facts = {**(base.row if base else {}), **{key: value for key, value in row.items() if key != "like"}}
        same = base if "like" not in row else None  # another model's retirement says nothing of this one
        model = Model(
            name=name,
            row=facts,
            retired=row.get("retired", same and same.retired),
            successor=row.get("successor", same and same.successor),
        )
        return Models(by_name={**self.by_name, name: model})


@cache
def built_in() -> Models:
    """Return the models of `schema/models.json`."""
    made = {}
    for main, row in load("models")["models"].items():
        for name, dates in {main: row, **row["names"]}.items():
            made[name] = Model(name=name, row=row, retired=dates.get("retired"), successor=dates.get("successor"))
    return Models(by_name=made)


def find(name: str) -> Model | None:
    """Return the built-in model of that name, preview names included; None where it is not known."""
    return built_in().find(name)


def largest_request() -> int:
    """Return how many bytes a request may have, with all its files inside it."""
    return int(load("models")["inline"]["requestBytes"])


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
            else _none(f"`{name}` does not think, so it takes no `thinkingConfig`")
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
    """Restrict pictures only: what else a model reads is not in the table."""
    allowed = {"enum": list(row["inputTypes"]), "x-kind": f"picture type that `{name}` reads"}
    kind = {"properties": {"mimeType": {"if": {"pattern": "^image/"}, "then": allowed}}}
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
        finding.pointer: replace(finding, fault=Fault.ABILITY, help=_nearest(finding, model) or finding.help)
        for finding in check_against(abilities(model), body)
    }
    # where the model's list says it, the API's pattern need not; where a name or type is wrong, the list is no help
    found = tuple(finding for finding in found if finding.fault is not Fault.BOUNDS or finding.pointer not in unable)
    wrong = {finding.pointer for finding in found}
    return (*found, *(finding for pointer, finding in unable.items() if pointer not in wrong))


def _nearest(finding: Finding, model: Model) -> str | None:
    """Say which of the model's ratios or sizes comes nearest to the one that it does not have."""
    word = _QUOTED.match(finding.message)
    field = last(finding.pointer)
    if field == "aspectRatio" and word and (sides := _RATIO.fullmatch(word[1])):
        wanted = log(int(sides[1]) / int(sides[2]))
        near = sorted(model.aspect_ratios, key=lambda ratio: abs(log(ratio_value(ratio)) - wanted))[:2]
        return f"the nearest are {' and '.join(f'`{ratio}`' for ratio in near)}"
    if field == "mimeType":
        return "save the picture as PNG, JPEG or WebP"
    if field == "imageSize" and word and len(model.row["imageSizes"]) > 1 and (size := _SIZE_LIKE.fullmatch(word[1])):
        pixels = float(size[1]) * (1024 if size[2] else 1) or 1
        near = sorted(model.row["imageSizes"], key=lambda known: abs(log(edge(known) / pixels)))[:1]
        return f"the nearest is `{near[0]}`"
    return None


def known_ratios() -> tuple[str, ...]:
    """Return every aspect ratio that some model draws."""
    rows = load("models")["models"].values()
    return tuple(dict.fromkeys(ratio for row in rows for ratio in row["aspectRatios"]))


def pixels(ratio: str, size: str) -> tuple[int, int]:
    """Return width and height of a picture: the area of the size's square, edges in steps of 1/32."""
    whole = edge(size)
    wide, high = ratio_value(ratio), 1 / ratio_value(ratio)
    step = whole // 32
    return round(whole * sqrt(wide) / step) * step, round(whole * sqrt(high) / step) * step


def drawable(config: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the ratio and size of an imageConfig as far as they mean something: `[unchecked]` takes anything."""
    forms = {"aspectRatio": _RATIO, "imageSize": _SIZE}
    return {
        field: config[field]
        for field, form in forms.items()
        if isinstance(config.get(field), str) and form.fullmatch(config[field])
    }


def edge(size: str) -> int:
    """Return the edge in pixels of a square picture of that size: `512`, or thousands as in `4K`."""
    return 1024 * int(size.removesuffix("K")) if size.endswith("K") else int(size)


def sides(ratio: str) -> tuple[int, int]:
    """Return the two numbers of `16:9`."""
    wide, _, high = ratio.partition(":")
    return int(wide), int(high)


def ratio_value(ratio: str) -> float:
    """Return `16:9` as a number."""
    wide, high = sides(ratio)
    return wide / high


def nearest_ratio(width: int, height: int, ratios: Sequence[str]) -> str:
    """Return the ratio of the list that comes nearest to a picture's sides."""
    return min(ratios, key=lambda ratio: abs(log(width / height) - log(ratio_value(ratio))))
