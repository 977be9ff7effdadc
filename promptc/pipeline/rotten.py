"""What a case has below the cassettes folder that nothing needs."""

from dataclasses import dataclass

from promptc.replay.leftovers import CaseFile, Kind
from promptc.replay.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Renaming:
    """What gives a case, the `heir`, the recording of one that is gone."""

    gone: str
    heir: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotten:
    """The files of one case that nothing refers to: all of them where no case is `known` by that name.

    Those that other recordings lack are `spared`, each for a case. `renaming` is for a whole recording that
    another case asks for.
    """

    spec: str
    store: Store
    files: tuple[CaseFile, ...]
    known: bool
    spared: tuple[tuple[CaseFile, str], ...] = ()
    renaming: Renaming | None = None

    @property
    def removable(self) -> tuple[CaseFile, ...]:
        """The files that may go."""
        return () if self.renaming else self.files

    @property
    def kept(self) -> tuple[tuple[CaseFile, str], ...]:
        """The files that must not go, each with the reason."""
        lacked = tuple((file, f"the recording of `{case}` lacks it") for file, case in self.spared)
        if self.renaming is None:
            return lacked
        return (
            *lacked,
            *((file, f"`{self.renaming.heir}` asks just this and has no recording") for file in self.files),
        )

    @property
    def seen(self) -> frozenset[CaseFile]:
        """Every file that was found."""
        return frozenset({*self.files, *(file for file, _ in self.spared)})

    @property
    def id(self) -> str:
        """`spec::case`."""
        return f"{self.spec}::{self.store.case}"

    @property
    def orphaned(self) -> bool:
        """Whether it is a whole recording, with a cassette."""
        return any(file.kind is Kind.CASSETTE for file in self.files)

    def reason(self, file: CaseFile) -> str:
        """Say why nothing needs a file."""
        if file.kind is Kind.UNFINISHED:
            return "a writer that was stopped, or is at work, has not finished it"
        if self.known:
            return f"no recording of `{self.id}` refers to it"
        return f"no case is named `{self.id}`"
