"""One request of the API as the emulator sees it, checked and in canonical form."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from promptc.models import Model, find

STAND_IN_MODEL = "gemini-3.1-flash-image"
"""How a model behaves whose name is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that passed its checks: `tree` is its canonical body.

    `known` is what is known of its model, None for a name that no table has.
    """

    method: str
    model: str
    tree: Mapping[str, Any]
    fingerprint: str
    known: Model | None = None

    @property
    def digest(self) -> bytes:
        """The fingerprint's 32 bytes."""
        return bytes.fromhex(self.fingerprint.rpartition(":")[2])

    @property
    def request_id(self) -> str:
        """The id that the answer carries."""
        return self.digest.hex()[:24]

    @property
    def abilities(self) -> Model:
        """What the model can do; the stand-in model's for a name that is not known."""
        return self.known or cast("Model", find(STAND_IN_MODEL))

    @property
    def config(self) -> Mapping[str, Any]:
        """The generationConfig, empty where there is none."""
        return cast("Mapping[str, Any]", self.tree.get("generationConfig", {}))

    @property
    def contents(self) -> Sequence[Mapping[str, Any]]:
        """The turns of the conversation."""
        return cast("Sequence[Mapping[str, Any]]", self.tree["contents"])

    @property
    def words(self) -> str:
        """The text of the last user turn, in one line."""
        turns = [turn for turn in self.contents if (turn.get("role") or "user") == "user"]
        texts = [part.get("text", "") for turn in turns[-1:] for part in turn["parts"]]
        return " ".join(" ".join(texts).split())

    @property
    def images(self) -> Iterator[Mapping[str, Any]]:
        """The inlineData of every image part, in order."""
        for turn in self.contents:
            for part in turn["parts"]:
                inline = part.get("inlineData", {})
                if inline.get("mimeType", "").startswith("image/"):
                    yield inline

    def wants(self, modality: str) -> bool:
        """Say whether the answer shall hold TEXT or an IMAGE."""
        asked = self.config.get("responseModalities")
        if asked:
            return modality in asked
        return modality == "TEXT" or (self.known is not None and modality in self.known.modalities)
