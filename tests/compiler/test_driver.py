"""The driver: which files are specs, stable order, and the same requests everywhere."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from promptc.compiler.driver import compile_specs, find_specs
from tests.compiler.project import MODEL, WING, compiled, only, picture, project, said

SPEC = (
    MODEL
    + """
[variables.b]
default = "x"

[variables.a]
type = "image"
default = "wing.png"

[[turns]]
parts = [{ text = "é {{ b }} line\\r\\n" }, { image = "{{ a }}" }]

[generationConfig]
topK = 40.0
"""
)


def test_what_starts_with_an_underscore_is_no_spec(tmp_path: Path) -> None:
    made = project(
        tmp_path,
        {
            "b.toml": "",
            "a/c.toml": "",
            "_x.toml": "",
            "_d/e.toml": "",
            "a/_f.toml": "",
            "g.txt": "",
            "h.toml/i.toml": "",
        },
    )

    files, found = find_specs(made)

    assert [file.name for file in files] == ["a/c", "b", "h.toml/i"]
    assert [d.message for d in found] == ["a spec can't be named `h.toml`"]


def test_specs_and_their_diagnostics_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    good = f'{MODEL}\n[[turns]]\ntext = "x"\n'
    made = project(tmp_path, {"b.toml": good, "a.toml": good, "d.toml": "x", "c.toml": f"{good}\nz = 1\ny = 1\n"})

    compilation = compile_specs(made, tuple(reversed(find_specs(made)[0])))

    assert [d.place.rpartition("/")[2] for d in compilation.diagnostics] == ["c.toml:6:1", "c.toml:7:1", "d.toml:1:2"]
    assert [case.spec for case in compilation.cases] == ["b", "a"]


def test_names_of_specs_fit_every_system_and_differ_in_more_than_letter_case(tmp_path: Path) -> None:
    made = project(tmp_path, {"Moth.toml": "", "moth.toml": "", "nul/x.toml": "", "a b.toml": "", "c.d.toml": ""})
    files, found = find_specs(made)

    assert [(d.code, d.message) for d in found if d.code == "P006"] == [
        ("P006", "a spec can't be named `a b`"),
        ("P006", "a spec can't be named `c.d`"),
        ("P006", "a spec can't be named `nul`"),
    ]
    clashes = [d.message.partition(":")[0] for d in found if d.code == "P007"]
    assert clashes == ["two specs are named `moth`"] * (len(files) - 4)  # some systems keep only one of the two


def test_a_broken_spec_leaves_the_others_alone(tmp_path: Path) -> None:
    made = project(tmp_path, {"a.toml": b"\xff", "b.toml": f'{MODEL}\n[[turns]]\ntext = "x"\n'})

    compilation = compile_specs(made, find_specs(made)[0])

    assert [case.id for case in compilation.cases] == ["b::default"]
    assert [d.message for d in compilation.diagnostics] == ["the file can't be read: line 1 is not UTF-8 text"]


def test_a_spec_that_vanishes_is_a_diagnostic(tmp_path: Path) -> None:
    made = project(tmp_path, {"a.toml": ""})
    files, _ = find_specs(made)
    files[0].path.unlink()

    assert [d.message for d in compile_specs(made, files).diagnostics] == [
        "the file can't be read: no such file or directory"
    ]


def test_links_that_lead_nowhere_or_out_of_the_project_are_diagnostics(tmp_path: Path) -> None:
    made = project(tmp_path / "root", {"a.toml": ""})
    (tmp_path / "out.toml").write_text(SPEC)
    (made.specs / "out.toml").symlink_to(tmp_path / "out.toml")
    (made.specs / "nowhere.toml").symlink_to("missing.toml")

    found = compile_specs(made, find_specs(made)[0]).diagnostics

    assert {(d.file or "").rpartition("/")[2]: d.code for d in found if d.file} == {
        "out.toml": "P304",
        "nowhere.toml": "P002",
    }


def test_the_fingerprint_depends_on_nothing_but_the_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"wing.png": WING}
    first = only(compiled(tmp_path / "one", SPEC, files)).fingerprint
    again = only(compiled(tmp_path / "one", SPEC, files)).fingerprint
    crlf = only(compiled(tmp_path / "two" / "deep", SPEC.replace("\n", "\r\n").encode(), files)).fingerprint
    blocks = SPEC.split("\n\n")
    shuffled = only(compiled(tmp_path / "three", "\n\n".join([blocks[0], *reversed(blocks[1:])]), files)).fingerprint
    monkeypatch.chdir(tmp_path / "one" / "specs")
    elsewhere = only(compiled(tmp_path / "one", SPEC.replace("40.0", "40").replace("topK", "top_k"), files)).fingerprint

    assert {again, crlf, shuffled, elsewhere} == {first}


def test_the_fingerprint_changes_with_every_part_of_the_request(tmp_path: Path) -> None:
    files = {"wing.png": WING}
    texts = [
        SPEC,
        SPEC.replace("line", "Line"),
        SPEC.replace("topK = 40.0", "topK = 41"),
        SPEC.replace("3.1-flash", "3-pro"),
        SPEC.replace(MODEL, f"{MODEL}stream = true\n"),
        SPEC.replace("\\r\\n", "\\n"),
        SPEC.replace(
            '{ text = "é {{ b }} line\\r\\n" }, { image = "{{ a }}" }',
            '{ image = "{{ a }}" }, { text = "é {{ b }} line\\r\\n" }',
        ),
    ]
    prints = [only(compiled(tmp_path / str(i), text, files)).fingerprint for i, text in enumerate(texts)]
    prints.append(only(compiled(tmp_path / "picture", SPEC, {"wing.png": picture("green")})).fingerprint)

    assert len(set(prints)) == len(texts) + 1


def test_the_fingerprint_does_not_depend_on_the_hash_seed(tmp_path: Path) -> None:
    here = only(compiled(tmp_path, SPEC, {"wing.png": WING})).fingerprint
    program = (
        "from pathlib import Path; from promptc.config import load; from promptc.compiler.driver import *;"
        "p = load(Path.cwd()); print(compile_specs(p, find_specs(p)[0]).cases[0].requests[0].fingerprint)"
    )
    for seed in ("0", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        made = subprocess.run(
            [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        )
        assert made.stdout.strip() == here


def test_an_empty_project_compiles_to_nothing(tmp_path: Path) -> None:
    assert said(compiled(tmp_path, f'{MODEL}\n[[turns]]\ntext = "x"\n')) == []
    made = project(tmp_path / "none", {})
    assert find_specs(made) == ((), ())
