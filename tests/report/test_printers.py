"""Each printer, on the same diagnostics."""

import io
import json
from pathlib import Path

import pytest

from promptc.diagnostics import Diagnostic, Related, Severity
from promptc.report.as_json import diagnostics, dumped
from promptc.report.concise import concise
from promptc.report.full import full
from promptc.report.style import Style, printable, style_for
from promptc.source import Source

SOURCE = Source(path=Path.cwd() / "a.toml", text='first\n\tkey = "日本語 wide"\n' + "xxx " * 75 + "\n")


def diagnostic(start: int, end: int, **fields: object) -> Diagnostic:
    return Diagnostic(**{"code": "P003", "message": "unknown key", "span": SOURCE.span(start, end), **fields})  # type: ignore[arg-type]


def test_the_full_form_shows_place_line_and_caret() -> None:
    found = diagnostic(0, 5, expected="`b`", help="write `b`", details=("one", "two"), subject="s::c")

    assert full([found], Style()) == (
        "error[P003]: unknown key\n"
        "  --> a.toml:1:1\n"
        "  |\n"
        "1 | first\n"
        "  | ^^^^^\n"
        "   = one\n"
        "   = two\n"
        "   = expected: `b`\n"
        "   = help: write `b`\n"
    )


def test_wide_characters_and_tabs_keep_the_caret_in_place() -> None:
    at = SOURCE.text.index("wide")

    lines = full([diagnostic(at, at + 4)], Style()).splitlines()

    assert lines[3] == '2 |     key = "日本語 wide"'
    assert lines[4] == "  |                   ^^^^"


def test_a_long_line_is_cut_around_the_place() -> None:
    at = SOURCE.text.index("xxx ") + 200

    lines = full([diagnostic(at, at + 3)], Style()).splitlines()

    assert lines[3] == f"3 | …{'xxx ' * 25}…"
    assert lines[4] == f"  | {' ' * 41}^^^"


@pytest.mark.parametrize("shift", range(0, 60, 7))
def test_no_half_of_a_long_word_is_shown_where_a_line_is_cut(shift: int) -> None:
    key = "sk-not-a-real-key-0123456789"
    text = f"a {key} {'b ' * shift}HERE {'c ' * 2 * shift}{key} d{' d' * 60}"
    source = Source(path=Path.cwd() / "a.toml", text=text)
    at = text.index("HERE")

    line = full([Diagnostic(code="P403", message="wrong", span=source.span(at, at + 4))], Style()).splitlines()[3]

    assert "HERE" in line
    rest = line.replace(key, "")
    assert not any(key[i : i + 4] in rest for i in range(len(key) - 3))


def test_base64_is_never_printed() -> None:
    picture = "iVBORw0KGgo/" * 1000
    text = f'{{"data": "{picture}", "mimetype": "image/png", "more": "{picture}"}}'
    source = Source(path=Path.cwd() / "a.json", text=text)
    key, value = text.index('"mimetype"'), text.index(f'"{picture}')

    at_key = Diagnostic(code="P401", message="unknown", span=source.span(key, key + 10))
    at_value = Diagnostic(code="P403", message="wrong", span=source.span(value, value + len(picture) + 2))
    inside = Diagnostic(code="P403", message="wrong", span=source.span(value + 500, value + 600))

    assert full([at_key], Style()).splitlines()[3:] == [
        '1 | …", "mimetype": "image/png", "more": "…',
        "  |     ^^^^^^^^^^",
    ]
    assert full([at_value], Style()).splitlines()[3:] == ['1 | {"data": "…', "  |          ^^"]
    assert full([inside], Style()).splitlines()[3:] == ["1 | …", "  |  ^"]
    assert diagnostics([at_key])[0]["snippet"] == '…", "mimetype": "image/png", "more": "…'


