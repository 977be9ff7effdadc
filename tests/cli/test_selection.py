"""`--case`, `--tag` and `-k`, as a shell gives them to each command that takes specs."""

from pathlib import Path

import pytest

from tests.workshop import Workshop, timeless

MOTHS = """\
model = "gemini-3.1-flash-image"

[variables.species]
type = "string"

[[turns]]
text = "A {{ species }}"

[generationConfig]
responseModalities = ["TEXT"]

[matrix]
species = ["luna", "atlas", "lappet"]
"""
ALL = "`moths::default-luna`, `moths::default-atlas` and `moths::default-lappet`"
COMMANDS = ["check", "compile", "run", "record", "try", "ls", "plan", "pending", "review", "accept", "reject", "report"]


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop.make(tmp_path, {"moths": MOTHS})


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--case", "*", "--case", "luna"], f"`moths` has no case `luna`; there are {ALL.replace('moths::', '')}"),
        (["--tag", "slow"], "`moths` has no case with the tag `slow`; there are no tags at all"),
        (["-k", "atlas and luna"], f"`moths` has no case that -k `atlas and luna` takes; there are {ALL}"),
    ],
)
def test_every_command_refuses_a_selection_of_nothing(
    shop: Workshop, command: str, options: list[str], message: str
) -> None:
    target = ["--target", "emulator"] if command in {"record", "try"} else []
    before = shop.files(".")

    done = shop.command(command, "moths", *options, *target)

    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: {message}\n")
    assert shop.files(".") == before


def test_options_narrow_what_a_command_is_about(shop: Workshop) -> None:
    rows = shop.json("ls", "--case", "*-l*", "--case", "*-atlas", "-k", "not (Atlas or x)", "--format", "json")["cases"]

    assert [(row["case"], row["tags"]) for row in rows] == [("default-luna", []), ("default-lappet", [])]


def test_a_part_is_recorded_checked_and_reported_alone(shop: Workshop) -> None:
    recorded = shop.command("record", "--target", "emulator", "-k", "l*a or *-LUNA", "moths")
    checked = shop.command("check", "--case", "*luna")
    whole = shop.command("check", "--format", "concise")

    assert recorded.returncode == 0
    assert list(shop.files("cassettes/moths")) == ["default-luna.yaml"]
    assert timeless(checked.stdout) == (
        "answers: emulator (stand-in), gemini-3.1-flash-image, <age> old\n"
        "1 spec, 1 case: 1 fresh; 1 recording by the emulator, stand-ins for the API's answers — ok\n"
    )
    assert [line.split()[2] for line in whole.stdout.splitlines()] == [
        "`moths::default-atlas`",
        "`moths::default-lappet`",
    ]


def test_an_expression_that_can_not_be_read_is_shown_with_the_place(shop: Workshop) -> None:
    done = shop.command("run", "-k", "luna adn atlas")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "error: -k can't be read: expected `and`, `or` or the end, got `adn`; did you mean `and`?\n"
        "  luna adn atlas\n"
        "       ^^^\n"
    )


def test_two_expressions_are_refused(shop: Workshop) -> None:
    done = shop.command("run", "-k", "luna", "-k", "atlas")

    assert (done.returncode, done.stderr) == (
        2,
        "error: -k is given twice: join the expressions with `and` or `or`\n",
    )


def test_a_glob_that_no_shell_has_expanded_is_one_over_specs(shop: Workshop) -> None:
    assert len(shop.json("ls", "specs/*.toml", "--format", "json")["cases"]) == 3
