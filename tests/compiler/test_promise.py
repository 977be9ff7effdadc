"""Nothing passes silently: what once went into a request, or out of it, without a word."""

from pathlib import Path

import pytest

from promptc.compiler.driver import Compilation, compile_specs, find_specs
from promptc.diagnostics import failed
from tests.compiler.project import MODEL, WING, body, compiled, project, said

FRONT = f"+++\n{MODEL}"


def jinja(folder: Path, front: str, text: str, files: dict[str, str | bytes] | None = None) -> Compilation:
    made = project(folder, {"spec.j2": f"{FRONT}{front}+++\n{text}", **(files or {})})
    return compile_specs(made, find_specs(made)[0])


def codes(made: Compilation) -> list[str]:
    return [diagnostic.code for diagnostic in made.diagnostics]


def test_a_variable_that_only_a_branch_sets_is_wanted_in_an_included_file(tmp_path: Path) -> None:
    front = '[variables.v]\ntype = "string"\n[variables.a]\ntype = "boolean"\ndefault = false\n'
    made = jinja(tmp_path, front, '{% if a %}{% set v = 1 %}{% endif %}A {% include "_x.j2" %}', {"_x.j2": "[{{ v }}]"})

    assert said(made) == [("P202", 3, 12, "variable `v` has no value: no default, and none from the case")]
    assert made.cases == ()


def test_what_is_undefined_in_one_spec_hides_nothing_in_another(tmp_path: Path) -> None:
    macro = "{% macro m() %}{{ foo }}{% endmacro %}"
    one = f'{FRONT}+++\n{{% import "_m.j2" as m %}}{{{{ m.m() }}}}'
    other = f'{FRONT}[variables.a]\ndefault = false\n+++\n{{% if a %}}{{% set foo = "x" %}}{{% endif %}}A {{{{ foo }}}}'
    made = project(tmp_path, {"_m.j2": macro, "a.j2": one, "b.j2": other})

    done = compile_specs(made, find_specs(made)[0])

    assert [(d.span.source.path.name, d.message) for d in done.diagnostics if d.span] == [
        ("_m.j2", "`foo` is undefined"),
        ("b.j2", "`foo` is undefined"),
    ]
    assert done.cases == ()


def test_a_filter_that_is_named_by_a_value_and_does_not_exist_is_told(tmp_path: Path) -> None:
    one = f'{FRONT}+++\n{{{{ "x" | shout }}}}'
    other = f'{FRONT}+++\n{{% set f = "shout" %}}A {{{{ ["x"] | map(f) | join }}}}'
    made = project(tmp_path, {"a.j2": one, "b.j2": other})

    done = compile_specs(made, find_specs(made)[0])

    assert {d.span.source.path.name for d in done.diagnostics if d.span} == {"a.j2", "b.j2"}
    assert done.cases == ()


@pytest.mark.parametrize(
    "text",
    [
        '{{ "a"._template }}',
        '{{ "a".template }}',
        '{{ "{0.upper}".format("a") }}',
        '{{ "{0[0].upper}".format(["a"]) }}',
        '{{ "x".upper | urlencode }}',
        "{{ range | urlencode }}",
        '{{ "abc" | replace("b", "x".upper) }}',
        '{{ "abc" | replace("b", [1, 2]) }}',
        '{{ {1: "a", "1": "b"} | tojson }}',
        '{{ "%s" % [1] }}',
        "{{ self }}",
    ],
)
def test_neither_places_of_the_machine_nor_words_of_python_reach_a_request(tmp_path: Path, text: str) -> None:
    made = jinja(tmp_path, "", f"A {text}")

    assert failed(made.diagnostics)
    assert made.cases == ()


def test_an_empty_list_in_a_turn_is_told(tmp_path: Path) -> None:
    made = jinja(tmp_path, "", 'hi {{ image([]) }}{{ ["x"] | select("eq", "y") | list }}')

    assert said(made) == [
        ("P104", 4, 4, "the list is empty, so nothing is sent here"),
        ("P104", 4, 19, "the list is empty, so nothing is sent here"),
    ]
    assert not failed(made.diagnostics)


def test_a_lone_object_that_stands_for_a_list_is_replaced_whole(tmp_path: Path) -> None:
    base = 'model = "gemini-text"\n[tools]\ngoogleSearch = {}\n[[turns]]\ntext = "x"\n'
    made = compiled(tmp_path, 'extends = "_base.toml"\n[tools]\nurlContext = {}\n', {"_base.toml": base})

    assert body(made)["tools"] == [{"urlContext": {}}]


def test_a_row_of_the_matrix_that_another_takes_the_place_of_is_told(tmp_path: Path) -> None:
    text = f"""{MODEL}
[variables.x]
[variables.y]
default = "0"
[[turns]]
text = "{{{{ x }}}} {{{{ y }}}}"
[matrix]
x = ["a", "b"]
include = [{{ x = "a", y = "1" }}, {{ y = "3" }}]
"""
    made = compiled(tmp_path, text)

    assert said(made) == [("P106", 10, 12, "a later line of `include` overwrites this one everywhere")]


