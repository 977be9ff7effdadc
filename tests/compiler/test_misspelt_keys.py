"""One misspelt key, anywhere in a spec or in what it extends: one error, at the key, and no other."""

import re
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from promptc.compiler.driver import Compilation, compile_specs, find_specs
from promptc.diagnostics import Severity, failed
from promptc.schema import camel_case, load, resolve
from promptc.source import Source, Span
from promptc.toml_tree import Node, parse
from tests.compiler.project import WING, project

MODEL = 'model = "gemini-3.1-flash-image"\n'
TOP = (
    'description = "An insect"\n',
    'system = "You draw {{ style }}."\n',
    "stream = true\n",
    'tags = ["slow"]\n',
)
TABLES = (
    '[variables.style]\ntype = "string"\ndefault = "ink"\nminLength = 2\n',
    '[variables]\nnumber = { type = "integer", minimum = 1, default = 2 }\n',
    '[variables.photo]\ntype = "image"\ndefault = "wing.png"\n',
    '[variables.list]\ntype = "array"\nitems = { type = "string", pattern = "^a" }\ndefault = ["a"]\n',
    "[[tools]]\ngoogle_search = {}\n",
    "[toolConfig]\nincludeServerSideToolInvocations = true\n",
    '[[safetySettings]]\ncategory = "HARM_CATEGORY_HARASSMENT"\nthreshold = "BLOCK_NONE"\n',
    '[expect]\nfinishReason = "STOP"\nimages = { count = 1, minWidth = 100 }\n[expect.text]\ncontains = ["a"]\n',
    '[expect]\nerror = { status = "INVALID_ARGUMENT" }\n',
    '[[cases]]\nname = "one"\n[[cases]]\nname = "two"\nvariables = { style = "oil" }\ntags = ["a"]\n',
    '[[cases]]\nname = "one"\nskip = "later"\n[cases.expect]\nimages = { count = 2 }\n[cases.generationConfig]\nseed = 1\n',
    '[matrix]\nstyle = ["ink", "oil"]\n',
    '[matrix]\nmodel = ["gemini-3.1-flash-image", "gemini-3-pro-image"]\n',
    '[matrix]\nmodel = ["gemini-3.1-flash-image"]\ninclude = [{ model = "gemini-3-pro-image", style = "pen" }]\n',
)  # fmt: skip
ASKED = (
    '[[turns]]\ntext = "x {{ style }}"\n',
    '[[turns]]\nparts = [{ text = "x" }, { image = "wing.png" }, { file = "wing.png" }]\n',
    '[[turns]]\ntext = "a"\n[[turns]]\nreply = true\nexpect = { images = { count = 1 } }\n[[turns]]\ntext = "b"\n',
    '[[turns]]\nrole = "user"\nparts = [{ inline_data = { mime_type = "image/png", data = "iVBORw0KGgo=" } }, { text = "a" }]\n',
    '[[contents]]\nrole = "user"\nparts = [{ text = "{{ style }}" }]\n',
    '[[contents]]\nparts = [{ text = "a", mediaResolution = { level = "MEDIA_RESOLUTION_LOW" } }]\n',
)
BODIES = (
    "A {{ style }}\n",
    '{% user %}A {{ style }}{{ image("wing.png") }}{% enduser %}{% reply %}{% user %}B{% enduser %}\n',
)
OPAQUE = ("responseJsonSchema", "_responseJsonSchema", "labels")


class Key(NamedTuple):
    """A key that has a meaning of its own: its file, where it stands, and whether the spec gives it."""

    file: str
    start: int
    end: int


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name).resolve()


def compiled(folder: Path, files: Mapping[str, str]) -> Compilation:
    for stale in (folder / "specs").glob("*.*"):
        stale.unlink()
    made = project(folder, {**files, "wing.png": WING})
    return compile_specs(made, find_specs(made)[0])


def errors(compilation: Compilation) -> list[tuple[str, int, int, str, str]]:
    """Return file, line, column, marked text and message of each error."""
    return [
        (
            *((d.span.source.path.name, d.span.line, d.span.column, d.span.text) if d.span else ("", 0, 0, "")),
            d.message,
        )
        for d in compilation.diagnostics
        if d.severity is Severity.ERROR
    ]


def sample(schema: Mapping[str, Any], depth: int = 2) -> str | None:
    """Return a value of a field, as TOML writes it."""
    schema = resolve(load("request.schema"), schema)
    if "enum" in schema or "examples" in schema:
        return f'"{(schema.get("enum") or schema["examples"])[-1]}"'
    match schema.get("type"):
        case "boolean":
            return "true"
        case "integer" | "number":
            return "1"
        case "string":
            return '"aa"'
        case "array":
            item = sample(schema["items"], depth)
            return f"[{item}]" if item else None
        case "object" if depth and schema.get("properties"):
            held = {name: sample(field, depth - 1) for name, field in schema["properties"].items()}
            return "{ " + ", ".join(f"{name} = {value}" for name, value in held.items() if value) + " }"
    return None


