"""What an answer's pictures are to look like: another picture, or not; blank; transparent."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import floor
from typing import Any

from promptc.blob import Blob
from promptc.errors import PromptcError
from promptc.response import Picture
from promptc.review.comparison import Comparison, compare
from promptc.review.evening import BLACK, WHITE, even
from promptc.review.inputs import inputs
from promptc.review.measures import BITS, spread
from promptc.review.pictures import measure
from promptc.review.verdict import Exchange, Verdict, quantity

_SIMILAR, _DIFFERENT = "similarTo", "differentFrom"
_THRESHOLDS: Mapping[str, Mapping[str, float]] = {
    _SIMILAR: {"ssim": 0.9, "phash": 0.85, "pixels": 1.0},
    _DIFFERENT: {"ssim": 0.95, "phash": 0.95, "pixels": 1.0},
}
"""How alike pictures are from which on they count as similar, where the spec does not say."""
_ONE_COLOUR = 16
"""How many of 256 levels the pixels of a blank picture may be apart: what a JPEG makes of one colour is."""
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reference:
    """A picture to compare with, read when it is needed."""

    name: str
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """One `similarTo` or `differentFrom`, read."""

    key: str
    what: str
    metric: str
    threshold: float

    @classmethod
    def of(cls, key: str, value: Any) -> "_Wanted":
        """Read a table, or what is short for one."""
        table: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
        words = ("input", "recording")
        word = value if value in words else next((word for word in words if word in table), "file")
        metric = table.get("metric", "ssim")
        return cls(key=key, what=word, metric=metric, threshold=table.get("threshold", _THRESHOLDS[key][metric]))

    @property
    def asked(self) -> str:
        """What is expected, in words."""
        similar = self.key == _SIMILAR
        if self.metric == "ssim":
            words = f"SSIM and colours of {self.threshold:g} or more"
            return words if similar else f"SSIM or colours below {self.threshold:g}"
        if self.metric == "phash":
            most = floor((1 - self.threshold) * BITS + _ROUNDING)
            return f"at most {most} of {BITS} bits apart" if similar else f"more than {most} of {BITS} bits apart"
        if self.threshold == 1:
            return "the same pixels" if similar else "other pixels"
        share = f"{100 * self.threshold:.3g} % of the pixels the same"
        return f"{share}, or more" if similar else f"less than {share}"

    def alike(self, found: Comparison) -> float:
        """Return how alike two pictures are: 1 is the same, 0 what has another shape."""
        if found.same_pixels:
            return 1.0
        if not found.same_shape:
            return 0.0
        if self.metric == "phash":
            return 1 - found.phash / BITS
        if self.metric == "pixels":
            seen = 1 - found.changed if found.old_sides == found.new_sides else 0.0
            return min(seen, 1 - 2 * _ROUNDING)  # what could not be seen whole is not the same
        return found.likeness


def likeness(exchange: Exchange) -> Iterator[Verdict]:
    """Judge what each picture looks like, where the spec says something of it; one that the model is to refuse is none."""
    if exchange.wants_refusal:
        return
    wanted = exchange.wanted("images")
    pictures = exchange.response.images
    for key, look in _LOOKS.items():
        if key not in wanted:
            continue
        if key == _SIMILAR and exchange.expect.guards_recording:
            yield from _beside_accepted(exchange, _Wanted.of(key, wanted[key]))
            continue
        if not pictures:
            yield exchange.verdict(f"images/{key}", passed=False, message="the answer has no image to look at")
        for number, picture in enumerate(pictures, start=1):
            if measure(picture.data) is not None:  # what can't be opened is told by itself
                yield look(exchange, key, picture, _where(exchange, number))


def _where(exchange: Exchange, number: int) -> str:
    return f"image {number}" if len(exchange.response.images) > 1 else "the image"


def _compared(exchange: Exchange, key: str, picture: Picture, where: str) -> Verdict:
    wanted = _Wanted.of(key, exchange.wanted("images")[key])
    try:
        return _nearest(exchange, wanted, picture, where, tuple(_references(exchange, wanted)))
    except (PromptcError, OSError) as error:
        message = f"{where} can't be compared: {error}"
        return exchange.verdict(f"images/{key}", passed=False, message=message)


def _references(exchange: Exchange, wanted: _Wanted) -> Iterator[_Reference]:
    """Yield what pictures are compared with: the request's own, or those of files."""
    if wanted.what == "input":
        for number, read in enumerate(inputs(exchange.request.body), start=1):
            yield _Reference(name=f"picture {number} of the request", read=read)
    for blob in exchange.expect.files.get(f"/images/{wanted.key}", ()):
        yield _Reference(name=f"`{_name(blob)}`", read=blob.read)


