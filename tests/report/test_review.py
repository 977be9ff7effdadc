"""A review on a screen: short where nobody asked for more, and never silent on what it leaves out."""

from dataclasses import replace
from pathlib import Path

from promptc.diagnostics import Diagnostic
from promptc.pipeline.pending import Waiting
from promptc.pipeline.results import SavedImage, StepResult
from promptc.pipeline.review import PicturePair, Review, StepReview
from promptc.replay.provenance import Provenance, Step
from promptc.report.review import View, commands, review_summary, review_text
from promptc.report.style import Style
from promptc.review.changes import Change

PLAIN = View(style=Style(), more="`i` shows more")
ORIGIN = Provenance(
    target="cometapi",
    emulator=False,
    tool="promptc",
    steps=(Step(fingerprint="v1:", recorded_at=None, model_version=None),),
)
ANSWER = StepResult(
    step=1,
    fingerprint="v1:",
    finish_reason="STOP",
    block_reason=None,
    error=None,
    text="",
    images=(),
    usage={},
    model_version=None,
    verdicts=(),
)
IMAGE = SavedImage(media_type="image/png", width=16, height=9, size=1234, sha256="", thought=False)
FOUND = Review(
    waiting=Waiting(spec="moth", case="default", files=(Path("moth/default.new.yaml"),), provenance=ORIGIN),
    address="specs/moth.toml::default",
    argument="specs/moth.toml::default",
    sight=(None, None),
    old=ORIGIN,
)
HEAD = """\
moth::default (1 of 1)
  old: cometapi, of unknown age
  new: cometapi, of unknown age

"""


def shown(view: View = PLAIN, **step: object) -> str:
    values = {"step": 1, "old": ANSWER, "new": ANSWER, "changes": (), "pictures": (), "unmet": (), **step}
    text = review_text(replace(FOUND, steps=(StepReview(**values),)), "1 of 1", view)  # type: ignore[arg-type]
    assert text.startswith(HEAD)
    return text.removeprefix(HEAD)


def test_of_many_changes_the_first_are_shown_and_the_others_counted() -> None:
    many = tuple(Change(pointer=f"/body/{number}", old="1", new="2") for number in range(5))

    assert shown(changes=many).startswith(
        "  the request has changed:\n    0: 1 → 2\n    1: 1 → 2\n    2: 1 → 2\n    and 2 more changes; `i` shows more\n"
    )


def test_of_a_long_difference_the_first_lines_are_shown_and_the_others_counted() -> None:
    text = "\n".join(f"line {number}" for number in range(20))

    brief = shown(new=replace(ANSWER, text=text))

    assert "    + line 11\n    … 8 more lines; `i` shows more\n" in brief
    assert "line 12" not in brief


def test_a_text_that_stayed_is_told_where_more_is_wanted() -> None:
    same = replace(ANSWER, text="a moth\nby night")
    details = replace(PLAIN, details=True)

    told = review_text(
        replace(FOUND, steps=(StepReview(step=1, old=same, new=same, changes=(), pictures=(), unmet=()),)),
        "1 of 1",
        details,
    )

    assert "  the text is the same:\n      a moth\n      by night\n" in told
    assert "the text" not in shown(old=same, new=same)


def test_a_picture_that_is_gone_and_one_that_can_t_be_opened_are_told() -> None:
    pairs = (
        PicturePair(
            number=1, old=IMAGE, new=replace(IMAGE, width=None, height=None), problem="the new picture is cut short"
        ),
        PicturePair(number=2, old=IMAGE, new=None),
    )

    assert shown(pictures=pairs) == (
        "              old                          new\n"
        "  ended with  STOP                         STOP\n"
        "  picture 1   16x9 image/png, 1,234 bytes  ? image/png, 1,234 bytes\n"
        "              the new picture is cut short\n"
        "  picture 2   16x9 image/png, 1,234 bytes  no picture\n"
        "\n"
    )


def test_an_answer_that_was_blocked_says_so_and_what_it_fails() -> None:
    unmet = Diagnostic(
        code="P603", message="the prompt was blocked: SAFETY", file="specs/moth.toml", help="change the prompt"
    )

    told = shown(new=replace(ANSWER, finish_reason=None, block_reason="SAFETY"), unmet=(unmet,))

    assert "  ended with  STOP  SAFETY\n" in told
    assert told.endswith(
        "  the new answer fails:\n    the prompt was blocked: SAFETY (specs/moth.toml)\n    help: change the prompt\n"
    )


def test_the_commands_are_those_that_can_be_called() -> None:
    stale = replace(FOUND, waiting=replace(FOUND.waiting, problem=Diagnostic(code="P501", message="stale")))

    assert commands(FOUND) == "  promptc accept specs/moth.toml::default\n  promptc reject specs/moth.toml::default\n"
    assert commands(stale) == "  promptc reject specs/moth.toml::default\n"


def test_the_last_line_counts_what_became_of_the_answers() -> None:
    assert review_summary([], 0, asked=True) == "no new answer waits\n"
    assert review_summary(["accepted", "skipped", "accepted"], 1, asked=True) == (
        "2 accepted, 1 skipped; 1 new answer waits still\n"
    )
    assert (
        review_summary([], 2, asked=False) == "nothing was done; 2 new answers wait: there is no terminal to ask at\n"
    )
