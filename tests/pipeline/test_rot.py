"""What rots below the cassettes folder: recordings of no case, files of no recording, answers of another age."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from promptc import age
from promptc.diagnostics import Diagnostic
from promptc.pipeline.check import check
from promptc.pipeline.filter import Filter
from promptc.pipeline.listing import listing
from promptc.pipeline.results import Status
from promptc.pipeline.run import run
from promptc.pipeline.unit import store_of
from promptc.replay import recording, session
from promptc.replay.modes import RecordMode
from promptc.replay.store import Store
from promptc.source import shown
from tests.workshop import BUTTERFLY, CHAT, Workshop

CASES = '\n[[cases]]\nname = "green"\n\n[[cases]]\nname = "pale"\n'
SPECS = {"butterfly": BUTTERFLY, "chat": CHAT, "moths/luna": BUTTERFLY + CASES}
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def found(shop: Workshop) -> list[tuple[str, str]]:
    """Return the codes and files of what `check` finds."""
    return [(d.code, d.file or d.place) for d in check(shop.project).diagnostics]


def told(shop: Workshop, code: str) -> list[Diagnostic]:
    """Return what `check` says with a code; a run of everything says the same."""
    checked = [d for d in check(shop.project).diagnostics if d.code == code]
    assert [d for d in run(shop.project).diagnostics if d.code == code] == checked
    return checked


# recordings of no case


def test_a_recording_without_a_case_is_told_and_its_pictures_go_without_saying(shop: Workshop) -> None:
    shop.spec("chat").unlink()

    assert told(shop, "P506") == [
        Diagnostic(
            code="P506",
            message="no case is named `chat::default`, so nothing checks this recording",
            file="cassettes/chat/default.yaml",
            help="`promptc prune` removes it with its pictures; to keep it, restore the spec",
        )
    ]
    assert found(shop) == [("P506", "cassettes/chat/default.yaml")]


def test_a_case_that_is_renamed_leaves_its_recording_behind(shop: Workshop) -> None:
    run(shop.project, ["moths/luna"], mode=RecordMode.ALL, target="emulator")
    shop.edit("moths/luna", '"green"', '"dark"')

    assert [entry for entry in found(shop) if "pale" not in entry[1]] == [
        ("P506", "cassettes/moths/luna/green.new.yaml"),
        ("P506", "cassettes/moths/luna/green.yaml"),
        ("P502", "specs/moths/luna.toml:11:8"),
    ]


def test_a_recording_that_is_cut_short_is_one_all_the_same(shop: Workshop) -> None:
    shop.spec("chat").unlink()
    cassette = shop.cassette("chat/default.yaml")
    data = cassette.read_bytes()
    cassette.write_bytes(data[: len(data) * 2 // 3])

    assert found(shop) == [("P506", "cassettes/chat/default.yaml")]


# files of no recording


def test_a_file_that_no_recording_refers_to_is_told(shop: Workshop) -> None:
    shutil.copy(shop.cassette("chat/default.1.1.png"), shop.cassette("butterfly/default.2.1.png"))

    assert told(shop, "P514") == [
        Diagnostic(
            code="P514",
            message="no recording of `butterfly::default` refers to this file",
            file="cassettes/butterfly/default.2.1.png",
            subject="butterfly::default",
            help="`promptc prune` removes it",
        )
    ]
    assert not run(shop.project).good


def test_pictures_are_told_where_their_cassette_is_gone(shop: Workshop) -> None:
    shop.cassette("butterfly/default.yaml").unlink()
    shop.cassette("chat/default.yaml").unlink()
    shop.spec("chat").unlink()

    first, *_, last = told(shop, "P514")

    assert (first.message, first.help) == (
        "no recording of `butterfly::default` refers to this file",
        "restore cassettes/butterfly/default.yaml, or `promptc prune` removes it",
    )
    assert last == Diagnostic(
        code="P514",
        message="no case is named `chat::default`, so nothing refers to this file",
        file="cassettes/chat/default.3.1.png",
        help="`promptc prune` removes it; to keep it, restore the spec and cassettes/chat/default.yaml",
    )
    assert len(found(shop)) == 1 + 2 + 6


def test_what_waits_has_files_of_its_own_until_its_cassette_is_gone(shop: Workshop) -> None:
    run(shop.project, ["butterfly"], mode=RecordMode.ALL, target="emulator")
    waits = found(shop)
    shop.cassette("butterfly/default.new.yaml").unlink()

    assert waits == [("P505", "cassettes/butterfly/default.new.yaml")]
    assert found(shop) == [
        ("P514", "cassettes/butterfly/default.new.1.1.bin"),
        ("P514", "cassettes/butterfly/default.new.1.1.png"),
    ]


def test_what_a_writer_has_not_finished_is_a_note(shop: Workshop) -> None:
    shop.cassette("butterfly/default.yaml.tmp").write_text("version: 1\ninteractions:\n- requ")
    shop.cassette("butterfly/default.new.1.1.png.tmp").write_bytes(b"\x89PNG")

    shop.cassette("chat/gone.yaml.tmp").write_bytes(b"")

    one, other, orphaned = check(shop.project).diagnostics

    assert one == Diagnostic(
        code="P514",
        severity=one.severity,
        message="a writer of `butterfly::default` that was stopped, or is at work, has not finished this file",
        file="cassettes/butterfly/default.new.1.1.png.tmp",
        subject="butterfly::default",
        help="`promptc prune` removes it, and so does the next `promptc record`",
    )
    assert (one.severity, other.severity, other.file) == ("note", "note", "cassettes/butterfly/default.yaml.tmp")
    assert (orphaned.severity, orphaned.file) == ("note", "cassettes/chat/gone.yaml.tmp")
    assert check(shop.project).good
    assert shop.record("butterfly").good
    assert found(shop) == [("P514", "cassettes/chat/gone.yaml.tmp")]


def test_files_under_each_others_names_are_referred_to(shop: Workshop) -> None:
    first, second = (shop.cassette(f"chat/default.{step}.1.png") for step in (1, 2))
    data = first.read_bytes()
    second.replace(first)
    shop.cassette("chat/default.2.1.png.tmp").write_bytes(data)

    assert {code for code, _ in found(shop)} == {"P510"}


@pytest.mark.parametrize(("name", "code"), [("default.1.1.png", "P510"), ("default.new.1.1.png", "P505")])
def test_a_writer_that_was_stopped_before_it_gave_a_file_its_name_left_nothing_unreferenced(
    shop: Workshop, name: str, code: str
) -> None:
    shop.edit("chat", "A Monarch butterfly", "A Luna moth")
    shop.record("chat")
    path = shop.cassette(f"chat/{name}")
    path.rename(path.with_name(f"{name}.tmp"))
    path.write_bytes(b"of the recording before")

    assert {found_code for found_code, _ in found(shop)} == {"P505", code}


@pytest.mark.parametrize("cassette", ["default.yaml", "default.new.yaml"])
def test_beside_a_recording_that_can_not_be_read_nothing_is_judged(shop: Workshop, cassette: str) -> None:
    run(shop.project, ["chat"], mode=RecordMode.ALL, target="emulator")
    shop.cassette(f"chat/{cassette}").write_text("version: 1\ninteractions:\n")
    shop.cassette("chat/default.9.1.png").write_bytes(b"x")

    assert "P514" not in {code for code, _ in found(shop)}


def test_beside_a_recording_that_lacks_a_file_nothing_is_judged(shop: Workshop) -> None:
    shop.cassette("chat/default.2.1.png").unlink()
    shop.cassette("chat/default.9.1.png").write_bytes(b"x")

    assert len(found(shop)) == 1
    assert found(shop) != [("P514", "cassettes/chat/default.9.1.png")]


FOREIGN = {
    "README.md": "# What lies here\n",
    ".gitattributes": "* -text\n",
    ".gitkeep": "",
    "chat/.gitkeep": "",
    "chat/.DS_Store": "x",
    "chat/.default.yaml.swp": "x",
    "chat/default.yaml~": "version: 1\ninteractions:\n",
    "chat/default.yaml.orig": "version: 1\ninteractions:\n",
    "chat/default.yml": "version: 1\ninteractions:\n",
    "chat/default.1.1.png.bak": "x",
    "chat/default.png": "x",
    "chat/default.0.1.png": "x",
    "chat/default.1.1.zip": "x",
    "chat/default.1.1.PNG": "x",
    "chat/default.old.1.1.png": "x",
    "chat/luna@2.1.1.png": "x",
    "chat/compose.yaml": "version: 1\nservices: {}\n",
    "chat/notes.yaml": "- ours\n",
    "chat/empty.yaml": "",
    "tests/test_client.yaml": "interactions:\n- request:\n    body: null\nversion: 1\n",
    "top.yaml": "version: 1\ninteractions:\n",
    "top.1.1.png": "x",
    "_old/default.yaml": "version: 1\ninteractions:\n",
    "_old/default.1.1.png": "x",
    "a b/default.1.1.png": "x",
    "con/default.1.1.png": "x",
    "chat/nul.1.1.png": "x",
}
"""Files that may lie among recordings, and that promptc would not name so."""


def write(shop: Workshop, files: dict[str, str]) -> None:
    for name, text in files.items():
        shop.cassette(name).parent.mkdir(parents=True, exist_ok=True)
        shop.cassette(name).write_text(text)


def test_other_peoples_files_are_not_told(shop: Workshop) -> None:
    write(shop, FOREIGN)
    shop.cassette("chat/default.8.8.png").mkdir()

    assert found(shop) == []


# what is judged


def test_a_partial_selection_judges_nothing(shop: Workshop) -> None:
    shop.spec("chat").unlink()
    shop.cassette("butterfly/default.7.1.png").write_bytes(b"x")

    assert check(shop.project, ["butterfly"]).good
    assert check(shop.project, only=Filter(cases=("green",))).good
    assert run(shop.project, ["butterfly", "moths"]).good


def test_a_spec_with_mistakes_keeps_what_bears_its_name_and_others_do_not(shop: Workshop) -> None:
    shop.edit("moths/luna", "[[turns]]", "[[trns]]")
    shop.cassette("moths/luna/old.1.1.png").write_bytes(b"x")
    shop.spec("chat").unlink()

    assert found(shop) == [("P506", "cassettes/chat/default.yaml"), ("P003", "specs/moths/luna.toml:3:3")]


def test_a_mistake_in_another_file_counts_for_the_spec_that_includes_it(shop: Workshop) -> None:
    text = "text = \"{% if green %}{% include '_part.j2' %}{% endif %} moth\""
    shop.edit("moths/luna", 'text = "A Monarch butterfly on textured parchment"', text)
    shop.edit("moths/luna", "[[turns]]", "[variables.green]\ntype = 'boolean'\ndefault = false\n\n[[turns]]")
    shop.edit("moths/luna", 'name = "green"', 'name = "green"\nvariables = { green = true }')
    (shop.root / "specs" / "moths" / "_part.j2").write_text("{{ 1 / 0 }}")

    assert [code for code, _ in found(shop) if code in {"P506", "P514"}] == []


def test_specs_that_are_not_seen_leave_open_what_belongs_to_them(shop: Workshop) -> None:
    elsewhere = shop.root / "elsewhere"
    (shop.root / "specs" / "moths").rename(elsewhere)
    (shop.root / "specs" / "moths").symlink_to(elsewhere)

    assert found(shop) == [("P006", "specs/moths")]


def test_a_link_to_a_folder_is_not_followed(shop: Workshop, tmp_path: Path) -> None:
    shop.spec("chat").unlink()
    shop.cassette("chat").rename(tmp_path / "elsewhere")
    shop.cassette("chat").symlink_to(tmp_path / "elsewhere")

    assert found(shop) == []


def test_on_a_disk_that_knows_no_letter_case_a_case_keeps_its_files(shop: Workshop) -> None:
    shop.cassette("Chat").mkdir()
    for path in shop.cassette("chat").iterdir():
        os.link(path, shop.cassette("Chat") / path.name)
    same = found(shop)
    shutil.copy(shop.cassette("chat/default.1.1.png"), shop.cassette("Chat/default.9.1.png"))

    assert same == []
    assert found(shop) == [("P514", "cassettes/Chat/default.9.1.png")]


@pytest.mark.parametrize("folder", [".", "specs"])
def test_where_recordings_have_no_folder_of_their_own_only_cassettes_are_told(shop: Workshop, folder: str) -> None:
    with (shop.root / "promptc.toml").open("a") as file:
        file.write(f'\n[paths]\ncassettes = "{folder}"\n')
    top = (shop.root / folder).resolve()
    for path in list(shop.cassette(".").iterdir()):
        shutil.copytree(path, top / path.name, dirs_exist_ok=True)
    shutil.rmtree(shop.root / "cassettes")
    (top / "dist").mkdir()
    (top / "dist" / "moth-0.1.0.bin").write_text("x")
    (top / "chat" / "old.yaml").write_bytes((top / "chat" / "default.yaml").read_bytes())

    assert found(shop) == [("P506", shown(top / "chat" / "old.yaml"))]


# recordings that are too old


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Return what sets the clock, so long after the recordings were made."""

    def later(span: timedelta) -> None:
        monkeypatch.setattr(age, "now", lambda: NOW + span)
        monkeypatch.setattr(session, "now", lambda: NOW + span)

    later(timedelta())
    return later


