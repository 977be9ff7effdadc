"""A diff for a terminal: what is long is short, and what lies is seen."""

from typing import Any

from promptc.config import load
from promptc.pipeline.diff import CaseDifference, DiffResult, Side
from promptc.pipeline.plan import Estimate
from promptc.pipeline.results import CaseResult, SavedImage, Status, StepResult
from promptc.pipeline.review import PicturePair, StepReview
from promptc.report.difference_text import difference_text
from promptc.report.style import Style
from promptc.request import Case
from promptc.review.compare import compare
from tests.conftest import REPO
from tests.report.samples import NASTY
from tests.review.sides import case

NOTHING = Estimate(cases=0, requests=0, input_tokens=0, output_tokens=0, dollars=None, seconds=None)


def asking(text: str, **fields: Any) -> Case:
    return case({"contents": [{"parts": [{"text": text}]}]}, **fields)


def side(name: str, commit: str | None = None) -> Side:
    return Side(name=name, commit=commit, project=load(REPO), sources={}, diagnostics=())


def result(before: list[Case], after: list[Case], **fields: Any) -> DiffResult:
    """Return a comparison in which no case has a recording."""
    found = compare(before, after, {}, {})
    cases = tuple(
        CaseDifference(
            pair=pair,
            before=missing(pair.old) if pair.old else None,
            now=missing(pair.new) if pair.new else None,
            estimate=Estimate(cases=1, requests=1, input_tokens=10, output_tokens=20, dollars=0.05, seconds=None)
            if pair.new
            else None,
        )
        for pair in found.pairs
        if pair.state != "same"
    )
    asked = sum(one.estimate is not None for one in cases)
    known: dict[str, Any] = {
        "old": side("HEAD", "3f2a91c" + "0" * 33),
        "new": side("the working tree"),
        "cases": cases,
        "groups": found.groups,
        "unchanged": len(found.pairs) - len(cases),
        "elsewhere": (),
        "estimate": Estimate(
            cases=asked,
            requests=asked,
            input_tokens=10 * asked,
            output_tokens=20 * asked,
            dollars=0.05 * asked,
            seconds=None,
        ),
        "sides": {},
    }
    return DiffResult(**{**known, **fields})


def missing(made: Case) -> CaseResult:
    return CaseResult(spec=made.spec, case=made.name, status=Status.MISSING)


def told(found: DiffResult, style: Style | None = None) -> str:
    return difference_text(found, style or Style())


def test_five_hundred_cases_are_a_row_for_each_spec_that_fares_alike() -> None:
    names = [(f"s{n % 3}", f"n{n}") for n in range(500)]
    old, new = ([asking(f"moth {n} {place}", spec=spec, name=n) for spec, n in names] for place in ("here", "there"))

    assert (
        told(result(old, new))
        == """\
HEAD (3f2a91c) → the working tree: 500 changed

somewhere else
  → text in 500 cases: s0::n0, s1::n1, s2::n2 and 497 more
      moth n0 [-here-]{+there+}

case           change   recording  requests   cost
s0  167 cases  changed  missing         167  $8.35
s1  167 cases  changed  missing         167  $8.35
s2  166 cases  changed  missing         166  $8.30

recording anew: 500 requests of 500 cases, about $25.00
  about 5,000 tokens in, 10,000 out; 500 requests estimated by rule
  `promptc record s0 s1 s2` asks for them
"""
    )


def test_what_a_user_wrote_can_neither_steer_the_terminal_nor_forge_a_line() -> None:
    found = result([asking("A moth")], [asking(f"A {NASTY}")], new=side(NASTY), elsewhere=(f"x::{NASTY}",))

    assert (
        told(found)
        == """\
HEAD (3f2a91c) → \\u001b[31mred\\u202e\\u0007\\u0085\\u2066\\u000d\\n::error::forged <b> & \\ufffe: 1 changed

somewhere else
  → text in 1 case: spec::default
      A [-moth-]{+\\u001b[31mred\\u202e\\u0007\\u0085\\u2066\\u000d+}
      {+::error::forged <b> & \\ufffe+}

case           change   recording  requests   cost
spec::default  changed  missing           1  $0.05

not fresh, though unchanged: x::\\u001b[31mred\\u202e\\u0007\\u0085\\u2066\\u000d\\n::error::forged <b> & \\ufffe; `promptc check` says why
recording anew: 1 request of 1 case, about $0.05
  about 10 tokens in, 20 out; 1 request estimated by rule
  `promptc record spec::default` asks for it
"""
    )


