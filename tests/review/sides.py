"""Two states of a project side by side, compiled or built by hand, and their difference in a few lines."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from promptc.blob import Blob
from promptc.canonical import canonical
from promptc.compiler.driver import compile_specs, find_specs
from promptc.config import load
from promptc.diagnostics import failed
from promptc.request import Case, Expectation, Reply, Request
from promptc.review.compare import compare
from promptc.review.difference import Difference, Edit
from promptc.source import Source, Span
from promptc.tree import Tree

SOURCE = Source(path=Path("specs/spec.toml"), text="model = 'm'\n")


def made(root: Path) -> tuple[tuple[Case, ...], dict[str, Source]]:
    """Compile a project; returns its cases and its text files."""
    project = load(root)
    files, _ = find_specs(project)
    compiled = compile_specs(project, files)
    assert not failed(compiled.diagnostics), compiled.diagnostics
    texts = (path for path in sorted(project.specs.rglob("*")) if path.suffix in {".toml", ".j2"})
    return compiled.cases, {path.relative_to(root).as_posix(): Source.read(path) for path in texts}


def after(root: Path, change: Callable[[], object]) -> Difference:
    """Return what a change of a project's files makes of its cases."""
    old = made(root)
    change()
    new = made(root)
    return compare(old[0], new[0], old[1], new[1])


def told(found: Difference) -> list[str]:
    """Return each case that is touched, and each group with its edits, a line each."""
    pairs = [pair for pair in found.pairs if pair.state != "same"]
    lines = [
        f"{pair.id} {pair.state}" + (f" from {pair.old.id}" if pair.state == "renamed" and pair.old else "")
        for pair in pairs
    ]
    for group in found.groups:
        lines.append(f"{_place(group.old_span)} → {_place(group.new_span)}")
        lines += [f"  {_edit(shared.edit)} ({', '.join(shared.cases)})" for shared in group.edits]
    return lines


def _place(span: Span | None) -> str:
    return f"{span.source.path.name}:{span.line}" if span else "nothing"


def _edit(edit: Edit) -> str:
    step = "" if edit.step in {None, 1} else f" in step {edit.step}"
    if edit.words:
        words = "".join({" ": " ", "-": f"[-{w.text}-]", "+": f"{{+{w.text}+}}"}[w.mark] for w in edit.words).strip()
        return f"{edit.topic} {edit.action}{step} {edit.pointer}: {words}"
    return f"{edit.topic} {edit.action}{step} {edit.pointer}: {_value(edit.old)} → {_value(edit.new)}"


def _value(value: Tree) -> str:
    return value.path.name if isinstance(value, Blob) and value.path else repr(value)


def case(
    body: Mapping[str, Any],
    *,
    name: str = "default",
    spec: str = "spec",
    model: str = "m",
    expect: Expectation | None = None,
    **fields: Any,
) -> Case:
    """Return a case that asks for a body; a Reply among the contents ends a step."""
    contents = tuple(body["contents"])
    form = canonical({"contents": [{} if isinstance(c, Reply) else c for c in contents], **rest_of(body)}).tree
    assert isinstance(form, dict)
    own = tuple(c if isinstance(c, Reply) else form["contents"][i] for i, c in enumerate(contents))
    ends = [*(i for i, content in enumerate(contents) if isinstance(content, Reply)), len(contents)]
    requests = tuple(
        Request(
            spec=spec,
            case=name,
            step=step,
            steps=len(ends),
            method="generateContent",
            model=model,
            contents=own[:end],
            rest={key: value for key, value in form.items() if key != "contents"},
            unchecked=body.get("unchecked", {}),
            places={},
            expect=expect if end == len(contents) else None,
        )
        for step, end in enumerate(ends, start=1)
    )
    path = Path(f"specs/{spec}.toml")
    return Case(spec=spec, path=path, name=name, span=SOURCE.start, requests=requests, **fields)


def rest_of(body: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key not in {"contents", "unchecked"}}


def compared(old: Sequence[Case], new: Sequence[Case]) -> Difference:
    """Compare cases that have no sources."""
    return compare(old, new, {}, {})
