"""Which two states of a project are compared: `REV`, `A..B` or `A...B`, as git writes them."""

from dataclasses import dataclass
from pathlib import Path

from promptc.errors import UsageError
from promptc.pipeline.git import Repository
from promptc.pipeline.revision import Revision

_HEAD = "HEAD"
_DIGITS = 10
"""How many of a commit's digits stand for its name where it has no other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """The old and the new end; `new` is None for the working tree, and `meet` takes for the old one where both met."""

    old: str = _HEAD
    new: str | None = None
    meet: bool = False

    @classmethod
    def of(cls, written: str | None, *, meet: bool = False) -> "Ends":
        """Read what stands on the command line; raises UsageError."""
        if written is None:
            return cls(meet=meet)
        for dots in ("...", ".."):
            old, found, new = written.partition(dots)
            if found:
                if ".." in old or ".." in new or new.startswith("."):
                    msg = f"`{written}` is no range: write `A..B`, or `A...B` for what B has changed since it left A"
                    raise UsageError(msg)
                return cls(old=old or _HEAD, new=new or _HEAD, meet=meet or dots == "...")
        return cls(old=written, meet=meet)

    @property
    def met(self) -> tuple[str, str] | None:
        """The two of which the old end is where they met, None where it is none of that kind."""
        return (self.old, self.new or _HEAD) if self.meet else None

    def revisions(self, root: Path) -> tuple[Revision, Revision | None]:
        """Find the commits, None for the working tree; raises UsageError."""
        repository = Repository.around(root)
        if not self.meet:
            old = Revision(repository=repository, name=self.old, commit=repository.commit(self.old))
        else:
            commit = repository.merge_base(self.old, self.new or _HEAD)
            old = Revision(repository=repository, name=commit[:_DIGITS], commit=commit)
        if self.new is None:
            return old, None
        return old, Revision(repository=repository, name=self.new, commit=repository.commit(self.new))
