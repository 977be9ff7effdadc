"""What promptc knows of the image models: `schema/models.json`, and what a project adds to it.

Each row of the table says where its facts are from; a key that a row lacks is not restricted.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from math import log, sqrt
from typing import Any

from promptc.schema import load


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
        others = {  # a name for the same model, such as a preview's
            other: replace(self.by_name[other], row=facts)
            for other in (base.row.get("names", ()) if same and base else ())
            if base and self.by_name[other].row is base.row
        }
        return Models(by_name={**self.by_name, **others, name: model})


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
    fields = load("request.schema")["$defs"]["ImageConfig"]["properties"]
    return {
        name: config[name]
        for name in ("aspectRatio", "imageSize")
        if isinstance(config.get(name), str) and re.fullmatch(fields[name]["pattern"], config[name])
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
