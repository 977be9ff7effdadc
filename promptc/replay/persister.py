"""What vcrpy reads a cassette from."""

from dataclasses import dataclass
from typing import Any

from vcr.persisters.filesystem import CassetteNotFoundError

from promptc.replay.recording import Recording


@dataclass(frozen=True, slots=True)
class Persister:
    """The persister that vcrpy is given: it has what was loaded, and never writes."""

    found: Recording | None

    def load_cassette(self, _path: str, serializer: object) -> tuple[Any, Any]:
        """Return requests and responses, as vcrpy wants them."""
        del serializer
        if self.found is None:
            raise CassetteNotFoundError
        return self.found.requests, self.found.responses
