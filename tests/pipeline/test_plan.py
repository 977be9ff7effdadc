"""What `record` would ask for, and what it would cost: as many requests as it asks then."""

import base64
import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptc.age import moment, now
from promptc.config import BUILT_IN, EMULATOR, Limits
from promptc.errors import LimitError
from promptc.estimate import guess
from promptc.pipeline.consent import exceeded, sums
from promptc.pipeline.plan import Estimate, Why, estimated, plan, total
from promptc.pipeline.run import run
from promptc.pipeline.selection import select
from promptc.pipeline.targets import reached
from promptc.pipeline.unit import Unit
from promptc.replay.limits import Limiter
from promptc.replay.modes import RecordMode
from tests.compiler.project import picture
from tests.replay.made import RawServer, http
from tests.workshop import BUTTERFLY, CHAT, Workshop

EDIT = ("Monarch", "Luna")


def nothing(shop: Workshop) -> None:
    """Leave the project as it is."""


def recorded(shop: Workshop) -> None:
    shop.record()


def stale(shop: Workshop) -> None:
    shop.record()
    shop.edit("one", *EDIT)


def stale_in_the_middle(shop: Workshop) -> None:
    shop.record()
    shop.edit("chat", "open the wings", "close the wings")


def waiting(shop: Workshop) -> None:
    stale(shop)
    shop.record()


def waiting_and_stale(shop: Workshop) -> None:
    waiting(shop)
    shop.edit("one", "Luna", "Atlas")


def skipped(shop: Workshop) -> None:
    shop.spec("one").write_text(f'{BUTTERFLY}\n[[cases]]\nname = "default"\nskip = "not yet"\n')


def longer(shop: Workshop) -> None:
    shop.record()
    shop.spec("one").write_text(
        shop.spec("one").read_text().replace("\n[gen", '\n[[turns]]\nreply = true\n[[turns]]\ntext = "Now?"\n[gen')
    )


def shorter(shop: Workshop) -> None:
    shop.record()
    chat = shop.spec("chat").read_text()
    shop.spec("chat").write_text(
        chat.replace('[[turns]]\nreply = true\n\n[[turns]]\ntext = "Now make them blue."\n', "")
    )


STATES = [nothing, recorded, stale, stale_in_the_middle, waiting, waiting_and_stale, skipped, longer, shorter]


@pytest.mark.parametrize("mode", [RecordMode.ONCE, RecordMode.NEW_EPISODES, RecordMode.ALL])
@pytest.mark.parametrize("state", STATES)
def test_a_plan_counts_the_requests_that_recording_sends(
    state: Callable[[Workshop], None], mode: RecordMode, tmp_path: Path
) -> None:
    shop = Workshop.make(tmp_path, {"one": BUTTERFLY, "chat": CHAT})
    state(shop)
    before = shop.files("cassettes") if (tmp_path / "cassettes").exists() else {}

    made = plan(shop.project, mode=mode, target=EMULATOR)

    assert (shop.files("cassettes") if (tmp_path / "cassettes").exists() else {}) == before
    sent = run(shop.project, mode=mode, target=EMULATOR)
    assert made.estimate.requests == sum(result.asked for result in sent.results)
    assert [case.id for case in made.cases] == [result.id for result in sent.results if result.asked]
    assert made.rest == len(sent.results) - len(made.cases)


def test_before_asks_again_for_what_is_older(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"one": BUTTERFLY, "chat": CHAT})
    shop.record()
    again = partial(plan, shop.project, mode=RecordMode.ALL, target=EMULATOR)

    assert again(before=moment("2020-01-01T00:00:00Z")).cases == ()
    assert [(case.id, case.why) for case in again(before=now() + timedelta(days=1)).cases] == [
        ("chat::default", Why.AGAIN),
        ("one::default", Why.AGAIN),
    ]


def test_answers_of_an_unfinished_run_are_not_asked_for_again(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"chat": CHAT.replace("make them blue", "[block] please")})
    assert not shop.record().good
    assert (tmp_path / ".promptc" / "unfinished").exists()
    kept = shop.files(".promptc/unfinished")

    (case,) = plan(shop.project, target=EMULATOR).cases

    assert (case.first, case.estimate.requests) == (3, 1)
    assert shop.files(".promptc/unfinished") == kept


def test_a_stand_in_counts_as_missing_for_another_target(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"one": BUTTERFLY}, stand_ins=False)
    shop.record()

    assert plan(shop.project, target=EMULATOR).cases == ()
    (case,) = plan(shop.project).cases
    assert (case.why, case.estimate.measured) == (Why.STAND_IN, 0)


def test_a_damaged_recording_stands_in_the_way_unless_all_is_asked_again(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"one": BUTTERFLY})
    shop.record()
    shop.cassette("one/default.yaml").write_text("version: 1\n")

    made = plan(shop.project)
    (case,) = plan(shop.project, mode=RecordMode.ALL).cases

    assert (made.cases, made.good, [found.code for found in made.diagnostics]) == ((), False, ["P503"])
    assert case.why is Why.DAMAGED


