"""What the official Python SDK's users have in their cassettes: stock vcrpy records it, promptc imports it, and replays."""

from pathlib import Path
from textwrap import dedent

import pytest
import vcr
from google import genai
from google.genai import types

from promptc.pipeline.import_cassette import import_cassettes
from tests.differential.intent import FILES
from tests.differential.loopback import Loopback
from tests.differential.recording import KEY
from tests.differential.test_sdk import INTENTS
from tests.workshop import Workshop


def test_every_way_to_ask_with_the_sdk_comes_over_from_its_cassette(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = [f"i{number:03}" for number in range(len(INTENTS))]
    with genai.Client(api_key=KEY, http_options=types.HttpOptions(base_url=server.base_url)) as client:
        for name, intent in zip(names, INTENTS, strict=True):
            server.expect(intent.answers)
            with vcr.VCR().use_cassette(f"{name}.yaml"):
                intent.ask(client)
    specs = {name: dedent(intent.spec) for name, intent in zip(names, INTENTS, strict=True)}
    shop = Workshop.make(tmp_path / "shop", specs)
    for name, data in FILES.items():
        path = shop.root / "specs" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)

    result = import_cassettes(shop.project, [tmp_path / f"{name}.yaml" for name in names])

    left = {found.file: found.message for found in result.diagnostics if found.code in {"P516", "P517"}}
    same = {file for file, message in left.items() if "the same was asked before" in message}
    assert left.keys() - same == set(), left
    assert {case.result.spec: case.word for case in result.cases} == dict.fromkeys(names, "accepted")
    assert {run.status for run in shop.replay().results} <= {"passed", "failed"}
    assert KEY.encode() not in b"".join(shop.files().values())
