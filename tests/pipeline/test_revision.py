"""A project at a commit is compiled and compared with its recordings as it was then, and nothing is touched."""

import base64
import hashlib
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from promptc.config import Project, load
from promptc.errors import ProjectError
from promptc.files import DISK, Files, is_folder
from promptc.pipeline.check import states
from promptc.pipeline.git import Objects, Repository
from promptc.pipeline.revision import Revision, project_at
from promptc.pipeline.selection import Selection, select
from promptc.source import LFS_POINTER
from tests.emulator.wire import png
from tests.repository import Clone, as_nobody
from tests.workshop import BUTTERFLY, CHAT, Workshop

PICTURE = """\
model = "gemini-3.1-flash-image"

[[turns]]
parts = [{ text = "Blue wings" }, { image = "wing.png" }]
"""


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    as_nobody(monkeypatch)


def at(root: Path, name: str = "HEAD") -> Revision:
    repository = Repository.around(root.resolve())
    return Revision(repository=repository, name=name, commit=repository.commit(name))


def then(root: Path, name: str = "HEAD") -> Project:
    project = project_at(at(root, name))
    assert project is not None
    return project


def fingerprints(selection: Selection) -> list[str]:
    return [request.fingerprint for case in selection.cases for request in case.requests if request.bound]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("recorded") / "repo"
    shop = Workshop.make(root, {"butterfly": BUTTERFLY, "chat": CHAT})
    assert shop.record().good
    Clone.make(root).commit()
    return root


def test_what_was_then_is_compiled_and_its_recordings_are_fresh(recorded: Path) -> None:
    known = select(load(recorded))
    before = select(then(recorded))
    assert before.cases == known.cases
    assert fingerprints(before) == fingerprints(known)
    assert list(before.sources) == ["specs/butterfly.toml", "specs/chat.toml"]
    assert [*states(before)] == [*states(known)]


def test_what_was_changed_since_is_not_seen(recorded: Path, tmp_path: Path) -> None:
    Clone(recorded).git("clone", "-q", ".", str(tmp_path / "repo"))
    shop = Workshop(tmp_path / "repo")
    known = fingerprints(select(shop.project))
    shop.edit("butterfly", "Monarch", "Luna")
    shop.spec("chat").unlink()
    shop.cassette("butterfly/default.yaml").write_text("damaged")
    (shop.root / "promptc.toml").write_text("what = 1\n")
    before = select(then(shop.root))
    assert fingerprints(before) == known
    assert [state.status for state in states(before)] == ["passed", "passed"]


def test_nothing_is_written(recorded: Path, tmp_path: Path) -> None:
    Clone(recorded).git("clone", "-q", ".", str(tmp_path / "repo"))
    shop, clone = Workshop(tmp_path / "repo"), Clone(tmp_path / "repo")
    shop.edit("butterfly", "Monarch", "Luna")
    (shop.root / "specs" / "new.toml").write_text("# not known to git\n")
    for path in [*shop.root.rglob("*")]:
        os.utime(path, (1_000_000_000, 1_000_000_000), follow_symlinks=False)  # an index that asks to be refreshed
    before = everything(shop.root)
    assert [*states(select(then(shop.root)))]
    assert everything(shop.root) == before
    assert clone.git("status", "--porcelain") == "M specs/butterfly.toml\n?? specs/new.toml"


