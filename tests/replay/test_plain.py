"""Plain vcrpy cassettes as they are read: every form that vcrpy takes, and a message of its own for whatever is none."""

import base64
import datetime as dt
import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from vcr.serializers import yamlserializer

from promptc.diagnostics import Diagnostic
from promptc.errors import CassetteError
from promptc.replay import plain_file
from promptc.replay.damage import CONFLICT
from promptc.replay.plain import Interaction, read_plain
from tests.replay.made import request

URL = "https://generativelanguage.googleapis.com/v1beta/models/gemini-3.1-flash-image:generateContent"
ASKED = {
    "contents": [{"role": "user", "parts": [{"text": "A Monarch butterfly"}]}],
    "generationConfig": {"imageConfig": {"imageSize": "512"}},
}
"""The body of `made.request()`."""
ANSWER = '{"candidates": [{"content": {"parts": [{"text": "Ünïcode 🦋"}]}}]}'


def asked(**more: Any) -> dict[str, Any]:
    return {"method": "POST", "uri": URL, "body": json.dumps(ASKED), "headers": {}} | more


def answered(body: Any = ANSWER, **headers: str) -> dict[str, Any]:
    kept = {
        "Content-Type": ["application/json"],
        **{name.replace("_", "-"): [value] for name, value in headers.items()},
    }
    return {"status": {"code": 200, "message": "OK"}, "headers": kept, "body": {"string": body}}


def document(*pairs: tuple[Any, Any]) -> dict[str, Any]:
    rows = [{"request": request_, "response": response} for request_, response in pairs or [(asked(), answered())]]
    return {"interactions": rows, "version": 1}


def read(folder: Path, content: Any, name: str = "plain.yaml") -> tuple[Interaction, ...]:
    """Write a cassette with vcrpy's own serializer, and read it."""
    path = folder / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, str):
        path.write_bytes(content.encode())
    elif path.suffix == ".json":
        path.write_text(json.dumps(content))
    else:
        path.write_text(yamlserializer.serialize(content), encoding="utf-8")
    return read_plain(path)


def only(folder: Path, *, of: Any = None, answer: Any = None, name: str = "plain.yaml") -> Interaction:
    (found,) = read(folder, document((of or asked(), answer or answered())), name)
    return found


def body(of: Interaction) -> bytes:
    assert of.response, of.problem
    data: bytes = of.response["body"]["string"]
    return data


def matched(of: Interaction) -> str:
    assert of.asked, of.problem
    return of.asked.fingerprint


@pytest.mark.parametrize("name", ["plain.yaml", "plain.json", "no-suffix"])
def test_an_interaction_is_read_as_promptc_would_have_stored_it(tmp_path: Path, name: str) -> None:
    headers = {
        "X_Request_Id": "abc",
        "Set_Cookie": "no",
        "Server": "no",
        "Date": "Sun, 06 Nov 1994 08:49:37 GMT",
    }
    found = only(tmp_path, answer=answered(**headers), name=name)

    assert matched(found) == request().fingerprint
    assert found.asked
    assert found.asked.address.host == "generativelanguage.googleapis.com"
    assert found.asked.address.base_url == "https://generativelanguage.googleapis.com"
    assert found.asked.address.api_version == "v1beta"
    assert found.response == {
        "status": {"code": 200, "message": "OK"},
        "headers": {"content-type": ["application/json"], "x-request-id": ["abc"]},
        "body": {"string": ANSWER.encode()},
    }
    assert (found.recorded_at, found.problem, found.number) == ("1994-11-06T08:49:37Z", None, 1)
    assert found.line == (None if name == "plain.json" else 2)


@pytest.mark.parametrize(
    ("uri", "base_url", "version"),
    [
        (f"{URL}?key=AIzaNot&alt=json", "https://generativelanguage.googleapis.com", "v1beta"),
        (URL.replace("v1beta", "v1"), "https://generativelanguage.googleapis.com", "v1"),
        (URL.replace("gemini-3.1", "gemini%2D3.1").replace(":gen", "%3Agen"), "https://generativelanguage.googleapis.com", "v1beta"),
        (URL.replace("models/", "models%2F"), "https://generativelanguage.googleapis.com", "v1beta"),
        (f"https://me:secret@host.example:8443/a%20b/v1beta/models/{request().route}#here", "https://host.example:8443/a%20b", "v1beta"),
        (f"http://[::1]:80/models/{request().route}", "http://[::1]:80", "v1beta"),
        (f"HTTPS://HOST.example/v1/projects/p/locations/l/publishers/google/models/{request().route}", "https://host.example/v1/projects/p/locations/l/publishers", "google"),
    ],
)  # fmt: skip
def test_any_host_prefix_and_spelling_of_the_route_is_taken_and_no_key_kept(
    tmp_path: Path, uri: str, base_url: str, version: str
) -> None:
    found = only(tmp_path, of=asked(uri=uri))

    assert matched(found) == request().fingerprint
    assert found.asked
    assert (found.asked.address.base_url, found.asked.address.api_version) == (base_url, version)


