"""Each way a case can fare, as pytest tells it."""

import xml.etree.ElementTree as ET

import pytest

from tests.suite.running import pytest_in
from tests.workshop import ANSWERS, BUTTERFLY, Workshop

STAND_INS = "3 recordings by the emulator, stand-ins for the API's answers"


def test_green_cases_have_a_line_each_and_the_end_says_where_answers_came_from(shop: Workshop) -> None:
    done = pytest_in(shop.root, "specs")

    assert (done.code, done.err) == (0, "")
    assert done.cases == {f"specs/moths.toml::{case}": "PASSED" for case in ("luna", "atlas", "lappet")}
    assert done.section("promptc") == f"{ANSWERS}offline, no request sent; {STAND_INS}\n\n"
    assert done.last == "3 passed"


def test_a_stale_case_fails_with_the_message_of_run_and_a_line_of_its_own(shop: Workshop) -> None:
    shop.edit("moths", '"Atlas"', '"Atlus"')

    done = pytest_in(shop.root, "specs")

    assert done.code == 1
    assert done.cases["specs/moths.toml::atlas"] == "FAILED"
    assert done.section("FAILURES").partition("\n")[2] == (
        "error[P501]: the recording of `moths::atlas` is stale: the request has changed since\n"
        "  --> specs/moths.toml:21:25\n"
        "   |\n"
        '21 | variables = { species = "Atlus" }\n'
        "   |                         ^^^^^^^\n"
        '   = contents.0.parts.0.text: "A Atlas moth" → "A Atlus moth"\n'
        "   = recording: cassettes/moths/atlas.yaml, recorded <time>\n"
        "   = help: `promptc record --accept --target emulator specs/moths.toml::atlas` asks again and keeps the new "
        "answer\n"
        "   = it goes into the template here: specs/moths.toml:7:8\n"
    )
    assert done.section("short test summary info") == (
        "FAILED specs/moths.toml::atlas - P501: the recording is stale: the request has changed since\n"
    )
    assert done.last == "1 failed, 2 passed"


def test_a_case_without_a_recording_says_how_to_make_one(shop: Workshop) -> None:
    shop.cassette("moths/luna.yaml").unlink()

    done = pytest_in(shop.root, "specs/moths.toml::luna")

    assert done.code == 1
    assert done.section("FAILURES").partition("\n")[2] == (
        "error[P502]: `moths::luna` has no recording\n"
        "  --> specs/moths.toml:14:8\n"
        "   |\n"
        '14 | name = "luna"\n'
        "   |        ^^^^^^\n"
        "   = expected: cassettes/moths/luna.yaml\n"
        "   = help: `promptc record specs/moths.toml::luna` asks for it; `--target emulator` asks a stand-in instead\n"
    )


def test_an_unmet_expectation_fails_at_its_line(shop: Workshop) -> None:
    shop.edit(
        "moths", 'variables = { species = "Luna" }', 'variables = { species = "Luna" }\nexpect.images.minWidth = 4000'
    )

    done = pytest_in(shop.root, "specs/moths.toml::luna")

    assert done.code == 1
    assert done.section("FAILURES").partition("\n")[2] == (
        "error[P601]: `moths::luna`: the image is 512 px wide, expected at least 4000 px\n"
        "  --> specs/moths.toml:17:26\n"
        "   |\n"
        "17 | expect.images.minWidth = 4000\n"
        "   |                          ^^^^\n"
    )
    assert done.section("short test summary info") == (
        "FAILED specs/moths.toml::luna - P601: the image is 512 px wide, expected at least 4000 px\n"
    )


def test_a_new_answer_that_waits_is_a_failure(shop: Workshop) -> None:
    shop.edit("moths", '"Luna"', '"Luna actias"')
    shop.record("moths")

    done = pytest_in(shop.root, "specs/moths.toml::luna")

    assert done.code == 1
    assert "`promptc accept specs/moths.toml::luna`" in done.section("FAILURES")


