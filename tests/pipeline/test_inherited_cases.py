"""A case that a spec has from the file that it extends is named by the spec's own file."""

from pathlib import Path

import pytest

from promptc.pipeline.check import check
from tests.terminal import Terminal
from tests.workshop import BUTTERFLY, Workshop

CASES = '\n[[cases]]\nname = "luna"\n'


@pytest.fixture(params=["", CASES], ids=["without-cases", "with-cases"])
def shop(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """Return a repo with a spec that says nothing but what it extends, in whose folder the test runs."""
    shop = Workshop.make(tmp_path, {"_base": BUTTERFLY + request.param, "moth": 'extends = "_base.toml"\n'})
    monkeypatch.chdir(tmp_path)
    return shop


def test_the_command_that_mends_it_is_one_that_can_be_called(shop: Workshop) -> None:
    (case,) = check(shop.project).cases
    (told,) = case.diagnostics

    assert told.help == (
        f"`promptc record specs/moth.toml::{case.case}` asks for it; `--target emulator` asks a stand-in instead"
    )
    assert shop.record(f"specs/moth.toml::{case.case}").good


def test_a_key_settles_its_new_answer(shop: Workshop) -> None:
    assert shop.record().good
    shop.edit("_base", "parchment", "vellum")
    assert shop.record().results[0].waits

    with Terminal(shop, "review") as terminal:
        terminal.until("q quit: ")
        terminal.press("a")
        assert terminal.end() == (0, "accepted\n\n1 accepted\n")

    assert shop.replay().good