def test_two_spellings_of_a_media_type_are_one_too_many(tmp_path: Path) -> None:
    text = f'{MODEL}[[turns]]\nparts = [{{ file = "a.png", mimeType = "image/png", mime_type = "image/webp" }}]\n'

    assert said(compiled(tmp_path, text, {"a.png": WING})) == [
        ("P406", 3, 52, "`mimeType` and `mime_type` are one field, written twice")
    ]


@pytest.mark.parametrize("shown", ["true", "false"])
def test_white_space_of_a_macro_is_trimmed_with_and_without_a_picture(tmp_path: Path, shown: str) -> None:
    macro = '{% macro m(p) %}\n  hello\n{% if p %}{{ image("a.png") }}{% endif %}{% endmacro %}'
    made = jinja(tmp_path, "", f"{macro}{{% user %}}{{{{ m({shown}) }}}}{{% enduser %}}", {"a.png": WING})

    (first, *_) = body(made)["contents"][0]["parts"]
    assert first["text"].strip() == "hello"
    assert first["text"].startswith("hello")


@pytest.mark.parametrize("path", ["'x.png'", "'x' ~ '.png'", "'x.png' | trim", "'x' + '.png'", "name"])
def test_a_path_starts_from_the_spec_whatever_was_made_of_it(tmp_path: Path, path: str) -> None:
    front = '[variables.name]\ndefault = "x.png"\n'
    files: dict[str, str | bytes] = {"lib/_m.j2": "{% macro pic(p) %}{{ image(p) }}{% endmacro %}", "x.png": WING}
    text = f"{{% import 'lib/_m.j2' as m %}}{{{{ m.pic({path}) }}}}{{{{ name }}}}"

    made = jinja(tmp_path, front, text, files)

    assert not failed(made.diagnostics), said(made)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('[[turns]]\ntext = "x"\n[[cases]]\nname = "x"\ntools = 5\n', "P004"),
        ('[[turns]]\ntext = "x"\n[[cases]]\nname = "x"\nsystemInstruction = "be nice"\n', "P004"),
        ('[[turns]]\ntext = "{{ x }}"\n[variables.x]\ntype = ["string", "null"]\n', "P204"),
        (f'[[turns]]\ntext = "{{{{ 1{"+1" * 3000} }}}}"\n', "P206"),
    ],
)
def test_what_once_raised_is_told(tmp_path: Path, text: str, code: str) -> None:
    assert codes(compiled(tmp_path, MODEL + text, x="1"))[-1:] == [code] or code in codes(
        compiled(tmp_path, MODEL + text)
    )


def test_the_system_of_a_template_takes_the_place_of_one_that_is_inherited(tmp_path: Path) -> None:
    base = f'{MODEL}system = "from the base"\n'
    text = '+++\nextends = "_base.toml"\n+++\n{% system %}own{% endsystem %}{% user %}x{% enduser %}'
    made = project(tmp_path, {"spec.j2": text, "_base.toml": base})

    done = compile_specs(made, find_specs(made)[0])

    assert body(done)["systemInstruction"] == {"parts": [{"text": "own"}]}


def test_a_variable_that_the_matrix_sets_is_not_set_from_outside(tmp_path: Path) -> None:
    text = f'{MODEL}[variables.x]\n[[turns]]\ntext = "{{{{ x }}}}"\n[matrix]\nx = ["a", "b"]\n'

    assert said(compiled(tmp_path, text, x="z")) == [("P210", 0, 0, "`x` is set from outside and by the matrix")]


def test_what_looks_like_a_template_in_an_expectation_is_told(tmp_path: Path) -> None:
    text = f'{MODEL}[[turns]]\ntext = "x"\n[expect]\ntext = {{ notContains = ["{{{{ x }}}}"] }}\n'

    assert [message for *_, message in said(compiled(tmp_path, text))] == [
        "an expectation is no template: this is compared as it is written"
    ]


def test_everything_that_has_no_text_is_told_at_once(tmp_path: Path) -> None:
    text = (
        f'{MODEL}[variables.l]\ndefault = ["a"]\n[[turns]]\ntext = "{{{{ l }}}} and {{{{ {{}} }}}} and {{{{ l.x }}}}"\n'
    )

    assert [(column, message) for _, _, column, message in said(compiled(tmp_path, text))] == [
        (9, "the expression gives a list, which has no text"),
        (21, "the expression gives a table, which has no text"),
        (34, "the list has no `x`"),
    ]


def test_a_list_from_the_command_line_is_json(tmp_path: Path) -> None:
    text = f'{MODEL}[variables.l]\ntype = "array"\n[[turns]]\ntext = "{{{{ l | join(\',\') }}}}"\n'

    (told,) = compiled(tmp_path, text, l="[red]").diagnostics

    assert told.help == """give it as JSON: `--var 'l=["…"]'`, or in a file with `--vars`"""
