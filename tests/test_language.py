"""The reference of the spec language: every block of docs/language.md is compiled, and is what it says.

A section (`##` or `###`) is a small project with the example repo's pictures. What stands behind a
block's language says what the block is:

- `toml` or `jinja`: a spec. It compiles without errors or warnings, beside the section's files.
- `toml PATH`, `jinja PATH`, `text PATH`: a file of the section; whole specs among them compile.
- `toml part`, `jinja body`: a piece of a spec, put into a frame.
- `toml wrong`, `jinja wrong`: a spec with mistakes; the `text` block below it is what promptc says.
- `toml project`: a project file.
- `json`: the body of the request that the spec above it compiles to; `json CASE` that of one case;
  `json variables.json` is a file.
- `console`: commands, run in the section's project.

Below a spec, a table whose first column is `case` lists all its cases: other columns are the first
text (`prompt`), `model`, and the ratio (`aspectRatio`).
"""

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Any

import pytest

from promptc.compiler.driver import Compilation, compile_specs, find_specs
from promptc.compiler.library import Library
from promptc.config import load
from promptc.diagnostics import Severity
from promptc.files import Root
from promptc.report.full import full
from promptc.report.requests import request_json
from promptc.report.style import Style
from promptc.request import Request
from tests.test_docs import pattern, shell, steps

