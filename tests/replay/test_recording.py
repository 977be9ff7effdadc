"""A cassette's text: vcrpy reads it, and what promptc did not write is told apart."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from vcr.serialize import deserialize
from vcr.serializers import yamlserializer

from promptc.diagnostics import Diagnostic
from promptc.errors import CassetteError
from promptc.replay import recording
from promptc.replay.damage import CONFLICT
from tests.replay.made import (
    NO_SECRETS,
    answer,
    encoded,
    image,
    interaction,
    picture,
    provenance,
    replayed,
    request,
    save,
    store,
)

FILE = "cassettes/monarch.yaml"
BODY = answer({"text": "Here it is.\nTwo lines."}, image(picture(1), thoughtSignature=encoded(b"s" * 600)))
RESTORE = f"restore it with `git checkout -- {FILE}`"
NOT_READABLE = "the recording can't be read: "


def written(tmp_path: Path, *bodies: bytes) -> str:
    at = store(tmp_path)
    save(at, *(bodies or (BODY,)))
    return at.accepted.read_text(encoding="utf-8")


def refused(text: str) -> Diagnostic:
    with pytest.raises(CassetteError) as caught:
        recording.load(text, FILE)
    assert str(caught.value) == caught.value.diagnostic.message
    return caught.value.diagnostic


def damaged(reason: str) -> Diagnostic:
    return Diagnostic(code="P503", message=f"the recording is damaged: {reason}", file=FILE, help=RESTORE)


def edited(text: str, change: Callable[[Any], object]) -> str:
    """Return a cassette's text after somebody changed its values."""
    document = yaml.safe_load(text)
    change(document)
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True)


def test_stock_vcrpy_reads_what_is_written(tmp_path: Path) -> None:
    text = written(tmp_path, BODY, b"data: {}\r\n\r\n", b"\xff\xfe")
    requests, responses, metadata = deserialize(text, yamlserializer)
    assert [one.method for one in requests] == ["POST"] * 3
    assert {one.uri for one in requests} == {
        "https://api.cometapi.com/v1beta/models/gemini-3.1-flash-image:generateContent"
    }
    assert [one["status"]["code"] for one in responses] == [200] * 3
    assert responses[1]["body"]["string"] == b"data: {}\r\n\r\n"
    assert metadata["promptc"]["format"] == 1
    ours = recording.load(text, FILE)
    assert [dict(one) for one in ours.responses] == responses
    assert [one.body for one in ours.requests] == [one.body for one in requests]


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    found = recording.load(written(tmp_path), FILE)
    assert found.provenance == provenance([request()])
    assert found.fingerprints == (request().fingerprint,)
    assert [(s.file, s.size) for s in found.sidecars] == [("monarch.1.1.png", 908), ("monarch.1.1.bin", 600)]


def test_a_text_of_many_lines_is_written_as_lines(tmp_path: Path) -> None:
    text = written(tmp_path, b'{\n  "text": "pretty"\n}\n')
    assert '      string: |\n        {\n          "text": "pretty"\n        }\n' in text


def test_the_same_answers_give_the_same_text_on_every_run(tmp_path: Path) -> None:
    assert written(tmp_path / "a") == written(tmp_path / "b")


def test_line_ends_that_a_checkout_changed_do_no_harm(tmp_path: Path) -> None:
    text = written(tmp_path, b'{\n "a": 1\n}', b"data: {}\r\n\r\n")
    found = recording.load(text.replace("\n", "\r\n"), FILE)
    assert [response["body"]["string"] for response in found.responses] == [b'{\n "a": 1\n}', b"data: {}\r\n\r\n"]


DEEP = "it is nested deeper than any recording"
YAML_MISTAKES = {
    "cut short in a quoted text": (lambda text: text[: text.index("candidates")], "it is no YAML at line N"),
    "conflict markers at the top": (lambda text: "<<<<<<< HEAD\n" + text, "it is no YAML at line N"),
    "conflict markers inside": (
        lambda text: text.replace("  response:", "<<<<<<< HEAD\n  response:\n=======\n  response:", 1),
        CONFLICT,
    ),
    "a tab": (lambda text: text.replace("  response:", "\tresponse:"), "it is no YAML at line N"),
    "an unknown alias": (lambda text: text + "more: *nobody\n", "it is no YAML at line N"),
    "a control character": (lambda text: text + "\0", "it is no YAML"),
    "a flow that nests without end": (lambda text: text + "more: " + "[" * 200_000, DEEP),
    "a flow that nests very deep": (
        lambda text: text + "more: " + "[" * 3000 + "]" * 3000,
        DEEP,
    ),
    "merges": (lambda text: text + "more: &a {k: v}\nmost: {<<: [*a, *a]}\n", "it merges tables with `<<`"),
    "a block twice": (lambda text: text + "version: 1\n", "line N has `version` for the second time"),
}


