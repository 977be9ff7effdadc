"""What a run leaves in its output folder, and what it lets be there."""

import json
from pathlib import Path

import pytest

from promptc.pipeline.run import run
from tests.workshop import BUTTERFLY, Workshop


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY})
    shop.record()
    return shop


def test_what_an_earlier_run_left_is_gone(shop: Workshop) -> None:
    out = shop.root / "out" / "butterfly" / "default"
    run(shop.project, output=shop.root / "out")
    said = json.loads((out / "result.json").read_text())
    said["steps"][0]["images"].append({"file": "1.2.png"})
    (out / "result.json").write_text(json.dumps(said))
    (out / "1.2.png").write_bytes(b"an earlier run had two pictures")

    assert run(shop.project, output=shop.root / "out").good
    assert left(out) == ["1.1.png", "1.txt", "result.json"]


@pytest.mark.parametrize(
    "result",
    [
        None,
        "",
        "no JSON",
        "[]",
        '{"steps": 1}',
        '{"steps": [{"step": 1, "images": [{}]}]}',
        '{"steps": [{"step": "../../../specs/butterfly", "images": [{"file": "../notes.txt"}, {"file": 7}]}]}',
    ],
)
def test_what_no_run_of_promptc_left_stays(shop: Workshop, result: str | None) -> None:
    out = shop.root / "out" / "butterfly" / "default"
    out.mkdir(parents=True)
    mine = ["2.txt", "2.1.png", "notes.txt", "7.7.jpeg"]
    for name in mine:
        (out / name).write_text("mine")
    (out.parent / "notes.txt").write_text("mine")
    if result is not None:
        (out / "result.json").write_text(result)

    assert run(shop.project, output=shop.root / "out").good
    assert left(out) == sorted([*mine, "1.1.png", "1.txt", "result.json"])
    assert all((out / name).read_text() == "mine" for name in mine)
    assert (out.parent / "notes.txt").read_text() == "mine"