def test_skip_and_xfail_have_pytests_own_words_and_reasons(shop: Workshop) -> None:
    shop.edit("moths", 'name = "luna"', 'name = "luna"\nskip = "waits for a better reference"')
    shop.edit("moths", 'name = "atlas"', 'name = "atlas"\nxfail = "the model draws two"\nexpect.images.count = 2')

    done = pytest_in(shop.root, "specs", "-rsx")

    assert done.code == 0
    assert done.section("short test summary info") == (
        "SKIPPED [1] specs/moths.toml: waits for a better reference\n"
        "XFAIL specs/moths.toml::atlas - the model draws two\n"
    )
    assert done.last == "1 passed, 1 skipped, 1 xfailed"


def test_an_xfail_that_passes_fails(shop: Workshop) -> None:
    shop.edit("moths", 'name = "luna"', 'name = "luna"\nxfail = "too green"')

    done = pytest_in(shop.root, "specs")

    assert done.section("short test summary info") == (
        "FAILED specs/moths.toml::luna - P601: is expected to fail, but it passes: too green\n"
    )
    assert pytest_in(shop.root, "specs", "--runxfail").last == "3 passed"


def test_a_stale_case_is_no_expected_failure(shop: Workshop) -> None:
    shop.edit("moths", 'name = "luna"', 'name = "luna"\nxfail = "too green"')
    shop.edit("moths", '"Luna"', '"Luma"')

    assert pytest_in(shop.root, "specs").last == "1 failed, 2 passed"


def test_runxfail_shows_what_was_expected_to_fail(shop: Workshop) -> None:
    shop.edit("moths", 'name = "luna"', 'name = "luna"\nxfail = "draws two"\nexpect.images.count = 2')

    done = pytest_in(shop.root, "specs", "--runxfail")

    assert done.last == "1 failed, 2 passed"
    assert "FAILED specs/moths.toml::luna - P601: " in done.out


def test_a_recording_that_does_not_count_says_so(shop: Workshop) -> None:
    (shop.root / "promptc.toml").write_text("version = 1\n")

    done = pytest_in(shop.root, "specs/moths.toml::luna", "-q")

    assert done.code == 1
    assert "FAILED specs/moths.toml::luna - P507: " in done.out
    assert pytest_in(shop.root, "specs", "--promptc-target", "emulator").last == "3 passed"


def test_a_damaged_recording_is_told_and_the_other_cases_run(shop: Workshop) -> None:
    shop.cassette("moths/luna.yaml").write_text("interactions: [")

    done = pytest_in(shop.root, "specs")

    assert done.last == "1 failed, 2 passed"
    assert "cassettes/moths/luna.yaml" in done.section("FAILURES")


def test_junit_xml_names_cases_and_holds_messages(shop: Workshop) -> None:
    shop.edit("moths", '"Atlas"', '"Atlus"')
    shop.edit("moths", 'name = "luna"', 'name = "luna"\nskip = "later"')

    pytest_in(shop.root, "specs", "--junitxml=out.xml")

    suite = ET.parse(shop.root / "out.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors"), suite.get("skipped")) == (
        "3",
        "1",
        "0",
        "1",
    )
    assert [(case.get("classname"), case.get("name")) for case in suite] == [
        ("specs.moths.toml", "luna"),
        ("specs.moths.toml", "atlas"),
        ("specs.moths.toml", "lappet"),
    ]
    (failure,) = suite[1]
    assert failure.get("message") == "P501: the recording is stale: the request has changed since"
    assert (failure.text or "").startswith("error[P501]: the recording of `moths::atlas` is stale")
    assert suite[0][0].get("message") == "later"
    assert len(suite[2]) == 0


def test_a_warning_is_told_once_however_many_cases_and_processes_there_are(shop: Workshop) -> None:
    shop.edit("moths", "gemini-3.1-flash-image", "gemini-3.1-flash-image-preview")
    shop.record(accept=True)

    for options in ((), ("-n", "2")):
        done = pytest_in(shop.root, "specs", *options)
        assert done.last.removesuffix(" ") == "3 passed", done.out
        assert done.section("promptc").count("warning[P409]") == 1
        assert done.section("promptc").startswith(
            "warning[P409]: `gemini-3.1-flash-image-preview` is retired: Google lists its shutdown on 2026-06-25\n"
            "  --> specs/moths.toml:1:9\n"
        )
    assert "warning" not in pytest_in(shop.root, "specs", "-q").out


