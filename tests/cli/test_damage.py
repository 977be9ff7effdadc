"""Each way in which a recording can go wrong has a message of its own: file, reason, and the command that mends it."""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from promptc.cli.main import main
from tests.workshop import BUTTERFLY, CHAT, Workshop

CASSETTE = "cassettes/butterfly/default.yaml"
PICTURE = "cassettes/butterfly/default.1.1.png"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
SPEC = "specs/butterfly.toml::default"
AGAIN = f"or record the case again: `promptc record --all --accept {SPEC}`"
AGAIN_FROM_THE_EMULATOR = f"or record the case again: `promptc record --all --accept --target emulator {SPEC}`"
EDITED = "an answer in it is not the one that was recorded: it was edited by hand or merged"


def written(name: str, data: bytes) -> Callable[[Path], object]:
    return lambda root: (root / name).write_bytes(data)


def changed(name: str, old: str, new: str) -> Callable[[Path], object]:
    def change(root: Path) -> None:
        text = (root / name).read_text()
        assert old in text, old
        (root / name).write_text(text.replace(old, new, 1))

    return change


def cut(root: Path) -> None:
    data = (root / CASSETTE).read_bytes()
    (root / CASSETTE).write_bytes(data[: len(data) * 2 // 3])


def replaced_by_a_folder(root: Path) -> None:
    (root / CASSETTE).unlink()
    (root / CASSETTE).mkdir()


def replaced_by_a_pipe(root: Path) -> None:
    (root / CASSETTE).unlink()
    os.mkfifo(root / CASSETTE)


def damaged(reason: str, remedy: str = f"restore it with `git checkout -- {CASSETTE}`") -> str:
    return (
        f"error[P503]: the recording is damaged: {reason}\n"
        f"  --> {CASSETTE}\n"
        f"   = help: {remedy}, {AGAIN}\n"
    )  # fmt: skip


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (
        lambda root: shutil.rmtree(root / "cassettes"),
        (
            "error[P502]: `butterfly::default` has no recording\n"
            "  --> specs/butterfly.toml:3:3\n"
            "  |\n"
            "3 | [[turns]]\n"
            "  |   ^^^^^\n"
            f"   = expected: {CASSETTE}\n"
            f"   = help: `promptc record {SPEC}` asks for it; `--target emulator` asks a stand-in instead\n"
        ),
    ),
    "stale": (
        changed("specs/butterfly.toml", "Monarch", "Luna"),
        (
            "error[P501]: the recording of `butterfly::default` is stale: the request has changed since\n"
            "  --> specs/butterfly.toml:4:11\n"
            "  |\n"
            '4 | text = "A Luna butterfly on textured parchment"\n'
            "  |           ^^^^\n"
            '   = contents.0.parts.0.text: "A Monarch butterfly on textured…" → "A Luna butterfly on textured…"\n'
            f"   = recording: {CASSETTE}, recorded <time>\n"
            f"   = help: `promptc record --accept --target emulator {SPEC}` asks again and keeps the new answer\n"
        ),
    ),
    "cut short": (cut, damaged("it is no YAML at line <n>")),
    "empty": (written(CASSETTE, b""), damaged("it is empty")),
    "no cassette": (written(CASSETTE, b"a: 1\n"), damaged("it has not the form of a vcrpy cassette")),
    "no UTF-8": (written(CASSETTE, b"\xff\xfe\0"), damaged("it is not UTF-8 text")),
    "a folder": (replaced_by_a_folder, damaged("it can't be read: Is a directory")),
    "a pipe": (replaced_by_a_pipe, damaged("it is no file")),
    "a merge that was left": (
        changed(CASSETTE, "  response:", "<<<<<<< HEAD\n  response:\n=======\n  response:\n>>>>>>> theirs\n"),
        damaged(
            "it holds the marks of a merge conflict",
            f"take one side of it: `git checkout --ours -- {CASSETTE}`, or `--theirs`",
        ),
    ),
    "an answer edited by hand": (changed(CASSETTE, "code: 200", "code: 201"), damaged(EDITED)),
    "a request edited by hand": (
        changed(CASSETTE, "Monarch", "Luna"),
        damaged("its requests are not those that were recorded: it was edited by hand or merged"),
    ),
    "a stand-in that says it is none": (
        changed(CASSETTE, "emulator: true", "emulator: false"),
        damaged("it says of itself that it is what it is not: a stand-in, or an answer of the API"),
    ),
    "a block that lacks a part": (
        changed(CASSETTE, "    target: emulator\n", ""),
        damaged("a part of it is missing or of the wrong type"),
    ),
    "a newer format": (
        changed(CASSETTE, "format: 1", "format: 2"),
        (
            "error[P504]: the recording can't be read: it has format 2, and this promptc reads format 1\n"
            f"  --> {CASSETTE}\n"
            f"   = help: a newer promptc reads it: install that one, {AGAIN}\n"
        ),
    ),
    "a cassette that Git LFS has not fetched": (
        written(CASSETTE, POINTER),
        (
            "error[P511]: a pointer of Git LFS stands in the place of this file\n"
            f"  --> {CASSETTE}\n"
            "   = help: `git lfs pull` fetches the file\n"
        ),
    ),
    "a picture that Git LFS has not fetched": (
        written(PICTURE, POINTER),
        (
            "error[P511]: a pointer of Git LFS stands in the place of this file\n"
            f"  --> {PICTURE}\n"
            "   = help: `git lfs pull` fetches the file\n"
        ),
    ),
    "a picture that is gone": (
        lambda root: (root / PICTURE).unlink(),
        (
            f"error[P512]: the recording lacks its file `{PICTURE}`\n"
            f"  --> {CASSETTE}\n"
            f"   = help: restore it with `git checkout -- {PICTURE}`, {AGAIN_FROM_THE_EMULATOR}\n"
        ),
    ),
    "a picture that changed": (
        written(PICTURE, b"\x89PNG\r\n\x1a\nanother"),
        (
            "error[P513]: the file is not the one that was recorded: its bytes have changed\n"
            f"  --> {PICTURE}\n"
            f"   = help: restore it with `git checkout -- {PICTURE}`, {AGAIN_FROM_THE_EMULATOR}\n"
        ),
    ),
    "a picture whose line endings were converted": (
        written(PICTURE, b"\x89PNG\n\x1a\nthe rest"),
        (
            "error[P513]: the file is not the one that was recorded: its line endings were converted, as git does to text\n"
            f"  --> {PICTURE}\n"
            "   = help: put the line `cassettes/** -text` into `.gitattributes`, then restore it with "
            f"`git checkout -- {PICTURE}`, {AGAIN_FROM_THE_EMULATOR}\n"
        ),
    ),
    "a stand-in that does not count": (
        changed("promptc.toml", "allow_emulator = true", "allow_emulator = false"),
        (
            "error[P507]: `butterfly::default` is recorded from the emulator, which doesn't count for the target `cometapi`\n"
            "  --> specs/butterfly.toml:3:3\n"
            "  |\n"
            "3 | [[turns]]\n"
            "  |   ^^^^^\n"
            f"   = recording: {CASSETTE}\n"
            f"   = help: `promptc record --accept {SPEC}` asks the API; `allow_emulator = true` in promptc.toml lets it count\n"
        ),
    ),
}


def timeless(text: str) -> str:
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<time>", text)
    return re.sub(r"at line \d+", "at line <n>", text)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    shop = Workshop.make(tmp_path_factory.mktemp("shop"), {"butterfly": BUTTERFLY})
    assert shop.record().good
    return shop.files(".")


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_each_damage_has_a_message_of_its_own(
    damage: str,
    command: str,
    recorded: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, data in recorded.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    harm, message = DAMAGES[damage]
    harm(tmp_path)
    before = {name: data for name, data in Workshop(tmp_path).files().items() if not name.endswith(".png")}

    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as left:
        main([command])

    told = capsys.readouterr()
    assert (left.value.code, told.err) == (1, "")
    assert message in timeless(told.out)
    assert len(re.findall(r"^error\[", told.out, re.MULTILINE)) == 1
    assert {name: data for name, data in Workshop(tmp_path).files().items() if not name.endswith(".png")} == before


def test_the_messages_tell_the_damages_apart() -> None:
    assert len({message for _, message in DAMAGES.values()}) == len(DAMAGES)


def test_a_waiting_answer_that_is_damaged_can_be_removed(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY})
    shop.record()
    shop.edit("butterfly", "Monarch", "Luna")
    shop.record()
    written("cassettes/butterfly/default.new.yaml", b"")(tmp_path)

    done = shop.command("accept")

    assert done.returncode == 1
    assert done.stderr == (
        "error[P503]: the recording is damaged: it is empty\n"
        "  --> cassettes/butterfly/default.new.yaml\n"
        f"   = help: `promptc reject {SPEC}` removes it; the accepted recording stays as it is\n"
    )
    assert shop.command("reject").stdout == "rejected butterfly::default\n"


def test_an_answer_that_nobody_asks_for_any_more(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"chat": CHAT})
    shop.record()
    text = shop.spec("chat").read_text()
    shop.spec("chat").write_text(
        text.replace('[[turns]]\nreply = true\n\n[[turns]]\ntext = "Now make them blue."\n\n', "")
    )

    done = shop.command("check")

    assert timeless(done.stdout).startswith(
        "error[P501]: the recording of `chat::default` is stale: it holds an answer that no request asks for any more\n"
        "  --> specs/chat.toml:3:3\n"
        "  |\n"
        "3 | [[turns]]\n"
        "  |   ^^^^^\n"
        "   = recording: cassettes/chat/default.yaml\n"
        "   = help: `promptc record --accept --target emulator specs/chat.toml::default` writes it anew from the answers "
        "that still fit, and asks for no other\n"
    )
