"""A request has one canonical form and one fingerprint, however it is spelt; another request has another."""

import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from promptc.canonical import canonical, digested, fingerprint
from promptc.schema import check, load
from tests.bodies import BODIES, KEYS, changed, differs, meanings, removable, spellings, twins, unsaid
from tests.mutations.pictures import PICTURES
from tests.mutations.sample import Sample
from tests.mutations.tools import TOOLS
from tests.mutations.walk import at, pointer, put, spots, without
from tests.mutations.words import WORDS

SAMPLES = (*PICTURES, *WORDS, *TOOLS)
MODEL = "gemini-3.1-flash-image"
each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=[sample.name for sample in SAMPLES])
LOOKALIKES: dict[str, Any] = {
    "mime_type": "IMAGE/PNG",
    "mimeType": None,
    "inline_data": {"data": "-_-_", "mime_type": {}},
    "inlineData": [],
    "generation_config": {},
    "type": "object",
    "top_k": 40.0,
    "max_items": 7,
    "contents": {"parts": {"text": "x"}},
    "start_time": "2026-01-31T12:00:00.500+02:00",
    "timeout": "1.50s",
    "role": None,
}


def text_of(value: object) -> str:
    """Write JSON so that `1`, `1.0` and `true` differ, and key order doesn't count."""
    return json.dumps(value, sort_keys=True)


def print_of(body: Any) -> str:
    return fingerprint("generateContent", MODEL, body)


@settings(max_examples=200)
@given(twins())
def test_another_spelling_has_the_same_form_and_fingerprint_and_the_users_own_json(pair: tuple[Any, Any]) -> None:
    body, other = pair
    made = canonical(other)
    assert made.findings == ()
    assert text_of(made.tree) == text_of(canonical(body).tree)
    assert text_of(digested(other)) == text_of(digested(body))
    assert print_of(other) == print_of(body) == print_of(made.tree) == print_of(digested(other))
    for spot in spots(body):
        if spot.proto == "json":
            assert text_of(at(made.tree, spot.path)) == text_of(spot.value)
        elif spot.proto == "map":
            assert set(at(made.tree, spot.path)) == set(spot.value)


@settings(max_examples=200)
@given(st.data())
def test_a_turn_of_nobodys_is_the_users(data: st.DataObject) -> None:
    body, other = data.draw(twins())
    same = data.draw(unsaid(body))
    assert print_of(same) == print_of(body) == print_of(other)
    assert text_of(digested(same)) == text_of(digested(other))
    made: Any = canonical(same).tree
    assert check(made, "request.schema") == ()


@settings(max_examples=200)
@given(twins())
def test_the_canonical_form_is_valid_final_and_tells_where_everything_stood(pair: tuple[Any, Any]) -> None:
    body, other = pair
    made = canonical(other)
    tree: Any = made.tree
    assert check(tree, "request.schema") == ()
    again = canonical(tree)
    assert text_of(again.tree) == text_of(tree)
    assert again.findings == ()
    assert all(now == was for now, was in again.moved.items())
    assert set(pointers(tree)) <= set(made.moved)
    places = set(pointers(other))
    assert set(made.moved.values()) <= places
    assert set(pointers(canonical(body).tree)) <= set(made.moved)


def pointers(value: Any, path: tuple[Any, ...] = ()) -> list[str]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [pointer(path), *(below for key, item in members for below in pointers(item, (*path, key)))]


@each_sample
def test_each_value_may_be_spelt_in_all_its_ways(sample: Sample) -> None:
    body: Any = canonical(sample.body).tree
    expected = print_of(body)
    assert print_of(sample.body) == expected
    for spot in spots(body):
        if spot.proto not in {"json", "map"} and not isinstance(spot.value, (dict, list)):
            for other in spellings(spot.value, spot.schema):
                assert print_of(put(body, spot.path, other)) == expected, f"{other!r} at {spot.pointer}"


@each_sample
def test_each_value_that_means_something_else_is_another_request(sample: Sample) -> None:
    body: Any = canonical(sample.body).tree
    known = print_of(body)
    for spot in spots(body):
        others = [without(body, (*spot.path, key)) for key in removable(spot)] if spot.is_message else []
        if not spot.is_message:
            others = [put(body, spot.path, other) for other in meanings(spot) if differs(spot, other)]
        for other in others:
            assert print_of(other) != known, f"{spot.pointer}: {other}"
        assert others or spot.value in ({}, []), spot.pointer


@each_sample
def test_whatever_stands_in_the_users_own_json_is_not_respelt(sample: Sample) -> None:
    for spot in spots(sample.body):
        if spot.proto == "json":
            form = canonical(put(sample.body, spot.path, LOOKALIKES))
            now = next(now for now, was in form.moved.items() if was == spot.pointer)
            assert text_of(follow(form.tree, now)) == text_of(LOOKALIKES)
            assert form.findings == ()


def follow(value: Any, place: str) -> Any:
    for token in place.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


def test_every_place_for_json_or_keys_of_the_users_own_is_in_the_samples() -> None:
    free = {
        (home, name)
        for home, definition in load("request.schema")["$defs"].items()
        for name, field in definition.get("properties", {}).items()
        if field.get("x-proto") in {"json", "map"}
    }
    used = {(spot.home, spot.field) for sample in SAMPLES for spot in spots(sample.body)}
    assert len(free) >= 13
    assert free <= used


@pytest.mark.parametrize("key", KEYS)
def test_the_keys_of_maps_are_the_users_own(key: str) -> None:
    transport = {"headers": {key: "x"}}
    body: Any = {
        "contents": [{"parts": [{"text": "x"}]}],
        "tools": [{"mcpServers": [{"streamableHttpTransport": transport}]}],
        "generationConfig": {"responseSchema": {"properties": {key: {"properties": {key: {"type": "STRING"}}}}}},
    }
    assert text_of(canonical(body).tree) == text_of(body)


@settings(max_examples=200)
@given(st.data())
def test_another_meaning_has_another_fingerprint(data: st.DataObject) -> None:
    body = data.draw(BODIES)
    other = data.draw(changed(body))
    assume(other != body)
    assert print_of(other) != print_of(body)
    assert text_of(canonical(other).tree) != text_of(canonical(body).tree)


@settings(max_examples=200)
@given(st.data())
def test_another_spelling_of_another_meaning_has_another_fingerprint(data: st.DataObject) -> None:
    body, respelling = data.draw(twins())
    other = data.draw(changed(body))
    assume(other != body)
    assert print_of(other) != print_of(respelling)
