"""Every code has a page in `promptc/explained/`; its bad example says what the page shows, the mended one is good.

`PROMPTC_UPDATE_CASES=1 pytest tests/test_explained.py && make docs` writes the messages anew, to be
read before they are committed. Continuous integration never sets it.
"""

import os
import re
import shlex
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from promptc.cli.main import main
from promptc.codes import CODES
from promptc.emulator.server import Emulator
from promptc.explanation import DEFAULT_COMMAND, PAGES, Block, explanation, page_of, read_page, with_message

IMAGES = Path(__file__).parent.parent / "specs" / "images"
UPDATE = os.environ.get("PROMPTC_UPDATE_CASES") == "1"
UNPROVOKED = {"P703"}
"""What no command can bring about while promptc keeps its word; another code without an example is a mistake."""

DIAGNOSTIC = re.compile(r"^(?:error|warning|note)\[(P\d{3})\]: .*\n(?:.+\n)*", re.MULTILINE)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@dataclass
class Example:
    """A project in which a page's blocks are carried out, by the real command line in this process."""

    root: Path
    capture: pytest.CaptureFixture[str]
    stack: ExitStack
    ports: dict[str, str] = field(default_factory=dict)
    command: str = DEFAULT_COMMAND
    exit_code: int | str | None = None

    def carry_out(self, blocks: Iterable[Block]) -> str:
        """Write, edit and run; return what the last command printed, or that of before where there is none."""
        blocks = list(blocks)
        printed = None
        for block in blocks:
            if block.kind == "commands":
                for command in commands(block):
                    printed = self.run(command)
            else:
                self.write(block)
                printed = None
        return self.run(self.command) if printed is None else printed

    def write(self, block: Block) -> None:
        assert block.file
        path = self.root / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        text = edited(path.read_text(encoding=block.encoding), block.text) if block.kind == "edit" else block.text
        for named, real in self.ports.items():
            text = text.replace(named, real)
        path.write_bytes(text.encode(block.encoding))

    def run(self, command: str) -> str:
        """Run a command of promptc, or one of the few of a shell that examples need."""
        program, *words = shlex.split(command)
        match program, words:
            case "promptc", ["emulator", "--port", port, "--faults", faults, "&"]:
                emulator = self.stack.enter_context(Emulator(faults=faults))
                self.ports[f"http://127.0.0.1:{port}"] = emulator.base_url
            case "promptc", _:
                self.command = command
                return self.promptc(words)
            case "rm", ["-r", folder]:
                shutil.rmtree(self.root / folder)
            case "rm", [file]:
                (self.root / file).unlink()
            case "mv", [old, new]:
                (self.root / old).rename(self.root / new)
            case _:
                pytest.fail(f"no example needs `{command}`")
        return ""

    def promptc(self, words: list[str]) -> str:
        self.capture.readouterr()
        with pytest.raises(SystemExit) as left:
            main(words)
        done = self.capture.readouterr()
        printed = f"{done.err}\n{done.out}"
        self.exit_code = left.value.code
        assert self.exit_code in {0, 1} or told(printed), printed
        for named, real in self.ports.items():
            printed = printed.replace(real, named)
        return printed


def commands(block: Block) -> Iterator[str]:
    for line in block.text.splitlines():
        assert line.startswith("$ "), f"a console block holds commands only, not: {line}"
        yield line.removeprefix("$ ")


def edited(text: str, edit: str) -> str:
    """Change the one place that holds an edit's old lines, whatever moment a recording in them was made."""
    lines = [line if line != "\n" else " \n" for line in edit.splitlines(keepends=True)]
    old = "".join(line[1:] for line in lines if line[0] in " -")
    new = "".join(line[1:] for line in lines if line[0] in " +")
    places = re.findall(TIME.sub(lambda _: TIME.pattern, re.escape(old).replace("\\-", "-")), text)
    assert len(places) == 1, f"{len(places)} places hold these lines:\n{old}"
    return text.replace(places[0], new)


def told(printed: str) -> str:
    return "\n".join(match.group() for match in DIAGNOSTIC.finditer(printed))


def timeless(text: str) -> str:
    return TIME.sub("<time>", text)


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Example]:
    shutil.copytree(IMAGES, tmp_path / "specs" / "images")
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.endswith("_KEY") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    with ExitStack() as stack:
        yield Example(root=tmp_path, capture=capsys, stack=stack)


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert sorted(path.name for path in PAGES.iterdir()) == sorted(f"{code}.md" for code in CODES)


@pytest.mark.parametrize("code", CODES)
def test_the_bad_example_says_what_the_page_shows_and_the_mended_one_is_good(code: str, example: Example) -> None:
    page = explanation(code)
    assert page.why
    if code in UNPROVOKED:
        assert not page.message
        return

    printed = example.carry_out(page.bad)
    message = told(printed)
    if UPDATE and message and timeless(message) != timeless(page.message):
        path = page_of(code)
        path.write_bytes(with_message(path.read_text(encoding="utf-8"), message).encode())
    else:
        assert timeless(message) == timeless(page.message), printed
    assert set(DIAGNOSTIC.findall(printed)) == {code}, printed

    mended = example.carry_out(page.mended)
    assert example.exit_code == 0, mended
    assert all(match[1] != code and match[0].startswith("note") for match in DIAGNOSTIC.finditer(mended)), mended


def test_a_page_of_another_form_is_refused() -> None:
    bad, message, mended = "```toml specs/a.toml\n```\n", "```text\nerror\n```\n", "```toml specs/a.toml\n```\n"
    for text, reason in {
        f"Why.\n\n## Bad\n{bad}{message}": "a page has one `## Bad` and one `## Mended`",
        f"Why.\n\n## Bad\n{bad}\n## Mended\n{mended}": "the bad example ends with the message in a block `text`",
        f"Why.\n\n## Bad\n{bad}{message}\n## Mended\n": "the mended one is not empty",
        f"Why.\n\n## Bad\n{bad}Then:\n{message}\n## Mended\n{mended}": "only blocks stand below",
        f"Why.\n\n## Bad\n```toml\n```\n{message}\n## Mended\n{mended}": "the block `toml` names no file",
    }.items():
        with pytest.raises(ValueError, match=re.escape(reason)):
            read_page("P201", text)