def test_a_span_over_several_lines_is_marked_to_the_end_of_its_first() -> None:
    lines = full([diagnostic(0, 12)], Style()).splitlines()

    assert lines[4] == "  | ^^^^^"


def test_related_places_are_named() -> None:
    found = diagnostic(0, 1, related=(Related(span=SOURCE.span(7, 10), message="the first one"),))

    assert full([found], Style()).splitlines()[-1] == "   = the first one: a.toml:2:2"


def test_what_would_steer_a_terminal_is_shown_as_text() -> None:
    found = Diagnostic(code="P702", message="\x1b[31mred\u202e txt\x07", file="f\x1b[0m")

    assert full([found], Style()) == "error[P702]: \\u001b[31mred\\u202e txt\\u0007\n  --> f\\u001b[0m\n"
    assert concise([found]) == "f\\u001b[0m: P702 \\u001b[31mred\\u202e txt\\u0007\n"


def test_the_concise_form_is_a_line_each() -> None:
    found = [diagnostic(0, 1), diagnostic(7, 9, severity=Severity.WARNING), Diagnostic(code="P506", message="m")]

    assert concise(found) == "a.toml:1:1: P003 unknown key\na.toml:2:2: P003 warning: unknown key\nP506 m\n"


def test_no_message_forges_a_line() -> None:
    found = Diagnostic(code="P506", message="m\nf: P702 forged\r\n")

    assert concise([found]) == "P506 m\\nf: P702 forged\\u000d\\n\n"
    assert full([found], Style()) == "error[P506]: m\\nf: P702 forged\\u000d\\n\n"


def test_the_json_form_has_everything() -> None:
    found = diagnostic(0, 5, help="h", related=(Related(span=SOURCE.span(7, 10), message="r"),))

    assert diagnostics([found]) == [
        {
            "code": "P003",
            "name": "unknown-key",
            "severity": "error",
            "message": "unknown key",
            "file": "a.toml",
            "range": {"start": {"line": 1, "column": 1}, "end": {"line": 1, "column": 6}},
            "snippet": "first",
            "subject": None,
            "expected": None,
            "help": "h",
            "details": [],
            "related": [
                {
                    "message": "r",
                    "file": "a.toml",
                    "range": {"start": {"line": 2, "column": 2}, "end": {"line": 2, "column": 5}},
                }
            ],
        }
    ]


def test_json_escapes_what_would_steer_a_terminal_and_nothing_else() -> None:
    text = dumped({"é 日本": "\x1b\x7f\x85\u200f\u202e\u2066\u2028\ufeff\U000e0041\udc80 🦋"})

    assert text == (
        '{\n  "é 日本": "\\u001b\\u007f\\u0085\\u200f\\u202e\\u2066\\u2028\\ufeff\\udb40\\udc41\\udc80 🦋"\n}\n'
    )
    assert json.loads(text) == {"é 日本": "\x1b\x7f\x85\u200f\u202e\u2066\u2028\ufeff\U000e0041\udc80 🦋"}


def test_no_snippet_holds_base64() -> None:
    source = Source(path=Path.cwd() / "a.json", text=f'{{"data": "{"iVBORw0KGgo/" * 30}", "zz": 1}}')
    start = source.text.index('"zz"')

    (table,) = diagnostics([Diagnostic(code="P401", message="unknown", span=source.span(start, start + 4))])

    assert table["snippet"] == '{"data": "…", "zz": 1}'


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "colour"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colour_follows_the_terminal_and_no_color(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], *, colour: bool
) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert style_for(Terminal()).colour is colour
    assert style_for(io.StringIO()).colour is False


def test_colour_paints_the_head() -> None:
    assert full([diagnostic(0, 5)], Style(colour=True)).startswith(
        "\x1b[31;1merror[P003]\x1b[0m: \x1b[1munknown key\x1b[0m\n"
    )


def test_printable_leaves_plain_text_alone() -> None:
    assert printable("a é 日本\nb") == "a é 日本\nb"
