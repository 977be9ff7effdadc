"""Fuzz: values that a declaration allows and the request does not are found, and the smallest are shown."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from promptc.compiler.driver import find_specs
from promptc.errors import UsageError
from promptc.pipeline.fuzz import FuzzResult, fuzz, has_variables
from promptc.report.full import full
from promptc.report.style import Style
from tests.compiler.project import WING
from tests.workshop import Workshop

HEAD = 'model = "gemini-3.1-flash-image"\n'


@pytest.fixture(autouse=True)
def _in_the_repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def tried(root: Path, spec: str, examples: int = 200, seconds: float = 120) -> FuzzResult:
    workshop = Workshop.make(root, {"moths": HEAD + spec})
    (root / "specs" / "wing.png").write_bytes(WING)
    return fuzz(workshop.project, find_specs(workshop.project)[0][0], examples, seconds=seconds)


def told(result: FuzzResult, root: Path) -> str:
    return full(result.diagnostics, Style()).replace(f"{root.as_posix()}/", "")


def test_a_number_without_a_maximum_is_found_with_the_smallest_that_is_too_large(tmp_path: Path) -> None:
    result = tried(
        tmp_path,
        """
[variables.warmth]
type = "number"
minimum = 0

[variables.species]
type = "string"
default = "Luna moth"

[[turns]]
text = "A {{ species }}"

[generationConfig]
temperature = "{{ warmth }}"

[[cases]]
name = "warm"
variables = { warmth = 1 }
""",
    )

    assert (
        told(result, tmp_path)
        == """\
error[P407]: expected at most 2, got 3
  --> specs/moths.toml:15:15
   |
15 | temperature = "{{ warmth }}"
   |               ^^^^^^^^^^^^^^
   = with warmth = 3
   = `promptc compile specs/moths.toml::warm --var warmth=3` shows it
   = declared here: specs/moths.toml:3:12
"""
    )
    assert not result.good


def test_text_where_the_api_takes_few_words_is_found(tmp_path: Path) -> None:
    result = tried(
        tmp_path,
        """
[variables.ratio]
type = "string"
pattern = '^[1-9][0-9]?:[1-9][0-9]?$'
default = "1:1"

[[turns]]
text = "A moth"

[generationConfig]
responseModalities = ["IMAGE"]
imageConfig = { aspectRatio = "{{ ratio }}" }
""",
    )

    assert (
        told(result, tmp_path)
        == """\
error[P408]: `1:2` is no aspect ratio of `gemini-3.1-flash-image`
  --> specs/moths.toml:13:31
   |
13 | imageConfig = { aspectRatio = "{{ ratio }}" }
   |                               ^^^^^^^^^^^^^
   = with ratio = "1:2"
   = `promptc compile specs/moths.toml::default --var ratio=1:2` shows it
   = expected: one of `1:1`, `1:4`, `4:1`, `1:8`, `8:1`, `2:3`, `3:2`, `3:4`, `4:3`, `4:5`, `5:4`, `9:16`, `16:9`, `21:9`
   = help: the nearest are `9:16` and `2:3`
   = declared here: specs/moths.toml:3:12
"""
    )


def test_more_pictures_than_the_model_takes_are_found(tmp_path: Path) -> None:
    result = tried(
        tmp_path,
        """
[variables.wings]
type = "array"
items = { type = "image" }
maxItems = 16
default = ["wing.png"]

[[turns]]
parts = [{ text = "A moth like these" }, { image = "{{ wings }}" }]
""",
    )

    given = ", ".join(['"specs/wing.png"'] * 15)
    assert (
        told(result, tmp_path)
        == f"""\
error[P413]: the request brings 15 reference images, `gemini-3.1-flash-image` takes 14
  --> specs/moths.toml:10:42
   |
