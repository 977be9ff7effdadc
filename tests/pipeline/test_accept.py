"""Accept and reject: a new answer becomes the truth whole, or leaves no trace."""

import hashlib
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import pytest

from promptc.pipeline.accept import SettledResult, accept, reject
from promptc.pipeline.unit import store_of
from promptc.pipeline.waiting import Sight, sight
from promptc.replay.modes import RecordMode
from promptc.replay.store import Store
from promptc.report.summary import settled_summary
from tests.workshop import BUTTERFLY, CHAT, Workshop

Settle: TypeAlias = Callable[..., SettledResult]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """Return a repo in whose folder the tests run: both cases are recorded."""
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY, "chat": CHAT})
    monkeypatch.chdir(tmp_path)
    assert shop.record().good
    return shop


def ask_again(shop: Workshop, *specs: str) -> None:
    """Change a word in both specs, and record new answers beside the old ones."""
    shop.edit("butterfly", "parchment", "vellum")
    shop.edit("chat", "Monarch", "Luna")
    assert all(case.waits for case in shop.record(*specs).results)


def seen(shop: Workshop, spec: str = "butterfly") -> Sight:
    return sight(store(shop, spec))


def store(shop: Workshop, spec: str = "butterfly") -> Store:
    return store_of(shop.project, spec, "default")


