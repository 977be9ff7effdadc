"""`promptc review`: old and new on one screen, and a key that settles it."""

import json
import os
import re
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.workshop import BUTTERFLY, CHAT, Workshop

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals", allow_module_level=True)

from tests.terminal import Terminal

ASKED = "a accept, r reject, s skip, i more or less, o open, q quit: "
STALE_ASKED = ASKED.removeprefix("a accept, ")
KEYS = """\
  a  accept: the new answer becomes the truth
  r  reject: the new answer is removed
  s  skip: it waits on
  i  more or less: changes, moments, files and texts in full, of later cases too
  o  open: the pictures that differ, and a picture of the difference
  q  quit: this one and the rest wait on
"""
SCREEN = """\
butterfly::default (1 of 1)
  old: emulator (stand-in), gemini-3.1-flash-image, <age> old
  new: emulator (stand-in), gemini-3.1-flash-image, <age> old

  the request has changed:
    contents.0.parts.0.text: "…butterfly on textured parchment" → "…butterfly on textured vellum"
              old                                     new
  ended with  STOP                                    STOP
  tokens      11 in, 21 thought, 769 out, 801 in all  10 in, 20 thought, 768 out, 798 in all
  text        87 characters                           84 characters
  picture 1   512x512 image/png, <bytes>          512x512 image/png, <bytes>
              SSIM <figures>
              old: cassettes/butterfly/default.1.1.png
              new: cassettes/butterfly/default.new.1.1.png
  the text:
    - A stand-in drawn by the promptc emulator for: A Monarch butterfly on textured parchment
    + A stand-in drawn by the promptc emulator for: A Monarch butterfly on textured vellum

  the new answer meets what is expected: 4 of 4
"""
COMMANDS = "  promptc accept specs/butterfly.toml::default\n  promptc reject specs/butterfly.toml::default\n\n"


def steady(text: str) -> str:
    """Return a screen without ages, moments, and what depends on the library that draws."""
    text = re.sub(r"[^,\n]* old$", " <age> old", text, flags=re.MULTILINE)
    text = re.sub(r"SSIM .*", "SSIM <figures>", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<time>", text)
    return re.sub(r"[\d,]+ bytes", "<bytes>", text)


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    """Return a repo in which a new answer waits."""
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY})
    assert shop.record().good
    shop.edit("butterfly", "parchment", "vellum")
    assert shop.record().results[0].waits
    return shop


def two(shop: Workshop) -> None:
    """Let a second answer wait, behind the first."""
    shop.spec("moth").write_text(BUTTERFLY)
    assert shop.record("moth").good
    shop.edit("moth", "parchment", "oak bark")
    assert shop.record("moth").results[0].waits


# keys


def test_a_makes_the_new_answer_the_truth_and_the_run_is_green(shop: Workshop) -> None:
    assert "error[P505]" in shop.command("check").stdout
    with Terminal(shop, "review") as terminal:
        assert steady(terminal.until(ASKED)) == SCREEN + ASKED
        terminal.press("a")
        assert terminal.end() == (0, "accepted\n\n1 accepted\n")
    assert shop.replay().good
    assert list(shop.files()) == [f"butterfly/default.{rest}" for rest in ("1.1.bin", "1.1.png", "yaml")]


def test_r_leaves_no_trace(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY})
    assert shop.record().good
    before = shop.files(".")
    shop.edit("butterfly", "parchment", "vellum")
    assert shop.record().results[0].waits

    with Terminal(shop, "review") as terminal:
        terminal.until(ASKED)
        terminal.press("r")
        assert terminal.end() == (0, "rejected\n\n1 rejected\n")

    shop.edit("butterfly", "vellum", "parchment")
    assert shop.files(".") == before


def test_s_leaves_an_answer_waiting_and_goes_on(shop: Workshop) -> None:
    two(shop)
    with Terminal(shop, "review") as terminal:
        terminal.until(ASKED)
        terminal.press("s")
        assert terminal.until(ASKED).startswith("skipped\n\nmoth::default (2 of 2)\n")
        terminal.press("A")
        assert terminal.end() == (1, "accepted\n\n1 skipped, 1 accepted; 1 new answer waits still\n")
    assert shop.cassette("butterfly/default.new.yaml").exists()
    assert not shop.cassette("moth/default.new.yaml").exists()


