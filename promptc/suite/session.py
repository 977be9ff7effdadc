"""The prompt repos of a pytest session, in one process."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from promptc.errors import InputError, UsageError
from promptc.pipeline.secrets import secrets_around
from promptc.report.full import full
from promptc.suite.outcome import PLAIN
from promptc.suite.repo import Options, Repo


class RefusedError(Exception):
    """A repo that can't be used at all; `text` is what a reader sees, `first` whether nobody has seen it yet."""

    def __init__(self, text: str, *, first: bool) -> None:
        """Keep both."""
        super().__init__(text)
        self.text = text
        self.first = first


class Session:
    """The repos by their roots, each read once."""

    @classmethod
    def of(cls, config: pytest.Config) -> "Session":
        """Return the session, which begins with the first spec."""
        if _SESSION not in config.stash:
            config.stash[_SESSION] = cls(config)
        return config.stash[_SESSION]

    def __init__(self, config: pytest.Config) -> None:
        """Begin without any repo."""
        self._options = Options.of(config)
        self._closing = ExitStack()
        self._known: dict[Path, Repo | str] = {}
        config.add_cleanup(self._closing.close)

    def repo(self, folder: Path) -> Repo:
        """Return the repo around a folder; raises RefusedError with what is wrong with it."""
        first = folder not in self._known
        if first:
            self._known[folder] = self._read(folder)
        known = self._known[folder]
        if isinstance(known, str):
            raise RefusedError(known, first=first)
        return known

    def _read(self, folder: Path) -> Repo | str:
        try:
            return Repo(folder, self._options, self._closing)
        except InputError as error:
            text = full(error.diagnostics, PLAIN)
        except UsageError as error:
            text = f"error: {error}\n"
        return secrets_around(folder).redact(text)


_SESSION: pytest.StashKey[Session] = pytest.StashKey()
