"""`promptc pending`: what waits, whether it can be accepted, and where it lies."""

import re
from pathlib import Path

import pytest

from tests.workshop import BUTTERFLY, CHAT, Workshop


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    """Return a repo with an answer that fits, one that is stale, and one that is damaged."""
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY, "chat": CHAT, "moth": BUTTERFLY.replace("Monarch", "Luna")})
    assert shop.record().good
    shop.edit("butterfly", "parchment", "vellum")
    shop.edit("chat", "Now open", "Please open")
    shop.edit("moth", "parchment", "vellum")
    shop.record()
    shop.edit("chat", "Please open", "Kindly open")
    shop.cassette("moth/default.new.1.1.png").unlink()
    return shop


WAITING = """\
fits       butterfly::default, emulator (stand-in), gemini-3.1-flash-image, <age> old
           cassettes/butterfly/default.new.yaml
           cassettes/butterfly/default.new.1.1.bin
           cassettes/butterfly/default.new.1.1.png
stale      chat::default, emulator (stand-in), gemini-3.1-flash-image, <age> old
           the answer of `chat::default` that waits is stale: the request has changed since
           help: `promptc reject specs/chat.toml::default` removes it; where the recording is stale too, \
`promptc record` asks again
           cassettes/chat/default.new.yaml
           cassettes/chat/default.new.1.1.bin
           cassettes/chat/default.new.1.1.png
           cassettes/chat/default.new.2.1.bin
           cassettes/chat/default.new.2.1.png
           cassettes/chat/default.new.3.1.bin
           cassettes/chat/default.new.3.1.png
unreadable moth::default
           the recording lacks its file `cassettes/moth/default.new.1.1.png`
           help: `promptc reject specs/moth.toml::default` removes it; the accepted recording stays as it is
           cassettes/moth/default.new.yaml
3 new answers wait: `promptc review` shows them beside the old ones
"""


def ageless(text: str) -> str:
    return re.sub(r"[^,]* old$", " <age> old", text, flags=re.MULTILINE)


def test_each_answer_is_listed_with_what_can_become_of_it(shop: Workshop) -> None:
    before = shop.files(".")

    done = shop.command("pending")

    assert (done.returncode, ageless(done.stdout), done.stderr) == (1, WAITING, "")
    assert shop.files(".") == before


def test_a_selection_lists_a_part(shop: Workshop) -> None:
    rows = shop.json("pending", "-k", "butterfly", "--format", "json")["cases"]

    assert [(row["spec"], row["case"], row["state"]) for row in rows] == [("butterfly", "default", "fits")]


def test_as_json_each_answer_has_its_origin_its_files_and_its_problem(shop: Workshop) -> None:
    found = shop.json("pending", "--format", "json")

    assert found["diagnostics"] == []
    fits, stale, unreadable = found["cases"]
    assert fits == {
        "spec": "butterfly",
        "case": "default",
        "state": "fits",
        "target": "emulator",
        "emulator": True,
        "recordedAt": fits["recordedAt"],
        "modelVersions": ["promptc-emulator/gemini-3.1-flash-image"],
        "files": [f"cassettes/butterfly/default.new.{rest}" for rest in ("yaml", "1.1.bin", "1.1.png")],
        "problem": None,
    }
    assert (stale["state"], stale["problem"]["code"]) == ("stale", "P501")
    assert (unreadable["state"], unreadable["problem"]["code"], unreadable["target"]) == ("unreadable", "P512", None)
    assert unreadable["files"] == ["cassettes/moth/default.new.yaml"]


def test_an_answer_that_can_t_take_the_place_of_a_foreign_file_says_so(shop: Workshop) -> None:
    shop.cassette("butterfly/default.yaml").write_text("version: 1\ninteractions: []\n")

    (row,) = shop.json("pending", "butterfly", "--format", "json")["cases"]

    assert (row["state"], row["target"], row["problem"]["code"]) == ("blocked", "emulator", "P504")


def test_nothing_that_waits_is_good(shop: Workshop) -> None:
    shop.command("reject")

    done = shop.command("pending")

    assert (done.returncode, done.stdout, done.stderr) == (0, "no new answer waits\n", "")
    assert shop.json("pending", "--format", "json") == {"cases": [], "diagnostics": []}


def test_a_spec_with_a_mistake_hides_nothing_of_the_others(shop: Workshop) -> None:
    shop.edit("chat", "[generationConfig]", "[generationConfg]")

    done = shop.command("pending", "butterfly", "chat")

    assert done.returncode == 1
    assert ageless(done.stdout) == (
        "".join(WAITING.splitlines(keepends=True)[:4])
        + "1 new answer waits: `promptc review` shows it beside the old one\n"
    )
    assert done.stderr.startswith("error[P")


def test_record_ends_with_what_shows_the_new_answers(shop: Workshop) -> None:
    done = shop.command("record", "--target", "emulator", "butterfly")

    assert done.returncode == 1
    assert done.stdout.endswith(
        "1 pending; offline, no request sent; 1 new answer to accept; 1 recording by the emulator, stand-ins for the "
        "API's answers — not ok, 1 error\n1 new answer waits: `promptc review` shows it beside the old one\n"
    )
