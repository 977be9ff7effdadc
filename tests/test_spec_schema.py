"""The schema of specs for editors takes every good spec, and refuses what it can see.

A new folder in `tests/cases/bad` must be refused, or be listed here with the reason why an editor
can't see its mistake: in `BEYOND` where that goes for all mistakes of a code, else in `UNSEEN`.
"""

import json
import re
import string
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from promptc.compiler.cases import name_problem
from promptc.compiler.spec import RESERVED
from promptc.models import built_in
from promptc.pipeline.schemas import schema_document
from promptc.schema import load, roles
from tests.bodies import BODIES, instances, respelt
from tests.mutations.walk import ROOT, put, spots
from tests.test_language import tables_of_the_reference
from tools.api_schema import text
from tools.spec_schema import FILE, spec_schema

REPO = Path(__file__).parent.parent
CASES = REPO / "tests" / "cases"
SCHEMA: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
FRONT_MATTER = re.compile(r"\A\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*$", re.DOTALL | re.MULTILINE)

NO_SPECS = {"files-that-are-no-specs": "holds files that are no TOML, to show that nobody reads them"}
"""Folder in `good` → why its files that start with `_` are not looked at."""

BEYOND = {
    "P002": "it is no text",
    "P005": "it is no TOML file",
    "P107": "only a note on what is allowed",
    "P109": "there is no TOML to look at",
    "P201": "what a template names is inside a string",
    "P202": "which variables have a value lies between tables",
    "P203": "a value's schema is in another table",
    "P206": "Jinja is inside a string",
    "P207": "it shows when the template is evaluated",
    "P208": "it shows when the template is evaluated",
    "P209": "it shows when the template is evaluated",
    "P210": "it lies between two tables",
    "P301": "it is in another file",
    "P302": "it is in another file",
    "P211": "it shows when the template is evaluated",
    "P212": "it is in another file",
    "P303": "it is in another file",
    "P304": "it is in the file system",
    "P306": "it is in another file",
    "P409": "models that are not known are allowed",
    "P412": "it lies between two tables, and is only a warning",
    "P413": "a list of images may be any number of them",
    "P414": "JSON Schemas are the user's own JSON",
    "P415": "it is in the bytes, and only a warning",
    "P416": "only a warning",
    "P417": "only a warning",
}
"""Code → why no schema of one file can see it."""