@cache
def config_fields() -> tuple[str, ...]:
    """Return lines for `generationConfig` that the API's schema and the model take."""
    fields = resolve(load("request.schema"), load("request.schema")["properties"]["generationConfig"])["properties"]
    lines = [f"{name} = {value}\n" for name, field in fields.items() if name not in OPAQUE and (value := sample(field))]
    lines += [
        'image_config = { aspect_ratio = "1:1", image_size = "1K" }\n',
        'responseModalities = ["TEXT", "IMAGE"]\n',
    ]
    with tempfile.TemporaryDirectory() as name:
        taken = tuple(line for line in lines if not failed(compiled(Path(name).resolve(), alone(line)).diagnostics))
    assert len(taken) >= 8, taken
    return taken


def alone(line: str) -> Mapping[str, str]:
    return {"spec.toml": f'{MODEL}[[turns]]\ntext = "x"\n[generationConfig]\n{line}'}


@st.composite
def specs(draw: st.DrawFn) -> dict[str, str]:
    """Draw a spec without a mistake, in one file or two."""
    tops = draw(st.lists(st.sampled_from(TOP), unique=True, max_size=3))
    tables = draw(st.lists(st.sampled_from(TABLES), unique_by=lambda table: table.partition("\n")[0], max_size=5))
    config = draw(
        st.lists(
            st.sampled_from(config_fields()), unique_by=lambda line: camel_case(line.partition(" ")[0]), max_size=3
        )
    )
    tables += ["[generationConfig]\n" + "".join(config)] if config else []
    asked = draw(st.sampled_from((*ASKED, *BODIES)))
    kind = "j2" if asked in BODIES else "toml"
    tables += [asked] if kind == "toml" else []
    if not any("variables.style" in table for table in tables):
        tables.append(TABLES[0])
    tables = draw(st.permutations(tables))
    places = [(draw(st.booleans()), chunk) for chunk in (MODEL, *tops, *tables)] if draw(st.booleans()) else []
    inherited = "".join(chunk for below, chunk in places if below)
    own = "".join(chunk for below, chunk in places if not below) if places else "".join((MODEL, *tops, *tables))
    whole = 'extends = "_base.toml"\n' * bool(inherited) + own
    files = {"spec.toml": whole} if kind == "toml" else {"spec.j2": f"+++\n{whole}+++\n{asked}"}
    return {**files, "_base.toml": inherited} if inherited else files


def keys(files: Mapping[str, str]) -> list[Key]:
    """Return every key that has a meaning of its own; what other headers repeat stays alive through them."""
    found: set[Key] = set()

    def walk(name: str, inner: Node, path: tuple[str, ...]) -> None:
        if isinstance(inner.value, tuple):
            for item in inner.items:
                walk(name, item, path)
        elif isinstance(inner.value, Mapping):
            for key, item in inner.table.items():
                if item.key and path != ("variables",) and item.key.text != "extends" and not repeated(item.key):
                    found.add(Key(name, item.key.start, item.key.end))
                walk(name, item, (*path, key))

    for name, text in files.items():
        start, end = (4, text.index("+++\n", 4)) if name.endswith(".j2") else (0, len(text))
        tree, mistakes = parse(Source(path=Path(name), text=text), slice(start, end))
        assert tree, mistakes
        walk(name, tree, ())
    return sorted(found)


def repeated(key: Span) -> bool:
    headers = re.findall(r"^\[+([\w.]+)", key.source.text, re.MULTILINE)
    return sum(key.text in header.split(".") for header in headers) > 1


@cache
def known() -> frozenset[str]:
    """Return every name that means something somewhere."""
    names = {"style", "number", "photo", "list"}

    def walk(schema: object) -> None:
        if isinstance(schema, Mapping):
            names.update(schema.get("properties", {}))
            for inner in schema.values():
                walk(inner)
        elif isinstance(schema, list):
            for inner in schema:
                walk(inner)

    for schema in ("request.schema", "expect.schema", "outline.schema", "spec.schema"):
        walk(load(schema))
    return frozenset(name.casefold() for name in names)


def misspelt(data: st.DataObject, word: str) -> str:
    """Insert, remove or swap a letter."""
    at = data.draw(st.integers(0, len(word) - 1))
    wrong = data.draw(
        st.sampled_from(
            [
                word[:at] + "x" + word[at:],
                word[:at] + word[at + 1 :],
                word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
            ]
        )
    )
    assume(wrong and camel_case(wrong).casefold() not in known() and wrong[0] not in "_-")
    return wrong


@settings(max_examples=400)
@given(data=st.data())
def test_a_misspelt_key_is_the_one_error_and_told_at_its_place(folder: Path, data: st.DataObject) -> None:
    files = data.draw(specs())
    assume(not failed(compiled(folder, files).diagnostics))
    key = data.draw(st.sampled_from(keys(files)))
    text = files[key.file]
    wrong = misspelt(data, text[key.start : key.end])
    before = text[: key.start]
    event(f"{text[key.start : key.end]} in {key.file}")

    made = compiled(folder, {**files, key.file: before + wrong + text[key.end :]})

    line, column = before.count("\n") + 1, key.start - before.rfind("\n")
    assert [row[:4] for row in errors(made)] == [(key.file, line, column, wrong)], errors(made)
    assert made.cases == ()
