"""Plain bodies: what each file is read as, what is said of it, its canonical form and fingerprint."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptc.compiler.driver import compile_specs, find_specs
from promptc.diagnostics import Severity
from promptc.errors import UsageError
from promptc.models import built_in
from promptc.pipeline.documents import Kind
from promptc.pipeline.validate import Validated, Wanted, validate
from tests.workshop import BUTTERFLY, Workshop

MODEL = "gemini-3.1-flash-image"
ASK: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": "A moth"}]}]}
ANSWER: dict[str, Any] = {"candidates": [{"content": {"parts": [{"text": "Yes"}], "role": "model"}}]}
REFUSED: dict[str, Any] = {"error": {"code": 400, "message": "no", "status": "INVALID_ARGUMENT"}}
FIELDS = ["contents", "parts", "text", "role", "inlineData", "inline_data", "candidates", "usageMetadata", "x"]
FIELDS += ["generationConfig", "imageConfig", "responseSchema", "tools", "model", "error", "message"]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-2, 2) | st.sampled_from(["", "x", "AAAA", "TEXT"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(FIELDS),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


def checked(tmp_path: Path, text: object, **wanted: Any) -> Validated:
    path = tmp_path / "body.json"
    path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
    return validate([str(path)], Wanted(models=built_in(), **wanted)).files[0]


def told(result: Validated) -> list[tuple[str, str, str]]:
    return [(d.severity.value, d.code, d.message) for d in result.diagnostics]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (ASK, "request"),
        ({}, "request"),
        (ANSWER, "response"),
        ({"usage_metadata": {}}, "response"),
        ({"promptFeedback": {"blockReason": "SAFETY"}}, "response"),
        ([ANSWER, ANSWER], "response"),
        ([ANSWER, REFUSED], "response"),
        (REFUSED, "error"),
        ({"error": None, **ANSWER}, "response"),
        ([REFUSED], "error"),
        ({"totalTokens": 7}, "count-tokens-response"),
        ({"generateContentRequest": {"model": "models/m", **ASK}}, "count-tokens-request"),
        ('data: {"candidates": []}\n\n', "response"),
        (": ping\n\ndata: {}\n\n", "response"),
        ("event: error\ndata: " + json.dumps(REFUSED) + "\n\n", "error"),
    ],
)
def test_the_kind_is_what_the_file_shows(tmp_path: Path, body: object, kind: str) -> None:
    assert checked(tmp_path, body).kind == kind


@pytest.mark.parametrize(
    "body",
    [
        {"contents": {"parts": {"text": "A moth"}}, "generation_config": {}},
        {**ASK, "generationConfig": {"imageConfig": {"aspectRatio": "16:9"}, "topK": 40.0}, "tools": None},
        {**ASK, "model": f"models/{MODEL}"},
    ],
)
def test_a_curl_body_is_checked_in_every_spelling_that_the_api_reads(tmp_path: Path, body: object) -> None:
    result = checked(tmp_path, body)

    assert result.good
    assert result.kind is Kind.REQUEST


def test_findings_stand_where_the_value_stands_in_its_own_spelling(tmp_path: Path) -> None:
    body = {**ASK, "generation_config": {"image_config": {"aspect_ratio": "16:10"}}}

    result = checked(tmp_path, json.dumps(body), model="gemini-3-pro-image")

    (found,) = result.diagnostics
    assert found.span
    assert (found.code, found.span.text) == ("P408", '"16:10"')
    assert result.fingerprint is None
    assert result.canonical is None


def test_the_model_is_the_commands_else_the_bodys(tmp_path: Path) -> None:
    body = {**ASK, "model": "models/gemini-2.5-flash-image", "generationConfig": {"imageConfig": {"imageSize": "1K"}}}

    own = checked(tmp_path, body)
    other = checked(tmp_path, body, model=f"models/{MODEL}")

    assert own.model == "gemini-2.5-flash-image"
    assert "`gemini-2.5-flash-image` takes no `imageSize`: its pictures have one size" in [m for _, _, m in told(own)]
    assert other.model == MODEL
    assert told(other) == [
        ("warning", "P409", f"`--model models/{MODEL}` is checked, but the body names another model"),
    ]
    assert told(checked(tmp_path, {**ASK, "model": f"models/{MODEL}"}, model=MODEL)) == []


def test_a_tuned_model_is_in_no_table(tmp_path: Path) -> None:
    own = checked(tmp_path, {**ASK, "model": "tunedModels/moths"})
    named = checked(tmp_path, ASK, model="tunedModels/moths")

    assert (own.model, told(own)) == (named.model, told(named)) == ("tunedModels/moths", [])
    assert told(checked(tmp_path, {**ASK, "model": "tunedModels/moths"}, model=MODEL)) == [
        ("warning", "P409", f"`--model {MODEL}` is checked, but the body names another model"),
    ]


def test_json_is_told_in_words_of_json(tmp_path: Path) -> None:
    (found,) = checked(tmp_path, [1], kind=Kind.ERROR).diagnostics
    assert (found.message, found.expected) == (
        "expected an object with `error`, got an integer",
        "an object with `error`",
    )

    (found,) = checked(tmp_path, {"error": {"message": None}}).diagnostics
    assert found.message == "expected a string, got null"


def test_several_mistakes_are_all_told_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = '{"generationConfig": {"temprature": 1, "topP": 1, "topP": 2},\n "contents": [{"parts": []}]}'

    result = checked(tmp_path, text, model=MODEL)

    assert [(d.code, d.place.rpartition("body.json:")[2]) for d in result.diagnostics] == [
        ("P401", "1:23"),
        ("P406", "1:51"),
        ("P407", "2:25"),
    ]


def test_an_answer_may_hold_what_the_schema_lacks(tmp_path: Path) -> None:
    result = checked(tmp_path, {**ANSWER, "turnToken": "t", "modelVersion": "m"})

    assert result.good
    assert told(result) == [("note", "P401", "the API's schema has no `turnToken`; it is ignored")]


def test_each_event_is_checked_at_its_line(tmp_path: Path) -> None:
    lines = ["data: " + json.dumps(ANSWER), "", ": ping", "", 'data: {"candidates": [{"index": "0"}]}', "", ""]

    result = checked(tmp_path, "\r\n".join(lines))

    assert (result.kind, result.shape, result.count) == (Kind.RESPONSE, "stream", 2)
    (found,) = result.diagnostics
    assert (found.severity, found.code) == (Severity.ERROR, "P402")
    assert found.place.endswith("body.json:5:33")


def test_lines_without_an_empty_line_between_are_events_as_clients_read_them(tmp_path: Path) -> None:
    line = "data: " + json.dumps(ANSWER)

    assert checked(tmp_path, f"{line}\n{line}\n").count == 2
    assert checked(tmp_path, 'data: {"candidates":\ndata: []}\n\ndata: [DONE]\n').count == 1


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        (": ping\n\n", [("error", "P602", "the event stream ends without an event")]),
        ("data: [DONE]\n\n", [("error", "P602", "the event stream ends without an event")]),
        ("[]", [("error", "P602", "the list holds no answer")]),
        ("<html><title>404</title></html>", [("error", "P602", "this is a web page, not JSON")]),
        (
            'data: {"candidates": [\n\ndata: {"candidates": []}\n\n',
            [("error", "P009", "not valid JSON: the event ends too early")],
        ),
        (
            'data: {"candidates": []}\n\n{"error": {}}\n',
            [("warning", "P602", "this line belongs to no event: clients skip it")],
        ),
        (
            "data: " + json.dumps(ANSWER) + "\n\ndata: " + json.dumps(REFUSED) + "\n\n",
            [
                ("note", "P702", "the API refused: 400 INVALID_ARGUMENT no"),
                ("note", "P702", "this is an error of the API's, not an answer"),
            ],
        ),
        (json.dumps([ASK]), [("error", "P404", "nothing in this object is a field of an answer")]),
    ],
)
def test_abnormal_answers(tmp_path: Path, text: str, findings: list[tuple[str, str, str]]) -> None:
    assert told(checked(tmp_path, text)) == findings


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (
            "HTTP/2 200\ncontent-type: application/json\n\n{}",
            "`curl -i` prints headers first: leave out the `-i`, or all up to the empty line",
        ),
        ("curl -X POST https://x -d '{}'\n", "this is a command: save the body that it sends"),
        (" $ curl https://x\n", "this is a command: save the body that it sends"),
        ('# c\n\n[[turns]]\ntext = "x"\n', "this looks like TOML: `promptc check` reads specs"),
        ('model = "x"\n', "this looks like TOML: `promptc check` reads specs"),
    ],
)
def test_other_texts_are_named_as_what_they_are(tmp_path: Path, text: str, hint: str) -> None:
    (found,) = checked(tmp_path, text).diagnostics

    assert (found.code, found.message, found.help) == ("P009", "this is not JSON", hint)


def test_a_list_of_requests_is_told_apart_from_a_list_of_answers(tmp_path: Path) -> None:
    (request,) = checked(tmp_path, [ASK]).diagnostics
    (other,) = checked(tmp_path, [{"a": 1}]).diagnostics

    assert request.help == "this looks like a request: a file holds one, and no list of them"
    assert (request.message, other.help) == (other.message, None)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ({"code": 400, "message": "no", "status": "INVALID_ARGUMENT"}, "400 INVALID_ARGUMENT no"),
        ({"message": "no", "type": "new_api_error", "code": "x"}, "x new_api_error no"),
        ({"message": "a\n\n  b"}, "a b"),
        ({"message": "the key sk-" + "a1" * 20 + " is spent"}, "the key *** is spent"),
        ({"message": "m" * 200}, "m" * 200),
        ({"message": "m" * 201}, "m" * 200 + "…"),
    ],
)
def test_an_error_is_told_in_the_apis_words_without_its_keys(tmp_path: Path, error: dict[str, Any], said: str) -> None:
    (found,) = checked(tmp_path, {"error": error}).diagnostics

    assert (found.severity, found.code, found.message) == (Severity.NOTE, "P702", f"the API refused: {said}")
    assert (found.span, found.file and Path(found.file).name) == (None, "body.json")  # no excerpt


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        ("data:image/png;base64,AAAA", "leave out everything up to the comma: the media type stands in `mimeType`"),
        ("https://x/a.png", "an address stands in `fileData`, as its `fileUri`"),
        ("$IMAGE", "this is a placeholder: put the file's bytes in its place"),
        ("<base64>", "this is a placeholder: put the file's bytes in its place"),
        ("{{ x }}", "this is a placeholder: put the file's bytes in its place"),
        ("@moth.png", "this is a placeholder: put the file's bytes in its place"),
        ("AAAAA", "its length fits no base64: part of it is missing"),
        ("n!o", None),
    ],
)
def test_what_is_no_base64_gets_a_hint(tmp_path: Path, data: str, hint: str | None) -> None:
    body = {"contents": [{"parts": [{"inlineData": {"mimeType": "image/png", "data": data}}]}]}

    (found,) = checked(tmp_path, body).diagnostics

    assert (found.code, found.message, found.help) == ("P403", "this is no base64", hint)


def test_wrapped_base64_is_base64(tmp_path: Path) -> None:
    one, other = (
        checked(tmp_path, {"contents": [{"parts": [{"inlineData": {"mimeType": "application/pdf", "data": data}}]}]})
        for data in ("JVBERi0xLjcK", "JVBE\r\nRi0x\tLjcK \n")
    )

    assert told(one) == told(other) == []
    assert one.canonical == other.canonical


def test_bounds_and_small_tables_say_what_they_want(tmp_path: Path) -> None:
    config = {"temperature": 3, "imageConfig": 1, "thinkingConfig": 2, "speechConfig": 4, "candidateCount": -1}
    messages = {message for _, _, message in told(checked(tmp_path, {**ASK, "generationConfig": config}))}

    assert {
        "expected at most 2, got 3",
        "expected an object with `aspectRatio` or `imageSize`, got an integer",
        "expected an object with `includeThoughts` or `thinkingBudget` or `thinkingLevel`, got an integer",
    } <= messages


def test_a_kind_that_is_named_is_held_to(tmp_path: Path) -> None:
    assert told(checked(tmp_path, REFUSED, kind=Kind.RESPONSE)) == [
        ("note", "P702", "the API refused: 400 INVALID_ARGUMENT no"),
        ("error", "P702", "this is an error of the API's, not an answer"),
    ]
    assert told(checked(tmp_path, "data: {}\n\n", kind=Kind.REQUEST)) == [
        ("error", "P402", "a request is one object, but this is an event stream")
    ]
    assert [code for _, code, _ in told(checked(tmp_path, ANSWER, kind=Kind.REQUEST))] == ["P404", "P401"]


def test_a_file_in_another_encoding_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "body.json"
    path.write_bytes('{"a":\n "é"}'.encode("latin-1"))

    (result,) = validate([str(path)], Wanted(models=built_in())).files

    assert result.kind is None
    assert told(result) == [("error", "P002", "the file can't be read: line 2 is not UTF-8 text")]


def test_the_fingerprint_is_that_of_the_compiled_request(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY})
    request = compile_specs(shop.project, find_specs(shop.project)[0]).cases[0].requests[0]
    body = json.loads(request.wire_body())
    config = {"response_modalities": ["text", "IMAGE"], "image_config": body["generationConfig"]["imageConfig"]}
    respelt = {"contents": body["contents"][0], "generation_config": config}

    own = checked(tmp_path, body, model=request.model)
    other = checked(tmp_path, {**respelt, "model": f"models/{request.model}"})
    stream = checked(tmp_path, body, model=request.model, method="streamGenerateContent")

    assert own.fingerprint == other.fingerprint == request.fingerprint
    assert stream.fingerprint != request.fingerprint


def test_a_fingerprint_without_a_model_says_what_it_is_worth(tmp_path: Path) -> None:
    result = checked(tmp_path, ASK, purpose="fingerprint")

    assert result.fingerprint
    assert told(result) == [
        (
            "note",
            "P409",
            "no model is named: the fingerprint is of the body alone, and equals no compiled request's",
        )
    ]


def test_canonical_forms_are_equal_for_bodies_that_mean_the_same(tmp_path: Path) -> None:
    one = checked(tmp_path, {"contents": {"parts": {"inline_data": {"mime_type": "image/png", "data": "-_-_"}}}})
    two = checked(tmp_path, {"contents": [{"parts": [{"inlineData": {"data": "+/+/", "mimeType": "image/png"}}]}]})
    stream = checked(tmp_path, f"data: {json.dumps(ANSWER)}\n\n")

    assert one.canonical == two.canonical
    assert stream.canonical == [ANSWER]


def test_forms_that_a_file_can_t_have_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is read as a response: only a request has a fingerprint"):
        checked(tmp_path, ANSWER, purpose="fingerprint")
    with pytest.raises(UsageError, match="is read as an error: only requests and responses have a canonical form"):
        checked(tmp_path, REFUSED, purpose="canonical")


def test_every_file_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "body.json").write_text("{}")

    with pytest.raises(UsageError) as caught:
        validate([str(tmp_path / name) for name in ("boddy.json", "body.json", "zzz")], Wanted(models=built_in()))

    assert str(caught.value) == (
        f"there is no file `{tmp_path}/boddy.json`; did you mean `body.json`?\nerror: there is no file `{tmp_path}/zzz`"
    )


@given(ANYTHING, st.sampled_from([None, *Kind]), st.sampled_from([None, MODEL, "gemini-2.5-flash-image"]))
def test_no_json_makes_it_raise(value: object, kind: Kind | None, model: str | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        result = checked(Path(folder), value, kind=kind, model=model)

    assert all(d.place for d in result.diagnostics if d.code != "P409")
    assert result.good == (not [d for d in result.diagnostics if d.severity is Severity.ERROR])


@pytest.mark.parametrize("depth", [40, 90])
def test_deep_values_are_checked_to_the_bottom(tmp_path: Path, depth: int) -> None:
    schema: dict[str, Any] = {"type": "STRANGE"}
    for _ in range(depth):
        schema = {"type": "ARRAY", "items": schema}

    result = checked(
        tmp_path, {**ASK, "generationConfig": {"responseSchema": schema, "responseMimeType": "application/json"}}
    )

    (found,) = result.diagnostics
    assert found.message == "`STRANGE` is not allowed here"


def test_every_recorded_answer_is_valid(corpus: Path) -> None:
    rows = [json.loads(line) for line in (corpus / "responses" / "index.jsonl").read_text().splitlines()]

    result = validate([str(corpus / "responses" / row["file"]) for row in rows], Wanted(models=built_in()))

    assert len(result.files) == len(rows) > 200
    assert {d.severity for d in result.diagnostics} <= {Severity.NOTE}, told_of(result.files)
    for row, file in zip(rows, result.files, strict=True):
        failed = (row["status"] or 200) >= 400
        assert file.kind is (Kind.ERROR if failed else Kind.RESPONSE), row["file"]
        assert (file.shape == "stream") is row["file"].endswith(".sse"), row["file"]


def told_of(files: tuple[Validated, ...]) -> list[object]:
    return [(file.name, told(file)) for file in files if not file.good]
