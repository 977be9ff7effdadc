"""Properties of prompts, for tests of one's own with hypothesis (`pip install 'promptc[testing]'`).

from pathlib import Path

from hypothesis import given

import promptc
from promptc.testing import variables

@given(variables("specs/moths.toml"))
def test_no_species_breaks_the_request(values):
    project = promptc.load_project(Path("."))
    assert promptc.compile_requests(project, ["specs/moths.toml"], variables=values).good
"""

from pathlib import Path
from typing import Any

try:
    from hypothesis import strategies as st
except ImportError:
    msg = "`promptc.testing` needs hypothesis: `pip install 'promptc[testing]'`"
    raise ImportError(msg) from None

from promptc.compiler.declared import Declared, declared
from promptc.compiler.driver import find_specs
from promptc.compiler.variables import schema_of
from promptc.config import load
from promptc.diagnostics import Diagnostic, did_you_mean
from promptc.drawn import UndrawableError, values
from promptc.errors import InputError, UsageError
from promptc.source import shown

__all__ = ["variables"]


def variables(spec: str | Path) -> st.SearchStrategy[dict[str, Any]]:
    """Return what draws values for a spec's variables, by name; raises UsageError or InputError.

    `spec` is a path, or a name in the project around the working directory, from which the paths of
    pictures start too. Variables that the matrix sets are left out.
    """
    path = Path(spec)
    project = load(path.parent if path.is_file() else Path.cwd())
    files = [file for file in find_specs(project)[0] if file.name == str(spec) or file.path == path.resolve()]
    if not files:
        known = [file.name for file in find_specs(project)[0]]
        hint = did_you_mean(str(spec), known) or f"`promptc ls` lists the specs in {shown(project.specs)}"
        msg = f"there is no spec `{spec}`; {hint}"
        raise UsageError(msg)
    found, problems = declared(files[0], project.top, Path.cwd())
    if found is None:
        raise InputError(problems)
    return assignments(found)


def assignments(spec: Declared) -> st.SearchStrategy[dict[str, Any]]:
    """Return what draws values for declared variables; raises InputError where that can't be done."""
    drawn: dict[str, st.SearchStrategy[Any]] = {}
    problems = []
    for name, declaration in spec.declarations.items():
        try:
            made = values(declaration, schema_of(declaration), spec.pictures)
        except UndrawableError as error:
            problems.append(undrawable(spec, name, str(error)))
            continue
        drawn[name] = st.one_of(st.just(spec.defaults[name]), made) if name in spec.defaults else made
    if problems:
        raise InputError(tuple(problems))
    return st.fixed_dictionaries(drawn)


def undrawable(spec: Declared, name: str, why: str) -> Diagnostic:
    """Say that a variable can't be tried with drawn values."""
    message = f"no values can be drawn for variable `{name}`: {why}"
    hint = "declare what it may hold, or give the values that matter in cases"
    return Diagnostic(code="P204", message=message, span=spec.places[name], help=hint)
