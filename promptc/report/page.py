"""A run as one HTML page: pictures as thumbnails, texts, verdicts. It loads nothing from anywhere."""

import base64
from contextlib import suppress
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

from promptc import __version__, age
from promptc.errors import UsageError
from promptc.pipeline.results import CaseResult, SavedImage
from promptc.pipeline.run import RunResult
from promptc.pipeline.secrets import secrets_of
from promptc.report.provenance import ages, answers_from, target, versions
from promptc.report.style import plural
from promptc.review.pictures import PictureError, opened
from promptc.source import relative_to_root, shown

_THUMBNAIL = 480


def page(result: RunResult, folder: Path) -> str:
    """Return the page; links to full pictures are relative to `folder`."""
    cases = [_case(case, folder) for case in result.results]
    text: str = _template().render(
        cases=cases,
        diagnostics=result.diagnostics,
        good=result.good,
        count=plural(len(cases), "case"),
        bad=sum(not case.good for case in result.results),
        stand_ins=sum(case.emulator for case in result.results),
        origin=answers_from(case.provenance for case in result.results).strip(),
        today=age.written(age.now())[:10],
        root=result.project.root.name,
        version=__version__,
    )
    return text


def write_page(result: RunResult, path: Path) -> None:
    """Write the page, whole or not at all; raises SecretFoundError, and UsageError where it can't be written."""
    text = page(result, path.parent)
    secrets_of(result.project).refuse(shown(path), text)
    temporary = path.with_name(path.name + ".tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, encoding="utf-8", newline="")
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        msg = f"`{shown(path)}` was not written: {error.strerror or error}; choose another place with -o"
        raise UsageError(msg) from None


def _case(case: CaseResult, folder: Path) -> dict[str, Any]:
    steps = [
        {
            "step": step.step,
            "text": step.text,
            "error": step.error,
            "fingerprint": step.fingerprint,
            "finish_reason": step.finish_reason or step.block_reason or "-",
            "model_version": step.model_version or "-",
            "tokens": step.usage.get("totalTokenCount", "-"),
            "images": [_image(image, folder) for image in step.images],
            "verdicts": step.verdicts,
        }
        for step in case.steps
    ]
    return {
        "id": case.id,
        "status": case.status.value,
        "good": case.good,
        "origin": _origin(case),
        "result": case,
        "steps": steps,
    }


def _origin(case: CaseResult) -> str:
    """Say where a case's answers come from: the target, the models, when and how old they were then."""
    recording = case.provenance
    if recording is None:
        return "not recorded"
    span = ages([recording])
    when = f"recorded {recording.recorded_at}, {span} before this page" if span else "recorded nobody knows when"
    return ", ".join([target(recording), *versions(recording), when])


def _image(image: SavedImage, folder: Path) -> dict[str, Any]:
    sides = f"{image.width} x {image.height}" if image.width else "can't be opened"
    link = quote(relative_to_root(image.file, folder)) if image.file else None
    caption = f"{sides}, {image.media_type}, {image.size:,} bytes"
    return {"link": link, "thumbnail": _thumbnail(image.file), "caption": caption, "thought": image.thought}


def _thumbnail(path: Path | None) -> str | None:
    """Return a small picture as a data URI, None where it can't be opened."""
    if path is None:
        return None
    try:
        with opened(path.read_bytes()) as picture:
            picture.draft("RGB", (_THUMBNAIL, _THUMBNAIL))
            small = picture.convert("RGB")
            small.thumbnail((_THUMBNAIL, _THUMBNAIL))
    except (OSError, PictureError):
        return None
    out = BytesIO()
    small.save(out, "JPEG", quality=82)
    return f"data:image/jpeg;base64,{base64.b64encode(out.getvalue()).decode('ascii')}"


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415 - only pages pay for it

    source = (Path(__file__).parent / "page.html.j2").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(source)
