"""Answers as a page shows them: one, or the old and the new with their pictures in pairs."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from promptc.cost import Prices, cost, dollars
from promptc.cost import tokens as counted
from promptc.models import Model, Models
from promptc.pipeline.results import SavedImage, StepResult
from promptc.pipeline.review import PicturePair, StepReview
from promptc.report.page.asked import asked
from promptc.report.page.gallery import Gallery
from promptc.report.page.model import Answer, Asked, Check, Pair, Row, Step, Stretch
from promptc.report.review import tokens
from promptc.request import Request
from promptc.review.text_diff import text_diff
from promptc.review.words import words

_NO_ANSWER = "No answer counts for this request."
_BY_WORDS = 40_000
"""The characters of two texts that are compared word by word."""


def case_steps(
    requests: Sequence[Request],
    answers: Sequence[StepReview | StepResult],
    gallery: Gallery,
    models: Models,
) -> Iterator[Step]:
    """Yield each request with its answer, with an old and a new one, or with none; of both, there may be more."""
    for number, (request, answer) in enumerate(zip_longest(requests, answers), start=1):
        readable = asked(request, gallery, requests[number - 2] if number > 1 else None) if request else None
        model = models.find(request.model) if request else None
        if isinstance(answer, StepReview):
            yield _compared(answer, readable, gallery, model)
        elif answer:
            yield _answered(answer, readable, gallery, model)
        else:
            yield Step(number=number, asked=readable, answers=(), pairs=(), note=_NO_ANSWER)


def _answered(step: StepResult, asked: Asked | None, gallery: Gallery, model: Model | None) -> Step:
    """Return a step with its one answer."""
    pairs = (
        Pair(number=number, old=None, new=gallery.answer(image, f"Picture {number} of the answer"))
        for number, image in enumerate(step.images, start=1)
    )
    return Step(
        number=step.step,
        asked=asked,
        answers=(_answer("Answer", step, model),),
        pairs=tuple(pairs),
    )


def _compared(step: StepReview, asked: Asked | None, gallery: Gallery, model: Model | None) -> Step:
    """Return a step with its old and its new answer."""
    sides = [("Old", step.old), ("New", step.new)]
    before, after = (side.text if side else "" for _, side in sides)
    differs = step.old and step.new and before != after
    return Step(
        number=step.step,
        asked=asked,
        answers=tuple(_answer(label, side, model) for label, side in sides if side),
        pairs=tuple(_pair(pair, gallery) for pair in step.pictures),
        changes=tuple(change.sentence.removeprefix("body.") for change in step.changes),
        text=tuple(_stretches(before, after)) if differs else (),
    )


def _stretches(old: str, new: str) -> Iterator[Stretch]:
    """Yield two texts as one, word by word; long ones line by line."""
    if len(old) + len(new) <= _BY_WORDS:
        yield from (Stretch(mark=word.mark, text=word.text) for word in words(old, new))
    else:
        lines = text_diff(old, new, context=None, width=None)
        yield from (Stretch(mark=one.mark, text=f"{one.text}\n") for one in lines)


def images_of(answers: Iterable[StepReview | StepResult]) -> Iterator[SavedImage]:
    """Yield the pictures of answers, for whoever counts them."""
    for step in answers:
        for side in (step.old, step.new) if isinstance(step, StepReview) else (step,):
            yield from side.images if side else ()


def _pair(pair: PicturePair, gallery: Gallery) -> Pair:
    old, new = (
        gallery.answer(image, f"Picture {pair.number} of the {label} answer") if image else None
        for label, image in (("old", pair.old), ("new", pair.new))
    )
    comparison, drawn = pair.comparison, None
    if pair.old and pair.new and comparison and not comparison.same_pixels:
        drawn = gallery.difference(pair.old, pair.new)
    told = (comparison.figures, *comparison.notes) if comparison else ()
    return Pair(number=pair.number, old=old, new=new, difference=drawn, told=(*told, *filter(None, [pair.problem])))


def _answer(label: str, step: StepResult, model: Model | None) -> Answer:
    return Answer(
        label=label,
        text=step.text,
        error=step.error,
        facts=tuple(_facts(step, model)),
        checks=tuple(
            Check(passed=verdict.passed, message=verdict.message, place=verdict.span.place if verdict.span else "")
            for verdict in step.verdicts
        ),
    )


def _facts(step: StepResult, model: Model | None) -> Iterator[Row]:
    yield Row(name="ended with", value=step.block_reason or step.finish_reason or "no reason")
    if step.model_version:
        yield Row(name="model", value=step.model_version)
    if used := tokens(step):
        yield Row(name="tokens", value=used)
    count = counted(step.usage, text=bool(step.text), pictures=bool(step.images))
    prices = Prices.of(model)
    price = cost(count, prices) if count and prices else None
    if price is not None:
        yield Row(name="cost", value=dollars(price))
