"""A clone without Git LFS: wherever a pointer stands in the place of a file, it is told as such, and never sent."""

import shutil
from pathlib import Path

import pytest

from promptc.pipeline.leaf import leaf
from tests.workshop import Workshop

POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'4d7a' * 16}\nsize 12345\n"
FETCH = "   = help: fetch it with `git lfs pull`\n"
FETCHES = "   = help: `git lfs pull` fetches the file\n"

TOML = """\
extends = "_base.toml"

[[turns]]
parts = [
  { text = "{% include '_moth.j2' %}" },
  { image = "images/leaf.png" },
  { file = "notes.txt" },
]

[expect]
images = { differentFrom = "images/other.png" }
"""
JINJA = """\
+++
model = "gemini-3.1-flash-image"
+++
A moth on {% include "_bark.j2" %}
"""
FILES = {
    "specs/_base.toml": 'model = "gemini-3.1-flash-image"\ngenerationConfig = { imageConfig = { imageSize = "512" } }\n',
    "specs/_moth.j2": "A Luna moth",
    "specs/_bark.j2": "birch bark",
    "specs/notes.txt": "Wings open.",
    "specs/guide.j2": JINJA,
}


def text(file: str) -> str:
    return f"error[P002]: the file can't be read: it is a pointer of Git LFS\n  --> {file}\n{FETCH}"


def recording(file: str) -> str:
    return f"error[P511]: a pointer of Git LFS stands in the place of this file\n  --> {file}\n{FETCHES}"


def marked(message: str, place: str, line: str, what: str) -> str:
    number = place.split(":")[1]
    caret = " " * line.index(what) + "^" * len(what)
    bar = " " * len(number)
    return f"{message}\n  --> {place}\n{bar} |\n{number} | {line}\n{bar} | {caret}\n{FETCH}"


PLACES = {
    "promptc.toml": text("promptc.toml"),
    "specs/moth.toml": text("specs/moth.toml"),
    "specs/guide.j2": text("specs/guide.j2"),
    "specs/_base.toml": text("specs/_base.toml"),
    "specs/_bark.j2": marked(
        "error[P212]: `_bark.j2` can't be read: it is a pointer of Git LFS",
        "specs/guide.j2:4:11",
        'A moth on {% include "_bark.j2" %}',
        '{% include "_bark.j2" %}',
    ),
    "specs/_moth.j2": marked(
        "error[P212]: `_moth.j2` can't be read: it is a pointer of Git LFS",
        "specs/moth.toml:5:13",
        "  { text = \"{% include '_moth.j2' %}\" },",
        "{% include '_moth.j2' %}",
    ),
    "specs/images/leaf.png": marked(
        "error[P302]: `images/leaf.png` is a pointer of Git LFS, not the picture itself",
        "specs/moth.toml:6:13",
        '  { image = "images/leaf.png" },',
        '"images/leaf.png"',
    ),
    "specs/notes.txt": marked(
        "error[P302]: `notes.txt` is a pointer of Git LFS, not the file itself",
        "specs/moth.toml:7:12",
        '  { file = "notes.txt" },',
        '"notes.txt"',
    ),
    "specs/images/other.png": marked(
        "error[P302]: `images/other.png` is a pointer of Git LFS, not the picture itself",
        "specs/moth.toml:11:28",
        'images = { differentFrom = "images/other.png" }',
        '"images/other.png"',
    ),
    "cassettes/moth/default.yaml": recording("cassettes/moth/default.yaml"),
    "cassettes/moth/default.1.1.png": recording("cassettes/moth/default.1.1.png"),
    "cassettes/moth/default.new.yaml": recording("cassettes/moth/default.new.yaml"),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    shop = Workshop.make(tmp_path_factory.mktemp("whole") / "shop", {"moth": TOML})
    (shop.root / "specs" / "images").mkdir()
    for name in ("leaf.png", "other.png"):
        (shop.root / "specs" / "images" / name).write_bytes(leaf())
    for name, content in FILES.items():
        (shop.root / name).write_text(content)
    assert shop.record().good
    return shop


@pytest.fixture
def shop(whole: Workshop, tmp_path: Path) -> Workshop:
    shutil.copytree(whole.root, tmp_path / "shop")
    return Workshop(tmp_path / "shop")


def unfetched(shop: Workshop, file: str) -> None:
    (shop.root / file).parent.mkdir(parents=True, exist_ok=True)
    (shop.root / file).write_text(POINTER)


@pytest.mark.parametrize("file", PLACES)
def test_check_says_what_is_not_fetched(shop: Workshop, file: str) -> None:
    unfetched(shop, file)

    done = shop.command("check")

    errors = [part for part in f"{done.stdout}{done.stderr}".split("\n\n") if part.startswith("error")]
    assert "".join(f"{error.rstrip()}\n" for error in errors) == PLACES[file]
    assert done.returncode == (2 if file == "promptc.toml" else 1)


@pytest.mark.parametrize("file", sorted(PLACES))
def test_recording_sends_nothing_that_is_not_fetched(shop: Workshop, file: str) -> None:
    unfetched(shop, file)
    before = shop.files()

    done = shop.command("record", "--target", "emulator", "moth", "guide")

    assert shop.files() == before
    assert "pointer of Git LFS" in done.stdout + done.stderr
    assert done.returncode


@pytest.mark.parametrize(
    ("file", "arguments", "expected"),
    [
        ("vars.toml", ("compile", "moth", "--vars", "vars.toml"), text("vars.toml")),
        ("body.json", ("validate", "body.json"), text("body.json")),
        ("cassettes/moth/default.new.yaml", ("accept", "moth"), recording("cassettes/moth/default.new.yaml")),
        (
            "cassettes/moth/default.yaml",
            ("export", "cassette", "moth", "-o", "out"),
            PLACES["cassettes/moth/default.yaml"],
        ),
        ("specs/images/leaf.png", ("pin",), PLACES["specs/images/leaf.png"]),
        ("specs/moth.toml", ("pin",), text("specs/moth.toml")),
        (
            "plain.yaml",
            ("import", "cassette", "plain.yaml"),
            (
                "error[P516]: nothing can be imported from this file: it is a pointer of Git LFS\n"
                "  --> plain.yaml\n"
                "   = expected: a cassette of vcrpy, format version 1, as YAML or JSON\n"
                "   = help: fetch the file with `git lfs pull`\n"
            ),
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else None,
)
def test_other_commands_say_so_too(shop: Workshop, file: str, arguments: tuple[str, ...], expected: str) -> None:
    unfetched(shop, file)

    done = shop.command(*arguments)

    assert expected in done.stdout + done.stderr
    assert done.returncode == (2 if file == "vars.toml" else 1)


def test_a_recording_of_no_case_is_pruned_though_it_was_not_fetched(shop: Workshop) -> None:
    unfetched(shop, "cassettes/gone/default.yaml")
    unfetched(shop, "cassettes/gone/default.1.1.png")

    told = shop.command("check").stdout
    pruned = shop.command("prune", "--yes")

    assert "error[P506]" in told or "warning[P506]" in told, told
    assert pruned.returncode == 0, pruned.stdout
    assert not (shop.root / "cassettes" / "gone").exists()
    assert (shop.root / "cassettes" / "moth" / "default.yaml").exists()
