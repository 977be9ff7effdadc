"""Fills a small disk and makes one read-only, under real commands: `python -m tests.disk FOLDER`, on a disk of its own.

The folder is a tmpfs of 4 MB that only this process and its children see: see `tests/cli/test_disks.py`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.workshop import BUTTERFLY, Workshop

RECORD = ("record", "--target", "emulator", "--accept", "--format", "json")
STEP = 4096
"""A tmpfs gives room by the page."""


def free(root: Path) -> int:
    disk = os.statvfs(root)
    return disk.f_bavail * disk.f_frsize


def fill(root: Path, left: int) -> None:
    """Leave so many bytes free."""
    (root / "filler").write_bytes(b"")
    (root / "filler").write_bytes(b"x" * (free(root) - left))


def told(shop: Workshop, *arguments: str) -> tuple[int, list[tuple[str, str, str]]]:
    """Run a command; return its exit code, and its errors with their help."""
    done = shop.command(*arguments)
    assert "Traceback" not in done.stderr, done.stderr
    found: Any = json.loads(done.stdout)["diagnostics"] if done.stdout else [[done.stderr]]
    return done.returncode, [(d["code"], d["message"], d["help"]) for d in found if d["severity"] == "error"]


def full(shop: Workshop) -> list[Any]:
    """Record with less and less room; the old recording stays until the new one has room."""
    assert shop.command(*RECORD).returncode == 0
    old = shop.files()
    shop.edit("butterfly", "Monarch", "Luna")
    outcomes: list[Any] = []
    for pages in range(40):
        fill(shop.root, pages * STEP)
        code, errors = told(shop, *RECORD)
        new = shop.files()
        (shop.root / "filler").unlink()
        if code == 0:
            assert new != old
            break
        assert new == old, f"{sorted(new)} with {pages} pages left"
        outcomes += [errors] if errors not in outcomes else []
    assert shop.command("check").returncode == 0
    return outcomes


def read_only(shop: Workshop) -> dict[str, Any]:
    """Replay from a disk that nobody can write, and try to record on it."""
    subprocess.run(["mount", "-o", "remount,ro", str(shop.root)], check=True)
    return {
        "check": told(shop, "check", "--format", "json"),
        "record": told(shop, *RECORD),
        "record --all": told(shop, *RECORD, "--all"),
        "run": shop.command("run").returncode,
        "run, output elsewhere": told(shop, "run", "--format", "json", "-o", "/dev/shm/promptc-out"),
    }


if __name__ == "__main__":
    made = Workshop.make(Path(sys.argv[1]), {"butterfly": BUTTERFLY})
    print(json.dumps([full(made), read_only(made)], indent=1))  # noqa: T201 - it is a program