def of_age(shop: Workshop, max_age: str = "90d") -> None:
    """Record everything anew at the clock's moment, and say how old it may be."""
    assert run(shop.project, mode=RecordMode.ALL, target="emulator", accept=True).good
    with (shop.root / "promptc.toml").open("a") as file:
        file.write(f'\nmax_age = "{max_age}"\n')


EXPIRED = Diagnostic(
    code="P515",
    message="the recording of `chat::default` is expired: its oldest answer is from 2026-11-22T12:00:00Z, "
    "and `max_age` is 90 days",
    file="cassettes/chat/default.yaml",
    subject="chat::default",
    help="`promptc record --all --accept --target emulator specs/chat.toml::default` asks again and keeps the new "
    "answer; `promptc record --all --accept --target emulator --before 90d` does so for all that are too old",
)


def test_a_recording_is_as_old_as_its_oldest_answer(shop: Workshop, clock: Callable[[timedelta], None]) -> None:
    of_age(shop)
    clock(timedelta(days=89))
    shop.edit("chat", "Now make them blue.", "Now make them green.")
    shop.record("chat", accept=True)
    clock(timedelta(days=90))
    still_good = check(shop.project)
    clock(timedelta(days=90, seconds=1))

    checked = check(shop.project, ["chat"])

    assert still_good.good
    assert checked.diagnostics == (EXPIRED,)
    assert [case.status for case in checked.cases] == [Status.EXPIRED]
    assert not checked.good


