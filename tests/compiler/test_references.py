"""Pictures that expectations name: found from the file that names them, and no part of the request."""

import hashlib
from pathlib import Path

import pytest

from promptc.compiler.driver import Compilation
from tests.compiler.project import MODEL, WING, compiled, only, picture, said

TURN = f'{MODEL}\n[[turns]]\ntext = "x"\n\n[expect.images]\n'
PLAIN = f'{MODEL}\n[[turns]]\ntext = "x"\n'
FILES = {"images/ref.png": WING, "images/other.png": picture("red")}
DIGEST = hashlib.sha256(WING).hexdigest()


def _compiled(folder: Path, expected: str) -> Compilation:
    return compiled(folder, TURN + expected, FILES)


def test_a_file_is_found_from_the_spec_and_pinned_by_its_digest(tmp_path: Path) -> None:
    made = _compiled(tmp_path, f'similarTo = {{ file = "images/ref.png", sha256 = "{DIGEST}", threshold = 0.8 }}\n')
    assert not made.diagnostics
    expect = only(made).expect
    assert expect
    ((pointer, (blob,)),) = expect.files.items()
    assert (pointer, blob.sha256, blob.path) == ("/images/similarTo", DIGEST, tmp_path / "specs/images/ref.png")


def test_a_reference_is_no_part_of_the_request(tmp_path: Path) -> None:
    plain = only(compiled(tmp_path / "a", PLAIN))
    judged = only(_compiled(tmp_path / "b", 'similarTo = "images/ref.png"\ndifferentFrom = "images/other.png"\n'))
    assert plain.fingerprint == judged.fingerprint
    assert judged.expect
    assert list(judged.expect.files) == ["/images/similarTo", "/images/differentFrom"]


def test_an_inherited_file_starts_from_the_file_that_names_it(tmp_path: Path) -> None:
    base = '[expect.images]\nsimilarTo = { file = "ref.png", threshold = 0.5 }\n'
    spec = f'extends = "shared/_base.toml"\n{TURN}similarTo = {{ threshold = 0.7 }}\n'
    made = compiled(tmp_path, spec, {"shared/_base.toml": base, "shared/ref.png": WING})
    assert not made.diagnostics
    expect = only(made).expect
    assert expect
    assert expect.table == {"images": {"similarTo": {"file": "ref.png", "threshold": 0.7}}}
    assert expect.files["/images/similarTo"][0].path == tmp_path / "specs/shared/ref.png"


def test_words_are_no_files_and_a_file_of_such_a_name_has_a_path(tmp_path: Path) -> None:
    shown = TURN.replace('text = "x"', 'parts = [{ text = "x" }, { image = "wing.png" }]')
    words = 'similarTo = "recording"\ndifferentFrom = "input"\n'
    assert not compiled(tmp_path / "a", f"{shown}{words}", {"wing.png": WING}).diagnostics
    made = compiled(tmp_path / "b", f'{TURN}similarTo = "./input"\n', {"input": WING})
    expect = only(made).expect
    assert expect
    assert expect.files["/images/similarTo"][0].sha256 == DIGEST


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ('similarTo = "images/reff.png"', [("P301", 7, 13, "there is no image `images/reff.png`")]),
        ('differentFrom = { file = "gone.png" }', [("P301", 7, 26, "there is no image `gone.png`")]),
        ('similarTo = "../../etc/passwd"', [("P304", 7, 13, "`../../etc/passwd` lies outside the project")]),
        ('similarTo = "images/ref.txt"', [("P302", 7, 13, "`images/ref.txt` is no picture that promptc knows")]),
        ('similarTo = "images/ref.heic"', [("P302", 7, 13, "`images/ref.heic` is a HEIC picture, which can't be compared")]),
        ('similarTo = "https://example.com/a.png"', [("P301", 7, 13, "compiling never downloads pictures")]),
        ('similarTo = ""', [("P301", 7, 13, "`image` has an empty path")]),
        ('similarTo = { file = "images/ref.png", sha256 = "%s" }' % ("0" * 64), [("P303", 7, 49, "`images/ref.png` is not the image that `sha256` pins")]),
        ('similarTo = { file = "images/ref.png", sha256 = "abc" }', [("P008", 7, 49, "`abc` is not 64 lower-case hexadecimal digits"), ("P303", 7, 49, "`images/ref.png` is not the image that `sha256` pins")]),
        ('similarTo = { file = "images/ref.png", threshold = 1.5 }', [("P008", 7, 52, "expected at most 1, got 1.5")]),
        ('similarTo = { file = "images/ref.png", threshold = -0.5 }', [("P008", 7, 52, "expected more than 0, got -0.5")]),
        ('similarTo = { file = "images/ref.png", metric = "mse" }', [("P008", 7, 49, "`mse` is not allowed here")]),
        ('similarTo = { file = "images/ref.png", recording = true }', [("P008", 7, 13, "one thing must stand here, but there are `file` and `recording`")]),
        ("similarTo = { threshold = 0.5 }", [("P008", 7, 13, "one thing must stand here, but there is none")]),
        ("similarTo = { recording = false }", [("P008", 7, 27, "`false` is not allowed here")]),
        ("similarTo = 3", [("P004", 7, 13, "expected a string or a table, got an integer")]),
        ('differentFrom = "recording"', [("P008", 7, 17, "an answer can't differ from the recording that it is")]),
        ("differentFrom = { recording = true }", [("P003", 7, 19, "unknown key `recording`")]),
        ('blank = "no"', [("P004", 7, 9, "expected a boolean, got a string")]),
        ('similarTo = "gone.png"\nblanc = true', [("P301", 7, 13, "there is no image `gone.png`"), ("P003", 8, 1, "unknown key `blanc`")]),
    ],
)  # fmt: skip
def test_mistakes_are_told_at_their_place(tmp_path: Path, expected: str, told: list[tuple[str, int, int, str]]) -> None:
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0\0\0\x08mdat"
    made = compiled(tmp_path, f"{TURN}{expected}\n", {**FILES, "images/ref.txt": "some words", "images/ref.heic": heic})
    assert sorted(said(made)) == sorted(told)
    assert not made.cases


def test_a_reply_turn_names_files_of_its_own(tmp_path: Path) -> None:
    turns = (
        '[[turns]]\ntext = "x"\n\n[[turns]]\nreply = true\nexpect = { images = { similarTo = "images/ref.png" } }\n'
        '\n[[turns]]\ntext = "y"\n'
    )
    made = compiled(tmp_path, f"{MODEL}\n{turns}", FILES)
    assert not made.diagnostics
    first, second = made.cases[0].requests
    assert first.expect
    assert list(first.expect.files) == ["/images/similarTo"]
    assert second.expect
    assert not second.expect.files


@pytest.mark.parametrize(
    ("expected", "message"),
    [
        ("similarTo = { input = true, threshold = 0 }", "expected more than 0, got 0"),
        ("differentFrom = { input = true, threshold = 0.0 }", "expected more than 0, got 0"),
        (f'aspectRatio = "1:{"9" * 400}"', "this is no aspect ratio"),
    ],
)
def test_what_every_answer_would_meet_or_none_is_a_mistake(tmp_path: Path, expected: str, message: str) -> None:
    assert [diagnostic.message for diagnostic in _compiled(tmp_path, expected).diagnostics] == [message]


def test_values_that_name_none_are_a_mistake(tmp_path: Path) -> None:
    made = compiled(tmp_path, f"{PLAIN}\n[expect.text]\nvalues = {{}}\n")
    assert [diagnostic.message for diagnostic in made.diagnostics] == ["expected at least 1 field"]
