"""The promise, through the real command line: a changed word can't pass on an old answer."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.workshop import ANSWERS, BUTTERFLY, CHAT, Workshop, timeless


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY, "chat": CHAT})
    assert shop.record().good
    return shop


STALE = """\
error[P501]: the recording of `butterfly::default` is stale: the request has changed since
  --> specs/butterfly.toml:4:41
  |
4 | text = "A Monarch butterfly on textured vellum"
  |                                         ^^^^^^
   = contents.0.parts.0.text: "…butterfly on textured parchment" → "…butterfly on textured vellum"
   = recording: cassettes/butterfly/default.yaml, recorded <time>
   = help: `promptc record --accept --target emulator specs/butterfly.toml::default` asks again and keeps the new answer
"""
STAND_INS = "recordings by the emulator, stand-ins for the API's answers"
PENDING = """\
error[P505]: a new answer of `butterfly::default` waits to be accepted
  --> specs/butterfly.toml:4:41
  |
4 | text = "A Monarch butterfly on textured vellum"
  |                                         ^^^^^^
   = it answers today's request; the recording is stale:
   = contents.0.parts.0.text: "…butterfly on textured parchment" → "…butterfly on textured vellum"
   = recording: cassettes/butterfly/default.yaml, recorded <time>
   = help: `promptc review specs/butterfly.toml::default` shows it beside the old one, \
