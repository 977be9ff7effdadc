"""What looks like a key is one wherever it stands, and megabytes of anything else hit nothing."""

import base64
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from pydoc_data import topics

import pytest

from promptc.errors import SecretFoundError
from promptc.replay.key_shapes import SHAPES, Shape
from promptc.replay.secrets import Secrets

REPO = Path(__file__).parent.parent.parent
MEGABYTE = 2**20
MIXED = "0123456789abcdefghijABCDEFGHIJ0123456789"
UPPER = "0123456789ABCDEFGHIJ0123456789"
PEM = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7"

KEYS = {
    "a Google API key": ["AIza" + MIXED[:35], "AIzaSy-_" + MIXED[:31], "AQ.Ab" + MIXED],
    "a Google OAuth token": ["ya29." + MIXED, "ya29.a0-" + MIXED * 5],
    "an API key": ["sk-" + MIXED[:20], "sk-proj-" + MIXED + "_abc-", "sk-ant-api03-" + MIXED * 2, "sk-or-v1-" + MIXED],
    "a GitHub token": [
        "ghp_" + MIXED[:36],
        "gho_" + MIXED[:36],
        "ghs_" + MIXED[:36],
        "github_pat_" + MIXED + "_" + MIXED,
    ],
    "an AWS access key id": ["AKIA" + UPPER[:16], "ASIA" + UPPER[:16]],
    "a Slack token": ["xoxb-" + MIXED[:10] + "-" + MIXED, "xoxp-" + MIXED, "xapp-1-" + MIXED],
    "a Stripe key": ["sk_live_" + MIXED, "rk_live_" + MIXED],
    "a Hugging Face token": ["hf_" + MIXED[:34]],
    "a JSON Web Token": [f"eyJ{MIXED}.eyJ{MIXED}.{MIXED}"],
    "a bearer token": ["Bearer " + MIXED[:20], "bearer  abc.def~ghi+jkl/mno-0123==", "BEARER " + MIXED],
    "a private key": [
        f"-----BEGIN PRIVATE KEY-----\n{PEM}\n{PEM}\n-----END PRIVATE KEY-----",
        f"-----BEGIN RSA PRIVATE KEY-----\\n{PEM}\\n{PEM}==\\n-----END RSA PRIVATE KEY-----",
        f"-----BEGIN OPENSSH PRIVATE KEY-----\r\n{PEM}\r\n-----END OPENSSH PRIVATE KEY-----",
        f"-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\n{PEM}\n-----END PGP PRIVATE KEY BLOCK-----",
    ],
}
ROWS = [(name, key) for name, keys in KEYS.items() for key in keys]

NONE = [
    "",
    "risk-taking-is-not-a-key-at-all-2",
    "sk-short1",
    "sk-learn-is-a-library-for-machine-learning",
    "a task-based sk- prefix of keys",
    "AIza",
    "AIza" + MIXED[:34],
    "AIza" + MIXED[:36],
    "MyAIza" + MIXED[:35],
    "Bearer of bad news",
    "bearer internationalization-of-everything",
    '-H "Authorization: Bearer $COMETAPI_KEY"',
    "AKIA" + UPPER[:16] + "x",
    "ghp_" + MIXED[:30],
    "xoxo-with-love-and-kisses",
    "hf_" + MIXED[:10],
    "eyJ" + MIXED,
    "a line -----BEGIN PRIVATE KEY----- and then a line -----END PRIVATE KEY-----",
    f"-----BEGIN PUBLIC KEY-----\n{PEM}\n-----END PUBLIC KEY-----",
    "sha256:" + "0123456789abcdef" * 4,
    "https://example.com/sk-images/12345678901234567890",
    "sk-" + MIXED * 6,
]


@pytest.mark.parametrize(("name", "key"), ROWS, ids=[key[:12] for _, key in ROWS])
def test_what_looks_like_a_key_is_refused_without_knowing_it(name: str, key: str) -> None:
    for around in ("{}", "say {} again", "key={}&alt=sse", '{"key": "{}"}', "({}).", "\n{}\n", "{},{}", "[{}]"):
        text = around.replace("{}", key)
        with pytest.raises(SecretFoundError) as caught:
            Secrets().refuse("cassettes/monarch.yaml", text)
        assert str(caught.value) == f"cassettes/monarch.yaml holds what looks like {name}; it was not written"
        assert Secrets().redact(text) == around.replace("{}", "***")
    assert Secrets().find(json.dumps(f"one\n{key}\ntwo")) == f"what looks like {name}"
    noise = random.Random(1).randbytes(200_000)
    assert Secrets().find(noise + b" " + key.encode() + b" " + noise) == f"what looks like {name}"


@pytest.mark.parametrize("text", NONE)
def test_what_does_not_look_like_a_key_is_written(text: str) -> None:
    Secrets().refuse("x", text)
    assert Secrets().redact(text) == text


def test_each_kind_of_key_has_an_example() -> None:
    assert {shape.name for shape in SHAPES} == KEYS.keys()


def noises() -> Iterator[tuple[str, bytes]]:
    """Yield 52 MB of random base64 of each alphabet, in runs and in lines, and random bytes."""
    for seed in range(4):
        data = random.Random(seed).randbytes(13 * MEGABYTE * 3 // 4)
        yield "base64", base64.b64encode(data)
        yield "base64 for addresses", base64.urlsafe_b64encode(data)
        yield "base64 in lines", base64.encodebytes(data)
        yield "bytes", data


def test_random_base64_and_bytes_hold_no_keys() -> None:
    for kind, data in noises():
        assert Secrets().find(data) is None, kind
        for shape in SHAPES:  # long base64 is left out of a search; the shapes alone must not hit either
            assert not list(shape.matches(data)), (kind, shape.name)


def test_a_shape_is_no_part_of_base64() -> None:
    noise = base64.urlsafe_b64encode(random.Random(1).randbytes(300)).decode()
    for _, key in ROWS:
        if key.isascii() and not set(key) & set(" .\n\r\\"):
            Secrets().refuse("x", noise + key + noise)
            Secrets().refuse("x", f"{noise}/{key}/{noise}")


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_no_text_makes_a_search_slow(shape: Shape) -> None:
    mark = shape.marks[0].decode()
    header = "-----BEGIN PRIVATE KEY-----"
    for repeated in (
        mark,
        f"{mark} ",
        f" {mark}1",
        f"-{mark}a.",
        f" {mark}{'a' * 250}",
        f"{header}!{PEM}\n",
        f"{header}\n",
    ):
        start = time.process_time()
        Secrets().find(repeated * (MEGABYTE // len(repeated)))
        Secrets().redact(repeated * (MEGABYTE // len(repeated) // 10))
        assert time.process_time() - start < 2, repeated


def test_prose_holds_no_keys() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (REPO / "docs").glob("*.md") if path.name != "errors.md"]
    texts += [(REPO / "README.md").read_text(encoding="utf-8"), *topics.topics.values()]
    assert sum(map(len, texts)) > 500_000
    for text in texts:
        Secrets().refuse("prose", text)


def test_recorded_traffic_holds_no_keys(corpus: Path) -> None:
    files = [path for path in corpus.rglob("*") if path.is_file()]
    assert len(files) > 100
    for path in files:
        Secrets().refuse(path.name, path.read_bytes())
