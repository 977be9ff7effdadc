"""Variables from outside a spec: text, TOML and JSON, each with its place when it is wrong."""

from pathlib import Path

import pytest

from promptc.compiler.driver import compile_specs, find_specs
from promptc.compiler.given import overrides
from promptc.errors import InputError
from tests.compiler.project import MODEL, WING, body, compiled, project, said
from tests.workshop import Workshop

SPEC = (
    MODEL
    + """
[variables.species]
type = "string"
default = "Monarch"
[variables.count]
type = "integer"
default = 1
[variables.wing]
type = "image"
[[turns]]
parts = [{ text = "{{ count }} x {{ species }}" }, { image = "{{ wing }}" }]
"""
)


def test_a_file_of_variables_is_typed_and_its_paths_start_from_it(tmp_path: Path) -> None:
    made = project(tmp_path, {"spec.toml": SPEC})
    (tmp_path / "values").mkdir()
    (tmp_path / "values" / "wing.png").write_bytes(WING)
    for name, text in {
        "a.toml": 'species = "Luna"\ncount = 2\nwing = "wing.png"\n',
        "a.json": '{"species": "Luna", "count": 2, "wing": "wing.png"}',
    }.items():
        (tmp_path / "values" / name).write_text(text)

        done = compile_specs(made, find_specs(made)[0], overrides(file=tmp_path / "values" / name))

        assert body(done)["contents"][0]["parts"][0] == {"text": "2 x Luna"}


def test_text_counts_for_more_than_a_file(tmp_path: Path) -> None:
    made = project(tmp_path, {"spec.toml": SPEC, "wing.png": WING})
    (tmp_path / "v.toml").write_text('species = "Luna"\ncount = 2\nwing = "specs/wing.png"\n')

    done = compile_specs(made, find_specs(made)[0], overrides({"count": "3"}, tmp_path / "v.toml"))

    assert body(done)["contents"][0]["parts"][0] == {"text": "3 x Luna"}


def test_what_is_wrong_in_a_file_of_variables_is_told_at_its_line(tmp_path: Path) -> None:
    made = project(tmp_path, {"spec.toml": SPEC, "wing.png": WING})
    (tmp_path / "v.toml").write_text('specis = "Luna"\ncount = "two"\nwing = "specs/wing.png"\n')

    done = compile_specs(made, find_specs(made)[0], overrides(file=tmp_path / "v.toml"))

    assert [(d.code, d.span.source.path.name, d.span.line, d.span.column) for d in done.diagnostics if d.span] == [
        ("P201", "v.toml", 1, 1),
        ("P203", "v.toml", 2, 9),
    ]


@pytest.mark.parametrize(
    ("name", "text", "code", "message"),
    [
        ("v.toml", "species = Luna", "P001", "not valid TOML: invalid value"),
        ("v.json", '{"species": }', "P009", "not valid JSON: `}` can't stand here"),
        ("v.json", '["Luna"]', "P004", "a file of variables holds names and values, not an array"),
        ("v.json", None, "P002", "the file can't be read: no such file or directory"),
    ],
)
def test_a_file_of_variables_that_is_none_stops_everything(
    tmp_path: Path, name: str, text: str | None, code: str, message: str
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)

    with pytest.raises(InputError) as caught:
        overrides(file=tmp_path / name)

    (found,) = caught.value.diagnostics
    assert (found.code, found.message) == (code, message)


def test_the_command_line_takes_a_file_of_variables(tmp_path: Path) -> None:
    spec = MODEL + '[variables.species]\ndefault = "Monarch"\n[[turns]]\ntext = "A {{ species }}"\n'
    shop = Workshop.make(tmp_path / "repo", {"moth": spec})
    (shop.root / "v.toml").write_text('species = "Luna"\n')
    (shop.root / "bad.toml").write_text("species = \n")

    good = shop.command("compile", "moth", "--vars", "v.toml", "--format", "jsonl")
    bad = shop.command("try", "moth", "--vars", "bad.toml", "--target", "emulator")

    assert '"text":"A Luna"' in good.stdout.replace(": ", ":")
    assert (bad.returncode, bad.stdout) == (2, "")
    assert bad.stderr == (
        "error[P001]: not valid TOML: invalid value\n"
        "  --> bad.toml:1:11\n"
        "  |\n"
        "1 | species =\n"
        "  |           ^\n"
        "   = help: strings need quotes, inline tables stay on one line, each key stands once\n"
    )


def test_what_one_case_does_to_an_imported_file_does_not_reach_the_next(tmp_path: Path) -> None:
    macros = "{% set seen = namespace(n=0) %}{% macro next() %}{% set seen.n = seen.n + 1 %}{{ seen.n }}{% endmacro %}"
    text = (
        MODEL
        + """
[[turns]]
text = "{% from '_m.j2' import next %}{{ next() }}{{ next() }}"
[[cases]]
name = "a"
[[cases]]
name = "b"
"""
    )

    done = compiled(tmp_path, text, {"_m.j2": macros})

    assert said(done) == []
    sent = [case.requests[0].digested_body() for case in done.cases]
    assert sent == [{"contents": [{"parts": [{"text": "12"}], "role": "user"}]}] * 2
