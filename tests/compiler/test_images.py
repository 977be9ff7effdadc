"""Images: found, whole, of a known type, inside the project."""

import os
from pathlib import Path

import pytest

from promptc.blob import Blob
from promptc.compiler.images import ImageStore
from promptc.compiler.spec import ImageRef
from promptc.diagnostics import Diagnostic
from tests.compiler.project import WING, WING_DIGEST, picture


def loaded(root: Path, written: str) -> Blob | Diagnostic:
    return ImageStore(root=root).load(ImageRef(written=written, folder=root), None)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_pictures_are_known_by_their_bytes_not_their_names(tmp_path: Path, kind: str) -> None:
    (tmp_path / "a.txt").write_bytes(picture(kind=kind))

    made = loaded(tmp_path, "a.txt")

    assert isinstance(made, Blob)
    assert made.media_type == f"image/{kind.lower()}"
    assert made.size == len(picture(kind=kind))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_without_its_end_is_refused(tmp_path: Path, kind: str) -> None:
    (tmp_path / "a.png").write_bytes(picture(kind=kind)[:-13])

    made = loaded(tmp_path, "a.png")

    assert isinstance(made, Diagnostic)
    assert (made.code, made.message) == ("P302", "`a.png` is cut short")


def test_each_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.png").write_bytes(WING)
    store = ImageStore(root=tmp_path)
    first = store.load(ImageRef(written="a.png", folder=tmp_path), None)
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("read twice"))

    assert store.load(ImageRef(written="./a.png", folder=tmp_path), None) is first
    assert isinstance(first, Blob)
    assert first.digest == WING_DIGEST


REFUSED = [
    ("", "P301", "`image` has an empty path"),
    ("no.png", "P301", "there is no image `no.png`"),
    ("folder", "P301", "`folder` is a folder, not an image"),
    ("https://example.com/a.png", "P301", "compiling never downloads pictures"),
    ("Data:image/png;base64,AAAA", "P301", "`image` takes no `data:` URI in this version of promptc"),
    ("folder/*.png", "P301", "`image` takes no pattern in this version of promptc"),
    ("folder\\a.png", "P301", "a path is written with `/`, on every system"),
    ("../a.png", "P304", "`../a.png` lies outside the project"),
    ("/etc/hostname", "P304", "`/etc/hostname` lies outside the project"),
    ("out.png", "P304", "`out.png` lies outside the project"),
    ("out/a.png", "P304", "`out/a.png` lies outside the project"),
    ("a\0.png", "P302", "`a\0.png` can't be read: that is no path"),
    ("x" * 300, "P302", f"`{'x' * 120}…` can't be read: file name too long"),
    ("circle.png", "P302", "`circle.png` can't be read: that is no path"),
    ("pipe", "P301", "there is no image `pipe`"),
    ("empty.png", "P302", "`empty.png` is an empty file"),
    ("text.png", "P302", "`text.png` is no picture that promptc knows"),
    ("lfs.png", "P302", "`lfs.png` is a pointer of Git LFS, not the picture itself"),
    ("gif.png", "P302", "`gif.png` is image/gif, which the API does not take"),
    ("\udcff.png", "P301", "there is no image `\udcff.png`"),
]


@pytest.mark.parametrize(
    ("written", "code", "message"), REFUSED, ids=[case[2][:40].encode("ascii", "ignore").decode() for case in REFUSED]
)
def test_what_is_no_picture_of_the_project_is_refused(tmp_path: Path, written: str, code: str, message: str) -> None:
    root = tmp_path / "root"
    (root / "folder").mkdir(parents=True)
    (tmp_path / "a.png").write_bytes(WING)
    (root / "out.png").symlink_to("../a.png")
    (root / "out").symlink_to("..")
    (root / "circle.png").symlink_to("circle.png")
    os.mkfifo(root / "pipe")
    (root / "empty.png").write_bytes(b"")
    (root / "text.png").write_text("a picture of a moth")
    (root / "lfs.png").write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 5\n")
    (root / "gif.png").write_bytes(picture(kind="GIF"))

    made = loaded(root, written)

    assert isinstance(made, Diagnostic)
    assert (made.code, made.message) == (code, message)
