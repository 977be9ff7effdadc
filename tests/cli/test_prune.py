"""`promptc prune`: it lists, asks, and removes; never a part, never without an answer."""

import json
import sys
from pathlib import Path

import pytest

from tests.workshop import BUTTERFLY, CHAT, Workshop


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    """Return a repo with a recording of no case, and a file that no recording refers to."""
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY, "gone": BUTTERFLY, "chat": CHAT})
    assert shop.record("butterfly", "gone").good
    shop.spec("gone").unlink()
    shop.spec("chat").unlink()
    for name in ("gone/default.1.1.png", "gone/default.1.1.bin", "gone/default.yaml"):
        shop.cassette(name).write_bytes(shop.cassette(name).read_bytes()[-1000:])
    shop.cassette("butterfly/default.2.1.png").write_bytes(b"x" * 70)
    return shop


LISTED = """\
cassettes/butterfly/default.2.1.png     70 bytes  no recording of `butterfly::default` refers to it
cassettes/gone/default.1.1.bin       1,000 bytes  no case is named `gone::default`
cassettes/gone/default.1.1.png       1,000 bytes  no case is named `gone::default`
cassettes/gone/default.yaml          1,000 bytes  no case is named `gone::default`
"""
NOT_REMOVED = "4 files, 3,070 bytes; nothing was removed: `promptc prune --yes` does so without asking\n"
REMOVED = "4 files, 3,070 bytes removed\n"


def test_without_a_terminal_nothing_is_removed(shop: Workshop) -> None:
    before = shop.files(".")

    done = shop.command("prune")

    assert (done.returncode, done.stdout, done.stderr) == (1, LISTED + NOT_REMOVED, "")
    assert shop.files(".") == before


def test_yes_removes_what_is_listed_and_then_there_is_nothing_left(shop: Workshop) -> None:
    done, again = shop.command("prune", "--yes"), shop.command("prune")

    assert (done.returncode, done.stdout, done.stderr) == (0, LISTED + REMOVED, "")
    assert (again.returncode, again.stdout, again.stderr) == (0, "nothing to prune\n", "")
    assert list(shop.files()) == [f"butterfly/default.{rest}" for rest in ("1.1.bin", "1.1.png", "yaml")]
    assert not shop.cassette("gone").exists()
    assert shop.command("check").returncode == 0


def test_as_json_each_file_says_whether_it_is_removed(shop: Workshop) -> None:
    listed, removed, nothing = (
        shop.command("prune", *options, "--format", "json") for options in ([], ["--yes"], ["--yes"])
    )

    rows = json.loads(listed.stdout)
    assert rows[0] == {
        "file": "cassettes/butterfly/default.2.1.png",
        "reason": "no recording of `butterfly::default` refers to it",
        "size": 70,
        "removed": False,
    }
    assert json.loads(removed.stdout) == [{**row, "removed": True} for row in rows]
    assert json.loads(nothing.stdout) == []
    assert [done.returncode for done in (listed, removed, nothing)] == [1, 0, 0]


@pytest.mark.parametrize("argument", ["butterfly", "specs/gone.toml::default"])
def test_a_spec_is_refused_with_the_reason(shop: Workshop, argument: str) -> None:
    before = shop.files(".")

    done = shop.command("prune", "--yes", argument)

    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        f"error: prune takes no SPEC, so not `{argument}`: only all specs together show what belongs to no case\n",
    )
    assert shop.files(".") == before


@pytest.mark.parametrize("option", ["--case", "--tag", "-k"])
def test_there_are_no_filters(shop: Workshop, option: str) -> None:
    done = shop.command("prune", "--yes", option, "x")

    assert (done.returncode, done.stdout) == (2, "")
    assert f"No such option '{option}'" in done.stderr


@pytest.mark.parametrize(("form", "printed"), [("text", ""), ("json", "[]\n")])
def test_specs_with_mistakes_are_named(shop: Workshop, form: str, printed: str) -> None:
    shop.edit("butterfly", "[[turns]]", "[[trns]]")
    shop.spec("moth").write_text("model = ")
    before = shop.files(".")

    done = shop.command("prune", "--yes", "--format", form)

    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        printed,
        (
            "nothing was removed: specs/butterfly.toml, specs/moth.toml have mistakes, so not all cases are known; "
            "`promptc check` tells which\n"
        ),
    )
    assert shop.files(".") == before


def on_a_terminal(shop: Workshop, typed: str) -> tuple[int, str]:
    """Run `promptc prune` on a pseudo-terminal, type once it asks; return the exit code and what was shown."""
    from tests.terminal import Terminal  # noqa: PLC0415 - no Windows has it

    with Terminal(shop, "prune", TERM="dumb") as terminal:
        asked = ""
        if typed:
            asked = terminal.until("]: ")
            terminal.type(typed)
        code, shown = terminal.end()
    return code, asked + shown


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize(
    ("typed", "code", "last"),
    [
        ("y\n", 0, "remove them? [y/N]: y\n" + REMOVED),
        ("n\n", 1, "remove them? [y/N]: n\n" + NOT_REMOVED),
        ("\n", 1, "remove them? [y/N]: \n" + NOT_REMOVED),
    ],
    ids=["yes", "no", "no answer"],
)
def test_on_a_terminal_it_asks_after_the_list(shop: Workshop, typed: str, code: int, last: str) -> None:
    before = shop.files()

    assert on_a_terminal(shop, typed) == (code, LISTED + last)
    assert (shop.files() == before) is (code == 1)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_who_turns_away_from_the_question_removes_nothing(shop: Workshop) -> None:
    before = shop.files()

    code, _ = on_a_terminal(shop, "\x04")

    assert code == 130
    assert shop.files() == before


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_where_there_is_nothing_it_does_not_ask(shop: Workshop) -> None:
    shop.command("prune", "--yes")

    assert on_a_terminal(shop, "") == (0, "nothing to prune\n")


# record --all --before, whose remedy is the other one


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--before", "30d"],
            "--before goes with --all: without it, only what is missing or stale is asked for, of whatever age",
        ),
        (
            ["--all", "--before", "yesterday"],
            "--before takes an age like 30d, 2w or 12h, or a moment like 2026-11-22T12:00:00Z, not `yesterday`",
        ),
        (
            ["--all", "--before", "2026-11-22T12:00:00"],
            "--before takes an age like 30d, 2w or 12h, or a moment like 2026-11-22T12:00:00Z, not `2026-11-22T12:00:00`",
        ),
    ],
)
def test_mistakes_about_before_are_told(shop: Workshop, options: list[str], message: str) -> None:
    done = shop.command("record", "--target", "emulator", *options)

    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: {message}\n")


@pytest.mark.parametrize(
    ("before", "sent"),
    [
        ("1h", "offline, no request sent"),
        ("2020-01-01T00:00:00Z", "offline, no"),
        ("2999-01-01T01:00:00+01:00", "1 request sent"),
    ],
)
def test_record_all_asks_for_what_is_older(shop: Workshop, before: str, sent: str) -> None:
    done = shop.command("record", "--all", "--before", before, "--accept", "--target", "emulator", "butterfly")

    assert done.returncode == 0
    assert f"1 passed; {sent}" in done.stdout