def test_a_run_warns_of_an_old_recording_and_stays_green(shop: Workshop, clock: Callable[[timedelta], None]) -> None:
    of_age(shop)
    clock(timedelta(days=91))

    result = run(shop.project, ["chat"])

    assert [(d.code, d.severity, d.message) for d in result.results[0].diagnostics] == [
        ("P515", "warning", EXPIRED.message)
    ]
    assert result.good
    assert [state.status for _, state in listing(shop.project, ["chat"]).rows] == [Status.EXPIRED]


def test_without_a_max_age_no_recording_is_too_old(shop: Workshop, clock: Callable[[timedelta], None]) -> None:
    clock(timedelta(days=9000))

    assert check(shop.project).good


def undated(shop: Workshop) -> None:
    """Take the first answer's moment out of the chat's recording, as an import from elsewhere has none."""
    store = store_of(shop.project, "chat", "default")
    found = store.load(store.accepted)
    assert found
    first, *others = found.provenance.steps
    provenance = replace(found.provenance, steps=(replace(first, recorded_at=None), *others))
    store.accepted.write_text(recording.dump(found.requests, found.responses, provenance))


def test_a_recording_whose_age_nobody_knows_is_too_old(shop: Workshop, clock: Callable[[timedelta], None]) -> None:
    of_age(shop, "2w")
    clock(timedelta(hours=1))
    undated(shop)

    assert [d.message for d in check(shop.project).diagnostics] == [
        "the recording of `chat::default` is expired: nobody knows when it was made, and `max_age` is 14 days"
    ]


