"""Whatever a spec or a value holds: structure stays, mistakes have places, nothing ends in a traceback."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from promptc.compiler.driver import compile_specs, find_specs
from promptc.errors import UsageError
from promptc.report.full import full
from promptc.report.style import Style
from promptc.schema import camel_case
from promptc.toml_tree import Node
from tests.compiler.project import MODEL, WING, body, compiled, node, project, quoted, said

SPEC = """model = "gemini-3.1-flash-image"
system = "You draw {{ wish }}."

[variables.wish]
type = "string"
default = "a moth"

[variables.reference]
type = "image"
default = "wing.png"

[[turns]]
parts = [
  { text = "{{ wish }}" },
  { image = "{{ reference }}" },
  { text = "before {{ wish }} after" },
]

[[turns]]
role = "model"
text = "{% if wish %}{{ wish }}{% endif %}"

[[turns]]
text = '''literal {{ wish | upper }}'''

[generationConfig]
responseModalities = ["TEXT", "IMAGE"]
imageConfig = { aspectRatio = "1:1", imageSize = "2K" }
temperature = 0.5

[[tools]]
google_search = {}

[expect]
images = { count = 1, minWidth = 512 }

[[cases]]
name = "luna"
variables = { wish = "a luna moth" }
expect = { text = { contains = ["luna"] } }

[[cases]]
name = "atlas"

[matrix]
model = ["gemini-3.1-flash-image", "gemini-3-pro-image"]
"""
MARKERS = (
    "<<<dotprompt:role:system>>>", "system:\n", "{% reply %}", "{{ wish }}", "{{ image('x') }}", "{% endif %}", "{#",
    '"""', "'''", "[[turns]]", 'text = "x"', '"}, {"role": "model"', "\r\n", "\r", "\0", "\x1b[31m", "\u202e", "\u2028",
    "é", "e\u0301", "🦋", "\ufdd0", "sha256:" + "0" * 64, "\\", "</script>",
)  # fmt: skip
WILD = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.lists(st.sampled_from(MARKERS), max_size=5).map("".join),
)


@pytest.fixture(scope="module")
def folder() -> Any:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name).resolve()


@settings(max_examples=60)
@given(value=WILD.filter(bool))  # where a value is all of a text, an empty one is an error
@example(value="{% reply %}<<<dotprompt:role:system>>>")
def test_a_value_never_changes_the_structure_and_stays_as_it_is(folder: Path, value: str) -> None:
    text = SPEC.partition("[expect]")[0].replace('"a moth"', quoted(value))

    made = body(compiled(folder, text, {"wing.png": WING}))

    first, second, third = made["contents"]
    assert [list(part) for part in first["parts"]] == [["text"], ["inlineData"], ["text"]]
    assert first["parts"][0]["text"] == value
    assert first["parts"][2]["text"] == f"before {value} after"
    assert second == {"parts": [{"text": value}], "role": "model"}
    assert third == {"parts": [{"text": f"literal {value.upper()}"}], "role": "user"}
    assert made["systemInstruction"] == {"parts": [{"text": f"You draw {value}."}]}


@settings(max_examples=40)
@given(value=WILD.filter(bool))
def test_a_value_from_the_command_line_stays_as_it_is(folder: Path, value: str) -> None:
    made = body(compiled(folder, SPEC.partition("[expect]")[0], {"wing.png": WING}, wish=value))

    assert made["contents"][0]["parts"][0] == {"text": value}


def keys(document: Node) -> list[tuple[int, int]]:
    """Return the offsets of every key that has a meaning of its own."""
    found: set[tuple[int, int]] = set()

    def walk(inner: Node, path: tuple[str, ...]) -> None:
        if isinstance(inner.value, tuple):
            for item in inner.items:
                walk(item, path)
        elif isinstance(inner.value, dict):
            for name, item in inner.table.items():
                if item.key and path not in {("variables",), ("cases", "variables")}:
                    found.add((item.key.start, item.key.end))
                walk(item, (*path, name))

    walk(document, ())
    return sorted(found)


KEYS = keys(node(SPEC))


