"""What is secret here: what the environment holds, and what the project calls so."""

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from promptc.config import BUILT_IN, FILE, Project, Target, find_root, load
from promptc.errors import InputError, UsageError
from promptc.replay.secrets import Secrets

_QUOTED = re.compile(r"""["']([^"'\n]+)["']""")


def secrets_of(project: Project, environment: Mapping[str, str] = os.environ) -> Secrets:
    """Return a project's secrets: its variables and the keys of all targets, as far as they are set, and its patterns."""
    values = _values([*_keys(project.targets.values()), *project.secret_env], environment)
    return Secrets(values=tuple(values.values()), names=tuple(values), patterns=project.secret_patterns)


def secrets_around(folder: Path, environment: Mapping[str, str] = os.environ) -> Secrets:
    """Return the secrets of the project around a folder, for what is shown, whatever state it is in.

    Where its file has mistakes, every variable that it names in quotes is taken for one.
    """
    with suppress(UsageError, InputError):
        return secrets_of(load(folder), environment)
    names = [*_keys(BUILT_IN.values())]
    with suppress(UsageError, OSError):
        names += _QUOTED.findall((find_root(folder.resolve()) / FILE).read_text(encoding="utf-8", errors="replace"))
    values = _values(names, environment)
    return Secrets(values=tuple(values.values()), names=tuple(values))


def _keys(targets: Iterable[Target]) -> list[str]:
    return [target.key_env for target in targets if target.key_env]


def _values(names: Iterable[str], environment: Mapping[str, str]) -> dict[str, str]:
    found = {name: environment.get(name, "").strip() for name in names}
    return {name: value for name, value in found.items() if value}
