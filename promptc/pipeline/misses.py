"""Why a request of today has no recorded answer: nothing is recorded, a stand-in is, or something has changed since."""

from collections.abc import Sequence
from typing import cast

from promptc.diagnostics import Diagnostic, Related
from promptc.pipeline import findings
from promptc.pipeline.causes import leading
from promptc.pipeline.unit import Unit
from promptc.replay.recording import Recording
from promptc.request import Request
from promptc.review.changes import Change, changes
from promptc.tree import Json

_MOST = 6


def miss(unit: Unit, request: Request, recording: Recording | None) -> Diagnostic:
    """Say why there is no recorded answer for a request."""
    if recording is None:
        return _missing(unit)
    return _stale(unit, request, recording) if unit.counts(recording) else _stand_in(unit)


def left_over(unit: Unit, count: int, recording: Recording | None) -> Diagnostic:
    """Say that a recording holds more answers than today's requests ask for."""
    answers = "an answer" if count == 1 else f"{count} answers"
    return Diagnostic(
        code="P501",
        message=f"the recording of `{unit.case.id}` is stale: it holds {answers} that no request asks for any more",
        span=unit.case.span,
        subject=unit.case.id,
        details=(f"recording: {unit.shown(unit.store.accepted)}",),
        help=f"`{findings.record_command(unit, recording, '--accept')}` writes it anew from the answers that still fit, and asks for no other",
    )


def _missing(unit: Unit) -> Diagnostic:
    again = findings.record_command(unit, None)  # without --accept: a first answer waits for nobody
    return Diagnostic(
        code="P502",
        message=f"`{unit.case.id}` has no recording",
        span=unit.case.span,
        subject=unit.case.id,
        expected=unit.shown(unit.store.accepted),
        help=f"`{again}` asks for it; `--target emulator` asks a stand-in instead",
    )


def _stand_in(unit: Unit) -> Diagnostic:
    target = unit.endpoint.target.name
    return Diagnostic(
        code="P507",
        message=f"`{unit.case.id}` is recorded from the emulator, which doesn't count for the target `{target}`",
        span=unit.case.span,
        subject=unit.case.id,
        details=(f"recording: {unit.shown(unit.store.accepted)}",),
        help=f"`{findings.record_command(unit, None, '--accept')}` asks the API; `allow_emulator = true` in promptc.toml lets it count",
    )


def _stale(unit: Unit, request: Request, recording: Recording) -> Diagnostic:
    index, found = _closest(request, recording)
    led = leading(unit.case, request, found)
    details = differences(found)
    if request.step < request.steps:
        details.append(f"the steps after it are stale because of step {request.step}")
    when = recording.provenance.steps[index].recorded_at or "at a time that nobody knows"
    details.append(f"recording: {unit.shown(unit.store.accepted)}, recorded {when}")
    return Diagnostic(
        code="P501",
        message=f"the recording of {findings.step_name(unit, request.step)} is stale: the request has changed since",
        span=led.span if led else unit.case.span,
        subject=unit.case.id,
        details=tuple(details),
        related=(Related(span=led.used, message="it goes into the template here"),) if led and led.used else (),
        help=f"`{findings.record_command(unit, recording, '--accept')}` asks again and keeps the new answer",
    )


def _closest(request: Request, recording: Recording) -> tuple[int, list[Change]]:
    """Return the recorded request with the fewest changes, and of equals the one of the same step."""
    now = content(request)
    compared = [(i, list(changes(then, now))) for i, then in enumerate(recording.asked)]
    return min(compared, key=lambda pair: (len(pair[1]), abs(pair[0] - request.step + 1)))


def content(request: Request) -> Json:
    """Return what is compared of a request: `{route, body}`, with digests for base64."""
    return cast("Json", {"route": request.route, "body": request.digested_body()})


def differences(found: Sequence[Change]) -> list[str]:
    """Return changes of a request in a line each, the first few of them."""
    told = [change.sentence.removeprefix("body.") for change in found[:_MOST]]
    return [*told, f"and {len(found) - _MOST} more changes"] if len(found) > _MOST else told
