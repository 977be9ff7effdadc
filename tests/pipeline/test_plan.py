"""What `record` would ask for, and what it would cost: as many requests as it asks then."""

from collections.abc import Callable
from pathlib import Path

import pytest

from promptc.config import EMULATOR
from promptc.pipeline.plan import plan
from promptc.pipeline.run import run
from promptc.replay.modes import RecordMode
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