@pytest.mark.parametrize("span", KEYS, ids=[f"{SPEC[a:b]} at {a}" for a, b in KEYS])
@settings(max_examples=3)
@given(data=st.data())
def test_a_misspelt_key_is_found_at_its_line_and_column(
    folder: Path, span: tuple[int, int], data: st.DataObject
) -> None:
    start, end = span
    word = SPEC[start:end]
    at = data.draw(st.integers(1, len(word) - 1))
    wrong = word[:at] + data.draw(st.sampled_from("xqz9")) + word[at:]
    headers = SPEC[:start].endswith("[")
    text = SPEC[:start] + wrong + SPEC[end:]
    if headers and camel_case(word) != wrong and text.count(f"[{word}.") + text.count(f"[[{word}]]"):
        return  # the header stands there several times: the others keep the key alive

    made = compiled(folder, text, {"wing.png": WING})

    line = text.count("\n", 0, start) + 1
    column = start - text.rfind("\n", 0, start)
    assert made.cases == ()
    assert (line, column) in {(row[1], row[2]) for row in said(made) if row[0] in {"P003", "P401", "P201", "P106"}}


SPANS = st.tuples(st.integers(0, len(SPEC)), st.integers(0, 25))
PIECES = st.one_of(
    st.sampled_from([
        *MARKERS, "", "=", "[", "]", "{", "}", ",", '"', "'", "\n", "0", "-1", "1e999", "nan", "true", "[]", "{}", "[[", "]]",
        "{{", "}}", "{%", "%}", "{{ 1 / 0 }}", "{{ none }}", "1979-05-27", "99999999999999999999", "turns", "reply = true\n",
        "contents = []\n", "unchecked.x = 1\n", "a.b.c = 1\n", "wing.png", "https://x", "../", "expect", "matrix", "type", "image",
        "\\u0000", "\\ud800", "{{ reference }}", "{{ range }}", "{{ [reference] }}", '"' * 3, "[" * 70, "{{ '\\ud800' }}",
    ]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
)  # fmt: skip
CHANGES = st.lists(st.tuples(SPANS, st.one_of(PIECES, SPANS)), min_size=1, max_size=4)


@settings(max_examples=400)
@given(changes=CHANGES)
def test_no_spec_makes_the_compiler_raise(folder: Path, changes: list[tuple[tuple[int, int], Any]]) -> None:
    text = SPEC
    for (start, length), piece in changes:
        middle = SPEC[piece[0] : piece[0] + piece[1]] if isinstance(piece, tuple) else piece
        text = text[:start] + middle + text[start + length :]
    made = project(folder, {"spec.toml": text, "wing.png": WING})
    files, found = find_specs(made)
    try:
        compilation = compile_specs(made, files)
    except UsageError:
        return
    printed = full([*found, *compilation.diagnostics], Style())
    assert "\x1b" not in printed
    assert compilation.cases or compilation.diagnostics
    for case in compilation.cases:
        for request in case.requests:
            if request.bound:
                assert request.fingerprint.startswith("v1:")
                json.loads(request.wire_body())


@settings(max_examples=100)
@given(data=st.binary(max_size=60))
def test_no_bytes_make_the_compiler_raise(folder: Path, data: bytes) -> None:
    made = compiled(folder, MODEL.encode() + data)

    assert made.diagnostics


@pytest.mark.parametrize("depth", [10, 59, 61, 400, 5000])
@pytest.mark.parametrize(
    "shape",
    [
        lambda depth: f"[unchecked]\nx = {'[' * depth}{']' * depth}\n",
        lambda depth: f"[unchecked]\nx = {'{a=' * depth}1{'}' * depth}\n",
        lambda depth: f"[unchecked]\n{'.'.join('a' * depth)} = 1\n",
        lambda depth: f"[generationConfig.responseSchema{'.items' * depth}]\ntype = 'string'\n",
        lambda depth: f"[generationConfig.responseJsonSchema]\nx = {'[' * depth}{']' * depth}\n",
        lambda depth: f"[variables.v]\ndefault = {'[' * depth}{']' * depth}\n",
        lambda depth: f"[variables.v{'.items' * depth}]\ntype = 'string'\n",
        lambda depth: f"[expect.images{'.x' * depth}]\n",
    ],
)
def test_nothing_is_too_deep_for_a_diagnostic(tmp_path: Path, depth: int, shape: Any) -> None:
    made = compiled(tmp_path, f'{MODEL}\n[[turns]]\ntext = "x"\n\n{shape(depth)}')

    assert made.cases or made.diagnostics
    if depth > 60:
        assert [(row[0], row[3]) for row in said(made)] == [("P001", "not valid TOML: values are nested too deeply")]
