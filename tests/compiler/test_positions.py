r"""The place of every mistake in a template, to the character, however the template is written down.

Rows show it: what is to be marked stands between `⟦` and `⟧`, places that led there between `⟪`
and `⟫`. The marks are taken out before the spec is compiled.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from promptc.compiler.driver import compile_specs, find_specs
from promptc.diagnostics import Diagnostic, Severity
from promptc.source import Span
from tests.compiler.project import WING, project, said

HEAD = 'model = "gemini-3.1-flash-image"\n[variables.v]\ndefault = "moth"\n'
PHOTO = '[variables.photo]\ntype = "image"\ndefault = "wing.png"\n'
UNDEFINED = "`nope` is undefined"
_MARKS = re.compile("[⟦⟧⟪⟫]")
Place = tuple[str, int, int, str]
"""File, line, column and text."""


class Row(NamedTuple):
    """Files with marks, and the one mistake that they have."""

    code: str
    message: str
    files: Mapping[str, str]


def leaf(text: str, code: str = "P201", message: str = UNDEFINED, **files: str) -> Row:
    """Return a spec whose turn is a TOML string, as it is written."""
    photo = PHOTO if "photo" in text else ""
    return Row(code, message, {"spec.toml": f"{HEAD}{photo}[[turns]]\ntext = {text}\n", **named(files)})


def body(text: str, code: str = "P201", message: str = UNDEFINED, **files: str) -> Row:
    """Return a Jinja spec."""
    photo = PHOTO if "photo" in text else ""
    return Row(code, message, {"spec.j2": f"+++\n{HEAD}{photo}+++\n{text}", **named(files)})


def top(text: str, code: str, message: str) -> Row:
    """Return a TOML spec as a whole."""
    return Row(code, message, {"spec.toml": text})


def named(files: Mapping[str, str]) -> dict[str, str]:
    return {f"{name}.j2": text for name, text in files.items()}


SIMPLE = 'model = "gemini-3.1-flash-image"\n[[turns]]\ntext = "x"\n'
DIVIDED = "the expression fails: division by zero"
ROWS: Mapping[str, Row] = {
    # how TOML writes strings
    "basic": leaf('"a {{ ⟦nope⟧ }} b"'),
    "basic, twice the same word": leaf('"nope {{ ⟦nope⟧ }}"'),
    "literal": leaf("'a {{ ⟦nope⟧ }} b'"),
    "literal with backslashes": leaf(r"'\n\t\u0041 {{ ⟦nope⟧ }}'"),
    "multi-line basic": leaf('"""a\n b\n  {{ ⟦nope⟧ }} c\n"""'),
    "multi-line basic, first newline trimmed": leaf('"""\n{{ ⟦nope⟧ }}"""'),
    "multi-line basic, two newlines": leaf('"""\n\n{{ ⟦nope⟧ }}"""'),
    "multi-line literal": leaf("'''a\n b\n  {{ ⟦nope⟧ }} c\n'''"),
    "multi-line literal, first newline trimmed": leaf("'''\n{{ ⟦nope⟧ }}'''"),
    "multi-line literal with a backslash at an end": leaf("'''\na \\\n  {{ ⟦nope⟧ }}'''"),
    "escapes": leaf(r'"\n\t\"\\\r\b\f {{ ⟦nope⟧ }}"'),
    "escapes of four digits": leaf(r'"\u00e9\u8776 {{ ⟦nope⟧ }}"'),
    "escapes of eight digits": leaf(r'"\U0001F98B\U0001f469 {{ ⟦nope⟧ }}"'),
    "escapes in multi-line": leaf('"""\n\\n\\t\\u00e9\n\\"\\"\\" {{ ⟦nope⟧ }}"""'),
    "an escaped name": leaf(r'"{{ ⟦\u006eop\U00000065⟧ }}"'),
    "escaped quotes in the expression": leaf(r'"{{ \"a\" ~ ⟦nope⟧ }}"'),
    "an escaped newline in the expression": leaf(r'"{{ v\n ~ ⟦nope⟧ }}"'),
    "escaped braces": leaf(r'"\u007b{ ⟦nope⟧ }\u007D"'),
    "a line continuation": leaf('"""a \\\n     {{ ⟦nope⟧ }}"""'),
    "a continuation right at the start": leaf('"""\\\n\t {{ ⟦nope⟧ }}"""'),
    "a continuation over blank lines": leaf('"""a \\\n\n  \n   {{ ⟦nope⟧ }}"""'),
    "a continuation with blanks behind it": leaf('"""a \\  \n   {{ ⟦nope⟧ }}"""'),
    "a continuation in the expression": leaf('"""{{ v ~ \\\n   ⟦nope⟧ }}"""'),
    "a continuation behind a backslash": leaf('"""\\\\\\\n   {{ ⟦nope⟧ }}"""'),
    "tabs": leaf('"\t\t{{ ⟦nope⟧ }}"'),
    "quotes at the start of multi-line": leaf('""""" {{ ⟦nope⟧ }}"""'),
    "a quote at the end of multi-line": leaf('"""{{ ⟦nope⟧ }}""""'),
    "two quotes at the end of multi-line": leaf('"""{{ ⟦nope⟧ }}"""""'),
    "an apostrophe at the end of multi-line": leaf("'''{{ ⟦nope⟧ }}''''"),
    "a hash in the string": leaf('"# {{ ⟦nope⟧ }} # [x]"  # {{ nope }}'),
    # what characters can be
    "wide characters": leaf('"蝶と花 {{ ⟦nope⟧ }}"'),
    "combining marks": leaf('"e\u0301a\u0308\u0323 {{ ⟦nope⟧ }}"'),
    "emoji with joiners": leaf('"👩\u200d👩\u200d👧🦋 {{ ⟦nope⟧ }}"'),
    "right to left": leaf('"مرحبا \u202eabc\u202c {{ ⟦nope⟧ }}"'),
    "separators that are no newlines": leaf('"a\u2028b\u2029c\u0085d {{ ⟦nope⟧ }}"'),
    "zero width": leaf('"\u200b\ufeff{{ ⟦nope⟧ }}"'),
    # how files are saved
    "a file with CRLF": Row("P201", UNDEFINED, {"spec.toml": f'{HEAD}[[turns]]\ntext = """\na\n {{{{ ⟦nope⟧ }}}}"""\n'.replace("\n", "\r\n")}),
    "a continuation with CRLF": Row("P201", UNDEFINED, {"spec.toml": f'{HEAD}[[turns]]\ntext = """a\\\n {{{{ ⟦nope⟧ }}}}"""\n'.replace("\n", "\r\n")}),
    "a Jinja spec with CRLF": Row("P201", UNDEFINED, {"spec.j2": f"+++\n{HEAD}+++\na\n {{{{ ⟦nope⟧ }}}}\n".replace("\n", "\r\n")}),
    "a byte order mark": top('\ufeff⟦modle⟧ = "gemini-3.1-flash-image"\nturns = [{ text = "x" }]\n', "P003", "unknown key `modle`"),
    "a Jinja spec with a byte order mark": Row("P201", UNDEFINED, {"spec.j2": f"\ufeff+++\n{HEAD}+++\n{{{{ ⟦nope⟧ }}}}"}),
    # where TOML puts values
    "a dotted key": top(f'generationConfig.imageConfig.⟦imagesize⟧ = "1K"\n{SIMPLE}', "P401", "unknown key `imagesize`"),
    "a dotted key with blanks and quotes": top(f'"generationConfig" . \'imageConfig\' . ⟦"imagesize"⟧ = "1K"\n{SIMPLE}', "P401", "unknown key `imagesize`"),
    "an inline table": top(f'{SIMPLE}[generationConfig]\nimageConfig = {{ aspectRatio = "1:1", ⟦imagesize⟧ = "1K" }}\n', "P401", "unknown key `imagesize`"),
    "an array of tables": top(f'{SIMPLE}[[turns]]\nrole = "model"\ntext = "{{{{ ⟦nope⟧ }}}}"\n[[turns]]\ntext = "z"\n', "P201", UNDEFINED),
    "an array over lines": top(f'{SIMPLE}[generationConfig]\nstopSequences = [\n  "a", # "b"\n  "é{{{{ ⟦nope⟧ }}}}",\n]\n', "P201", UNDEFINED),
    "an array in an array of tables": top(f'{SIMPLE}[[tools]]\n[[tools.functionDeclarations]]\nname = "f"\ndescription = "{{{{ ⟦nope⟧ }}}}"\n', "P201", UNDEFINED),
    "parts in inline tables": top('model = "gemini-3.1-flash-image"\nturns = [{ parts = [{ text = "a" }, { text = "{{ ⟦nope⟧ }}" }] }]\n', "P201", UNDEFINED),
    "system": top(f'system = "a\\t{{{{ ⟦nope⟧ }}}}"\n{SIMPLE}', "P201", UNDEFINED),
    "unchecked": top(f'{SIMPLE}[unchecked]\nx = [{{ y = "{{{{ ⟦nope⟧ }}}}" }}]\n', "P201", UNDEFINED),
    "an array's element of the wrong type": top(f"{SIMPLE}[generationConfig]\nstopSequences = ['a', ⟦5⟧]\n", "P402", "expected a string, got an integer"),
    # what can be wrong with templates
    "a syntax error": leaf('"a\\n⟦{{ 1 2 }}⟧ b"', "P206", "`}}` is expected, but `2` stands there"),
    "a syntax error over lines": leaf('"""\na\n⟦{{ 1\n 2 }}⟧ b"""', "P206", "`}}` is expected, but `2` stands there"),
    "never closed": leaf('"{{ v }}\\t⟦{{ v⟧"', "P206", "`{{` is never closed"),
    "a block that is never closed": leaf('"\\t⟦{% if v %}⟧{{ v }}"', "P206", "`{% if %}` is never closed"),
    "an unknown tag": leaf("'''\n{{ v }}\n⟦{% fi %}⟧'''", "P206", "there is no tag `{% fi %}`"),
    "an unknown filter": leaf('"\\u00e9 {{ v | upper | ⟦uper⟧ }}"', "P206", "there is no filter `uper`"),
    "an unknown test": leaf('"{% if v is ⟦strin⟧ %}{% endif %}"', "P206", "there is no test `strin`"),
    "a failing expression": leaf('"{{ v }}\\n⟦{{ 1 / 0 }}⟧"', "P207", DIVIDED),
    "a failing expression over lines": leaf('"""{{ v }}\n⟦{{ 1\n / 0 }}⟧"""', "P207", DIVIDED),
    "a list as text": leaf('"é{{ v }} ⟦{{ [v] }}⟧"', "P208", "the expression gives a list, which has no text"),
    "nothing as text": leaf("'{{ v }} ⟦{{ none }}⟧'", "P208", "the expression has no value (none)"),
    "an image as text": leaf('"\\"{{ v }}\\" ⟦{{ photo }}⟧"', "P209", "an image stands where only text can stand"),
    "what costs too much": leaf('"\\t⟦{{ v * 9999999 }}⟧"', "P211", "the template costs too much: a product this large"),
    "what is not allowed": leaf('"{{ v }} ⟦{{ v.__class__ }}⟧"', "P207", "not allowed in a template: access to attribute '__class__' of 'str' object is unsafe"),
    "a member that isn't there": leaf('"{{ v }} ⟦{{ {}.x }}⟧"', "P201", "the table has no `x`"),
    # blocks of templates
    "what a loop walks through": leaf('"{% for x in ⟦nope⟧ %}{{ x }}{% endfor %}"'),
    "in a loop": leaf('"""{% for x in [1] %}\n  {{ x }}{{ ⟦nope⟧ }}{% endfor %}"""'),
    "a failure in a loop": leaf('"""{% for x in [1, 0] %}\n  ⟦{{ 1 / x }}⟧{% endfor %}"""', "P207", DIVIDED),
    "a loop's filter": leaf('"{% for x in [1] if ⟦nope⟧ %}{% endfor %}"'),
    "behind a loop": leaf('"{% for x in [1] %}{{ x }}{% endfor %}{{ ⟦x⟧ }}"', message="`x` is undefined"),
    "a condition": leaf('"{% if ⟦nope⟧ %}{% endif %}"'),
    "a second condition": leaf('"{% if v %}{% elif\\n ⟦nope⟧ %}{% endif %}"'),
    "a branch that is not taken": leaf('"{% if v %}{% else %}{{ ⟦nope⟧ }}{% endif %}"'),
    "a failing condition": leaf('"{{ v }}⟦{% if 1 / 0 %}⟧{% endif %}"', "P207", DIVIDED),
    "a set": leaf('"{% set x = ⟦nope⟧ %}{{ x }}"'),
    "a failing set": leaf('"{{ v }} ⟦{% set x = 1 / 0 %}⟧{{ x }}"', "P207", DIVIDED),
    "a set block": leaf('"{% set x %}\\t{{ ⟦nope⟧ }}{% endset %}{{ x }}"'),
    "a filter block": leaf('"{% filter upper %}{{ ⟦nope⟧ }}{% endfilter %}"'),
    "a macro": leaf('"{% macro m(x) %}{{ x }}{{ ⟦nope⟧ }}{% endmacro %}{{ m(1) }}"'),
    "a macro's default": leaf('"{% macro m(x=⟦nope⟧) %}{{ x }}{% endmacro %}{{ m() }}"'),
    "a failure in a macro": leaf('"{% macro m(x) %}\\t⟦{{ 1 / x }}⟧{% endmacro %}\\n⟪{{ m(0) }}⟫"', "P207", DIVIDED),
    "a macro in a macro": leaf(
        '"{% macro a(x) %}⟦{{ 1 / x }}⟧{% endmacro %}{% macro b(x) %}⟪{{ a(x) }}⟫{% endmacro %}⟪{{ b(0) }}⟫"', "P207", DIVIDED
    ),
    "a call block": leaf('"{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}{{ ⟦nope⟧ }}{% endcall %}"'),
    # Jinja specs
    "the first line of a body": body("{{ ⟦nope⟧ }} a\n"),
    "the last line of a body": body("a\n\n蝶\t{{ ⟦nope⟧ }}"),
    "a backslash in a body": body("a\\n \\\n {{ ⟦nope⟧ }}"),
    "a role tag": body("{% user %}\n  a {{ ⟦nope⟧ }}\n{% enduser %}\n"),
    "turns of a loop": body("{% for x in [1] %}\n{% user %}{{ x }}{{ ⟦nope⟧ }}{% enduser %}\n{% endfor %}\n"),
    "a failure in a role tag": body("{% user %}é\n⟦{{ 1 / 0 }}⟧{% enduser %}\n", "P207", DIVIDED),
    "a role tag that is never closed": body("a\n⟦{% user %}⟧\nb\n", "P206", "`{% user %}` is never closed"),
    "text between turns": body("{% user %}a{% enduser %}\n ⟦é⟧ b\n", "P103", "this stands outside of all turns"),
    "an image that isn't there": body('a {{ v }}\n⟦{{ image("wang.png") }}⟧', "P301", "there is no image `wang.png`"),
    "an image as text in a body": body("{{ v }}\n⟦{{ photo ~ v }}⟧", "P209", "an image stands where only text can stand"),
    "front matter": Row("P003", "unknown key `sytem`", {"spec.j2": f'+++\n⟦sytem⟧ = "x"\n{HEAD}+++\n{{{{ v }}}}\n'}),
    # other files
    "a file that isn't there": leaf('"\\t⟦{% include \'_c.j2\' %}⟧"', "P212", "there is no file `_c.j2`"),
    "in an included file": leaf('"\\t⟪{% include \\"_a.j2\\" %}⟫"', _a="é\n {{ ⟦nope⟧ }}"),
    "two files down": leaf('"\\t⟪{% include \\"_a.j2\\" %}⟫"', _a="b ⟪{% include '_b.j2' %}⟫", _b="\n蝶{{ ⟦nope⟧ }}"),
    "two files down, from a continued line": leaf(
        '"""\\u00e9 \\\n   ⟪{% include \'_a.j2\' %}⟫"""', _a="b ⟪{% include '_b.j2' %}⟫", _b="\r\n{{ ⟦nope⟧ }}"
    ),
    "two files down, from a body": body("a\n⟪{% include '_a.j2' %}⟫", _a="⟪{%- include '_b.j2' -%}⟫", _b="{{ ⟦nope⟧ }}"),
    "a failure two files down": leaf(
        '"\\t⟪{% include \\"_a.j2\\" %}⟫"', "P207", DIVIDED, _a="b ⟪{% include '_b.j2' %}⟫", _b="\n蝶⟦{{ 1 / 0 }}⟧"
    ),
    "a syntax error in an included file": body("⟪{% include '_a.j2' %}⟫", "P206", "`{{` is never closed", _a="é\n⟦{{ v⟧\n"),
    "a missing file in an included file": body(
        "⟪{% include '_a.j2' %}⟫", "P212", "there is no file `_c.j2`", _a="é\n⟦{% include '_c.j2' %}⟧\n"
    ),
    "in an imported macro": body(
        "⟪{% import '_a.j2' as m %}⟫{{ m.x() }}", _a="{% macro x() %}\n{{ ⟦nope⟧ }}{% endmacro %}"
    ),
    "a failure in an imported macro": body(
        "{% import '_a.j2' as m %}\n⟪{{ m.x(0) }}⟫", "P207", DIVIDED, _a="{% macro x(y) %}\n⟦{{ 1 / y }}⟧{% endmacro %}"
    ),
    "a name that a file doesn't have": body(
        "⟦{% from '_a.j2' import y %}⟧{{ y }}", "P212", "`_a.j2` has no macro or value `y`", _a="{% macro x() %}{% endmacro %}"
    ),
    "an included circle": body(
        "⟪{% include '_a.j2' %}⟫", "P212", "`_a.j2` includes itself", _a="⟪{% include '_b.j2' %}⟫", _b="é⟦{% include '_a.j2' %}⟧"
    ),
}  # fmt: skip


