"""The unit of work: one compiled case with all that its run needs, picklable and idempotent."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from shlex import quote

from promptc import __version__
from promptc.config import EMULATOR, Project
from promptc.replay.modes import RecordMode
from promptc.replay.provenance import Provenance
from promptc.replay.recording import Recording
from promptc.replay.session import Endpoint, Session
from promptc.replay.store import Store
from promptc.request import Case
from promptc.source import shown

TOOL = f"promptc {__version__}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A case to run: `accept` keeps a new answer at once, `output` is where pictures go, if anywhere.

    `tool` is what a recording says of who has made it.
    With `before`, record mode `all` asks again only where the recording was made before that moment.
    """

    project: Project
    case: Case
    endpoint: Endpoint
    mode: RecordMode
    accept: bool = False
    output: Path | None = None
    tool: str = TOOL
    before: datetime | None = None

    @property
    def store(self) -> Store:
        """Where the case's recording is."""
        return store_of(self.project, self.case.spec, self.case.name)

    @property
    def unfinished(self) -> Store:
        """Where answers are that came before the case's run failed or was stopped."""
        return replace(self.store, folder=self.project.root / ".promptc" / "unfinished" / self.case.spec)

    @property
    def address(self) -> str:
        """The case as an argument names it."""
        return f"{shown(self.case.path)}::{self.case.name}"

    def shown(self, path: Path) -> str:
        """Return the path of one of its files as messages name it."""
        return self.project.files.shown(path)

    @property
    def argument(self) -> str:
        """The case as a command line names it, quoted for a shell."""
        return quote(self.address)

    def counts(self, recording: Recording | None) -> bool:
        """Say whether a recording counts for the target: a stand-in does so for the emulator only."""
        return recording is not None and counts(self.project, recording.provenance, self.endpoint.target.name)

    def asks_again(self, recording: Recording | None) -> bool:
        """Say whether a recording's answers are to be asked for anew, whether they fit or not."""
        if self.mode is not RecordMode.ALL or self.before is None or recording is None:
            return self.mode is RecordMode.ALL
        oldest = recording.provenance.oldest
        return oldest is None or oldest < self.before

    def session(self, recording: Recording | None, path: Path, mode: RecordMode) -> Session:
        """Open the case's cassette; `recording` was read from `path`, a file of its store or of the unfinished ones."""
        return Session(
            store=self.store,
            usable=recording,
            path=path,
            mode=mode,
            endpoint=self.endpoint,
            tool=self.tool,
            source=self.unfinished if path == self.unfinished.accepted else self.store,
        )


def counts(project: Project, origin: Provenance, target: str) -> bool:
    """Say whether a recording from there counts for a target: a stand-in does so for the emulator only."""
    return not origin.emulator or project.allow_emulator or target == EMULATOR


def store_of(project: Project, spec: str, case: str) -> Store:
    """Return where a case's recording is."""
    return Store(folder=project.cassettes / spec, case=case, locks=locks_of(project) / spec, files=project.files)


def locks_of(project: Project) -> Path:
    """Return where the locks of writers are."""
    return project.root / ".promptc" / "locks"