@pytest.mark.parametrize(("change", "reason"), YAML_MISTAKES.values(), ids=YAML_MISTAKES.keys())
def test_what_is_no_yaml_is_told_with_its_line(tmp_path: Path, change: Callable[[str], str], reason: str) -> None:
    made = refused(change(written(tmp_path)))
    assert re.sub(r"line \d+", "line N", made.message) == f"the recording is damaged: {reason}"
    sides = f"take one side of it: `git checkout --ours -- {FILE}`, or `--theirs`"
    assert (made.code, made.file, made.help) == ("P503", FILE, sides if reason == CONFLICT else RESTORE)


NO_CASSETTES = {
    "a list": "- 1\n",
    "a text": "hello\n",
    "no interactions": "version: 1\n",
    "interactions without requests": "version: 1\ninteractions:\n- response: {}\n",
    "a format before vcrpy 1.0": "- request: {}\n  response: {}\n",
    "Python objects": "version: 1\ninteractions: !!python/object/apply:os.system ['true']\n",
    "an unknown tag": "version: 1\ninteractions: !moth []\n",
}


@pytest.mark.parametrize("text", NO_CASSETTES.values(), ids=NO_CASSETTES.keys())
def test_what_is_no_cassette_is_damaged_and_never_empty(text: str) -> None:
    assert refused(text) == damaged("it has not the form of a vcrpy cassette")


@pytest.mark.parametrize("text", ["", "\n", " \r\n\t"])
def test_an_empty_file_is_damaged(text: str) -> None:
    assert refused(text) == damaged("it is empty")


def test_a_cassette_of_plain_vcrpy_is_foreign(tmp_path: Path) -> None:
    expected = Diagnostic(
        code="P504",
        message=f"{NOT_READABLE}it was not written by promptc",
        file=FILE,
        help=f"`promptc import cassette --accept {FILE}` makes a recording of it",
    )
    whole = written(tmp_path)
    assert refused(whole[: whole.index("metadata:")]) == damaged("its end is missing: it was cut short")
    assert refused("version: 1\ninteractions: []\n") == expected
    assert refused("version: 1\ninteractions: []\nmetadata: {promptc: 7}\n") == expected
    assert refused("version: 1\ninteractions: []\nmetadata: [promptc]\n") == expected


@pytest.mark.parametrize("version", [2, 0, None, "1"])
def test_another_format_names_itself_and_what_reads_it(tmp_path: Path, version: object) -> None:
    def change(document: Any) -> None:
        document["metadata"]["promptc"]["format"] = version

    assert refused(edited(written(tmp_path), change)) == Diagnostic(
        code="P504",
        message=f"{NOT_READABLE}it has format {version}, and this promptc reads format 1",
        file=FILE,
        help="a newer promptc reads it: install that one",
    )


REQUESTS = "its requests are not those that were recorded: it was edited by hand or merged"
ANSWERS = "an answer in it is not the one that was recorded: it was edited by hand or merged"
FORM = "an answer in it has not the form that promptc writes"
MISSING = "a part of it is missing or of the wrong type"


def first(document: Any, of: str = "response") -> Any:
    return document["interactions"][0][of]


def row(document: Any) -> Any:
    return first(document)["body"]["sidecars"][0]


def steps(document: Any) -> Any:
    return document["metadata"]["promptc"]["steps"]


