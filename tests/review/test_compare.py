"""Two compilations compared: what holds for all of them, and what is told of some."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptc.blob import Blob
from promptc.request import Case, Expectation, Reply
from promptc.review.asked import written
from promptc.review.difference import Difference, Edit, Topic
from tests.review.sides import after, case, compared, told
from tests.workshop import CHAT, Workshop

OF_REQUESTS = set(Topic) - {Topic.VARIABLE, Topic.EXPECTATION, Topic.MARK}

TEXT = st.sampled_from(["a moth", "a blue moth", "two moths on bark", "Now open the wings.", "x", "sha256:x"])
BLOBS = [Blob.of_bytes(data, kind) for data in (b"1", b"2") for kind in ("image/png", "application/pdf")]
SCALAR = st.sampled_from([None, True, 1, 1.0, 0, False, "1", "a b"])
ANYTHING = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)
PART = st.one_of(
    st.builds(lambda text: {"text": text}, TEXT),
    st.builds(lambda text: {"text": text, "thought": True}, TEXT),
    st.builds(lambda blob: {"inlineData": {"mimeType": blob.media_type, "data": blob}}, st.sampled_from(BLOBS)),
    st.just({"inlineData": {"mimeType": "image/webp", "data": BLOBS[0]}}),
    st.just({"inlineData": {"mimeType": "image/png", "data": "QUJD"}}),
    st.just({"fileData": {"fileUri": "https://example.com/a.png"}}),
    st.builds(lambda args: {"functionCall": {"name": "f", "args": {"x": args}}}, ANYTHING),
)
TURN = st.fixed_dictionaries(
    {"parts": st.lists(PART, min_size=1, max_size=3)}, optional={"role": st.sampled_from(["user", "model", ""])}
)
TOOL = st.one_of(
    st.sampled_from([{"googleSearch": {}}, {"codeExecution": {}}, {"functionDeclarations": []}]),
    st.builds(
        lambda name, schema: {"functionDeclarations": [{"name": name, "parametersJsonSchema": schema}]},
        st.sampled_from("fg"),
        ANYTHING,
    ),
)
CONFIG = st.fixed_dictionaries(
    {},
    optional={
        "temperature": st.sampled_from([0, 0.5, 1, 1.0]),
        "responseModalities": st.sampled_from([["TEXT"], ["TEXT", "IMAGE"]]),
        "imageConfig": st.sampled_from([{}, {"aspectRatio": "1:1"}, {"imageSize": "1K"}]),
        "responseJsonSchema": ANYTHING,
    },
)
BODY = st.fixed_dictionaries(
    {"contents": st.lists(TURN, min_size=1, max_size=3)},
    optional={
        "systemInstruction": st.one_of(
            st.builds(lambda text: {"parts": [{"text": text}]}, TEXT), st.just({"parts": []}), st.just({})
        ),
        "generationConfig": CONFIG,
        "tools": st.lists(TOOL, max_size=3),
        "safetySettings": st.lists(
            st.sampled_from([{"category": c, "threshold": t} for c in ("A", "B") for t in ("C", "D")]), max_size=2
        ),
        "cachedContent": st.sampled_from(["a", "b"]),
        "unchecked": st.fixed_dictionaries({}, optional={"new": ANYTHING, "generationConfig": CONFIG}),
    },
)
CASES = st.lists(
    st.builds(
        lambda spec, name, body, skip: case(body, spec=spec, name=name, skip=skip),
        st.sampled_from("st"),
        st.sampled_from("abc"),
        BODY,
        st.sampled_from([None, "later"]),
    ),
    max_size=4,
    unique_by=lambda made: made.id,
)


def mirrored(edit: Edit) -> tuple[str, str, str]:
    return edit.topic, written(edit.new), written(edit.old)


def straight(edit: Edit) -> tuple[str, str, str]:
    return edit.topic, written(edit.old), written(edit.new)


@given(BODY, BODY)
def test_requests_that_the_api_can_tell_apart_have_an_edit_and_others_have_none(one: Any, other: Any) -> None:
    old, new = case(one), case(other)
    found = compared([old], [new])

    edits = [edit for edit in found.pairs[0].edits if edit.topic in OF_REQUESTS]
    assert bool(edits) == (old.requests[0].fingerprint != new.requests[0].fingerprint)
    assert all(edit.old != edit.new or written(edit.old) != written(edit.new) for edit in edits)


@given(CASES)
def test_nothing_differs_from_itself(cases: list[Case]) -> None:
    found = compared(cases, cases)

    assert [(pair.id, pair.state) for pair in found.pairs] == [(each.id, "same") for each in cases]
    assert found.groups == ()


@given(CASES, CASES)
def test_the_other_way_round_what_came_went(one: list[Case], other: list[Case]) -> None:
    there, back = compared(one, other), compared(other, one)

    def ids(pair: Any) -> tuple[str | None, str | None]:
        return pair.old and pair.old.id, pair.new and pair.new.id

    assert {ids(pair) for pair in there.pairs} == {ids(pair)[::-1] for pair in back.pairs}
    edits = {ids(pair): sorted(map(straight, pair.edits)) for pair in there.pairs}
    assert edits == {ids(pair)[::-1]: sorted(map(mirrored, pair.edits)) for pair in back.pairs}


@given(CASES, CASES)
def test_every_edit_is_in_a_group_with_its_case(one: list[Case], other: list[Case]) -> None:
    found = compared(one, other)

    told = {
        (written([*straight(s.edit), s.edit.pointer]), name) for g in found.groups for s in g.edits for name in s.cases
    }
    assert told == {(written([*straight(e), e.pointer]), pair.id) for pair in found.pairs for e in pair.edits}


@pytest.fixture
def example(tmp_path: Path) -> Workshop:
    """Return a copy of the example repo's specs."""
    repo = Path(__file__).parents[2]
    shutil.copytree(repo / "specs", tmp_path / "specs")
    shutil.copy(repo / "promptc.toml", tmp_path)
    return Workshop(tmp_path)


