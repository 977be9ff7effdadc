"""Reviews as JSON, for programs."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from promptc.diagnostics import Diagnostic
from promptc.pipeline.output import origin, step_table
from promptc.pipeline.results import StepResult
from promptc.pipeline.review import PicturePair, Review, StepReview
from promptc.report.as_json import diagnostic_table, diagnostics, dumped
from promptc.schema import camel_case
from promptc.source import shown


def review_json(reviews: Iterable[Review], found: Iterable[Diagnostic]) -> str:
    """Return the answers that wait beside the old ones, as values; files are as messages name them."""
    return dumped({"cases": [_case(one) for one in reviews], "diagnostics": diagnostics(found)})


def _case(found: Review) -> dict[str, Any]:
    waiting = found.waiting
    return {
        "spec": waiting.spec,
        "case": waiting.case,
        "state": waiting.state,
        "problem": diagnostic_table(waiting.problem) if waiting.problem else None,
        "old": origin(found.old) if found.old else None,
        "noOld": found.no_old,
        "new": origin(waiting.provenance) if waiting.provenance else None,
        "files": [shown(file) for file in waiting.files],
        "steps": [step_review(step) for step in found.steps],
    }


def step_review(step: StepReview) -> dict[str, Any]:
    """Return a step's two answers, and how they differ."""
    return {
        "step": step.step,
        "same": step.same,
        "changes": [{"pointer": change.pointer, "old": change.old, "new": change.new} for change in step.changes],
        "old": _side(step.old),
        "new": _side(step.new),
        "pictures": [_pair(pair) for pair in step.pictures],
        "unmet": diagnostics(step.unmet),
    }


def _side(step: StepResult | None) -> dict[str, object] | None:
    return step_table(step, Path.cwd()) if step else None


def _pair(pair: PicturePair) -> dict[str, Any]:
    """Return how two pictures differ; the pictures themselves are the answers' own, by their number."""
    figures = asdict(pair.comparison) if pair.comparison else {}
    return {
        "number": pair.number,
        "comparison": {camel_case(name): value for name, value in figures.items()} or None,
        "problem": pair.problem,
    }