EDITS: dict[str, tuple[Callable[[Any], object], str]] = {
    "a word of the prompt": (
        lambda d: first(d, "request").update(body=first(d, "request")["body"].replace("Monarch", "Luna")),
        REQUESTS,
    ),
    "the model": (lambda d: first(d, "request").update(uri=first(d, "request")["uri"].replace("3.1", "3")), REQUESTS),
    "the fingerprint": (lambda d: steps(d)[0].update(fingerprint="v1:" + "0" * 64), REQUESTS),
    "an interaction twice": (lambda d: d["interactions"].append(d["interactions"][0]), REQUESTS),
    "no interaction": (lambda d: (d["interactions"].clear(), steps(d).clear()), REQUESTS),
    "a step too many": (lambda d: steps(d).append(steps(d)[0]), REQUESTS),
    "a word of the answer": (
        lambda d: first(d)["body"].update(string=first(d)["body"]["string"].replace("Here", "There")),
        ANSWERS,
    ),
    "the status": (lambda d: first(d)["status"].update(code=201), ANSWERS),
    "a header": (lambda d: first(d)["headers"].update({"content-type": ["text/html"]}), ANSWERS),
    "the emulator's mark": (lambda d: first(d)["headers"].update({"x-promptc-emulator": ["1"]}), ANSWERS),
    "a sidecar's digest": (lambda d: row(d).update(sha256="0" * 64), ANSWERS),
    "a sidecar's encoding": (lambda d: row(d).update(encoding="raw"), ANSWERS),
    "a status that is no number": (lambda d: first(d)["status"].update(code="200"), FORM),
    "a status that is true": (lambda d: first(d)["status"].update(code=True), FORM),
    "a body that is no text": (lambda d: first(d)["body"].update(string=None), FORM),
    "a header that is no list": (lambda d: first(d)["headers"].update({"content-type": "text/html"}), FORM),
    "a header without value": (lambda d: first(d)["headers"].update({"content-type": []}), FORM),
    "a marker that is a pattern": (lambda d: first(d)["body"].update(marker=".*"), FORM),
    "a marker that is lost": (lambda d: first(d)["body"].update(string="{}"), FORM),
    "a marker that is there twice": (
        lambda d: first(d)["body"].update(string=first(d)["body"]["string"] + "<sidecar 1>"),
        FORM,
    ),
    "a marker out of range": (
        lambda d: first(d)["body"].update(string=first(d)["body"]["string"].replace("<sidecar 1>", "<sidecar 9>")),
        FORM,
    ),
    "a digest that is none": (lambda d: row(d).update(sha256="abc"), FORM),
    "a file above the folder": (lambda d: row(d).update(file="../monarch.1.1.png"), FORM),
    "a file far away": (lambda d: row(d).update(file="/etc/passwd"), FORM),
    "a file below a folder": (lambda d: row(d).update(file="monarch/x.1.1.png"), FORM),
    "a file on another drive": (lambda d: row(d).update(file="C:x.1.1.png"), FORM),
    "a file behind backslashes": (lambda d: row(d).update(file="..\\x.1.1.png"), FORM),
    "a file without numbers": (lambda d: row(d).update(file="monarch.yaml"), FORM),
    "a file with a line end": (lambda d: row(d).update(file="monarch.1.1.png\n"), FORM),
    "one file for two contents": (
        lambda d: first(d)["body"]["sidecars"][1].update(file="monarch.1.1.png"),
        FORM,
    ),
    "one file for two contents under other names": (
        lambda d: first(d)["body"]["sidecars"][1].update(file="luna.1.1.png"),
        FORM,
    ),
    "a size that is no number": (lambda d: row(d).update(size="908"), FORM),
    "a sidecar without its digest": (lambda d: row(d).pop("sha256"), MISSING),
    "a file that is a number": (lambda d: row(d).update(file=7), MISSING),
    "no headers": (lambda d: first(d).pop("headers"), MISSING),
    "no sidecars but the word": (lambda d: first(d)["body"].update(sidecars=None), MISSING),
    "a request to somewhere else": (lambda d: first(d, "request").update(uri="https://example.com/"), MISSING),
    "a request that is no JSON": (lambda d: first(d, "request").update(body="{"), MISSING),
    "a request that nests without end": (lambda d: first(d, "request").update(body="[" * 100_000), MISSING),
    "a request without a body": (lambda d: first(d, "request").update(body=None), MISSING),
    "no steps": (lambda d: d["metadata"]["promptc"].pop("steps"), MISSING),
    "a time that YAML reads as one": (
        lambda d: steps(d)[0].update(recordedAt=yaml.safe_load("2026-11-22T12:00:00Z")),
        MISSING,
    ),
    "a target that is a list": (lambda d: d["metadata"]["promptc"].update(target=[]), MISSING),
    "a stand-in by half": (lambda d: d["metadata"]["promptc"].update(emulator="yes"), MISSING),
}


