"""Thousands of cases in one run: the same verdicts in two processes, and hardly more memory than for hundreds."""

import re
import sys
from copy import deepcopy
from dataclasses import replace

import pytest

from promptc.pipeline.selection import select
from promptc.pipeline.unit import store_of
from promptc.replay.recording import Recording, dump
from promptc.replay.session import stored_request
from promptc.request import Case
from tests.suite.running import Ran, pytest_in
from tests.workshop import Workshop

SPECS, MANY = 10, 2000
EACH = MANY // SPECS
WRONG = {f"specs/moths-{i}.toml::default-{i * EACH + 7}" for i in range(SPECS)}
MOTHS = """\
model = "gemini-3.1-flash-image"

[variables.number]
type = "integer"

[[turns]]
text = "Moth {{ number }}."

[generationConfig]
responseModalities = ["TEXT"]

[matrix]
number = %s
"""
PEAK = """
import re
from pathlib import Path


def pytest_terminal_summary(terminalreporter):
    # not `ru_maxrss`: there, a process begins with the peak of the one that started it
    peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]
    terminalreporter.write_line(f"peak: {peak} kB")
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Return a project of ten specs; one case of each is recorded and serves the others, one of which is stale."""
    specs = {f"moths-{i}": MOTHS % list(range(i * EACH, (i + 1) * EACH)) for i in range(SPECS)}
    shop = Workshop.make(tmp_path_factory.mktemp("many") / "repo", specs)
    (shop.root / "conftest.py").write_text(PEAK)
    by_spec: dict[str, list[Case]] = {}
    for case in select(shop.project).cases:
        by_spec.setdefault(case.spec, []).append(case)
    for first, *others in by_spec.values():
        assert shop.record(first.id).good
        store = store_of(shop.project, first.spec, first.name)
        whole = store.load(store.accepted)
        assert whole
        for case in others:
            serve(shop, case, whole)
        shop.cassette(f"{first.spec}/{others[6].name}.yaml").write_bytes(store.accepted.read_bytes())
    return shop


def serve(shop: Workshop, case: Case, whole: Recording) -> None:
    """Record for a case what another one was answered."""
    (request,) = case.requests
    (step,) = whole.provenance.steps
    stored = stored_request(request, f"http://emulator.invalid{request.path('v1beta')}", {})
    provenance = replace(whole.provenance, steps=(replace(step, fingerprint=request.fingerprint),))
    text = dump([stored], deepcopy(whole.responses), provenance)
    shop.cassette(f"{case.spec}/{case.name}.yaml").write_text(text)


def peak(ran: Ran) -> int:
    found = re.search(r"^peak: (\d+) kB$", ran.out, re.MULTILINE)
    assert found, ran.out[-2000:]
    return int(found[1])


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_two_thousand_cases_run_in_the_room_of_two_hundred(shop: Workshop) -> None:
    few = pytest_in(shop.root, "specs/moths-0.toml")
    many = pytest_in(shop.root, "specs")
    shared = pytest_in(shop.root, "specs", "-n", "2")

    assert (few.last, many.last) == ("1 failed, 199 passed", "10 failed, 1990 passed")
    assert {name for name, word in many.cases.items() if word != "PASSED"} == WRONG
    assert shared.cases == many.cases
    assert shared.section("promptc").startswith(many.section("promptc").partition("peak")[0])
    told = f"{peak(few) / 1024:.0f} MB for 200 cases, {peak(many) / 1024:.0f} MB for 2,000"
    assert peak(many) < 1.5 * peak(few), told
