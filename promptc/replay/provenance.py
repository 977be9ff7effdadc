"""Where a recording comes from: the block that a cassette holds beside vcrpy's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from promptc.age import moment

FORMAT = 1
"""The version of what promptc adds to a cassette."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One recorded answer: its request's fingerprint, when (UTC, RFC 3339; None where nobody knows), by which model."""

    fingerprint: str
    recorded_at: str | None
    model_version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a recording comes from; `emulator` marks a stand-in."""

    target: str
    emulator: bool
    tool: str
    steps: tuple[Step, ...]

    @property
    def recorded_at(self) -> str | None:
        """When its newest answer was recorded; None where nobody knows."""
        return max((step.recorded_at for step in self.steps if step.recorded_at), default=None)

    @property
    def moments(self) -> tuple[datetime | None, ...]:
        """When each of its answers was recorded; None where that is not known."""
        return tuple(moment(step.recorded_at or "") for step in self.steps)

    @property
    def oldest(self) -> datetime | None:
        """When its oldest answer was recorded; None where that is not known of each."""
        return None if None in self.moments else min(filter(None, self.moments), default=None)

    @property
    def model_versions(self) -> tuple[str, ...]:
        """The models that say they gave its answers, each once, in the order of steps."""
        return tuple(dict.fromkeys(step.model_version for step in self.steps if step.model_version))

    def as_metadata(self) -> dict[str, Any]:
        """Return the block that the cassette holds."""
        return {
            "format": FORMAT,
            "tool": self.tool,
            "target": self.target,
            "emulator": self.emulator,
            "steps": [
                {"fingerprint": s.fingerprint, "recordedAt": s.recorded_at, "modelVersion": s.model_version}
                for s in self.steps
            ],
        }


def read_provenance(block: Mapping[str, Any]) -> Provenance:
    """Read a cassette's block; raises LookupError, TypeError or ValueError where a part is missing or wrong."""
    provenance = Provenance(
        target=block["target"],
        emulator=block["emulator"],
        tool=block["tool"],
        steps=tuple(
            Step(
                fingerprint=step["fingerprint"],
                recorded_at=step["recordedAt"],
                model_version=step["modelVersion"],
            )
            for step in block["steps"]
        ),
    )
    texts = [provenance.target, provenance.tool]
    texts += [text for step in provenance.steps for text in (step.recorded_at, step.model_version) if text is not None]
    if not isinstance(block["emulator"], bool) or not all(isinstance(text, str) for text in texts):
        msg = "a value is of the wrong type"
        raise TypeError(msg)
    if any(step.recorded_at is not None and not moment(step.recorded_at) for step in provenance.steps):
        msg = "a moment is none"
        raise ValueError(msg)
    return provenance
