"""The hooks that only a session with specs needs; no other pays for them."""

from collections.abc import Generator
from typing import Any

import pytest

from promptc.suite.items import CaseItem, MistakesItem, whole
from promptc.suite.outcome import TOLD, NotGreenError

_NAME = "promptc-suite"


def register(config: pytest.Config) -> None:
    """Have the hooks called from now on."""
    if not config.pluginmanager.has_plugin(_NAME):
        config.pluginmanager.register(Hooks(), _NAME)


class Hooks:
    """A plugin of its own."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
        """Keep a spec's mistakes whatever is selected: which of its cases are lost is not known.

        Where everything is to be run, what is recorded for no case is looked at, too.
        """
        for tag in sorted({mark.name for item in items if isinstance(item, CaseItem) for mark in item.tags}):
            config.addinivalue_line("markers", f"{tag}: a tag of prompt specs")  # `-m` may be strict about names
        unwanted = tuple(config.getoption("deselect") or ())
        mistakes = [item for item in items if isinstance(item, MistakesItem) and not item.nodeid.startswith(unwanted)]
        kept = set(mistakes)
        items[:] = [item for item in items if item not in kept]
        yield
        items[:] = [*mistakes, *items, *whole(items)]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
        """Give the report what the end of the run says of the item, whichever process that is in."""
        report = yield
        error = call.excinfo.value if call.excinfo else None
        if isinstance(error, NotGreenError):
            report.promptc_code = error.code
        if call.when == "call":
            nodes = [node for node in item.listchain() if TOLD in node.stash]  # the fixture's is the module
            report.promptc = [one for node in nodes for one in node.stash[TOLD]]
            for node in nodes:
                del node.stash[TOLD]
        return report
