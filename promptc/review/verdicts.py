"""From an answer and what is expected of it to verdicts."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, cast

from promptc.container import MOST_PIXELS, too_many_pixels
from promptc.models import drawable, edge, find, known_ratios, nearest_ratio, ratio_value
from promptc.request import Expectation, Request
from promptc.response import Picture, Response
from promptc.review.json_text import is_json, plain_schema, schema_faults
from promptc.review.pictures import measure
from promptc.source import Span

_SIZE_TOLERANCE = 0.1
_RATIO_TOLERANCE = 0.05
_FLOORS = {"width", "height", "minWidth", "minHeight"}
_SHOWN = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether one expectation is met; `span` is where the spec states it, None for the defaults."""

    expectation: str
    passed: bool
    message: str
    span: Span | None = None


def judge(request: Request, response: Response) -> tuple[Verdict, ...]:
    """Return a verdict on everything that the request's spec expects, and on what goes without saying."""
    judge_ = _Judge(request, response, request.expect or Expectation())
    if request.expect is None and request.step < request.steps:
        return (judge_.finish_reason(),)  # on the way, only what the next step stands on
    return tuple(judge_.verdicts())


def expects_failure(request: Request) -> bool:
    """Say whether the spec wants an error or a blocked prompt, so that such an answer may be kept."""
    table = request.expect.table if request.expect else {}
    return "error" in table or "promptFeedback" in table


