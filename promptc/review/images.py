"""What an answer's pictures are to be: how many, of which type, ratio and size."""

from collections.abc import Iterator, Mapping
from math import sqrt

from promptc.container import MOST_PIXELS, too_many_pixels
from promptc.models import drawable, edge, find, known_ratios, nearest_ratio, ratio_value
from promptc.response import Picture
from promptc.review.bounds import bounds
from promptc.review.pictures import measure
from promptc.review.verdict import Exchange, Verdict

_SIZE_TOLERANCE = 0.1
_RATIO_TOLERANCE = 0.05
_SIZED_BY = {"width", "height", "minWidth", "minHeight"}
"""Expectations that take the place of the size that was asked for."""


def images(exchange: Exchange) -> Iterator[Verdict]:
    """Judge the number of pictures, then each of them."""
    pictures = exchange.response.images
    yield from _count(exchange, len(pictures))
    for number, picture in enumerate(pictures, start=1):
        where = f"image {number}" if len(pictures) > 1 else "the image"
        yield from _type(exchange, picture, where)
        measured = measure(picture.data)
        if measured is None:
            message = f"{where} can't be opened: it is damaged, cut short, or no picture"
            yield exchange.verdict("images", passed=False, message=message)
        elif too_many_pixels(measured):
            message = f"{where} is {measured[0]}x{measured[1]}, promptc opens at most {MOST_PIXELS:,} pixels"
            yield exchange.verdict("images", passed=False, message=message)
        else:
            yield from _measures(exchange, *measured, where)


def _count(exchange: Exchange, count: int) -> Iterator[Verdict]:
    wanted = exchange.wanted("images")
    have = f"{count or 'no'} image{'s' * (count != 1)}"
    for bound in bounds(wanted, {"count"}):
        message = f"the answer has {have}, expected {bound.words}{bound.limit}"
        yield exchange.verdict(f"images/{bound.key}", passed=bound.met(count), message=message)
    field = _asked_for_a_picture(exchange)
    if field and not {"count", "minCount"} & wanted.keys():
        message = f"the answer has {have}; the request asked for one ({field})"
        yield exchange.verdict("images", passed=count > 0, message=message)


def _asked_for_a_picture(exchange: Exchange) -> str | None:
    """Return the field that asks for a picture."""
    modalities = exchange.asked.get("responseModalities")
    if modalities is None:
        return "imageConfig" if exchange.asked.get("imageConfig") else None
    return "responseModalities" if "IMAGE" in modalities else None


def _type(exchange: Exchange, picture: Picture, where: str) -> Iterator[Verdict]:
    wanted = exchange.wanted("images")
    if "mediaType" in wanted:
        passed = picture.media_type == wanted["mediaType"]
        message = f"{where} is {picture.media_type}, expected {wanted['mediaType']}"
        yield exchange.verdict("images/mediaType", passed=passed, message=message)


def _measures(exchange: Exchange, width: int, height: int, where: str) -> Iterator[Verdict]:
    wanted = exchange.wanted("images")
    config = exchange.asked.get("imageConfig")
    asked = drawable(config) if isinstance(config, Mapping) else {}
    sides = {"width": (width, "wide"), "height": (height, "high")}
    for bound in bounds(wanted, sides):
        side, word = sides[bound.name]
        message = f"{where} is {side} px {word}, expected {bound.words}{bound.limit} px"
        yield exchange.verdict(f"images/{bound.key}", passed=bound.met(side), message=message)
    yield from _ratio(exchange, wanted.get("aspectRatio") or asked.get("aspectRatio"), width, height, where)
    if "imageSize" in asked and not _SIZED_BY & wanted.keys():
        yield _size(exchange, asked["imageSize"], width, height, where)


def _ratio(exchange: Exchange, ratio: str | None, width: int, height: int, where: str) -> Iterator[Verdict]:
    """Compare with the nearest ratio that the model draws: real pictures are up to 1.6 % off."""
    if ratio is None:
        return
    model = find(exchange.request.model)
    ratios = dict.fromkeys([*(model.aspect_ratios if model else known_ratios()), ratio])
    nearest = nearest_ratio(width, height, list(ratios))
    close = abs(width / height / ratio_value(ratio) - 1) <= _RATIO_TOLERANCE
    same = ratio_value(nearest) == ratio_value(ratio)
    message = f"{where} is {width}x{height}, nearest to {nearest}, expected {ratio}"
    if same and not close:
        message = f"{where} is {width}x{height}, more than 5 % off {ratio}"
    yield exchange.verdict("images/aspectRatio", passed=same and close, message=message)


def _size(exchange: Exchange, size: str, width: int, height: int, where: str) -> Verdict:
    have = sqrt(width * height)
    passed = abs(have - edge(size)) <= _SIZE_TOLERANCE * edge(size)
    message = f"{where} is {width}x{height}, the request asked for {size} (about {edge(size)} px square)"
    return exchange.verdict("images/imageSize", passed=passed, message=message)
