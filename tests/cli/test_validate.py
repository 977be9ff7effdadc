"""`validate`, `schema` and `models` as a shell sees them."""

import base64
import json
import os
import random
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry

from tests.forked import promptc
from tests.test_docs import REPO, blocks, pattern, shell, steps
from tests.workshop import BUTTERFLY, Workshop

MODEL = "gemini-3-pro-image"
ASK: dict[str, Any] = {"contents": [{"parts": [{"text": "A moth"}]}]}
BASE64 = base64.b64encode(random.Random(1).randbytes(15_000_000)).decode()


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    """Return a folder that is no promptc project."""
    return Workshop(tmp_path)


def piped(shop: Workshop, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if key not in {"NO_COLOR", "FORCE_COLOR"}}
    return promptc(["validate", "-", *arguments], cwd=shop.root, env=clean, stdin=text)


def test_a_body_with_mistakes(shop: Workshop) -> None:
    (shop.root / "body.json").write_text(
        '{\n  "contents": [{"parts": [{"text": "A moth"}]}],\n'
        '  "generation_config": {"image_config": {"aspect_ratio": "1:8", "imageSzie": "4K"}}\n}\n'
    )

    done = shop.command("validate", "body.json", "--model", MODEL)

    assert done.returncode == 1
    assert done.stdout == (
        "error[P408]: `1:8` is no aspect ratio of `gemini-3-pro-image`\n"
        "  --> body.json:3:58\n"
        "  |\n"
        '3 |   "generation_config": {"image_config": {"aspect_ratio": "1:8", "imageSzie": "4K"}}\n'
        "  |                                                          ^^^^^\n"
        "   = expected: one of `1:1`, `2:3`, `3:2`, `3:4`, `4:3`, `4:5`, `5:4`, `9:16`, `16:9`, `21:9`\n"
        "   = help: the nearest are `9:16` and `2:3`; `gemini-3.1-flash-image` and `gemini-3.1-flash-lite-image` take it\n"
        "\n"
        "error[P401]: unknown key `imageSzie`\n"
        "  --> body.json:3:65\n"
        "  |\n"
        '3 |   "generation_config": {"image_config": {"aspect_ratio": "1:8", "imageSzie": "4K"}}\n'
        "  |                                                                 ^^^^^^^^^^^\n"
        "   = expected: one of `aspectRatio`, `imageSize`\n"
        "   = help: did you mean `imageSize`?\n"
        "\n"
        "body.json: request for `gemini-3-pro-image` — 2 errors\n"
    )


def test_a_body_that_is_no_json(shop: Workshop) -> None:
    done = piped(shop, '{\n  "contents": [],\n}\n')

    assert done.returncode == 1
    assert done.stdout == (
        "error[P009]: not valid JSON: a comma stands before the `}`\n"
        "  --> <stdin>:3:1\n"
        "  |\n"
        "3 | }\n"
        "  | ^\n"
        "   = expected: a key\n"
        "   = help: remove the comma\n"
        "\n"
        "<stdin>: could not be read — 1 error\n"
    )


def test_several_files_in_the_concise_form(shop: Workshop) -> None:
    (shop.root / "a.json").write_text(json.dumps(ASK))
    (shop.root / "b.json").write_text('{"candidates": [],\n"turnToken": ""}')
    (shop.root / "c.sse").write_text('data: {"candidates": [{"index": true}]}\n\n')

    done = shop.command("validate", "a.json", "b.json", "c.sse", "a.json", "--format", "concise")

    assert done.returncode == 1
    assert done.stdout == (
        "b.json:2:1: P401 note: the API's schema has no `turnToken`; it is ignored\n"
        "c.sse:1:33: P402 expected an integer, got a boolean\n"
        "a.json: request, no model named — ok\n"
        "b.json: response — ok, 1 note\n"
        "c.sse: response, a stream of 1 event — 1 error\n"
    )


def test_the_json_form(shop: Workshop) -> None:
    (shop.root / "a.json").write_text(json.dumps(ASK))

    table = shop.json("validate", "a.json", "--model", MODEL, "--format", "json", "--canonical")

    fingerprint = table["files"][0].pop("fingerprint")
    assert re.fullmatch("v1:[0-9a-f]{64}", fingerprint)
    assert table == {
        "good": True,
        "files": [
            {
                "file": "a.json",
                "kind": "request",
                "shape": "body",
                "count": 1,
                "model": MODEL,
                "good": True,
                "canonical": ASK,
            }
        ],
        "diagnostics": [],
    }


def test_canonical_goes_to_standard_output_and_findings_beside_it(shop: Workshop) -> None:
    done = piped(shop, '{"generation_config": {"topK": 40.0}, "contents": {"parts": {"text": "é"}}}', "--canonical")

    assert done.returncode == 0
    assert done.stdout == json.dumps(json.loads(done.stdout), indent=2, ensure_ascii=False) + "\n"
    assert json.loads(done.stdout) == {
        "contents": [{"parts": [{"text": "é"}]}],
        "generationConfig": {"topK": 40},
    }
    assert done.stderr == "<stdin>: request, no model named — ok\n"


