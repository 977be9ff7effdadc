"""Small projects for tests: specs written from text, commands run in them."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from promptc.config import Project, load
from promptc.pipeline.run import RunResult, run
from promptc.replay.modes import RecordMode
from tests.forked import promptc

REPO = Path(__file__).parent.parent

BUTTERFLY = """\
model = "gemini-3.1-flash-image"

[[turns]]
text = "A Monarch butterfly on textured parchment"

[generationConfig]
responseModalities = ["TEXT", "IMAGE"]
imageConfig = { aspectRatio = "1:1", imageSize = "512" }
"""

ANSWERS = "answers: emulator (stand-in), gemini-3.1-flash-image, <age> old\n"
"""Where the answers come from, once the text is `timeless`."""

CHAT = """\
model = "gemini-3.1-flash-image"

[[turns]]
text = "A Monarch butterfly"

[[turns]]
reply = true

[[turns]]
text = "Now open the wings."

[[turns]]
reply = true

[[turns]]
text = "Now make them blue."

[generationConfig]
responseModalities = ["TEXT", "IMAGE"]
imageConfig = { aspectRatio = "1:1", imageSize = "512" }
"""


def copy_example(root: Path) -> None:
    """Copy the example repo: its specs, recordings and project file."""
    for name in ("specs", "cassettes"):
        shutil.copytree(REPO / name, root / name)
    shutil.copy(REPO / "promptc.toml", root)


def timeless(text: str) -> str:
    """Return printed text without moments, and without the ages of answers."""
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<time>", text)
    return re.sub(r"^(answers:.*,)[^,\n]* old$", r"\1 <age> old", text, flags=re.MULTILINE)


def sizeless(text: str) -> str:
    """Return printed text without the bytes of pictures, which are the encoder's affair."""
    return re.sub(r"\b[\d,]+ bytes", "<size> bytes", text)


@dataclass(frozen=True, slots=True)
class Workshop:
    """A prompt repo in a folder of its own."""

    root: Path

    @classmethod
    def make(cls, root: Path, specs: Mapping[str, str], *, stand_ins: bool = True) -> "Workshop":
        """Write a project with specs by name; its recordings may come from the emulator."""
        (root / "specs").mkdir(parents=True)
        (root / "promptc.toml").write_text(f"version = 1\nallow_emulator = {str(stand_ins).lower()}\n")
        workshop = cls(root)
        for name, text in specs.items():
            workshop.spec(name).parent.mkdir(parents=True, exist_ok=True)
            workshop.spec(name).write_text(text)
        return workshop

    @property
    def project(self) -> Project:
        """The project as it is on disk now."""
        return load(self.root)

    def spec(self, name: str) -> Path:
        """Return a spec's file."""
        return self.root / "specs" / f"{name}.toml"

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a spec's text; what is to change must be there."""
        text = self.spec(name).read_text()
        assert old in text
        self.spec(name).write_text(text.replace(old, new))

    def cassette(self, name: str) -> Path:
        """Return a file below the cassettes folder."""
        return self.root / "cassettes" / name

    def files(self, folder: str = "cassettes") -> dict[str, bytes]:
        """Return every file below a folder, by its relative name."""
        top = self.root / folder
        return {p.relative_to(top).as_posix(): p.read_bytes() for p in sorted(top.rglob("*")) if p.is_file()}

    def record(self, *specs: str, mode: RecordMode = RecordMode.NEW_EPISODES, accept: bool = False) -> RunResult:
        """Record from the emulator, in this process."""
        return run(self.project, specs, mode=mode, target="emulator", accept=accept)

    def replay(self, *specs: str, output: Path | None = None) -> RunResult:
        """Run offline, in this process."""
        return run(self.project, specs, output=output)

    def command(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the real command line in the project's folder, without any key in the environment."""
        clean = {k: v for k, v in os.environ.items() if not k.endswith("_KEY") and k not in {"NO_COLOR", "FORCE_COLOR"}}
        return promptc(arguments, cwd=self.root, env={**clean, **environment})

    def json(self, *arguments: str) -> Any:
        """Run a command and read what it prints as JSON."""
        done = self.command(*arguments)
        assert not done.stderr, done.stderr
        return json.loads(done.stdout)
