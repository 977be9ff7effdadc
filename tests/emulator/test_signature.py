import base64
import json
from typing import Any

import pytest

from promptc.emulator.server import Emulator
from promptc.emulator.signature import belongs, complaint, sign
from tests.emulator.wire import FLASH, OLD, PRO, Answer, call, png, post, refused, small

PICTURE = b"\x89PNG picture"


def chat(first: Answer, *, change: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the second request of a chat, its picture part changed."""
    body = small()
    turn = json.loads(json.dumps(first.json["candidates"][0]["content"]))
    for key, value in (change or {}).items():
        if value is None:
            del turn["parts"][-1][key]
        else:
            turn["parts"][-1][key] = value
    body["contents"] += [turn, {"role": "user", "parts": [{"text": "Now make the wings blue."}]}]
    return body


@pytest.mark.parametrize("length", [1, 8, 64, 1536, 100_000])
def test_a_signature_of_any_length_belongs_to_its_picture_only(length: int) -> None:
    signature = sign(PICTURE, length)

    assert len(base64.b64decode(signature)) == length
    assert belongs(signature, PICTURE)
    assert belongs(signature, PICTURE + b"!") is (length == 1 and signature == sign(PICTURE + b"!", 1))


def test_a_signature_is_the_same_every_time() -> None:
    assert sign(PICTURE, 24) == sign(PICTURE, 24)


def test_a_signature_may_be_url_safe_and_unpadded() -> None:
    signature = sign(PICTURE, 1000).replace("+", "-").replace("/", "_").rstrip("=")

    assert belongs(signature, PICTURE)


def test_a_signature_that_was_cut_short_is_a_wrong_one() -> None:
    assert not belongs(sign(PICTURE, 1536)[:1024], PICTURE)


def test_what_is_no_base64_is_a_wrong_signature() -> None:
    assert not belongs("no base64!", PICTURE)


def test_a_chat_that_sends_the_models_turn_unchanged_goes_on(emulator: Emulator) -> None:
    assert post(emulator, chat(post(emulator, small()))).status == 200


def test_a_chat_without_the_signature_is_refused(emulator: Emulator) -> None:
    answer = post(emulator, chat(post(emulator, small()), change={"thoughtSignature": None}))

    assert answer.status == 400
    assert answer.json == refused(
        400,
        "INVALID_ARGUMENT",
        "Image part is missing a thought_signature in content position 2, part position 2.",
    )


def test_the_positions_are_those_of_the_part(emulator: Emulator) -> None:
    first = post(emulator, small(responseModalities=["IMAGE"]))
    answer = post(emulator, chat(first, change={"thoughtSignature": None}))

    assert answer.json["error"]["message"] == (
        "Image part is missing a thought_signature in content position 2, part position 1."
    )


@pytest.mark.parametrize("signature", ["AAAA", "context_engineering_is_the_way_to_go"])
def test_a_signature_of_something_else_is_refused(emulator: Emulator, signature: str) -> None:
    answer = post(emulator, chat(post(emulator, small()), change={"thoughtSignature": signature}))

    assert answer.status == 400
    assert answer.json == refused(
        400,
        "INVALID_ARGUMENT",
        "Image part has a corrupted thought_signature in content position 2, part position 2.",
    )


def test_another_picture_under_the_signature_is_refused(emulator: Emulator) -> None:
    picture = {"mimeType": "image/png", "data": png(3, 3)}
    answer = post(emulator, chat(post(emulator, small()), change={"inlineData": picture}))

    assert "corrupted thought_signature" in answer.json["error"]["message"]


def test_signatures_of_2_9_million_characters_make_the_round_trip() -> None:
    with Emulator(signature_bytes=2_175_000) as large, Emulator() as usual:
        first = post(large, small())

        assert len(first.parts[-1]["thoughtSignature"]) == 2_900_000
        assert post(large, chat(first)).status == 200
        assert post(usual, chat(first)).status == 200


def test_a_model_that_does_not_think_signs_nothing_and_asks_for_nothing(emulator: Emulator) -> None:
    first = post(emulator, small(imageConfig={}), model=OLD)

    assert sorted(first.parts[-1]) == ["inlineData"]
    assert post(emulator, {"contents": chat(first)["contents"]}, model=OLD).status == 200


def test_pictures_of_the_user_and_thoughts_need_no_signature() -> None:
    picture = {"inlineData": {"mimeType": "image/png", "data": png(3, 3)}}
    contents = [
        {"role": "user", "parts": [picture]},
        {"role": "model", "parts": [{**picture, "thought": True}, {"text": "x"}]},
    ]

    assert complaint(call({"contents": contents}, FLASH)) is None
    assert complaint(call({"contents": contents}, PRO)) is None
