"""Whatever stands in specs, bases and included files: nothing raises, spans lie in their files, every report prints."""

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from promptc.compiler.driver import Compilation, compile_specs, find_specs
from promptc.diagnostics import Diagnostic, failed
from promptc.report.as_json import diagnostics as as_json
from promptc.report.as_json import dumped
from promptc.report.concise import concise
from promptc.report.full import full
from promptc.report.github import github
from promptc.report.junit import junit
from promptc.report.sarif import sarif
from promptc.report.style import Style
from promptc.source import Source, Span
from tests.compiler.project import WING, project

MODEL = 'model = "gemini-3.1-flash-image"\n'
TOML = (
    MODEL, "[[turns]]\n", 'text = "{{ v }}"\n', "text = '''\n", 'text = """\\\n', "'''\n", '"""\n', 'role = "model"\n', "reply = true\n",
    'parts = [{ text = "a" }, { image = "wing.png" }]\n', "parts = [\n", "{ image = '*.png' },", "{ file = 'wing.png' },", "]\n", "[variables.v]\n",
    "default = 'x'\n", 'default = "\\u0041\\n{{"\n', "type = 'string'\n", "type = 'image'\n", "pattern = '('\n", "enum = []\n", "[variables]\n", "v = 1\n",
    "[generationConfig]\n", "temperature = 'x'\n", 'temperature = "{{ v }}"\n', "responseModalities = ['IMAGE']\n", "imageConfig.aspectRatio = '7:5'\n",
    "[generationConfig.imageConfig]\n", "[[cases]]\n", "name = 'a'\n", "name = 'b'\n", "variables = { v = 'y' }\n", "skip = 'x'\n", "xfail = 'x'\n",
    "[matrix]\n", "v = ['a', 'b']\n", "v = []\n", "model = ['x']\n", "include = [{ v = 'c' }]\n", "exclude = [{ v = 'a' }]\n", "[expect]\n",
    "images.count = 1\n", "text.matches = '('\n", "[unchecked]\n", "a.b = nan\n", "x = inf\n", "x = 1979-05-27\n", "x = 99999999999999999999\n",
    'extends = "_base.toml"\n', 'extends = "spec.toml"\n', 'extends = "_no.toml"\n', "extends = ['_base.toml']\n", "unset = ['turns', 'a.b', '']\n",
    "[[tools]]\n", "google_search = {}\n", "[[contents]]\n", "contents = {}\n", "system = '{% include \"_a.j2\" %}'\n", "systemInstruction = {}\n",
    "+++\n", "+++", "\n", "#é\u2028\n", "\t", "\ufeff", "\r\n", "\r", "\0", "é = 1\n", '"" = 1\n', "a.a.a = 1\n", "<<<<<<< x\n", "=======\n", "=", "[", "]]", '"', "{",
)  # fmt: skip
JINJA = (
    "{{ v }}", "{{ nope }}", "{{ v", "}}", "{% user %}", "{% enduser %}", "{% model %}", "{% endmodel %}", "{% system %}", "{% endsystem %}", "{% reply %}",
    "{{ image('wing.png') }}", "{{ image('*.png') }}", "{{ image(v) }}", "{{ image() }}", "{{ image(1, 2, 3) }}", "{{ image }}", "{{ image('no') | upper }}",
    "{% include '_a.j2' %}", "{% include '_b.j2' %}", "{% include '_a.j2' without context %}", "{% import '_a.j2' as m %}", "{{ m.x() }}", "{{ m }}", "{{ m.y }}",
    "{% from '_a.j2' import x with context %}", "{{ x() }}", "{{ x }}", "{% macro x(v) %}", "{% macro x() %}", "{% endmacro %}", "{% call x() %}", "{% endcall %}",
    "{{ caller() }}", "{% for v in v %}", "{% for a, b in [v] %}", "{% for x in [1, 2] recursive %}", "{{ loop.index }}", "{{ loop([1]) }}", "{% endfor %}",
    "{% if v %}", "{% elif %}", "{% else %}", "{% endif %}", "{% set x = v %}", "{% set x %}", "{% endset %}", "{% set ns = namespace() %}", "{% set ns.a = 1 %}",
    "{% filter upper %}", "{% endfilter %}", "{% with %}", "{% endwith %}", "{% raw %}", "{% endraw %}", "{#", "#}", "{%- ", " -%}", "{{- v -}}", "{{ 1 / 0 }}",
    "{{ [v] }}", "{{ {} }}", "{{ none }}", "{{ range }}", "{{ self }}", "{{ v.x.y }}", "{{ v[0:] }}", "{{ v | join | map | list }}", "{{ v ~ 1 }}", "{{ v is x }}",
    "{{ '\\ud800' }}", "{{ 10 ** 5000 }}", "{{ v() }}", "{{ (1).real }}", "{{ ''.format() }}", "{{ '{}{1}'.format(1) }}", "{{ '%d' % v }}", "{% autoescape true %}",
    "{% extends 'a' %}", "{% block a %}", "{% do x %}", "{% debug %}", "{% trans %}", "\n", "  ", "a", "é蝶🦋", "\u202e", "\ufdd0", "\r", "\0", "\\", "'", '"', "\\u0041",
)  # fmt: skip


