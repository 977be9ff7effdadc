"""Variables: typed values from the command line, defaults, images by folder."""

from pathlib import Path

import pytest

from tests.compiler.project import MODEL, WING, WING_DIGEST, body, compiled, picture, said


def spec(declaration: str, turn: str = 'text = "{{ v }}"') -> str:
    return f"{MODEL}\n[[turns]]\n{turn}\n\n[variables.v]\n{declaration}\n"


@pytest.mark.parametrize(
    ("declaration", "given", "text"),
    [
        ('type = "string"', "5", "5"),
        ("", "true", "true"),
        ('type = "integer"', "5", "5"),
        ('type = "integer"\ndefault = 1', "7", "7"),
        ('type = "number"', "0.50", "0.5"),
        ('type = "boolean"', "true", "True"),
        ('type = "string"', '["a"]', '["a"]'),
    ],
)
def test_a_value_from_the_command_line_has_its_declaration_s_type(
    tmp_path: Path, declaration: str, given: str, text: str
) -> None:
    made = compiled(tmp_path, spec(declaration), v=given)

    assert body(made) == {"contents": [{"parts": [{"text": text}], "role": "user"}]}


@pytest.mark.parametrize(
    ("declaration", "given", "message"),
    [
        ('type = "integer"', "five", "variable `v`: expected an integer, got a string"),
        ('type = "integer"', "5.5", "variable `v`: expected an integer, got a number"),
        ('type = "boolean"', "yes", "variable `v`: expected a boolean, got a string"),
        ('type = "array"', "[" * 10_000, "variable `v`: expected an array, got a string"),
        ('type = "integer"', "9" * 5_000, "variable `v`: expected an integer, got a string"),
        ('enum = ["ink", "oil"]', "inc", "variable `v`: `inc` is not allowed here"),
        (
            'type = "array"\nitems = { type = "integer" }',
            '[1, "2"]',
            "variable `v`, at `1`: expected an integer, got a string",
        ),
        (
            'type = "object"\nproperties = { a = { type = "integer" } }',
            '{"a": "x"}',
            "variable `v`, at `a`: expected an integer, got a string",
        ),
    ],
)
def test_a_value_from_the_command_line_that_breaks_its_declaration_is_refused(
    tmp_path: Path, declaration: str, given: str, message: str
) -> None:
    made = compiled(tmp_path, spec(declaration), v=given)

    assert made.cases == ()
    assert said(made) == [("P203", 0, 0, message)]


def test_a_value_for_a_name_that_nothing_declares_is_refused(tmp_path: Path) -> None:
    made = compiled(tmp_path, spec('default = "x"'), w="5")

    assert made.cases == ()
    assert said(made) == [("P201", 0, 0, "no variable is named `w`")]


def test_numbers_that_json_cannot_hold_are_refused(tmp_path: Path) -> None:
    text = f'{MODEL}\n[[turns]]\ntext = "x"\n\n[variables.v]\ntype = "number"\n\n[generationConfig]\nseed = "{{{{ v }}}}"\n'

    for given in ("NaN", "1e999", "12345678901234567890"):
        made = compiled(tmp_path, text, v=given)
        assert said(made) == [("P203", 0, 0, "variable `v`: expected a number, got a string")]


def test_bytes_of_the_command_line_that_are_no_text_are_refused(tmp_path: Path) -> None:
    made = compiled(tmp_path, spec('type = "string"'), v="wing\udcff")

    assert said(made) == [("P105", 4, 8, "the text holds half of a surrogate pair, which is no character")]


def test_images_start_from_where_they_are_written(tmp_path: Path) -> None:
    text = spec('type = "image"\ndefault = "images/wing.png"', 'parts = [{ image = "{{ v }}" }]')
    (tmp_path / "other.png").write_bytes(picture("green"))
    files = {"images/wing.png": WING}

    by_default = body(compiled(tmp_path, text, files))
    from_the_command_line = body(compiled(tmp_path, text, files, v="other.png"))

    assert by_default["contents"][0]["parts"][0]["inlineData"]["data"] == WING_DIGEST
    assert from_the_command_line["contents"][0]["parts"][0]["inlineData"]["data"] != WING_DIGEST


def test_an_image_inside_a_table_is_an_image_too(tmp_path: Path) -> None:
    declaration = 'type = "object"\nproperties = { photo = { type = "image" } }\ndefault = { photo = "wing.png" }'
    files = {"wing.png": WING}

    made = compiled(tmp_path, spec(declaration, 'parts = [{ image = "{{ v.photo }}" }]'), files)
    as_text = compiled(tmp_path, spec(declaration, 'text = "{{ v.photo }}"'), files)

    assert body(made)["contents"][0]["parts"][0]["inlineData"]["data"] == WING_DIGEST
    assert [row[0] for row in said(as_text)] == ["P209"]


def test_a_default_that_breaks_its_declaration_is_refused_even_where_a_case_replaces_it(tmp_path: Path) -> None:
    text = spec('type = "integer"\ndefault = "x"') + '\n[[cases]]\nname = "a"\nvariables = { v = 5 }\n'

    assert said(compiled(tmp_path, text)) == [("P203", 8, 11, "variable `v`: expected an integer, got a string")]