def test_q_leaves_this_one_and_the_rest(shop: Workshop) -> None:
    two(shop)
    before = shop.files()
    with Terminal(shop, "review") as terminal:
        terminal.until(ASKED)
        terminal.press("q")
        assert terminal.end() == (1, "quit\n\nnothing was done; 2 new answers wait\n")
    assert shop.files() == before


def test_a_signal_that_ends_it_leaves_the_terminal_as_it_was(shop: Workshop) -> None:
    with Terminal(shop, "review") as terminal:
        terminal.until(ASKED)
        terminal.wait_for_a_question()

        terminal.process.terminate()

        assert terminal.process.wait(20) == 128 + signal.SIGTERM
        assert terminal.takes_lines


def test_an_unknown_key_shows_what_there_is(shop: Workshop) -> None:
    with Terminal(shop, "review") as terminal:
        terminal.until(ASKED)
        terminal.press("x")
        assert terminal.until(ASKED) == f"?\n{KEYS}{ASKED}"
        terminal.press("\x1b[A")  # an arrow: several characters at once
        assert terminal.until(ASKED) == f"?\n{KEYS}{ASKED}"
        terminal.press("aa")  # in one go: nobody has looked at what the second is for
        assert terminal.until(ASKED) == f"?\n{KEYS}{ASKED}"
        terminal.press("q")
        assert terminal.end()[0] == 1


def test_i_shows_more_and_then_less(shop: Workshop) -> None:
    with Terminal(shop, "review") as terminal:
        terminal.until(ASKED)
        terminal.press("i")
        more = steady(terminal.until(ASKED))
        terminal.press("i")
        assert steady(terminal.until(ASKED)) == f"less\n\n{SCREEN}{ASKED}"
        terminal.press("q")
        terminal.end()
    head, rest = SCREEN.split("\n\n", 1)
    assert more == (
        f"more\n\n{head}\n"
        "  old: recorded <time> by promptc 0.1.0\n"
        "  new: recorded <time> by promptc 0.1.0\n"
        "  file: cassettes/butterfly/default.new.yaml\n"
        "  file: cassettes/butterfly/default.new.1.1.bin\n"
        "  file: cassettes/butterfly/default.new.1.1.png\n"
        f"\n{rest}{ASKED}"
    )


def viewer(shop: Workshop) -> dict[str, str]:
    """Return an environment in which the system's viewer writes down what it shows."""
    programs = shop.root / "programs"
    programs.mkdir()
    for name in ("xdg-open", "open"):
        (programs / name).write_text(f'#!/bin/sh\nwc -c < "$1" > /dev/null && echo "$1" >> {shop.root}/opened\n')
        (programs / name).chmod(0o755)
    return {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}


def seen_by(shop: Workshop, count: int) -> list[str]:
    """Return what the viewer has shown, once it is so many files: it is not waited for."""
    deadline = time.monotonic() + 30
    while True:
        seen = (shop.root / "opened").read_text().split() if (shop.root / "opened").exists() else []
        if len(seen) >= count:
            return sorted(seen)
        assert time.monotonic() < deadline, seen
        time.sleep(0.02)


def test_o_opens_both_pictures_and_their_difference_which_is_gone_at_the_end(shop: Workshop) -> None:
    with Terminal(shop, "review", **viewer(shop)) as terminal:
        terminal.until(ASKED)
        terminal.press("o")
        told = terminal.until(ASKED)
        drawn = Path(told.splitlines()[3].removeprefix("  opened "))
        assert told == (
            "open\n"
            "  opened cassettes/butterfly/default.1.1.png\n"
            "  opened cassettes/butterfly/default.new.1.1.png\n"
            f"  opened {drawn}\n"
            f"{ASKED}"
        )
        assert drawn.name == "butterfly-default.1.1.png"
        assert drawn.read_bytes().startswith(b"\x89PNG")
        opened = seen_by(shop, 3)
        terminal.press("q")
        assert terminal.end()[0] == 1
    assert not drawn.parent.exists()
    assert opened == sorted(
        [*(str(shop.cassette(f"butterfly/default.{name}")) for name in ("1.1.png", "new.1.1.png")), str(drawn)]
    )


