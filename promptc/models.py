"""What promptc knows of the image models: ratios, sizes, tokens (Google's image generation guide)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import log, sqrt

from promptc.schema import load

_EDGE = {"512": 512, "1K": 1024, "2K": 2048, "4K": 4096}


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """An image model.

    `image_tokens` are output tokens per picture by size, `input_image_tokens` tokens per picture
    that is sent; `image_type` is the media type of its pictures.
    """

    name: str
    aspect_ratios: Sequence[str]
    image_tokens: Mapping[str, int]
    default_size: str
    input_image_tokens: int
    thinking: bool
    image_type: str


@cache
def _table() -> Mapping[str, Model]:
    models = {}
    for name, row in load("models")["models"].items():
        model = Model(
            name=name,
            aspect_ratios=row["aspectRatios"],
            image_tokens=row["imageTokens"],
            default_size=row["defaultSize"],
            input_image_tokens=row["inputImageTokens"],
            thinking=row["thinking"],
            image_type=row["imageType"],
        )
        models.update(dict.fromkeys((name, *row["names"]), model))
    return models


def find(name: str) -> Model | None:
    """Return the model of that name, preview names included; None where it is not known."""
    return _table().get(name)


def known_ratios() -> tuple[str, ...]:
    """Return every aspect ratio that some model draws."""
    return tuple(dict.fromkeys(ratio for model in _table().values() for ratio in model.aspect_ratios))


def pixels(ratio: str, size: str) -> tuple[int, int]:
    """Return width and height of a picture: the area of the size's square, edges in steps of 1/32."""
    edge = _EDGE[size]
    wide, high = ratio_value(ratio), 1 / ratio_value(ratio)
    step = edge // 32
    return round(edge * sqrt(wide) / step) * step, round(edge * sqrt(high) / step) * step


def edge(size: str) -> int:
    """Return the edge in pixels of a square picture of that size."""
    return _EDGE[size]


def ratio_value(ratio: str) -> float:
    """Return `16:9` as a number."""
    wide, _, high = ratio.partition(":")
    return int(wide) / int(high)


def nearest_ratio(width: int, height: int, ratios: Sequence[str]) -> str:
    """Return the ratio of the list that comes nearest to a picture's sides."""
    return min(ratios, key=lambda ratio: abs(log(width / height) - log(ratio_value(ratio))))
