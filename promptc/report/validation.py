"""What `validate` found: findings, then a line a file that says what it was read as."""

from collections.abc import Iterable
from dataclasses import replace

from promptc.diagnostics import Diagnostic, Severity
from promptc.pipeline.validate import Purpose, Validated, Validation
from promptc.report.as_json import diagnostics, dumped
from promptc.report.concise import concise
from promptc.report.github import github
from promptc.report.grouped import grouped
from promptc.report.junit import junit
from promptc.report.sarif import sarif
from promptc.report.style import Style, line
from promptc.wording import plural

_LONGEST = 60


def validation_text(result: Validation, form: str, style: Style) -> str:
    """Return the findings in any form but JSON; in full or concise form, the files follow."""
    if form == "junit":
        return junit(_placed(result), (file.name for file in result.files), suite="promptc validate")
    if form in {"github", "sarif"}:
        return (github if form == "github" else sarif)(_placed(result))
    found = concise(result.diagnostics) if form == "concise" else grouped(result.diagnostics, style)
    files = "".join(f"{_line(file, style)}\n" for file in result.files)
    return found + ("\n" if found and form == "full" else "") + files


def validation_json(result: Validation, purpose: Purpose) -> str:
    """Return files and findings; the canonical forms only where they are asked for."""
    rows = [_row(file) | ({"canonical": file.canonical} if purpose == "canonical" else {}) for file in result.files]
    return dumped({"good": result.good, "files": rows, "diagnostics": diagnostics(result.diagnostics)})


def validation_data(result: Validation, purpose: Purpose) -> str:
    """Return each good file's canonical form or fingerprint, as the purpose is.

    Canonical forms have sorted keys, so they are equal for bodies that mean the same; fingerprints
    bear the file's name where there are several files.
    """
    good = [file for file in result.files if file.good]
    if purpose == "canonical":
        return "".join(dumped(file.canonical, sort_keys=True) for file in good)
    if purpose == "fingerprint":
        several = len(result.files) > 1
        return "".join(f"{file.fingerprint}{f'  {line(file.name)}' if several else ''}\n" for file in good)
    return ""


def _row(file: Validated) -> dict[str, object]:
    return {
        "file": file.name,
        "kind": file.kind,
        "shape": file.shape,
        "count": file.count,
        "model": file.model,
        "good": file.good,
        "fingerprint": file.fingerprint,
    }


def _line(file: Validated, style: Style) -> str:
    counts = [
        plural(sum(found.severity is severity for found in file.diagnostics), severity.value) for severity in Severity
    ]
    told = [count for count in counts if not count.startswith("0 ")]
    verdict = style.paint("ok", "green") if file.good else style.paint(told.pop(0), "red")
    return f"{line(file.name)}: {_read_as(file)} — {', '.join([verdict, *told])}"


def _placed(result: Validation) -> Iterable[Diagnostic]:
    """Return the findings, each with its file: what `--model` names is at no place in it."""
    return dict.fromkeys(
        found if found.place else replace(found, file=file.name) for file in result.files for found in file.diagnostics
    )


def _read_as(file: Validated) -> str:
    if file.kind is None:
        return "could not be read"
    several = {"list": f", a list of {file.count}", "stream": f", a stream of {plural(file.count, 'event')}"}
    model = ""
    if file.kind == "request":
        model = f" for `{line(file.model[:_LONGEST])}`" if file.model else ", no model named"
    return f"{file.kind}{several.get(file.shape, '')}{model}"
