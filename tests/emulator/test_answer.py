import re
from typing import Any

import pytest

from promptc.emulator.server import Emulator
from promptc.response import read
from tests.emulator.wire import BUTTERFLY, FLASH, OLD, PRO, TEXT_MODEL, Answer, post, prompt, small

DRAWN = f"A stand-in drawn by the promptc emulator for: {BUTTERFLY}"
WRITTEN = f"A stand-in written by the promptc emulator for: {BUTTERFLY}"
THOUGHT = f"A stand-in for a model's thoughts about: {BUTTERFLY}"


def shapes(answer: Answer) -> list[list[str]]:
    return [sorted(part) for part in answer.parts]


def test_a_picture_comes_with_a_text_where_both_are_asked_for(emulator: Emulator) -> None:
    answer = post(emulator, small(responseModalities=["TEXT", "IMAGE"]))

    assert shapes(answer) == [["text"], ["inlineData", "thoughtSignature"]]
    assert answer.parts[0]["text"] == DRAWN
    assert answer.parts[1]["inlineData"]["mimeType"] == "image/png"


@pytest.mark.parametrize(
    ("model", "modalities", "kinds"),
    [
        (FLASH, None, ["text", "inlineData"]),
        (FLASH, ["IMAGE"], ["inlineData"]),
        (FLASH, ["Image"], ["inlineData"]),
        (FLASH, ["TEXT"], ["text"]),
        (TEXT_MODEL, None, ["text"]),
        (TEXT_MODEL, ["TEXT", "IMAGE"], ["text", "inlineData"]),
    ],
)
def test_the_modalities_say_what_comes(
    emulator: Emulator, model: str, modalities: list[str] | None, kinds: list[str]
) -> None:
    config: dict[str, Any] = {"responseModalities": modalities} if modalities else {}
    answer = post(emulator, small(**config), model=model)

    assert [next(kind for kind in ("text", "inlineData") if kind in part) for part in answer.parts] == kinds


def test_a_whole_text_answer_follows_from_the_request(emulator: Emulator) -> None:
    answer = post(emulator, prompt(), model=TEXT_MODEL).json
    response_id = answer.pop("responseId")

    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", response_id)
    assert answer == {
        "candidates": [
            {"content": {"parts": [{"text": WRITTEN}], "role": "model"}, "finishReason": "STOP", "index": 0}
        ],
        "usageMetadata": {
            "promptTokenCount": 15,
            "candidatesTokenCount": 27,
            "totalTokenCount": 67,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 15}],
            "candidatesTokensDetails": [{"modality": "TEXT", "tokenCount": 27}],
            "thoughtsTokenCount": 25,
        },
        "modelVersion": f"promptc-emulator/{TEXT_MODEL}",
    }


@pytest.mark.parametrize(
    ("model", "size", "tokens"),
    [(FLASH, "512", 747), (FLASH, "2K", 1680), (PRO, "2K", 1120), (OLD, None, 1290)],
)
def test_a_picture_costs_what_the_model_says(emulator: Emulator, model: str, size: str | None, tokens: int) -> None:
    shape = {"imageSize": size} if size else {}
    answer = post(emulator, prompt(imageConfig=shape, responseModalities=["IMAGE"]), model=model)
    usage = answer.json["usageMetadata"]

    assert usage["candidatesTokensDetails"] == [{"modality": "IMAGE", "tokenCount": tokens}]
    assert usage["candidatesTokenCount"] == tokens
    assert usage["totalTokenCount"] == 15 + tokens + usage.get("thoughtsTokenCount", 0)
    assert ("thoughtsTokenCount" in usage) is (model != OLD)


def test_thoughts_come_first_where_they_are_asked_for(emulator: Emulator) -> None:
    answer = post(emulator, small(thinkingConfig={"includeThoughts": True}))

    assert answer.parts[0] == {"text": THOUGHT, "thought": True}
    assert shapes(answer)[1:] == [["text"], ["inlineData", "thoughtSignature"]]


def test_a_search_is_grounded(emulator: Emulator) -> None:
    body = {**small(), "tools": [{"google_search": {}}]}
    metadata = post(emulator, body).json["candidates"][0]["groundingMetadata"]

    assert metadata["webSearchQueries"] == [BUTTERFLY]
    assert len(metadata["groundingChunks"]) == 1
    assert metadata["groundingChunks"][0]["web"]["uri"].startswith("https://example.com/")
    assert sorted(metadata) == ["groundingChunks", "webSearchQueries"]


def test_other_tools_ground_nothing(emulator: Emulator) -> None:
    body = {**prompt(responseModalities=["TEXT"]), "tools": [{"codeExecution": {}}]}

    assert "groundingMetadata" not in post(emulator, body, model=TEXT_MODEL).json["candidates"][0]


def test_a_prompt_marked_to_be_blocked_has_no_candidates(emulator: Emulator) -> None:
    answer = post(emulator, small("[block] a butterfly"))

    assert answer.status == 200
    assert answer.json["promptFeedback"] == {"blockReason": "PROHIBITED_CONTENT"}
    assert "candidates" not in answer.json
    assert read(200, dict(answer.headers), answer.body).block_reason == "PROHIBITED_CONTENT"


def test_a_prompt_marked_to_have_no_picture_ends_without_content(emulator: Emulator) -> None:
    answer = post(emulator, small("a butterfly [no-image]"))

    assert answer.json["candidates"] == [{"finishReason": "NO_IMAGE", "index": 0}]


def test_markers_count_in_the_last_user_turn_only(emulator: Emulator) -> None:
    body: dict[str, Any] = {
        "contents": [
            {"role": "user", "parts": [{"text": "[block]"}]},
            {"role": "model", "parts": [{"text": "[no-image]"}]},
            {"parts": [{"text": "A"}, {"text": "moth"}]},
        ],
        "generationConfig": {"responseModalities": ["TEXT"]},
    }

    assert post(emulator, body).parts[0]["text"].endswith("for: A moth")


def test_a_long_prompt_is_repeated_in_part(emulator: Emulator) -> None:
    answer = post(emulator, prompt("word " * 500, responseModalities=["TEXT"]))

    assert len(answer.parts[0]["text"]) < 300
    assert answer.parts[0]["text"].endswith("…")