def edited(shop: Workshop, name: str, old: str, new: str) -> list[str]:
    def change() -> None:
        file = shop.root / "specs" / name
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new))

    return told(after(shop.root, change))


def swapped(shop: Workshop) -> Difference:
    """Put another picture in the place of one."""

    def change() -> None:
        picture = shop.root / "specs/images/wing.png"
        picture.write_bytes(picture.read_bytes() + b"\0")

    return after(shop.root, change)


EDITS = {
    "a word": (
        "butterfly.toml",
        "parchment",
        "vellum",
        [
            "butterfly::default changed",
            "butterfly.toml:9 → butterfly.toml:9",
            "  text changed /contents/0/parts/0/text: [-parchment-]{+vellum+} (butterfly::default)",
        ],
    ),
    "a default": (
        "butterfly.toml",
        "Monarch butterfly",
        "Luna moth",
        [
            "butterfly::default changed",
            "butterfly.toml:6 → butterfly.toml:6",
            "  text changed /contents/0/parts/0/text: [-Monarch butterfly-]{+Luna moth+} (butterfly::default)",
        ],
    ),
    "a macro": (
        "_figures.j2",
        "Figure",
        "Fig.",
        [
            "field-guide::wing changed",
            "field-guide::wing-and-leaf changed",
            "_figures.j2:3 → _figures.j2:3",
            "  text changed /contents/0/parts/0/text: [-Figure-]{+Fig.+} (field-guide::wing, field-guide::wing-and-leaf)",
            "  text changed /contents/0/parts/2/text: [-Figure-]{+Fig.+} (field-guide::wing-and-leaf)",
        ],
    ),
    "a base": (
        "_base.toml",
        "Check the anatomy",
        "Check all of the anatomy",
        [
            "butterfly-grounded::luna changed",
            "butterfly-grounded::atlas changed",
            "butterfly-grounded::morpho changed",
            "field-guide::wing changed",
            "field-guide::wing-and-leaf changed",
            "_base.toml:3 → _base.toml:3",
            "  text changed /systemInstruction/parts/0/text: {+all of +} (butterfly-grounded::luna, butterfly-grounded::atlas, butterfly-grounded::morpho, field-guide::wing, field-guide::wing-and-leaf)",
        ],
    ),
    "a model": (
        "_base.toml",
        "gemini-3.1-flash-image",
        "gemini-3-pro-image",
        [
            "butterfly-grounded::luna changed",
            "butterfly-grounded::atlas changed",
            "butterfly-grounded::morpho changed",
            "field-guide::wing changed",
            "field-guide::wing-and-leaf changed",
            "_base.toml:2 → _base.toml:2",
            "  model changed /model: 'gemini-3.1-flash-image' → 'gemini-3-pro-image' (butterfly-grounded::luna, butterfly-grounded::atlas, butterfly-grounded::morpho, field-guide::wing, field-guide::wing-and-leaf)",
        ],
    ),
    "a model of the matrix": (
        "restyle.toml",
        '"gemini-3-pro-image"]',
        '"gemini-2.5-flash-image"]',
        [
            "restyle::default-woodcut-gemini-2-5-flash-image renamed from restyle::default-woodcut-gemini-3-pro-image",
            "restyle::default-watercolour-gemini-2-5-flash-image renamed from restyle::default-watercolour-gemini-3-pro-image",
            "restyle.toml:23 → restyle.toml:23",
            "  model changed /model: 'gemini-3-pro-image' → 'gemini-2.5-flash-image' (restyle::default-woodcut-gemini-2-5-flash-image, restyle::default-watercolour-gemini-2-5-flash-image)",
        ],
    ),
    "a parameter": (
        "butterfly.toml",
        '"4K"',
        '"2K"',
        [
            "butterfly::default changed",
            "butterfly.toml:13 → butterfly.toml:13",
            "  parameter changed /generationConfig/imageConfig/imageSize: '4K' → '2K' (butterfly::default)",
        ],
    ),
    "a schema": (
        "species-card.toml",
        "maximum = 400",
        "maximum = 300",
        [
            "species-card::luna changed",
            "species-card::monarch changed",
            "species-card.toml:21 → species-card.toml:21",
            "  schema changed /generationConfig/responseJsonSchema/properties/wingspanMillimetres/maximum: 400 → 300 (species-card::luna, species-card::monarch)",
        ],
    ),
    "a tool": (
        "butterfly-grounded.toml",
        "[[tools]]\ngoogle_search = {}\n",
        "",
        [
            "butterfly-grounded::luna changed",
            "butterfly-grounded::atlas changed",
            "butterfly-grounded::morpho changed",
            "butterfly-grounded.toml:10 → nothing",
            "  tool removed /tools/0/googleSearch: {} → None (butterfly-grounded::luna, butterfly-grounded::atlas, butterfly-grounded::morpho)",
        ],
    ),
    "an expectation": (
        "wings-chat.toml",
        "width = 512",
        "width = 513",
        [
            "wings-chat::default changed",
            "wings-chat.toml:26 → wings-chat.toml:26",
            "  expectation changed in step 3 /images/width: 512 → 513 (wings-chat::default)",
        ],
    ),
    "a mark": (
        "butterfly-grounded.toml",
        'skip = "waiting for a better reference"',
        'tags = ["blue"]',
        [
            "butterfly-grounded::morpho changed",
            "butterfly-grounded.toml:25 → butterfly-grounded.toml:25",
            "  mark removed /skip: 'waiting for a better reference' → None (butterfly-grounded::morpho)",
            "  mark added /tags: None → ['blue'] (butterfly-grounded::morpho)",
        ],
    ),
    "turns at the top": (
        "wings-chat.toml",
        '[[turns]]\ntext = "A Mon',
        '[[turns]]\ntext = "Hello"\n\n[[turns]]\nrole = "model"\ntext = "Hi"\n\n[[turns]]\ntext = "A Mon',
        [
            "wings-chat::default changed",
            "nothing → wings-chat.toml:5",
            "  turn added /contents/0: None → {'parts': [{'text': 'Hello'}], 'role': 'user'} (wings-chat::default)",
            "  turn added /contents/1: None → {'parts': [{'text': 'Hi'}], 'role': 'model'} (wings-chat::default)",
        ],
    ),
    "a turn between replies": (
        "wings-chat.toml",
        "Now open the wings.",
        "Now open both wings.",
        [
            "wings-chat::default changed",
            "wings-chat.toml:12 → wings-chat.toml:12",
            "  text changed in step 2 /contents/2/parts/0/text: [-the-]{+both+} (wings-chat::default)",
        ],
    ),
    "a reply that is asked for no more": (
        "wings-chat.toml",
        '[[turns]]\nreply = true\n\n[[turns]]\ntext = "Now make',
        '[[turns]]\ntext = "Now make',
        [
            "wings-chat::default changed",
            "wings-chat.toml:15 → nothing",
            "  turn removed in step 3 /contents/3: {'reply': True} → None (wings-chat::default)",
        ],
    ),
    "a case that goes": (
        "species-card.toml",
        '[[cases]]\nname = "monarch"\nvariables = { species = "Monarch butterfly" }\n',
        "",
        ["species-card::monarch removed"],
    ),
    "a case with another name": (
        "species-card.toml",
        'name = "monarch"',
        'name = "danaus"',
        ["species-card::danaus renamed from species-card::monarch"],
    ),
    "a case with another value": (
        "species-card.toml",
        'species = "Luna moth"',
        'species = "Atlas moth"',
        [
            "species-card::luna changed",
            "species-card.toml:30 → species-card.toml:30",
            "  text changed /contents/0/parts/0/text: [-Luna-]{+Atlas+} (species-card::luna)",
        ],
    ),
    "another spelling": (
        "butterfly.toml",
        'imageConfig = { aspectRatio = "1:1", imageSize = "4K" }',
        'image_config.imageSize = "4K" # large\nimage_config.aspectRatio = "1:1"',
        [],
    ),
}


