"""A stale recording is led by the line that made it so: the words, or the variable's value that went into them."""

from pathlib import Path

import pytest

from promptc.pipeline.check import check
from tests.workshop import Workshop

BASE = """\
[variables]
ground = { type = "string", default = "birch bark" }

[generationConfig]
responseModalities = ["TEXT", "IMAGE"]
imageConfig = { aspectRatio = "1:1", imageSize = "512" }
"""
SPEC = """\
extends = "_base.toml"
model = "gemini-3.1-flash-image"

[variables]
species = { type = "string", default = "Luna" }
mood = { type = "string", default = "calm" }
plants = { type = "array", items = { type = "string" }, default = ["fern", "moss"] }
wings = { type = "integer", default = 4 }
size = { type = "string", default = "512" }

[[turns]]
text = "A {{ species }} moth of {{ wings }} wings on {{ ground }}, {{ mood }}, beside {{ plants | join(' and ') }}."

[generationConfig.imageConfig]
imageSize = "{{ size }}"

[[cases]]
name = "day"

[[cases]]
name = "night"
variables = { mood = "dark" }

[matrix]
species = ["Luna", "Atlas"]
"""
SPEC = SPEC.replace('species = { type = "string", default = "Luna" }', 'species = { type = "string" }')
TEMPLATE = "specs/moth.toml:12:8"

CHANGES = {
    "a default": ("moth", '"calm"', '"wild"', "moth::day-Luna", '6:37 "wild"'),
    "a case's value": ("moth", '"dark"', '"pitch-dark"', "moth::night-Luna", '22:22 "pitch-dark"'),
    "a base's default": ("_base", '"birch bark"', '"oak bark"', "moth::day-Luna", '2:39 "oak bark"'),
    "a member of a list": ("moth", '"moss"', '"ivy"', "moth::day-Luna", '7:76 "ivy"'),
    "a number": ("moth", "default = 4", "default = 6", "moth::day-Luna", "8:39 6"),
    "what is no part of a text": ("moth", 'default = "512"', 'default = "1K"', "moth::day-Luna", '9:37 "1K"'),
    "the template's first words": ("moth", "A {{", "Two {{", "moth::day-Luna", "12:9 Two"),
    "the template's last words": ("moth", "}}.", "}}, quiet.", "moth::day-Luna", "12:115 , quiet"),
    "words between two values": ("moth", "wings on", "wings over", "moth::day-Luna", "12:8 whole"),
}


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    made = Workshop.make(tmp_path, {"_base": BASE, "moth": SPEC})
    assert made.record().good
    return made


@pytest.mark.parametrize(("file", "old", "new", "subject", "place"), CHANGES.values(), ids=CHANGES)
def test_the_line_that_changed_leads(shop: Workshop, file: str, old: str, new: str, subject: str, place: str) -> None:
    shop.edit(file, old, new)
    found = {d.subject: d for d in check(shop.project).diagnostics if d.code == "P501"}[subject]
    assert found.span
    text = found.span.text if len(found.span.text) < 40 else "whole"
    assert f"{found.span.line}:{found.span.column} {text}" == place
    assert found.span.source.name.endswith(f"/{file}.toml")
    used = [(related.span.place.removeprefix(f"{shop.root}/"), related.message) for related in found.related]
    template = "specs/moth.toml:15:13" if "1K" in new else TEMPLATE
    named = found.span.line in {2, 6, 7, 8, 9, 22}
    assert used == ([(template, "it goes into the template here")] if named else [])


def test_a_value_of_the_matrix_is_a_case_of_its_own(shop: Workshop) -> None:
    shop.edit("moth", '"Atlas"', '"Swallowtail"')
    assert {d.code for d in check(shop.project).diagnostics} == {"P502", "P506"}


def test_a_word_that_only_happens_to_be_a_value_does_not_lead(shop: Workshop) -> None:
    """The variable is not in the template that changed."""
    shop.edit(
        "moth",
        "[generationConfig.imageConfig]",
        '[[turns]]\nreply = true\n\n[[turns]]\ntext = "calm"\n\n[generationConfig.imageConfig]',
    )
    assert shop.record(accept=True).good
    shop.edit("moth", 'text = "calm"', 'text = "Now {{ size }}, calm"')
    found = next(d for d in check(shop.project).diagnostics if d.code == "P501")
    assert found.span
    assert (found.span.line, found.related) == (18, ())
