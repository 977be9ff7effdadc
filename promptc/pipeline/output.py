"""What a run leaves in its output folder: pictures, texts, `result.json`."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from promptc.blob import HEAD, extension
from promptc.errors import SecretFoundError
from promptc.pipeline.results import CaseResult, SavedImage, StepResult
from promptc.replay.provenance import Provenance
from promptc.replay.secrets import Secrets
from promptc.response import Response
from promptc.review.pictures import measure
from promptc.review.verdict import Verdict
from promptc.source import relative_to_root, shown

_RESULT = "result.json"
_OWN = re.compile(rf"\d+(?:\.\d+\.[a-z0-9]+|\.txt)|{re.escape(_RESULT)}")


def describe(response: Response) -> tuple[SavedImage, ...]:
    """Return what there is to say about an answer's pictures, the ones that count."""
    found = []
    for picture in response.images:
        sides = measure(picture.data)
        found.append(
            SavedImage(
                media_type=picture.media_type,
                width=sides[0] if sides else None,
                height=sides[1] if sides else None,
                size=len(picture.data),
                sha256=hashlib.sha256(picture.data).hexdigest(),
                thought=picture.thought,
            )
        )
    return tuple(found)


def save(folder: Path, result: CaseResult, responses: Sequence[Response], secrets: Secrets) -> CaseResult:
    """Write what a run leaves, in the place of what an earlier one left; raises OSError, SecretFoundError.

    Returns the result with its files. Everything is searched before anything is written.
    """
    steps = [_placed(folder, step, response) for step, response in zip(result.steps, responses, strict=True)]
    result = replace(result, steps=tuple(steps), output=folder)
    text = json.dumps(as_json(result, folder), ensure_ascii=False, indent=2) + "\n"
    _clear(folder)
    _refuse(result, responses, text, secrets)
    folder.mkdir(parents=True, exist_ok=True)
    for step, response in zip(steps, responses, strict=True):
        for image, picture in zip(step.images, response.images, strict=True):
            if image.file:
                image.file.write_bytes(picture.data)
        if step.text_file:
            step.text_file.write_text(step.text, encoding="utf-8", errors="replace", newline="")
    (folder / _RESULT).write_text(text, encoding="utf-8", errors="replace", newline="")
    return result


def _refuse(result: CaseResult, responses: Sequence[Response], text: str, secrets: Secrets) -> None:
    """Raise SecretFoundError where a file would hold a secret; `text` is what `result.json` would hold."""
    contents: list[tuple[str, str | bytes]] = [(_RESULT, text)]
    for step, response in zip(result.steps, responses, strict=True):
        contents.append((step.text_file.name if step.text_file else "", response.text))
        pictures = zip(step.images, response.images, strict=True)
        contents += [(image.file.name, picture.data) for image, picture in pictures if image.file]
    for name, content in contents:
        if held := secrets.find(content):
            msg = f"`{name}` would hold {held}; nothing was written to `{shown(result.output or Path())}`"
            raise SecretFoundError(msg)


def _placed(folder: Path, step: StepResult, response: Response) -> StepResult:
    """Return a step with the files in which its pictures and its text go."""
    images = []
    for number, (image, picture) in enumerate(zip(step.images, response.images, strict=True), start=1):
        file = folder / f"{step.step}.{number}.{extension(picture.data[:HEAD])}"
        images.append(replace(image, file=file))
    return replace(step, images=tuple(images), text_file=folder / f"{step.step}.txt" if step.text else None)


def _clear(folder: Path) -> None:
    """Remove what an earlier run left, by the word of its `result.json`: other files there are the user's own."""
    try:
        result = json.loads((folder / _RESULT).read_bytes())
        rows = [row for step in result["steps"] for row in (*step["images"], {"file": f"{step['step']}.txt"})]
        names = [row["file"] for row in rows]
    except (FileNotFoundError, NotADirectoryError, ValueError, LookupError, TypeError):  # there is none of ours
        return
    for name in (*names, _RESULT):
        if isinstance(name, str) and _OWN.fullmatch(name):
            (folder / name).unlink(missing_ok=True)


def as_json(result: CaseResult, folder: Path | None = None) -> dict[str, object]:
    """Return a result as JSON; files are relative to `folder` where it is given."""
    return {
        "spec": result.spec,
        "case": result.case,
        "status": result.status.value,
        **origin(result.provenance),
        "asked": result.asked,
        "pending": result.waits,
        "reason": result.reason,
        "steps": [step_table(step, folder) for step in result.steps],
        "diagnostics": [
            {"code": d.code, "severity": d.severity.value, "message": d.message, "place": d.place}
            for d in result.diagnostics
        ],
    }


def origin(recording: Provenance | None) -> dict[str, object]:
    """Return where a case's answers come from, as JSON."""
    return {
        "target": recording.target if recording else None,
        "emulator": bool(recording and recording.emulator),
        "recordedAt": recording.recorded_at if recording else None,
        "modelVersions": list(recording.model_versions) if recording else [],
    }


def step_table(step: StepResult, folder: Path | None) -> dict[str, object]:
    """Return a step's answer as JSON; files are relative to `folder` where it is given."""
    return {
        "step": step.step,
        "fingerprint": step.fingerprint,
        "finishReason": step.finish_reason,
        "blockReason": step.block_reason,
        "error": step.error,
        "modelVersion": step.model_version,
        "usage": step.usage,
        "text": step.text,
        "images": [
            {
                "file": _name(image.file, folder),
                "mediaType": image.media_type,
                "width": image.width,
                "height": image.height,
                "size": image.size,
                "sha256": image.sha256,
                "thought": image.thought,
            }
            for image in step.images
        ],
        "verdicts": [_verdict(verdict) for verdict in step.verdicts],
    }


def _verdict(verdict: Verdict) -> dict[str, object]:
    return {
        "expectation": verdict.expectation,
        "passed": verdict.passed,
        "message": verdict.message,
        "place": verdict.span.place if verdict.span else None,
    }


def _name(path: Path | None, folder: Path | None) -> str | None:
    if path is None:
        return None
    return relative_to_root(path, folder) if folder else path.as_posix()