@pytest.mark.parametrize(("file", "old", "new", "lines"), EDITS.values(), ids=EDITS)
def test_a_change_is_told_where_it_was_made(example: Workshop, file: str, old: str, new: str, lines: list[str]) -> None:
    assert edited(example, file, old, new) == lines


def test_a_picture_with_other_bytes_is_told_once_where_it_is_named(example: Workshop) -> None:
    assert told(swapped(example)) == [
        "field-guide::wing changed",
        "field-guide::wing-and-leaf changed",
        "plate::default changed",
        "restyle::default-woodcut-gemini-3-1-flash-image changed",
        "restyle::default-woodcut-gemini-3-pro-image changed",
        "restyle::default-watercolour-gemini-3-1-flash-image changed",
        "restyle::default-watercolour-gemini-3-pro-image changed",
        "field-guide.j2:20 → field-guide.j2:20",
        "  image changed /contents/0/parts/1/inlineData/data: wing.png → wing.png (field-guide::wing, field-guide::wing-and-leaf)",
        "  image changed /contents/0/parts/2/inlineData/data: wing.png → wing.png (plate::default)",
        "  image changed /contents/0/parts/0/inlineData/data: wing.png → wing.png (restyle::default-woodcut-gemini-3-1-flash-image, restyle::default-woodcut-gemini-3-pro-image, restyle::default-watercolour-gemini-3-1-flash-image, restyle::default-watercolour-gemini-3-pro-image)",
    ]


