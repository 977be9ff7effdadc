"""What the operations return: small values without pictures, so that thousands fit into memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from promptc.diagnostics import Diagnostic, failed
from promptc.files import DISK, Files
from promptc.replay.provenance import Provenance
from promptc.review.verdict import Verdict
from promptc.tree import Json


class Status(StrEnum):
    """How a case fared."""

    PASSED = "passed"
    FAILED = "failed"
    STALE = "stale"
    MISSING = "missing"
    PENDING = "pending"
    EXPIRED = "expired"
    ERROR = "error"
    SKIPPED = "skipped"
    XFAILED = "xfailed"
    XPASSED = "xpassed"
    STOPPED = "stopped"

    @property
    def good(self) -> bool:
        """Whether it leaves the run green."""
        return self in {Status.PASSED, Status.SKIPPED, Status.XFAILED}

    @property
    def answered(self) -> bool:
        """Whether there was an answer to judge."""
        return self in {Status.PASSED, Status.FAILED, Status.XFAILED, Status.XPASSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedImage:
    """A picture of an answer: sides in pixels (None where it can't be opened), size in bytes.

    `file` is where it was kept or written, if it was, `files` those among which it is found there.
    """

    media_type: str
    width: int | None
    height: int | None
    size: int
    sha256: str
    thought: bool
    file: Path | None = field(default=None, compare=False)
    files: Files = field(default=DISK, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """One answer of a case, read and judged."""

    step: int
    fingerprint: str
    finish_reason: str | None
    block_reason: str | None
    error: str | None
    text: str
    images: tuple[SavedImage, ...]
    usage: Mapping[str, Json]
    model_version: str | None
    verdicts: tuple[Verdict, ...]
    text_file: Path | None = field(default=None, compare=False)

    @property
    def held_back(self) -> bool:
        """Whether the answer is too far from the accepted one to take its place by itself."""
        return any(verdict.holds_back and not verdict.passed for verdict in self.verdicts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """A run that the user ended: how many of its cases are done, and whether their answers are kept.

    `rest` is the command that asks for what is left, None where the same one does.
    """

    done: int
    cases: int
    kept: bool
    rest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """What became of one case.

    `provenance` is the recording's, `asked` counts requests that went out, `waits` says that a new
    answer waits for `promptc accept`, `kept` what was written: `accepted`, `pending` or nothing.
    """

    spec: str
    case: str
    status: Status
    steps: tuple[StepResult, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    provenance: Provenance | None = None
    asked: int = 0
    told: tuple[str, ...] = ()
    waits: bool = False
    kept: str | None = None
    reason: str | None = None
    output: Path | None = None

    @property
    def id(self) -> str:
        """`spec::case`."""
        return f"{self.spec}::{self.case}"

    @property
    def target(self) -> str | None:
        """Where the recording comes from."""
        return self.provenance.target if self.provenance else None

    @property
    def emulator(self) -> bool:
        """Whether the recording is a stand-in."""
        return bool(self.provenance and self.provenance.emulator)

    @property
    def recorded_at(self) -> str | None:
        """When the newest answer was recorded."""
        return self.provenance.recorded_at if self.provenance else None

    @property
    def model_versions(self) -> tuple[str, ...]:
        """The models that gave the answers."""
        return self.provenance.model_versions if self.provenance else ()

    @property
    def good(self) -> bool:
        """Whether it leaves the run green."""
        return self.status.good and not self.waits and not failed(self.diagnostics)
