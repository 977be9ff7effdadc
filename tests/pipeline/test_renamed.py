"""What was renamed by half, a cassette without its pictures or a spec without its recording, costs nothing."""

import shutil
import subprocess

import pytest

from promptc.diagnostics import Diagnostic
from promptc.pipeline.accept import accept
from promptc.pipeline.check import check
from promptc.pipeline.prune import prune
from promptc.pipeline.run import run
from promptc.replay.modes import RecordMode
from tests.workshop import BUTTERFLY, CHAT, Workshop

CASES = '\n[[cases]]\nname = "green"\nvariables = { hue = "green" }\n\n[[cases]]\nname = "pale"\n'
VARIABLE = '[variables.hue]\ntype = "string"\ndefault = "pale"\n\n[[turns]]'
MOTHS = BUTTERFLY.replace("[[turns]]", VARIABLE).replace("Monarch", "{{ hue }}") + CASES
SPECS = {"butterfly": BUTTERFLY, "chat": CHAT, "moths/luna": MOTHS}
KEPT = "; or `promptc record specs/{0}` asks for it; `--target emulator` asks a stand-in instead"


def found(shop: Workshop) -> tuple[Diagnostic, ...]:
    """Return what `check` says; a run of everything says the same of names."""
    checked = check(shop.project).diagnostics
    ran = run(shop.project)
    assert {*ran.diagnostics, *(d for case in ran.results for d in case.diagnostics)} == set(checked)
    return checked


def carried_out(shop: Workshop, command: str) -> None:
    """Do what a message says, in a shell, and find that all is well."""
    subprocess.run(["/bin/sh", "-ec", command], cwd=shop.root, check=True, timeout=20)
    assert found(shop) == ()
    assert prune(shop.project).files == ()


def moved(shop: Workshop, old: str, new: str) -> None:
    shop.cassette(new).parent.mkdir(exist_ok=True)
    shop.cassette(old).rename(shop.cassette(new))


def lost(cassette: str, missing: str, subject: str, command: str) -> Diagnostic:
    return Diagnostic(
        code="P512",
        message=f"the recording lacks its file `cassettes/{missing}`",
        file=f"cassettes/{cassette}",
        subject=subject,
        help=f"the bytes lie under another case's name: `{command}` brings them back",
    )


# a cassette without its pictures


def test_a_case_that_was_renamed_with_its_cassette_alone_gets_its_pictures_back(shop: Workshop) -> None:
    shop.edit("moths/luna", 'name = "green"', 'name = "dark"')
    moved(shop, "moths/luna/green.yaml", "moths/luna/dark.yaml")
    folder = "cassettes/moths/luna"
    command = f"mv {folder}/green.1.1.bin {folder}/dark.1.1.bin && mv {folder}/green.1.1.png {folder}/dark.1.1.png"

    pruned = prune(shop.project)

    assert [(file.file.name, file.reason, file.removed) for file in pruned.spared] == [
        ("green.1.1.bin", "kept: the recording of `moths/luna::dark` lacks it", False),
        ("green.1.1.png", "kept: the recording of `moths/luna::dark` lacks it", False),
    ]
    assert (pruned.files, pruned.good) == ((), True)
    assert found(shop) == (lost("moths/luna/dark.yaml", "moths/luna/dark.1.1.png", "moths/luna::dark", command),)
    carried_out(shop, command)


def test_a_spec_that_was_renamed_with_its_cassettes_alone_gets_its_pictures_back(shop: Workshop) -> None:
    shop.spec("chat").rename(shop.spec("talk"))
    moved(shop, "chat/default.yaml", "talk/default.yaml")
    files = [f"cassettes/chat/default.{step}.1.{kind}" for step in (1, 2, 3) for kind in ("bin", "png")]
    command = f"mv {' '.join(files)} cassettes/talk/"

    assert found(shop) == (lost("talk/default.yaml", "talk/default.1.1.png", "talk::default", command),)
    carried_out(shop, command)


def test_what_another_recording_refers_to_is_copied(shop: Workshop) -> None:
    shop.spec("twin").write_text(BUTTERFLY)
    (shop.root / "cassettes" / "twin").mkdir()
    shutil.copy(shop.cassette("butterfly/default.yaml"), shop.cassette("twin"))
    files = "cassettes/butterfly/default.1.1.bin cassettes/butterfly/default.1.1.png"
    command = f"cp {files} cassettes/twin/"

    assert found(shop) == (lost("twin/default.yaml", "twin/default.1.1.png", "twin::default", command),)
    carried_out(shop, command)


