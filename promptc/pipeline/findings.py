"""What goes wrong with a case, as diagnostics: from the spec's line to the command that mends it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from promptc import age
from promptc.config import EMULATOR
from promptc.diagnostics import Diagnostic, Severity
from promptc.errors import CassetteError
from promptc.files import DISK
from promptc.pipeline.results import StepResult
from promptc.pipeline.unit import Unit
from promptc.replay.misplaced import command, misplaced
from promptc.replay.modes import RecordMode
from promptc.replay.recording import Recording
from promptc.request import Request
from promptc.response import Response
from promptc.review.verdicts import expects_block, expects_error
from promptc.source import shown

KEPT = "nothing was written; the old recording, if there was one, is untouched"
_BLOCKED = (
    "a block is kept only where it is expected: say `refused = true` or `promptFeedback` in `[expect]`, or change the "
    "prompt"
)
_LONGEST_TYPE = 80
_SKEW = timedelta(days=1)
"""How far another machine's clock may be ahead."""
_UNSETTLED = {"P503", "P510", "P511", "P512", "P513"}


def unsettled(diagnostics: Iterable[Diagnostic]) -> bool:
    """Say whether a recording looks as it may look while somebody writes it."""
    return any(diagnostic.code in _UNSETTLED for diagnostic in diagnostics)


def about(unit: Unit, code: str, message: str, hint: str | None = None) -> Diagnostic:
    """Return an error about the whole case; what the API or a library said is redacted."""
    message = unit.endpoint.secrets.redact(message)
    return Diagnostic(code=code, message=message, span=unit.case.span, subject=unit.case.id, help=hint)


def pending(unit: Unit) -> Diagnostic:
    """Say that a new answer waits."""
    here = unit.argument
    return Diagnostic(
        code="P505",
        message=f"a new answer of `{unit.case.id}` waits to be accepted",
        file=unit.shown(unit.store.pending),
        subject=unit.case.id,
        help=f"`promptc review {here}` shows it beside the old one, `promptc accept {here}` makes it the truth, "
        f"`promptc reject {here}` removes it",
    )


def unseen(unit: Unit) -> Diagnostic:
    """Say that the answer that waits, or the old one, is not the one that somebody has looked at."""
    return Diagnostic(
        code="P505",
        message=f"the answers of `{unit.case.id}` are not those that were shown: somebody has changed them since",
        file=unit.shown(unit.store.pending),
        subject=unit.case.id,
        help="nothing was done: look at the new ones first",
    )


def expired(unit: Unit, recording: Recording | None) -> Diagnostic | None:
    """Say that a recording is older than the project allows; None where it isn't, or may be of any age."""
    limit = unit.project.max_age
    if limit is None or recording is None:
        return None
    oldest = recording.provenance.oldest
    if oldest and age.now() - oldest <= limit and oldest <= age.now() + _SKEW:
        return None
    when = f"its oldest answer is from {age.written(oldest)}" if oldest else "nobody knows when it was made"
    waits = f"`promptc accept {unit.argument}` if the answer that waits is good; else "
    again = record_command(unit, recording, "--all", "--accept")
    every = again.removesuffix(unit.argument) + f"--before {age.short(limit)}"
    return Diagnostic(
        code="P515",
        message=f"the recording of `{unit.case.id}` is expired: {when}, and `max_age` is {age.told(limit)}",
        file=unit.shown(unit.store.accepted),
        subject=unit.case.id,
        help=(waits if unit.store.waits else "")
        + f"`{again}` asks again and keeps the new answer; `{every}` does so for all that are too old",
    )


def outdated(unit: Unit) -> Diagnostic:
    """Say that the answer that waits is not one to today's request, so that it can't become the truth."""
    return Diagnostic(
        code="P501",
        message=f"the answer of `{unit.case.id}` that waits is stale: the request has changed since",
        file=unit.shown(unit.store.pending),
        subject=unit.case.id,
        help=f"`promptc reject {unit.argument}` removes it; where the recording is stale too, `promptc record` asks again",
    )


def refused(unit: Unit, request: Request, response: Response) -> Diagnostic | None:
    """Say why an answer can't be kept, or why the next step can't go on from it; None for a good one."""
    where = step_name(unit, request.step)
    if response.problem:
        return about(unit, "P602", f"{where}: {_named(response.problem, response.request_id)}", KEPT)
    if response.error and not expects_error(request):
        error = response.error
        return about(unit, "P702", f"{where}: the API refused: {_named(error.sentence, error.request_id)}", KEPT)
    if incomplete := _incomplete(request, response):
        return about(unit, "P602", f"{where}: {incomplete}", KEPT)
    if request.step < request.steps and response.reply is None:
        why = response.block_reason or response.finish_reason or "the answer has no content"
        return about(unit, "P603", f"`{unit.case.id}` is blocked at step {request.step}: {why}")
    if response.block_reason and not expects_block(request):
        hint = _BLOCKED if unit.mode is RecordMode.NONE else f"nothing was kept: {_BLOCKED}"
        return about(unit, "P603", f"{where}: the prompt was blocked: {response.block_reason}", hint)
    return None