@pytest.mark.parametrize("query", ["", "?alt=sse", "?key=x&alt=sse"])
def test_streams_are_known_by_their_method_with_and_without_alt(tmp_path: Path, query: str) -> None:
    found = only(tmp_path, of=asked(uri=URL.replace(":gen", ":streamGen") + query))
    assert matched(found) == request(method="streamGenerateContent").fingerprint


SPELLINGS = {
    "text": json.dumps(ASKED),
    "bytes": json.dumps(ASKED).encode(),
    "gzip": gzip.compress(json.dumps(ASKED).encode(), mtime=0),
    "chunks": [json.dumps(ASKED)[:30].encode(), json.dumps(ASKED)[30:]],
    "octets": list(json.dumps(ASKED).encode()),
    "UTF-16": json.dumps(ASKED).encode("utf-16"),
    "snake case": '{"contents": {"parts": {"text": "A Monarch butterfly"}}, "generation_config": {"image_config": {"image_size": "512"}}}',
    "the model once more": json.dumps(ASKED | {"model": "models/gemini-3.1-flash-image"}),
    "layout": json.dumps(ASKED, indent=4, sort_keys=True),
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_a_request_is_matched_however_its_body_is_spelt(tmp_path: Path, spelling: object) -> None:
    assert matched(only(tmp_path, of=asked(body=spelling))) == request().fingerprint


BODIES: dict[str, tuple[dict[str, Any], bytes]] = {
    "text": (answered(), ANSWER.encode()),
    "bytes": (answered(ANSWER.encode()), ANSWER.encode()),
    "gzip": (answered(gzip.compress(ANSWER.encode(), mtime=0), Content_Encoding="gzip"), ANSWER.encode()),
    "gzip without its header": (answered(gzip.compress(ANSWER.encode(), mtime=0)), ANSWER.encode()),
    "unpacked before": (answered(Content_Encoding="gzip", Content_Length="7"), ANSWER.encode()),
    "events": (answered("data: {}\r\n\r\ndata: {}\r\n\r\n"), b"data: {}\r\n\r\ndata: {}\r\n\r\n"),
    "no text at all": (answered(b"\xff\xfe\0{"), b"\xff\xfe\0{"),
    "odd line ends": (answered('{\r\n\t"a": "\u2028 \x7f"}\n\n'), '{\r\n\t"a": "\u2028 \x7f"}\n\n'.encode()),
    "nothing": (answered(None), b""),
    "base64": ({**answered(), "body": {"base64_string": base64.b64encode(ANSWER.encode()).decode()}}, ANSWER.encode()),
    "httpx of old": ({"status_code": 200, "http_version": "HTTP/1.1", "headers": {}, "content": ANSWER}, ANSWER.encode()),
    "headers of one value": ({**answered(), "headers": {"content-encoding": "gzip"}}, ANSWER.encode()),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "expected"), BODIES.values(), ids=BODIES)
def test_an_answer_is_what_the_client_saw(tmp_path: Path, answer: dict[str, Any], expected: bytes) -> None:
    assert body(only(tmp_path, answer=answer)) == expected


OLD_TAGS = """\
interactions:
- request:
    body: !!python/object/new:_io.BytesIO
      state: !!python/tuple
      - !!binary |
        BODY
      - 0
      - null
    headers: {}
    method: !!python/unicode 'POST'
    uri: !!python/str 'URL'
  response:
    body: {string: !!python/unicode '{"a": 1}'}
    headers: {content-type: !!python/tuple [application/json]}
    status: {code: 200, message: OK}
- request:
    body: !!python/object/apply:builtins.iter
      args:
      - - !!binary |
          BODY
    headers: {}
    method: POST
    uri: URL
  response: {body: {string: '{"b": 2}'}, headers: {}, status: {code: 200, message: OK}}
version: 1
"""


