"""The pytest plugin: `pytest specs/` runs cases as tests.

Every pytest run imports this module, also where there are no specs; so it imports nothing of
promptc's before the first spec is there.
"""

import os
import re
import tomllib
from collections.abc import Generator, Iterable, Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.pathlib import bestrelpath

if TYPE_CHECKING:
    from promptc.suite.fixture import Promptc
    from promptc.suite.folding import Folding
    from promptc.suite.items import SpecFile

_EVERYTHING: pytest.StashKey[list[dict[str, Any]]] = pytest.StashKey()
_FOLDED: "pytest.StashKey[Folding]" = pytest.StashKey()
_LEFT: pytest.StashKey[set[Path]] = pytest.StashKey()
_SUFFIXES = {".toml", ".j2"}
_FILE = "promptc.toml"
_SIGN = re.compile(
    r"""^\ufeff?[ \t]*(\[\[[ ]*(turns|contents)\b|(turns|contents|extends)[ ]*=|model[ ]*=[ ]*["']gemini)|\A\ufeff?\+\+\+""",
    re.MULTILINE,
)
"""What a prompt begins with, and hardly anything else that is kept in a folder named `specs`."""


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
    if specs and not _named_by_hand(config):
        config.args = [specs]
    own = config.get_verbosity(config.VERBOSITY_TEST_CASES) == config.option.verbose == 0
    if own and (specs or all(_is_about_specs(place, config) for place in _places(config))):
        config.option.verbose = 1
    config.stash[_LEFT] = set()
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


def _named_by_hand(config: pytest.Config) -> bool:
    """Say whether a path stands on the command line itself: one in `addopts` is meant for plain pytest."""
    by_hand = config.invocation_params.args
    return config.args_source is config.ArgsSource.ARGS and any(
        one in config.args or one.startswith("@") for one in by_hand
    )


def _is_about_specs(path: Path, config: pytest.Config) -> bool:
    return _project(path if path.is_dir() else path.parent, config) is not None


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
    return False if _project(collection_path.parent, config) else None


def pytest_collection_finish(session: pytest.Session) -> None:
    """Hold what is to be asked against the limits of a project, before the first request."""
    if session.config.getoption("promptc_record") or session.config.getoption("promptc_update"):
        from promptc.suite.items import allow  # noqa: PLC0415 - only where something is asked

        allow(session.items)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, pytest.CollectReport, Any]:
    """Add what looks like a spec and is no file to what a folder of specs holds: pytest leaves it out in silence."""
    report = yield
    if (
        isinstance(collector, pytest.Directory)
        and report.passed
        and (found := _project(collector.path, collector.config))
    ):
        strange = [path for path in _strange(collector.path) if not _apart(path, found[1])]
        report.result += [_spec_file(collector, path, found[0]) for path in strange]
    return report


def _strange(folder: Path) -> list[Path]:
    """Return what is named like a spec, or leads to a folder, and is neither: links, mostly."""
    with os.scandir(folder) as entries:
        return sorted(
            Path(entry.path)
            for entry in entries
            if not entry.is_file()
            and (Path(entry.name).suffix.lower() in _SUFFIXES or (entry.is_symlink() and entry.is_dir()))
        )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "SpecFile | None":
    """Collect specs, and nothing else that has their suffix."""
    if file_path.suffix.lower() not in _SUFFIXES:
        return None
    above = specs_above(file_path.parent)
    if above is None or _holds_the_whole_repo(*above, parent.config) or _apart(file_path, above[1]):
        return None
    if file_path not in _places(parent.config) and not _project(file_path.parent, parent.config):
        parent.config.stash[_LEFT].add(above[1])
        return None
    return _spec_file(parent, file_path, above[0])


def _spec_file(parent: pytest.Collector, path: Path, root: Path) -> "SpecFile":
    from promptc.suite.hooks import register  # noqa: PLC0415 - only where there are specs
    from promptc.suite.items import SpecFile  # noqa: PLC0415

    register(parent.config)
    return SpecFile.at(parent, path, root)


def _holds_the_whole_repo(root: Path, specs: Path, config: pytest.Config) -> bool:
    """Say whether a folder is named `specs` by chance: pytest's own settings lie in it, and no project file above."""
    settings = config.inipath
    return settings is not None and settings.is_relative_to(specs) and not (root / _FILE).is_file()


@pytest.fixture(scope="module")  # of a test it needs the path alone, and one a test is none for `@given`
def promptc(request: pytest.FixtureRequest) -> "Promptc":
    """Compile and run specs in a test: `promptc.run("butterfly").images`."""
    from promptc.suite.fixture import Promptc  # noqa: PLC0415 - only where it is used
    from promptc.suite.hooks import register  # noqa: PLC0415

    register(request.config)
    return Promptc(request)


def _apart(path: Path, specs: Path) -> bool:
    return any(part.startswith("_") for part in path.relative_to(specs).parts)


def _project(folder: Path, config: pytest.Config) -> tuple[Path, Path] | None:
    """Return the project that a folder of specs belongs to, if it is one of prompts.

    Many a repo keeps something else in a folder named `specs`, and has promptc installed by chance.
    """
    found = specs_above(folder)
    if found is None or _holds_the_whole_repo(*found, config):
        return None
    root, specs = found
    return found if config.getoption("promptc_specs") or (root / _FILE).is_file() or _has_prompts(specs) else None


@cache
def _has_prompts(specs: Path) -> bool:
    return any(_SIGN.search(text) for text in _texts(specs))


def _texts(folder: Path) -> Iterator[str]:
    for place, _, names in os.walk(folder):
        for path in (Path(place) / name for name in names if Path(name).suffix.lower() in _SUFFIXES):
            if path.is_file():
                try:
                    yield path.read_text(encoding="utf-8", errors="replace")
                except OSError:
                    continue


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
    """Collects what items tell, whichever process ran them, and has many failures folded."""

    def __init__(self, told: list[dict[str, Any]]) -> None:
        self.told = told

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what a report brings along: reports stay until the end, and need not keep it."""
        if told := report.__dict__.pop("promptc", None):
            self.told.extend(told)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, config: pytest.Config
    ) -> Generator[None]:
        """Leave out all but the first of many failures where pytest shows them whole."""
        failed = terminalreporter.stats.get("failed", ())
        short = config.get_verbosity() <= 1 and config.option.tbstyle != "no"
        if short and any(getattr(report, "promptc_code", "") for report in failed):
            from promptc.suite.folding import Folding  # noqa: PLC0415 - only where cases fail

            config.stash[_FOLDED] = Folding(terminalreporter)
        return (yield)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say once where the answers came from, and what was warned of."""
    if _FOLDED in config.stash:
        config.stash[_FOLDED].end()
    for specs in sorted(config.stash.get(_LEFT, ())):
        if config.option.verbose >= 0:
            terminalreporter.write_line(f"promptc: {_left_alone(specs, config)}")
    told = config.stash.get(_EVERYTHING, [])
    if not told or config.option.verbose < -1:
        return
    from promptc.report.session import session_summary  # noqa: PLC0415 - only where there were cases

    if config.option.verbose >= 0:
        terminalreporter.section("promptc")
    terminalreporter.write(session_summary(told, terse=config.option.verbose < 0))


def _left_alone(specs: Path, config: pytest.Config) -> str:
    where = bestrelpath(config.invocation_params.dir, specs)
    return f"`{where}` holds no prompts, as it seems, and is left alone; a `{_FILE}` beside it says that it does"
