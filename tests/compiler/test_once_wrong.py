"""What once went wrong: a mistake told as two, time and memory that nobody counted, characters lost on the way out."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from promptc.diagnostics import Severity
from tests.compiler.bounded import measured
from tests.compiler.determined import REPO, write
from tests.compiler.project import WING, compiled, project

MODEL = 'model = "gemini-3.1-flash-image"\n'
TURN = '[[turns]]\ntext = "x"\n'


@pytest.mark.parametrize("environment", [{"LC_ALL": "C", "PYTHONUTF8": "0"}, {"PYTHONIOENCODING": "latin-1"}])
def test_what_programs_read_is_utf_8_whatever_the_locale(tmp_path: Path, environment: dict[str, str]) -> None:
    root = write(tmp_path.resolve())
    made = [
        subprocess.run(
            [sys.executable, "-m", "promptc", "compile", "--format", "jsonl"],
            cwd=root,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(REPO), **given},
            capture_output=True,
            check=True,
        ).stdout
        for given in ({}, environment)
    ]
    assert [json.loads(line) for line in made[1].splitlines()] == [json.loads(line) for line in made[0].splitlines()]


SPECS = {
    "extends, model inherited": ({"spec.toml": f'⟦extnds⟧ = "_b.toml"\n{TURN}', "_b.toml": MODEL}),
    "extends, turns inherited": ({"spec.toml": f'⟦extnds⟧ = "_b.toml"\n{MODEL}', "_b.toml": TURN}),
    "extends, variable inherited": ({"spec.j2": f'+++\n⟦extnds⟧ = "_b.toml"\n{MODEL}+++\n{{{{ v }}}}', "_b.toml": "[variables.v]\ndefault = 'x'\n"}),
    "an axis that exclude names": {"spec.toml": f'{MODEL}[[turns]]\ntext = "{{{{ v }}}}"\n[variables.v]\ndefault = "x"\n[matrix]\n⟦vx⟧ = ["a", "b"]\nexclude = [{{ v = "a" }}]\n'},
    "file beside mimeType": {"spec.toml": f'{MODEL}[[turns]]\nparts = [{{ ⟦flie⟧ = "wing.png", mimeType = "image/png" }}, {{ text = "x" }}]\n'},
    "image beside sha256": {"spec.toml": f'{MODEL}[[turns]]\nparts = [{{ ⟦imge⟧ = "wing.png", sha256 = "{"0" * 64}" }}, {{ text = "x" }}]\n'},
    "the name of the case that alone asks": {"spec.toml": f'{MODEL}[[cases]]\n⟦naem⟧ = "a"\nturns = [{{ text = "y" }}]\n'},
    "the first of the turns around a reply": {"spec.toml": f'{MODEL}[[⟦turnss⟧]]\ntext = "a"\n[[turns]]\nreply = true\n{TURN}'},
}  # fmt: skip


@pytest.mark.parametrize("name", SPECS)
def test_a_misspelt_key_is_the_one_error(tmp_path: Path, name: str) -> None:
    files = SPECS[name]
    wrong = next(text.partition("⟦")[2].partition("⟧")[0] for text in files.values() if "⟦" in text)
    plain = {name: text.replace("⟦", "").replace("⟧", "") for name, text in files.items()}
    made = project(tmp_path, {**plain, "wing.png": WING})
    from promptc.compiler.driver import compile_specs, find_specs  # noqa: PLC0415

    found = compile_specs(made, find_specs(made)[0]).diagnostics
    assert [d.span.text for d in found if d.severity is Severity.ERROR and d.span] == [wrong], [
        (d.code, d.message) for d in found
    ]


@pytest.mark.parametrize("text", [b"", b"\xef\xbb\xbf"])
def test_spans_of_an_empty_spec_lie_in_it(tmp_path: Path, text: bytes) -> None:
    for found in compiled(tmp_path, text).diagnostics:
        assert found.span is None or found.span.end <= len(found.span.source.text)


def test_a_long_chain_of_files_is_not_a_circle_of_links(tmp_path: Path) -> None:
    chain = {f"_{i}.toml": f'extends = "_{i + 1}.toml"\n' for i in range(1500)}
    made = compiled(tmp_path, f'extends = "_0.toml"\n{TURN}', {**chain, "_1500.toml": MODEL})
    assert "links lead in a circle" not in " ".join(d.message for d in made.diagnostics)


PAIR = "{% set a = namespace(x=START) %}{% set b = namespace(x=START) %}{% for i in range(40) %}{% set a.x = STEPA %}{% set b.x = STEPB %}{% endfor %}"
LISTS = PAIR.replace("START", "[1]").replace("STEPA", "[a.x, a.x]").replace("STEPB", "[b.x, b.x]")
TUPLES = PAIR.replace("START", "(1,)").replace("STEPA", "(a.x, a.x)").replace("STEPB", "(b.x, b.x)")
TABLES = PAIR.replace("START", "{}").replace("STEPA", "{'a': a.x, 'b': a.x}").replace("STEPB", "{'a': b.x, 'b': b.x}")
COSTLY = [
    LISTS + "{{ a.x == b.x }}", LISTS + "{{ a.x < b.x }}", LISTS + "{{ a.x in [b.x] }}", LISTS + "{{ [a.x, b.x] | sort | length }}",
    LISTS + "{{ [a.x, b.x] | max | length }}", LISTS + "{{ [a.x].index(b.x) }}", LISTS + "{{ [a.x].count(b.x) }}", LISTS + "{{ a.x is eq(b.x) }}",
    LISTS + "{{ {}[a.x] }}", TUPLES + "{{ {a.x: 1} | length }}", TUPLES + "{{ [a.x] | unique | list | length }}", TUPLES + "{{ {}[a.x] }}",
    TABLES + "{{ a.x == b.x }}",
    "{% set x = [1] * 100000 %}{% set y = [1] * 100000 %}{% for i in range(100000) %}{% if x == y %}{% endif %}{% endfor %}",
    "{% set y = 'x' * 100000 %}{% for i in range(100000) %}{% set x = y.isalpha() %}{% endfor %}",
    "{% set y = [1] * 1000000 %}{% for i in range(100000) %}{% set x = y.count(2) %}{% endfor %}",
    "{% set y = range(100000) %}{% for i in range(100000) %}{% set x = '{}'.format(*y) %}{% endfor %}",
    "{% set x = 'x' * 900000 %}{% set n = 'x' * 400000 ~ 'y' ~ 'x' * 400000 %}{{ x.find(n) }}{{ x.rfind(n) }}",
    "{% set x = ('f' * 999999) | int(0, 16) %}{% for i in range(100000) %}{% set y = x // (x // 3) %}{% endfor %}",
    "{{ 1 | round(9999999, 'ceil') }}", "{{ 1.5 | round(999999999, 'ceil') }}",
    "{{ (['x'] * 100000) | select('in', ['y'] * 1000000) | list | length }}",
    "{{ ('{0:x}' * 100000).format(('f' * 100000) | int(0, 16)) }}",
    "{{ '{:1<99999999}'.format('a') }}", "{{ '{:9>9999999999}'.format('a') }}",
    "{{ ('\\t' * 100000).expandtabs(tabsize=9999) }}",
    "{{ ('x' * 100000) | replace('x', new='y' * 100000) }}", "{{ ('x' * 100000) | replace(old='x', new='y' * 100000) }}",
    "{{ ('y' * 100000).join('x' * 100000) }}", "{{ ('y' * 100000).join(range(100000) | map('string')) }}",
]  # fmt: skip


@pytest.mark.parametrize("text", COSTLY, ids=[text[-60:] for text in COSTLY])
def test_what_costs_too_much_is_refused(tmp_path: Path, text: str) -> None:
    ends(tmp_path, {"spec.toml": f"{MODEL}[[turns]]\ntext = {json.dumps(text)}\n"}, "P211")


def ends(folder: Path, files: dict[str, Any], *codes: str) -> None:
    project(folder, files)
    (folder / "promptc.toml").write_text("version = 1\n")
    made = measured(folder.resolve())
    assert made.ended
    assert made.seconds < 5, made
    assert made.megabytes < 300, made
    assert not codes or set(made.codes) == set(codes), made


CHAIN = {f"_{i}.j2": f"{{% include '_{i + 1}.j2' %}}" * 2 for i in range(30)} | {"_30.j2": "x"}
IMPORTS = {
    f"_{i}.j2": "".join(f"{{% import '_{i + 1}.j2' as {n} with context %}}" for n in "ab") for i in range(30)
} | {"_30.j2": "x"}
TABLE = "[[turns]]\ntext = '{{ v | length }}'\n[variables.v]\n"
PROJECTS: dict[str, dict[str, str]] = {
    "includes that double": {"spec.toml": f"{MODEL}[[turns]]\ntext = \"{{% include '_0.j2' %}}\"\n", **CHAIN},
    "imports that double": {"spec.toml": f"{MODEL}[[turns]]\ntext = \"{{% import '_0.j2' as a with context %}}\"\n", **IMPORTS},
    "ten thousand turns": {"spec.j2": f"+++\n{MODEL}+++\n{{% for i in range(10000) %}}{{% user %}}x{{% enduser %}}{{% endfor %}}"},
    "pictures that double": {"spec.j2": f"+++\n{MODEL}+++\n{{% set ns = namespace(x=image('a.png')) %}}{{% for i in range(40) %}}{{% set y %}}{{{{ ns.x }}}}{{{{ ns.x }}}}{{% endset %}}{{% set ns.x = y %}}{{% endfor %}}{{{{ ns.x }}}}"},
    "a list of pictures": {"spec.j2": f"+++\n{MODEL}+++\n{{{{ image(['a.png'] * 100000) }}}}"},
    "a thousand variables": {"spec.toml": f"{MODEL}[[turns]]\ntext = '{''.join(f'{{{{ v{i} }}}}' for i in range(1000))}'\n" + "".join(f"[variables.v{i}]\ndefault = 'x'\n" for i in range(1000))},
    "many expressions": {"spec.toml": f"{MODEL}[[turns]]\ntext = '{'{{ 1 }}' * 100_000}'\n"},
    "ten million characters": {"spec.toml": f"{MODEL}[[turns]]\ntext = '{{{{ 1 }}}}{'x' * 11_000_000}'\n"},
    "ten million raw characters": {"spec.toml": f"{MODEL}[[turns]]\ntext = '{{% raw %}}{'x' * 11_000_000}{{% endraw %}}'\n"},
    "costly leaves": {"spec.toml": MODEL + "".join("[[turns]]\ntext = \"{% for i in range(99000) %}{{ 'x' }}{% endfor %}\"\n" for _ in range(100))},
    "costly cases": {"spec.toml": f"{MODEL}[[turns]]\ntext = '{{% for i in range(90000) %}}{{% endfor %}}'\n" + "".join(f"[[cases]]\nname = 'c{i}'\n" for i in range(1000))},
    "filters in a row": {"spec.toml": f"{MODEL}[[turns]]\ntext = '{{{{ 1{' | string' * 50_000} }}}}'\n"},
    "sums in a row": {"spec.toml": f"{MODEL}[[turns]]\ntext = '{{{{ {'1 + ' * 50_000}1 }}}}'\n"},
    "a long list in a template": {"spec.toml": f"{MODEL}[[turns]]\ntext = '{{{{ [{'1, ' * 500_000}] | length }}}}'\n"},
}  # fmt: skip


@pytest.mark.parametrize("name", PROJECTS)
def test_a_project_ends_in_time(tmp_path: Path, name: str) -> None:
    ends(tmp_path, PROJECTS[name])


def test_more_cases_than_a_spec_can_have_are_refused_however_they_are_made(tmp_path: Path) -> None:
    include = ",".join(f"{{a={i}}}" for i in range(10_001))
    text = f"{MODEL}[[turns]]\ntext = '{{{{ a }}}}'\n[variables.a]\n[matrix]\ninclude = [{include}]\n"
    ends(tmp_path, {"spec.toml": text}, "P106")