def _name(blob: Blob) -> str:
    return blob.path.name if blob.path else "data:…"


def _nearest(
    exchange: Exchange, wanted: _Wanted, picture: Picture, where: str, references: tuple[_Reference, ...]
) -> Verdict:
    """Judge by the picture that is most alike: to one of them an answer is similar, from all of them different."""
    pointer = f"images/{wanted.key}"
    if not references:
        message = f"{where} can't be compared: the request has no picture"
        return exchange.verdict(pointer, passed=False, message=message)
    best, name, found = -2.0, "", None
    for reference in references:
        comparison = compare(reference.read(), picture.data)
        if (alike := wanted.alike(comparison)) > best:
            best, name, found = alike, reference.name, comparison
    assert found  # noqa: S101 - there is a reference, and no two pictures are less alike than -1
    similar = best >= wanted.threshold - _ROUNDING
    passed = similar == (wanted.key == _SIMILAR)
    says = f"{'not ' * (not passed)}{'similar to' if wanted.key == _SIMILAR else 'different from'}"
    message = f"{where} is {says} {name}: {found.sentence}; expected {wanted.asked}"
    return exchange.verdict(pointer, passed=passed, message=message)


def _beside_accepted(exchange: Exchange, wanted: _Wanted) -> Iterator[Verdict]:
    """Compare each picture with the one of the same number in the accepted recording."""
    pictures, pointer = exchange.response.images, f"images/{wanted.key}"
    if exchange.accepted is None:
        message = "this answer is the first: there is no accepted recording to compare it with"
        yield exchange.verdict(pointer, passed=True, message=message)
        return
    try:
        accepted = exchange.accepted.pictures()
        if not len(accepted) == len(pictures) > 0:
            new, old = (quantity(len(each), "image") for each in (pictures, accepted))
            message = f"the answer has {new}, the accepted recording has {old}"
            yield replace(exchange.verdict(pointer, passed=False, message=message), holds_back=True)
            return
        for number, (picture, before) in enumerate(zip(pictures, accepted, strict=True), start=1):
            yield replace(_drift(exchange, wanted, picture, _where(exchange, number), before), holds_back=True)
    except (PromptcError, OSError) as error:
        message = f"the answer can't be compared with the accepted recording: {error}"
        yield replace(exchange.verdict(pointer, passed=False, message=message), holds_back=True)


def _drift(exchange: Exchange, wanted: _Wanted, picture: Picture, where: str, accepted: bytes) -> Verdict:
    if accepted == picture.data:
        message = f"{where} is the accepted recording itself"
        return exchange.verdict(f"images/{wanted.key}", passed=True, message=message)
    reference = _Reference(name="the accepted recording", read=lambda: accepted)
    return _nearest(exchange, wanted, picture, where, (reference,))


def _blank(exchange: Exchange, key: str, picture: Picture, where: str) -> Verdict:
    wanted = exchange.wanted("images")[key]
    try:
        seen = even(picture.data)
    except PromptcError as error:
        return exchange.verdict(f"images/{key}", passed=False, message=f"{where} {error}")
    apart = max(spread(seen.on(ground)) for ground in (BLACK, WHITE))
    blank = apart <= _ONE_COLOUR
    words = "one colour, or almost" if wanted else "more than one colour"
    message = f"{where} is {'blank' if blank else 'not blank'}: its pixels are {apart} of 255 levels apart"
    message = message if blank == wanted else f"{message}, expected {words}"
    return exchange.verdict(f"images/{key}", passed=blank == wanted, message=message)


def _transparent(exchange: Exchange, key: str, picture: Picture, where: str) -> Verdict:
    wanted = exchange.wanted("images")[key]
    try:
        transparent = even(picture.data).alpha is not None
    except PromptcError as error:
        return exchange.verdict(f"images/{key}", passed=False, message=f"{where} {error}")
    message = f"{where} {'has pixels that are not opaque' if transparent else 'is opaque'}"
    message = message if transparent == wanted else f"{message}, expected {'transparency' if wanted else 'none'}"
    return exchange.verdict(f"images/{key}", passed=transparent == wanted, message=message)


_LOOKS: Mapping[str, Callable[[Exchange, str, Picture, str], Verdict]] = {
    _SIMILAR: _compared,
    _DIFFERENT: _compared,
    "blank": _blank,
    "transparent": _transparent,
}