def everything(root: Path) -> dict[str, tuple[int, bytes]]:
    return {
        path.relative_to(root).as_posix(): (path.lstat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in sorted(root.rglob("*"))
    }


def test_each_object_is_read_once_and_only_when_it_is_asked_for(
    recorded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    read = Objects.read

    def noted(objects: Objects, oid: str) -> bytes:
        asked.append(oid)
        return read(objects, oid)

    monkeypatch.setattr(Objects, "read", noted)
    named = {
        path: oid
        for _, _, oid, path in (
            line.replace("\t", " ").split() for line in Clone(recorded).git("ls-tree", "-r", "HEAD").splitlines()
        )
    }
    before = select(then(recorded))
    assert sorted(asked) == sorted(named[name] for name in ("promptc.toml", "specs/butterfly.toml", "specs/chat.toml"))
    [*states(before), *states(select(before.project))]
    assert len(asked) == len(set(asked)), "a picture is asked for only where a small one is kept"


def test_a_mistake_is_told_with_its_revision(tmp_path: Path) -> None:
    files = {"a/promptc.toml": "version = 1\n", "a/specs/fox.toml": 'model = "x"\nturn = 1\n', "a/specs/b.TOML": ""}
    clone = Clone.make(tmp_path / "repo", files)
    clone.git("tag", "v1")
    found = select(then(clone.root / "a", "v1")).diagnostics
    assert [(one.place, one.message) for one in found] == [
        ("v1:a/specs/b.TOML", "a spec's name ends in `.toml`, in small letters"),
        ("v1:a/specs/fox.toml:2:1", "unknown key `turn`"),
    ]


def test_a_project_file_with_mistakes_is_told_with_its_revision(tmp_path: Path) -> None:
    clone = Clone.make(tmp_path / "repo", {"promptc.toml": "version = 1\njobs = 1\n", "specs/fox.toml": BUTTERFLY})
    with pytest.raises(ProjectError) as caught:
        project_at(at(clone.root))
    assert [(one.place, one.message) for one in caught.value.diagnostics] == [
        ("HEAD:promptc.toml:2:1", "unknown key `jobs`")
    ]


def test_where_there_was_no_project_there_is_none(tmp_path: Path) -> None:
    clone = Clone.make(tmp_path / "repo", {"README": "no project yet"})
    clone.write({"specs/fox.toml": BUTTERFLY, "inner/promptc.toml": "", "inner/specs/fox.toml": BUTTERFLY})
    clone.commit()
    assert project_at(at(clone.root, "HEAD~1")) is None
    assert project_at(at(clone.root / "inner", "HEAD~1")) is None
    assert [case.id for case in select(then(clone.root)).cases] == ["fox::default"]


def test_the_folders_are_those_that_the_file_names_then(tmp_path: Path) -> None:
    files = {"promptc.toml": 'version = 1\n[paths]\nspecs = "prompts"\n', "prompts/fox.toml": BUTTERFLY}
    clone = Clone.make(tmp_path / "repo", files)
    (clone.root / "promptc.toml").unlink()
    assert [case.id for case in select(then(clone.root)).cases] == ["fox::default"]


def test_pictures_are_those_of_the_commit(tmp_path: Path) -> None:
    clone = Clone.make(
        tmp_path / "repo", {"promptc.toml": "version = 1\n", "specs/fox.toml": PICTURE, "specs/wing.png": picture(8)}
    )
    clone.write({"specs/wing.png": picture(2)})
    (case,) = select(then(clone.root)).cases
    (blob,) = blobs(case.requests[0].contents)
    assert blob.sha256 == hashlib.sha256(picture(8)).hexdigest()
    assert blob.read() == picture(8)


def picture(side: int) -> bytes:
    return base64.b64decode(png(side, side))


def blobs(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [blob for item in value.values() for blob in blobs(item)]
    if isinstance(value, (list, tuple)):
        return [blob for item in value for blob in blobs(item)]
    return [value] if hasattr(value, "sha256") else []


def pointer(content: bytes) -> bytes:
    oid = hashlib.sha256(content).hexdigest()
    return LFS_POINTER + f"v1\noid sha256:{oid}\nsize {len(content)}\n".encode()


def test_a_pointer_of_lfs_stands_for_what_was_fetched(tmp_path: Path) -> None:
    content = picture(8)
    oid = hashlib.sha256(content).hexdigest()
    files: dict[str, str | bytes] = {
        "promptc.toml": "version = 1\n",
        "specs/fox.toml": PICTURE,
        "specs/wing.png": pointer(content),
    }
    clone = Clone.make(tmp_path / "repo", files)
    place = clone.root / ".git" / "lfs" / "objects" / oid[:2] / oid[2:4] / oid
    place.parent.mkdir(parents=True)
    place.write_bytes(content)
    (case,) = select(then(clone.root)).cases
    assert [(blob.sha256, blob.size, blob.read()) for blob in blobs(case.requests[0].contents)] == [
        (oid, len(content), content)
    ]
    place.write_bytes(content[:-1])
    assert len(select(then(clone.root)).diagnostics) == 1, "one that was cut short is none"


def test_a_pointer_that_was_not_fetched_says_what_fetches_it(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "promptc.toml": "version = 1\n",
        "specs/fox.toml": PICTURE,
        "specs/wing.png": pointer(b"x"),
        "cassettes/fox/default.yaml": pointer(b"y"),
    }
    clone = Clone.make(
        tmp_path / "repo", {**files, "specs/moth.toml": BUTTERFLY, "cassettes/moth/default.yaml": pointer(b"z")}
    )
    before = select(then(clone.root))
    assert [(one.place, one.message, one.help) for one in before.diagnostics] == [
        (
            "HEAD:specs/fox.toml:4:45",
            "`wing.png` is a pointer of Git LFS, not the picture itself",
            "fetch it with `git lfs fetch origin HEAD`",
        )
    ]
    (state,) = states(before)
    assert [(one.place, one.message, one.help) for one in state.diagnostics] == [
        (
            "HEAD:cassettes/moth/default.yaml",
            "a pointer of Git LFS stands in the place of this file",
            "`git lfs fetch origin HEAD` fetches the file",
        )
    ]


def read_open(files: Files, path: Path) -> bytes:
    with files.open(path) as file:
        return file.read()


ASKED: dict[str, Callable[[Files, Path], object]] = {
    "read": lambda files, path: files.read_bytes(path),
    "open": read_open,
    "entries": lambda files, path: sorted(
        (e.name, is_folder(e, links=True), is_folder(e)) for e in files.entries(path) if e.name != ".git"
    ),
    "resolve": lambda files, path: files.resolve(path),
    "is a file": lambda files, path: files.is_file(path),
    "is a folder": lambda files, path: files.is_dir(path),
    "is a link": lambda files, path: files.is_symlink(path),
    "exists": lambda files, path: files.exists(path),
    "stands there": lambda files, path: files.lexists(path),
    "is": lambda files, path: files.stat(path).st_mode & 0o170000,
    "size": lambda files, path: files.is_file(path) and files.stat(path).st_size,
}
PATHS = (
    ".", "a.txt", "a.txt/b", "nothing", "folder", "folder/", "folder/b.txt", "folder/../a.txt", "folder/nothing",
    "to-file", "to-folder", "to-folder/b.txt", "to-folder/../a.txt", "to-nothing", "to-link", "folder/up", "folder/up/b.txt",
    "absolute", "absolute/b.txt", "round", "round/x", "out", "ümlaut 日.txt", "large.bin", "to-folder/up",
)  # fmt: skip


@pytest.mark.parametrize("question", ASKED)
def test_a_commit_answers_as_the_disk_does(tmp_path: Path, question: str) -> None:
    clone = tree(tmp_path / "repo")
    revision = at(clone.root)

    def answer(files: Files, path: Path) -> object:
        try:
            return ASKED[question](files, path)
        except RuntimeError:  # as Python says before 3.13 that links lead in a circle
            return "circle"
        except OSError as error:
            return "circle" if error.errno == 40 else type(error).__name__

    for written in PATHS:
        path = clone.root.resolve() / written
        expected = answer(DISK, path)
        if expected == "NotADirectoryError" and written == "a.txt/b":  # both are told as a file that is not there
            expected = "FileNotFoundError"
        assert answer(revision, path) == expected, written


def tree(root: Path) -> Clone:
    """Return a clone with every kind of link."""
    clone = Clone.make(root)
    clone.write({"a.txt": "a", "folder/b.txt": "b", "ümlaut 日.txt": "u", "large.bin": bytes(range(256)) * 300})
    links = {
        "to-file": "a.txt",
        "to-folder": "folder",
        "to-nothing": "lost",
        "to-link": "to-file",
        "folder/up": "..",
        "absolute": str(root.resolve() / "folder"),
        "round": "round",
        "out": "../outside",
    }
    for name, target in links.items():
        (root / name).symlink_to(target)
    clone.commit()
    return clone


def test_a_text_that_was_not_fetched_is_no_prompt(tmp_path: Path) -> None:
    clone = Clone.make(tmp_path / "repo", {"specs/fox.toml": BUTTERFLY, "specs/moth.toml": pointer(b"x")})
    clone.git("branch", "a'b")
    assert [(one.place, one.message, one.help) for one in select(then(clone.root, "a'b")).diagnostics] == [
        (
            "a'b:specs/moth.toml",
            "the file can't be read: it is a pointer of Git LFS",
            """fetch it with `git lfs fetch origin 'a'"'"'b'`""",
        )
    ]


def test_a_submodule_is_nothing(tmp_path: Path) -> None:
    inner = Clone.make(tmp_path / "inner", {"specs/x.toml": BUTTERFLY})
    clone = Clone.make(tmp_path / "repo", {"specs/fox.toml": BUTTERFLY})
    clone.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner.root), "specs/inner")
    clone.commit()
    assert [case.id for case in select(then(clone.root)).cases] == ["fox::default"]
    assert not at(clone.root).lexists(clone.root.resolve() / "specs" / "inner")


def test_files_of_a_recording_under_other_names_are_found_as_on_the_disk(recorded: Path, tmp_path: Path) -> None:
    Clone(recorded).git("clone", "-q", ".", str(tmp_path / "repo"))
    shop = Workshop(tmp_path / "repo")
    shop.cassette("butterfly/default.1.1.png").rename(shop.cassette("butterfly/default.7.7.png"))
    Clone(shop.root).commit()
    known = [(state.status, [one.code for one in state.diagnostics]) for state in states(select(shop.project))]
    shop.cassette("butterfly/default.7.7.png").unlink()
    before = [*states(select(then(shop.root)))]
    assert [(state.status, [one.code for one in state.diagnostics]) for state in before] == known
    assert [one.place for state in before for one in state.diagnostics] == ["HEAD:cassettes/butterfly/default.1.1.png"]


def test_a_link_out_of_the_project_is_refused_as_on_the_disk(tmp_path: Path) -> None:
    clone = Clone.make(tmp_path / "repo", {"promptc.toml": "version = 1\n", "specs/fox.toml": PICTURE})
    (tmp_path / "wing.png").write_bytes(picture(4))
    (clone.root / "specs" / "wing.png").symlink_to("../../wing.png")
    clone.commit()
    found = [select(project).diagnostics for project in (load(clone.root), then(clone.root))]
    assert [[(one.code, one.message, one.help) for one in side] for side in found] == [
        [("P304", "`wing.png` lies outside the project", "copy the picture into the project")]
    ] * 2


def test_git_is_not_asked_to_compile_what_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("git was asked"))
    assert select(Workshop.make(tmp_path / "repo", {"fox": BUTTERFLY}).project).cases