def ageless(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return files without the moments in cassettes, and without what depends on these."""
    moment = re.compile(rb"recordedAt: .*|answer: sha256:.*")
    return {name: moment.sub(b"", data) if name.endswith(".yaml") else data for name, data in files.items()}


def test_after_accept_the_tree_is_as_if_it_had_been_recorded_so(
    shop: Workshop, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = Workshop(tmp_path_factory.mktemp("other") / "repo")
    shutil.copytree(shop.root, other.root)
    ask_again(shop)
    for name in ("butterfly", "chat"):
        other.spec(name).write_text(shop.spec(name).read_text())
    assert other.record(accept=True).good

    assert accept(shop.project).cases == ("butterfly::default", "chat::default")

    assert ageless(shop.files()) == ageless(other.files())
    assert shop.replay().good


def test_after_reject_the_tree_is_as_it_was(shop: Workshop) -> None:
    before = shop.files(".")
    ask_again(shop)
    shop.edit("butterfly", "vellum", "parchment")
    shop.edit("chat", "Luna", "Monarch")

    assert reject(shop.project).cases == ("butterfly::default", "chat::default")

    assert shop.files(".") == before
    assert shop.replay().good


def test_a_rejected_answer_with_nothing_beside_it_leaves_no_folder(shop: Workshop) -> None:
    ask_again(shop)
    for file in shop.cassette("butterfly").glob("default.[1y]*"):
        file.unlink()

    assert reject(shop.project, ["butterfly"]).cases == ("butterfly::default",)

    assert not shop.cassette("butterfly").exists()
    assert shop.cassette("chat").is_dir()


def test_a_rejected_answer_leaves_no_files_beside_a_recording_that_can_t_be_read(shop: Workshop) -> None:
    ask_again(shop)
    shop.cassette("butterfly/default.yaml").write_bytes(b"<<<<<<< HEAD\n")

    assert reject(shop.project, ["butterfly"]).cases == ("butterfly::default",)

    assert list(shop.files("cassettes/butterfly")) == ["default.1.1.bin", "default.1.1.png", "default.yaml"]


def test_what_the_damaged_recording_needs_is_not_rejected_with_an_answer(shop: Workshop) -> None:
    assert shop.record("butterfly", mode=RecordMode.ALL).results[0].waits
    picture = shop.cassette("butterfly/default.1.1.png").read_bytes()
    shop.cassette("butterfly/default.new.1.1.png").write_bytes(picture)  # a writer was killed, and files got lost
    shop.cassette("butterfly/default.1.1.png").unlink()
    shop.cassette("butterfly/default.1.1.bin").unlink()

    reject(shop.project, ["butterfly"])

    assert hashlib.sha256(picture).hexdigest() in {hashlib.sha256(data).hexdigest() for data in shop.files().values()}


def test_a_stale_answer_is_not_accepted(shop: Workshop) -> None:
    ask_again(shop, "butterfly")
    before = shop.files()
    shop.edit("butterfly", "vellum", "oak bark")

    result = accept(shop.project, ["butterfly"])

    (problem,) = result.diagnostics
    assert (result.cases, result.answers) == ((), ())
    assert (problem.code, problem.message, problem.file) == (
        "P501",
        "the answer of `butterfly::default` that waits is stale: the request has changed since",
        "cassettes/butterfly/default.new.yaml",
    )
    assert shop.files() == before


def test_where_an_answer_comes_from_is_told_of_what_became_the_truth(shop: Workshop) -> None:
    ask_again(shop, "butterfly")
    waiting = store(shop).load(store(shop).pending)
    assert waiting

    assert accept(shop.project, ["butterfly"]).answers == (waiting.provenance,)
    assert accept(shop.project, ["butterfly"]).answers == ()


@pytest.mark.parametrize("settle", [accept, reject])
def test_an_answer_that_came_after_the_look_stays(shop: Workshop, settle: Settle) -> None:
    ask_again(shop, "butterfly")
    shown = seen(shop)
    shop.edit("butterfly", "vellum", "oak bark")
    assert shop.record("butterfly").results[0].waits
    before = shop.files()

    result = settle(shop.project, ["butterfly"], seen=shown)

    (problem,) = result.diagnostics
    assert result.cases == ()
    assert (problem.code, problem.message, problem.help) == (
        "P505",
        "the answers of `butterfly::default` are not those that were shown: somebody has changed them since",
        "nothing was done: look at the new ones first",
    )
    assert shop.files() == before
    assert settle(shop.project, ["butterfly"], seen=seen(shop)).cases == ("butterfly::default",)


@pytest.mark.parametrize("settle", [accept, reject])
def test_an_answer_that_somebody_else_has_settled_meanwhile_is_none_of_ours(shop: Workshop, settle: Settle) -> None:
    ask_again(shop, "butterfly")
    shown = seen(shop)
    reject(shop.project, ["butterfly"])

    result = settle(shop.project, ["butterfly"], seen=shown)

    assert (result.cases, result.diagnostics) == ((), ())


def test_the_old_answer_counts_for_what_was_shown(shop: Workshop) -> None:
    ask_again(shop, "butterfly")
    shown = seen(shop)
    text = shop.cassette("butterfly/default.yaml").read_text()
    shop.cassette("butterfly/default.yaml").write_text(f"{text}\n")

    assert accept(shop.project, ["butterfly"], seen=shown).cases == ()
    assert accept(shop.project, ["butterfly"], seen=replace_old(shown, seen(shop))).cases == ("butterfly::default",)


def replace_old(shown: Sight, now: Sight) -> Sight:
    return shown[0], now[1]


def test_accept_says_which_answers_are_not_what_is_expected(shop: Workshop) -> None:
    ask_again(shop)
    shop.spec("chat").write_text(shop.spec("chat").read_text() + '\n[expect]\ntext = { contains = "Atlas" }\n')

    result = accept(shop.project)

    assert (result.cases, result.unmet) == (("butterfly::default", "chat::default"), ("chat::default",))
    assert settled_summary(result, "accepted").splitlines()[-1] == (
        "accepted, but it is not green: `promptc run chat::default` says why"
    )


def test_a_long_list_of_what_is_not_green_is_a_command_for_all() -> None:
    result = SettledResult(cases=("a::b", "a::c d"), diagnostics=(), unmet=("a::b", "a::c d"))
    many = replace(result, cases=tuple("abcde"), unmet=tuple("abcd"))

    assert settled_summary(result, "accepted") == (
        "accepted a::b\naccepted a::c d\naccepted, but 2 of them are not green: `promptc run a::b 'a::c d'` says why\n"
    )
    assert settled_summary(many, "accepted").endswith(
        "\naccepted, but 4 of them are not green: `promptc run` says why\n"
    )


def test_a_rejected_answer_is_not_judged(shop: Workshop) -> None:
    ask_again(shop)

    result = reject(shop.project)

    assert (result.cases, result.unmet) == (("butterfly::default", "chat::default"), ())