def _incomplete(request: Request, response: Response) -> str | None:
    """Say why an answer with status 200 is none; an answer without content that says why is one."""
    if response.error or response.block_reason or response.finish_reason:
        return None
    if not response.parts:
        return "; ".join(response.notes) or "the answer has no content"
    if request.method == "streamGenerateContent":
        return "the stream ended without a reason, so its end is missing"
    return None


def _named(sentence: str, request_id: str | None) -> str:
    """Add how the API names the request, for whoever asks its support, where the sentence doesn't say it."""
    return f"{sentence} (request id {request_id})" if request_id and request_id not in sentence else sentence


def not_written(unit: Unit, error: OSError, path: Path, hint: str) -> Diagnostic:
    """Say that a file, or else `path`, could not be written."""
    where = shown(Path(error.filename) if error.filename else path)
    return about(unit, "P509", f"`{where}` was not written: {error.strerror or error}", hint)


def oddities(unit: Unit, response: Response) -> Iterator[Diagnostic]:
    """Say what was odd about an answer that could be read."""
    found = [("P602", note) for note in response.notes]
    if response.only_thoughts:
        found.append(("P604", "the only picture came as a thought; it was used"))
    for declared, is_really in dict.fromkeys((p.declared, p.media_type) for p in response.pictures if p.mislabelled):
        said = unit.endpoint.secrets.redact(declared)[:_LONGEST_TYPE] or "nothing"
        found.append(("P605", f"a picture is declared as {said}, but its bytes are {is_really}; it is kept as such"))
    for code, note in found:
        yield Diagnostic(
            code=code,
            severity=Severity.WARNING,
            message=unit.endpoint.secrets.redact(f"`{unit.case.id}`: {note}"),
            span=unit.case.span,
            subject=unit.case.id,
        )


def unmet(unit: Unit, step: StepResult) -> Iterator[Diagnostic]:
    """Say which expectations an answer does not meet."""
    for verdict in step.verdicts:
        if not verdict.passed:
            yield Diagnostic(
                code="P601",
                message=f"{step_name(unit, step.step)}: {verdict.message}",
                span=verdict.span or unit.case.span,
                subject=unit.case.id,
                expected=None if verdict.span else f"what goes without saying: `{verdict.expectation}`",
                help=f"look at both; `promptc accept {unit.argument}` makes the new answer the truth all the same"
                if verdict.holds_back
                else None,
            )


def step_name(unit: Unit, step: int) -> str:
    """Name a case, and the step where it has several."""
    return f"`{unit.case.id}`, step {step}" if len(unit.case.requests) > 1 else f"`{unit.case.id}`"


def misnamed(unit: Unit, file: str, recording: Recording) -> Diagnostic:
    """Say that a file beside a cassette is not the one that its name stands for."""
    return Diagnostic(
        code="P510",
        severity=Severity.WARNING,
        message=f"`{file}` does not hold what `{unit.case.id}` recorded under that name; it lies beside it",
        file=unit.shown(unit.store.folder / file),
        subject=unit.case.id,
        help=f"`{record_command(unit, recording)}` gives the files their names, and asks nothing",
    )


def damaged(unit: Unit, error: CassetteError, recording: Recording | None = None) -> Diagnostic:
    """Say that a recording can't be read, and what brings this case's back; `recording` is what could be read of it."""
    found = error.diagnostic
    here = unit.project.files is DISK  # what was lost then is not looked for today
    moves = misplaced(unit.store, unit.project.cassettes) if found.code in {"P512", "P513"} and here else ()
    if moves:
        hint = f"the bytes lie under another case's name: `{command(moves)}` brings them back"
    elif found.code == "P511":
        hint = found.help or KEPT
    elif found.file == unit.shown(unit.store.pending):
        hint = f"`promptc reject {unit.argument}` removes it; the accepted recording stays as it is"
    else:
        again = record_command(unit, recording, "--all", "--accept")
        hint = f"{found.help}, or record the case again: `{again}`"
    return replace(found, subject=unit.case.id, help=hint)


def in_the_way(unit: Unit, error: CassetteError) -> Diagnostic:
    """Say that an answer that waits can't take the place of a file that promptc didn't write."""
    again = record_command(unit, None, "--all", "--accept")
    return replace(
        error.diagnostic,
        message=f"the new answer of `{unit.case.id}` waits still: the file in its place was not written by this promptc",
        subject=unit.case.id,
        help=f"move the file away and accept again; `{again}` replaces it with another answer",
    )


def record_command(unit: Unit, recording: Recording | None, *options: str) -> str:
    """Return the command that mends a case's recording, from the target that made it if a stand-in counts."""
    target = unit.endpoint.target.name
    if unit.project.allow_emulator and recording and recording.provenance.emulator:
        target = EMULATOR
    elsewhere = (f"--target {target}",) if target != unit.project.target else ()
    return " ".join(["promptc record", *options, *elsewhere, unit.argument])