USAGE = {
    "promptTokenCount": 8,
    "candidatesTokenCount": 760,
    "thoughtsTokenCount": 32,
    "totalTokenCount": 800,
    "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 747}],
}
MINE = """
[run]
target = "mine"

[targets.mine]
base_url = "{url}"
auth = "none"
requests_per_minute = 2
"""


def of_the_api(tmp_path: Path, *limits: str) -> Workshop:
    """Return a project with an answer of an API, which counts other tokens than any rule."""
    shop = Workshop.make(tmp_path, {"one": BUTTERFLY})
    png = base64.b64encode(picture()).decode()
    parts = [{"text": "A Monarch"}, {"inlineData": {"mimeType": "image/png", "data": png}}]
    candidate = {"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}
    said = json.dumps({"candidates": [candidate], "usageMetadata": USAGE}).encode()
    with RawServer(http(said, Content_Type="application/json")) as server:
        (tmp_path / "promptc.toml").write_text("\n".join(["version = 1", *limits, MINE.format(url=server.base_url)]))
        assert [result.kept for result in run(shop.project, mode=RecordMode.NEW_EPISODES).results] == ["accepted"]
    return shop


def test_the_last_answer_of_the_api_measures_the_next_one_of_its_kind(tmp_path: Path) -> None:
    shop = of_the_api(tmp_path)
    (again,) = plan(shop.project, mode=RecordMode.ALL).cases

    assert again.why is Why.AGAIN
    assert again.estimate == Estimate(
        cases=1,
        requests=1,
        input_tokens=8,
        output_tokens=792,
        dollars=round((8 * 0.5 + (13 + 32) * 3 + 747 * 60) / 1e6, 9),
        seconds=0,
        measured=1,
    )


def test_words_that_were_added_since_are_counted_to_what_was_measured(tmp_path: Path) -> None:
    shop = of_the_api(tmp_path)
    shop.edit("one", "textured parchment", f"textured parchment{' and more' * 10}")

    (case,) = plan(shop.project).cases

    assert (case.why, case.estimate.measured) == (Why.STALE, 1)
    assert case.estimate.input_tokens == 8 + (131 + 3) // 4 - (41 + 3) // 4


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('imageSize = "512"', 'imageSize = "1K"'),
        ("gemini-3.1-flash-image", "gemini-3.1-flash-image-preview"),
        ('["TEXT", "IMAGE"]', '["IMAGE"]'),
    ],
)
def test_an_answer_of_another_kind_measures_nothing(tmp_path: Path, old: str, new: str) -> None:
    shop = of_the_api(tmp_path)
    shop.edit("one", old, new)

    assert [case.estimate.measured for case in plan(shop.project).cases] == [0]


def test_a_unit_is_estimated_by_itself(tmp_path: Path) -> None:
    shop = of_the_api(tmp_path)
    project = shop.project
    target = project.find_target(None)
    with reached(project, target, ask=False) as endpoint:
        (case,) = select(project).cases
        unit = Unit(project=project, case=case, endpoint=endpoint, mode=RecordMode.NEW_EPISODES)
        anew = estimated(replace(unit, mode=RecordMode.ALL))
        assert estimated(unit) is None
        assert anew is not None
        assert total([anew] * 5, target).seconds == 120


def asked(**fields: Any) -> Estimate:
    given: dict[str, Any] = {"cases": 1, "requests": 1, "input_tokens": 10, "output_tokens": 20, "dollars": 0.5}
    return Estimate(**{**given, "seconds": None, **fields})


def test_sums_name_what_is_not_in_them() -> None:
    rows = [asked(), asked(dollars=None, unpriced=("b",)), asked(uncounted=("application/pdf",)), asked(measured=1)]

    assert total(rows, BUILT_IN["google"]) == Estimate(
        cases=4,
        requests=4,
        input_tokens=40,
        output_tokens=80,
        dollars=1.5,
        seconds=None,
        unpriced=("b",),
        measured=1,
        uncounted=("application/pdf",),
    )
    assert total(rows[1:2], BUILT_IN["google"]).dollars is None
    assert total([], BUILT_IN["google"]).dollars == 0


@given(st.integers(1, 5), st.integers(0, 40))
def test_the_time_is_that_of_the_limit_of_the_transport(most: int, requests: int) -> None:
    target = replace(BUILT_IN["google"], requests_per_minute=most)
    clock = [0.0]
    limiter = Limiter(target, lambda: clock[0], lambda seconds: clock.__setitem__(0, clock[0] + seconds))
    for _ in range(requests):
        with limiter.turn(lambda: 0.0):
            pass

    assert total([asked()] * requests, target).seconds == clock[0]


