"""The example repo: what the README's first command runs."""

import json
import re
import subprocess
import sys
from pathlib import Path

from promptc.config import load
from promptc.pipeline.check import check
from promptc.pipeline.compile import compile_requests
from promptc.pipeline.run import run

REPO = Path(__file__).parent.parent
BODY = {
    "contents": [{"parts": [{"text": "A Monarch butterfly anatomical sketch on textured parchment"}], "role": "user"}],
    "generationConfig": {
        "responseModalities": ["TEXT", "IMAGE"],
        "imageConfig": {"aspectRatio": "1:1", "imageSize": "4K"},
    },
}


def test_the_butterfly_compiles_to_what_the_official_sdk_sends() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "promptc", "compile", "specs/butterfly.toml", "--format", "jsonl"],
        cwd=REPO,
        capture_output=True,
        text=True,
        check=True,
    )

    (line,) = done.stdout.splitlines()
    row = json.loads(line)
    assert row["body"] == BODY
    assert f'"body": {json.dumps(BODY, separators=(",", ":"))}}}' in line
    assert row["url"] == "https://api.cometapi.com/v1beta/models/gemini-3.1-flash-image-preview:generateContent"
    assert (row["spec"], row["case"], row["step"], row["method"]) == ("butterfly", "default", 1, "generateContent")


def test_every_example_is_fresh_and_says_that_it_is_a_stand_in() -> None:
    result = check(load(REPO))

    assert result.good, result.diagnostics
    assert [(d.severity.value, d.code, d.place, d.message) for d in result.diagnostics] == [
        (
            "warning",
            "P409",
            "specs/butterfly.toml:2:9",
            "`gemini-3.1-flash-image-preview` is retired: Google lists its shutdown on 2026-06-25",
        ),
        (
            "note",
            "P409",
            "specs/species-card.toml:2:9",
            "`gemini-3-flash-preview` is not in promptc's table of models: only the API's own schema was applied",
        ),
    ]
    assert {case.emulator for case in result.cases if case.status != "skipped"} == {True}


def test_every_example_replays_green(tmp_path: Path) -> None:
    result = run(load(REPO), output=tmp_path)

    assert result.good, [d.message for case in result.results for d in case.diagnostics]
    assert {case.status.value for case in result.results} == {"passed", "skipped"}


def test_the_examples_show_each_way_to_use_the_api() -> None:
    requests = compile_requests(load(REPO)).requests
    bodies = [(request.spec, request.step, json.loads(request.wire_body())) for request in requests]

    def pictures(body: dict[str, list[dict[str, list[dict[str, object]]]]]) -> int:
        return sum("inlineData" in part for turn in body["contents"] for part in turn["parts"])

    assert {spec: pictures(body) for spec, step, body in bodies if step == 1} == {
        "butterfly": 0,
        "butterfly-grounded": 0,
        "field-guide": 2,
        "plate": 3,
        "restyle": 1,
        "species-card": 0,
        "wings-chat": 0,
    }
    assert [len(body["contents"]) for spec, _, body in bodies if spec == "wings-chat"] == [1, 3, 5]
    assert [[*part] for spec, _, b in bodies if spec == "field-guide" for part in b["contents"][0]["parts"]] == [
        *(["text"], ["inlineData"]),
        *(["text"], ["inlineData"], ["text"], ["inlineData"], ["text"]),
    ]
    assert {
        b["systemInstruction"]["parts"][0]["text"]
        for spec, _, b in bodies
        if spec in {"field-guide", "butterfly-grounded"}
    } == {"You are a scientific illustrator. Check the anatomy before you draw."}
    assert {json.dumps(body.get("tools")) for spec, _, body in bodies if spec == "butterfly-grounded"} == {
        '[{"googleSearch": {}}]'
    }
    assert all("responseJsonSchema" in b["generationConfig"] for spec, _, b in bodies if spec == "species-card")


def test_no_cassette_shows_base64_or_a_key() -> None:
    cassettes = list((REPO / "cassettes").rglob("*.yaml"))

    assert len(cassettes) == 13
    for cassette in cassettes:
        text = cassette.read_text(encoding="utf-8")
        assert not re.search(r"[A-Za-z0-9+/=_-]{200,}", text)
        assert not re.search(r"(?i)authorization|goog-api-key|cookie|bearer", text)
