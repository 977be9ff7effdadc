"""What a spec expects, from its lines over a recording to the output of the command."""

from pathlib import Path

from tests.workshop import ANSWERS, BUTTERFLY, Workshop, sizeless, timeless

UNMET = """
[expect]
text = { startsWith = "A Monarch", maxLength = 20, values = { "/name" = "Luna" } }
images = { maxBytes = 1000, ratioTolerance = 0.0 }
safetyRatings = { highest = "LOW" }

[expect.usage]
maxImageTokens = 500
maxCost = 0.01
"""


def test_every_expectation_that_is_not_met_is_told_at_its_line_with_what_came(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path / "repo", {"butterfly": BUTTERFLY + UNMET})
    assert shop.command("record", "--target", "emulator").returncode == 1

    done = shop.command("run")

    text = "A stand-in drawn by the promptc emulator for: A Monarch butterfly on textured parchment"
    excerpt = "`A stand-in drawn by the promptc emulator for: A Monarch butterfly on textured p…`"
    words = '11 | text = { startsWith = "A Monarch", maxLength = 20, values = { "/name" = "Luna" } }\n'
    assert sizeless(timeless(done.stdout + done.stderr)) == (
        "failed   butterfly::default\n"
        f"         text: {text}\n"
        "         image: out/butterfly/default/1.1.png 512x512 image/png, <size> bytes\n"
        "\n"
        "error[P601]: `butterfly::default`: the answer used 747 image tokens, expected at most 500\n"
        "  --> specs/butterfly.toml:16:18\n"
        "   |\n"
        "16 | maxImageTokens = 500\n"
        "   |                  ^^^\n"
        "\n"
        "error[P601]: `butterfly::default`: the answer cost $0.0449545, expected at most $0.01\n"
        "  --> specs/butterfly.toml:17:11\n"
        "   |\n"
        "17 | maxCost = 0.01\n"
        "   |           ^^^^\n"
        "\n"
        "error[P601]: `butterfly::default`: the answer has no safety ratings\n"
        "  --> specs/butterfly.toml:13:29\n"
        "   |\n"
        '13 | safetyRatings = { highest = "LOW" }\n'
        "   |                             ^^^^^\n"
        "\n"
        f"error[P601]: `butterfly::default`: the text is {excerpt}, expected `A Monarch` at its start\n"
        "  --> specs/butterfly.toml:11:23\n"
        "   |\n"
        f"{words}"
        "   |                       ^^^^^^^^^^^\n"
        "\n"
        "error[P601]: `butterfly::default`: the text has 87 characters, expected at most 20\n"
        "  --> specs/butterfly.toml:11:48\n"
        "   |\n"
        f"{words}"
        "   |                                                ^^\n"
        "\n"
        f"error[P601]: `butterfly::default`: the text is no JSON, so there is nothing at `/name`: {excerpt}\n"
        "  --> specs/butterfly.toml:11:73\n"
        "   |\n"
        f"{words}"
        "   |                                                                         ^^^^^^\n"
        "\n"
        "error[P601]: `butterfly::default`: the image has <size> bytes, expected at most 1,000\n"
        "  --> specs/butterfly.toml:12:23\n"
        "   |\n"
        "12 | images = { maxBytes = 1000, ratioTolerance = 0.0 }\n"
        "   |                       ^^^^\n"
        f"\n{ANSWERS}"
        "1 failed; offline, no request sent; 1 recording by the emulator, stand-ins for the API's answers — not ok, 7 errors\n"
    )
    assert done.returncode == 1


def test_a_project_s_prices_take_the_place_of_google_s(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path / "repo", {"butterfly": BUTTERFLY + "\n[expect]\nusage = { maxCost = 0.01 }\n"})
    shop.command("record", "--target", "emulator")
    dear = shop.command("run")
    with (shop.root / "promptc.toml").open("a") as project:
        project.write('[models."gemini-3.1-flash-image"]\nprices = { input = 0.1, text = 1, image = 10 }\n')

    cheap = shop.command("run")

    assert "the answer cost $0.0449545, expected at most $0.01\n" in dear.stdout + dear.stderr
    assert (dear.returncode, cheap.returncode) == (1, 0)