def test_the_tags_that_vcrpy_reads_stand_for_plain_values(tmp_path: Path) -> None:
    text = OLD_TAGS.replace("BODY", base64.b64encode(json.dumps(ASKED).encode()).decode()).replace("URL", URL)
    assert len(yamlserializer.deserialize(text)["interactions"]) == 2  # vcrpy itself reads it

    first, second = read(tmp_path, text)

    assert [matched(first), matched(second)] == [request().fingerprint] * 2
    assert [body(first), body(second)] == [b'{"a": 1}', b'{"b": 2}']
    assert [first.line, second.line] == [2, 16]


@pytest.mark.parametrize("date", ["yesterday", "", "Sun, 06 Nov 99999 08:49:37 GMT", "Fri, 31 Dec 9999 23:59:59 -2300"])
def test_a_date_that_is_none_is_known_to_nobody(tmp_path: Path, date: str) -> None:
    assert only(tmp_path, answer=answered(Date=date)).recorded_at is None


def test_a_date_of_another_zone_is_kept_in_utc(tmp_path: Path) -> None:
    assert only(tmp_path, answer=answered(date="Sun, 06 Nov 1994 10:49:37 +0200")).recorded_at == "1994-11-06T08:49:37Z"


UNUSABLE = {
    "another method": (asked(method="GET"), answered(), "it is no request to generateContent or streamGenerateContent (`GET /v1beta/models/gemini-3.1-flash-image:generateContent`)"),
    "another route": (asked(uri=URL.replace(":generate", ":count") + "?key=x"), answered(), "it is no request to generateContent or streamGenerateContent (`POST /v1beta/models/gemini-3.1-flash-image:countContent`)"),
    "no host": (asked(uri="/v1beta/models/m:generateContent"), answered(), "it is no request to generateContent or streamGenerateContent (`POST /v1beta/models/m:generateContent`)"),
    "no URL": (asked(uri="https://[::1/models/m:generateContent"), answered(), "its URL can't be read"),
    "no body": (asked(body=None), answered(), "its request has no body"),
    "no JSON": (asked(body="a=1&b=2"), answered(), "its request's body is no JSON object"),
    "no object": (asked(body="[1]"), answered(), "its request's body is no JSON object"),
    "a form": (asked(body={"a": 1}), answered(), "a body in it is neither text nor bytes"),
    "too deep": (asked(body="[" * 100_000), answered(), "its request's body is no JSON object"),
    "a deep object": (asked(body='{"contents":' * 900 + "1" + "}" * 900), answered(), "its request is nested deeper than the API reads"),
    "a moment": ({**asked(), "parsed_body": {"contents": dt.date(2026, 1, 1)}}, answered(), "its request holds what no request can hold"),
    "brotli": (asked(), answered(b"\x1b\x11\x00\xf8\x25", Content_Encoding="br"), "its answer's body can't be read: it is compressed with `br`, which promptc can't unpack"),
    "cut short": (asked(), answered(gzip.compress(b"{}", mtime=0)[:-4]), "its answer's body can't be read: it is compressed and cut short"),
    "a request cut short": (asked(body=gzip.compress(b"{}", mtime=0)[:-4]), answered(), "its request's body can't be read: it is compressed and cut short"),
    "parsed": (asked(), {"status": {"code": 200, "message": ""}, "headers": {}, "parsed_body": {}}, "its answer was parsed when it was written (`parsed_body`), so that its bytes are lost"),
    "bad base64": (asked(), {**answered(), "body": {"base64_string": "?"}}, "its answer's `base64_string` is no base64"),
}  # fmt: skip


@pytest.mark.parametrize(("of", "answer", "problem"), UNUSABLE.values(), ids=UNUSABLE)
def test_what_no_case_can_take_says_why_and_hides_no_other(tmp_path: Path, of: Any, answer: Any, problem: str) -> None:
    bad, good = read(tmp_path, document((of, answer), (asked(), answered())))

    assert (bad.problem, bad.asked, bad.response) == (problem, None, None)
    assert (good.problem, matched(good)) == (None, request().fingerprint)