`promptc accept specs/butterfly.toml::default` makes it the truth, \
`promptc reject specs/butterfly.toml::default` removes it
"""


def change_a_word(shop: Workshop) -> None:
    shop.edit("butterfly", "parchment", "vellum")


def test_check_names_the_line_the_recording_and_the_command(shop: Workshop) -> None:
    change_a_word(shop)

    done = shop.command("check")

    assert done.returncode == 1
    assert timeless(done.stdout) == f"{STALE}\n{ANSWERS}2 specs, 2 cases: 1 stale, 1 fresh; 2 {STAND_INS} — 1 error\n"
    assert not done.stderr


def test_run_says_the_same_and_gives_no_answer(shop: Workshop) -> None:
    change_a_word(shop)

    done = shop.command("run", "specs/butterfly.toml")

    assert done.returncode == 1
    assert timeless(done.stdout) == (
        f"stale    butterfly::default\n\n{STALE}\n{ANSWERS}1 stale; offline, no request sent; "
        "1 recording by the emulator, stand-ins for the API's answers — not ok, 1 error\n"
    )
    assert not list((shop.root / "out").rglob("*.png"))


def test_the_command_that_the_message_names_mends_it_and_nothing_else_changes(shop: Workshop) -> None:
    before = shop.files()
    change_a_word(shop)
    said = shop.command("check").stdout
    found = re.search(r"`promptc (record [^`]+)`", said)
    assert found

    done = shop.command(*found.group(1).split())

    assert done.returncode == 0
    assert shop.command("check").returncode == 0
    after = shop.files()
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert changed == {"butterfly/default.yaml", "butterfly/default.1.1.png", "butterfly/default.1.1.bin"}


def test_without_accept_the_new_answer_waits(shop: Workshop) -> None:
    accepted = shop.files()
    change_a_word(shop)

    recorded = shop.command("record", "--target", "emulator", "specs/butterfly.toml")
    checked = shop.command("check", "butterfly")

    assert recorded.returncode == 1
    assert "pending  butterfly::default (recorded, waits to be accepted)\n" in recorded.stdout
    assert checked.returncode == 1
    assert timeless(checked.stdout) == (
        f"{PENDING}\n{ANSWERS}1 spec, 1 case: 1 pending; 1 recording by the emulator, stand-ins for the API's answers "
        "— 1 error\n"
    )
    assert {name: shop.files()[name] for name in accepted} == accepted


def test_accept_makes_the_waiting_answer_the_truth(shop: Workshop) -> None:
    change_a_word(shop)
    shop.command("record", "--target", "emulator", "butterfly")

    accepted = shop.command("accept", "butterfly")
    checked = shop.command("check")

    assert (accepted.returncode, timeless(accepted.stdout)) == (0, f"accepted butterfly::default\n{ANSWERS}")
    assert checked.returncode == 0
    assert timeless(checked.stdout) == f"{ANSWERS}2 specs, 2 cases: 2 fresh; 2 {STAND_INS} — ok\n"
    assert not [name for name in shop.files() if ".new." in name]


def test_reject_leaves_no_trace(shop: Workshop) -> None:
    before = shop.files()
    change_a_word(shop)
    shop.command("record", "--target", "emulator", "butterfly")

    rejected = shop.command("reject", "butterfly")

    assert (rejected.returncode, timeless(rejected.stdout)) == (0, f"rejected butterfly::default\n{ANSWERS}")
    assert shop.files() == before


def test_a_waiting_answer_is_not_asked_for_twice(shop: Workshop) -> None:
    change_a_word(shop)
    shop.command("record", "--target", "emulator", "butterfly")

    again = shop.command("record", "--target", "emulator", "butterfly")
    accepted = shop.command("record", "--target", "emulator", "--accept", "butterfly")

    assert "no request sent" in again.stdout
    assert again.returncode == 1
    assert "no request sent" in accepted.stdout
    assert accepted.returncode == 0
    assert shop.command("check").returncode == 0


def test_a_later_step_is_stale_by_its_own_line_and_the_earlier_answers_are_kept(shop: Workshop) -> None:
    first = {name: data for name, data in shop.files().items() if name.startswith("chat/default.1.")}
    shop.edit("chat", "Now open", "Please open")

    checked = shop.command("check", "chat")
    recorded = shop.command("record", "--accept", "--target", "emulator", "chat")

    assert "the recording of `chat::default`, step 2 is stale" in checked.stdout
    assert "--> specs/chat.toml:10:9\n" in checked.stdout
    assert "   = the steps after it are stale because of step 2\n" in checked.stdout
    assert "2 requests sent" in recorded.stdout
    assert {name: data for name, data in shop.files().items() if name.startswith("chat/default.1.")} == first


@pytest.mark.parametrize(
    ("old", "new", "place", "sentence"),
    [
        ('imageSize = "512"', 'imageSize = "1K"', "8:51", 'generationConfig.imageConfig.imageSize: "512" → "1K"'),
        ("gemini-3.1-flash-image", "gemini-3.1-flash-image-preview", "1:9", "route: "),
        ('"TEXT", "IMAGE"', '"IMAGE"', "7:24", 'generationConfig.responseModalities.0: "TEXT" → "IMAGE"'),
    ],
)
def test_every_kind_of_change_points_at_its_line(shop: Workshop, old: str, new: str, place: str, sentence: str) -> None:
    shop.edit("butterfly", old, new)

    said = shop.command("check", "butterfly").stdout

    assert f"--> specs/butterfly.toml:{place}\n" in said
    assert f"   = {sentence}" in said


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("responseModalities", "response_modalities"),
        ('"TEXT", "IMAGE"', '"text", "Image"'),
        ("[generationConfig]", "# a comment\n\n[generation_config]"),
        ('text = "A Monarch', 'parts = [{ text = "A Monarch'),
    ],
)
def test_a_reformatted_spec_is_the_same_request(shop: Workshop, old: str, new: str) -> None:
    shop.edit("butterfly", old, new)
    if new.startswith("parts"):
        shop.edit("butterfly", 'parchment"', 'parchment" }]')

    assert shop.command("check").returncode == 0


def test_a_waiting_answer_that_no_longer_fits_is_not_accepted(shop: Workshop) -> None:
    change_a_word(shop)
    shop.command("record", "--target", "emulator", "butterfly")
    shop.edit("butterfly", "vellum", "paper")
    before = shop.files()

    done = shop.command("accept", "butterfly")

    assert done.returncode == 1
    assert done.stderr == (
        "error[P501]: the answer of `butterfly::default` that waits is stale: the request has changed since\n"
        "  --> cassettes/butterfly/default.new.yaml\n"
        "   = help: `promptc reject specs/butterfly.toml::default` removes it; "
        "where the recording is stale too, `promptc record` asks again\n"
    )
    assert shop.files() == before


def test_a_swapped_picture_is_told_and_recording_gives_it_its_name_back(shop: Workshop) -> None:
    before = shop.files()
    first, second = shop.cassette("chat/default.1.1.png"), shop.cassette("chat/default.2.1.png")
    swap = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(swap)

    checked = shop.command("check", "chat", "--format", "concise")
    recorded = shop.command("record", "chat", "--target", "emulator")

    assert checked.returncode == 0
    assert checked.stdout == "".join(
        f"cassettes/chat/default.{step}.1.png: P510 warning: `default.{step}.1.png` does not hold what `chat::default` "
        "recorded under that name; it lies beside it\n"
        for step in (1, 2)
    )
    assert "no request sent" in recorded.stdout
    assert shop.files() == before


def test_a_change_that_no_eye_sees_is_spelt_out(shop: Workshop) -> None:
    shop.edit("butterfly", "Monarch", "caf\u00e9")
    shop.command("record", "butterfly", "--accept", "--target", "emulator")
    shop.edit("butterfly", "caf\u00e9", "cafe\u0301")

    assert (
        '"A caf\\u00e9 butterfly on textured…" → "A cafe\\u0301 butterfly on textured…"' in shop.command("check").stdout
    )


def test_a_damaged_recording_names_its_own_remedy(shop: Workshop) -> None:
    shop.cassette("butterfly/default.1.1.png").unlink()

    done = shop.command("check", "butterfly")

    assert done.stdout.startswith(
        "error[P512]: the recording lacks its file `cassettes/butterfly/default.1.1.png`\n"
        "  --> cassettes/butterfly/default.yaml\n"
        "   = help: restore it with `git checkout -- cassettes/butterfly/default.1.1.png`, or record the case again: "
        "`promptc record --all --accept --target emulator specs/butterfly.toml::default`\n"
    )


def test_a_run_of_everything_sees_recordings_that_no_spec_claims(shop: Workshop) -> None:
    shop.spec("chat").unlink()

    done = shop.command("run")

    assert done.returncode == 1
    assert "error[P506]: no case is named `chat::default`, so nothing checks this recording\n" in done.stdout


def test_output_never_lands_on_specs_or_recordings(shop: Workshop) -> None:
    for arguments in (["run", "-o", "specs"], ["run", "-o", "cassettes/x"], ["report", "-o", "specs/x.html"]):
        done = shop.command(*arguments)

        assert done.returncode == 2
        assert "can't take output" in done.stderr
    done = shop.command("report", "-o", "specs/butterfly.toml")
    assert (done.returncode, done.stderr) == (
        2,
        "error: a report is an HTML page: name it `….html`, not `butterfly.toml`\n",
    )


def test_a_new_picture_is_named_so_that_somebody_can_look_at_it(shop: Workshop) -> None:
    change_a_word(shop)

    done = shop.command("record", "--target", "emulator", "butterfly")

    assert "image: cassettes/butterfly/default.new.1.1.png 512x512 image/png" in done.stdout


def test_half_a_name_selects_nothing(shop: Workshop) -> None:
    for argument in ("butterfly::", "::default"):
        done = shop.command("check", argument)

        assert (done.returncode, done.stderr) == (
            2,
            f"error: `{argument}` names no case: write SPEC or SPEC::CASE\n",
        )


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_killed_recording_leaves_the_old_one_or_the_new_one(shop: Workshop) -> None:
    old = shop.files()
    change_a_word(shop)
    shop.command("record", "--accept", "--target", "emulator", "butterfly")
    new = shop.files()
    for delay in (0.4, 0.5, 0.6, 0.7, 0.8):
        for name, data in old.items():
            shop.cassette(name).write_bytes(data)
        with subprocess.Popen(
            [sys.executable, "-m", "promptc", "record", "--accept", "--target", "emulator", "butterfly"],
            cwd=shop.root,
            stdout=subprocess.DEVNULL,
        ) as process:
            time.sleep(delay)
            process.kill()

        checked = shop.command("check", "butterfly", "--format", "json")
        (found,) = json.loads(checked.stdout)["cases"]

        assert found["recording"] in {"stale", "fresh"}
        assert not [d for d in json.loads(checked.stdout)["diagnostics"] if d["code"] not in {"P501", "P510"}]
        shop.command("record", "--accept", "--target", "emulator", "butterfly")
        assert shop.files().keys() == new.keys()
        assert shop.command("check").returncode == 0
