"""The fixture `promptc`, in tests that are written by hand."""

import re

from tests.suite.running import pytest_in
from tests.workshop import ANSWERS, CHAT, Workshop

GREEN = """
from hypothesis import given
from hypothesis.strategies import integers


def test_run(promptc):
    result = promptc.run("moths", case="luna")
    assert result.id == "moths::luna"
    assert result.text.startswith("A stand-in")
    (image,) = result.images
    assert (image.width, image.height, image.media_type) == (512, 512, "image/png")
    assert image.data.startswith(b"\\x89PNG")
    assert result.requests[0].fingerprint.startswith("v1:")
    assert all(verdict.passed for verdict in result.verdicts)
    assert result.diagnostics == ()


def test_chat(promptc):
    result = promptc.run("chat")
    assert len(result.requests) == len(result.answers) == 3
    assert result.requests[2].body["contents"][1]["role"] == "model"


def test_compile(promptc):
    (request,) = promptc.compile("moths", case="luna", variables={"species": "Io"})
    assert request.body["contents"][0]["parts"][0]["text"] == "A Io moth"
    assert len(promptc.compile("moths")) == 3


@given(integers(0, 9))
def test_drawn_values(promptc, number):
    (request,) = promptc.compile("moths", case="luna", variables={"species": f"Io {number}"})
    assert request.body["contents"][0]["parts"][0]["text"] == f"A Io {number} moth"
"""

RED = """
def test_stale(promptc):
    promptc.run("moths", case="atlas")


def test_two_cases(promptc):
    promptc.run("moths")


def test_unknown_spec(promptc):
    promptc.run("mohts")


def test_unknown_variable(promptc):
    promptc.compile("moths", variables={"specis": "Io"})


def test_skipped(promptc):
    promptc.run("moths", case="luna")


def test_xfailed(promptc):
    promptc.run("moths", case="lappet")
"""


def test_specs_run_and_compile_within_a_test(shop: Workshop) -> None:
    shop.spec("chat").write_text(CHAT)
    shop.record("chat")
    (shop.root / "tests").mkdir()
    (shop.root / "tests" / "test_own.py").write_text(GREEN)

    done = pytest_in(shop.root, "tests")

    assert (done.code, done.last) == (0, "4 passed"), done.out
    assert done.section("promptc") == (
        f"{ANSWERS}offline, no request sent; 2 recordings by the emulator, stand-ins for the API's answers\n\n"
    )


def test_what_is_wrong_fails_the_test_at_its_own_line(shop: Workshop) -> None:
    shop.edit("moths", '"Atlas"', '"Atlus"')
    shop.edit("moths", 'name = "luna"', 'name = "luna"\nskip = "later"')
    shop.edit("moths", 'name = "lappet"', 'name = "lappet"\nxfail = "two moths"\nexpect.images.count = 2')
    (shop.root / "test_own.py").write_text(RED)

    done = pytest_in(shop.root, "test_own.py", "-rsxf")

    assert done.last == "4 failed, 1 skipped, 1 xfailed"
    failures = done.section("FAILURES")
    assert (
        "E       AssertionError: error[P501]: the recording of `moths::atlas` is stale: the request has changed since"
        in failures
    )
    assert (
        "E       Failed: `moths` names `moths::luna`, `moths::atlas` and `moths::lappet`: say which, as in `case=…`"
        in failures
    )
    assert "E       Failed: there is no spec `mohts`; did you mean `moths`?" in failures
    assert "E       AssertionError: error[P201]: no variable is named `specis`" in failures
    assert "promptc/suite" not in failures
    assert "During handling" not in failures
    assert "later" in done.section("short test summary info")
    assert "two moths" in done.section("short test summary info")


MISTAKES = """
def test_spec(promptc):
    promptc.run("mohts")


def test_case(promptc):
    promptc.compile("moths", case="lunar")


def test_variables(promptc):
    promptc.run("moths", case="luna", variables={"species": "Io"})
"""


def test_a_mistake_of_the_tests_is_told_in_a_line_and_nothing_around_it(shop: Workshop) -> None:
    (shop.root / "test_own.py").write_text(MISTAKES)

    done = pytest_in(shop.root, "test_own.py")

    told = re.sub(r"(?m)^promptc = <.*>$|^_+ (test_\w+) _+$", r"\1", done.section("FAILURES"))
    assert re.sub(r"\n\n+", "\n", told) == (
        "test_spec\n"
        "    def test_spec(promptc):\n"
        '>       promptc.run("mohts")\n'
        "E       Failed: there is no spec `mohts`; did you mean `moths`?\n"
        "test_own.py:3: Failed\n"
        "test_case\n"
        "    def test_case(promptc):\n"
        '>       promptc.compile("moths", case="lunar")\n'
        "E       Failed: `moths` has no case `lunar`; did you mean `luna`?\n"
        "test_own.py:7: Failed\n"
        "test_variables\n"
        "    def test_variables(promptc):\n"
        '>       promptc.run("moths", case="luna", variables={"species": "Io"})\n'
        "E       Failed: `promptc.run` takes no variables, since only what the cases of specs ask is recorded: add a "
        "case with them to the spec, or look at the request with `promptc.compile(spec, variables=…)`\n"
        "test_own.py:11: Failed\n"
    )


def test_outside_of_a_project_the_fixture_says_so(shop: Workshop) -> None:
    (shop.root.parent / "test_own.py").write_text("def test_own(promptc):\n    promptc.run('moths')\n")

    done = pytest_in(shop.root.parent, "test_own.py")

    assert done.code == 1
    assert "E       Failed: no promptc project here: neither " in done.out