def test_o_says_where_the_pictures_are_if_there_is_no_viewer(shop: Workshop) -> None:
    with Terminal(shop, "review", PATH="/nowhere") as terminal:
        terminal.until(ASKED)
        terminal.press("o")
        assert terminal.until(ASKED).startswith(
            "open\n  no viewer could be started for cassettes/butterfly/default.1.1.png\n"
        )


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_who_turns_away_changes_nothing_more(shop: Workshop, key: str) -> None:
    two(shop)
    with Terminal(shop, "review") as terminal:
        terminal.until(ASKED)
        terminal.press("r")
        terminal.until(ASKED)
        before = shop.files()
        terminal.press(key)
        assert terminal.end() == (130, "\n1 rejected; 1 new answer waits still\n")
    assert shop.files() == before
    assert shop.cassette("moth/default.new.yaml").exists()


# what can't be accepted, or has changed since it was shown


def test_a_stale_answer_can_only_be_rejected(shop: Workshop) -> None:
    shop.edit("butterfly", "vellum", "oak bark")
    with Terminal(shop, "review") as terminal:
        screen = terminal.until(STALE_ASKED)
        terminal.press("a")
        assert terminal.until(STALE_ASKED) == "?\n" + KEYS.partition("\n")[2] + STALE_ASKED
        terminal.press("r")
        assert terminal.end() == (0, "rejected\n\n1 rejected\n")
    head = SCREEN.partition("\n  the new answer")[0]
    assert steady(screen) == (
        f"{head}\n"
        "  it can't be accepted:\n"
        "    the answer of `butterfly::default` that waits is stale: the request has changed since "
        "(cassettes/butterfly/default.new.yaml)\n"
        "    help: `promptc reject specs/butterfly.toml::default` removes it; where the recording is stale too, "
        "`promptc record` asks again\n"
        f"{STALE_ASKED}"
    )


def test_a_damaged_answer_can_only_be_rejected(shop: Workshop) -> None:
    shop.cassette("butterfly/default.new.yaml").write_text("")
    with Terminal(shop, "review") as terminal:
        assert terminal.until(STALE_ASKED) == (
            "butterfly::default (1 of 1)\n"
            "\n"
            "  it can't be accepted:\n"
            "    the recording is damaged: it is empty (cassettes/butterfly/default.new.yaml)\n"
            "    help: `promptc reject specs/butterfly.toml::default` removes it; the accepted recording stays as it is\n"
            f"{STALE_ASKED}"
        )
        terminal.press("r")
        assert terminal.end()[0] == 0
    assert list(shop.files()) == [f"butterfly/default.{rest}" for rest in ("1.1.bin", "1.1.png", "yaml")]


def test_what_was_not_shown_is_not_accepted_but_shown(shop: Workshop) -> None:
    with Terminal(shop, "review") as terminal:
        terminal.until(ASKED)
        shop.edit("butterfly", "vellum", "oak bark")
        assert shop.record().results[0].waits
        before = shop.files()
        terminal.press("a")
        again = terminal.until(ASKED)
        assert shop.files() == before
        terminal.press("a")
        assert terminal.end() == (0, "accepted\n\n1 accepted\n")
    assert again.startswith(
        "not done\n"
        "\n"
        "error[P505]: the answers of `butterfly::default` are not those that were shown: somebody has changed them since\n"
        "  --> cassettes/butterfly/default.new.yaml\n"
        "   = help: nothing was done: look at the new ones first\n"
        "butterfly::default (1 of 1)\n"
    )
    assert '→ "…butterfly on textured oak bark"\n' in again


