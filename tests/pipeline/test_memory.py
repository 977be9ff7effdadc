"""Pictures of 24 MB: neither the number of cases nor that of threads moves the peak, as one is open at a time."""

import base64
import json
import os
import random
import struct
import subprocess
import sys
import zlib
from copy import deepcopy
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from promptc.pipeline.selection import select
from promptc.pipeline.targets import reached
from promptc.pipeline.unit import Unit
from promptc.replay import recording
from promptc.replay.modes import RecordMode
from promptc.replay.provenance import Provenance, Step
from promptc.replay.secrets import Secrets
from promptc.replay.session import stored_request
from promptc.request import Request
from tests.conftest import REPO
from tests.workshop import BUTTERFLY, Workshop

CASES = 100
SIZE = 24 * 10**6
BOUND = 400 * 2**20
NUMBERED = BUTTERFLY.replace("parchment", "parchment {{ number }}") + (
    f'\n[variables.number]\ntype = "integer"\n\n[matrix]\nnumber = {list(range(CASES))}\n'
)
RUN = """
import json, re, sys
from pathlib import Path
from promptc.config import load
from promptc.pipeline.filter import Filter
from promptc.pipeline.run import run

result = run(load(Path.cwd()), only=Filter(cases=tuple(sys.argv[2:])), jobs=int(sys.argv[1]))
# not `ru_maxrss`: there, a process begins with the peak of the one that started it
peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024
print(json.dumps([len(result.results), result.good, peak]))
"""


def picture() -> bytes:
    """Return a picture that can be opened, with a large chunk that decoders skip."""
    file = BytesIO()
    Image.new("RGB", (512, 512), (80, 120, 160)).save(file, "PNG")
    chunk = b"prMp" + random.Random(7).randbytes(SIZE)
    large = struct.pack(">I", SIZE) + chunk + struct.pack(">I", zlib.crc32(chunk))
    drawn = file.getvalue()
    return drawn[:-12] + large + drawn[-12:]


def answer() -> bytes:
    inline = {"inlineData": {"mimeType": "image/png", "data": base64.b64encode(picture()).decode()}}
    candidate = {"content": {"parts": [inline], "role": "model"}, "finishReason": "STOP"}
    return json.dumps({"candidates": [candidate]}).encode()


def provenance(request: Request) -> Provenance:
    step = Step(fingerprint=request.fingerprint, recorded_at="2026-11-22T12:00:00Z", model_version=None)
    return Provenance(target="cometapi", emulator=False, tool="promptc 0", steps=(step,))


def recorded(root: Path) -> Workshop:
    """Record one case, and the others with the same picture: its file is linked, so that it is there once."""
    shop = Workshop.make(root, {"moths": NUMBERED})
    project = shop.project
    with reached(project, project.find_target(None), ask=False) as endpoint:
        units = [
            Unit(project=project, case=case, endpoint=endpoint, mode=RecordMode.NONE) for case in select(project).cases
        ]
    first, *others = units
    requests = [unit.case.requests[0] for unit in units]
    uris = [endpoint.target.base_url + request.path("v1beta") for request in requests]
    asked = [stored_request(request, uri, {}) for request, uri in zip(requests, uris, strict=True)]
    said = {
        "status": {"code": 200, "message": "OK"},
        "headers": {"content-type": ["application/json"]},
        "body": {"string": answer()},
    }
    first.store.save([(asked[0], said)], provenance(requests[0]), Secrets(), accept=True)
    whole = first.store.load(first.store.accepted)
    assert whole
    for unit, request, stored in zip(others, requests[1:], asked[1:], strict=True):
        unit.store.accepted.write_text(recording.dump([stored], deepcopy(whole.responses), provenance(request)))
        name = whole.sidecars[0].file
        os.link(unit.store.folder / name, unit.store.folder / name.replace(first.case.name, unit.case.name))
    return shop


def peak(shop: Workshop, *cases: str, jobs: int) -> tuple[int, int]:
    """Run cases in a process of its own; return how many, and its peak in bytes."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(jobs), *cases],
        cwd=shop.root,
        env={**os.environ, "PYTHONPATH": str(REPO)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert not done.stderr, done.stderr
    count, good, bytes_ = json.loads(done.stdout)
    assert good, done.stdout
    return count, bytes_


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_a_hundred_large_pictures_replay_in_the_room_of_a_few(tmp_path: Path) -> None:
    shop = recorded(tmp_path)
    few, small = peak(shop, "default-1?", jobs=1)
    many, large = peak(shop, jobs=8)
    assert (few, many) == (10, CASES)
    assert large < BOUND, f"{large / 2**20:.0f} MB"
    told = f"{small / 2**20:.0f} MB for {few} cases in one thread, {large / 2**20:.0f} MB for {many} in eight"
    assert large < 1.1 * small, told
