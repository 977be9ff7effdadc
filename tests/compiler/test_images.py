"""What a part may name: pictures and files of the project, patterns of them, `data:` URIs."""

import base64
import hashlib
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from promptc.blob import Blob
from promptc.compiler import globs
from promptc.compiler.images import ImageStore
from promptc.compiler.spec import ImageRef
from promptc.diagnostics import Diagnostic
from promptc.files import Root
from promptc.source import Source
from tests.compiler.project import MODEL, WING, WING_DIGEST, compiled, picture

JPEG = picture(kind="JPEG")
PDF = b"%PDF-1.7\n1 0 obj\nendobj\ntrailer\n%%EOF\n"
MP4 = b"\0\0\0\x18ftypisom\0\0\0\0isommp42\0\0\0\x08moov"
MP3 = b"ID3\x04\0\0\0\0\0\0" + bytes(64)
NAMES = {"PNG": "a.png", "JPEG": "a.jpg", "WEBP": "a.webp", "GIF": "a.gif"}


def loaded(root: Path, written: str) -> tuple[Blob, ...] | Diagnostic:
    return ImageStore(root=Root(folder=root)).load(ImageRef(written=written, folder=root), None)


def filed(root: Path, written: str, media_type: str | None = None) -> tuple[Blob, ...] | Diagnostic:
    return ImageStore(root=Root(folder=root)).file(ImageRef(written=written, folder=root), None, media_type)


def said(made: tuple[Blob, ...] | Diagnostic) -> tuple[str, str, str | None]:
    assert isinstance(made, Diagnostic), made
    return made.code, made.message, made.help


def only(made: tuple[Blob, ...] | Diagnostic) -> Blob:
    assert not isinstance(made, Diagnostic), made
    (blob,) = made
    return blob


def names(root: Path, pattern: str) -> list[str] | str:
    """Return the files that a pattern gives, or what is said of it."""
    made = filed(root, pattern, "application/x-test")
    if isinstance(made, Diagnostic):
        return made.message
    return [blob.path.relative_to(root).as_posix() for blob in made if blob.path]


