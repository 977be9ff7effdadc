"""From pointers to places in a file."""

from pathlib import Path

import pytest

from promptc.codes import CODES
from promptc.diagnostics import Diagnostic
from promptc.findings import Fault, Finding
from promptc.locate import API, OWN, Place, diagnose, nearest, places
from promptc.source import Source
from promptc.toml_tree import parse
from promptc.tree import child, last, parent

TEXT = """\
title = "a"
"odd/key~" = [1, { b = 2 }]
[generationConfig]
imageConfig = { aspectRatio = "1:1" }
[[turns]]
text = "x"
[[turns]]
"""


@pytest.fixture
def source() -> Source:
    return Source(path=Path("/repo/a.toml"), text=TEXT)


@pytest.fixture
def found(source: Source) -> dict[str, Place]:
    node, diagnostics = parse(source)
    assert node is not None
    assert diagnostics == ()
    return places(node)


def test_every_value_of_a_document_has_a_pointer_and_a_place(found: dict[str, Place]) -> None:
    shown = {
        pointer: (place.span.line, place.span.column, place.span.text, place.key.text if place.key else None)
        for pointer, place in found.items()
    }
    assert shown == {
        "": (1, 1, "", None),
        "/title": (1, 9, '"a"', "title"),
        "/odd~1key~0": (2, 14, "[1, { b = 2 }]", '"odd/key~"'),
        "/odd~1key~0/0": (2, 15, "1", None),
        "/odd~1key~0/1": (2, 18, "{ b = 2 }", None),
        "/odd~1key~0/1/b": (2, 24, "2", "b"),
        "/generationConfig": (3, 1, "[generationConfig]", "generationConfig"),
        "/generationConfig/imageConfig": (4, 15, '{ aspectRatio = "1:1" }', "imageConfig"),
        "/generationConfig/imageConfig/aspectRatio": (4, 31, '"1:1"', "aspectRatio"),
        "/turns": (5, 1, "[[turns]]", "turns"),
        "/turns/0": (5, 1, "[[turns]]", None),
        "/turns/0/text": (6, 8, '"x"', "text"),
        "/turns/1": (7, 1, "[[turns]]", None),
    }


@pytest.mark.parametrize(
    ("pointer", "known"),
    [
        ("/turns/0/text", "/turns/0/text"),
        ("/turns/0/text/deeper/still", "/turns/0/text"),
        ("/turns/7/text", "/turns"),
        ("/nowhere", ""),
        ("", ""),
    ],
)
def test_a_pointer_without_a_place_takes_the_nearest_one_around_it(
    found: dict[str, Place], pointer: str, known: str
) -> None:
    assert nearest(pointer, found) == found[known]


@pytest.mark.parametrize(
    ("key", "pointer"),
    [("a", "/x/a"), (0, "/x/0"), ("a/b", "/x/a~1b"), ("a~b", "/x/a~0b"), ("~1", "/x/~01"), ("", "/x/")],
)
def test_pointers_escape_what_has_a_meaning_in_them(key: str | int, pointer: str) -> None:
    assert child("/x", key) == pointer
    assert parent(pointer) == "/x"
    assert last(pointer) == str(key)


def test_where_nothing_has_a_place_there_is_none() -> None:
    assert nearest("/a/b", {}) is None
    assert nearest("", {}) is None


def test_findings_become_errors_at_the_value_or_at_its_key(source: Source, found: dict[str, Place]) -> None:
    findings = [
        Finding(
            fault=Fault.UNKNOWN,
            pointer="/generationConfig/imageConfig/aspectRatio",
            message="m1",
            expected="e",
            help="h",
            at_key=True,
        ),
        Finding(fault=Fault.TYPE, pointer="/title", message="m2"),
        Finding(fault=Fault.UNKNOWN, pointer="/turns/1", message="m3", at_key=True),
    ]
    ratio = TEXT.index("aspectRatio")
    assert diagnose(findings, found, API, subject="a::default") == (
        Diagnostic(
            code="P401", message="m1", span=source.span(ratio, ratio + 11), subject="a::default", expected="e", help="h"
        ),
        Diagnostic(code="P402", message="m2", span=source.span(8, 11), subject="a::default"),
        Diagnostic(code="P401", message="m3", span=source.span(TEXT.rindex("[["), len(TEXT) - 1), subject="a::default"),
    )


def test_findings_without_a_place_keep_everything_else() -> None:
    finding = Finding(fault=Fault.MISSING, pointer="/a", message="m")
    assert diagnose([finding], {}, OWN) == (Diagnostic(code="P101", message="m"),)


def test_every_fault_has_a_code_of_the_index() -> None:
    assert set(API) == set(Fault)
    assert set(OWN) == {
        Fault.UNKNOWN,
        Fault.TYPE,
        Fault.VALUE,
        Fault.MISSING,
        Fault.CHOICE,
        Fault.TWICE,
        Fault.BOUNDS,
        Fault.SCHEMA,
    }
    assert {*API.values(), *OWN.values()} <= set(CODES)
    assert len(set(API.values())) == len(API)