def test_half_a_surrogate_pair_is_told_where_json_brings_it(tmp_path: Path) -> None:
    bad = only(tmp_path, answer=answered("\ud83d"), name="plain.json")
    headers = only(tmp_path, answer=answered(X_Request_Id="\ud83d"), name="plain.json")

    assert bad.problem == "a body in it holds half a surrogate pair, which has no bytes"
    assert headers.response
    assert headers.response["headers"]["x-request-id"] == ["?"]


def test_a_request_that_was_parsed_when_it_was_written_is_read(tmp_path: Path) -> None:
    parsed = {**asked(), "parsed_body": ASKED}
    del parsed["body"]
    assert matched(only(tmp_path, of=parsed)) == request().fingerprint


# files that are none


def lines(*rows: str) -> str:
    return "".join(f"{row}\n" for row in rows)


def interaction(**change: Any) -> str:
    row = {"request": asked(), "response": answered()} | change
    return json.dumps({"version": 1, "interactions": [{"request": asked(), "response": answered()}, row]})


def bomb() -> str:
    rows = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]" for old, new in zip("abcdefgh", "bcdefghi", strict=True)]
    return lines(*rows, "interactions: *i")


def merges() -> str:
    rows = ["a: &a {k: v, l: v}"]
    rows += [f"{new}: &{new} {{<<: [{', '.join([f'*{old}'] * 10)}]}}" for old, new in zip("abcdefgh", "bcdefghi", strict=True)]  # fmt: skip
    return lines(*rows)


OWN = "`promptc check` says whose it is; `promptc export cassette` makes a plain one of it"
TAGS = "a cassette needs text, lists and tables only; vcrpy writes no other"
FORM = "record it again with one of vcrpy's own serializers"
BINARY = "it is binary data, or text in another encoding than UTF-8"
NO_LIST = "it has no list `interactions`"
FAR_MORE = "its references (`*name`) stand for far more than is written"

UNREADABLE: dict[str, tuple[str | bytes, str, str | None]] = {
    "an empty file": ("", "it is empty", None),
    "blanks": (" \n\n", "it is empty", None),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", BINARY, None),
    "UTF-16": ("version: 1".encode("utf-16"), BINARY, None),
    "zeros": ("version: 1\n\0\0", BINARY, None),
    "Latin-1": ("version: 1\n# caf\xe9\n".encode("latin-1"), "line 2 is not UTF-8 text", "save it as UTF-8"),
    "a pointer": ("version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n", "it is a pointer of Git LFS", "fetch the file with `git lfs pull`"),
    "a conflict": (lines("version: 1", "<<<<<<< HEAD", "a: 1", "=======", "a: 2", ">>>>>>> b"), CONFLICT, "take one side of it: `git checkout --ours -- plain.yaml`, or `--theirs`"),
    "no YAML": (lines("version: 1", "interactions: [", "b: 2: 3"), "line 3 is no YAML", None),
    "a control character": (lines("version: 1", "a: é", "b: \x01"), "line 3 holds a control character, which YAML does not allow", None),
    "two documents": (lines("version: 1", "---", "version: 1"), "line 2 is no YAML", None),
    "no JSON": ('{"version": 1,\n "interactions": [}', "line 2, column 19 is no JSON", None),
    "a huge number": (f'{{"version": {"9" * 5000}}}', "a value in it can't be read", None),
    "a day that is none": ("version: 2020-13-45\n", "a value in it can't be read", None),
    "a text": ("hello\n", NO_LIST, None),
    "a list": ("- 1\n", NO_LIST, None),
    "another table": ("name: value\n", NO_LIST, None),
    "interactions that are no list": ("version: 1\ninteractions: {}\n", NO_LIST, None),
    "no interactions": ("version: 1\ninteractions: []\n", "it holds no interactions", None),
    "version 2": ("version: 2\ninteractions: []\n", "it has version 2, and promptc reads version 1", None),
    "before version 1": ("- request: {}\n  response: {}\n", "vcrpy wrote it before its version 1.0", "`python -m vcr.migration plain.yaml` renews it"),
    "before version 1, as JSON": ('[{"request": {}, "response": {}}]', "vcrpy wrote it before its version 1.0", "`python -m vcr.migration plain.yaml` renews it"),
    "Ruby's": ("http_interactions: []\nrecorded_with: VCR 6.1.0\n", "it is a cassette of Ruby's VCR or of betamax", "record it again with vcrpy"),
    "promptc's own": ("version: 1\ninteractions: []\nmetadata: {promptc: {format: 1}}\n", "it is a recording of promptc's own already", OWN),
    "a Python object": ("version: 1\ninteractions: !!python/object/apply:os.system ['true']\n", "line 2 has the tag `!!python/object/apply:os.system`, and no object is built from a file", TAGS),
    "an unknown tag": ("version: 1\ninteractions: !moth []\n", "line 2 has the tag `!moth`, and no object is built from a file", TAGS),
    "bad base64": ("version: 1\ninteractions: !!binary 'ä'\n", "line 2 is no YAML", None),
    "deep YAML": (f"version: 1\ninteractions: {'[' * 100}{']' * 100}\n", "it is nested deeper than any recording", None),
    "deep JSON": (f'{{"version": 1, "interactions": {"[" * 100_000}', "it is nested deeper than any cassette", None),
    "a bomb": (bomb(), FAR_MORE, None),
    "a bomb of merges": (merges(), "it merges tables with `<<`", None),
    "a table in itself": ("version: 1\ninteractions: &a [*a]\n", FAR_MORE, None),
    "no request": (interaction(request=None), "interaction 2 has no table `request`", FORM),
    "no response": (interaction(response=[]), "interaction 2 has no table `response`", FORM),
    "no interaction": ('{"interactions": [7]}', "interaction 1 has no table `request`", FORM),
    "no method": (interaction(request={"uri": URL}), "interaction 2 has a request without `method` or `uri`", FORM),
    "no status": (interaction(response={"headers": {}}), "interaction 2 has no table `status`", FORM),
    "a status in words": (interaction(response={"status": {"code": "200"}}), "interaction 2 has an answer without a status", FORM),
    "headers in a list": (interaction(response={"status": {"code": 200}, "headers": [1]}), "interaction 2 has `headers` that are no table", FORM),
    "lines are told": ("version: 1\ninteractions:\n- request: {}\n", "interaction 1 (line 3) has no table `response`", FORM),
}  # fmt: skip


