"""Answers as a page shows them: one, or the old and the new with their pictures in pairs."""

from collections.abc import Iterable, Iterator, Sequence

from promptc.cost import Prices, cost, dollars
from promptc.cost import tokens as counted
from promptc.files import DISK, Files
from promptc.models import Model
from promptc.pipeline.results import SavedImage, StepResult
from promptc.pipeline.review import PicturePair, StepReview
from promptc.report.page.gallery import Gallery
from promptc.report.page.model import Answer, Asked, Check, Pair, Row, Step, Stretch
from promptc.report.review import tokens
from promptc.review.text_diff import text_diff
from promptc.review.words import words

_BY_WORDS = 40_000
"""The characters of two texts that are compared word by word."""


def answered(step: StepResult, asked: Asked | None, gallery: Gallery, model: Model | None, files: Files = DISK) -> Step:
    """Return a step with its one answer, whose pictures are read among these files."""
    pairs = (
        Pair(number=number, old=None, new=gallery.answer(image, f"Picture {number} of the answer", files))
        for number, image in enumerate(step.images, start=1)
    )
    return Step(
        number=step.step,
        asked=asked,
        answers=(_answer("Answer", step, model),),
        pairs=tuple(pairs),
    )


def compared(
    step: StepReview,
    asked: Asked | None,
    gallery: Gallery,
    model: Model | None,
    *,
    old: Files = DISK,
    new: Files = DISK,
) -> Step:
    """Return a step with its old and its new answer, whose pictures are read among these files."""
    sides = [("Old", step.old), ("New", step.new)]
    before, after = (side.text if side else "" for _, side in sides)
    differs = step.old and step.new and before != after
    return Step(
        number=step.step,
        asked=asked,
        answers=tuple(_answer(label, side, model) for label, side in sides if side),
        pairs=tuple(_pair(pair, gallery, (old, new)) for pair in step.pictures),
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


def unanswered(number: int, asked: Asked) -> Step:
    """Return a step that has no answer that counts."""
    return Step(number=number, asked=asked, answers=(), pairs=(), note="No answer counts for this request.")


def images_of(steps: Iterable[StepReview | StepResult]) -> Iterator[SavedImage]:
    """Yield the pictures of answers, for whoever counts them."""
    for step in steps:
        for side in (step.old, step.new) if isinstance(step, StepReview) else (step,):
            yield from side.images if side else ()


def _pair(pair: PicturePair, gallery: Gallery, files: Sequence[Files]) -> Pair:
    old, new = (
        gallery.answer(image, f"Picture {pair.number} of the {label} answer", among) if image else None
        for label, image, among in zip(("old", "new"), (pair.old, pair.new), files, strict=True)
    )
    comparison, drawn = pair.comparison, None
    if pair.old and pair.new and comparison and not comparison.same_pixels:
        drawn = gallery.difference(pair.old, pair.new, files)
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
