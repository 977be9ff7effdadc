"""What an answer's pictures are to be: how many, of which type, ratio and size."""

from collections.abc import Iterator, Mapping
from math import sqrt

from promptc.container import too_many_pixels
from promptc.models import drawable, edge, known_ratios, nearest_ratio, ratio_value
from promptc.response import Picture
from promptc.review.bounds import bounds
from promptc.review.pictures import measure, unopened
from promptc.review.verdict import Exchange, Verdict, quantity

_SIZE_TOLERANCE = 0.1
_RATIO_TOLERANCE = 0.05
_ANY = "any"
_NUMBERS = {"count", "minCount", "maxCount"}
"""Expectations that are not about each picture."""
_SIZED_BY = {"width", "height", "minWidth", "minHeight"}
"""Expectations that take the place of the size that was asked for."""


def images(exchange: Exchange) -> Iterator[Verdict]:
    """Judge the number of pictures, then each of them; one that the model is to refuse is none."""
    if exchange.wants_refusal:
        return
    pictures = exchange.response.images
    yield from _count(exchange, len(pictures))
    for number, picture in enumerate(pictures, start=1):
        where = f"image {number}" if len(pictures) > 1 else "the image"
        yield from _file(exchange, picture, where)
        measured = measure(picture.data)
        if measured is None or too_many_pixels(measured):
            yield exchange.verdict("images", passed=False, message=f"{where} {unopened(measured)}")
        else:
            yield from _measures(exchange, *measured, where)


def _count(exchange: Exchange, count: int) -> Iterator[Verdict]:
    wanted = exchange.wanted("images")
    have = quantity(count, "image")
    for bound in bounds(wanted, {"count"}):
        message = f"the answer has {have}, expected {bound.words}{bound.limit}"
        yield exchange.verdict(f"images/{bound.key}", passed=bound.met(count), message=message)
    if {"count", "minCount"} & wanted.keys():
        return
    about = [key for key in wanted if key not in _NUMBERS and wanted[key] != _ANY]
    if field := exchange.asked_for_a_picture:
        message = f"the answer has {have}; the request asked for one ({field})"
        yield exchange.verdict("images", passed=count > 0, message=message, asked=field)
    elif about and not count and wanted.get("maxCount") != 0:
        message = f"the answer has {have}; `{about[0]}` expects one"
        yield exchange.verdict("images", passed=False, message=message, at=f"images/{about[0]}")


def _file(exchange: Exchange, picture: Picture, where: str) -> Iterator[Verdict]:
    wanted = exchange.wanted("images")
    if types := wanted.get("mediaType"):
        message = f"{where} is {picture.media_type}, expected {' or '.join(types)}"
        yield exchange.verdict("images/mediaType", passed=picture.media_type in types, message=message)
    for bound in bounds(wanted, {"bytes"}):
        message = f"{where} has {len(picture.data):,} bytes, expected {bound.words}{bound.limit:,}"
        yield exchange.verdict(f"images/{bound.key}", passed=bound.met(len(picture.data)), message=message)


def _measures(exchange: Exchange, width: int, height: int, where: str) -> Iterator[Verdict]:
    wanted = exchange.wanted("images")
    config = exchange.asked.get("imageConfig")
    asked = drawable(config) if isinstance(config, Mapping) else {}
    sides = {"width": (width, "wide"), "height": (height, "high")}
    for bound in bounds(wanted, sides):
        side, word = sides[bound.name]
        message = f"{where} is {side} px {word}, expected {bound.words}{bound.limit} px"
        yield exchange.verdict(f"images/{bound.key}", passed=bound.met(side), message=message)
    said = f"{where} is {width}x{height}"
    yield from _ratio(exchange, wanted.get("aspectRatio", asked.get("aspectRatio", _ANY)), width, height, said)
    implied = _ANY if _SIZED_BY & wanted.keys() else asked.get("imageSize", _ANY)
    size = wanted.get("imageSize", implied)
    if size != _ANY:
        who = "expected" if "imageSize" in wanted else "the request asked for"
        passed = abs(sqrt(width * height) - edge(size)) <= _SIZE_TOLERANCE * edge(size)
        message = f"{said}, {who} {size} (about {edge(size)} px square)"
        yield exchange.verdict("images/imageSize", passed=passed, message=message, asked="imageConfig/imageSize")


def _ratio(exchange: Exchange, ratio: str, width: int, height: int, said: str) -> Iterator[Verdict]:
    """Compare with the nearest ratio that the model draws: real pictures are up to 1.6 % off."""
    tolerance = exchange.wanted("images").get("ratioTolerance")
    if ratio == _ANY:
        if tolerance is not None:
            message = f"{said}, but no ratio is expected that it could be off"
            yield exchange.verdict("images/ratioTolerance", passed=False, message=message)
        return
    off = abs(width / height / ratio_value(ratio) - 1)
    if tolerance is not None:
        message = f"{said}, {off * 100:.1f} % off {ratio}, expected at most {tolerance * 100:.3g} %"
        yield exchange.verdict("images/ratioTolerance", passed=off <= tolerance, message=message)
        return
    ratios = dict.fromkeys([*(exchange.model.aspect_ratios if exchange.model else known_ratios()), ratio])
    nearest = nearest_ratio(width, height, list(ratios))
    message = f"{said}, nearest to {nearest}, expected {ratio}"
    same = ratio_value(nearest) == ratio_value(ratio)
    if same and off > _RATIO_TOLERANCE:
        message = f"{said}, {off * 100:.1f} % off {ratio}, expected at most {_RATIO_TOLERANCE * 100:.3g} %"
    passed = same and off <= _RATIO_TOLERANCE
    yield exchange.verdict("images/aspectRatio", passed=passed, message=message, asked="imageConfig/aspectRatio")