def test_a_spec_with_another_name_asks_the_same(example: Workshop) -> None:
    def change() -> None:
        example.spec("restyle").rename(example.spec("styles"))

    cases = [
        f"default-{style}-gemini-3-{model}"
        for style in ("woodcut", "watercolour")
        for model in ("1-flash-image", "pro-image")
    ]
    assert told(after(example.root, change)) == [f"styles::{name} renamed from restyle::{name}" for name in cases]


def test_a_spec_with_another_name_and_another_word_keeps_its_cases_together(example: Workshop) -> None:
    def change() -> None:
        example.spec("species-card").rename(example.spec("card"))
        example.edit("card", "museum card", "museum label")

    assert told(after(example.root, change)) == [
        "card::luna renamed from species-card::luna",
        "card::monarch renamed from species-card::monarch",
        "species-card.toml:9 → card.toml:9",
        "  text changed /contents/0/parts/0/text: [-card-]{+label+} (card::luna)",
        "  text changed /contents/0/parts/0/text: [-card-]{+label+} (card::monarch)",
    ]


def test_the_words_of_two_files_are_told_at_each(example: Workshop) -> None:
    def change() -> None:
        for name, old, new in (("_figures.j2", "Figure", "Fig."), ("field-guide.j2", "a field guide", "an atlas")):
            file = example.root / "specs" / name
            file.write_text(file.read_text().replace(old, new))

    assert told(after(example.root, change)) == [
        "field-guide::wing changed",
        "field-guide::wing-and-leaf changed",
        "_figures.j2:3 → _figures.j2:3",
        "  text changed /contents/0/parts/0/text: [-a field guide-]{+an atlas+} [-Figure-]{+Fig.+} (field-guide::wing, field-guide::wing-and-leaf)",
        "  text changed /contents/0/parts/2/text: [-Figure-]{+Fig.+} (field-guide::wing-and-leaf)",
        "field-guide.j2:37 → field-guide.j2:37",
        "  text changed /contents/0/parts/0/text: [-a field guide-]{+an atlas+} [-Figure-]{+Fig.+} (field-guide::wing, field-guide::wing-and-leaf)",
    ]