10 | parts = [{{ text = "A moth like these" }}, {{ image = "{{{{ wings }}}}" }}]
   |                                          ^^^^^^^^^^^^^^^^^^^^^^^^^
   = with wings = [{given[:99]}… (15 elements)
   = `promptc compile specs/moths.toml::default --var 'wings=[{given}]'` shows it
   = expected: at most 14
   = help: leave some out, or put several into one picture
   = declared here: specs/moths.toml:3:12
"""
    )


def test_text_of_any_kind_is_text_and_breaks_nothing(tmp_path: Path) -> None:
    result = tried(
        tmp_path,
        """
[variables.wish]
type = "string"
default = "a moth"
minLength = 1

[[turns]]
text = "{{ wish }}"
""",
    )

    assert told(result, tmp_path) == ""


def test_a_text_that_a_value_can_make_empty_is_found(tmp_path: Path) -> None:
    result = tried(
        tmp_path,
        """
[variables.wish]
type = "string"
default = "a moth"

[[turns]]
text = "{{ wish }}"
""",
    )

    assert (
        told(result, tmp_path)
        == """\
error[P104]: the text is empty, so nothing is said: `wish` is `""`
  --> specs/moths.toml:8:8
  |
8 | text = "{{ wish }}"
  |        ^^^^^^^^^^^^
   = with wish = ""
   = `promptc compile specs/moths.toml::default --var wish=` shows it
   = help: give `wish` a text; `minLength = 1` in its declaration refuses an empty one
   = declared here: specs/moths.toml:3:12
"""
    )


def test_every_mistake_is_told_once_with_what_it_needs(tmp_path: Path) -> None:
    result = tried(
        tmp_path,
        """
[variables.top]
type = "number"
default = 1

[variables.warmth]
type = "number"
default = 1

[[turns]]
text = "A moth"

[generationConfig]
topP = "{{ top }}"
temperature = "{{ warmth }}"
""",
    )

    assert sorted((d.message, *d.details) for d in result.diagnostics) == [
        (
            "expected at least 0, got -1",
            "with top = -1",
            "`promptc compile specs/moths.toml::default --var top=-1` shows it",
        ),
        (
            "expected at least 0, got -1",
            "with warmth = -1",
            "`promptc compile specs/moths.toml::default --var warmth=-1` shows it",
        ),
    ]


def test_a_sound_spec_passes_whatever_its_variables_hold(tmp_path: Path) -> None:
    result = tried(
        tmp_path,
        """
[variables.species]
type = "string"
minLength = 1

[variables.warmth]
type = "number"
minimum = 0
maximum = 2
default = 1

[variables.wing]
type = "image"
default = "wing.png"

[variables.style]
enum = ["woodcut", "watercolour"]
default = "woodcut"

[[turns]]
parts = [{ text = "A {{ species }} as a {{ style }}" }, { image = "{{ wing }}" }]

[generationConfig]
temperature = "{{ warmth }}"

[[cases]]
name = "luna"
variables = { species = "Luna moth" }
""",
    )

    assert result == FuzzResult(spec="moths", asked=200, tried=result.tried, diagnostics=())
    assert result.tried > 100


def test_each_case_that_differs_in_more_than_variables_is_tried(tmp_path: Path) -> None:
    result = tried(
        tmp_path,
        """
[variables.warmth]
type = "number"
minimum = 0
maximum = 2
default = 1

[[turns]]
text = "A moth"

[generationConfig]
topP = "{{ warmth / 2 }}"

[[cases]]
name = "sound"

[[cases]]
name = "same"
variables = { warmth = 2 }

[[cases]]
name = "steep"
generationConfig = { topP = "{{ 1 if warmth == 1 else warmth }}" }
""",
    )

    assert {diagnostic.subject for diagnostic in result.diagnostics} == {"moths::steep"}


def test_the_matrix_keeps_what_it_sets(tmp_path: Path) -> None:
    result = tried(
        tmp_path,
        """
[variables.warmth]
type = "number"

[[turns]]
text = "A moth"

[generationConfig]
temperature = "{{ warmth }}"

[matrix]
warmth = [0, 1, 2]
""",
    )

    assert result == FuzzResult(spec="moths", asked=200, tried=0, diagnostics=())


def test_a_spec_with_mistakes_says_those_and_is_not_tried(tmp_path: Path) -> None:
    result = tried(tmp_path, '[variables.wish]\ntype = "string"\n[[turns]]\ntext = "{{ wihs }}"\n')

    assert [diagnostic.message for diagnostic in result.diagnostics] == [
        "`wihs` is undefined",
    ]
    assert result.tried == 0


def test_declarations_that_nothing_meets_are_told_at_their_line(tmp_path: Path) -> None:
    result = tried(
        tmp_path,
        """
[variables.wings]
type = "array"
items = { type = "image" }
default = []

[variables.mood]
type = "object"
additionalProperties = { anyOf = [{ type = "string" }] }
default = {}

[[turns]]
parts = [{ text = "A moth {{ mood | length }}" }, { image = "{{ wings }}" }]
""",
    )

    assert (
        told(result, tmp_path)
        == """\
error[P204]: no values can be drawn for variable `wings`: the spec names no picture that could be drawn
  --> specs/moths.toml:3:12
  |
3 | [variables.wings]
  |            ^^^^^
   = help: declare what it may hold, or give the values that matter in cases

error[P204]: no values can be drawn for variable `mood`: no values are drawn by `anyOf`
  --> specs/moths.toml:8:12
  |
8 | [variables.mood]
  |            ^^^^
   = help: declare what it may hold, or give the values that matter in cases
"""
    )


def test_when_the_time_is_over_it_says_so(tmp_path: Path) -> None:
    spec = '[variables.wish]\ntype = "string"\ndefault = "moth"\n[[turns]]\ntext = "A {{ wish }}"\n'

    assert tried(tmp_path, spec, seconds=0) == FuzzResult(spec="moths", asked=200, tried=0, diagnostics=(), cut=True)


def test_nothing_is_left_in_the_project_but_in_its_own_folder(tmp_path: Path) -> None:
    tried(tmp_path, '[variables.wish]\ntype = "string"\ndefault = "moth"\n[[turns]]\ntext = "A {{ wish }}"\n', 5)

    assert {path.name for path in tmp_path.iterdir()} - {".promptc"} == {"promptc.toml", "specs"}


def test_only_specs_with_variables_that_vary_are_tried(tmp_path: Path) -> None:
    workshop = Workshop.make(
        tmp_path,
        {
            "fixed": HEAD + '[[turns]]\ntext = "A moth"\n',
            "free": HEAD + '[variables.a]\ndefault = "b"\n[[turns]]\ntext = "{{ a }}"\n',
            "torn": HEAD + "[variables.a\n",
        },
    )

    assert {file.name: has_variables(workshop.project, file) for file in find_specs(workshop.project)[0]} == {
        "fixed": False,
        "free": True,
        "torn": True,
    }


SCRIPT = """
import sys
from pathlib import Path
import promptc.pipeline.fuzz as fuzz
from promptc.compiler.driver import find_specs
from promptc.config import load
project = load(Path("."))
seen = []
fuzz._Fuzz._mistakes = lambda self, case, values: seen.append((case, values)) or ()
fuzz.fuzz(project, find_specs(project)[0][0], 40)
print(repr(seen).encode())
"""


def test_the_same_values_are_drawn_whatever_the_hash_seed(tmp_path: Path) -> None:
    spec = """
[variables.wish]
type = "string"
default = "moth"
[variables.mood]
type = "object"
default = {}
[variables.count]
enum = [1, 2, 3]
default = 1
[[turns]]
text = "A {{ wish }} {{ mood | length }} {{ count }}"
"""
    Workshop.make(tmp_path, {"moths": HEAD + spec})
    printed = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            timeout=120,
        ).stdout
        for seed in ("0", "1", "2")
    }

    assert len(printed) == 1
    assert printed.pop().count(b"wish") >= 30


def test_without_hypothesis_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)

    with pytest.raises(UsageError) as raised:
        tried(tmp_path, '[[turns]]\ntext = "A moth"\n')

    assert str(raised.value) == "drawing values needs hypothesis: `pip install 'promptc[testing]'`"
