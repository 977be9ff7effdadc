"""The summary of a run: a line a case where there are few, of many only what needs a look."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from promptc.config import load
from promptc.diagnostics import Diagnostic, Severity
from promptc.pipeline.results import CaseResult, SavedImage, Status, StepResult, Stopped
from promptc.pipeline.run import RunResult
from promptc.replay.provenance import Provenance, Step
from promptc.report.junit import run_junit
from promptc.report.style import Style
from promptc.report.summary import run_summary
from promptc.source import Source

FROM_API = Provenance(
    target="cometapi",
    emulator=False,
    tool="",
    steps=(Step(fingerprint="", recorded_at=None, model_version="gemini-3.1-flash-image"),),
)
SOURCE = Source(path=Path.cwd() / "specs" / "moths.toml", text='model = "x"\n[expect]\nimages.count = 2\n')
STEP = StepResult(
    step=1,
    fingerprint="v1:",
    finish_reason="STOP",
    block_reason=None,
    error=None,
    text="A Luna moth",
    images=(SavedImage(media_type="image/png", width=512, height=512, size=1234, sha256="0" * 64, thought=False),),
    usage={},
    model_version="gemini-3.1-flash-image",
    verdicts=(),
)


def case(spec: str, name: str, status: Status = Status.PASSED, *found: Diagnostic, **more: object) -> CaseResult:
    steps = (STEP,) if status.answered else ()
    made = {"provenance": FROM_API, "steps": steps, **more}
    return CaseResult(spec=spec, case=name, status=status, diagnostics=found, **made)  # type: ignore[arg-type]


def failure(name: str) -> Diagnostic:
    message = f"`moths::{name}`: the answer has 1 image, expected 2"
    return Diagnostic(code="P601", message=message, span=SOURCE.span(21, 33), subject=f"moths::{name}")


def result(root: Path, cases: Sequence[CaseResult], stopped: Stopped | None = None) -> RunResult:
    (root / "specs").mkdir(exist_ok=True)
    return RunResult(project=load(root), results=tuple(cases), diagnostics=(), stopped=stopped)


FEW = [
    case("moths", "luna"),
    case("moths", "atlas", Status.FAILED, failure("atlas")),
    case("moths", "io", Status.SKIPPED, reason="not yet", provenance=None),
]


def test_of_three_cases_each_has_its_lines(tmp_path: Path) -> None:
    assert (
        run_summary(result(tmp_path, FEW), Style())
        == """\
passed   moths::luna
         text: A Luna moth
         image: 512x512 image/png, 1,234 bytes
failed   moths::atlas
         text: A Luna moth
         image: 512x512 image/png, 1,234 bytes
skipped  moths::io: not yet

error[P601]: `moths::atlas`: the answer has 1 image, expected 2
  --> specs/moths.toml:3:1
  |
3 | images.count = 2
  | ^^^^^^^^^^^^

answers: cometapi, gemini-3.1-flash-image, of unknown age
1 passed, 1 failed, 1 skipped; offline, no request sent — not ok, 1 error
"""
    )


def many() -> list[CaseResult]:
    beetles = [case("beetles", f"b{i}") for i in range(100)]
    moths = [case("moths", f"m{i}") for i in range(300)]
    bad = [case("moths", f"bad{i}", Status.FAILED, failure(f"bad{i}")) for i in range(30)]
    fresh = [case("wasps", f"w{i}", kept="accepted", asked=1) for i in range(60)]
    left = [case("wasps", f"s{i}", Status.SKIPPED, reason="not yet", provenance=None) for i in range(8)]
    retried = case("wasps", "retried", kept="accepted", asked=2, told=("the API answered 503; asked again",))
    waiting = case("wasps", "waits", Status.PENDING, kept="pending", waits=True, asked=1)
    return [*beetles, *moths[:150], *bad, *moths[150:], *fresh, *left, retried, waiting]


def test_of_500_cases_those_with_which_all_is_well_have_a_line_a_spec(tmp_path: Path) -> None:
    bad = "".join(f"failed   moths::bad{i}\n" for i in range(30))
    told = "".join(
        f"""\
error[P601]: `moths::{name}`: the answer has 1 image, expected 2
  --> specs/moths.toml:3:1
  |
3 | images.count = 2
  | ^^^^^^^^^^^^

"""
        for name in ("bad0", "bad1", "bad2", "bad3", "bad4")
    )

    assert (
        run_summary(result(tmp_path, many()), Style())
        == f"""\
