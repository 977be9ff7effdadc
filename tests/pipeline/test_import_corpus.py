"""Real traffic through stock vcrpy's own files, into recordings and out again, byte for byte."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from promptc.canonical import canonical
from promptc.pipeline.export_cassette import export_cassettes
from promptc.pipeline.import_cassette import import_cassettes
from promptc.pipeline.run import run
from promptc.pipeline.unit import store_of
from promptc.response import Response, read
from tests.pipeline.test_corpus import served
from tests.replay import stock
from tests.replay.made import replayed
from tests.workshop import Workshop

SPEC = 'model = "{model}"\nstream = {stream}\n[[turns]]\ntext = "answer number {number}"\n'
CHUNK = 25
"""How many answers one cassette holds: vcrpy compares each request with all before it."""
GOOGLE = "https://generativelanguage.googleapis.com/v1beta/models"


def rows(corpus: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (corpus / "responses" / "index.jsonl").read_text().splitlines()]


def kind(row: dict[str, Any]) -> str:
    return "text/event-stream" if row["file"].endswith(".sse") else "application/json; charset=UTF-8"


def expectation(answer: Response) -> str:
    """Return what a spec must expect for an answer to be kept."""
    if answer.error:
        return f"[expect]\nerror = {{ status = {answer.error.status} }}\n"
    if answer.block_reason:
        return f'[expect]\npromptFeedback = {{ blockReason = "{answer.block_reason}" }}\n'
    return ""


def test_every_answer_that_a_case_can_expect_comes_over_and_replays(
    tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answers, specs, calls, unreadable = {}, {}, [], set()
    for number, row in enumerate(rows(corpus)):
        body, status = (corpus / "responses" / row["file"]).read_bytes(), row["status"] or 200
        answer = read(status, {"content-type": kind(row)}, body)
        model = "".join(c if c.isalnum() or c in ".-" else "-" for c in row["model"] or "some-model")
        stream = row["method"] == "streamGenerateContent"
        spec = SPEC.format(model=model, stream=str(stream).lower(), number=number)
        name = f"s{number:03}"
        specs[name] = spec + expectation(answer)
        answers[f"answer number {number}"] = (status, kind(row), body)
        unreadable |= {name} if answer.problem else set()
        route = f"{model}:streamGenerateContent?alt=sse" if stream else f"{model}:generateContent"
        calls.append((f"/v1beta/models/{route}", {"contents": [{"parts": [{"text": f"answer number {number}"}]}]}))
    shop = Workshop.make(tmp_path / "shop", specs)
    with served(answers) as url:
        for suffix in ("yaml", "json"):
            for start in range(0, len(calls), CHUNK):
                part = [(url + path, body) for path, body in calls[start : start + CHUNK]]
                stock.record(tmp_path / f"{start:03}.{suffix}", part, decode_compressed_response=suffix == "json")

    results = [
        import_cassettes(shop.project, sorted(tmp_path.glob(pattern)), accept=True) for pattern in ("*.yaml", "*.json")
    ]

    taken = [{case.result.spec: case.word for case in result.cases} for result in results]
    assert taken[0] == dict.fromkeys(specs.keys() - unreadable, "accepted")
    assert taken[1] == dict.fromkeys(specs.keys() - unreadable, "unchanged"), "both kinds of file hold the same"
    for number, name in enumerate(specs):
        if name not in unreadable:
            assert replayed(store_of(shop.project, name, "default")) == [answers[f"answer number {number}"][2]]
    ran = run(shop.project, output=tmp_path / "out")
    assert {result.spec for result in ran.results if result.status in {"missing", "stale", "error"}} == unreadable
    assert (len(taken[0]), len(unreadable)) == (212, 0), "answers that came over, answers that no case can keep"


def toml(value: Any) -> str:
    """Return a JSON value as TOML, on one line."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{json.dumps(key)} = {toml(item)}' for key, item in value.items())}}}"
    return str(value).lower()


def real_pairs(corpus: Path) -> Iterator[tuple[str, Any]]:
    """Yield a spec that says what a recorded request said, and the interaction: both bodies as they were."""
    for row in rows(corpus):
        request = corpus / "requests" / (row["request"] or "")
        if not request.is_file():
            continue
        asked, answer = request.read_text(encoding="utf-8"), (corpus / "responses" / row["file"]).read_bytes()
        tree: Any = canonical(json.loads(asked)).tree
        fields = "".join(f"{name} = {toml(value)}\n" for name, value in tree.items() if name != "model")
        stream = "stream = true\n" if row["method"].startswith("stream") else ""
        error = read(row["status"], {"content-type": kind(row)}, answer).error
        expect = f"[expect]\nerror = {{ status = {error.status} }}\n" if error else ""
        interaction = {
            "request": {"method": "POST", "uri": f"{GOOGLE}/{row['model']}:{row['method']}", "body": asked, "headers": {}},
            "response": {
                "status": {"code": row["status"], "message": "OK"},
                "headers": {"content-type": [kind(row)]},
                "body": {"string": answer.decode()},
            },
        }  # fmt: skip
        yield f"model = {toml(row['model'])}\n{stream}{fields}{expect}", interaction


def test_requests_of_other_clients_are_matched_with_the_specs_that_say_the_same(
    tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    specs, interactions = {}, []
    for number, (spec, interaction) in enumerate(real_pairs(corpus)):
        specs[f"r{number:02}"] = spec
        interactions.append(interaction)
    shop = Workshop.make(tmp_path / "shop", specs)
    (tmp_path / "real.json").write_text(json.dumps({"version": 1, "interactions": interactions}))

    result = import_cassettes(shop.project, [tmp_path / "real.json"])

    assert {case.result.spec: [one.number for one in case.interactions] for case in result.cases} == {
        name: [number] for number, name in enumerate(specs, start=1)
    }
    assert {case.word for case in result.cases} == {"accepted"}
    exported = export_cassettes(shop.project, (), tmp_path / "plain")
    files = [case.file for case in exported.cases if case.file]
    assert {case.word for case in import_cassettes(shop.project, files).cases} == {"unchanged"}
    assert len(files) == 55, "real requests with their real answers"