def test_what_is_stale_missing_or_skipped_is_not_told_to_be_old_too(
    shop: Workshop, clock: Callable[[timedelta], None]
) -> None:
    of_age(shop)
    clock(timedelta(days=100))
    shop.edit("butterfly", "parchment", "vellum")
    shop.cassette("chat/default.1.1.png").unlink()
    shop.edit("moths/luna", 'name = "green"', 'name = "green"\nskip = "later"')

    assert [d.code for d in check(shop.project).diagnostics if d.subject != "moths/luna::pale"] == ["P512", "P501"]
    results = run(shop.project).results
    assert [[d.code for d in case.diagnostics] for case in results] == [["P501"], ["P512"], [], ["P515"]]


def test_an_answer_that_waits_may_be_accepted_instead(shop: Workshop, clock: Callable[[timedelta], None]) -> None:
    of_age(shop)
    clock(timedelta(days=100))
    run(shop.project, ["chat"], mode=RecordMode.ALL, target="emulator")

    waits, old = check(shop.project, ["chat"]).diagnostics

    assert (waits.code, old.code) == ("P505", "P515")
    assert (old.help or "").startswith(
        "`promptc accept specs/chat.toml::default` if the answer that waits is good; else `promptc record --all "
    )
    assert [d.code for d in run(shop.project, ["chat"]).results[0].diagnostics] == ["P505"]


