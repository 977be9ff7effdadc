"""Disks that are full or read-only, for real: a small tmpfs in a mount namespace of its own."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.conftest import printed_by

NAMESPACE = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
KEPT = "nothing was written; the old recording, if there was one, is untouched"
LOCK = ["P509", "`.promptc/locks/butterfly/default.lock` was not written: Read-only file system", KEPT]
FULL = "was not written: No space left on device"


def test_a_full_disk_and_a_read_only_one_harm_nothing(tmp_path: Path) -> None:
    try:
        subprocess.run([*NAMESPACE, 'mount -t tmpfs tmpfs "$0"', str(tmp_path)], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"this machine lets no test mount a disk of its own: {error}")

    mounted = [*NAMESPACE, 'mount -t tmpfs -o size=4m tmpfs "$0" && exec "$@"', str(tmp_path)]
    printed = printed_by("tests.disk", str(tmp_path), before=mounted)
    full, read_only = json.loads(printed)
    hopeless, *others = full
    assert hopeless == [
        [
            "P509",
            f"`cassettes/butterfly/default.new.99.99.jpeg.tmp` {FULL}",
            "nothing was asked: make room for its answer first, or the folder writable",
        ]
    ]
    names = ("default.new.1.1.bin.tmp", "default.new.1.1.png.tmp", "default.new.yaml.tmp")
    assert others
    assert all(
        error in [[["P509", f"`cassettes/butterfly/{name}` {FULL}", KEPT]] for name in names] for error in others
    )
    assert read_only == {
        "check": [0, []],
        "record": [1, [LOCK]],
        "record --all": [1, [LOCK]],
        "run": 1,
        "run, output elsewhere": [0, []],
    }
