"""What a pytest session with specs has in one process: its repos, and the hooks that only specs need."""

from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from promptc.errors import InputError, UsageError
from promptc.pipeline.secrets import secrets_around
from promptc.report.full import full
from promptc.suite.outcome import PLAIN, TOLD
from promptc.suite.repo import Options, Repo

_NAME = "promptc-session"


class RefusedError(Exception):
    """A repo that can't be used at all; `text` is what a reader sees, `first` whether nobody has seen it yet."""

    def __init__(self, text: str, *, first: bool) -> None:
        """Keep both."""
        super().__init__(text)
        self.text = text
        self.first = first


class Session:
    """The repos by their roots, each read once; a plugin of its own, so that no other session pays for its hooks."""

    @classmethod
    def of(cls, config: pytest.Config) -> "Session":
        """Return the session, which begins with the first spec."""
        known: Session | None = config.pluginmanager.get_plugin(_NAME)
        if known is None:
            known = cls(config)
            config.pluginmanager.register(known, _NAME)
            config.add_cleanup(known._closing.close)
        return known

    def __init__(self, config: pytest.Config) -> None:
        """Begin without any repo."""
        self._options = Options.of(config)
        self._closing = ExitStack()
        self._known: dict[Path, Repo | str] = {}

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

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
        """Keep a spec's mistakes whatever is selected: which of its cases are lost is not known."""
        unwanted = tuple(config.getoption("deselect") or ())
        mistakes = [item for item in items if hasattr(item, "failure") and not item.nodeid.startswith(unwanted)]
        items[:] = [item for item in items if item not in mistakes]
        yield
        items[:] = [*mistakes, *items]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
        """Give the report what the end of the run says of the item, whichever process that is in."""
        report = yield
        if call.when == "call" and TOLD in item.stash:
            report.promptc = item.stash[TOLD]
            del item.stash[TOLD]
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Let go of a case once it has run, however often somebody runs it again."""
        done = yield
        item.__dict__.pop("case", None)
        return done