@pytest.mark.parametrize(("change", "reason"), EDITS.values(), ids=EDITS.keys())
def test_a_cassette_that_was_edited_by_hand_is_never_replayed(
    tmp_path: Path, change: Callable[[Any], object], reason: str
) -> None:
    assert refused(edited(written(tmp_path), change)) == damaged(reason)


def test_answers_that_changed_places_are_seen(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        one, two = document["interactions"]
        one["response"], two["response"] = two["response"], one["response"]

    text = written(tmp_path, answer({"text": "one"}), answer({"text": "two"}))
    assert refused(edited(text, change)) == damaged(ANSWERS)


def test_an_answer_that_was_pasted_with_its_digest_is_seen(tmp_path: Path) -> None:
    one = yaml.safe_load(written(tmp_path / "one", answer({"text": "one"}), answer({"text": "two"})))

    def change(document: Any) -> None:
        document["interactions"][0]["response"] = one["interactions"][1]["response"]
        steps(document)[0]["answer"] = steps(one)[1]["answer"]

    text = written(tmp_path / "two", answer({"text": "one"}), answer({"text": "two"}))
    assert refused(edited(text, change)) == damaged(ANSWERS)


def test_a_key_that_a_merge_doubled_is_seen(tmp_path: Path) -> None:
    text = written(tmp_path, answer({"text": "one"}))
    line = next(line for line in text.splitlines() if line.strip().startswith("string:"))
    number = text[: text.index(line)].count("\n") + 2
    for first, last in (("one", "two"), ("two", "one")):  # the last one is read, and it may be the right one
        doubled = text.replace(line, f"{line.replace('one', first)}\n{line.replace('one', last)}")
        assert refused(doubled) == damaged(f"line {number} has `string` for the second time")


def test_a_bomb_of_aliases_does_not_go_off(tmp_path: Path) -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    text = bomb + written(tmp_path)
    assert recording.load(text, FILE).fingerprints == (request().fingerprint,)
    document = text.replace("content-type:\n      - application/json\n    body:", "content-type: *a59\n    body:")
    assert document != text
    assert refused(document) == damaged(FORM)


def test_aliases_of_the_same_value_are_the_same_value(tmp_path: Path) -> None:
    text = written(tmp_path, b"{}", b"[]")
    document = yaml.safe_load(text)
    headers = document["interactions"][0]["response"]["headers"]
    document["interactions"][1]["response"]["headers"] = headers
    aliased = yaml.safe_dump(document)
    assert "*id" in aliased
    assert recording.load(aliased, FILE) is not None


def test_an_answer_without_its_digest_is_never_replayed(tmp_path: Path) -> None:
    made = refused(edited(written(tmp_path), lambda document: steps(document)[0].pop("answer")))
    assert made.message == "the recording is damaged: a part of it is missing or of the wrong type"


@pytest.mark.parametrize("claimed", [True, False])
def test_a_recording_cannot_claim_to_be_what_it_is_not(tmp_path: Path, *, claimed: bool) -> None:
    mark: dict[str, Any] = {} if claimed else {"x_promptc_emulator": "1"}
    at = store(tmp_path)
    true = provenance([request()], emulator=not claimed)
    at.save([interaction(request(), b"{}", **mark)], true, NO_SECRETS, accept=True)
    word, lie = str(not claimed).lower(), str(claimed).lower()

    assert refused(at.accepted.read_text().replace(f"emulator: {word}", f"emulator: {lie}")).message == (
        "the recording is damaged: it says of itself that it is what it is not: a stand-in, or an answer of the API"
    )


def test_half_a_surrogate_pair_in_a_reply_is_stored_and_found_again(tmp_path: Path) -> None:
    half = request("A moth \ud83d and \N{BUTTERFLY}")
    at = store(tmp_path)
    at.save([interaction(half, b"{}")], provenance([half]), NO_SECRETS, accept=True)
    found = at.load(at.accepted)
    assert found is not None
    assert found.fingerprints == (half.fingerprint,)
    assert replayed(at) == [b"{}"]
