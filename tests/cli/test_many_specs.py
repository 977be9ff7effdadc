"""Hundreds of findings in one run, and what a person can read of them."""

from pathlib import Path

from tests.workshop import Workshop

GOOD = """\
model = "gemini-3.1-flash-image"

[[turns]]
text = "A moth on bark"

[[cases]]
name = "luna"
skip = "later"

[[cases]]
name = "atlas"
skip = "later"
"""
UNDEFINED = GOOD.replace("A moth on bark", "A {{ moth }} on bark")
UNKNOWN = f"{GOOD}\n[generationConfig]\ntemperature = 1\n\n[generationConfig.imageConfig]\nimagesize = '1K'\n"
REFUSED = f'{GOOD}\n[generationConfig.imageConfig]\naspectRatio = "7:5"\n'


def messages(i: int) -> str:
    """Return what is said about the i-th spec, of those with a mistake."""
    name = f"specs/moth{i:03}.toml"
    return {
        1: f"""\
error[P201]: `moth` is undefined
  --> {name}:4:14
  |
4 | text = "A {{{{ moth }}}} on bark"
  |              ^^^^
   = help: declare it: `[variables.moth]`, and below it `default = …`
""",
        2: f"""\
error[P401]: unknown key `imagesize`
  --> {name}:18:1
   |
18 | imagesize = '1K'
   | ^^^^^^^^^
   = expected: one of `aspectRatio`, `imageSize`
   = help: did you mean `imageSize`?
""",
        3: f"""\
error[P408]: `7:5` is no aspect ratio of `gemini-3.1-flash-image`
  --> {name}:15:15
   |
15 | aspectRatio = "7:5"
   |               ^^^^^
   = expected: one of `1:1`, `1:4`, `4:1`, `1:8`, `8:1`, `2:3`, `3:2`, `3:4`, `4:3`, `4:5`, `5:4`, `9:16`, `16:9`, `21:9`
   = help: the nearest are `4:3` and `3:2`
""",
    }[i % 4]


def test_a_check_of_500_specs_stays_readable(tmp_path: Path) -> None:
    texts = (GOOD, UNDEFINED, UNKNOWN, REFUSED)
    shop = Workshop.make(tmp_path, {f"moth{i:03}": texts[i % 4] if i < 480 else GOOD for i in range(500)})

    done = shop.command("check")

    first = [i for i in range(20) if i % 4]
    assert (done.returncode, done.stderr) == (1, "")
    assert len(done.stdout.splitlines()) < 150
    assert done.stdout == "\n".join(messages(i) for i in first) + (
        "\n"
        "… and 115 more P201 undefined-variable in 115 files; `--format concise` lists all\n"
        "… and 115 more P401 unknown-field in 115 files; `--format concise` lists all\n"
        "… and 115 more P408 model-ability in 115 files; `--format concise` lists all\n"
        "\n"
        "error  P201 undefined-variable  120  in 120 files\n"
        "error  P401 unknown-field       120  in 120 files\n"
        "error  P408 model-ability       120  in 120 files\n"
        "\n"
        "500 specs, 280 cases: 280 skipped — 360 errors\n"
    )

    listed = shop.command("check", "--format", "concise").stdout.splitlines()

    assert len(listed) == len(set(listed)) == 360
    assert listed[0] == "specs/moth001.toml:4:14: P201 `moth` is undefined"


def test_every_command_tells_all_mistakes_of_the_project_file(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"moth": GOOD})
    keys = [f"key{i:02}" for i in range(30)]
    settings = shop.root / "promptc.toml"
    settings.write_text(settings.read_text() + "".join(f"{key} = 1\n" for key in keys))

    done = shop.command("ls")

    told = [line for line in done.stderr.splitlines() if line.startswith("error")]
    assert (done.returncode, done.stdout) == (2, "")
    assert told == [f"error[P003]: unknown key `{key}`" for key in keys]


def test_what_is_not_asked_for_is_folded_where_commands_do_something_else(tmp_path: Path) -> None:
    retired = GOOD.replace("gemini-3.1-flash-image", "gemini-2.5-flash-image")
    shop = Workshop.make(tmp_path, {f"moth{i:02}": retired for i in range(30)})

    for command in ("accept", "pending", "ls"):
        done = shop.command(command)

        assert done.returncode == 0
        assert done.stderr.count("warning[P409]") == 5
        assert done.stderr.endswith(
            "… and 25 more P409 model-name in 25 files; `promptc check --format concise` lists all\n"
            "\n"
            "warning  P409 model-name  30  in 30 files\n"
        )