def write(root: Path, files: Mapping[str, bytes | str]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.fixture(scope="module")
def shelf() -> Iterator[Path]:
    """A folder for tests that make many files."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name).resolve()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_pictures_are_known_by_their_bytes_not_their_names(tmp_path: Path, kind: str) -> None:
    (tmp_path / "a.txt").write_bytes(picture(kind=kind))

    made = only(loaded(tmp_path, "a.txt"))

    assert made.media_type == f"image/{kind.lower()}"
    assert made.size == len(picture(kind=kind))


@pytest.mark.parametrize("cut", [1, 13, 0.5])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_without_its_end_is_refused(tmp_path: Path, kind: str, cut: float) -> None:
    whole = picture(kind=kind)
    (tmp_path / NAMES[kind]).write_bytes(whole[: -cut if isinstance(cut, int) else int(len(whole) * cut)])

    again = "copy it again, or restore it from version control"
    assert said(loaded(tmp_path, NAMES[kind])) == ("P302", f"`{NAMES[kind]}` is cut short", again)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_what_follows_a_pictures_end_does_not_matter(tmp_path: Path, kind: str) -> None:
    (tmp_path / NAMES[kind]).write_bytes(picture(kind=kind) + bytes(3_000_000))

    assert only(loaded(tmp_path, NAMES[kind])).size > 3_000_000


def test_the_end_of_a_preview_inside_a_jpeg_is_not_the_end_of_the_jpeg(tmp_path: Path) -> None:
    preview = b"\xff\xe1" + (len(JPEG) + 2).to_bytes(2) + JPEG
    (tmp_path / "a.jpg").write_bytes(JPEG[:2] + preview + JPEG[2:-2])

    assert said(loaded(tmp_path, "a.jpg"))[1] == "`a.jpg` is cut short"


def test_each_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.png").write_bytes(WING)
    store = ImageStore(root=Root(folder=tmp_path))
    first = store.load(ImageRef(written="a.png", folder=tmp_path), None)
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("read twice"))

    assert store.load(ImageRef(written="./a.png", folder=tmp_path), None) == first
    assert store.load(ImageRef(written="*.png", folder=tmp_path), None) == first
    assert store.file(ImageRef(written="a.png", folder=tmp_path), None, None) == first
    assert only(first).digest == WING_DIGEST


def test_what_is_wrong_is_shown_where_it_was_written(tmp_path: Path) -> None:
    part = Source(path=tmp_path / "a.toml", text="x" * 9).span(0, 1)
    default = Source(path=tmp_path / "b.toml", text="x" * 9).span(2, 3)
    store = ImageStore(root=Root(folder=tmp_path))

    for at, shown in ((None, part), (default, default)):
        made = store.load(ImageRef(written="no.png", folder=tmp_path, at=at), part)
        assert isinstance(made, Diagnostic)
        assert made.span == shown


LFS = "is a pointer of Git LFS, not the picture itself"
AGAIN = "copy it again, or restore it from version control"
SAVE = "save it as PNG, JPEG or WebP"
COPY = "copy the picture into the project"
WEB = "save the picture in the project and name its path, or name it with `uri`, which is not pinned"
STARTS = "paths start from the file in which they are written"
REFUSED = [
    ("", "P301", "`image` has an empty path", "name a picture"),
    ("no-such-moth", "P301", "there is no image `no-such-moth`", STARTS),
    ("papr.pdf", "P301", "there is no image `papr.pdf`", "did you mean `paper.pdf`?"),
    ("text.png/a.png", "P301", "there is no image `text.png/a.png`", STARTS),
    ("folder", "P301", "`folder` is a folder, not an image", "name a picture in it, or all of them: `folder/*`"),
    ("https://example.com/a.png", "P301", "compiling never downloads pictures", WEB),
    ("gs://bucket/*.png", "P301", "compiling never downloads pictures", WEB),
    ("folder\\a.png", "P301", "a path is written with `/`, on every system", "write `folder/a.png`"),
    ("../a.png", "P304", "`../a.png` lies outside the project", COPY),
    ("/etc/hostname", "P304", "`/etc/hostname` lies outside the project", COPY),
    ("out.png", "P304", "`out.png` lies outside the project", COPY),
    ("out/a.png", "P304", "`out/a.png` lies outside the project", COPY),
    ("a\0.png", "P302", "`a\0.png` is no path: it holds a NUL character", "write the path as text without escapes"),
    ("x" * 300, "P302", f"`{'x' * 120}…` can't be read: the name is too long", "give it a shorter name"),
    ("x/" * 3000, "P302", f"`{'x/' * 60}…` can't be read: the name is too long", "give it a shorter name"),
    (
        "circle.png",
        "P302",
        "`circle.png` can't be read: its links lead in a circle",
        "replace the link with the file",
    ),
    ("gone.png", "P301", "`gone.png` is a link to `ROOT/nowhere.png`, which does not exist", "add that file, or mend the link"),
    ("pipe", "P301", "`pipe` is a pipe or a device, not an image", "name a file"),
    ("empty.png", "P302", "`empty.png` is an empty file", AGAIN),
    ("text.png", "P302", "`text.png` is no picture that promptc knows", SAVE),
    ("lfs.png", "P302", f"`lfs.png` {LFS}", "fetch it with `git lfs pull`"),
    ("gif.png", "P302", "`gif.png` is a GIF picture, which the API does not take", SAVE),
    ("paper.pdf", "P302", "`paper.pdf` is a PDF file, not a picture", "name it with `file` instead of `image`"),
    ("song.png", "P302", "`song.png` is an MP3 sound file, not a picture", "name it with `file` instead of `image`"),
    ("lie.png", "P302", "`lie.png` is a JPEG picture, not a PNG", "rename it to `lie.jpg`"),
    ("folder/lie.JPG", "P302", "`folder/lie.JPG` is a PNG picture, not a JPEG", "rename it to `lie.png`"),
    ("lie.pdf", "P302", "`lie.pdf` is a PNG picture, not a PDF", "rename it to `lie.png`"),
    ("\udcff", "P301", "there is no image `\udcff`", STARTS),
]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "code", "message", "hint"),
    REFUSED,
    ids=[case[2][:40].encode("ascii", "ignore").decode() for case in REFUSED],
)
def test_what_is_no_picture_of_the_project_is_refused(
    tmp_path: Path, written: str, code: str, message: str, hint: str
) -> None:
    root = tmp_path / "root"
    (root / "folder").mkdir(parents=True)
    (tmp_path / "a.png").write_bytes(WING)
    for name, target in {
        "out.png": "../a.png",
        "out": "..",
        "circle.png": "circle.png",
        "gone.png": "nowhere.png",
    }.items():
        (root / name).symlink_to(target)
    os.mkfifo(root / "pipe")
    files = {"empty.png": b"", "text.png": b"a picture of a moth", "gif.png": picture(kind="GIF"), "paper.pdf": PDF}
    lies = {"lie.png": JPEG, "folder/lie.JPG": WING, "lie.pdf": WING, "song.png": MP3}
    write(root, {**files, **lies})
    (root / "lfs.png").write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 5\n")

    assert said(loaded(root, written)) == (code, message.replace("ROOT", root.as_posix()), hint)


@pytest.mark.parametrize("name", ["a.jpg", "a.jpeg", "a.JPEG", "a.jfif", "a", "a.bak", "a.png.bak", ".png"])
def test_names_of_the_same_type_and_unknown_ones_are_fine(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(JPEG)

    assert only(loaded(tmp_path, name)).media_type == "image/jpeg"


def test_a_file_that_may_not_be_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.png").write_bytes(WING)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)

    expected = ("P302", "`a.png` can't be read: permission denied", "make it readable: `chmod +r FILE`")
    assert said(loaded(tmp_path, "a.png")) == expected


# sizes


@pytest.mark.parametrize("key", ["image", "file"])
def test_a_file_that_no_request_could_hold_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    with (tmp_path / "big.png").open("wb") as file:
        file.truncate(100_000_001)
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("read"))

    made = loaded(tmp_path, "big.png") if key == "image" else filed(tmp_path, "big.png")

    assert said(made) == (
        "P306",
        "`big.png` has 100,000,001 bytes; a request takes at most 100,000,000",
        "make it smaller, or upload it and name it with `uri`, which is not pinned",
    )


def png(width: int, height: int) -> bytes:
    return WING[:16] + width.to_bytes(4) + height.to_bytes(4) + WING[24:]


@pytest.mark.parametrize(
    ("width", "height"), [(0, 1), (1, 0), (65_536, 1), (10_001, 10_000), (2**32 - 1, 2**32 - 1)], ids=str
)
def test_a_picture_of_too_many_pixels_is_refused(tmp_path: Path, width: int, height: int) -> None:
    (tmp_path / "a.png").write_bytes(png(width, height))

    made = loaded(tmp_path, "a.png")

    assert said(made) == ("P306", f"`a.png` is {width}x{height} pixels", "make it smaller")
    assert isinstance(made, Diagnostic)
    assert made.expected == "1 to 65,535 a side, at most 100,000,000 in all"


@pytest.mark.parametrize(("width", "height"), [(65_535, 1), (10_000, 10_000)])
def test_a_picture_at_the_bound_is_taken(tmp_path: Path, width: int, height: int) -> None:
    (tmp_path / "a.png").write_bytes(png(width, height))

    assert only(loaded(tmp_path, "a.png")).media_type == "image/png"


# patterns

TREE = [
    "b.png", "a.png", "Z.png", "a.PNG", ".hidden.png", "notes.md", "a/b.png", "a/c/d.png", "a-b/e.png", ".git/f.png",
    "a/.x/g.png", "[1].png", "{2}.png", "é.png", "z/z/z/z.png", "a10.png", "a9.png",
]  # fmt: skip
PATTERNS = {
    "*.png": ["Z.png", "[1].png", "a.png", "a10.png", "a9.png", "b.png", "{2}.png", "é.png"],
    "*.PNG": ["a.PNG"],
    "./*.PNG": ["a.PNG"],
    "?.png": ["Z.png", "a.png", "b.png", "é.png"],
    "[ab].png": ["a.png", "b.png"],
    "[!ab].png": ["Z.png", "é.png"],
    "a[0-9]*.png": ["a10.png", "a9.png"],
    ".*.png": [".hidden.png"],
    "[.]hidden.png": "no file matches `[.]hidden.png`",
    "[[]1].png": ["[1].png"],
    "[1].png": ["[1].png"],
    "a/*.png": ["a/b.png"],
    "a*/*.png": ["a-b/e.png", "a/b.png"],
    "a/*/d.png": ["a/c/d.png"],
    "a/**/*.png": ["a/b.png", "a/c/d.png"],
    "**/d.png": ["a/c/d.png"],
    "**/**/d.png": ["a/c/d.png"],
    "z/**": ["z/z/z/z.png"],
    "**/z/**/*.png": ["z/z/z/z.png"],
    ".git/*.png": [".git/f.png"],
    "a/../*.md": ["notes.md"],
    "a//*.png": ["a/b.png"],
    "*.gif": "no file matches `*.gif`",
    "a/*.jpg": "no file matches `a/*.jpg`",
    "*/": "no file matches `*/`",
    "c/*.png": "no file matches `c/*.png`: there is no folder `c`",
    "*/../*.png": "`*/../*.png` goes up behind a wildcard",
    "../*.png": "`../*.png` lies outside the project",
    "/etc/*": "`/etc/*` lies outside the project",
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_gives_the_files_in_the_order_of_their_code_points(tmp_path: Path, pattern: str) -> None:
    write(tmp_path, dict.fromkeys(TREE, "x"))

    assert names(tmp_path, pattern) == PATTERNS[pattern]


def test_a_pattern_that_matches_nothing_says_what_is_there(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"images/wing.png": WING, "images/leaf.webp": WING, "images/old/moth.png": WING, "empty/x/y.png": WING},
    )

    def told(pattern: str) -> tuple[str | None, str | None]:
        made = loaded(tmp_path, pattern)
        assert isinstance(made, Diagnostic)
        assert made.code == "P301"
        return made.expected, made.help

    assert told("images/wing*.pgn") == (f"a file in `{tmp_path}/images`", "did you mean `wing.png`?")
    assert told("images/*.jpeg2000") == (f"a file in `{tmp_path}/images`", "in it are `leaf.webp`, `wing.png`")
    assert told("**/*.tga") == (
        f"a file in `{tmp_path}`",
        "in it are `empty/x/y.png`, `images/leaf.webp`, `images/old/moth.png` and 1 more",
    )
    assert told("empty/*.png") == (
        f"a file in `{tmp_path}/empty`",
        "there is no file in it; `**/` in front looks into folders below",
    )
    assert told("image/*.png") == (f"a folder `{tmp_path}/image`", "did you mean `images`?")


def test_a_pattern_follows_no_link_to_a_folder_and_leads_nowhere_outside(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(tmp_path, dict.fromkeys(["outside/a.png", "root/in/b.png", "root/c.png", "root/x/y.png"], "x"))
    (root / "in" / "loop").symlink_to("..")
    (root / "away").symlink_to("../outside")
    (root / "inner").symlink_to("in")
    (root / "link.png").symlink_to("in/b.png")

    assert names(root, "**/*.png") == ["c.png", "in/b.png", "in/b.png", "x/y.png"]
    assert names(root, "*/b.png") == ["in/b.png"]
    assert names(root, "inner/*.png") == ["in/b.png"]
    assert names(root, "away/*.png") == "`away/*.png` lies outside the project"
    (root / "out.png").symlink_to("../outside/a.png")
    assert names(root, "*.png") == "`out.png` lies outside the project"


def test_each_match_is_checked_and_named(tmp_path: Path) -> None:
    write(tmp_path, {"images/a.png": WING, "images/b.png": JPEG, "specs/x": ""})
    store = ImageStore(root=Root(folder=tmp_path))

    made = store.load(ImageRef(written="../images/*", folder=tmp_path / "specs"), None)

    assert said(made) == ("P302", "`../images/b.png` is a JPEG picture, not a PNG", "rename it to `b.jpg`")


def test_a_pattern_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (globs.MOST_ENTRIES, globs.MOST_MATCHES) == (10_000, 1_000)
    write(tmp_path, {f"{folder}/{n}.txt": "x" for folder in "abc" for n in range(10)})
    monkeypatch.setattr(globs, "MOST_MATCHES", 30)
    monkeypatch.setattr(globs, "MOST_ENTRIES", 33)
    assert len(names(tmp_path, "**")) == 30
    assert len(names(tmp_path, "**/*/**/*")) == 30

    monkeypatch.setattr(globs, "MOST_MATCHES", 29)
    hint = "start it in a folder further down, or name fewer files"
    assert said(filed(tmp_path, "*/*")) == ("P306", "`*/*` matches more than 29 files", hint)
    monkeypatch.setattr(globs, "MOST_ENTRIES", 32)
    assert said(filed(tmp_path, "**/*.no")) == ("P306", "`**/*.no` looks at more than 32 files and folders", hint)


def test_a_folder_that_may_not_be_listed_is_no_empty_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a.png": WING, "secret/b.png": WING})
    scandir = os.scandir

    def refuse(path: Path) -> Any:
        if Path(path).name == "secret":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)

    expected = ("P302", "`secret` can't be read: permission denied", "make it readable: `chmod +r FILE`")
    assert said(loaded(tmp_path, "**/*.png")) == expected


def test_folders_a_thousand_deep_are_walked(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    try:
        for _ in range(1500):
            os.mkdir("d", dir_fd=here)
            deeper = os.open("d", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = deeper
    finally:
        os.close(here)

    try:
        assert names(tmp_path, "**/*.png") == "no file matches `**/*.png`"
    finally:
        subprocess.run(["rm", "-rf", tmp_path / "d"], check=True)  # pytest's own broom recurses


SEGMENT = st.sampled_from(["a", "b", "ab", "A", "a.png", "b.png", ".a", "c"])
PATTERN_SEGMENT = st.sampled_from(["*", "a*", "?", "*.png", "[ab]", "[!a]*", "a", "**", ".*", "b"])


@given(
    files=st.sets(st.lists(SEGMENT, min_size=1, max_size=3).map(tuple), min_size=1, max_size=8),
    pattern=st.lists(PATTERN_SEGMENT, min_size=1, max_size=3).filter(lambda parts: any(p not in "ab" for p in parts)),
)
def test_patterns_agree_with_the_plain_definition(shelf: Path, files: set[tuple[str, ...]], pattern: list[str]) -> None:
    files = {file for file in files if not any(other != file and other == file[: len(other)] for other in files)}

    def fits(file: tuple[str, ...], parts: list[str]) -> bool:
        if not parts:
            return not file
        if parts[0] == "**":
            rest = parts[1:] or ["*"]
            return fits(file, rest) or (len(file) > 1 and file[0][0] != "." and fits(file[1:], parts))
        if not file or (file[0][0] == "." and parts[0][0] != "."):
            return False
        return fnmatchcase(file[0], parts[0]) and fits(file[1:], parts[1:])

    with tempfile.TemporaryDirectory(dir=shelf) as name:
        root = Path(name).resolve()
        write(root, {"/".join(file): "x" for file in files})
        made = names(root, "/".join(pattern))

    expected = sorted("/".join(file) for file in files if fits(file, pattern))
    assert (made if isinstance(made, list) else []) == expected


# URIs that hold the data


def uri(data: bytes, media_type: str = "image/png") -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


@pytest.mark.parametrize(
    "written",
    [
        uri(WING),
        uri(WING, ""),
        uri(WING, "IMAGE/PNG"),
        uri(WING, "image/png;name=wing.png"),
        uri(WING, "application/octet-stream"),
        uri(WING).replace("data:", "DATA:").replace(";base64", ";BASE64"),
        uri(WING).replace("+", "%2B").replace("=", "%3D"),
    ],
    ids=range(7),
)
def test_a_data_uri_is_a_picture(tmp_path: Path, written: str) -> None:
    made = only(loaded(tmp_path, written))

    assert (made.media_type, made.digest, made.read(), made.path) == ("image/png", WING_DIGEST, WING, None)


ENCODE = "encode the file again, or save it in the project and name its path"
LOST = "is no `data:` URI: it has no type and comma before its data"
BROKEN = [
    ("data:", "`data:…`", LOST, None),
    ("data:image/png;base64", "`data:…`", LOST, None),
    (f"data:image/png{'A' * 50}", "`data:…`", LOST, None),
    (f"data:{'A' * 70},", "`data:…`", LOST, None),
    ("data:png;base64,AAAA", "`data:png;base64,…`", LOST, None),
    ("data:image/png,AAAA", "`data:image/png,…`", "is not in base64", ENCODE),
    ("data:image/png;base64,", "`data:image/png;base64,…`", "holds nothing", ENCODE),
    ("data:image/png;base64,AAA", "`data:image/png;base64,…`", "holds broken base64", ENCODE),
    ("data:image/png;base64,AA=A", "`data:image/png;base64,…`", "holds broken base64", ENCODE),
    ("data:image/png;base64,AA-_", "`data:image/png;base64,…`", "holds broken base64", ENCODE),
    ("data:image/png;base64,====", "`data:image/png;base64,…`", "holds broken base64", ENCODE),
    ("data:image/png;base64,éééé", "`data:image/png;base64,…`", "holds broken base64", ENCODE),
    ("data:image/png;base64,AA\nAA", "`data:image/png;base64,…`", "has a space or a line break in its base64", ENCODE),
    (
        "data:image/png;base64,AA%4",
        "`data:image/png;base64,…`",
        "has a `%` without two hexadecimal digits behind it",
        "write a percent sign as `%25`",
    ),
    (
        "data:image/png;base64,\udcff",
        "`data:image/png;base64,…`",
        "holds half of a surrogate pair, which is no character",
        ENCODE,
    ),
    ("data:image/png;base64,AAAA", "`data:image/png;base64,…`", "is no picture that promptc knows", SAVE),
    (
        uri(JPEG),
        "`data:image/png;base64,…`",
        "is declared as `image/png`, but its bytes are a JPEG picture",
        "declare `image/jpeg`, or name the file that is meant",
    ),
    (uri(WING[:-20]), "`data:image/png;base64,…`", "is cut short", AGAIN),
]


@pytest.mark.parametrize(("written", "name", "message", "hint"), BROKEN, ids=range(len(BROKEN)))
def test_a_broken_data_uri_is_refused_and_not_shown(
    tmp_path: Path, written: str, name: str, message: str, hint: str | None
) -> None:
    assert said(loaded(tmp_path, written)) == ("P302", f"{name} {message}", hint)


@pytest.mark.parametrize(
    ("written", "data", "media_type"),
    [
        ("data:,A%20moth", b"A moth", "text/plain"),
        ("data:text/csv;charset=utf-8,a%2Cb", b"a,b", "text/csv"),
        ("data:text/plain,né", "né".encode(), "text/plain"),
        (uri(b"a moth", "text/md"), b"a moth", "text/md"),
        (uri(PDF, "application/pdf"), PDF, "application/pdf"),
        (uri(PDF, ""), PDF, "application/pdf"),
    ],
    ids=range(6),
)
def test_a_data_uri_is_a_file_of_any_type(tmp_path: Path, written: str, data: bytes, media_type: str) -> None:
    made = only(filed(tmp_path, written))

    assert (made.read(), made.media_type) == (data, media_type)


def test_a_data_uri_and_a_mime_type_that_differ_are_refused(tmp_path: Path) -> None:
    assert said(filed(tmp_path, "data:text/csv,a", "text/html")) == (
        "P302",
        "`data:text/csv,…` and `mimeType` declare two types, `text/csv` and `text/html`",
        "remove `mimeType`, or make them the same",
    )


# files


@pytest.mark.parametrize(
    ("name", "content", "declared", "media_type"),
    [
        ("paper.pdf", PDF, None, "application/pdf"),
        ("paper", PDF, None, "application/pdf"),
        ("wing.png", WING, None, "image/png"),
        ("notes.md", b"# Moths", None, "text/md"),
        ("notes.MD", b"# Moths", None, "text/md"),
        ("notes.md", b"# Moths", "text/markdown", "text/markdown"),
        ("data.json", b"{}", None, "application/json"),
        ("song.mp3", MP3, None, "audio/mp3"),
        ("song.mp3", b"\xff\xfb\x90\x44" + bytes(9), "audio/mpeg", "audio/mpeg"),
        ("song.aac", b"\0\0\0", None, "audio/aac"),
        ("song.m4a", MP4, None, "audio/m4a"),
        ("film.mp4", MP4, None, "video/mp4"),
        ("film.mov", MP4, None, "video/mov"),
        ("film", MP4.replace(b"isom", b"qt  ", 1), None, "video/mov"),
        ("song.wav", b"RIFF\x04\0\0\0WAVE", None, "audio/wav"),
        ("song.flac", b"fLaC\0\0\0\x22", None, "audio/flac"),
        ("song.ogg", b"OggS\0\x02", None, "audio/ogg"),
        ("film.webm", b"\x1a\x45\xdf\xa3\x01", None, "video/webm"),
        ("lie.pdf", WING, "image/png", "image/png"),
        ("moth.dat", b"x", "application/x-moth", "application/x-moth"),
    ],
)
def test_a_files_type_is_declared_or_shown_by_its_bytes_or_its_name(
    tmp_path: Path, name: str, content: bytes, declared: str | None, media_type: str
) -> None:
    (tmp_path / name).write_bytes(content)

    made = only(filed(tmp_path, name, declared))

    assert (made.media_type, made.sha256) == (media_type, hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize(
    ("name", "content", "declared", "message", "hint"),
    [
        ("moth.dat", b"x", None, "neither the name nor the bytes of `moth.dat` show its media type",
         'say what it is: `mimeType = "…"` beside `file`'),
        ("paper.pdf", WING, None, "`paper.pdf` is a PNG picture, not a PDF", "rename it to `paper.png`"),
        ("paper.pdf", b"x", None, "`paper.pdf` is not a PDF file", AGAIN),
        ("song.ogg", MP3, None, "`song.ogg` is an MP3 sound file, not an OGG", "rename it to `song.mp3`"),
        ("paper.pdf", PDF, "text/plain", "`paper.pdf` is declared as `text/plain`, but its bytes are a PDF file",
         "declare `application/pdf`, or name the file that is meant"),
        ("a.txt", b"x", "image/png", "`a.txt` is declared as `image/png`, but its bytes are none",
         "name the file that is meant"),
        ("a.txt", b"x\0y", None, "`a.txt` is no text in UTF-8: it holds zero bytes",
         "save it as UTF-8, or declare its `mimeType`"),
        ("paper.pdf", PDF[:-9], None, "`paper.pdf` is cut short", AGAIN),
        ("a.gif", picture(kind="GIF")[:-3], None, "`a.gif` is cut short", AGAIN),
        ("film.mp4", MP4[:-3], None, "`film.mp4` is cut short", AGAIN),
        ("song.wav", b"RIFF\x44\0\0\0WAVE", None, "`song.wav` is cut short", AGAIN),
        ("a.txt", b"", None, "`a.txt` is an empty file", AGAIN),
        ("https://a.b/c.pdf", b"", None, "compiling never downloads files",
         "save the file in the project and name its path, or name it with `uri`, which is not pinned"),
    ],
)  # fmt: skip
def test_a_file_of_another_type_than_is_said_is_refused(
    tmp_path: Path, name: str, content: bytes, declared: str | None, message: str, hint: str
) -> None:
    if "/" not in name:
        (tmp_path / name).write_bytes(content)

    made = filed(tmp_path, name, declared)

    assert said(made)[1:] == (message, hint)
    assert said(made)[0] == ("P301" if "/" in name else "P302")


# whatever is written, whatever is in a file

CHARACTERS = st.text(st.one_of(st.sampled_from("*?[]!-./\\:,;%\0 \nabdt\udcff"), st.characters()), max_size=40)
PIECES = st.lists(st.sampled_from(["../", "data:", ";base64,", "**/", "[", "wing.png", "/", "~", "a" * 300, "file://"]))


@given(written=st.one_of(CHARACTERS, PIECES.map("".join)), media_type=st.none() | st.text(max_size=9))
def test_whatever_is_written_nothing_is_raised(shelf: Path, written: str, media_type: str | None) -> None:
    (shelf / "wing.png").write_bytes(WING)

    for made in (loaded(shelf, written), filed(shelf, written, media_type)):
        assert isinstance(made, Diagnostic) or all(isinstance(blob, Blob) for blob in made)


HEADS = [WING[:33], JPEG[:20], picture(kind="WEBP")[:30], b"GIF89a", MP4, PDF, b"RIFF", b"\xff\xd8\xff\xc0\0"]


@given(
    head=st.sampled_from([b"", *HEADS]),
    body=st.binary(max_size=300),
    name=st.sampled_from(["a.png", "a.jpg", "a.pdf", "a.txt", "a.mp4", "a"]),
)
def test_whatever_a_file_holds_nothing_is_raised(shelf: Path, head: bytes, body: bytes, name: str) -> None:
    (shelf / name).write_bytes(head + body)
    written = uri(head + body, "image/webp")

    for made in (loaded(shelf, name), filed(shelf, name), loaded(shelf, written), filed(shelf, written)):
        assert isinstance(made, Diagnostic) or all(isinstance(blob, Blob) for blob in made)


@given(at=st.integers(0, len(JPEG) - 1), value=st.integers(0, 255))
def test_a_jpeg_with_a_changed_byte_raises_nothing(shelf: Path, at: int, value: int) -> None:
    (shelf / "b.jpg").write_bytes(JPEG[:at] + bytes([value]) + JPEG[at + 1 :])

    assert loaded(shelf, "b.jpg")


def test_a_large_picture_is_not_held_in_memory(tmp_path: Path) -> None:
    import tracemalloc  # noqa: PLC0415 - only this test measures

    out = BytesIO()
    Image.frombytes("RGB", (3000, 2300), os.urandom(3000 * 2300 * 3)).save(out, "PNG", compress_level=0)
    assert len(out.getvalue()) > 20_000_000
    (tmp_path / "a.png").write_bytes(out.getvalue())
    del out
    tracemalloc.start()
    try:
        only(loaded(tmp_path, "a.png"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 2_000_000


def test_a_pin_in_a_toml_parts_template_is_checked(tmp_path: Path) -> None:
    text = f"""{MODEL}[[turns]]
parts = [{{ text = "x" }}, {{ image = "{{{{ image('a.png', sha256='{"0" * 64}') }}}}" }}]
"""
    made = compiled(tmp_path, text, {"a.png": WING})

    assert [(d.code, d.message) for d in made.diagnostics] == [("P303", "`a.png` is not the image that `sha256` pins")]
