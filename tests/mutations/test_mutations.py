"""No spoilt request is accepted, and each is told what is wrong, and where."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from promptc.findings import Finding
from promptc.tree import parent
from tests.mutations import names, values
from tests.mutations.mutation import Mutation, complaints, errors, words
from tests.mutations.pictures import PICTURES
from tests.mutations.sample import Sample
from tests.mutations.tools import TOOLS
from tests.mutations.walk import ROOT, spots
from tests.mutations.words import WORDS

SAMPLES = (*PICTURES, *WORDS, *TOOLS)
KINDS: dict[str, Callable[[Any], Iterator[Mutation]]] = {
    maker.__name__: maker
    for maker in (
        names.misspelt,
        names.picture_settings,
        names.misplaced,
        names.twice,
        names.missing,
        names.in_empty_messages,
        names.unknown_tools,
        names.other_words,
        names.json_schema_keywords,
        values.types,
        values.words,
        values.bounds,
        values.parts,
        values.files,
        values.schemas,
    )
}
LONGEST = 1000
BASE64 = re.compile("[A-Za-z0-9+/_=-]{61}")
each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=[sample.name for sample in SAMPLES])


@each_sample
def test_every_sample_is_valid(sample: Sample) -> None:
    assert list(errors(sample.body, sample.model)) == []


def test_the_samples_use_every_field_of_the_schema() -> None:
    every = {("request", name) for name in ROOT["properties"]} | {
        (home, name) for home, definition in ROOT["$defs"].items() for name in definition.get("properties", {})
    }
    used = {(spot.home, spot.field) for sample in SAMPLES for spot in spots(sample.body) if spot.field}
    assert every - used == set()
    assert len(every) > 190


def spoilt(sample: Sample) -> Iterator[tuple[str, Mutation]]:
    for kind, maker in KINDS.items():
        yield from ((kind, mutation) for mutation in maker(sample.body))
    yield from (("abilities", mutation) for mutation in values.abilities(sample.body, sample.model))


@each_sample
def test_every_mutation_is_refused_at_its_place(sample: Sample, record_property: Callable[[str, object], None]) -> None:
    tried = accepted = near = named = 0
    wrong: list[str] = []
    for kind, mutation in spoilt(sample):
        found = list(errors(mutation.body, sample.model))
        said = [*complaints(mutation, found), *unfit(found)]
        wrong += [f"{kind}: {mutation.what}: {complaint}" for complaint in said]
        tried, accepted = tried + 1, accepted + (not found)
        if mutation.meant:
            near += 1
            named += any(f"`{mutation.meant}`" in (finding.help or "") for _, finding in found)
    record_property("spoilt requests", tried)
    record_property("accepted", accepted)
    record_property("misspelt by a letter", near)
    record_property("with the right name named", named)
    assert not wrong, f"{len(wrong)} complaints about {tried} mutations:\n" + "\n".join(wrong[:40])
    assert named >= 0.95 * near, f"only {named} of {near} misspellings are told the right name"


def test_a_misspelt_key_is_found_in_every_message_of_recorded_requests(
    corpus: Path, record_property: Callable[[str, object], None]
) -> None:
    index = (corpus / "requests" / "index.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, index) if row["status"] == 200 and row["method"].endswith("enerateContent")]
    tried = 0
    valid: list[str] = []
    wrong: list[str] = []
    for row in rows:
        body = json.loads((corpus / "requests" / row["file"]).read_text(encoding="utf-8"))
        if list(errors(body, None)):
            continue  # a known oddity of the API's
        valid.append(row["file"])
        seen: set[str] = set()
        for mutation in names.misspelt(body):
            holder = parent(mutation.pointer)
            if mutation.meant is None or holder in seen:
                continue
            seen.add(holder)
            found = list(errors(mutation.body, None))
            wrong += [f"{row['file']}: {mutation.what}: {said}" for said in complaints(mutation, found)]
            tried += 1
    record_property("spoilt requests", tried)
    assert not wrong, "\n".join(wrong[:40])
    assert len(valid) >= 0.95 * len(rows) > 0
    assert tried > 1000


def unfit(found: list[tuple[str, Finding]]) -> Iterator[str]:
    """Yield what no message may be: longer than a screen, or full of base64."""
    for _, finding in found:
        for text in words(finding):
            if len(text.encode()) >= LONGEST:
                yield f"{len(text)} characters: {text[:80]}…"
            if BASE64.search(text):
                yield f"base64 in {text[:80]}…"