UNSEEN = {
    "P204-a-variable-named-model": "the matrix has axes of that name",
    "P108-a-base-of-three-specs-that-extends-what-is-missing": "it is in another file",
    "P108-a-circle-below-three-specs": "it is in another file",
    "P108-a-circle-of-three-files": "it is in another file",
    "P108-a-file-that-extends-itself": "it is in another file",
    "P108-a-file-that-is-not-there": "it is in another file",
    "P108-a-file-to-extend-without-its-suffix": "it is in another file",
    "P108-a-folder-to-extend": "it is in another file",
    "P108-a-jinja-spec-to-extend": "it is in another file",
    "P108-a-near-name-of-a-file-to-extend": "it is in another file",
    "P108-a-path-to-extend-with-backslashes": "it is in another file",
    "P108-unset-below-a-list": "it is in another file",
    "P108-unset-of-a-field-that-is-not-there": "it is in another file",
    "P108-unset-of-a-key-that-nobody-sets": "it is in another file",
    "P001-a-broken-base-that-declares-variables": "the editor's own reader refuses it",
    "P001-a-mistake-in-the-toml-of-a-base": "the editor's own reader refuses it",
    "P001-a-mistake-in-the-toml-of-a-base-of-three-specs": "the editor's own reader refuses it",
    "P004-image-called-without-a-path": "it shows when the template is evaluated",
    "P008-a-cost-without-prices": "prices may stand in the project file",
    "P008-pictures-of-a-request-that-has-none": "no schema knows whether a reply brings one",
    "P008-expectations-that-contradict-each-other": "no schema compares two numbers",
    "P101-a-template-that-asks-nothing-in-one-case": "it shows when the template is evaluated",
    "P101-a-template-that-gives-white-space": "it shows when the template is evaluated",
    "P101-a-template-that-is-a-comment": "it shows when the template is evaluated",
    "P101-only-some-cases-ask-something": "a file that others extend asks nothing",
    "P101-unset-of-the-model": "the model is in another file",
    "P103-role-tags-in-an-included-file-that-nest": "it shows when the template is evaluated",
    "P103-turns-of-a-case-beside-a-template": "the template is no TOML",
    "P104-an-empty-text": "a file that others extend may leave it to them",
    "P104-an-empty-value": "a schema evaluates no template",
    "P104-an-empty-value-in-a-body": "it is in the template below the front matter",
    "P104-a-text-that-a-value-makes-empty": "a schema evaluates no template",
    "P104-a-template-s-text-that-a-value-makes-empty": "it is in the template below the front matter",
    "P106-exclude-excludes-what-is-gone": "it lies between tables",
    "P106-include-twice": "it lies between tables",
    "P205-a-variable-in-single-braces": "only a warning",
    "P402-a-number-with-text-around-it": "it shows when the template is evaluated",
    "P403-a-uri-that-is-a-path": "it may be a template",
    "P407-a-media-type-that-is-none": "it may be a template",
    "P001-a-header-that-is-not-closed": "the editor's own reader refuses it",
    "P001-a-key-added-to-a-table-in-braces": "the editor's own reader refuses it",
    "P001-a-string-without-quotes": "the editor's own reader refuses it",
    "P001-one-key-twice": "the editor's own reader refuses it",
    "P001-values-nested-too-deeply": "a limit of promptc's own reader",
    "P003-a-misspelt-key-of-a-model": "it is in promptc.toml",
    "P003-one-expectation-twice": "a rule for each field would double the schema",
    "P004-an-expression-that-is-no-path": "it shows when the template is evaluated",
    "P006-spec-names-that-no-file-can-have": "it is the file's name",
    "P007-a-toml-and-a-jinja-spec": "it is another file's name",
    "P007-cases-that-differ-in-letter-case": "it lies between two tables",
    "P007-the-matrix-makes-one-name-twice": "names are made by the matrix",
    "P008-a-date-that-is-none": "it is in promptc.toml",
    "P008-a-model-like-one-that-is-not-known": "it is in promptc.toml",
    "P008-values-that-no-model-has": "it is in promptc.toml",
    "P101-an-empty-file": "it may be the start of any file, or a file that others extend",
    "P101-front-matter-without-a-model": "front matter may have its model from another file",
    "P101-nothing-is-asked": "a file that others extend asks nothing, and front matter has its turns below",
    "P102-the-description-below-a-case": "it could be a variable",
    "P103-a-reply-first-last-and-twice": "it lies between turns",
    "P105-an-expression-too-large-for-json": "it shows when the template is evaluated",
    "P103-role-tags-in-toml": "what a template yields shows when it is evaluated",
    "P105-half-a-character": "it shows when the template is evaluated",
    "P106-too-many-cases": "it is a product of tables",
    "P403-a-digest-in-unchecked": "[unchecked] is not checked",
    "P406-one-field-in-two-spellings-below": "a rule for each field would double the schema",
    "P406-one-field-in-two-spellings-in-unchecked": "[unchecked] is not checked",
    "P407-only-an-empty-list-of-images": "it shows when the template is evaluated",
    "P408-a-modality-and-a-picture-type": "it depends on the model",
    "P408-a-ratio-from-a-variable": "it shows when the template is evaluated",
    "P408-a-size-that-is-too-large-for-the-model": "it depends on the model",
    "P408-a-size-where-the-model-has-only-one": "it depends on the model",
    "P408-thinking-that-the-model-does-not": "it depends on the model",
    "P408-tools-that-the-model-has-not": "it depends on the model",
    "P411-turns-of-the-model-first-and-last": "it lies between turns, and is only a warning",
    "P001-a-mistake-in-front-matter": "the editor's own reader refuses it",
    "P004-image-of-a-number": "it is in the template below the front matter",
    "P008-a-pin-in-a-body-that-is-no-digest": "it is in the template below the front matter",
    "P101-a-template-that-asks-nothing": "it is in the template below the front matter",
    "P101-a-template-that-is-empty": "it is in the template below the front matter",
    "P103-a-reply-tag-first": "it is in the template below the front matter",
    "P103-a-reply-tag-in-toml": "what a template yields shows when it is evaluated",
    "P103-a-reply-tag-in-toml-s-manner": "it is in the template below the front matter",
    "P103-a-reply-tag-inside-a-turn": "it is in the template below the front matter",
    "P103-a-reply-tag-last": "it is in the template below the front matter",
    "P103-a-reply-tag-twice": "it is in the template below the front matter",
    "P103-a-reply-that-ends-the-turns-of-a-case": "it lies between turns",
    "P103-a-turn-inside-a-turn": "it is in the template below the front matter",
    "P103-a-turn-that-says-nothing": "it is in the template below the front matter",
    "P103-a-value-outside-of-turns": "it is in the template below the front matter",
    "P103-an-image-outside-of-turns": "it is in the template below the front matter",
    "P103-contents-in-front-matter-and-a-body": "the other half is in the template below the front matter",
    "P103-text-outside-of-turns": "it is in the template below the front matter",
    "P103-turns-in-front-matter-and-a-body": "the other half is in the template below the front matter",
    "P103-two-system-tags": "it is in the template below the front matter",
    "P105-a-date-as-a-default": "JSON Schema has no word for dates",
    "P106-exclude-excludes-everything": "it lies between the axes and what is excluded",
    "P106-exclude-excludes-nothing": "it lies between the axes and what is excluded",
    "P106-exclude-names-a-variable-that-is-no-axis": "it lies between the axes and what is excluded",
    "P106-exclude-names-no-axis": "it lies between the axes and what is excluded",
    "P106-exclude-without-axes": "it lies between the axes and what is excluded",
    "P106-include-adds-what-is-there": "it lies between the axes and what is included",
    "P106-include-sets-what-nothing-declares": "it lies between two tables",
    "P402-a-number-made-of-text-stays-text": "it shows when the template is evaluated",
    "P406-a-system-tag-and-the-api-s-field": "the other half is in the template below the front matter",
    "P406-a-system-tag-and-the-key": "the other half is in the template below the front matter",
    "P406-one-field-of-a-case-in-two-spellings": "a rule for each field would double the schema",
    "P407-a-number-of-a-template-out-of-bounds": "it shows when the template is evaluated",
    "P408-a-model-that-does-not-do-what-the-base-asks": "it depends on the model",
    "P408-a-size-that-replaces-that-of-a-base": "it depends on the model",
    "P408-a-size-that-the-model-of-a-case-does-not-draw": "it depends on the model",
}
"""Folder in `bad` → why an editor can't see its mistake."""