def test_a_mistake_in_promptc_shows_where_it_is(shop: Workshop) -> None:
    (shop.root / "conftest.py").write_text(
        "import promptc.suite.repo\n\ndef broken(unit):\n    raise ZeroDivisionError('one by none')\n\n"
        "promptc.suite.repo.run_case = broken\n"
    )

    done = pytest_in(shop.root, "specs/moths.toml::luna")

    assert done.code == 1
    assert done.section("FAILURES").partition("\n")[2].startswith("Traceback (most recent call last):\n")
    assert done.section("FAILURES").endswith(
        "ZeroDivisionError: one by none\n"
        "promptc failed: ZeroDivisionError: one by none\n"
        "this is a mistake in promptc; please report it with the lines above\n"
    )


@pytest.mark.parametrize("options", [(), ("-n", "2")])
def test_no_secret_is_shown(shop: Workshop, options: tuple[str, ...]) -> None:
    key = "sk-fake-fake-fake-0123456789"
    (shop.root / "specs" / "leak.toml").write_text(BUTTERFLY.replace("Monarch", key))

    done = pytest_in(shop.root, "specs", *options, COMETAPI_KEY=key)

    assert done.code == 1
    assert "P508" in done.out
    assert key not in done.out + done.err


def test_an_item_has_its_line_and_one_that_is_inherited_the_first_of_its_own_file(shop: Workshop) -> None:
    shop.spec("_base").write_text(shop.spec("moths").read_text())
    shop.spec("owls").write_text('extends = "_base.toml"\n')

    pytest_in(shop.root, "specs", "-o", "junit_family=xunit1", "--junitxml=junit.xml")

    items = ET.parse(shop.root / "junit.xml").iter("testcase")
    assert {(item.get("file"), item.get("name")): item.get("line") for item in items} == {
        ("specs/moths.toml", "luna"): "13",
        ("specs/moths.toml", "atlas"): "18",
        ("specs/moths.toml", "lappet"): "23",
        ("specs/owls.toml", "luna"): "0",
        ("specs/owls.toml", "atlas"): "0",
        ("specs/owls.toml", "lappet"): "0",
    }


MANY = f"""\
model = "gemini-3.1-flash-image"

[variables.number]
type = "integer"

[[turns]]
text = "Moth {{{{ number }}}}."

[matrix]
number = {list(range(30))}
"""


def test_of_many_failures_the_first_of_each_code_are_shown_whole(shop: Workshop) -> None:
    shop.spec("many").write_text(MANY)
    shop.edit("moths", '"Atlas"', '"Atlus"')

    done = pytest_in(shop.root, "specs", "--junitxml=out.xml")

    whole = [line for line in done.section("FAILURES").splitlines() if line.startswith("error[")]
    assert whole == [
        *(f"error[P502]: `many::default-{number}` has no recording" for number in range(5)),
        "error[P501]: the recording of `moths::atlas` is stale: the request has changed since",
    ]
    assert done.section("FAILURES").endswith("\n… and 25 more P502 missing-recording; `-vv` shows all\n")
    assert done.section("short test summary info").count("P502: has no recording\n") == 30
    assert done.last == "31 failed, 2 passed"
    assert (shop.root / "out.xml").read_text().count("error[P502]") == 30


def test_all_failures_are_shown_where_they_are_asked_for_or_few(shop: Workshop) -> None:
    shop.spec("many").write_text(MANY)

    for done in (pytest_in(shop.root, "specs", "-vv"), pytest_in(shop.root, "specs", "-k", "default-1 or default-2")):
        failed = int(done.last.split()[0])
        assert done.section("FAILURES").count("error[P502]") == failed > 20
        assert "more P502" not in done.out


def test_many_failures_of_two_processes_are_folded_too(shop: Workshop) -> None:
    shop.spec("many").write_text(MANY)

    done = pytest_in(shop.root, "specs", "-n", "2")

    assert done.section("FAILURES").count("error[P502]") == 5
    assert "… and 25 more P502 missing-recording; `-vv` shows all\n" in done.out
