"""Whether a disk would take a file, without touching it."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from promptc.replay.files import refuse_hopeless

DISK = {"f_flag": 0, "f_namemax": 255, "f_blocks": 100, "f_bavail": 10}


def refused(path: Path) -> str | None:
    try:
        refuse_hopeless(path)
    except OSError as error:
        return errno.errorcode[error.errno or 0] if error.filename == str(path) else str(error)
    return None


@pytest.fixture(autouse=True)
def untouched(tmp_path: Path) -> Iterator[None]:
    yield
    assert list(tmp_path.iterdir()) == []


def disk(monkeypatch: pytest.MonkeyPatch, **facts: int) -> None:
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(**{**DISK, **facts}))


def test_a_folder_that_is_not_there_yet_is_no_obstacle(tmp_path: Path) -> None:
    assert refused(tmp_path / "cassettes" / "moths" / "luna.yaml") is None


def test_a_name_that_is_too_long_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "cassettes" / ("x" * 300)) == "ENAMETOOLONG"
    assert refused(tmp_path / ("\u00e4" * 128)) == "ENAMETOOLONG"
    assert refused(tmp_path / ("\u00e4" * 127)) is None


def test_a_folder_that_is_read_only_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert refused(tmp_path / "luna.yaml") == "EACCES"
    disk(monkeypatch, f_flag=os.ST_RDONLY)
    assert refused(tmp_path / "luna.yaml") == "EROFS"


def test_a_full_disk_is_refused_and_one_that_does_not_count_its_blocks_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk(monkeypatch, f_bavail=0)
    assert refused(tmp_path / "luna.yaml") == "ENOSPC"
    disk(monkeypatch, f_bavail=0, f_blocks=0)
    assert refused(tmp_path / "luna.yaml") is None
    disk(monkeypatch, f_namemax=0)
    assert refused(tmp_path / "luna.yaml") is None