passed   beetles  100 cases
passed   moths  300 cases
{bad}passed   wasps  60 cases (recorded)
skipped  wasps  8 cases
passed   wasps::retried (recorded)
         the API answered 503; asked again
pending  wasps::waits (recorded, waits to be accepted)

{told}… and 25 more P601 expectation-failed in specs/moths.toml; `--format json` lists all

error  P601 expectation-failed  30  in 1 file

answers: cometapi, gemini-3.1-flash-image, of unknown age
461 passed, 30 failed, 8 skipped, 1 pending; 63 requests sent; 1 new answer to accept — not ok, 30 errors
1 new answer waits: `promptc review` shows it beside the old one
"""
    )


def test_500_good_cases_are_a_few_lines(tmp_path: Path) -> None:
    cases = [case(f"spec{i % 2}", f"c{i}") for i in range(500)]

    assert (
        run_summary(result(tmp_path, cases), Style())
        == """\
passed   spec0  250 cases
passed   spec1  250 cases

answers: cometapi, gemini-3.1-flash-image, of unknown age
500 passed; offline, no request sent — ok
"""
    )


@pytest.mark.parametrize(
    ("settings", "kept", "told"),
    [
        ("version = 1\n", "accepted", True),
        ("version = 1\n", None, False),
        ("version = 1\nallow_emulator = true\n", "accepted", False),
        ('version = 1\n[run]\ntarget = "emulator"\n', "accepted", False),
    ],
)
def test_a_stand_in_that_counts_for_nobody_is_told_when_it_is_recorded(
    tmp_path: Path, settings: str, kept: str | None, *, told: bool
) -> None:
    (tmp_path / "promptc.toml").write_text(settings)
    one = case("moths", "luna", provenance=replace(FROM_API, target="emulator", emulator=True), kept=kept)

    assert (
        run_summary(result(tmp_path, [one]), Style()).endswith(
            "a stand-in doesn't count for the target `cometapi`: `allow_emulator = true` in promptc.toml lets it count\n"
        )
        == told
    )


def test_junit_has_a_case_for_each_and_none_that_is_not_green_passes(tmp_path: Path) -> None:
    text = run_junit(result(tmp_path, [*FEW, case("moths", "waits", Status.PENDING, waits=True)]))

    assert (
        text
        == """\
<?xml version='1.0' encoding='us-ascii'?>
<testsuites>
  <testsuite name="promptc run" tests="4" failures="2" errors="0" skipped="1">
    <testcase classname="promptc run" name="moths::luna" />
    <testcase classname="promptc run" name="moths::atlas">
      <failure type="P601" message="`moths::atlas`: the answer has 1 image, expected 2">\
error[P601]: `moths::atlas`: the answer has 1 image, expected 2
  --&gt; specs/moths.toml:3:1
  |
3 | images.count = 2
  | ^^^^^^^^^^^^
</failure>
    </testcase>
    <testcase classname="promptc run" name="moths::io">
      <skipped message="not yet" />
    </testcase>
    <testcase classname="promptc run" name="moths::waits">
      <failure message="`moths::waits` is pending" />
    </testcase>
  </testsuite>
</testsuites>
"""
    )


@pytest.mark.parametrize("status", Status)
def test_a_case_of_any_status_is_green_in_junit_only_where_it_is_green(tmp_path: Path, status: Status) -> None:
    one = case("moths", "luna", status)
    (found,) = ET.fromstring(run_junit(result(tmp_path, [one]))).iter("testcase")

    assert (found.find("failure") is None) == one.good
    assert (found.find("skipped") is not None) == (status in {Status.SKIPPED, Status.XFAILED})


def test_a_run_that_was_stopped_is_not_green_in_junit(tmp_path: Path) -> None:
    stopped = Stopped(done=1, cases=3, kept=False, rest=None)
    cases = list(ET.fromstring(run_junit(result(tmp_path, FEW[:1], stopped))).iter("testcase"))

    assert [(one.get("name"), one.find("failure") is not None) for one in cases] == [
        ("moths::luna", False),
        ("the rest", True),
    ]


def test_what_an_xfailed_case_notes_is_no_failure(tmp_path: Path) -> None:
    note = Diagnostic(code="P601", message="as expected", severity=Severity.NOTE, subject="moths::io")
    (found,) = ET.fromstring(run_junit(result(tmp_path, [case("moths", "io", Status.XFAILED, note)]))).iter("testcase")

    assert [child.tag for child in found] == ["skipped", "system-out"]