def places(files: Mapping[str, str], opening: str, closing: str) -> list[Place]:
    """Return what stands between marks, counted by hand."""
    found = []
    for name, text in files.items():
        plain = text.removeprefix("\ufeff").replace("\r\n", "\n")
        for match in re.finditer(f"{opening}([^{closing}]*){closing}", plain):
            before = _MARKS.sub("", plain[: match.start()])
            line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
            found.append((name, line, column, _MARKS.sub("", match[1])))
    return found


def place(span: Span | None) -> Place | None:
    return (span.source.path.name, span.line, span.column, span.text) if span else None


def compiled(folder: Path, row: Row) -> tuple[Diagnostic, ...]:
    plain = {name: _MARKS.sub("", text) for name, text in row.files.items()}
    made = project(folder, {**plain, "wing.png": WING})
    compilation = compile_specs(made, find_specs(made)[0])
    assert compilation.cases == (), said(compilation)
    return tuple(d for d in compilation.diagnostics if d.severity is Severity.ERROR)


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_a_mistake_is_marked_to_the_character(tmp_path: Path, row: Row) -> None:
    (found,) = compiled(tmp_path, row)

    assert (found.code, found.message) == (row.code, row.message)
    assert [place(found.span)] == places(row.files, "⟦", "⟧")
    assert sorted(filter(None, (place(related.span) for related in found.related))) == sorted(
        places(row.files, "⟪", "⟫")
    )


def test_the_way_to_a_mistake_is_told_from_the_inside_out(tmp_path: Path) -> None:
    (included,) = compiled(tmp_path, ROWS["two files down"])
    (called,) = compiled(tmp_path, ROWS["a macro in a macro"])

    assert [(related.message, place(related.span)) for related in included.related] == [
        ("included here", ("_a.j2", 1, 3, "{% include '_b.j2' %}")),
        ("included here", ("spec.toml", 5, 11, '{% include \\"_a.j2\\" %}')),
    ]
    assert [(related.message, place(related.span)) for related in called.related] == [
        ("reached from here", ("spec.toml", 5, 66, "{{ a(x) }}")),
        ("reached from here", ("spec.toml", 5, 90, "{{ b(0) }}")),
    ]
