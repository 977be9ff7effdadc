import json
from typing import Any

import pytest

from promptc.emulator.call import Call
from promptc.emulator.check import Refusal, read_call
from promptc.emulator.server import Emulator
from promptc.models import built_in
from tests.emulator.wire import FLASH, PRO, TEXT_MODEL, ask, post, prompt, refused

PATH = f"/v1beta/models/{FLASH}:generateContent"


def with_part(part: dict[str, Any]) -> dict[str, Any]:
    return {"contents": [{"parts": [{"text": "x"}, part]}]}


def test_an_unknown_name_is_refused_in_googles_words(emulator: Emulator) -> None:
    answer = post(emulator, prompt(aspectRatio="1:1"))
    message = "Invalid JSON payload received. Unknown name \"aspectRatio\" at 'generation_config': Cannot find field."

    assert answer.status == 400
    assert answer.json == refused(
        400, "INVALID_ARGUMENT", message, {"field": "generation_config", "description": message}
    )
    assert answer.headers["x-promptc-emulator"] == "1"
    assert len(answer.headers["x-request-id"]) == 24


def test_an_unknown_name_in_the_root_has_no_place(emulator: Emulator) -> None:
    answer = post(emulator, {**prompt(), "prompt": "x"})
    message = 'Invalid JSON payload received. Unknown name "prompt": Cannot find field.'

    assert answer.json == refused(400, "INVALID_ARGUMENT", message, {"description": message})


def test_an_unknown_name_deep_down_is_placed_with_indices(emulator: Emulator) -> None:
    answer = post(emulator, with_part({"inlineData": {"mimeType": "image/png", "data": "", "fileName": "a"}}))

    assert answer.json["error"]["message"] == (
        "Invalid JSON payload received. Unknown name \"fileName\" at 'contents[0].parts[1].inline_data': "
        "Cannot find field."
    )


def test_every_other_finding_is_told_with_its_place(emulator: Emulator) -> None:
    answer = post(emulator, prompt(imageConfig={"imageSize": "512px"}, temperature="hot"))
    lines = [
        "* generation_config.temperature: expected a number, got a string",
        f"* generation_config.image_config.image_size: `512px` is no image size of `{FLASH}`",
    ]

    assert answer.json == refused(
        400,
        "INVALID_ARGUMENT",
        "\n".join(lines),
        {"field": "generation_config.temperature", "description": lines[0]},
        {"field": "generation_config.image_config.image_size", "description": lines[1]},
    )


def test_what_the_model_does_not_do_is_refused(emulator: Emulator) -> None:
    place = "generation_config.image_config.image_size"
    message = f"* {place}: `512` is no image size of `{PRO}`"

    assert post(emulator, prompt(imageConfig={"imageSize": "512"}), model=PRO).json == refused(
        400, "INVALID_ARGUMENT", message, {"field": place, "description": message}
    )


def test_what_a_model_that_is_not_known_does_not_do_is_not_known(emulator: Emulator) -> None:
    assert post(emulator, prompt(responseModalities=["TEXT"], thinkingConfig={"thinkingLevel": "LOW"})).status == 400
    tree = prompt(responseModalities=["TEXT"], thinkingConfig={"thinkingLevel": "LOW"})
    assert post(emulator, tree, model=TEXT_MODEL).status == 200


def test_a_model_of_the_project_is_judged_by_its_row() -> None:
    models = built_in().with_row("mothra-1", {"like": FLASH, "imageSizes": ["3K"]})
    body = json.dumps(prompt(imageConfig={"imageSize": "3K"})).encode()

    assert isinstance(read_call("generateContent", "mothra-1", body, models), Call)
    assert isinstance(read_call("generateContent", FLASH, body, models), Refusal)


def test_a_role_that_does_not_exist_is_refused_in_googles_words(emulator: Emulator) -> None:
    tree = {"contents": [{"role": "assistant", "parts": [{"text": "x"}]}]}

    assert post(emulator, tree).json == refused(400, "INVALID_ARGUMENT", "Please use a valid role: user, model.")


def test_one_field_in_two_spellings_is_refused(emulator: Emulator) -> None:
    answer = post(emulator, {**prompt(temperature=1), "generation_config": {}})

    assert answer.json["error"]["message"] == (
        "* generation_config: `generationConfig` and `generation_config` are one field, written twice"
    )


def test_a_request_without_contents_is_refused(emulator: Emulator) -> None:
    message = "* `contents` is missing"

    assert post(emulator, {}).json == refused(400, "INVALID_ARGUMENT", message, {"description": message})


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "Invalid JSON payload received. Expecting value at 0."),
        (b'{"contents": [', "Invalid JSON payload received. Expecting value at 14."),
        (b'{"contents": NaN}', "Invalid JSON payload received. Unexpected token NaN."),
        (b"[" * 100_000, "Invalid JSON payload received. Message too deep."),
    ],
)
def test_what_is_no_json_is_refused(emulator: Emulator, body: bytes, message: str) -> None:
    answer = ask(emulator, "POST", PATH, body)

    assert answer.status == 400
    assert answer.json == refused(400, "INVALID_ARGUMENT", message)


def test_json_that_is_no_object_is_refused(emulator: Emulator) -> None:
    message = 'Invalid JSON payload received. Unknown name "": Root element must be a message.'

    assert ask(emulator, "POST", PATH, b"[]").json == refused(
        400, "INVALID_ARGUMENT", message, {"description": message}
    )


@pytest.mark.parametrize("body", [b"\xff\xfe\xfd", b'{"contents":[{"parts":[{"text":"\\ud800"}]}]}'])
def test_text_that_is_no_unicode_is_refused(emulator: Emulator, body: bytes) -> None:
    answer = ask(emulator, "POST", PATH, body)

    assert answer.status == 400
    assert answer.json["error"]["message"].startswith("Invalid JSON payload received. ")


@pytest.mark.parametrize("data", ["not base64!", "A", "sha256:" + "0" * 64, "é"])
def test_undecodable_pictures_are_refused_without_repeating_them(emulator: Emulator, data: str) -> None:
    answer = post(emulator, with_part({"inline_data": {"mime_type": "image/png", "data": data}}))
    place = "contents[0].parts[1].inline_data.data"
    message = f"* {place}: this is no base64"

    assert answer.json == refused(400, "INVALID_ARGUMENT", message, {"field": place, "description": message})


def test_all_spellings_of_a_request_are_one_call() -> None:
    plain = (
        b'{"contents":[{"parts":[{"text":"x"}]}],'
        b'"generationConfig":{"topK":40,"thinkingConfig":{"thinkingLevel":"HIGH"}}}'
    )
    mixed = (
        b'{"generation_config":{"thinking_config":{"thinkingLevel":"high"},"top_k":40.0},'
        b'"contents":{"parts":{"text":"x"}},"tools":null}'
    )
    one, other = read_call("generateContent", FLASH, plain), read_call("generateContent", FLASH, mixed)

    assert isinstance(one, Call)
    assert one == other


def test_a_number_that_no_fingerprint_can_hold_is_refused() -> None:
    body = b'{"contents":[{"parts":[{"text":"x"}]}],"generationConfig":{"seed":123456789012345678901234567890}}'

    assert isinstance(read_call("generateContent", FLASH, body), Refusal)


def test_any_key_or_none_is_accepted(emulator: Emulator) -> None:
    assert post(emulator, prompt(responseModalities=["TEXT"])).status == 200