def test_on_a_terminal_words_are_painted_and_have_no_brackets() -> None:
    found = told(result([asking("A moth")], [asking("A beetle")]), Style(colour=True))

    assert "      A \x1b[31mmoth\x1b[0m\x1b[32mbeetle\x1b[0m\n" in found
    assert "[-" not in found


def test_a_long_text_is_cut_around_what_has_changed() -> None:
    filler = "and so on " * 100
    old, new = (f"{filler}{word} {filler}{word}\n{filler}\nThe end: {word}." for word in ("moth", "beetle"))

    lines = told(result([asking(old)], [asking(new)])).split("\n")[4:6]

    assert lines == [
        f"      … {'and so on ' * 10}[-moth-]{{+beetle+}} {'and so on ' * 6}… {'and so on ' * 6}[-moth-]{{+beetle+}}",
        "      The end: [-moth-]{+beetle+}.",
    ]


def test_of_a_key_no_half_is_shown() -> None:
    key = "AQ.obviously-fake" + "+x9/" * 60

    for old, new in ((f"{key} a", f"{key} b"), (f"a {key}", f"b {key}"), (f"{key}aa", f"{key}bb"), ("a", f"x{key} b")):
        text = told(result([asking(old)], [asking(new)]))
        assert "+x9/" not in text.replace(key, "")


def test_a_change_of_many_lines_is_cut() -> None:
    old, new = ("\n".join(f"{word} {n}" for n in range(12)) for word in ("moth", "beetle"))

    assert told(result([asking(old)], [asking(new)])).split("\n")[4:14] == [
        *(f"      [-moth-]{{+beetle+}} {n}" for n in range(8)),
        "      … and 4 more lines",
        "",
    ]


def test_nothing_that_differs_is_one_sentence() -> None:
    one, two = asking("A moth", name="a"), asking("A moth", name="b")

    assert told(result([one], [one])) == (
        "HEAD (3f2a91c) → the working tree: no change: the case compiles to the same requests\n"
    )
    assert told(result([one, two], [one, two], elsewhere=(one.id,))) == (
        "HEAD (3f2a91c) → the working tree: no change: all 2 cases compile to the same requests\n\n"
        "not fresh, though unchanged: spec::a; `promptc check` says why\n"
    )
    assert told(result([], [])) == "HEAD (3f2a91c) → the working tree: no change: no case compiles\n"


def answered(sha: str, text: str) -> StepResult:
    image = SavedImage(media_type="image/png", width=8, height=8, size=90, sha256=sha, thought=False)
    return StepResult(
        step=1,
        fingerprint="v1:0",
        finish_reason="STOP",
        block_reason=None,
        error=None,
        text=text,
        images=(image,),
        usage={},
        model_version=None,
        verdicts=(),
    )


def test_answers_that_were_recorded_anew_are_told_by_what_differs() -> None:
    old, new = answered("a" * 64, "one"), answered("b" * 64, "two")
    pair = PicturePair(number=1, old=old.images[0], new=new.images[0], problem="the old one can't be opened")
    review = StepReview(step=1, old=old, new=new, changes=(), pictures=(pair,), unmet=())
    found = result([asking("A moth")], [asking("A moth")])
    same = compare([asking("A moth")], [asking("A moth")], {}, {}).pairs[0]
    state = CaseResult(spec="spec", case="default", status=Status.PASSED)
    touched = CaseDifference(pair=same, before=state, now=state, answers=(review,))

    assert (
        told(result([], [], cases=(touched,), unchanged=3))
        == """\
HEAD (3f2a91c) → the working tree: 1 recorded anew

case           change         recording  requests  cost
spec::default  recorded anew  fresh             -     -

answers recorded anew — 1 case
  spec::default: picture 1: the old one can't be opened; another text

3 cases are unchanged
nothing need be recorded anew
"""
    )
    assert found.cases == ()