def test_a_case_that_was_renamed_since_waits_on_and_the_others_are_asked_about(shop: Workshop) -> None:
    two(shop)
    with Terminal(shop, "review") as terminal:
        terminal.until(ASKED)
        shop.spec("butterfly").rename(shop.spec("monarch"))
        before = shop.files()
        terminal.press("a")
        said = terminal.until(ASKED)
        assert shop.files() == before
        terminal.press("a")
        assert terminal.end() == (1, "accepted\n\n1 skipped, 1 accepted; 1 new answer waits still\n")
    assert said.startswith(
        "not done\n"
        "\n"
        "error: there is no spec `specs/butterfly.toml`; did you mean `specs/moth.toml` or `specs/monarch.toml`?\n"
        "skipped\n"
        "\n"
        "moth::default (2 of 2)\n"
    )


def test_a_spec_that_was_edited_since_makes_the_answer_stale(shop: Workshop) -> None:
    with Terminal(shop, "review") as terminal:
        terminal.until(ASKED)
        shop.edit("butterfly", "vellum", "oak bark")
        terminal.press("a")
        again = terminal.until(STALE_ASKED)
        terminal.press("q")
        assert terminal.end()[0] == 1
    assert again.startswith("not done\n\nerror[P501]: the answer of `butterfly::default` that waits is stale")
    assert "  it can't be accepted:\n" in again


def test_two_reviewers_settle_each_answer_once(shop: Workshop) -> None:
    two(shop)
    with Terminal(shop, "review") as one, Terminal(shop, "review") as other:
        one.until(ASKED)
        other.until(ASKED)
        one.press("a")
        one.until(ASKED)
        one.press("a")
        assert one.end() == (0, "accepted\n\n2 accepted\n")
        other.press("r")
        assert other.end() == (
            0,
            "not done\n\nsettled by somebody else\n\nsettled by somebody else\n\n2 settled by somebody else\n",
        )
    assert shop.replay().good


def test_an_answer_without_an_old_one_that_counts_is_shown_alone(shop: Workshop) -> None:
    shop.cassette("butterfly/default.yaml").write_text("")
    with Terminal(shop, "review") as terminal:
        screen = steady(terminal.until(ASKED))
        terminal.press("a")
        assert terminal.end()[0] == 0
    assert screen == (
        "butterfly::default (1 of 1)\n"
        "  old: no old answer: the recording is damaged: it is empty\n"
        "  new: emulator (stand-in), gemini-3.1-flash-image, <age> old\n"
        "\n"
        "              old         new\n"
        "  ended with  no answer   STOP\n"
        "  tokens      no answer   10 in, 20 thought, 768 out, 798 in all\n"
        "  text        no answer   84 characters\n"
        "  picture 1   no picture  512x512 image/png, <bytes>\n"
        "              new: cassettes/butterfly/default.new.1.1.png\n"
        "  the text:\n"
        "    + A stand-in drawn by the promptc emulator for: A Monarch butterfly on textured vellum\n"
        "\n"
        "  the new answer meets what is expected: 4 of 4\n"
        f"{ASKED}"
    )
    assert shop.replay().good


# without a terminal


def test_without_a_terminal_answers_are_listed_with_the_commands(shop: Workshop) -> None:
    before = shop.files(".")

    done = shop.command("review")

    assert (done.returncode, steady(done.stdout), done.stderr) == (
        1,
        SCREEN + COMMANDS + "nothing was done; 1 new answer waits: there is no terminal to ask at\n",
        "",
    )
    assert shop.files(".") == before


def test_where_nothing_waits_that_is_said_and_nobody_is_asked(shop: Workshop) -> None:
    shop.command("reject")
    shop.edit("butterfly", "vellum", "parchment")

    assert shop.command("review").stdout == "no new answer waits\n"
    with Terminal(shop, "review") as terminal:
        assert terminal.end() == (0, "no new answer waits\n")


def test_there_is_colour_on_a_terminal_only_and_none_with_no_color(shop: Workshop) -> None:
    with Terminal(shop, "review") as terminal:
        while not terminal.plain.endswith(ASKED):
            assert terminal._more()
        assert "\x1b[1mbutterfly::default\x1b[0m" in terminal.shown
    with Terminal(shop, "review", NO_COLOR="1") as terminal:
        while not terminal.plain.endswith(ASKED):
            assert terminal._more()
        assert "\x1b" not in terminal.shown
    assert "\x1b" not in shop.command("review").stdout


