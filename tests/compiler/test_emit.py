"""Requests: one a step, in the API's spelling, every value with its place in the spec."""

from pathlib import Path

import pytest

from promptc.request import Reply
from tests.compiler.project import MODEL, WING, body, compiled, only, said

CHAT = (
    MODEL
    + """
[[turns]]
text = "one"

[[turns]]
reply = true
expect = { images = { count = 2 } }

[[turns]]
text = "two"

[[turns]]
reply = true

[[turns]]
text = "three"

[expect]
images = { count = 3 }
"""
)


def test_a_step_holds_what_came_before_it(tmp_path: Path) -> None:
    (case,) = compiled(tmp_path, CHAT).cases

    replies = [[i for i, content in enumerate(r.contents) if isinstance(content, Reply)] for r in case.requests]
    assert replies == [[], [1], [1, 3]]
    assert [content for content in case.requests[2].contents if isinstance(content, Reply)] == [
        Reply(step=1),
        Reply(step=2),
    ]
    assert [(r.step, r.steps, len(r.contents), r.bound) for r in case.requests] == [
        (1, 3, 1, True),
        (2, 3, 3, False),
        (3, 3, 5, False),
    ]


def test_each_step_has_the_expectation_of_its_answer(tmp_path: Path) -> None:
    (case,) = compiled(tmp_path, CHAT).cases

    assert [r.expect and r.expect.table for r in case.requests] == [
        {"images": {"count": 2}},
        None,
        {"images": {"count": 3}},
    ]


def test_places_follow_the_canonical_names(tmp_path: Path) -> None:
    text = (
        MODEL
        + """system = "s"

[[turns]]
parts = [{ text = "a" }, { image = ["wing.png", "wing.png"] }, { text = "b" }]

[generation_config]
image_config = { aspect_ratio = "1:1" }

[tools]
google_search = {}
"""
    )
    places = only(compiled(tmp_path, text, {"wing.png": WING})).places

    def place(pointer: str) -> tuple[int, int]:
        return places[pointer].span.line, places[pointer].span.column

    assert place("/systemInstruction/parts/0/text") == (2, 10)
    assert place("/contents/0") == (4, 1)
    assert place("/contents/0/parts/1/inlineData/data") == (5, 36)
    assert place("/contents/0/parts/2/inlineData/data") == (5, 36)
    assert place("/contents/0/parts/3/text") == (5, 73)
    assert place("/generationConfig/imageConfig/aspectRatio") == (8, 33)
    assert place("/tools/0/googleSearch") == (11, 17)


def test_unchecked_fields_never_stand_beside_their_other_spelling(tmp_path: Path) -> None:
    text = f'{MODEL}\n[[turns]]\ntext = "x"\n\n[generationConfig]\ntopK = 1\n\n[unchecked.generation_config]\ntop_k = {{}}\nnew_name = 5\n'

    one, two = (only(compiled(tmp_path, text.replace("{}", value))) for value in ("2", "3"))

    assert one.digested_body() == {
        "contents": [{"parts": [{"text": "x"}], "role": "user"}],
        "generationConfig": {"topK": 2, "new_name": 5},
    }
    assert one.fingerprint != two.fingerprint


def test_each_unchecked_field_is_named_and_whether_it_takes_a_checked_ones_place(tmp_path: Path) -> None:
    text = f'{MODEL}\n[[turns]]\ntext = "x"\n\n[generationConfig]\ntopK = 1\n'
    new = "\n[unchecked.generation_config]\nupscaler = 5\n"
    other = "top_k = 2\nimageConfig = { mood = 1 }\n\n[unchecked.labels]\n"

    (note,) = compiled(tmp_path, text + new).diagnostics
    (longer,) = compiled(tmp_path, text + new + other).diagnostics

    assert (note.message, note.details) == (
        "`generationConfig.upscaler` went into the request without a check",
        (),
    )
    assert longer.message == (
        "`generationConfig.upscaler`, `generationConfig.topK`, `generationConfig.imageConfig.mood`, `labels` "
        "went into the request without a check"
    )
    assert longer.details == ("`generationConfig.topK` takes the place of the checked one",)


@pytest.mark.parametrize(("stream", "method"), [("true", "streamGenerateContent"), ("false", "generateContent")])
def test_stream_chooses_the_method(tmp_path: Path, stream: str, method: str) -> None:
    assert only(compiled(tmp_path, f'{MODEL}stream = {stream}\n[[turns]]\ntext = "x"\n')).method == method


def test_an_expectation_of_a_reply_is_no_template(tmp_path: Path) -> None:
    text = CHAT.replace("images = { count = 2 }", 'text = { matches = "^{{2}} {% x" }')

    assert said(compiled(tmp_path, text)) == []


def test_a_case_s_expectation_is_merged_in_either_spelling(tmp_path: Path) -> None:
    text = f"""{MODEL}
[[turns]]
text = "x"

[expect]
images = {{ min_width = 1, count = 1 }}

[[cases]]
name = "a"
expect = {{ images = {{ minWidth = 2 }} }}
"""
    (case,) = compiled(tmp_path, text).cases

    assert case.requests[0].expect is not None
    assert case.requests[0].expect.table == {"images": {"count": 1, "minWidth": 2}}


def test_an_expression_may_give_a_whole_list(tmp_path: Path) -> None:
    text = f'{MODEL}\n[[turns]]\ntext = "x"\n\n[variables.m]\ndefault = {{}}\n\n[generationConfig]\nresponseModalities = "{{{{ m }}}}"\n'

    assert body(compiled(tmp_path, text.replace("{}", '["TEXT", "IMAGE"]')))["generationConfig"] == {
        "responseModalities": ["TEXT", "IMAGE"]
    }
    assert body(compiled(tmp_path, text.replace("{}", '"image"')))["generationConfig"] == {
        "responseModalities": ["IMAGE"]
    }