def test_a_value_that_only_a_branch_sees_is_the_cause_of_what_the_branch_says(tmp_path: Path) -> None:
    spec = """+++
model = "gemini-3.1-flash-image"
[variables.night]
type = "boolean"
default = false
[[cases]]
name = "moth"
[[cases]]
name = "bat"
+++
{% user %}
A sketch.
{% if night %}The sky is dark.{% endif %}
{% enduser %}
"""
    shop = Workshop.make(tmp_path, {})
    file = shop.root / "specs/sky.j2"
    file.write_text(spec)

    found = after(shop.root, lambda: file.write_text(spec.replace("default = false", "default = true")))

    assert told(found) == [
        "sky::moth changed",
        "sky::bat changed",
        "sky.j2:5 → sky.j2:5",
        "  text changed /contents/0/parts/0/text: {+\nThe sky is dark.+} (sky::moth, sky::bat)",
    ]


def test_a_value_that_no_request_shows_is_told_by_itself(tmp_path: Path) -> None:
    spec = """model = "gemini-3.1-flash-image"
[variables.count]
default = 2
[[turns]]
text = "{% if count > 1 %}Two moths{% else %}A moth{% endif %}"
"""
    shop = Workshop.make(tmp_path, {"spec": spec})

    found = after(shop.root, lambda: shop.edit("spec", "default = 2", "default = 3"))

    assert told(found) == [
        "spec::default changed",
        "spec.toml:3 → spec.toml:3",
        "  variable changed /count: '2' → '3' (spec::default)",
    ]


def test_a_later_step_does_not_tell_again_what_an_earlier_one_did(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"chat": CHAT})

    def change() -> None:
        shop.edit("chat", "A Monarch", "A Luna")
        shop.edit("chat", "Now make them blue.", "Now make them red.")

    assert told(after(shop.root, change)) == [
        "chat::default changed",
        "chat.toml:4 → chat.toml:4",
        "  text changed /contents/0/parts/0/text: [-Monarch-]{+Luna+} (chat::default)",
        "chat.toml:16 → chat.toml:16",
        "  text changed in step 3 /contents/4/parts/0/text: [-blue-]{+red+} (chat::default)",
    ]


def test_a_thousand_cases_that_went_and_as_many_that_came_are_paired_in_time() -> None:
    def side(spec: str, place: str) -> list[Case]:
        texts = (f"A sketch of moth number {n}, whose wings are open, {place}" for n in range(1000))
        return [
            case({"contents": [{"parts": [{"text": text}]}]}, spec=spec, name=f"n{n}") for n, text in enumerate(texts)
        ]

    found = compared(side("old", "on bark"), side("new", "on stone"))

    assert [(pair.old and pair.old.name, pair.state) for pair in found.pairs] == [
        (f"n{n}", "renamed") for n in range(1000)
    ]


def test_a_thousand_cases_that_have_nothing_in_common_stay_alone_in_time() -> None:
    def side(spec: str, words: str) -> list[Case]:
        return [case({"contents": [{"parts": [{"text": words}]}]}, spec=spec, name=f"{spec}{n}") for n in range(1000)]

    found = compared(side("old", "A moth"), side("new", "Blue beetles"))

    assert {pair.state for pair in found.pairs} == {"added", "removed"}