REPO = Path(__file__).parent.parent
PAGE = (REPO / "docs" / "language.md").read_text(encoding="utf-8")
SUFFIXES = {"toml": "toml", "jinja": "j2"}
MODEL = 'model = "gemini-3.1-flash-image"\n'
# Where pieces of specs stand, and the variables that they may use.
VARIABLES = """
[variables.species]
type = "string"
default = "Luna moth"

[variables.photo]
type = "image"
default = "images/wing.png"

[variables.photos]
type = "array"
items = { type = "image" }
default = ["images/wing.png", "images/leaf.webp"]

[variables.large]
type = "boolean"
default = true
"""
FRAMES = {
    "toml part": MODEL + VARIABLES + "\n[[turns]]\nparts = [\n{}]\n",
    "jinja body": f"+++\n{MODEL}{VARIABLES}+++\n{{}}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block, the files of its section, the spec above it, and the lines below it."""

    line: int
    info: str
    text: str
    files: Mapping[str, str] = field(default_factory=dict)
    spec: "Block | None" = None
    below: Sequence[str] = ()

    @property
    def language(self) -> str:
        """What the block is written in."""
        return self.info.partition(" ")[0]

    @property
    def role(self) -> str:
        """What the block is."""
        return self.info.partition(" ")[2]

    @property
    def names_a_file(self) -> bool:
        """Whether the block is a file of its section."""
        return "." in self.role

    @property
    def is_spec(self) -> bool:
        """Whether the block is a whole spec without a name of its own, or a piece in its frame."""
        return self.language in SUFFIXES and (self.role in {"", "wrong"} or self.info in FRAMES)

    @property
    def source(self) -> str:
        """The spec, in its frame if it is a piece."""
        return FRAMES[self.info].replace("{}", self.text) if self.info in FRAMES else self.text


def blocks() -> Iterator[Block]:
    """Yield the blocks of the page in order."""
    lines = PAGE.splitlines()
    number = 0
    files: dict[str, str] = {}
    waiting: list[Block] = []
    spec: Block | None = None
    while number < len(lines):
        line = lines[number]
        if re.match(r"##", line):
            yield from (seal(block, files) for block in waiting)
            files, waiting, spec = {}, [], None
        if line.startswith("```"):
            text = "".join(f"{inner}\n" for inner in takewhile(lambda inner: inner != "```", lines[number + 1 :]))
            first, number = number + 1, number + text.count("\n") + 1
            block = Block(line=first, info=line[3:], text=text, spec=spec, below=lines[number + 1 :])
            if block.names_a_file:
                files[block.role] = text
            elif block.is_spec:
                spec = block
            waiting.append(block)
        number += 1
    yield from (seal(block, files) for block in waiting)


def seal(block: Block, files: Mapping[str, str]) -> Block:
    return Block(
        line=block.line, info=block.info, text=block.text, files=files, spec=block.spec, below=table_below(block.below)
    )


def table_below(lines: Sequence[str]) -> list[str]:
    """Return the lines of a table of cases, if one follows."""
    rest = [line for line in lines[:4] if line.startswith("| case")]
    start = lines.index(rest[0]) if rest and "```" not in lines[: lines.index(rest[0])] else len(lines)
    return list(takewhile(lambda line: line.startswith("|"), lines[start:]))


BLOCKS = list(blocks())


def tables_of_the_reference() -> Iterator[str]:
    """Yield the TOML of each sound spec, for other tests."""
    for block in BLOCKS:
        if (block.is_spec and block.role != "wrong") or (block.names_a_file and block.language == "toml"):
            yield block.source.split("+++\n")[1] if block.language == "jinja" else block.source


def of(*infos: str, languages: Sequence[str] = ()) -> pytest.MarkDecorator:
    """Parametrize a test with the blocks of some kinds."""
    chosen = [b for b in BLOCKS if b.info in infos or (b.language in languages and b.is_spec and b.role != "wrong")]
    assert chosen, infos
    return pytest.mark.parametrize("block", chosen, ids=lambda block: f"line-{block.line}")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(REPO / "specs" / "images", tmp_path / "specs" / "images")
    (tmp_path / "promptc.toml").write_text("version = 1\nallow_emulator = true\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(home: Path, files: Mapping[str, str], spec: Block | None = None) -> None:
    for name, text in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, encoding="utf-8")
    if spec:
        (home / "specs" / f"example.{SUFFIXES[spec.language]}").write_text(spec.source, encoding="utf-8")


def compiled(home: Path) -> Compilation:
    project = load(home)
    files, found = find_specs(project)
    made = compile_specs(project, files)
    return Compilation(cases=made.cases, diagnostics=(*found, *made.diagnostics))


def shown(request: Request, home: Path) -> Any:
    """Return a body as `promptc compile` prints it, with short digests."""
    (row,) = json.loads(request_json([request], load(home).find_target(None)))
    return json.loads(re.sub(r"sha256:[0-9a-f]{64}", "sha256:…", json.dumps(row["body"])))


def test_every_block_of_the_reference_is_of_a_known_kind() -> None:
    known = {"toml", "jinja", "toml wrong", "jinja wrong", "toml project", "json", "text", "console", *FRAMES}

    assert [b.info for b in BLOCKS if b.info not in known and not b.names_a_file and b.language != "json"] == []


def test_every_expected_text_stands_below_the_mistake_that_it_is_about() -> None:
    above = [b.role for b, below in pairwise(BLOCKS) if below.info == "text"]

    assert set(above) == {"wrong"}
    assert len(above) == sum(b.role == "wrong" for b in BLOCKS)


@of(languages=("toml", "jinja"))
def test_each_spec_of_the_reference_compiles(home: Path, block: Block) -> None:
    write(home, block.files, block)

    compilation = compiled(home)

    mistakes = [d for d in compilation.diagnostics if d.severity is not Severity.NOTE]
    if block.info in FRAMES:
        mistakes = [d for d in mistakes if d.code != "P205"]  # no piece uses all of its frame's variables
    assert mistakes == []
    assert compilation.cases


@of("toml wrong", "jinja wrong")
def test_each_mistake_of_the_reference_is_told_as_printed(home: Path, block: Block) -> None:
    write(home, block.files, block)
    message = next(below for above, below in pairwise(BLOCKS) if above is block)

    assert full(compiled(home).diagnostics, Style()).rstrip() == message.text.rstrip()


@of(*{block.info for block in BLOCKS if block.language == "json" and not block.names_a_file})
def test_each_body_of_the_reference_is_what_the_spec_above_it_compiles_to(home: Path, block: Block) -> None:
    assert block.spec
    write(home, block.files, block.spec)

    cases = {case.name: case for case in compiled(home).cases if case.spec == "example"}

    case = cases[block.role or "default"]
    assert json.loads(block.text) == shown(case.requests[0], home)


@pytest.mark.parametrize(
    "block", [b for b in BLOCKS if b.below and b.language in SUFFIXES], ids=lambda block: f"line-{block.line}"
)
def test_each_table_of_cases_is_what_the_spec_above_it_compiles_to(home: Path, block: Block) -> None:
    write(home, block.files, block)
    columns, _, *rows = [[cell.strip().strip("`") for cell in row.strip("|").split("|")] for row in block.below]

    printed = [{"case": case.name, **seen(case.requests[0], home)} for case in compiled(home).cases]

    assert [dict(zip(columns, row, strict=True)) for row in rows] == [
        {column: case[column] for column in columns} for case in printed
    ]


def seen(request: Request, home: Path) -> Mapping[str, str]:
    body = shown(request, home)
    ratio = body.get("generationConfig", {}).get("imageConfig", {}).get("aspectRatio", "")
    return {"prompt": body["contents"][0]["parts"][0]["text"], "model": request.model, "aspectRatio": ratio}


@of("console")
def test_each_command_of_the_reference_prints_what_it_says(home: Path, block: Block) -> None:
    write(home, block.files, block.spec)

    for command, expected in steps(block.text):
        printed = shell(command, home)
        assert re.fullmatch(pattern(expected), printed), f"$ {command}\n{printed}"


@of("toml project")
def test_each_project_file_of_the_reference_loads(home: Path, block: Block) -> None:
    (home / "promptc.toml").write_text(block.text)

    assert load(home).targets["proxy"].key_env == "PROXY_KEY"


def test_the_reference_lists_the_filters_tests_and_functions_that_there_are() -> None:
    library = Library(Root(folder=REPO))
    section = PAGE.partition("### Filters, tests and functions")[2].partition("\n### ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    named = set(re.findall(r"`([\w=!<>]+)`", "".join(row.split("|")[-2] for row in rows if "not there" not in row)))

    assert named == {*library.filters, *library.tests, *library.globals, "image"}
