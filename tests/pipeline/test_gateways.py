"""What gateways between a client and the model have really done to pictures: each is caught, with no expectation written.

The answers come over HTTP from a local server that does on demand what the gateways did. The whole
output of the command is compared: whoever reads it must see what was asked for and what came.
"""

import re
from pathlib import Path

import pytest

from promptc.emulator.server import Emulator
from tests.workshop import BUTTERFLY, Workshop, sizeless, timeless

SPEC = BUTTERFLY.replace("1:1", "16:9")
TURNS = """\
  --> specs/moth.toml:3:3
  |
3 | [[turns]]
  |   ^^^^^
"""


MODALITIES = """\
  --> specs/moth.toml:7:22
  |
7 | responseModalities = ["TEXT", "IMAGE"]
  |                      ^^^^^^^^^^^^^^^^^
"""
RATIO = """\
  --> specs/moth.toml:8:31
  |
8 | imageConfig = { aspectRatio = "16:9", imageSize = "512" }
  |                               ^^^^^^
"""
SIZE = """\
  --> specs/moth.toml:8:51
  |
8 | imageConfig = { aspectRatio = "16:9", imageSize = "512" }
  |                                                   ^^^^^
"""
STOP = f"{TURNS}   = expected: what goes without saying: `finishReason`\n"
ANSWERS = "\nanswers: gateway (stand-in), gemini-3.1-flash-image, <age> old\n"
COUNTS = "offline, no request sent; 1 recording by the emulator, stand-ins for the API's answers"
DRAWN = "         text: A stand-in drawn by the promptc emulator for: A Monarch butterfly on textured parchment\n"
WRITTEN = "         text: A stand-in written by the promptc emulator for: A Monarch butterfly on textured parchment\n"
SAVED = "         image: out/moth/default/1.1."


def through_a_gateway(root: Path, fault: str, spec: str = SPEC) -> tuple[str, int]:
    """Record from a gateway with a fault, then run offline: both must judge alike; return what `run` says."""
    shop = Workshop.make(root, {"moth": spec})
    with Emulator(faults=[fault]) as gateway:
        with (root / "promptc.toml").open("a") as project:
            project.write(
                f'[run]\ntarget = "gateway"\n[targets.gateway]\nbase_url = "{gateway.base_url}"\nauth = "none"\n'
            )
        recorded = shop.command("record")
        assert gateway.requests == 1
    run = shop.command("run")
    assert run.returncode == recorded.returncode
    assert found(run.stdout + run.stderr) == found(recorded.stdout + recorded.stderr)
    return sizeless(timeless(run.stdout + run.stderr)), run.returncode


def found(output: str) -> str:
    """Return the diagnostics of an output."""
    told = re.search(r"\n\n((?:error|warning)\[.*)\nanswers:", output, re.DOTALL)
    return told[1] if told else ""


def test_what_was_asked_for_passes(tmp_path: Path) -> None:
    output, status = through_a_gateway(tmp_path / "repo", "ok")

    assert (
        output
        == f"passed   moth::default\n{DRAWN}{SAVED}png 688x384 image/png, <size> bytes\n{ANSWERS}1 passed; {COUNTS} — ok\n"
    )
    assert status == 0


@pytest.mark.parametrize(
    ("fault", "shown", "told"),
    [
        pytest.param(
            "square",
            f"{DRAWN}{SAVED}png 512x512 image/png, <size> bytes\n",
            [("the image is 512x512, nearest to 1:1, expected 16:9", RATIO)],
            id="the ratio becomes a square",
        ),
        pytest.param(
            "default-size",
            f"{DRAWN}{SAVED}png 1376x768 image/png, <size> bytes\n",
            [("the image is 1376x768, the request asked for 512 (about 512 px square)", SIZE)],
            id="the size becomes the default",
        ),
        pytest.param(
            "text-only",
            WRITTEN,
            [("the answer has no images; the request asked for one (responseModalities)", MODALITIES)],
            id="text comes in the place of a picture",
        ),
        pytest.param(
            "no-image",
            "",
            [
                ("the answer ended with NO_IMAGE, expected STOP", STOP),
                ("the answer has no images; the request asked for one (responseModalities)", MODALITIES),
            ],
            id="nothing comes in the place of a picture",
        ),
    ],
)
def test_another_answer_than_was_asked_for_fails(
    tmp_path: Path, fault: str, shown: str, told: list[tuple[str, str]]
) -> None:
    output, status = through_a_gateway(tmp_path / "repo", fault)

    errors = "\n".join(f"error[P601]: `moth::default`: {message}\n{place}" for message, place in told)
    count = f"{len(told)} error{'s' * (len(told) > 1)}"
    assert output == f"failed   moth::default\n{shown}\n{errors}{ANSWERS}1 failed; {COUNTS} — not ok, {count}\n"
    assert status == 1


@pytest.mark.parametrize(
    ("fault", "saved", "warning"),
    [
        pytest.param(
            "mislabelled",
            "jpg 688x384 image/jpeg, <size> bytes",
            "P605]: `moth::default`: a picture is declared as image/png, but its bytes are image/jpeg; it is kept as such",
            id="a JPEG is named PNG",
        ),
        pytest.param(
            "only-thoughts",
            "png 688x384 image/png, <size> bytes",
            "P604]: `moth::default`: the only picture came as a thought; it was used",
            id="the picture is hidden among thoughts",
        ),
    ],
)
def test_a_picture_that_others_would_lose_or_misname_is_kept_with_a_warning(
    tmp_path: Path, fault: str, saved: str, warning: str
) -> None:
    output, status = through_a_gateway(tmp_path / "repo", fault)

    assert output == (
        f"passed   moth::default\n{DRAWN}{SAVED}{saved}\n\nwarning[{warning}\n{TURNS}{ANSWERS}"
        f"1 passed; {COUNTS} — ok, 1 warning\n"
    )
    assert status == 0


def test_a_type_that_matters_is_judged_by_the_bytes(tmp_path: Path) -> None:
    expecting = SPEC + '\n[expect]\nimages = { mediaType = "image/png" }\n'
    output, status = through_a_gateway(tmp_path / "repo", "mislabelled", expecting)

    assert found(output) == (
        "warning[P605]: `moth::default`: a picture is declared as image/png, but its bytes are image/jpeg; it is kept as such\n"
        f"{TURNS}\n"
        "error[P601]: `moth::default`: the image is image/jpeg, expected image/png\n"
        "  --> specs/moth.toml:11:24\n"
        "   |\n"
        '11 | images = { mediaType = "image/png" }\n'
        "   |                        ^^^^^^^^^^^\n"
    )
    assert status == 1


@pytest.mark.parametrize("fault", ["text-only", "no-image"])
def test_a_refusal_that_is_expected_is_good(tmp_path: Path, fault: str) -> None:
    output, status = through_a_gateway(tmp_path / "repo", fault, SPEC + "\n[expect]\nrefused = true\n")

    assert (output.splitlines()[0], status) == ("passed   moth::default", 0)
    assert output.endswith(f"\n1 passed; {COUNTS} — ok\n")


def test_a_picture_in_the_place_of_an_expected_refusal_fails(tmp_path: Path) -> None:
    output, status = through_a_gateway(tmp_path / "repo", "ok", SPEC + "\n[expect]\nrefused = true\n")

    assert found(output) == (
        "error[P601]: `moth::default`: the model did not refuse: the answer ended with STOP, it has text and 1 image\n"
        "  --> specs/moth.toml:11:11\n"
        "   |\n"
        "11 | refused = true\n"
        "   |           ^^^^\n"
    )
    assert status == 1