class _Judge:
    """Holds an answer beside its expectations."""

    def __init__(self, request: Request, response: Response, expect: Expectation) -> None:
        self.request = request
        self.response = response
        self.expect = expect
        self.table = cast("Mapping[str, Any]", expect.table)
        # what was sent counts, unchecked fields included
        self.asked = cast("Mapping[str, Any]", request.body.get("generationConfig", {}))

    def verdicts(self) -> Iterator[Verdict]:
        if "error" in self.table or self.response.error:
            yield from self._error()
            return
        if self.response.problem:
            yield self._say("answer", passed=False, message=self.response.problem)
            return
        yield from self._feedback()
        if self.response.block_reason is None:
            yield self.finish_reason()
            yield from self._text()
            yield from self._images()

    def _say(self, pointer: str, *, passed: bool, message: str) -> Verdict:
        place = self.expect.places.get(f"/{pointer}")
        name = pointer.replace("/", ".")
        return Verdict(expectation=name, passed=passed, message=message, span=place.span if place else None)

    def _error(self) -> Iterator[Verdict]:
        error, wanted = self.response.error, self.table.get("error")
        if error is None:
            yield self._say("error", passed=False, message="an error was expected, but the API answered")
        elif wanted is None:
            message = f"the API answered with an error: {error.sentence}"
            yield self._say("error", passed=False, message=message)
        else:
            got = {"status": error.status, "code": error.code}
            for key in ("status", "code"):
                if key in wanted:
                    passed = str(wanted[key]) == str(got[key])
                    yield self._say(f"error/{key}", passed=passed, message=f"{key} {_got(got[key])}")
            yield from self._contains("error/contains", wanted.get("contains", ()), error.message)
            if not wanted:
                yield self._say("error", passed=True, message=f"an error, {error.status}")

    def _feedback(self) -> Iterator[Verdict]:
        reason, wanted = self.response.block_reason, self.table.get("promptFeedback")
        if wanted is None:
            if reason is not None:
                yield self._say("promptFeedback", passed=False, message=f"the prompt was blocked: {reason}")
            return
        passed = reason is not None and wanted.get("blockReason", reason) == reason
        message = f"the prompt was {'blocked: ' + reason if reason else 'not blocked'}"
        yield self._say("promptFeedback", passed=passed, message=message)

    def finish_reason(self) -> Verdict:
        wanted: Sequence[str] = self.table.get("finishReason", ["STOP"])
        reason = self.response.finish_reason
        message = f"the answer ended with {reason or 'no reason'}, expected {' or '.join(wanted)}"
        return self._say("finishReason", passed=reason in wanted, message=message)

    def _text(self) -> Iterator[Verdict]:
        wanted: Mapping[str, Any] = self.table.get("text", {})
        text = self.response.text
        if "equals" in wanted:
            yield self._say("text/equals", passed=text == wanted["equals"], message=f"the text is {_got(text)}")
        yield from self._contains("text/contains", wanted.get("contains", ()), text)
        for word in wanted.get("notContains", ()):
            passed = word not in text
            yield self._say("text/notContains", passed=passed, message=f"the text has {'no ' * passed}`{word}`")
        if "matches" in wanted:
            passed = re.search(wanted["matches"], text) is not None
            message = f"the text {_got(text)} {'matches' if passed else 'does not match'} `{wanted['matches']}`"
            yield self._say("text/matches", passed=passed, message=message)
        if "json" in wanted:
            yield self._say("text/json", passed=is_json(text) == wanted["json"], message=f"the text is {_got(text)}")
        elif self.asked.get("responseMimeType") == "application/json":
            message = f"the request asked for JSON (responseMimeType), the text is {_got(text)}"
            yield self._say("text/json", passed=is_json(text), message=message)
        schema = self._asked_schema()
        if schema is not None and is_json(text):
            faults = schema_faults(text, schema)
            message = f"the text does not follow the schema that was asked for: {'; '.join(faults)}"
            message = message if faults else "the text follows the schema that was asked for"
            yield self._say("text/schema", passed=not faults, message=message)

    def _contains(self, pointer: str, words: Sequence[str], text: str) -> Iterator[Verdict]:
        for word in words:
            passed = word in text
            message = f"the text has `{word}`" if passed else f"the text has no `{word}`: it is {_got(text)}"
            yield self._say(pointer, passed=passed, message=message)

    def _images(self) -> Iterator[Verdict]:
        wanted: Mapping[str, Any] = self.table.get("images", {})
        images = self.response.images
        yield from self._count(wanted, len(images))
        for number, picture in enumerate(images, start=1):
            where = f"image {number}" if len(images) > 1 else "the image"
            yield from self._picture(wanted, picture, where)

    def _count(self, wanted: Mapping[str, Any], count: int) -> Iterator[Verdict]:
        have = f"{count or 'no'} image{'s' * (count != 1)}"
        for key, limit in wanted.items():
            if key in _COUNTS:
                holds, words = _COUNTS[key]
                message = f"the answer has {have}, expected {words.format(limit)}"
                yield self._say(f"images/{key}", passed=holds(count, limit), message=message)
        field = self._asked_for_a_picture()
        if field and not {"count", "minCount"} & wanted.keys():
            message = f"the answer has {have}; the request asked for one ({field})"
            yield self._say("images", passed=count > 0, message=message)

    def _picture(self, wanted: Mapping[str, Any], picture: Picture, where: str) -> Iterator[Verdict]:
        if "mediaType" in wanted:
            passed = picture.media_type == wanted["mediaType"]
            message = f"{where} is {picture.media_type}, expected {wanted['mediaType']}"
            yield self._say("images/mediaType", passed=passed, message=message)
        measured = measure(picture.data)
        config = self.asked.get("imageConfig")
        asked = drawable(config) if isinstance(config, Mapping) else {}
        if measured is None:
            message = f"{where} can't be opened: it is damaged, cut short, or no picture"
            yield self._say("images", passed=False, message=message)
            return
        width, height = measured
        if too_many_pixels(measured):
            message = f"{where} is {width}x{height}, promptc opens at most {MOST_PIXELS:,} pixels"
            yield self._say("images", passed=False, message=message)
            return
        yield from self._sides(wanted, width, height, where)
        yield from self._ratio(wanted.get("aspectRatio") or asked.get("aspectRatio"), width, height, where)
        if "imageSize" in asked and not _FLOORS & wanted.keys():
            yield self._size(asked["imageSize"], width, height, where)

    def _sides(self, wanted: Mapping[str, Any], width: int, height: int, where: str) -> Iterator[Verdict]:
        for key, limit in wanted.items():
            if key in _SIDES:
                holds, words = _SIDES[key]
                side = width if key.lower().endswith("width") else height
                name = "wide" if side is width and key.lower().endswith("width") else "high"
                message = f"{where} is {side} px {name}, expected {words.format(limit)}"
                yield self._say(f"images/{key}", passed=holds(side, limit), message=message)

    def _ratio(self, ratio: str | None, width: int, height: int, where: str) -> Iterator[Verdict]:
        """Compare with the nearest ratio that the model draws: real pictures are up to 1.6 % off."""
        if ratio is None:
            return
        model = find(self.request.model)
        ratios = dict.fromkeys([*(model.aspect_ratios if model else known_ratios()), ratio])
        nearest = nearest_ratio(width, height, list(ratios))
        close = abs(width / height / ratio_value(ratio) - 1) <= _RATIO_TOLERANCE
        same = ratio_value(nearest) == ratio_value(ratio)
        message = f"{where} is {width}x{height}, nearest to {nearest}, expected {ratio}"
        if same and not close:
            message = f"{where} is {width}x{height}, more than 5 % off {ratio}"
        yield self._say("images/aspectRatio", passed=same and close, message=message)

    def _size(self, size: str, width: int, height: int, where: str) -> Verdict:
        have = sqrt(width * height)
        passed = abs(have - edge(size)) <= _SIZE_TOLERANCE * edge(size)
        message = f"{where} is {width}x{height}, the request asked for {size} (about {edge(size)} px square)"
        return self._say("images/imageSize", passed=passed, message=message)

    def _asked_schema(self) -> Any:
        own = self.asked.get("responseSchema")
        return plain_schema(own) if own is not None else self.asked.get("responseJsonSchema")

    def _asked_for_a_picture(self) -> str | None:
        """Return the field that asks for a picture."""
        modalities = self.asked.get("responseModalities")
        if modalities is None:
            return "imageConfig" if self.asked.get("imageConfig") else None
        return "responseModalities" if "IMAGE" in modalities else None


_COUNTS: dict[str, tuple[Callable[[int, int], bool], str]] = {
    "count": (lambda count, limit: count == limit, "{}"),
    "minCount": (lambda count, limit: count >= limit, "at least {}"),
    "maxCount": (lambda count, limit: count <= limit, "at most {}"),
}
_SIDES: dict[str, tuple[Callable[[int, int], bool], str]] = {
    "width": (lambda side, limit: side == limit, "{} px"),
    "height": (lambda side, limit: side == limit, "{} px"),
    "minWidth": (lambda side, limit: side >= limit, "at least {} px"),
    "minHeight": (lambda side, limit: side >= limit, "at least {} px"),
    "maxWidth": (lambda side, limit: side <= limit, "at most {} px"),
    "maxHeight": (lambda side, limit: side <= limit, "at most {} px"),
}


def _got(value: object) -> str:
    text = " ".join(str(value).split())
    return f"`{text}`" if len(text) <= _SHOWN else f"`{text[: _SHOWN - 1]}…`"
