"""JUnit's XML, whole, and as a reader parses it."""

from xml.etree import ElementTree as ET

from promptc.report.junit import junit
from tests.report.samples import ERROR, NOTE, ORPHAN, PLACELESS, SHOWN, WARNING, nasty, wide

HEAD = "<?xml version='1.0' encoding='us-ascii'?>\n"


def test_what_was_checked_without_a_finding_has_passed() -> None:
    assert junit([], ["a.json", "b.json"], suite="promptc validate") == (
        f"{HEAD}<testsuites>\n"
        '  <testsuite name="promptc validate" tests="2" failures="0" errors="0" skipped="0">\n'
        '    <testcase classname="promptc validate" name="a.json" />\n'
        '    <testcase classname="promptc validate" name="b.json" />\n'
        "  </testsuite>\n"
        "</testsuites>\n"
    )


def test_errors_fail_their_case_and_the_rest_is_told_beside_it() -> None:
    names = ["specs/a moth.toml", "a moth::luna", "a moth::atlas", "a moth::io"]

    text = junit([ERROR, WARNING], names, suite="promptc check", skipped={"a moth::io": 'no "io" yet'})

    assert text == (
        f"{HEAD}<testsuites>\n"
        '  <testsuite name="promptc check" tests="4" failures="1" errors="0" skipped="1">\n'
        '    <testcase classname="promptc check" name="specs/a moth.toml" />\n'
        '    <testcase classname="promptc check" name="a moth::luna">\n'
        '      <failure type="P201" message="`a:b,c` is 100% undefined">error[P201]: `a:b,c` is 100% undefined\n'
        "  --&gt; specs/a moth.toml:2:1\n"
        "  |\n"
        '2 | second = "100%"\n'
        "  | ^^^^^^\n"
        "   = in the case `luna`\n"
        "   = expected: `species`\n"
        "   = help: did you mean `species`?\n"
        "   = declared here: specs/a moth.toml:1:1\n"
        "</failure>\n"
        "    </testcase>\n"
        '    <testcase classname="promptc check" name="a moth::atlas">\n'
        "      <system-out>warning[P205]: unused\n"
        "  --&gt; specs/a moth.toml:1:1\n"
        "  |\n"
        "1 | first\n"
        "  | ^^^^^\n"
        "</system-out>\n"
        "    </testcase>\n"
        '    <testcase classname="promptc check" name="a moth::io">\n'
        '      <skipped message="no &quot;io&quot; yet" />\n'
        "    </testcase>\n"
        "  </testsuite>\n"
        "</testsuites>\n"
    )


def test_a_finding_goes_to_its_case_else_to_its_file_else_has_a_case_of_its_own() -> None:
    def name_of(*checked: str) -> list[str | None]:
        suite = ET.fromstring(junit([ERROR], checked, suite="s"))
        return [case.get("name") for case in suite.iter("testcase") if case.find("failure") is not None]

    assert name_of("specs/a moth.toml", "a moth::luna") == ["a moth::luna"]
    assert name_of("specs/a moth.toml") == ["specs/a moth.toml"]
    assert name_of() == ["specs/a moth.toml"]

    own = ET.fromstring(junit([ORPHAN, NOTE, PLACELESS], ["specs/a.toml"], suite="promptc check"))
    assert [case.get("name") for case in own.iter("testcase")] == [
        "specs/a.toml",
        "cassettes/x/y.yaml",
        "answers/a,b:c%.json",
        "promptc check",
    ]


def test_several_errors_of_a_case_are_one_failure() -> None:
    suite = ET.fromstring(junit([ORPHAN, wide(), ORPHAN], ["long.json", "cassettes/x/y.yaml"], suite="s"))

    first, second = suite.iter("failure")
    assert suite[0].attrib == {"name": "s", "tests": "2", "failures": "2", "errors": "0", "skipped": "0"}
    assert first.get("message") == "unknown key `mimetype`"
    assert second.get("message") == "no case is named `x::y` (and 1 more)"
    assert (second.text or "").count("error[P506]: no case is named `x::y`\n") == 2


def test_a_skipped_case_with_an_error_fails() -> None:
    suite = ET.fromstring(junit([ERROR], ["a moth::luna"], suite="s", skipped={"a moth::luna": "later"}))

    assert [child.tag for child in suite[0][0]] == ["failure"]
    assert suite[0].get("skipped") == "0"


def test_what_no_xml_can_hold_is_shown_as_text() -> None:
    text = junit([nasty()], ["a\x00b\x1b", "c\nd"], suite="s", skipped={"c\nd": "\x1b[0m"})

    assert text.isascii()
    assert text.replace("\n", "").isprintable()
    names = [case.get("name") for case in ET.fromstring(text).iter("testcase")]
    assert names[:2] == ["a\\u0000b\\u001b", "c\\nd"]
    (failure,) = ET.fromstring(text).iter("failure")
    assert failure.get("message") == SHOWN
    assert (failure.text or "").startswith(f"error[P401]: {SHOWN}\n  --> a\\u001b[31mred")


def test_a_picture_on_the_line_is_not_printed() -> None:
    assert len(junit([wide()], [], suite="s")) < 700