def texts(*known: str, most: int = 12) -> st.SearchStrategy[str]:
    """Return texts of known pieces, with some others among them."""
    some = st.one_of(st.sampled_from(known), st.sampled_from(known), st.text(max_size=3))
    return st.lists(some, max_size=most).map("".join).map(lambda text: text.encode(errors="replace").decode())


LEAVES = texts(*JINJA, most=8).map(lambda text: f"[[turns]]\ntext = {json.dumps(text)}\n")
SPECS = st.lists(st.one_of(st.sampled_from(TOML), LEAVES), max_size=10).map(lambda pieces: MODEL + "".join(pieces))
DOCUMENTS = st.one_of(texts(*TOML).map(lambda text: f"{text}\n"), SPECS)
BODIES = texts(*JINJA)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name).resolve()


def compiled(folder: Path, files: Mapping[str, str]) -> Compilation:
    for stale in (folder / "specs").glob("*.*"):
        stale.unlink()
    made = project(folder, {**files, "wing.png": WING})
    return compile_specs(made, find_specs(made)[0])


def in_its_file(span: Span | None) -> bool:
    if span is None:
        return True
    source = span.source
    return 0 <= span.start <= span.end <= len(source.text) and Source.read(source.path) == source


def spans(found: Iterable[Diagnostic]) -> Iterator[Span | None]:
    for diagnostic in found:
        yield diagnostic.span
        yield from (related.span for related in diagnostic.related)


def check(made: Compilation) -> None:
    """Check what must hold for everything that a compilation says."""
    found = made.diagnostics
    assert made.cases or failed(found)
    assert all(in_its_file(span) for span in spans(found))
    assert all(diagnostic.message and diagnostic.place for diagnostic in found)
    for printed in (full(found, Style()), full(found, Style(colour=True)), concise(found), github(found)):
        assert "\0" not in printed.encode().decode()
    assert len(json.loads(dumped(as_json(found)))) == len(found)
    assert json.loads(sarif(found))["version"] == "2.1.0"
    assert ET.fromstring(junit(found, ["spec::default"], suite="promptc check")).tag == "testsuites"
    for request in (request for case in made.cases for request in case.requests if request.bound):
        assert request.fingerprint.startswith("v1:")
        json.loads(request.wire_body())


@settings(max_examples=250)
@given(spec=DOCUMENTS, base=DOCUMENTS, included=BODIES)
@example(spec='extends = "_base.toml"\n', base="\ufeff", included="")
def test_no_toml_spec_makes_anything_raise(folder: Path, spec: str, base: str, included: str) -> None:
    check(
        compiled(folder, {"spec.toml": spec, "_base.toml": base, "_a.j2": included, "_b.j2": "{% include '_a.j2' %}"})
    )


@settings(max_examples=250)
@given(front=st.one_of(st.just(MODEL), DOCUMENTS), body=BODIES, included=BODIES, deeper=BODIES)
def test_no_jinja_spec_makes_anything_raise(folder: Path, front: str, body: str, included: str, deeper: str) -> None:
    declared = "" if "[" in front else "[variables.v]\ndefault = 'x'\n"
    files = {"spec.j2": f"+++\n{front}{declared}+++\n{body}", "_base.toml": MODEL, "_a.j2": included, "_b.j2": deeper}

    check(compiled(folder, files))


@settings(max_examples=100)
@given(
    data=st.binary(max_size=80).map(lambda data: data + b"\n"),
    which=st.sampled_from(["spec.toml", "spec.j2", "_base.toml", "_a.j2"]),
)
def test_no_bytes_make_anything_raise(folder: Path, data: bytes, which: str) -> None:
    text = f'extends = "_base.toml"\n{MODEL}[[turns]]\ntext = "{{% include \'_a.j2\' %}}"\n'
    files: dict[str, str | bytes] = {"spec.toml": text, "_base.toml": "", "_a.j2": "x", which: data}
    if which == "spec.j2":
        del files["spec.toml"]
    for stale in (folder / "specs").glob("*.*"):
        stale.unlink()
    made = project(folder, files)

    check(compile_specs(made, find_specs(made)[0]))
