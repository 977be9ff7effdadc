"""Runs the steps of a composite GitHub Action here: `python -m tools.action [INPUT=VALUE…]` in a checkout.

Scripts are run as the runner would, with its files for outputs and the summary. What `uses:` another
action is only told: its inputs are what matters. Of expressions, the few forms are known that
action.yml has; any other is an error, so that nothing here is only nearly the same.
"""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import yaml

REPO = Path(__file__).parent.parent
Values: TypeAlias = Mapping[str, str]
_EXPRESSION = re.compile(r"\$\{\{ *(.+?) *\}\}")
_OUTPUT = re.compile(r"^([\w-]+)=(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What became of one step: `code` is None where it was skipped or is another action, `inputs` are that one's."""

    name: str
    code: int | None = None
    log: str = ""
    uses: str = ""
    inputs: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What became of all steps."""

    steps: tuple[Step, ...]
    outputs: Values
    summary: str

    @property
    def good(self) -> bool:
        """Whether no step has failed."""
        return not any(step.code for step in self.steps)

    @property
    def log(self) -> str:
        """All that was printed."""
        return "".join(step.log for step in self.steps)

    def step(self, name: str) -> Step:
        """Return a step by its name."""
        return next(step for step in self.steps if step.name == name)


def run(
    action: Path,
    checkout: Path,
    *,
    inputs: Values | None = None,
    known: Values | None = None,
    env: Values | None = None,
) -> Job:
    """Run an action's steps in a checkout; `known` are the values that expressions name, beside the inputs."""
    document: dict[str, Any] = yaml.safe_load(action.read_text(encoding="utf-8"))
    values = {f"inputs.{name}": str(row.get("default", "")) for name, row in document["inputs"].items()}
    values = {name: _filled(value, known or {}) for name, value in values.items()}
    values |= {f"inputs.{name}": value for name, value in (inputs or {}).items()} | {**(known or {})}
    with TemporaryDirectory() as temporary:
        runner = _Runner(checkout, action.parent, Path(temporary), values, {**os.environ, **(env or {})})
        for row in document["runs"]["steps"]:
            runner.take(row)
        outputs = {name: _filled(row["value"], runner.values) for name, row in document.get("outputs", {}).items()}
        summary = runner.files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")
    return Job(steps=tuple(runner.steps), outputs=outputs, summary=summary)


class _Runner:
    """Takes steps in their order, as long as none fails."""

    def __init__(self, checkout: Path, action: Path, temporary: Path, values: dict[str, str], env: Values) -> None:
        names = ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")
        self.files = {name: temporary / name for name in names}
        self.checkout, self.values = checkout, values
        self.steps: list[Step] = []
        here = {
            "GITHUB_ACTION_PATH": action,
            "GITHUB_WORKSPACE": checkout,
            "RUNNER_TEMP": env.get("RUNNER_TEMP", temporary),
        }
        self.env = {**env, **{name: str(path) for name, path in {**here, **self.files}.items()}}
        self.files["GITHUB_STEP_SUMMARY"].touch()

    def take(self, row: Mapping[str, Any]) -> None:
        """Carry a step out, or say that it was skipped."""
        name = row["name"]
        if any(step.code for step in self.steps) or not _holds(row.get("if", "true"), self.values):
            self.steps.append(Step(name=name))
        elif "uses" in row:
            given = {key: _filled(str(value), self.values) for key, value in row.get("with", {}).items()}
            self.steps.append(Step(name=name, uses=row["uses"], inputs=given))
        else:
            self.steps.append(self._script(name, row))

    def _script(self, name: str, row: Mapping[str, Any]) -> Step:
        self.files["GITHUB_OUTPUT"].write_text("")
        own = {key: _filled(str(value), self.values) for key, value in row.get("env", {}).items()}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", row["run"]],  # noqa: S607 - the runner's own
            cwd=self.checkout / _filled(row.get("working-directory", "."), self.values),
            env={**self.env, **own},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=600,
            check=False,
        )
        written = self.files["GITHUB_OUTPUT"].read_text(encoding="utf-8")
        for key, value in _OUTPUT.findall(written):
            self.values[f"steps.{row.get('id')}.outputs.{key}"] = value
        return Step(name=name, code=done.returncode, log=done.stdout)


def _filled(text: str, values: Values) -> str:
    return _EXPRESSION.sub(lambda match: _value(match[1], values), text)


def _value(term: str, values: Values) -> str:
    if term.startswith("'") and term.endswith("'"):
        return term[1:-1]
    if not re.fullmatch(r"(?:inputs|github|steps|runner)(?:\.[\w-]+)+", term):
        msg = f"{term} is no expression that is known here"
        raise ValueError(msg)
    return values.get(term, "")  # as on the runner: what is not there is empty


def _holds(condition: str, values: Values) -> bool:
    if condition == "true":
        return True
    left, sign, right = re.split(r" (==|!=) ", condition)
    return (_value(left, values) == _value(right, values)) == (sign == "==")


def _main(arguments: list[str]) -> int:
    inputs = dict(argument.split("=", 1) for argument in arguments)
    job = run(REPO / "action.yml", Path.cwd(), inputs=inputs)
    for step in job.steps:
        became = f"uses {step.uses} {dict(step.inputs)}" if step.uses else "skipped" if step.code is None else step.code
        sys.stdout.write(f"== {step.name}: {became}\n{step.log}")
    sys.stdout.write(f"{job.summary}{dict(job.outputs)}\n")
    return 0 if job.good else 1


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