# asking again for what is old


def again(shop: Workshop, before: datetime, *, accept: bool = True) -> dict[str, int]:
    """Record all that is older, and return how many requests each case took."""
    result = run(shop.project, mode=RecordMode.ALL, target="emulator", before=before, accept=accept)
    return {case.id: case.asked for case in result.results}


NONE = {"butterfly::default": 0, "chat::default": 0, "moths/luna::green": 0, "moths/luna::pale": 0}
ALL = {"butterfly::default": 1, "chat::default": 3, "moths/luna::green": 1, "moths/luna::pale": 1}


def test_only_what_is_older_is_asked_for_again(shop: Workshop, clock: Callable[[timedelta], None]) -> None:
    of_age(shop)
    clock(timedelta(days=80))
    run(shop.project, ["chat"], mode=RecordMode.ALL, target="emulator", accept=True)
    clock(timedelta(days=91))

    assert again(shop, NOW) == NONE
    assert again(shop, NOW + timedelta(days=1)) == {**ALL, "chat::default": 0}
    assert check(shop.project).good
    assert again(shop, NOW + timedelta(days=91)) == {**NONE, "chat::default": 3}
    assert again(shop, NOW + timedelta(days=91)) == NONE
    assert again(shop, NOW + timedelta(days=91, seconds=1)) == ALL


def test_the_oldest_answer_counts_so_that_what_is_expired_is_asked_for(
    shop: Workshop, clock: Callable[[timedelta], None]
) -> None:
    of_age(shop)
    clock(timedelta(days=80))
    shop.edit("chat", "Now make them blue.", "Now make them green.")
    shop.record("chat", accept=True)
    clock(timedelta(days=91))

    assert again(shop, NOW + timedelta(days=1)) == ALL
    assert check(shop.project).good


def test_a_recording_of_unknown_age_is_asked_for_again(shop: Workshop, clock: Callable[[timedelta], None]) -> None:
    of_age(shop)
    undated(shop)
    clock(timedelta(hours=1))

    assert again(shop, NOW - timedelta(days=9)) == {**NONE, "chat::default": 3}


def test_an_all_that_was_stopped_goes_on_where_it_was(shop: Workshop, clock: Callable[[timedelta], None]) -> None:
    of_age(shop)
    clock(timedelta(days=5))
    began = age.now()
    run(shop.project, ["chat"], mode=RecordMode.ALL, target="emulator")
    clock(timedelta(days=5, minutes=1))

    assert again(shop, began, accept=False) == {**ALL, "chat::default": 0}
    assert again(shop, began, accept=False) == NONE
    assert again(shop, began, accept=True) == NONE
    assert check(shop.project).good
    assert [case.recorded_at for case in check(shop.project).cases if case.spec == "chat"] == ["2026-11-27T12:00:00Z"]


def test_an_old_answer_that_waits_is_no_reason_not_to_ask(shop: Workshop, clock: Callable[[timedelta], None]) -> None:
    of_age(shop)
    run(shop.project, ["chat"], mode=RecordMode.ALL, target="emulator")
    clock(timedelta(days=5))

    assert again(shop, NOW + timedelta(days=1)) == ALL


@pytest.mark.usefixtures("clock")
def test_what_is_young_is_played_and_asked_for_where_it_is_stale(shop: Workshop) -> None:
    of_age(shop)
    shop.edit("chat", "Now make them blue.", "Now make them green.")

    assert again(shop, NOW) == {**NONE, "chat::default": 1}


@pytest.mark.usefixtures("clock")
def test_without_all_nothing_is_asked_for_by_its_age(shop: Workshop) -> None:
    of_age(shop)

    result = run(shop.project, mode=RecordMode.NEW_EPISODES, target="emulator", before=NOW + timedelta(days=9))

    assert [case.asked for case in result.results] == [0, 0, 0, 0]


def test_a_recording_that_can_not_be_read_is_asked_for_once(shop: Workshop, clock: Callable[[timedelta], None]) -> None:
    of_age(shop)
    clock(timedelta(hours=1))
    shop.cassette("chat/default.yaml").write_text("")

    assert again(shop, NOW, accept=False) == {**NONE, "chat::default": 3}
    assert again(shop, NOW, accept=False) == NONE
    assert Store(folder=shop.cassette("chat"), case="default", locks=shop.root).pending.exists()