def test_the_fingerprint_equals_that_of_compile(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY})
    row = json.loads(shop.command("compile", "--format", "jsonl").stdout)
    model = row["url"].rpartition("/")[2].partition(":")[0]

    done = piped(shop, json.dumps(row["body"]), "--fingerprint", "--model", model)

    assert done.stdout == f"{row['fingerprint']}\n"
    assert f"<stdin>: request for `{model}` — ok" in done.stderr
    assert done.returncode == 0


def test_fingerprints_of_several_files_bear_their_names(shop: Workshop) -> None:
    for name in ("a.json", "b.json"):
        (shop.root / name).write_text(json.dumps(ASK))

    done = shop.command("validate", "--fingerprint", "a.json", "b.json", "--model", MODEL)

    first, second = done.stdout.splitlines()
    assert (first[-8:], second[-8:], first[:-8] == second[:-8]) == ("  a.json", "  b.json", True)


def test_a_fingerprint_without_a_model_comes_with_a_note(shop: Workshop) -> None:
    done = piped(shop, json.dumps(ASK), "--fingerprint")

    assert re.fullmatch("v1:[0-9a-f]{64}\n", done.stdout)
    assert done.stderr == (
        "note[P409]: no model is named: the fingerprint is of the body alone, and equals no compiled request's\n"
        "  --> <stdin>\n"
        "   = help: `--model NAME` names it\n"
        "\n"
        "<stdin>: request, no model named — ok, 1 note\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nope.json",), "error: there is no file `nope.json`\n"),
        (("a.jsn", "zzz"), "error: there is no file `a.jsn`; did you mean `a.json`?\nerror: there is no file `zzz`\n"),
        ((".",), "error: `.` is a folder: name the files to check\n"),
        (("a.json", "--model", ""), "error: --model is empty: name the model, or leave the option out\n"),
        (
            ("a.json", "--canonical", "--fingerprint"),
            "error: --canonical and --fingerprint print different things: ask for one of them\n",
        ),
        (
            ("a.json", "--fingerprint", "--kind", "response"),
            "error: `a.json` is read as a response: only a request has a fingerprint\n",
        ),
    ],
)
def test_mistakes_on_the_command_line(shop: Workshop, arguments: tuple[str, ...], message: str) -> None:
    (shop.root / "a.json").write_text("{}")

    done = shop.command("validate", *arguments)

    assert (done.returncode, done.stdout, done.stderr) == (2, "", message)


MORE = """\
… and 25 more P401 unknown-field in a.json; `--format concise` lists all

error  P401 unknown-field  30  in 1 file
error  P402 field-type      1  in 1 file

"""


@pytest.mark.parametrize(("count", "shown", "more"), [(24, 24, ""), (30, 5, MORE)])
def test_one_habit_does_not_fill_the_terminal(shop: Workshop, count: int, shown: int, more: str) -> None:
    (shop.root / "a.json").write_text(json.dumps({**ASK, **{f"zz{i:02}": 1 for i in range(count)}, "tools": 1.5}))

    concise = shop.command("validate", "a.json", "--format", "concise").stdout
    in_full = shop.command("validate", "a.json").stdout

    assert (concise.count(" P401 unknown key"), concise.count(" P402 "), concise.count("\n")) == (count, 1, count + 2)
    assert (in_full.count("error[P401]"), in_full.count("error[P402]")) == (shown, 1)
    last = f"a.json: request, no model named — {count + 1} errors\n"
    assert in_full.endswith(f"\n\n{more}{last}")
    assert len(shop.json("validate", "a.json", "--format", "json")["diagnostics"]) == count + 1


def test_names_in_the_last_line_are_printable_on_one_line_and_cut(shop: Workshop) -> None:
    (shop.root / "a\nb\x1b.json").write_text(json.dumps(ASK))
    (shop.root / "c.json").write_text(json.dumps({**ASK, "model": "tunedModels/" + "m" * 80}))

    done = shop.command("validate", "a\nb\x1b.json", "c.json", "--format", "concise")

    assert done.stdout == (
        f"a\\nb\\u001b.json: request, no model named — ok\nc.json: request for `tunedModels/{'m' * 48}` — ok\n"
    )


def test_the_concise_form_is_one_line_a_finding_whatever_the_keys(shop: Workshop) -> None:
    (shop.root / "a.json").write_text(json.dumps({**ASK, "x\nok: P000 forged": 1}))

    done = shop.command("validate", "a.json", "--format", "concise")

    assert done.stdout == (
        "a.json:1:49: P401 unknown key `x\\nok: P000 forged`\na.json: request, no model named — 1 error\n"
    )