@pytest.mark.parametrize(
    ("estimate", "words"),
    [
        (asked(), "1 request of 1 case, about $0.50"),
        (asked(requests=1200, cases=40, dollars=1234.5), "1,200 requests of 40 cases, about $1,234.50"),
        (asked(dollars=0.00156), "1 request of 1 case, about $0.0016"),
        (asked(dollars=0.0), "1 request of 1 case, about $0.00"),
        (asked(dollars=None, unpriced=("a",)), "1 request of 1 case, what `a` costs (price not known)"),
        (
            asked(dollars=0.13, unpriced=("a", "b"), uncounted=("googleSearch",)),
            (
                "1 request of 1 case, about $0.13 and what `a` and `b` costs (price not known) "
                "and what `googleSearch` adds (not counted)"
            ),
        ),
        (
            asked(dollars=0.13, unpriced=("a", "b", "c", "d\x1b[2J")),
            "1 request of 1 case, about $0.13 and what `a`, `b`, `c` and 1 more costs (price not known)",
        ),
        (
            asked(dollars=None, unpriced=("d\x1b[2J",)),
            "1 request of 1 case, what `'d\\x1b[2J'` costs (price not known)",
        ),
    ],
)
def test_a_price_is_told_as_far_as_it_is_known(estimate: Estimate, words: str) -> None:
    assert sums(estimate) == words


@pytest.mark.parametrize(
    ("limits", "estimate", "reasons"),
    [
        (Limits(), asked(dollars=None, unpriced=("a",)), []),
        (Limits(requests=1, tokens=30, dollars=0.5), asked(), []),
        (Limits(requests=0), asked(), ["1 request, and the limit is 0"]),
        (Limits(tokens=29), asked(), ["about 30 tokens, and the limit is 29"]),
        (Limits(dollars=0.49), asked(), ["about $0.50, and the limit is $0.49"]),
        (
            Limits(dollars=9),
            asked(dollars=None, unpriced=("a",)),
            ["what `a` costs (price not known), and the limit is $9.00"],
        ),
        (
            Limits(dollars=9),
            asked(uncounted=("googleSearch",)),
            ["about $0.50 and what `googleSearch` adds (not counted), and the limit is $9.00"],
        ),
    ],
)
def test_what_is_not_known_counts_against_a_limit_of_money(
    limits: Limits, estimate: Estimate, reasons: list[str]
) -> None:
    assert list(exceeded(estimate, limits)) == reasons


def test_without_anybody_to_ask_nothing_is_sent_above_a_limit(tmp_path: Path) -> None:
    shop = of_the_api(tmp_path, "[limits]", "requests = 1")
    shop.spec("two").write_text(BUTTERFLY)

    assert run(shop.project, ["one"], mode=RecordMode.NEW_EPISODES).results[0].asked == 0
    with pytest.raises(LimitError) as error:
        run(shop.project, mode=RecordMode.ALL)
    assert str(error.value) == (
        "nothing was asked: 2 requests of 2 cases, about $0.09, and that is above a limit of this project: "
        "2 requests, and the limit is 1; `promptc plan` lists the cases; `--yes` asks all the same, "
        "or raise the limit in `[limits]` of promptc.toml"
    )


def test_the_prompt_is_counted_by_rule(tmp_path: Path) -> None:
    text = BUTTERFLY.replace("A Monarch butterfly on textured parchment", "蝶" * 10 + "a" * 6)
    shop = Workshop.make(tmp_path, {"one": text})
    (case,) = select(shop.project).cases

    guessed = guess(case.requests[0], shop.project.models.find("gemini-3.1-flash-image")).tokens

    assert (guessed.prompt, guessed.text, guessed.image, guessed.thoughts) == (12, 100, 747, 500)


def test_a_renamed_case_is_counted_until_its_recording_is_moved_which_is_said(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"chat": CHAT, "moth": BUTTERFLY})
    shop.record()
    shop.spec("chat").rename(shop.spec("talk"))
    shop.spec("wasp").write_text(BUTTERFLY.replace("Monarch", "Wasp"))
    asked = {case.id: (case.estimate.requests, case.move) for case in plan(shop.project).cases}
    steps = [f"chat/default.{step}.1.{kind}" for step in (1, 2, 3) for kind in ("bin", "png")]
    files = " ".join(str(shop.cassette(name)) for name in [*steps, "chat/default.yaml"])
    folder = shop.cassette("talk")
    assert asked == {
        "talk::default": (3, f"mkdir -p {folder} && mv {files} {folder}/"),
        "wasp::default": (1, None),
    }
    assert [case.move for case in plan(shop.project, mode=RecordMode.ALL).cases] == [None] * 3
    subprocess.run(["sh", "-c", asked["talk::default"][1] or ""], check=True, timeout=60)
    assert [case.id for case in plan(shop.project).cases] == ["wasp::default"]
