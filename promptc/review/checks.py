"""From the name of a check to its function: a module of the project, or an installed one's entry point."""

import importlib
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.machinery import PathFinder
from importlib.metadata import entry_points
from pathlib import Path
from traceback import extract_tb
from typing import Any

from promptc.diagnostics import did_you_mean
from promptc.errors import PromptcError
from promptc.findings import kind
from promptc.source import relative_to_root

GROUP = "promptc.expectations"

_IMPORTING = threading.RLock()
_HOMES: dict[str, Path] = {}
"""The modules that checks have brought in from a project, with its root."""


class CheckError(PromptcError):
    """A check can't be asked, or can't be understood; the message says why."""


def found(name: str, root: Path) -> Callable[..., object]:
    """Return the function of a check; raises CheckError. Its modules are found from the project's root."""
    with _IMPORTING, _first_on_path(root), _of_this_project(root):
        module, colon, function = name.partition(":")
        check = _of_module(module, function, root) if colon else _installed(name, root)
    if not callable(check):
        raise CheckError(f"it is {_kind(check)}, no function")
    made: Callable[..., object] = check
    return made


@contextmanager
def _first_on_path(root: Path) -> Iterator[None]:
    """Let imports look into the project first, for this while; threads that import meanwhile do so too."""
    sys.path.insert(0, str(root))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        with suppress(ValueError):  # what is imported may change it too
            sys.path.remove(str(root))


@contextmanager
def _of_this_project(root: Path) -> Iterator[None]:
    """Forget the modules of other projects, and know those of this one: two may give theirs one name."""
    for name in [name for name, home in _HOMES.items() if home != root]:
        del _HOMES[name]
        sys.modules.pop(name, None)
    before = set(sys.modules)
    try:
        yield
    finally:
        _HOMES.update({name: root for name in set(sys.modules) - before if _lies_in(sys.modules[name], root)})


def _lies_in(module: object, root: Path) -> bool:
    """Say whether a module, or a folder of modules, is a project's own, and not installed inside it."""
    file = getattr(module, "__file__", None)
    places = [Path(place) for place in ([file] if file else getattr(module, "__path__", ()))]
    return any(place.is_relative_to(root) and "site-packages" not in place.parts for place in places)


def _of_module(module: str, function: str, root: Path) -> object:
    made = _imported(module, root)
    for attribute in function.split("."):
        if not hasattr(made, attribute):
            hint = did_you_mean(attribute, [name for name in dir(made) if not name.startswith("_")])
            raise CheckError(f"`{module}` has no `{function}`{f'; {hint}' if hint else ''}")
        made = getattr(made, attribute)
    return made


def _imported(module: str, root: Path) -> Any:
    top = module.partition(".")[0]
    here = PathFinder.find_spec(top, [str(root)])
    try:
        made = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name and f"{module}.".startswith(f"{error.name}."):
            message = f"there is no module `{module}`: it is looked for in the project's root, then among the installed"
            raise CheckError(message) from None
        raise _not_imported(module, error, root) from None
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a module does when it is imported
        raise _not_imported(module, error, root) from None
    other = getattr(sys.modules[top], "__file__", None)
    if here and here.origin and other and Path(other).resolve() != Path(here.origin).resolve():
        hint = "give the project's own another name"
        raise CheckError(f"`{top}` is imported from {other} already, so the project's is not seen; {hint}")
    return made


def _installed(name: str, root: Path) -> object:
    """Return what a package has registered under a name."""
    known = entry_points(group=GROUP)
    fitting = {point.value: point for point in known if point.name == name}
    if len(fitting) > 1:
        raise CheckError(f"two packages call something `{name}`: {' and '.join(sorted(fitting))}")
    if not fitting:
        module, dot, function = name.rpartition(".")
        own = f"did you mean `{module}:{function}`?" if dot else "one of the project's own is named `module:function`"
        hint = did_you_mean(name, known.names) or own
        raise CheckError(f"no package has registered it in the group `{GROUP}`; {hint}")
    (point,) = fitting.values()
    return _of_module(point.module, point.attr, root) if point.attr else _imported(point.module, root)


def _not_imported(module: str, error: BaseException, root: Path) -> CheckError:
    frames = [frame for frame in extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(root)]
    where = f" ({relative_to_root(Path(frames[-1].filename), root)}:{frames[-1].lineno})" if frames else ""
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return CheckError(f"`{module}` can't be imported: {said}{where}")


def _kind(value: object) -> str:
    word = kind(value)
    return f"a `{type(value).__name__}`" if word == "a date or time" else word