@pytest.mark.parametrize("form", ["full", "concise"])
@pytest.mark.parametrize(
    "body",
    [
        {"contents": [{"parts": [{"inlineData": {"mimeType": "image/png", "data": BASE64}, "text": "both"}]}]},
        {"contents": [{"parts": [{"inlineData": {"mimetyp": "image/png", "data": BASE64}}]}]},
        {**ASK, "generationConfig": {"responseModalities": [BASE64]}},
        {**ASK, "generationConfig": {"temperature": BASE64}},
        {**ASK, BASE64: 1},
        {**ASK, "contents": [{"parts": [{BASE64: 1, "text": "x"}]}]},
        {"candidates": [{"finishReason": BASE64, "index": "x"}]},
        {"error": {"message": 1, BASE64: 1}},
        f'{{"contents": [{{"parts": [{{"text": "{BASE64}',
        f'{{"contents": {BASE64}}}',
        f'{{"{BASE64}": 1, "{BASE64}": 2, "candidates": []}}',
    ],
    ids=range(11),
)
def test_messages_stay_short_whatever_is_wrong(shop: Workshop, body: object, form: str) -> None:
    done = piped(shop, body if isinstance(body, str) else json.dumps(body), "--model", MODEL, "--format", form)

    printed = done.stdout + done.stderr
    assert done.returncode == 1
    assert len(printed.encode()) < 1000
    assert not re.search("[A-Za-z0-9+/]{41}", printed)


def test_a_projects_own_model_is_known(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {})
    with (shop.root / "promptc.toml").open("a") as file:
        file.write('[models.my-model]\nlike = "gemini-3-pro-image"\naspectRatios = ["1:1"]\n')
    body = {**ASK, "generationConfig": {"imageConfig": {"aspectRatio": "16:9"}}}

    done = piped(shop, json.dumps(body), "--model", "my-model", "--format", "concise")

    assert "P408 `16:9` is no aspect ratio of `my-model`\n" in done.stdout
    assert shop.json("models", "--format", "json")["models"][-1]["name"] == "my-model"
    assert "my-model" in shop.command("models").stdout
    assert "my-model" in shop.json("schema", "models")["$defs"]


def test_the_schemas_are_listed(shop: Workshop) -> None:
    lines = shop.command("schema").stdout.splitlines()

    names = [line.split()[0] for line in lines]
    assert names[:12] == [
        "request",
        "response",
        "error",
        "count-tokens-request",
        "count-tokens-response",
        "spec",
        "expect",
        "project",
        "result",
        "diff",
        "plan",
        "models",
    ]
    assert "gemini-3.1-flash-image" in names
    assert all(len(line.split(maxsplit=1)) == 2 for line in lines)


def test_each_schema_is_printed_and_stands_alone(shop: Workshop) -> None:
    bad = {**ASK, "generationConfig": {"imageConfig": {"aspectRatio": "1:8"}, "temperature": "warm"}}
    nothing: Registry[Any] = Registry()

    for line in shop.command("schema").stdout.splitlines():
        schema = shop.json("schema", line.split()[0])
        Draft202012Validator.check_schema(schema)
    for schema in (
        shop.json("schema", MODEL),
        {**shop.json("schema", "models"), "$ref": f"#/$defs/{MODEL}"},
    ):
        validator = Draft202012Validator(schema, registry=nothing)
        assert not list(validator.iter_errors(ASK))
        assert sorted(error.validator for error in validator.iter_errors(bad)) == ["enum", "type"]


def test_an_unknown_schema_gets_a_suggestion(shop: Workshop) -> None:
    done = shop.command("schema", "requst")

    assert done.returncode == 2
    assert done.stderr == "error: there is no schema `requst`; did you mean `request`?\n"


def test_the_models_fit_into_a_terminal(shop: Workshop) -> None:
    done = shop.command("models")

    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert done.stdout.startswith(
        "gemini-3.1-flash-image\n"
        "  also        gemini-3.1-flash-image-preview (retired 2026-06-25, use gemini-3.1-flash-image)\n"
        "  ratios      1:1 1:4 4:1 1:8 8:1 2:3 3:2 3:4 4:3 4:5 5:4 9:16 16:9 21:9\n"
        "  sizes       512 1K 2K 4K\n"
        "  tokens      512 747, 1K 1,120, 2K 1,680, 4K 2,520 for a picture; 1,120 for a picture that is sent\n"
        "  references  up to 14 pictures in a request\n"
    )


def test_the_models_as_json_come_with_their_sources(shop: Workshop) -> None:
    rows = {row["name"]: row for row in shop.json("models", "--format", "json")["models"]}

    assert rows["gemini-3-pro-image-preview"]["successor"] == "gemini-3-pro-image"
    assert rows["gemini-3-pro-image-preview"]["retired"] == "2026-06-25"
    assert rows["gemini-2.5-flash-image"]["sources"]["aspectRatios"] == "Google's image generation guide"


def test_the_page_about_plain_bodies_works_as_it_is_printed(shop: Workshop) -> None:
    page = (REPO / "docs" / "validate.md").read_text(encoding="utf-8")
    seen = 0
    for block in blocks(page, "console"):
        for command, expected in steps(block):
            printed = shell(command, shop.root)
            seen += 1
            assert re.fullmatch(pattern(expected), printed), f"$ {command}\n{printed}"
    assert seen >= 6
