"""Cases: their names, the matrix, and what clashes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptc.compiler.cases import expand, name_problem
from promptc.compiler.images import ImageStore
from promptc.compiler.spec import Spec, SpecFile
from promptc.files import Root
from promptc.source import Source
from tests.compiler.project import MODEL, compiled, node, quoted, said


def names(text: str) -> list[str]:
    document = node(f'{MODEL}\n[[turns]]\ntext = "x"\n\n{text}')
    file = SpecFile(name="spec", path=Path("/repo/specs/spec.toml"))
    spec = Spec(file=file, source=Source(path=file.path, text=""), table=document.table)
    cases, found = expand(spec, ImageStore(root=Root(folder=file.path.parent)))
    assert not found
    return [case.name for case in cases]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ('["woodcut", "ink"]', ["default-woodcut", "default-ink"]),
        ('["Blue morpho"]', ["default-Blue-morpho"]),
        ('["images/wing.png"]', ["default-wing"]),
        ("[1, 2.5, true]", ["default-1", "default-2-5", "default-True"]),
        ('["蝶"]', ["default-8af44bf0"]),
        ('["a b", "a-b"]', ["default-a-b-5e229e24", "default-a-b-4a3ef97a"]),
        ('["x", "X"]', ["default-x-ba2df490", "default-X-de9e4020"]),
        ('["../con"]', ["default-con"]),
    ],
)
def test_values_of_the_matrix_become_part_of_the_name(values: str, expected: list[str]) -> None:
    made = names(f"[variables.a]\n\n[matrix]\na = {values}\n")

    assert made == expected


def test_the_matrix_keeps_the_order_of_the_file() -> None:
    text = '[[cases]]\nname = "b"\n\n[[cases]]\nname = "a"\n\n[variables.x]\n[variables.y]\n\n[matrix]\ny = [2, 1]\nx = [9, 8]\n'

    assert names(text) == ["b-2-9", "b-2-8", "b-1-9", "b-1-8", "a-2-9", "a-2-8", "a-1-9", "a-1-8"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), min_size=1, max_size=8, unique=True))
def test_values_that_differ_make_names_that_differ_and_fit_every_system(values: list[str]) -> None:
    made = names(f"[variables.a]\n\n[matrix]\na = [{', '.join(map(quoted, values))}]\n")

    assert len({name.casefold() for name in made}) == len(values)
    assert [name_problem(name) for name in made] == [None] * len(values)


@pytest.mark.parametrize("name", ["con", "NUL", "com1", "a.b", "a b", "", "a/b", "é", "a\n", "x" * 121, "a@2"])
def test_names_that_some_system_refuses_are_refused(name: str) -> None:
    assert name_problem(name)


@pytest.mark.parametrize("name", ["default", "a-b_C9", "-", "console", "x" * 120])
def test_plain_names_are_fine(name: str) -> None:
    assert name_problem(name) is None


def test_a_mistake_of_every_case_is_said_once(tmp_path: Path) -> None:
    text = f'{MODEL}\n[[turns]]\ntext = "x"\n\n[generationConfig]\ntemperatur = 1\n\n[variables.a]\n[matrix]\na = [1, 2, 3]\n'

    made = compiled(tmp_path, text.replace('"x"', '"{{ a }}"'))

    assert said(made) == [("P401", 7, 1, "unknown key `temperatur`")]
    assert made.diagnostics[0].details == ()
    assert made.diagnostics[0].subject is None


def test_a_mistake_of_some_cases_names_them(tmp_path: Path) -> None:
    text = f'{MODEL}\n[[turns]]\ntext = "{{{{ 6 // a }}}}"\n\n[variables.a]\n[variables.b]\n[matrix]\na = [0, 1]\nb = [1, 2, 3, 4, 5, 6]\n'

    made = compiled(tmp_path, text.replace("6 // a", "6 // a ~ b"))

    (diagnostic,) = made.diagnostics
    assert diagnostic.details == (
        "in the cases `default-0-1`, `default-0-2`, `default-0-3`, `default-0-4`, `default-0-5` and 1 more",
    )
    assert len(made.cases) == 6


def test_a_thousand_cases_compile(tmp_path: Path) -> None:
    axes = "".join(f"{name} = [{', '.join(map(str, range(10)))}]\n" for name in "abc")
    text = f'{MODEL}\n[[turns]]\ntext = "{{{{ a }}}}{{{{ b }}}}{{{{ c }}}}"\n\n[variables.a]\n[variables.b]\n[variables.c]\n[matrix]\n{axes}'

    made = compiled(tmp_path, text)

    assert len({case.name for case in made.cases}) == 1000
    assert made.diagnostics == ()


def test_more_cases_than_anybody_wants_are_refused_at_once(tmp_path: Path) -> None:
    axes = "".join(f"v{i} = [{', '.join(map(str, range(10)))}]\n" for i in range(30))
    declared = "".join(f"[variables.v{i}]\n" for i in range(30))
    used = "".join(f"{{{{ v{i} }}}}" for i in range(30))

    made = compiled(tmp_path, f'{MODEL}\n[[turns]]\ntext = "{used}"\n\n{declared}[matrix]\n{axes}')

    assert [(row[0], row[3]) for row in said(made)] == [("P106", f"the matrix makes {10**30:,} cases")]
