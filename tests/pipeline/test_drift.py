"""New answers beside the accepted recording: what looks otherwise does not become the truth by itself."""

import re
from pathlib import Path

import pytest

from promptc.pipeline.accept import accept
from promptc.pipeline.results import CaseResult, Status
from promptc.pipeline.run import RunResult
from tests.workshop import BUTTERFLY, CHAT, Workshop

GUARDED = f"{BUTTERFLY}\n[expect.images]\nsimilarTo = {{ recording = true, threshold = 0.8 }}\n"
FIGURES = re.compile(r"SSIM -?0\.\d+, colours -?0\.\d+, pHash \d+ of 64 bits apart, [a-z0-9. %]+ of the pixels differ")
APART = (
    "`moth::default`: the image is not similar to the accepted recording: <figures>; "
    "expected SSIM and colours of 0.8 or more"
)


def _shop(folder: Path, text: str = GUARDED) -> Workshop:
    return Workshop.make(folder, {"moth": text})


def _only(run: RunResult) -> CaseResult:
    (result,) = run.results
    return result


def _told(result: CaseResult, step: int = -1) -> list[str]:
    return [v.message for v in result.steps[step].verdicts if v.expectation == "images.similarTo"]


def test_the_first_recording_has_nothing_to_compare_with_and_replays_as_itself(tmp_path: Path) -> None:
    shop = _shop(tmp_path)
    first = _only(shop.record())
    assert (first.status, first.kept) == (Status.PASSED, "accepted")
    assert _told(first) == ["this answer is the first: there is no accepted recording to compare it with"]
    assert _told(_only(shop.replay())) == ["the image is the accepted recording itself"]


def test_an_answer_that_looks_otherwise_waits_though_it_was_to_be_accepted(tmp_path: Path) -> None:
    shop = _shop(tmp_path)
    shop.record()
    before = shop.cassette("moth/default.yaml").read_bytes()
    shop.edit("moth", "A Monarch butterfly", "A castle")
    for asked in (1, 0):  # the second time, the answer that waits is judged again, and nothing is paid for
        result = _only(shop.record(accept=True))
        assert (result.status, result.waits, result.asked) == (Status.FAILED, True, asked)
        assert [(d.code, FIGURES.sub("<figures>", d.message)) for d in result.diagnostics] == [
            ("P601", APART),
            ("P505", "a new answer of `moth::default` waits to be accepted"),
        ]
        assert result.diagnostics[0].help == (
            f"look at both; `promptc accept {shop.spec('moth')}::default` makes the new answer the truth all the same"
        )
        assert shop.cassette("moth/default.yaml").read_bytes() == before


def test_a_review_judges_the_new_answer_beside_the_accepted_one(tmp_path: Path) -> None:
    shop = _shop(tmp_path)
    shop.record()
    shop.edit("moth", "A Monarch butterfly", "A castle")
    shop.record()
    done = shop.command("review", "--format", "json")
    assert FIGURES.sub("<figures>", done.stdout).count(APART) == 1


def test_whoever_accepts_it_by_name_makes_it_the_truth(tmp_path: Path) -> None:
    shop = _shop(tmp_path)
    shop.record()
    shop.edit("moth", "A Monarch butterfly", "A castle")
    shop.record(accept=True)
    assert accept(shop.project).cases == ("moth::default",)
    replayed = _only(shop.replay())
    assert replayed.status is Status.PASSED
    assert _told(replayed) == ["the image is the accepted recording itself"]


def test_an_answer_that_looks_as_before_is_accepted_at_once(tmp_path: Path) -> None:
    shop = _shop(tmp_path)
    shop.record()
    shop.edit("moth", "threshold = 0.8", "threshold = 0.1")
    shop.edit("moth", "A Monarch butterfly", "A castle")
    result = _only(shop.record(accept=True))
    assert (result.status, result.kept) == (Status.PASSED, "accepted")


def test_a_waiting_answer_that_looks_as_before_is_accepted_when_asked(tmp_path: Path) -> None:
    shop = _shop(tmp_path)
    shop.record()
    shop.edit("moth", "threshold = 0.8", "threshold = 0.1")
    shop.edit("moth", "A Monarch butterfly", "A castle")
    assert _only(shop.record()).waits
    result = _only(shop.record(accept=True))
    assert (result.status, result.waits, result.asked) == (Status.PASSED, False, 0)
    assert _told(result) == ["the image is the accepted recording itself"]


def test_without_a_guard_an_answer_is_accepted_whatever_it_looks_like(tmp_path: Path) -> None:
    shop = _shop(tmp_path, BUTTERFLY)
    shop.record()
    shop.edit("moth", "A Monarch butterfly", "A castle")
    assert _only(shop.record(accept=True)).kept == "accepted"


def test_each_step_of_a_chat_is_compared_with_its_own(tmp_path: Path) -> None:
    guard = "expect = { images = { similarTo = { recording = true, threshold = 0.99 } } }"
    text = CHAT.replace("reply = true", f"reply = true\n{guard}", 1)
    shop = _shop(tmp_path, text)
    shop.record()
    shop.edit("moth", "make them blue", "fold them again")
    result = _only(shop.record(accept=True))  # the first step is the same as before
    assert (result.status, result.kept) == (Status.PASSED, "accepted")
    assert _told(result, 0) == ["the image is the accepted recording itself"]
    shop.edit("moth", "A Monarch butterfly", "A castle")
    result = _only(shop.record(accept=True))
    assert (result.status, result.kept) == (Status.FAILED, "pending")
    assert [d.message.partition(":")[0] for d in result.diagnostics if d.code == "P601"] == ["`moth"]
    assert _told(result, 0)[0].startswith("the image is not similar to the accepted recording: SSIM ")


@pytest.mark.parametrize(("word", "passes"), [("similarTo", True), ("differentFrom", False)])
def test_what_a_reply_brings_back_is_a_picture_of_the_request(tmp_path: Path, word: str, passes: bool) -> None:  # noqa: FBT001 - a table
    shop = _shop(tmp_path, f"{CHAT}\n[expect.images]\n{word} = {{ input = true, threshold = 0.01 }}\n")
    result = _only(shop.record())
    assert result.steps[-1].verdicts[-1].passed == passes
    assert " of the request: SSIM " in result.steps[-1].verdicts[-1].message


def test_a_lost_picture_of_the_accepted_recording_holds_the_new_answer_back(tmp_path: Path) -> None:
    shop = _shop(tmp_path)
    shop.record()
    shop.cassette("moth/default.1.1.png").unlink()
    shop.edit("moth", "A Monarch butterfly", "A castle")
    result = _only(shop.record(accept=True))
    assert (result.status, result.kept) == (Status.FAILED, "pending")
    (told,) = _told(result)
    assert told.startswith("the answer can't be compared with the accepted recording: ")
