"""Templates: native values, refusals, and the place of every mistake."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptc.compiler import template
from promptc.compiler.library import Library
from promptc.compiler.names import Name, names
from promptc.compiler.pieces import Picture
from promptc.compiler.problems import TemplateProblemError
from promptc.compiler.spec import ImageRef
from promptc.diagnostics import Diagnostic
from promptc.files import Root
from promptc.source import Source
from promptc.toml_tree import Node

REF = ImageRef(written="wing.png", folder=Path("/repo/specs"))
PICTURE = Picture(REF)
VALUES = {"s": "moth", "n": 5, "f": 0.5, "b": True, "l": ["a", "b"], "d": {"k": "v"}, "image": REF}


def leaf(text: str) -> Node:
    source = Source(path=Path("/repo/specs/a.j2"), text=text)
    return Node(value=text, span=source.span(0, len(text)), verbatim=True)


def render(text: str, values: Any) -> Any:
    return template.render(Library(Root(folder=Path("/repo"))), leaf(text), values).value


def render_text(text: str, values: Any) -> str:
    made = template.render_text(Library(Root(folder=Path("/repo"))), leaf(text), values)
    for found in made.problems:
        raise found
    return str(made.value)


def uses(text: str) -> tuple[Name, ...]:
    return names(Library(Root(folder=Path("/repo"))), leaf(text))[0]


def problem(text: str) -> Diagnostic:
    (found,) = names(Library(Root(folder=Path("/repo"))), leaf(text))[1]
    return found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("", ""),
        ("{{ s }}", "moth"),
        ("{{ n }}", 5),
        ("{{ f }}", 0.5),
        ("{{ b }}", True),
        ("{{ l }}", ["a", "b"]),
        ("{{ d }}", {"k": "v"}),
        ("{{ image }}", PICTURE),
        ("{{ [image, [image]] }}", [PICTURE, [PICTURE]]),
        ("{{ {'a': image} }}", {"a": PICTURE}),
        ("{{ 5 }}", 5),
        ("{{ 2.5 }}", 2.5),
        ("{{ '' }}", ""),
        ("{{ (1, 2) }}", [1, 2]),
        ("{% if b %}{{ n }}{% endif %}", 5),
        ("{{ n }} ", "5 "),
        ("{{ n }}{{ n }}", "55"),
        ("{{ 5 }}{{ 5 }}", "55"),
        ("{# nothing #}", ""),
        ("{{ 7 * 6 }}", 42),
        ("{{ 2 ** 10 }}", 1024),
        ("{{ 5000 * 5000 }}", 25_000_000),
        ("{{ 7 % 4 }}", 3),
        ("{{ '%02d' % n }}", "05"),
    ],
)
def test_a_lone_expression_keeps_its_value_and_anything_else_is_text(text: str, value: Any) -> None:
    made = render(text, VALUES)

    assert made == value
    assert type(made) is type(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ n }}", "5"),
        ("{{ 5 }}", "5"),
        ("a\n", "a\n"),
        ("{{ s }}\n\n", "moth\n\n"),
        ("\r\n{{ s }}\r", "\r\nmoth\r"),
        ("{{ 'a\rb' }}", "a\rb"),
        ("{% set x = n + 1 %}{{ x }}", "6"),
        ("{{ l | join(', ') }}", "a, b"),
        ("{{ '%s-%s' | format('a', 'b') }}", "a-b"),
        ("{{ 'x' | center(5) }}", "  x  "),
        ("{{ s.ljust(6) }}|", "moth  |"),
        ("{{ '%d of %s in 123456' | format(50000, s) }}", "50000 of moth in 123456"),
        ("{{ '{} in 123456'.format(50000) }}", "50000 in 123456"),
        ("{{ 50000 | string }}", "50000"),
        ("{{ 'x{}'.format('y') | upper }}", "XY"),
        ("{{ 12345 | default(99999) }}", "12345"),
        ("{{ ['a'] | join(' ') | indent(2) }}", "a"),
    ],
)
def test_in_text_everything_becomes_text(text: str, value: str) -> None:
    assert render_text(text, VALUES) == value


REFUSED = [
    ("{{ none }}", "P208", "the expression has no value (none)", "{{ none }}"),
    ("a {{ s }} b {{ l }}", "P208", "the expression gives a list, which has no text", "{{ l }}"),
    ("{{ s }}\n{{ d }}", "P208", "the expression gives a table, which has no text", "{{ d }}"),
    ("a {{ [1] }}", "P208", "the expression gives a list, which has no text", "{{ [1] }}"),
    ("{{ s.upper }}", "P208", "the expression gives a function, which has no text", "{{ s.upper }}"),
    ("{{ l | map('upper') }}", "P208", "the expression gives a generator, which has no text", "{{ l | map('upper') }}"),
    ("x {{ image }}", "P209", "an image stands where only text can stand", "{{ image }}"),
    ("{{ s }} {{ image | upper }}", "P209", "an image stands where only text can stand", "{{ image | upper }}"),
    ("{{ [image] | string }}", "P209", "images stand where only text can stand", "{{ [image] | string }}"),
    ("{{ image ~ '' }}", "P209", "an image stands where only text can stand", "{{ image ~ '' }}"),
    ("{{ '{}'.format(image) }}", "P209", "an image stands where only text can stand", "{{ '{}'.format(image) }}"),
    ("{{ image.written }}", "P201", "the image has no `written`", "{{ image.written }}"),
    ("{{ s }} {{ d.x }}", "P201", "the table has no `x`", "{{ d.x }}"),
    ("{{ 1 }} {{ 1 / 0 }}", "P207", "the expression fails: division by zero", "{{ 1 / 0 }}"),
    (
        "{{ s.__class__ }}",
        "P207",
        "not allowed in a template: access to attribute '__class__' of 'str' object is unsafe",
        "{{ s.__class__ }}",
    ),
    ("{{ 'x' * 10000000 }}", "P211", "the template costs too much: a product this large", "{{ 'x' * 10000000 }}"),
    ("{{ 10 ** 99999 }}", "P211", "the template costs too much: a power this large", "{{ 10 ** 99999 }}"),
    (
        "{{ 'x' | indent(99999) }}",
        "P211",
        "the template costs too much: a number this large",
        "{{ 'x' | indent(99999) }}",
    ),
    (
        "{{ '%99999d' | format(1) }}",
        "P211",
        "the template costs too much: a width this large",
        "{{ '%99999d' | format(1) }}",
    ),
    (
        "{{ '{:99999}'.format(1) }}",
        "P211",
        "the template costs too much: a width this large",
        "{{ '{:99999}'.format(1) }}",
    ),
    (
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "P211",
        "the template costs too much: calls within calls, as of a macro that calls itself without end",
        "{{ m() }}",
    ),
]


@pytest.mark.parametrize(("text", "code", "message", "place"), REFUSED, ids=[case[0] for case in REFUSED])
def test_what_has_no_text_is_refused_at_its_place(text: str, code: str, message: str, place: str) -> None:
    with pytest.raises(TemplateProblemError) as caught:
        render_text(text, VALUES)

    found = caught.value
    assert (found.code, found.message, found.span.text) == (code, message, place)


SYNTAX = [
    ("{{ 1 }} {{ 1 2 }}", "`}}` is expected, but `2` stands there", "{{ 1 2 }}"),
    ("a {{ s", "`{{` is never closed", "{{ s"),
    ("a {{ 1 }} {# s", "`{#` is never closed", "{# s"),
    ("a {% if s", "`{%` is never closed", "{% if s"),
    ("a\n{{ § }}\nb", "unexpected char '§'", "{{ § }}"),
    ("{% if s %}\n{% for x in l %}{% endfor %}", "`{% if %}` is never closed", "{% if s %}"),
    ("{% set x %}{{ s }}", "`{% set %}` is never closed", "{% set x %}"),
    ("{% if s %}{% endfor %}", "`{% endfor %}` stands where `{% endif %}` is expected", "{% endfor %}"),
    ("{{ s }}{% endif %}", "`{% endif %}` closes nothing", "{% endif %}"),
    ("{{ s }} {% replay %}", "there is no tag `{% replay %}`", "{% replay %}"),
    ("{{ s | upper }} {{ s | uper }}", "there is no filter `uper`", "uper"),
    ("{{ s is strin }}", "there is no test `strin`", "strin"),
    ("{{ s | random }}", "there is no filter `random`", "random"),
    ("{{ s }}{% extends 'a' %}", "`{% extends %}` has no place in a spec", "{% extends 'a' %}"),
    ("{% block a %}{% endblock %}", "`{% block %}` has no place in a spec", "{% block a %}"),
    (
        "{% include 'a' ignore missing %}",
        "`ignore missing` would leave a file out in silence",
        "{% include 'a' ignore missing %}",
    ),
    (
        "{% include s %}",
        "a file to include is named by a string, so that one can see what the template uses",
        "{% include s %}",
    ),
    ("{{ " + "(" * 500 + "1" + ")" * 500 + " }}", "the expression is nested too deeply", None),
    ("{% for x in l %}" * 25 + "{% endfor %}" * 25, "the blocks are nested too deeply", "{% for x in l %}"),
]


@pytest.mark.parametrize(("text", "message", "place"), SYNTAX, ids=[case[1][:60] for case in SYNTAX])
def test_a_syntax_error_stands_at_the_block_that_has_it(text: str, message: str, place: str | None) -> None:
    found = problem(text)

    assert (found.code, found.message) == ("P206", message)
    assert found.span is not None
    assert found.span.text == (place if place is not None else text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ a }}{{ b.c }}{{ a }}", [("a", 3), ("b", 10), ("a", 19)]),
        ("{% for x in xs %}{{ x }}{% endfor %}", [("xs", 12)]),
        ("{{ 'a' ~ a }}", [("a", 9)]),
        ("{{ x.a ~ a }}", [("x", 3), ("a", 9)]),
        ("{{ missing | default('x') }}", [("missing", 3)]),
        ("{% set a = 1 %}{{ a }}", []),
        ("{% raw %}{{ a }}{% endraw %}", []),
        ("{{ upper | upper }}", [("upper", 3)]),
        ("no template { at all", []),
    ],
)
def test_the_names_that_a_template_uses_have_their_places(text: str, expected: list[tuple[str, int]]) -> None:
    assert [(use.name, use.span.start) for use in uses(text)] == expected


@given(st.text(alphabet="{}%# \nabif()[]'\"|.+-*/0123\r\\", max_size=40))
def test_no_text_makes_a_template_raise_anything_else(text: str) -> None:
    try:
        uses(text)
        render_text(text, {"a": "x", "b": [1]})
    except TemplateProblemError as found:
        assert 0 <= found.span.start <= found.span.end <= len(text)  # noqa: PT017 - most texts are no mistake
