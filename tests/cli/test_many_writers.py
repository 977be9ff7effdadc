"""Eight processes with eight threads each record the same cases at once, and each its own."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from promptc.emulator.server import Emulator
from tests.workshop import BUTTERFLY, Workshop

PROCESSES = 8
CASES = 16
NUMBERED = BUTTERFLY.replace("parchment", "parchment {{ number }}") + (
    f'\n[variables.number]\ntype = "integer"\n\n[matrix]\nnumber = {list(range(CASES))}\n'
)


def at_once(shop: Workshop, commands: Sequence[Sequence[str]]) -> list[dict[str, object]]:
    """Run commands side by side; return what they print as JSON."""
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "promptc", *command, "--format", "json"],
            cwd=shop.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for command in commands
    ]
    done = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0 for _ in commands], done
    told = [line for _, errors in done for line in errors.splitlines()]  # what each was about to ask
    assert [line for line in told if not line.startswith(b"asks `local` for ")] == []
    return [json.loads(printed) for printed, _ in done]


def shop_for(root: Path, emulator: Emulator) -> Workshop:
    shop = Workshop.make(root, {"moths": NUMBERED})
    with (root / "promptc.toml").open("a") as file:
        file.write(f'\n[targets.local]\nbase_url = "{emulator.base_url}"\nauth = "none"\n')
    return shop


def test_equal_cases_have_one_winner_and_the_others_replay_its_answer(tmp_path: Path) -> None:
    record = ["record", "-j", "8", "--target", "local"]
    with Emulator() as emulator:
        shop = shop_for(tmp_path, emulator)
        results = at_once(shop, [record] * PROCESSES)
        assert emulator.requests == CASES

    asked = [[case["asked"] for case in result["cases"]] for result in results]  # type: ignore[attr-defined]
    assert [sum(column) for column in zip(*asked, strict=True)] == [1] * CASES
    digests = [[case["steps"][0]["images"][0]["sha256"] for case in result["cases"]] for result in results]  # type: ignore[attr-defined]
    assert digests == [digests[0]] * PROCESSES
    assert shop.json("check", "--format", "json")["good"]


def test_disjoint_cases_are_all_recorded(tmp_path: Path) -> None:
    cases = [f"default-{number}" for number in range(CASES)]
    with Emulator() as emulator:
        shop = shop_for(tmp_path, emulator)
        own = [cases[start::PROCESSES] for start in range(PROCESSES)]
        at_once(
            shop,
            [
                ["record", "-j", "8", "--target", "local", *(word for case in some for word in ("--case", case))]
                for some in own
            ],
        )
        assert emulator.requests == CASES

    assert sorted(name for name in shop.files() if name.endswith(".yaml")) == sorted(
        f"moths/{case}.yaml" for case in cases
    )
    assert shop.json("check", "--format", "json")["good"]


def test_readers_beside_a_writer_see_no_damage(tmp_path: Path) -> None:
    with Emulator() as emulator:
        shop = shop_for(tmp_path, emulator)
        assert shop.command("record", "--target", "local").returncode == 0
        rewrite = ["record", "--all", "--accept", "-j", "2", "--target", "local"]
        at_once(shop, [rewrite, ["run", "-j", "8", "-o", "first"], ["check"], ["run", "-o", "second"], ["check"]])