def test_a_cassette_that_took_the_place_of_another_finds_its_pictures_instead_of_those(shop: Workshop) -> None:
    shop.edit("moths/luna", '\n[[cases]]\nname = "green"\nvariables = { hue = "green" }\n', "")
    shop.edit("moths/luna", 'default = "pale"', 'default = "green"')
    moved(shop, "moths/luna/green.yaml", "moths/luna/pale.yaml")
    folder = "cassettes/moths/luna"
    command = f"mv {folder}/green.1.1.bin {folder}/pale.1.1.bin && mv {folder}/green.1.1.png {folder}/pale.1.1.png"

    assert (prune(shop.project).files, len(prune(shop.project).spared)) == ((), 2)
    (told,) = found(shop)
    assert (told.code, told.help) == (
        "P513",
        f"the bytes lie under another case's name: `{command}` brings them back",
    )
    carried_out(shop, command)


def test_an_answer_that_waits_gets_its_pictures_back_too(shop: Workshop) -> None:
    run(shop.project, ["butterfly"], mode=RecordMode.ALL, target="emulator")
    shop.cassette("butterfly/default.new.1.1.png").rename(shop.cassette("butterfly/other.1.1.png"))
    shop.cassette("butterfly/default.1.1.png").unlink()
    command = "mv cassettes/butterfly/other.1.1.png cassettes/butterfly/default.1.1.png"

    (problem, *_) = accept(shop.project).diagnostics

    assert problem.help == f"the bytes lie under another case's name: `{command}` brings them back"


def test_bytes_that_changed_are_no_picture_of_the_recording(shop: Workshop) -> None:
    shop.cassette("butterfly/default.1.1.png").rename(shop.cassette("butterfly/other.1.1.png"))
    data = shop.cassette("butterfly/other.1.1.png").read_bytes()
    shop.cassette("butterfly/other.1.1.png").write_bytes(data[:-1] + b"x")

    assert [(d.code, d.help) for d in found(shop)] == [
        (
            "P512",
            (
                "restore it with `git checkout -- cassettes/butterfly/default.1.1.png`, or record the case again: "
                "`promptc record --all --accept --target emulator specs/butterfly.toml::default`"
            ),
        ),
        (
            "P514",
            "`promptc prune` removes it; to keep it, restore the spec and cassettes/butterfly/other.yaml",
        ),
    ]
    assert [file.removed for file in prune(shop.project).files] == [True]


def test_beside_what_is_spared_the_rest_of_a_case_that_is_gone_goes(shop: Workshop) -> None:
    shop.spec("butterfly").rename(shop.spec("twin"))
    (shop.root / "cassettes" / "twin").mkdir()
    shutil.copy(shop.cassette("butterfly/default.yaml"), shop.cassette("twin"))
    shop.cassette("butterfly/default.9.1.png").write_bytes(b"x")

    pruned = prune(shop.project)

    assert [(file.file.name, file.removed) for file in pruned.files] == [
        ("default.9.1.png", True),
        ("default.yaml", True),
    ]
    assert [file.file.name for file in pruned.spared] == ["default.1.1.bin", "default.1.1.png"]


# a spec or case without its recording


def renamed(shop: Workshop, gone: str, heir: str, spec: str, command: str) -> None:
    """Expect that both ends of a renaming name the command, and that it works."""
    told = found(shop)
    assert [(d.code, d.message, d.help) for d in told] == [
        (
            "P506",
            f"no case is named `{gone}`, so nothing checks this recording",
            f"`{heir}` asks just this and has no recording: `{command}` gives it this one, and asks nothing",
        ),
        (
            "P502",
            f"`{heir}` has no recording",
            f"`{command}` gives it the recording of `{gone}`, which is no case any more, and asks nothing"
            + KEPT.format(spec),
        ),
    ]
    carried_out(shop, command)


def test_a_chat_that_was_renamed_finds_its_recording(shop: Workshop) -> None:
    shop.spec("chat").rename(shop.spec("talk"))
    files = [f"cassettes/chat/default.{step}.1.{kind}" for step in (1, 2, 3) for kind in ("bin", "png")]
    command = f"mkdir -p cassettes/talk && mv {' '.join(files)} cassettes/chat/default.yaml cassettes/talk/"

    renamed(shop, "chat::default", "talk::default", "talk.toml::default", command)


def test_a_case_that_was_renamed_finds_its_recording(shop: Workshop) -> None:
    shop.edit("moths/luna", 'name = "green"', 'name = "dark"')
    folder = "cassettes/moths/luna"
    command = " && ".join(f"mv {folder}/green.{rest} {folder}/dark.{rest}" for rest in ("1.1.bin", "1.1.png", "yaml"))

    renamed(shop, "moths/luna::green", "moths/luna::dark", "moths/luna.toml::dark", command)


