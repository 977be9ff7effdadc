"""A project's limits under pytest: above one, nothing is sent."""

import json
from pathlib import Path

import pytest

from tests.replay.made import RawServer, http
from tests.suite.running import pytest_in
from tests.workshop import BUTTERFLY, Workshop

WORDS = BUTTERFLY.partition("[generationConfig]")[0] + '[generationConfig]\nresponseModalities = ["TEXT"]\n'
SAID = json.dumps(
    {"candidates": [{"content": {"role": "model", "parts": [{"text": "A moth"}]}, "finishReason": "STOP", "index": 0}]}
).encode()
REFUSED = (
    "nothing was asked: 2 requests of 2 cases, about $0.006, and that is above a limit of this project: "
    "2 requests, and the limit is 1; `promptc plan` lists the cases; `promptc record --yes` asks all the same, "
    "or raise the limit in `[limits]` of promptc.toml"
)
OWN = """
def test_moth(promptc):
    promptc.run("moth")

def test_wasp(promptc):
    promptc.run("wasp")
"""


@pytest.mark.parametrize("option", ["--promptc-record", "--promptc-update"])
@pytest.mark.parametrize("processes", [[], ["-n", "2"]], ids=str)
def test_above_a_limit_no_case_is_sent(tmp_path: Path, option: str, processes: list[str]) -> None:
    with RawServer(http(SAID, Content_Type="application/json")) as server:
        shop = served(tmp_path, server.base_url)
        refused = pytest_in(tmp_path, "specs", option, *processes)
        one = pytest_in(tmp_path, "specs/moth.toml", option)
        both = pytest_in(tmp_path, "specs", option)

    assert refused.code == 1
    assert refused.cases == {"specs/moth.toml::default": "FAILED", "specs/wasp.toml::default": "FAILED"}
    assert refused.out.count(f"error: {REFUSED}\n") == 2
    assert (one.code, both.code, len(server.seen)) == (0, 0, 2)
    assert shop.replay().good


def test_tests_of_one_s_own_stay_below_the_limits_together(tmp_path: Path) -> None:
    with RawServer(http(SAID, Content_Type="application/json")) as server:
        served(tmp_path, server.base_url)
        (tmp_path / "test_own.py").write_text(OWN)
        done = pytest_in(tmp_path, "test_own.py", "--promptc-record")

    assert (done.code, len(server.seen)) == (1, 1)
    assert f"Failed: {REFUSED}" in done.out


def served(tmp_path: Path, url: str) -> Workshop:
    """Return a project of two cases whose limit is one request."""
    shop = Workshop.make(tmp_path, {"moth": WORDS, "wasp": WORDS})
    target = f'[run]\ntarget = "mine"\n[targets.mine]\nbase_url = "{url}"\nauth = "none"\n'
    (tmp_path / "promptc.toml").write_text(f"version = 1\n{target}[limits]\nrequests = 1\n")
    return shop