def test_a_reply_is_no_turn_that_changed() -> None:
    first, last = ({"role": "user", "parts": [{"text": text}]} for text in ("A moth", "Open its wings"))
    top = {"role": "user", "parts": [{"text": "You draw."}]}

    found = compared(
        [case({"contents": [first, Reply(step=1), last]})],
        [case({"contents": [top, Reply(step=1), first, Reply(step=2), last]})],
    )

    assert told(found) == [
        "spec::default changed",
        "nothing → nothing",
        "  turn added /contents/0: None → {'role': 'user', 'parts': [{'text': 'You draw.'}]} (spec::default)",
        "  turn added in step 2 /contents/1: None → {'reply': True} (spec::default)",
    ]


def test_what_is_expected_of_a_file_is_told_by_its_bytes() -> None:
    body = {"contents": [{"parts": [{"text": "A moth"}]}]}
    old, new = (
        Expectation(table={"images": {"similarTo": "a.png"}}, files={"/images/similarTo": (blob,)})
        for blob in BLOBS[::2]
    )

    found = compared([case(body, expect=old)], [case(body, expect=new)])

    assert [(e.topic, e.pointer, e.old, e.new) for e in found.pairs[0].edits] == [
        (Topic.EXPECTATION, "/images/similarTo", BLOBS[0], BLOBS[2])
    ]


def test_tools_are_paired_by_name_and_their_order_is_a_change_too() -> None:
    search: dict[str, Any] = {"googleSearch": {}}
    code: dict[str, Any] = {"codeExecution": {}}
    body = {"contents": [{"parts": [{"text": "A moth"}]}]}
    old = case(
        {
            **body,
            "tools": [
                search,
                {"functionDeclarations": [{"name": "f"}, {"name": "g", "parameters": {"type": "STRING"}}]},
            ],
        }
    )
    new = case({**body, "tools": [{"functionDeclarations": [{"name": "g", "parameters": {"type": "NUMBER"}}]}, search]})

    assert told(compared([old], [new])) == [
        "spec::default changed",
        "nothing → nothing",
        "  tool removed /tools/1/functionDeclarations/0: {'name': 'f'} → None (spec::default)",
        "  schema changed /tools/0/functionDeclarations/0/parameters/type: 'STRING' → 'NUMBER' (spec::default)",
    ]
    assert told(compared([case({**body, "tools": [search, code]})], [case({**body, "tools": [code, search]})])) == [
        "spec::default changed",
        "nothing → nothing",
        "  tool changed /tools: [{'googleSearch': {}}, {'codeExecution': {}}] → [{'codeExecution': {}}, {'googleSearch': {}}] (spec::default)",
    ]


def test_cases_that_share_all_their_words_with_many_are_paired_in_their_order() -> None:
    def side(place: str) -> list[Case]:
        texts = (f"A sketch of a moth on {place}, its wings open, side {n % 10}" for n in range(600))
        bodies = ({"contents": [{"parts": [{"text": text}]}]} for text in texts)
        return [case(body, spec=f"{place}{n // 10}", name=f"n{n % 10}") for n, body in enumerate(bodies)]

    found = compared(side("bark"), side("stone"))

    assert [(pair.old and pair.old.id, pair.id) for pair in found.pairs] == [
        (f"bark{n // 10}::n{n % 10}", f"stone{n // 10}::n{n % 10}") for n in range(600)
    ]


@pytest.mark.parametrize(("one", "other"), [(True, 1), (0, False), ({"a": [True]}, {"a": [1]})], ids=str)
def test_true_is_not_one(one: Any, other: Any) -> None:
    body = {"contents": [{"parts": [{"text": "A moth"}]}]}

    (edit,) = (
        compared([case({**body, "unchecked": {"new": one}})], [case({**body, "unchecked": {"new": other}})])
        .pairs[0]
        .edits
    )

    assert (edit.topic, edit.pointer.startswith("/new")) == (Topic.PARAMETER, True)


def test_a_case_with_another_value_in_the_place_of_one_is_not_that_one_renamed(example: Workshop) -> None:
    lines = edited(
        example,
        "species-card.toml",
        'name = "monarch"\nvariables = { species = "Monarch butterfly" }',
        'name = "atlas"\nvariables = { species = "Atlas moth" }',
    )

    assert lines == ["species-card::atlas added", "species-card::monarch removed"]