def refusal(path: Path) -> Diagnostic:
    with pytest.raises(CassetteError) as caught:
        read_plain(path)
    return caught.value.diagnostic


def said(reason: str, hint: str | None = None, file: str = "plain.yaml") -> Diagnostic:
    return Diagnostic(
        code="P516",
        message=f"nothing can be imported from this file: {reason}",
        file=file,
        expected="a cassette of vcrpy, format version 1, as YAML or JSON",
        help=hint,
    )


@pytest.mark.parametrize(("content", "reason", "hint"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_is_no_plain_cassette_says_so_in_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | bytes, reason: str, hint: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plain.yaml").write_bytes(content if isinstance(content, bytes) else content.encode())
    assert refusal(tmp_path / "plain.yaml") == said(reason, hint)


def test_a_path_that_is_no_file_says_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "large").write_bytes(b" " * 2_000_000)
    monkeypatch.setattr(plain_file, "LARGEST", 2**20)

    assert refusal(tmp_path / "none.yaml") == said("there is no such file", "check the path", "none.yaml")
    assert refusal(tmp_path / "folder") == said("it is a folder", "name its files: `folder/*.yaml`", "folder")
    assert refusal(tmp_path / "pipe") == said("it is no file", None, "pipe")
    assert refusal(tmp_path / "loop") == said("it can't be read: Too many levels of symbolic links", None, "loop")
    assert refusal(tmp_path / "large") == said("it has more than 1 MB", None, "large")


def test_nothing_is_built_from_a_file_that_vcrpy_would_refuse_too(tmp_path: Path) -> None:
    text = f"version: 1\ninteractions: !!python/object/apply:os.mkdir ['{tmp_path}/made']\n"
    (tmp_path / "plain.yaml").write_text(text)
    refusal(tmp_path / "plain.yaml")
    assert not (tmp_path / "made").exists()
    with pytest.raises(yaml.YAMLError):
        yamlserializer.deserialize(text)


def test_references_that_vcrpy_writes_are_read(tmp_path: Path) -> None:
    headers = {"content-type": ["application/json"]}
    pairs = [(asked(headers=headers), {**answered(), "headers": headers}) for _ in range(3)]
    found = read(tmp_path, document(*pairs))
    assert "&id001" in (tmp_path / "plain.yaml").read_text()
    assert [one.response["headers"] for one in found if one.response] == [headers] * 3
