"""Two states of a project compared, as JSON: what `schema/diff.schema.json` says."""

from collections.abc import Mapping
from typing import Any

from promptc.blob import Blob
from promptc.pipeline.diff import CaseDifference, DiffResult, Side
from promptc.pipeline.results import CaseResult
from promptc.report.as_json import diagnostics, dumped, recording_word
from promptc.report.plan import estimate_table
from promptc.report.review_json import step_review
from promptc.review.difference import Edit, Group
from promptc.source import Span, shown
from promptc.tree import Tree

Sides = Mapping[str, tuple[int, int]]


def difference_json(found: DiffResult) -> str:
    """Return what differs, with whole values; files are as messages name them."""
    return dumped(
        {
            "good": found.good,
            "changed": found.changed,
            "old": _side(found.old),
            "new": _side(found.new),
            "met": list(found.met) if found.met else None,
            "cases": [_case(case, found.sides) for case in found.cases],
            "groups": [_group(group, found.sides) for group in found.groups],
            "unchanged": found.unchanged,
            "elsewhere": list(found.elsewhere),
            "estimate": estimate_table(found.estimate),
        }
    )


def _side(side: Side) -> dict[str, Any]:
    return {
        "name": side.name,
        "commit": side.commit,
        "broken": sorted(side.broken),
        "diagnostics": diagnostics(side.diagnostics),
    }


def _case(found: CaseDifference, sides: Sides) -> dict[str, Any]:
    pair = found.pair
    case = pair.new or pair.old
    return {
        "spec": case.spec if case else None,
        "case": case.name if case else None,
        "state": pair.state,
        "before": pair.old.id if pair.old else None,
        "now": pair.new.id if pair.new else None,
        "recording": {"before": _recording(found.before), "now": _recording(found.now)},
        "edits": [_edit(edit, sides) for edit in pair.edits],
        "answers": [step_review(step) for step in found.answers],
        "estimate": estimate_table(found.estimate) if found.estimate else None,
        "move": found.move,
        "left": found.left,
    }


def _recording(result: CaseResult | None) -> str | None:
    return recording_word(result.status.value) if result else None


def _group(group: Group, sides: Sides) -> dict[str, Any]:
    return {
        "old": _place(group.old_span),
        "new": _place(group.new_span),
        "cases": list(group.cases),
        "edits": [{**_edit(shared.edit, sides), "cases": list(shared.cases)} for shared in group.edits],
    }


def _edit(edit: Edit, sides: Sides) -> dict[str, Any]:
    return {
        "topic": edit.topic.value,
        "action": edit.action,
        "step": edit.step,
        "pointer": edit.pointer,
        "old": _value(edit.old, sides),
        "new": _value(edit.new, sides),
        "words": [{"mark": word.mark, "text": word.text} for word in edit.words],
        "oldPlace": _place(edit.old_span),
        "newPlace": _place(edit.new_span),
    }


def _value(value: Tree, sides: Sides) -> Any:
    """Return a value with its files as what is known of them."""
    if isinstance(value, Mapping):
        return {key: _value(item, sides) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_value(item, sides) for item in value]
    return _file(value, sides) if isinstance(value, Blob) else value


def _file(blob: Blob, sides: Sides) -> dict[str, Any]:
    width, height = sides.get(blob.sha256, (None, None))
    return {
        "file": shown(blob.path) if blob.path else None,
        "mediaType": blob.media_type,
        "width": width,
        "height": height,
        "size": blob.size,
        "sha256": blob.sha256,
    }


def _place(span: Span | None) -> dict[str, Any] | None:
    """Return where something is written; lines and columns count from 1, the end is excluded."""
    if span is None:
        return None
    return {
        "file": span.source.name,
        "line": span.line,
        "column": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