def test_a_new_answer_that_fails_what_is_expected_says_so(shop: Workshop) -> None:
    with shop.spec("butterfly").open("a") as file:
        file.write("\n[expect.images]\nminWidth = 1024\n")

    done = shop.command("review")

    assert done.returncode == 1
    assert (
        "  the new answer fails:\n"
        "    `butterfly::default`: the image is 512 px wide, expected at least 1024 px (specs/butterfly.toml:11:12)\n"
    ) in done.stdout


def test_as_json_the_same_comes_as_values(shop: Workshop) -> None:
    found = shop.json("review", "--format", "json")

    (case,) = found["cases"]
    (step,) = case["steps"]
    assert (case["spec"], case["case"], case["state"], case["problem"], case["noOld"]) == (
        "butterfly",
        "default",
        "fits",
        None,
        None,
    )
    assert step["changes"] == [
        {
            "pointer": "/body/contents/0/parts/0/text",
            "old": '"…butterfly on textured parchment"',
            "new": '"…butterfly on textured vellum"',
        }
    ]
    assert [step[side]["images"][0]["file"] for side in ("old", "new")] == [
        "cassettes/butterfly/default.1.1.png",
        "cassettes/butterfly/default.new.1.1.png",
    ]
    (pair,) = step["pictures"]
    assert (pair["comparison"]["sameBytes"], pair["comparison"]["oldSides"], pair["problem"]) == (
        False,
        [512, 512],
        None,
    )
    assert 0 < pair["comparison"]["ssim"] < 1
    assert [verdict["passed"] for verdict in step["new"]["verdicts"]] == [True] * 4
    assert (step["old"]["verdicts"], step["unmet"], found["diagnostics"]) == ([], [], [])


# chats, and texts


def test_a_chat_is_shown_and_settled_whole_and_steps_that_were_kept_are_named(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"chat": CHAT})
    assert shop.record().good
    shop.edit("chat", "Now make them blue.", "Now make them green.")
    assert shop.record().results[0].waits
    with Terminal(shop, "review") as terminal:
        screen = steady(terminal.until(ASKED))
        terminal.press("a")
        assert terminal.end()[0] == 0
    assert screen.startswith(
        "chat::default (1 of 1)\n"
        "  old: emulator (stand-in), gemini-3.1-flash-image, <age> old\n"
        "  new: emulator (stand-in), gemini-3.1-flash-image, <age> old\n"
        "\n"
        "  step 1 of 3: the same answer to the same request\n"
        "\n"
        "  step 2 of 3: the same answer to the same request\n"
        "\n"
        "  step 3 of 3\n"
        "  the request has changed:\n"
        '    contents.4.parts.0.text: "Now make them blue." → "Now make them green."\n'
    )
    assert shop.replay().good


def test_what_a_model_says_can_t_steer_the_terminal_nor_forge_a_line(shop: Workshop) -> None:
    said = "quiet \\u001b[2J\\u202e\\u0007 words"
    shop.command("reject")
    shop.edit("butterfly", "vellum", "parchment")
    shop.command("export", "cassette", "-o", "plain", "butterfly")
    path = shop.root / "plain" / "butterfly" / "default.yaml"
    text = path.read_text()
    assert "A stand-in drawn" in text
    path.write_text(text.replace("A stand-in drawn", f"{said} drawn"))
    assert shop.command("import", "cassette", str(path)).returncode == 1

    done = shop.command("review")

    assert "    + quiet \\u001b[2J\\u202e\\u0007 words drawn by" in done.stdout
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", done.stdout)


def test_json_of_reviews_is_one_document_for_many(shop: Workshop) -> None:
    two(shop)

    found = json.loads(shop.command("review", "--format", "json").stdout)

    assert [case["spec"] for case in found["cases"]] == ["butterfly", "moth"]
