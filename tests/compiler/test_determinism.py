"""One spec, one request: whatever the machine, the folder, the order and the line endings are."""

import json
import locale
import random
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from promptc.compiler.driver import compile_specs, find_specs
from promptc.config import load
from promptc.report.full import full
from promptc.report.style import Style
from tests.compiler.determined import compiled, write

FIRST, SECOND = "deep/butterfly", "moth"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("determined").resolve())


@pytest.fixture(scope="module")
def expected(root: Path) -> str:
    printed = compiled(root)
    lines = [json.loads(line) for line in printed.splitlines()]
    names = {(line["spec"], line["case"], line["step"]) for line in lines}
    assert len(names) == len(lines) == 13
    assert sum(line["fingerprint"] is not None for line in lines) == 7
    return printed


@pytest.mark.parametrize("seed", ["0", "1", "4294967295", "random"])
def test_the_hash_seed_does_not_show(root: Path, expected: str, seed: str) -> None:
    assert compiled(root, PYTHONHASHSEED=seed) == expected


@pytest.mark.parametrize("name", ["C", "C.UTF-8", "POSIX", "de_DE.UTF-8", "tr_TR.UTF-8"])
def test_the_locale_does_not_show(root: Path, expected: str, name: str) -> None:
    try:
        previous = locale.setlocale(locale.LC_ALL)
        locale.setlocale(locale.LC_ALL, name)
        locale.setlocale(locale.LC_ALL, previous)
    except locale.Error:
        pytest.skip(f"this machine has no locale {name}")

    assert compiled(root, LC_ALL=name, LANG=name) == expected


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/St_Johns"])
def test_the_time_zone_does_not_show(root: Path, expected: str, zone: str) -> None:
    assert compiled(root, TZ=zone) == expected


@pytest.mark.parametrize("below", [".", "specs", "specs/deep", "specs/wings"])
def test_the_working_directory_does_not_show(root: Path, expected: str, below: str) -> None:
    assert compiled(root / below) == expected


def test_a_place_outside_of_the_project_says_so_instead_of_compiling_something_else(root: Path) -> None:
    with pytest.raises(AssertionError, match="promptc"):
        compiled(Path("/"), str(root / "specs"))


@pytest.mark.parametrize("way", ["names", "relative", "dotted", "absolute", "folder", "from below", "linked", "globs"])
def test_the_way_to_a_spec_does_not_show(root: Path, expected: str, tmp_path: Path, way: str) -> None:
    linked = tmp_path / "linked"
    linked.symlink_to(root, target_is_directory=True)
    files = ("specs/deep/butterfly.j2", "specs/moth.toml")
    folder, arguments = {
        "names": (root, (FIRST, SECOND)),
        "relative": (root, files),
        "dotted": (root, tuple(f"./specs/../{file}" for file in files)),
        "absolute": (root, tuple(str(root / file) for file in files)),
        "folder": (root, ("specs",)),
        "from below": (root / "specs/deep", ("butterfly.j2", "../moth.toml")),
        "linked": (linked, tuple(str(linked / file) for file in files)),
        "globs": (root, ("specs/**/*.j2", "specs/*.toml")),
    }[way]

    assert compiled(folder, *arguments) == expected


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_line_endings_do_not_show(tmp_path: Path, expected: str, newline: str) -> None:
    assert compiled(write(tmp_path / "elsewhere", newline=newline)) == expected


@pytest.mark.parametrize("order", list(permutations((FIRST, SECOND))))
def test_the_order_of_specs_only_orders_the_requests(root: Path, expected: str, order: tuple[str, str]) -> None:
    assert sorted(compiled(root, *order).splitlines()) == sorted(expected.splitlines())


def test_two_compilations_give_the_same(root: Path) -> None:
    project = load(root)
    files, _ = find_specs(project)

    assert compile_specs(project, files) == compile_specs(project, files)


def test_specs_do_not_disturb_one_another(root: Path) -> None:
    project = load(root)
    files, _ = find_specs(project)
    together = compile_specs(project, files)
    for seed in range(4):
        shuffled = random.Random(seed).sample(files, len(files))

        made = compile_specs(project, shuffled)

        assert sorted(made.cases, key=lambda case: case.id) == sorted(together.cases, key=lambda case: case.id)
        assert made.diagnostics == together.diagnostics
    alone = [case for file in files for case in compile_specs(project, [file]).cases]
    assert alone == list(together.cases)


def test_mistakes_are_told_in_one_order(tmp_path: Path) -> None:
    root = write(tmp_path.resolve())
    for name in ("moth.toml", "deep/butterfly.j2"):
        path = root / "specs" / name
        path.write_text(path.read_text().replace("names", "nmaes", 1).replace("species }}", "specis }}"))
    project = load(root)
    files, _ = find_specs(project)

    told = compile_specs(project, files).diagnostics

    assert len(told) > 1
    assert compile_specs(project, tuple(reversed(files))).diagnostics == told
    assert full(compile_specs(replace(project), files).diagnostics, Style()) == full(told, Style())