def test_pictures_that_were_renamed_alone_wait_for_their_cassette(shop: Workshop) -> None:
    shop.spec("butterfly").rename(shop.spec("monarch"))
    for kind in ("bin", "png"):
        moved(shop, f"butterfly/default.1.1.{kind}", f"monarch/default.1.1.{kind}")
    (orphan,) = [d for d in found(shop) if d.code == "P506"]
    command = "mv cassettes/butterfly/default.yaml cassettes/monarch/"

    assert orphan.help == (
        f"`monarch::default` asks just this and has no recording: `{command}` gives it this one, and asks nothing"
    )
    carried_out(shop, command)


def test_an_answer_that_waits_goes_with_its_recording(shop: Workshop) -> None:
    run(shop.project, ["butterfly"], mode=RecordMode.ALL, target="emulator")
    shop.spec("butterfly").rename(shop.spec("monarch"))
    helps = {d.help for d in found(shop) if d.code == "P506"}
    files = [f"cassettes/butterfly/default.{r}" for r in ("1.1.bin", "1.1.png", "new.1.1.bin", "new.1.1.png")]
    files += [f"cassettes/butterfly/default.{rest}" for rest in ("new.yaml", "yaml")]
    command = f"mkdir -p cassettes/monarch && mv {' '.join(files)} cassettes/monarch/"

    assert helps == {
        f"`monarch::default` asks just this and has no recording: `{command}` gives it this one, and asks nothing"
    }
    subprocess.run(["/bin/sh", "-ec", command], cwd=shop.root, check=True, timeout=20)
    assert [d.code for d in found(shop)] == ["P505"]


def test_two_cases_that_ask_the_same_share_no_recording(shop: Workshop) -> None:
    shop.spec("butterfly").unlink()
    for name in ("atlas", "monarch"):
        shop.spec(name).write_text(BUTTERFLY)
    told = {d.subject: d.help or "" for d in found(shop) if d.code == "P502"}

    assert [help_.startswith("`mkdir ") for help_ in told.values()] == [True, False]


def test_two_recordings_of_the_same_are_not_both_for_one_case(shop: Workshop) -> None:
    shop.spec("twin").write_text(BUTTERFLY)
    shop.record("twin")
    shop.spec("twin").unlink()
    shop.spec("butterfly").rename(shop.spec("monarch"))

    orphans = {d.file: d.help or "" for d in found(shop) if d.code == "P506"}

    assert {file: help_.startswith("`monarch::default` asks just this") for file, help_ in orphans.items()} == {
        "cassettes/butterfly/default.yaml": True,
        "cassettes/twin/default.yaml": False,
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [("Monarch butterfly", "Luna moth"), ("open the wings", "close the wings"), ("blue", "green")],
    ids=["the first step", "the second step", "the last step"],
)
def test_a_recording_of_other_words_is_none_for_the_case(shop: Workshop, old: str, new: str) -> None:
    shop.spec("chat").rename(shop.spec("talk"))
    shop.edit("talk", old, new)

    assert [d.help for d in found(shop)] == [
        "`promptc prune` removes it with its pictures; to keep it, restore the spec",
        "`promptc record specs/talk.toml::default` asks for it; `--target emulator` asks a stand-in instead",
    ]


def test_a_stand_in_that_does_not_count_is_none_for_the_case(shop: Workshop) -> None:
    shop.spec("chat").rename(shop.spec("talk"))
    (shop.root / "promptc.toml").write_text("version = 1\n")

    assert [d.help for d in found(shop) if d.code == "P506"] == [
        "`promptc prune` removes it with its pictures; to keep it, restore the spec"
    ]


# by the command line


