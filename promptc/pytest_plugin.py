"""The pytest plugin: `pytest specs/` runs cases as tests.

Every pytest run imports this module, also where there are no specs; so it imports nothing of
promptc's before the first spec is there.
"""

import tomllib
from collections.abc import Iterable
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from promptc.suite.fixture import Promptc
    from promptc.suite.items import SpecFile

_EVERYTHING: pytest.StashKey[list[dict[str, Any]]] = pytest.StashKey()
_SUFFIXES = {".toml", ".j2"}
_FILE = "promptc.toml"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our options."""
    group = parser.getgroup("promptc", "prompt specs")
    group.addoption(
        "--promptc-record", action="store_true", help="Ask for what is missing or stale, and record the answers."
    )
    group.addoption("--promptc-update", action="store_true", help="The same, and make new answers the truth at once.")
    group.addoption("--promptc-target", metavar="NAME", help="Where requests go, and whose recordings count.")
    group.addoption(
        "--promptc-fuzz", metavar="N", type=int, help="Try each spec with N drawn assignments of its variables."
    )
    group.addoption(
        "--promptc-specs", metavar="DIR", help="What to collect where nothing is named; `promptc test` says it."
    )


def pytest_configure(config: pytest.Config) -> None:
    """Collect specs alone where only they are asked for, and then show a line a case."""
    _leave_as_we_are(config)
    _require_what_draws(config)
    specs = config.getoption("promptc_specs")
    if specs and config.args_source is not config.ArgsSource.ARGS:
        config.args = [specs]
    own = config.get_verbosity(config.VERBOSITY_TEST_CASES) == config.option.verbose == 0
    if own and (specs or all(map(_is_about_specs, _places(config)))):
        config.option.verbose = 1
    if not hasattr(config, "workerinput"):  # workers' reports come to the process that started them
        config.stash[_EVERYTHING] = []
        config.pluginmanager.register(_Listener(config.stash[_EVERYTHING]), "promptc-listener")


def _require_what_draws(config: pytest.Config) -> None:
    """Refuse to draw nothing, and to draw without the library that does it."""
    examples = config.getoption("promptc_fuzz")
    if examples is None:
        return
    if examples < 1:
        msg = f"--promptc-fuzz takes a number from 1 on, not {examples}"
        raise pytest.UsageError(msg)
    from promptc.errors import UsageError  # noqa: PLC0415 - only where values are drawn
    from promptc.pipeline.fuzz import require_hypothesis  # noqa: PLC0415

    try:
        require_hypothesis()
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None


def _leave_as_we_are(config: pytest.Config) -> None:
    """Have our modules imported as they are: their asserts are no tests, and rewriting them takes a second."""
    marked = getattr(config.pluginmanager.rewrite_hook, "_must_rewrite", None)
    if isinstance(marked, set):
        marked.discard("promptc")


def _places(config: pytest.Config) -> Iterable[Path]:
    return (config.invocation_params.dir / argument.partition("::")[0] for argument in config.args)


def _is_about_specs(path: Path) -> bool:
    return specs_above(path if path.is_dir() else path.parent) is not None


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say that the network is used: it never is in silence."""
    if config.getoption("promptc_update"):
        return "promptc: asks for what is missing or stale, and makes the answers the truth at once"
    if config.getoption("promptc_record"):
        return "promptc: asks for what is missing or stale, and records the answers"
    return None


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Look into every folder of specs: none may be left out because tests are never in a folder named so."""
    named = any(fnmatch(collection_path.name, pattern) for pattern in config.getini("norecursedirs"))
    if not named or config.getoption("ignore") or config.getoption("ignore_glob") or not collection_path.is_dir():
        return None
    return False if specs_above(collection_path.parent) else None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "SpecFile | None":
    """Collect specs, and nothing else that has their suffix."""
    if file_path.suffix.lower() not in _SUFFIXES:
        return None
    found = specs_above(file_path.parent)
    if found is None or _holds_the_whole_repo(*found, parent.config):
        return None
    root, specs = found
    if any(part.startswith("_") for part in file_path.relative_to(specs).parts):
        return None
    from promptc.suite.hooks import register  # noqa: PLC0415 - only where there are specs
    from promptc.suite.items import SpecFile  # noqa: PLC0415

    register(parent.config)
    return SpecFile.at(parent, file_path, root)


def _holds_the_whole_repo(root: Path, specs: Path, config: pytest.Config) -> bool:
    """Say whether a folder is named `specs` by chance: pytest's own settings lie in it, and no project file above."""
    settings = config.inipath
    return settings is not None and settings.is_relative_to(specs) and not (root / _FILE).is_file()


@pytest.fixture
def promptc(request: pytest.FixtureRequest) -> "Promptc":
    """Compile and run specs in a test: `promptc.run("butterfly").images`."""
    from promptc.suite.fixture import Promptc  # noqa: PLC0415 - only where it is used
    from promptc.suite.hooks import register  # noqa: PLC0415

    register(request.config)
    return Promptc(request)


@cache
def specs_above(folder: Path) -> tuple[Path, Path] | None:
    """Return the project's root and its folder of specs, where the folder is that or lies in it.

    It finds what `promptc.config` finds, and imports nothing.
    """
    folders = (folder, *folder.parents)
    root = next((place for place in folders if (place / _FILE).is_file()), None)
    root = root or next((place for place in folders if (place / "specs").is_dir()), None)
    if root is None:
        return None
    specs = root / _folder(root / _FILE)
    return (root, specs) if folder.is_relative_to(specs) else None


def _folder(file: Path) -> str:
    """Return where a project file says that the specs are; what is wrong with it is told where it is read."""
    try:
        paths = tomllib.loads(file.read_text(encoding="utf-8"))["paths"]
        return str(paths["specs"])
    except (OSError, ValueError, LookupError, TypeError):
        return "specs"


class _Listener:
    """Collects what items tell, whichever process ran them."""

    def __init__(self, told: list[dict[str, Any]]) -> None:
        self.told = told

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what a report brings along: reports stay until the end, and need not keep it."""
        if told := report.__dict__.pop("promptc", None):
            self.told.extend(told)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say once where the answers came from, and what was warned of."""
    told = config.stash.get(_EVERYTHING, [])
    if not told or config.option.verbose < -1:
        return
    from promptc.report.session import session_summary  # noqa: PLC0415 - only where there were cases

    if config.option.verbose >= 0:
        terminalreporter.section("promptc")
    terminalreporter.write(session_summary(told, terse=config.option.verbose < 0))
