"""A large picture makes validation no longer, and no message either."""

import base64
import gc
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from promptc import abilities
from promptc.blob import Blob
from promptc.canonical import canonical
from promptc.compiler.validate import findings
from promptc.findings import Finding
from promptc.models import built_in
from tests.workshop import Workshop

MODEL = "gemini-3.1-flash-image"
LARGE = 20_000_000
SMALL = 80
LONGEST = 1000
BASE64 = re.compile("[A-Za-z0-9+/_-]{61}")


def picture(size: int) -> bytes:
    """Return bytes that are a PNG in all but its pixels, as long as wished."""
    sides = b"\0\0\0\x02\0\0\0\x02\x08\x02\0\0\0\xfd\xd4\x9as"
    head, tail = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + sides, b"\0\0\0\0IEND\xaeB`\x82"
    length = size - len(head) - len(tail) - 12
    pattern = bytes(range(256))
    return head + length.to_bytes(4) + b"IDAT" + (pattern * (length // 256 + 1))[: length + 4] + tail


@pytest.fixture(scope="module")
def large() -> str:
    return base64.b64encode(picture(LARGE)).decode()


def wrong(data: Any) -> dict[str, Any]:
    """Return a body with a picture at its place, and a mistake of each kind around it."""
    return {
        "contents": [
            {
                "role": "usr",
                "parts": [
                    {"text": 5},
                    {"inlineData": {"mimeType": "image/gif", "data": data, "dta": 1}},
                    {"inline_data": {"mime_type": "image/jpeg", "data": data}, "text": "x"},
                    {},
                ],
            }
        ],
        "generationConfig": {
            "aspectRatio": "16:9",
            "imageConfig": {"imageSize": "8K"},
            "thinkingConfig": {"thinkingLevel": "HUGE"},
            "temperature": 3,
            "responseJsonSchema": {"type": "strin"},
        },
    }


def misplaced(data: Any) -> dict[str, Any]:
    """Return a body with the picture at every wrong place."""
    return {
        "contents": [
            {
                "role": data,
                "parts": [{"text": data, "image": data}, {"inlineData": data}, data, {"inlineData": [data]}],
            },
            {"parts": [{"inlineData": {"mimeType": data, "data": f"{data}!"}, "thought_signature": f"!{data}"}]},
            {"parts": [{"functionCall": {"name": "f", "args": data}}, {"fileData": {"uri": data}}]},
            {"parts": [{"fileData": {"fileUri": data}}, {"fileData": {"fileUri": f"data:image/png;base64,{data}"}}]},
            {"parts": [{"inlineData": {"mimeType": "image/png", "data": f"data:image/png;base64,{data}"}}]},
            {"parts": [{"functionResponse": {"name": "f", "response": {}, "parts": [{data: data}, data]}}], data: data},
            {"parts": {"inlineData": {"mimeType": "image/png", "data": f"{data}A"}}, "text": data},
        ],
        "generationConfig": {
            "responseModalities": [data],
            "imageConfig": {"aspectRatio": data, "imageSize": data},
            "thinkingConfig": {"thinkingLevel": data},
            "seed": data,
            "responseJsonSchema": {"type": data, "$ref": f"#/{data}", "required": data},
            "responseSchema": {"type": data, "maxItems": data, "properties": data},
        },
        "tools": [
            {"functionDeclarations": [{"name": data}]},
            {data: {}},
            {"googleSearch": {"timeRangeFilter": {"startTime": data, data: data}}},
        ],
        "serviceTier": data,
        data: data,
    }


def said(body: Any, model: str | None = MODEL) -> tuple[Finding, ...]:
    made = canonical(body)
    return (*made.findings, *findings(made.tree, model, built_in()))


@pytest.mark.parametrize("make", [wrong, misplaced])
def test_no_message_holds_a_picture_of_20_mb(make: Any, large: str) -> None:
    found = said(make(large))
    assert len(found) > 8
    for finding in found:
        for words in (finding.message, finding.expected or "", finding.help or ""):
            assert len(words.encode()) < LONGEST
            assert not BASE64.search(words)


def test_a_picture_of_20_mb_is_told_the_same_as_a_small_one(large: str) -> None:
    assert said(wrong(large)) == said(wrong(base64.b64encode(picture(SMALL)).decode()))


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for key, item in value.items() for text in (key, *strings(item)))
    elif isinstance(value, list):
        yield from (text for item in value for text in strings(item))


def test_what_reaches_the_schema_holds_nothing_long(large: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def check(body: Any, _name: str) -> tuple[Finding, ...]:
        seen.append(body)
        return ()

    def check_against(_schema: Any, body: Any) -> tuple[Finding, ...]:
        seen.append(body)
        return ()

    monkeypatch.setattr(abilities, "check", check)
    monkeypatch.setattr(abilities, "check_against", check_against)
    for body in (wrong(large), wrong(Blob.of_bytes(picture(LARGE), "image/png"))):
        findings(canonical(body).tree, MODEL, built_in())
    assert len(seen) == 4
    assert max(len(text) for body in seen for text in strings(body)) <= LONGEST


def calls(body: Any) -> int:
    """Count the calls of functions that validation takes, those in C included."""
    tree = canonical(body).tree
    findings(tree, MODEL, built_in())  # what is made once is made now
    count = 0

    def profile(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    gc.disable()  # whose callbacks would be counted, whenever it runs
    sys.setprofile(profile)
    try:
        findings(tree, MODEL, built_in())
    finally:
        sys.setprofile(before)
        gc.enable()
    return count


def test_validation_takes_as_much_work_for_20_mb_as_for_2_kb(large: str) -> None:
    small = calls(wrong(base64.b64encode(picture(2000)).decode()))
    assert small > 1000
    assert calls(wrong(large)) == small


SPEC = """\
model = "gemini-3.1-flash-image"

[[turns]]
parts = [{ text = "Now in blue" }, { image = "wing.png" }]

[generationConfig]
aspectRatio = "16:9"
imageConfig = { imageSize = "8K" }
"""


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_a_spec_with_a_picture_of_20_mb_gets_short_messages(tmp_path: Path, form: str) -> None:
    workshop = Workshop.make(tmp_path, {"moth": SPEC})
    (tmp_path / "specs" / "wing.png").write_bytes(picture(LARGE))
    done = workshop.command("compile", "moth", "--format", form)
    assert done.returncode == 1
    assert "aspectRatio" in done.stderr
    assert "8K" in done.stderr
    assert len(done.stdout) + len(done.stderr) < 5000
    assert not BASE64.search(done.stdout + done.stderr)


def test_the_same_picture_inside_a_spec_is_not_shown_either(tmp_path: Path) -> None:
    data = base64.b64encode(picture(200_000)).decode()
    inside = f"[[contents]]\nparts = [{{ inlineData = {{ mimeType = 'image/png', data = '{data}', dta = 1 }} }}]\n"
    workshop = Workshop.make(tmp_path, {"moth": f'model = "{MODEL}"\n{inside}'})
    done = workshop.command("compile", "moth")
    assert done.returncode == 1
    assert "dta" in done.stderr
    assert len(done.stdout) + len(done.stderr) < 5000
    assert not BASE64.search(done.stdout + done.stderr)