def test_the_command_line_tells_what_is_kept_and_where_it_belongs(shop: Workshop) -> None:
    for name in ("chat", "moths/luna"):
        shop.spec(name).unlink()
        shutil.rmtree(shop.cassette(name))
    shop.spec("butterfly").rename(shop.spec("monarch"))
    moved(shop, "butterfly/default.yaml", "monarch/default.yaml")
    shop.cassette("butterfly/default.9.1.png").write_bytes(b"x" * 70)
    files = [f"cassettes/butterfly/default.1.1.{kind}" for kind in ("bin", "png")]
    sizes = [(shop.root / file).stat().st_size for file in files]

    checked, done, again = shop.command("check"), shop.command("prune", "--yes"), shop.command("prune")
    as_json = shop.json("prune", "--format", "json")

    reason = "kept: the recording of `monarch::default` lacks it"
    kept = "".join(f"{file}  {size:,} bytes  {reason}\n" for file, size in zip(files, sizes, strict=True))
    last = f"2 files, {sum(sizes):,} bytes kept; `promptc check` tells what brings them back\n"
    assert (
        "error[P512]: the recording lacks its file `cassettes/monarch/default.1.1.png`\n"
        "  --> cassettes/monarch/default.yaml\n"
        f"   = help: the bytes lie under another case's name: `mv {' '.join(files)} cassettes/monarch/` brings them back\n"
    ) in checked.stdout
    assert checked.stdout.count("error[") == 2
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "cassettes/butterfly/default.9.1.png     70 bytes  no case is named `butterfly::default`\n"
        + kept
        + "1 file, 70 bytes removed\n"
        + last,
        "",
    )
    assert (again.returncode, again.stdout, again.stderr) == (0, f"{kept}nothing to prune\n{last}", "")
    assert as_json == [
        {"file": file, "reason": reason, "size": size, "removed": False}
        for file, size in zip(files, sizes, strict=True)
    ]


def test_prune_keeps_a_recording_that_another_case_asks_for(shop: Workshop) -> None:
    shop.spec("butterfly").rename(shop.spec("monarch"))
    before = shop.files()

    listed = shop.command("prune", "--yes").stdout.splitlines()

    assert [line.split("bytes  ")[1] for line in listed[:-2]] == [
        "kept: `monarch::default` asks just this and has no recording"
    ] * 3
    size = sum(len(before[f"butterfly/default.{rest}"]) for rest in ("1.1.bin", "1.1.png", "yaml"))
    assert listed[-2:] == [
        "nothing to prune",
        f"3 files, {size:,} bytes kept; `promptc check` tells what brings them back",
    ]
    assert shop.files() == before


def test_a_picture_that_went_ahead_of_its_recording_is_kept_with_it(shop: Workshop) -> None:
    shop.edit("moths/luna", 'name = "green"', 'name = "dark"')
    moved(shop, "moths/luna/green.1.1.png", "moths/luna/dark.1.1.png")
    before = shop.files()
    folder = "cassettes/moths/luna"
    command = f"mv {folder}/green.1.1.bin {folder}/dark.1.1.bin && mv {folder}/green.yaml {folder}/dark.yaml"

    pruned = prune(shop.project)

    assert (pruned.files, shop.files()) == ((), before)
    assert [(file.file.name, file.reason) for file in pruned.spared] == [
        ("dark.1.1.png", "kept: the recording of `moths/luna::green` lacks it"),
        ("green.1.1.bin", "kept: `moths/luna::dark` asks just this and has no recording"),
        ("green.yaml", "kept: `moths/luna::dark` asks just this and has no recording"),
    ]
    renamed(shop, "moths/luna::green", "moths/luna::dark", "moths/luna.toml::dark", command)


def test_nothing_is_moved_over_what_another_recording_lacks(shop: Workshop) -> None:
    shop.edit("moths/luna", 'name = "green"', 'name = "dark"')
    shop.edit("moths/luna", 'name = "pale"', 'name = "green"')
    moved(shop, "moths/luna/green.yaml", "moths/luna/dark.yaml")
    moved(shop, "moths/luna/pale.yaml", "moths/luna/green.yaml")
    before = {data for name, data in shop.files().items() if not name.endswith(".yaml")}
    commands = [
        " && ".join(f"mv {{0}}/{old}.1.1.{kind} {{0}}/{new}.1.1.{kind}" for kind in ("bin", "png")).format(
            "cassettes/moths/luna"
        )
        for old, new in (("green", "dark"), ("pale", "green"))
    ]

    for command in commands:
        moves = [d.help for d in found(shop) if d.help and " mv " in f" {d.help.replace('`', ' ')} "]
        assert moves == [f"the bytes lie under another case's name: `{command}` brings them back"]
        subprocess.run(["/bin/sh", "-ec", command], cwd=shop.root, check=True, timeout=20)

    assert found(shop) == ()
    assert {data for name, data in shop.files().items() if not name.endswith(".yaml")} == before


def test_pictures_that_changed_places_are_moved_over_neither(shop: Workshop) -> None:
    green, pale = (shop.cassette(f"moths/luna/{case}.1.1.png") for case in ("green", "pale"))
    data = green.read_bytes()
    green.write_bytes(pale.read_bytes())
    pale.write_bytes(data)

    assert [(d.code, (d.help or "").partition(",")[0]) for d in found(shop)] == [
        ("P513", f"restore it with `git checkout -- cassettes/moths/luna/{case}.1.1.png`") for case in ("green", "pale")
    ]
