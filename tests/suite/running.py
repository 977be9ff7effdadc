"""pytest with the plugin, run in a project's folder as its users run it."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.workshop import timeless

MOTHS = """\
model = "gemini-3.1-flash-image"

[variables.species]
type = "string"

[[turns]]
text = "A {{ species }} moth"

[generationConfig]
responseModalities = ["TEXT", "IMAGE"]
imageConfig = { aspectRatio = "1:1", imageSize = "512" }

[[cases]]
name = "luna"
tags = ["green", "by-hand_2.0", "skip"]
variables = { species = "Luna" }

[[cases]]
name = "atlas"
tags = ["large"]
variables = { species = "Atlas" }

[[cases]]
name = "lappet"
tags = ["large"]
variables = { species = "Lappet" }
"""
"""Three cases with tags, one of which is a mark of pytest's own."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run of pytest came to."""

    code: int
    out: str
    err: str

    @property
    def cases(self) -> dict[str, str]:
        """What became of each item, by its id, where there is a line for each."""
        alone = re.findall(r"^(\S+::\S+) ([A-Z]+) ", self.out, re.MULTILINE)
        return dict(alone) | {
            name: word
            for word, name in re.findall(r"^\[gw\d\] \[ *\d+%\] ([A-Z]+) (\S+::\S+) ", self.out, re.MULTILINE)
        }

    def section(self, title: str) -> str:
        """Return what stands between a section's heading and the next one."""
        found = re.search(rf"^=+ {re.escape(title)} =+\n(.*?)(?=^=+ .* =+$|\Z)", self.out, re.MULTILINE | re.DOTALL)
        return found.group(1) if found else ""

    @property
    def last(self) -> str:
        """The last line, without the time that it took."""
        return re.sub(r" in \d+.\d+s.*", "", self.out.rstrip().splitlines()[-1].strip("= "))


def pytest_in(folder: Path, *arguments: str, timeout: float = 120, **environment: str) -> Ran:
    """Run pytest as a user does who has installed promptc: nothing of this suite's own settings counts.

    Only promptc's plugin is loaded, and xdist where it is asked for: the others take most of the time.
    `beside_others` loads all.
    """
    plugins = ("-p", "promptc", *(("-p", "xdist") if "-n" in arguments else ()))
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **environment}
    return run_in(folder, sys.executable, "-P", "-m", "pytest", *plugins, *arguments, timeout=timeout, **alone)


def beside_others(folder: Path, *arguments: str) -> Ran:
    """Run pytest with every plugin that is installed."""
    return run_in(folder, sys.executable, "-P", "-m", "pytest", *arguments)


def run_in(folder: Path, *command: str, timeout: float = 120, **environment: str) -> Ran:
    """Run a command in a folder, without keys and without what binds it to this run of pytest."""
    ours = ("PYTEST_", "COV_", "COLUMNS", "CI", "BUILD_NUMBER", "NO_COLOR", "FORCE_COLOR", "PY_COLORS")
    clean = {k: v for k, v in os.environ.items() if not k.startswith(ours) and not k.endswith("_KEY")}
    done = subprocess.run(
        command,
        cwd=folder,
        env={**clean, "PYTHONUTF8": "1", "COLUMNS": "140", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )
    return Ran(done.returncode, timeless(done.stdout), done.stderr)