def folders(kind: str) -> list[Any]:
    return [pytest.param(path, id=path.name) for path in sorted((CASES / kind).iterdir()) if path.is_dir()]


def documents(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield what stands in TOML files and in the front matter of Jinja files."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".toml" and path.is_file():
            yield tomllib.loads(path.read_text(encoding="utf-8"))
        elif path.suffix == ".j2" and path.is_file():
            found = FRONT_MATTER.match(path.read_text(encoding="utf-8"))
            if found:
                yield tomllib.loads(found[1])


def refusals(document: Mapping[str, Any]) -> list[str]:
    """Return the places that the schema refuses."""
    return sorted({error.json_path for error in VALIDATOR.iter_errors(document)})


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(inner)


def test_the_file_is_what_the_tool_makes() -> None:
    assert FILE.read_text(encoding="utf-8") == text(spec_schema()), "run: make schema"


def test_the_command_prints_it() -> None:
    assert schema_document("spec", built_in()) == SCHEMA


def test_it_is_a_schema_that_stands_alone() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    references = {node["$ref"] for node in nodes(SCHEMA) if isinstance(node.get("$ref"), str)}

    assert references == {f"#/$defs/{name}" for name in SCHEMA["$defs"]}
    assert not [key for node in nodes(SCHEMA) for key in node if key.startswith("x-")]
    assert "$id" not in SCHEMA  # taplo can't read a relative one


def test_every_key_of_the_outline_is_there() -> None:
    outline = load("outline.schema")
    for made, own in (
        (SCHEMA, outline),
        (SCHEMA["$defs"]["Case"], outline["properties"]["cases"]["items"]),
        (SCHEMA["$defs"]["Declaration"], outline["$defs"]["Declaration"]),
        (SCHEMA["$defs"]["Turn"], outline["$defs"]["Turns"]["items"]),
    ):
        assert set(own["properties"]) <= set(made["properties"])
        assert made["additionalProperties"] is False


@pytest.mark.parametrize("folder", [pytest.param(REPO / "specs", id="the-example-repo"), *folders("good")])
def test_good_specs_are_taken(folder: Path) -> None:
    found = [] if folder.name in NO_SPECS else list(documents(folder if folder.name == "specs" else folder / "specs"))

    assert found or folder.name in NO_SPECS
    assert [refusals(document) for document in found] == [[] for _ in found]


def test_specs_of_the_reference_are_taken() -> None:
    for spec in tables_of_the_reference():
        assert refusals(tomllib.loads(spec)) == [], spec


def unseen(folder: Path) -> str | None:
    """Return the reason why an editor can't see the folder's mistake."""
    expected = (folder / "expected.txt").read_text(encoding="utf-8")
    reasons = [BEYOND.get(code) for code in re.findall(r"^\w+\[(P\d+)\]", expected, re.MULTILINE)]
    return UNSEEN.get(folder.name) or (None if None in reasons else reasons[0])


@pytest.mark.parametrize("folder", folders("bad"))
def test_bad_specs_are_refused_where_one_file_shows_the_mistake(folder: Path) -> None:
    try:
        seen = any(refusals(document) for document in documents(folder / "specs"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
        seen = False
    reason = unseen(folder)

    assert seen or reason, "refuse it in tools/spec_schema.py, or give the reason in UNSEEN"
    assert not (seen and reason), f"it is refused although “{reason}”: take it out of UNSEEN or BEYOND"


def test_the_exceptions_have_folders() -> None:
    assert [name for name in UNSEEN if not (CASES / "bad" / name).is_dir()] == []
    assert [name for name in NO_SPECS if not (CASES / "good" / name).is_dir()] == []


HEAD = 'model = "gemini-3.1-flash-image"\n'
TAKEN = {
    "front matter": HEAD + 'tags = ["moths"]\n[variables.species]\ntype = "string"',
    "a file that others extend": '[generationConfig]\nimageConfig = { aspectRatio = "1:1" }',
    "a file that extends another": 'extends = "_base.toml"\nunset = ["system"]\n[[turns]]\ntext = "A moth"',
    "models from the matrix": 'turns = [{ text = "A moth" }]\n[matrix]\nmodel = ["mothra-1"]',
    "models from what the matrix includes": 'turns = [{ text = "A moth" }]\n[matrix]\ninclude = [{ model = "mothra-1" }]',
    "a model from each case": 'turns = [{ text = "A moth" }]\n[[cases]]\nname = "luna"\nmodel = "mothra-1"',
    "tables of a case's own": HEAD
    + '[[cases]]\nname = "luna"\ngeneration_config = { top_k = 40.0 }\nturns = [{ reply = true }]',
    "combinations left out": HEAD + "[matrix]\nn = [1]\nexclude = [{ n = 1 }]",
    "files and addresses": HEAD
    + 'turns = [{ parts = [{ file = "a.pdf", mime_type = "x/y" }, { uri = "https://moths.example", mimeType = "x/y" }] }]',
    "several pins": HEAD + f'turns = [{{ parts = [{{ image = ["a.png", "b.png"], sha256 = ["{"0" * 64}"] }}] }}]',
    "a picture with the API's own fields": HEAD
    + 'turns = [{ parts = [{ image = "a.png", media_resolution = { level = "media_resolution_low" }, thought = true }] }]',
    "an ignored role": HEAD + 'system_instruction = { role = "system", parts = { text = "You paint." } }',
    "templates for values": HEAD
    + 'generationConfig = { topK = "{{ k }}", imageConfig = "{% if a %}{{ b }}{% endif %}", responseModalities = "{{ all }}" }',
    "an enum by its number": HEAD + 'safetySettings = { category = 7, threshold = "off" }',
    "one expectation for a list": HEAD + 'expect = { finish_reason = "stop", text = { not_contains = "moth" } }',
    "a misspelt field without a check": HEAD + "[unchecked.generationConfig]\ntemperatur = 1",
}
"""What is allowed → a file that does it."""

REFUSED = {
    "a misspelt key": ("$", HEAD + "modle = 1"),
    "turns and contents": ("$", HEAD + 'turns = [{ text = "a" }]\ncontents = [{ parts = [{ text = "b" }] }]'),
    "one table in two spellings": ("$", HEAD + "toolConfig = {}\ntool_config = {}"),
    "a misspelt field": (
        "$.generationConfig.imageConfig",
        HEAD + 'generationConfig = { imageConfig = { ratio = "1:1" } }',
    ),
    "a number in quotes": ("$.generationConfig.topK", HEAD + 'generationConfig = { topK = "40" }'),
    "a table that is a template": ("$.generationConfig", HEAD + 'generationConfig = "{{ config }}"'),
    "a shape that is no ratio": (
        "$.generationConfig.imageConfig.aspectRatio",
        HEAD + 'generationConfig = { imageConfig = { aspectRatio = "wide" } }',
    ),
    "a value that an enum lacks, in a case": (
        "$.cases[0].toolConfig.functionCallingConfig.mode",
        HEAD + '[[cases]]\nname = "luna"\ntoolConfig = { functionCallingConfig = { mode = "sometimes" } }',
    ),
    "a field that is missing": (
        "$.safetySettings",
        HEAD + 'safetySettings = { category = "HARM_CATEGORY_HARASSMENT" }',
    ),
    "a function's name": (
        "$.tools[0].functionDeclarations[0].name",
        HEAD + 'tools = [{ functionDeclarations = [{ name = "find moths" }] }]',
    ),
    "two things in a part": (
        "$.turns[0].parts[0]",
        HEAD + 'turns = [{ parts = [{ image = "a.png", file = "b.pdf" }] }]',
    ),
    "a pin without a picture": (
        "$.turns[0].parts[0]",
        HEAD + f'turns = [{{ parts = [{{ text = "a", sha256 = "{"0" * 64}" }}] }}]',
    ),
    "a media type without a file": (
        "$.turns[0].parts[0]",
        HEAD + 'turns = [{ parts = [{ image = "a.png", mimeType = "image/png" }] }]',
    ),
    "no base64": (
        "$.turns[0].parts[0].inlineData.data",
        HEAD + 'turns = [{ parts = [{ inlineData = { mimeType = "image/png", data = "§" } }] }]',
    ),
    "a role of another API": ("$.turns[0].role", HEAD + 'turns = [{ role = "assistant", text = "a" }]'),
    "a misspelt expectation": ("$.expect.images", HEAD + "expect = { images = { minWith = 1 } }"),
    "a template in an expectation": ("$.expect.finishReason", HEAD + 'expect = { finishReason = "{{ reason }}" }'),
    "a model with a path": ("$.matrix.model[0]", HEAD + 'matrix = { model = ["models/mothra"] }'),
    "a variable that no template can use": ("$.variables", HEAD + "[variables.wing-span]\ndefault = 1"),
    "a type that is none": (
        "$.variables.wings.items.type",
        HEAD + 'variables = { wings = { type = "array", items = { type = "picture" } } }',
    ),
    "contents without a check": ("$.unchecked", HEAD + "unchecked = { contents = [] }"),
}
"""What is wrong → where the schema says so, and a file with nothing else wrong."""


@pytest.mark.parametrize("file", [pytest.param(file, id=name) for name, file in TAKEN.items()])
def test_what_is_allowed_is_taken(file: str) -> None:
    assert refusals(tomllib.loads(file)) == []


@pytest.mark.parametrize(("place", "file"), [pytest.param(*refused, id=name) for name, refused in REFUSED.items()])
def test_a_mistake_is_refused_at_its_place(place: str, file: str) -> None:
    assert refusals(tomllib.loads(file)) == [place]


@pytest.mark.parametrize("rest", ["unset = ['x']", "turns = [{ text = 'a' }]", "contents = { parts = { text = 'a' } }"])
def test_what_only_makes_sense_beside_another_key_is_refused_alone(rest: str) -> None:
    missing = [error.message for error in VALIDATOR.iter_errors(tomllib.loads(rest))]

    assert missing == [f"'{'extends' if 'unset' in rest else 'model'}' is a required property"]


@given(
    st.text(st.sampled_from(string.ascii_letters + string.digits + "_-. "), max_size=4)
    | st.sampled_from(["Con", "a" * 121])
)
def test_names_of_cases_are_those_of_the_compiler(name: str) -> None:
    assert (refusals({"cases": [{"name": name}]}) == []) == (name_problem(name) is None and bool(name))


@given(st.text(st.sampled_from("aZ_0-é"), max_size=3) | st.sampled_from(sorted(RESERVED)))
def test_names_of_variables_are_those_of_the_compiler(name: str) -> None:
    good = re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name) is not None and name not in RESERVED

    assert (refusals({"variables": {name: {"default": 1}}}) == []) == good


def toml(value: Any) -> Any:
    """Leave out what TOML has no word for."""
    if isinstance(value, dict):
        return {key: toml(item) for key, item in value.items() if item is not None}
    return [toml(item) for item in value if item is not None] if isinstance(value, list) else value


@st.composite
def bodies(draw: st.DrawFn) -> Any:
    """Draw a body whose turns have roles that mean something."""
    body = draw(BODIES)
    contents = [{**content, "role": draw(st.sampled_from(["", *roles()]))} for content in body["contents"]]
    return toml({**body, "contents": contents, "model": "gemini-3.1-flash-image"})


@given(st.data())
def test_a_body_is_taken_in_every_spelling(data: st.DataObject) -> None:
    assert refusals(toml(data.draw(respelt(data.draw(bodies()), ROOT)))) == []


@given(st.data())
def test_a_template_may_stand_for_every_value_below_the_top(data: st.DataObject) -> None:
    body = data.draw(bodies())
    spot = data.draw(st.sampled_from([spot for spot in spots(body) if len(spot.path) > 1]))

    assert (
        refusals(put(body, spot.path, data.draw(st.sampled_from(["{{ x }}", "{% if x %}1{% endif %}", "1{# x #}"]))))
        == []
    )


@given(st.data())
def test_a_misspelt_field_is_refused_wherever_it_stands(data: st.DataObject) -> None:
    body = data.draw(bodies())
    spot = data.draw(st.sampled_from([spot for spot in spots(body) if spot.is_message]))

    assert refusals(put(body, (*spot.path, "wingspan"), 1))


PARTS = st.one_of(
    st.fixed_dictionaries({"text": st.text(max_size=5)}),
    st.fixed_dictionaries({"image": st.one_of(st.just("a.png"), st.lists(st.just("b.png"), min_size=1, max_size=2))}),
    st.fixed_dictionaries({"file": st.just("a.pdf")}, optional={"mimeType": st.just("application/pdf")}),
    st.fixed_dictionaries({"uri": st.just("https://moths.example")}, optional={"mime_type": st.just("image/png")}),
    instances(ROOT["$defs"]["Part"], 3).map(toml),
)
TURNS = st.one_of(
    st.fixed_dictionaries({"text": st.text(max_size=5)}, optional={"role": st.sampled_from(["user", "model"])}),
    st.fixed_dictionaries({"parts": st.lists(PARTS, min_size=1, max_size=3)}),
    st.just({"reply": True, "expect": {"images": {"minCount": 1}}}),
)


@given(st.lists(TURNS, min_size=1, max_size=3))
def test_turns_of_all_kinds_are_taken(turns: list[Any]) -> None:
    assert refusals({"model": "gemini-3.1-flash-image", "turns": turns}) == []
